/**
 * src/store/postgres/commit.ts: a batch of commands in one transaction. Opening takes one statement where nobody else
 * wrote since; at most there are four: find, lock, lock the end of the log, write and commit. Locks are taken in one order by
 * everybody (requests by id, then the end of the log), so replicas wait for each other and never in a circle.
 */
import type pg from 'pg';
import type { RequestId } from '../../engine/request.ts';
import { checkpointText, EVENTS_PER_CHECKPOINT, headOf } from '../chain.ts';
import type { Live } from '../memory.ts';
import type { Checkpoint, OpenWork } from '../port.ts';
import { changesOf, type Links, refreshedBy } from './changes.ts';
import { saysMovedOn } from './connection.ts';
import { type Found, keyOf, Plan } from './plan.ts';
import { livesOf, type Shared, type SnapshotColumns } from './shared.ts';
import * as statements from './statements.ts';
import type { LogEnd } from './tail.ts';
import { MovedOnError, OutcomeUnknownError, OvertakenError, Transaction } from './transaction.ts';

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

/** The channel that replicas tell each other on. */
export const CHANNEL = 'countersign';
/** A payload of NOTIFY is shorter than 8,000 bytes; without ids the others look into the log. */
const MAX_PAYLOAD = 7_900;

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
  const { tail } = shared;
  const needsLog = plan.events.length > 0 || plan.checkpointAt !== null;
  // What is sent anyway locks it: nothing here depends on what it says.
  const log = needsLog ? (tail.expected ?? (await lockedEnd(shared, transaction, wanted, found))) : null;
  const links = plan.link(log?.position ?? 0);
  const checkpoint = log === null ? null : await checkpointOf(shared, transaction, plan, log, links);
  const { together, after } = changesOf(plan, links, log?.delivery ?? 0, shared.clock());
  const first = log === null ? statements.lockLogEnd() : advancing(shared, plan, log, links);
  const queries = [statements.inOne(first, together), ...after];
  if (checkpoint !== null)
    queries.push(statements.insertCheckpoint(checkpoint.size, checkpoint.head, checkpoint.at, checkpoint.signature));
  if (plan.probeAt !== null) queries.push(statements.probe(String(plan.probeAt)));
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
    if (log !== null)
      tail.moved({
        position: log.position + links.length,
        delivery: log.delivery + plan.deliveries.length,
        checkpoint_size: checkpoint?.size ?? log.checkpoint_size,
        checkpoint_head: checkpoint?.head ?? log.checkpoint_head,
      });
    const rows: readonly { readonly id: string }[] = results[requeueAt]?.rows ?? [];
    return { requeued: new Set(rows.map(({ id }) => id)), checkpoint };
  } catch (error) {
    tail.doubted();
    if (saysMovedOn(error)) throw new MovedOnError();
    if (error instanceof OutcomeUnknownError)
      shared.doubt(new Map([...plan.touched].map(([id, { before }]) => [id, before?.state.version ?? 0])));
    throw error;
  }
}

/** What is asked after the end of the log is locked is the newest there is, and stays so until the commit. */
async function lockedEnd(shared: Shared, transaction: Transaction, wanted: Wanted, found: Found): Promise<LogEnd> {
  const [end, older] = await transaction.send(
    statements.lockLogEnd(),
    ...(wanted.superseding.length > 0 ? [statements.pendingWithKeys(...columnsOf(wanted.superseding))] : []),
  );
  const log: LogEnd | undefined = end?.rows[0];
  if (log === undefined) throw new Error('The end of the log is missing in the database.');
  if (older !== undefined && !sameIds(supersedingOf(older.rows), found.superseding)) {
    await transaction.rollBack();
    throw new OvertakenError();
  }
  shared.tail.found(log);
  return log;
}

/** Runs first, so that the end of the log is locked before anything else is written. */
function advancing(shared: Shared, plan: Plan, log: LogEnd, links: Links): pg.QueryConfig {
  const { position, delivery, checkpoint_size } = log;
  const steps = [links.length, plan.deliveries.length, position, delivery, checkpoint_size] as const;
  const counts = [plan.pending, plan.deliveries.length] as const;
  if (links.length === 0 || !shared.notifies()) return statements.advance(...steps, ...counts);
  const payload = payloadOf(shared.origin, plan, position, links.length);
  return statements.advanceAndNotify(...steps, ...counts, CHANNEL, payload);
}

function sameIds(one: Found['superseding'], other: Found['superseding']): boolean {
  return (
    one.size === other.size && [...one].every(([name, ids]) => ids.join('\n') === (other.get(name) ?? []).join('\n'))
  );
}

/** Asked for, or because 1,000 events have come together. */
async function checkpointOf(
  shared: Shared,
  transaction: Transaction,
  plan: Plan,
  log: LogEnd,
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

/** Who, which positions, and which requests with their versions before. */
function payloadOf(origin: string, plan: Plan, position: number, events: number): string {
  const head = `${origin} ${position + 1} ${position + events}`;
  const ids = [...plan.touched].map(([id, { before }]) => `${id}:${before?.state.version ?? 0}`);
  const whole = `${head} ${ids.join(' ')}`;
  return Buffer.byteLength(whole) <= MAX_PAYLOAD ? whole : head;
}
