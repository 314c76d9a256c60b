/**
 * src/store/postgres/transaction.ts: one transaction for a batch of commands, in at most four round trips: find, lock,
 * lock the end of the log, write and commit. Locks are taken in one order by everybody (requests by id, then the end of
 * the log), so replicas wait for each other and never in a circle.
 */
import pg from 'pg';
import type { RequestId } from '../../engine/request.ts';
import { checkpointText, EVENTS_PER_CHECKPOINT, headOf } from '../chain.ts';
import type { Live } from '../memory.ts';
import type { Checkpoint, OpenWork } from '../port.ts';
import { progressText } from '../snapshot.ts';
import { type Found, keyOf, Plan } from './plan.ts';
import { livesOf, type Shared, type SnapshotColumns } from './shared.ts';
import * as statements from './statements.ts';

/** What a piece of work looks at, known before it is decided. */
export interface Needs {
  readonly change?: RequestId;
  readonly idempotency?: OpenWork<unknown>['idempotency'];
  readonly supersedes?: OpenWork<unknown>['supersedes'];
}

/** What only the database could say. */
export interface Done {
  readonly requeued: ReadonlySet<string>;
  readonly checkpoint: Checkpoint | null;
}

export interface Job {
  readonly needs: Needs;
  /** Plans its part and returns how it is answered after the commit. May run again, on a newer plan. */
  readonly run: (plan: Plan) => (done: Done) => void;
  readonly reject: (error: unknown) => void;
}

/** Another replica changed what was found, before it was locked: the same work goes again. */
export class OvertakenError extends Error {
  constructor() {
    super('Another replica was faster.');
    this.name = 'OvertakenError';
  }
}

/** The connection broke after COMMIT was sent: nobody may say that it was kept, nor that it was not. */
export class OutcomeUnknownError extends Error {
  constructor(options: ErrorOptions) {
    super('The connection broke during the commit; whether it was kept is not known.', options);
    this.name = 'OutcomeUnknownError';
  }
}

/** The channel that replicas tell each other on. */
export const CHANNEL = 'countersign';
/** A payload of NOTIFY is shorter than 8,000 bytes; without ids the others look into the log. */
const MAX_PAYLOAD = 7_900;

interface LogEndRow {
  readonly position: number;
  readonly delivery: number;
  readonly checkpoint_size: number;
  readonly checkpoint_head: string;
}

/**
 * Runs the jobs and answers them, each after the commit. Rejects when the whole could not be committed; then no job was
 * answered, and except for OutcomeUnknownError nothing was changed.
 */
export async function commit(shared: Shared, client: pg.PoolClient, jobs: readonly Job[]): Promise<void> {
  const transaction = new Transaction(client);
  const wanted = wantedBy(jobs);
  const found = await find(shared, transaction, wanted);
  const plan = new Plan(found, shared.definitions);
  const answers: ((done: Done) => void)[] = [];
  for (const job of jobs)
    try {
      answers.push(job.run(plan));
    } catch (error) {
      answers.push(() => job.reject(error));
    }
  if (plan.isEmpty) {
    await transaction.rollBack();
    for (const answer of answers) answer({ requeued: new Set(), checkpoint: null });
    return;
  }
  const done = await write(shared, transaction, plan, wanted, found);
  for (const [digest, gate] of plan.definitions) shared.definitions.keep(digest, gate);
  for (const [id, { live }] of plan.touched) shared.live.set(id, live);
  const isMoved = plan.settlements.size > 0 || plan.requeues.length > 0 || refreshedBy(plan).length > 0;
  shared.queued(isMoved ? null : plan.deliveries.map(({ delivery }) => delivery.target));
  for (const { live, events } of plan.touched.values()) shared.publish({ state: live.state, events });
  if (done.checkpoint !== null) shared.announce(done.checkpoint);
  for (const answer of answers) answer(done);
}

/** Begins with its first statements, and sends statements together where none needs the answer of another. */
class Transaction {
  private readonly client: pg.PoolClient;
  private hasBegun = false;

  constructor(client: pg.PoolClient) {
    this.client = client;
  }

  get queries(): Pick<pg.ClientBase, 'query'> {
    return this.client;
  }

  /** @throws the first error; the server refuses whatever follows it. */
  async send(...queries: readonly (string | pg.QueryConfig)[]): Promise<readonly pg.QueryResult[]> {
    const sent = this.hasBegun ? [] : [statements.begin];
    this.hasBegun = true;
    const all = [...sent, ...queries];
    const results = await Promise.allSettled(all.map((query) => this.client.query(query)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])).slice(sent.length);
  }

  async rollBack(): Promise<void> {
    if (this.hasBegun) await this.client.query('rollback');
  }

  /** Sends the last statements and COMMIT at once. @throws OutcomeUnknownError when no answer says what became of it */
  async commit(queries: readonly pg.QueryConfig[]): Promise<readonly pg.QueryResult[]> {
    const opening = this.hasBegun ? [] : [statements.begin];
    const all = [...opening, ...queries, 'commit'];
    const results = await Promise.allSettled(all.map((query) => this.client.query(query)));
    const at = results.findIndex((result) => result.status === 'rejected');
    const failed = results[at];
    if (failed?.status === 'rejected') {
      // An error that the server reports before COMMIT has aborted the transaction; so do conflicts found by COMMIT.
      const isAborted =
        failed.reason instanceof pg.DatabaseError &&
        (at < all.length - 1 || /^(23...|40001|40P01)$/.test(failed.reason.code ?? ''));
      throw isAborted ? failed.reason : new OutcomeUnknownError({ cause: failed.reason });
    }
    const answers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    if (answers.at(-1)?.command !== 'COMMIT') throw new OvertakenError();
    return answers.slice(opening.length, -1);
  }
}

interface Wanted {
  readonly changes: ReadonlySet<RequestId>;
  readonly keys: readonly { readonly pipeline: string; readonly key: string }[];
  readonly superseding: readonly { readonly pipeline: string; readonly key: string }[];
}

function wantedBy(jobs: readonly Job[]): Wanted {
  const changes = new Set<RequestId>();
  const keys = new Map<string, { pipeline: string; key: string }>();
  const superseding = new Map<string, { pipeline: string; key: string }>();
  for (const { needs } of jobs) {
    if (needs.change !== undefined) changes.add(needs.change);
    for (const [wanted, into] of [
      [needs.idempotency, keys],
      [needs.supersedes, superseding],
    ] as const)
      if (wanted) into.set(keyOf(wanted.pipeline, wanted.key), { pipeline: wanted.pipeline, key: wanted.key });
  }
  return { changes, keys: [...keys.values()], superseding: [...superseding.values()] };
}

async function find(shared: Shared, transaction: Transaction, wanted: Wanted): Promise<Found> {
  const keys = new Map<string, { bodyDigest: string; request: RequestId }>();
  let superseding: Found['superseding'] = new Map();
  const replayedIds: RequestId[] = [];
  if (wanted.keys.length > 0 || wanted.superseding.length > 0) {
    const [known, older] = await transaction.send(
      statements.idempotencyKeys(...columnsOf(wanted.keys)),
      statements.pendingWithKeys(...columnsOf(wanted.superseding)),
    );
    for (const { pipeline, key, body_digest, request_id } of known?.rows ?? []) {
      keys.set(keyOf(pipeline, key), { bodyDigest: body_digest, request: request_id });
      replayedIds.push(request_id);
    }
    superseding = supersedingOf(older?.rows ?? []);
  }
  const locked = [...new Set([...wanted.changes, ...[...superseding.values()].flat()])].sort();
  if (locked.length === 0 && replayedIds.length === 0)
    return { requests: new Map(), keys, replayed: new Map(), superseding };
  const [requests, replayed] = await transaction.send(
    statements.lockRequests(locked),
    ...(replayedIds.length > 0 ? [statements.snapshots(replayedIds)] : []),
  );
  return {
    requests: await lives(shared, transaction, requests),
    keys,
    replayed: await lives(shared, transaction, replayed),
    superseding,
  };
}

const columnsOf = (
  pairs: readonly { readonly pipeline: string; readonly key: string }[],
): [pipelines: string[], keys: string[]] => [pairs.map(({ pipeline }) => pipeline), pairs.map(({ key }) => key)];

interface SupersedingRow {
  readonly id: RequestId;
  readonly pipeline: string;
  readonly supersedes_key: string;
}

function supersedingOf(rows: readonly SupersedingRow[]): Found['superseding'] {
  const found = new Map<string, RequestId[]>();
  for (const { id, pipeline, supersedes_key } of rows) {
    const name = keyOf(pipeline, supersedes_key);
    found.set(name, [...(found.get(name) ?? []), id]);
  }
  return found;
}

async function lives(
  shared: Shared,
  transaction: Transaction,
  result: pg.QueryResult<SnapshotColumns> | undefined,
): Promise<ReadonlyMap<RequestId, Live>> {
  return result === undefined || result.rows.length === 0
    ? new Map()
    : livesOf(shared, transaction.queries, result.rows);
}

async function write(
  shared: Shared,
  transaction: Transaction,
  plan: Plan,
  wanted: Wanted,
  found: Found,
): Promise<Done> {
  const onlyProbes =
    plan.events.length + plan.settlements.size + plan.requeues.length === 0 && plan.checkpointAt === null;
  if (onlyProbes) {
    await transaction.commit([statements.probe(String(plan.probeAt))]);
    return { requeued: new Set(), checkpoint: null };
  }
  // What is asked after the end of the log is locked is the newest there is, and stays so until the commit.
  const [end, older] = await transaction.send(
    statements.lockLogEnd(),
    ...(wanted.superseding.length > 0 ? [statements.pendingWithKeys(...columnsOf(wanted.superseding))] : []),
  );
  const log: LogEndRow | undefined = end?.rows[0];
  if (log === undefined) throw new Error('The end of the log is missing in the database.');
  if (older !== undefined && !sameIds(supersedingOf(older.rows), found.superseding)) {
    await transaction.rollBack();
    throw new OvertakenError();
  }
  const links = plan.link(log.position);
  const checkpoint = await checkpointOf(shared, transaction, plan, log, links);
  const queries = changesOf(shared, plan, log, links);
  if (checkpoint !== null)
    queries.push(statements.insertCheckpoint(checkpoint.size, checkpoint.head, checkpoint.at, checkpoint.signature));
  if (plan.probeAt !== null) queries.push(statements.probe(String(plan.probeAt)));
  if (links.length > 0 && shared.notifies())
    queries.push(statements.notify(CHANNEL, payloadOf(shared.origin, plan, log.position, links.length)));
  const requeueAt = queries.length;
  if (plan.requeues.length > 0) {
    const { requeues } = plan;
    queries.push(
      statements.requeue(
        requeues.map(({ id }) => id),
        requeues.map(({ now }) => now),
      ),
    );
  }
  try {
    const results = await transaction.commit(queries);
    const rows: readonly { readonly id: string }[] = results[requeueAt]?.rows ?? [];
    return { requeued: new Set(rows.map(({ id }) => id)), checkpoint };
  } catch (error) {
    if (error instanceof OutcomeUnknownError)
      shared.doubt(new Map([...plan.touched].map(([id, { before }]) => [id, before?.state.version ?? 0])));
    throw error;
  }
}

function sameIds(one: Found['superseding'], other: Found['superseding']): boolean {
  return (
    one.size === other.size && [...one].every(([name, ids]) => ids.join('\n') === (other.get(name) ?? []).join('\n'))
  );
}

type Links = ReturnType<Plan['link']>;

/** Asked for, or because 1,000 events have come together. */
async function checkpointOf(
  shared: Shared,
  transaction: Transaction,
  plan: Plan,
  log: LogEndRow,
  links: Links,
): Promise<Checkpoint | null> {
  const size = log.position + links.length;
  const since = size - log.checkpoint_size;
  if (since === 0 || (plan.checkpointAt === null && since < EVENTS_PER_CHECKPOINT)) return null;
  const [earlier] = await transaction.send(statements.hashesAfter(log.checkpoint_size));
  const rows: readonly { readonly hash: string }[] = earlier?.rows ?? [];
  const head = headOf(log.checkpoint_head, [...rows.map(({ hash }) => hash), ...links.map(({ hash }) => hash)]);
  const statement = { size, head, at: plan.checkpointAt ?? shared.clock() };
  try {
    return { ...statement, signature: shared.signer.sign(checkpointText(statement)) };
  } catch (error) {
    if (plan.checkpointAt !== null) throw error;
    shared.warn(`The log could not be signed: ${String(error)}`);
    return null;
  }
}

function changesOf(shared: Shared, plan: Plan, log: LogEndRow, links: Links): pg.QueryConfig[] {
  const queries: pg.QueryConfig[] = [];
  if (plan.definitions.size > 0)
    queries.push(
      statements.insertDefinitions(
        [...plan.definitions.keys()],
        [...plan.definitions.values()].map((gate) => JSON.stringify(gate)),
      ),
    );
  queries.push(...requestsOf(plan));
  if (links.length > 0)
    queries.push(
      statements.insertEvents(
        links.map(({ position }) => position),
        links.map(({ event }) => event.request),
        links.map(({ event }) => event.version),
        links.map(({ event }) => event.type),
        links.map(({ event }) => event.at),
        links.map(({ event }) => event.data),
        links.map(({ hash }) => hash),
      ),
    );
  queries.push(...askedOf(plan));
  if (plan.keys.size > 0) {
    const keys = [...plan.keys.values()];
    queries.push(
      statements.insertKeys(
        keys.map(({ idempotency }) => idempotency.pipeline),
        keys.map(({ idempotency }) => idempotency.key),
        keys.map(({ idempotency }) => idempotency.bodyDigest),
        keys.map(({ request }) => request),
      ),
    );
  }
  const { deliveries } = plan;
  if (deliveries.length > 0)
    queries.push(
      statements.insertDeliveries(
        deliveries.map((_, index) => log.delivery + index + 1),
        deliveries.map(({ delivery }) => delivery.id),
        deliveries.map(({ delivery }) => delivery.request),
        deliveries.map(({ delivery }) => delivery.kind),
        deliveries.map(({ delivery }) => delivery.channel),
        deliveries.map(({ delivery }) => delivery.target),
        deliveries.map(({ delivery }) => JSON.stringify(delivery.payload)),
        deliveries.map(({ delivery }) => delivery.dueAt),
        deliveries.map(({ createdAt }) => createdAt),
      ),
    );
  if (links.length > 0) queries.push(statements.advanceLog(links.length, deliveries.length));
  if (plan.pending !== 0 || deliveries.length > 0) queries.push(statements.addTallies(plan.pending, deliveries.length));
  // After the requests: a settled surface is compared with their newest version. Then what is sent is refreshed.
  queries.push(...settlementsOf(shared, plan));
  const refreshed = refreshedBy(plan);
  if (refreshed.length > 0) queries.push(statements.refreshSurfaces(refreshed, shared.clock()));
  return queries;
}

const refreshedBy = (plan: Plan): RequestId[] =>
  [...plan.touched].filter(([, { refresh }]) => refresh).map(([id]) => id);

function requestsOf(plan: Plan): pg.QueryConfig[] {
  const queries: pg.QueryConfig[] = [];
  const all = [...plan.touched.values()].map((touched) => ({ ...touched, state: touched.live.state }));
  const opened = all.filter(({ isNew }) => isNew);
  const changed = all.filter(({ isNew }) => !isNew);
  if (opened.length > 0)
    queries.push(
      statements.insertRequests(
        opened.map(({ state }) => state.content.id),
        opened.map(({ state }) => state.content.pipeline),
        opened.map(({ state }) => state.gate.name),
        opened.map(({ state }) => state.status),
        opened.map(({ state }) => state.version),
        opened.map(({ state }) => state.content.title),
        opened.map(({ state }) => state.content.requester),
        opened.map(({ state }) => state.content.supersedes),
        opened.map(({ state }) => state.openedAt),
        opened.map(({ live }) => live.dueAt),
        opened.map(({ live }) => live.definition),
        opened.map(({ live }) => JSON.stringify(live.asked)),
        opened.map(({ live }) => live.hash),
        opened.map(({ state }) => progressText(state)),
      ),
    );
  if (changed.length > 0)
    queries.push(
      statements.updateRequests(
        changed.map(({ state }) => state.content.id),
        changed.map(({ state }) => state.status),
        changed.map(({ state }) => state.version),
        changed.map(({ live }) => live.dueAt),
        changed.map(({ live }) => JSON.stringify(live.asked)),
        changed.map(({ live }) => live.hash),
        changed.map(({ state }) => progressText(state)),
      ),
    );
  return queries;
}

function askedOf(plan: Plan): pg.QueryConfig[] {
  const gone: { person: string; id: RequestId }[] = [];
  const added: { person: string; id: RequestId }[] = [];
  for (const [id, { live, before }] of plan.touched) {
    const earlier = before?.asked ?? [];
    for (const person of earlier) if (!live.asked.includes(person)) gone.push({ person, id });
    for (const person of live.asked) if (!earlier.includes(person)) added.push({ person, id });
  }
  const columns = (pairs: typeof gone): [string[], string[]] => [
    pairs.map(({ person }) => person),
    pairs.map(({ id }) => id),
  ];
  return [
    ...(gone.length > 0 ? [statements.deleteAsked(...columns(gone))] : []),
    ...(added.length > 0 ? [statements.insertAsked(...columns(added))] : []),
  ];
}

function settlementsOf(shared: Shared, plan: Plan): pg.QueryConfig[] {
  const all = [...plan.settlements].flatMap(([id, ends]) => ends.map((end) => ({ id, ...end })));
  if (all.length === 0) return [];
  return [
    statements.settle(
      all.map(({ id }) => id),
      all.map(({ fence }) => fence),
      all.map(({ settlement }) => settlement.kind),
      all.map(({ settlement }) => (settlement.kind === 'retry' ? settlement.at : null)),
      all.map(({ settlement }) => (settlement.kind === 'sent' ? settlement.shownVersion : null)),
      all.map(({ settlement }) => (settlement.kind === 'sent' ? JSON.stringify(settlement.receipt) : null)),
      all.map(({ settlement }) => (settlement.kind === 'sent' ? null : settlement.error)),
      shared.clock(),
    ),
  ];
}

/** Who, which positions, and which requests with their versions before. */
function payloadOf(origin: string, plan: Plan, position: number, events: number): string {
  const head = `${origin} ${position + 1} ${position + events}`;
  const ids = [...plan.touched].map(([id, { before }]) => `${id}:${before?.state.version ?? 0}`);
  const whole = `${head} ${ids.join(' ')}`;
  return Buffer.byteLength(whole) <= MAX_PAYLOAD ? whole : head;
}
