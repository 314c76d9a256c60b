/**
 * src/store/verify.ts: doubts everything. Recomputes each request's chain and the log's signed checkpoints from the
 * events alone, then folds the events and compares with the snapshots. Reads page by page: memory holds one page and
 * one request, whatever the length of the log.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Kysely, sql } from 'kysely';
import type { GateDefinition } from '../engine/definition.ts';
import type { Event, RequestState } from '../engine/request.ts';
import { checkpointText, digestOf, eventHash, GENESIS } from './chain.ts';
import type { Checkpoint, CheckpointSigner, Verification } from './port.ts';
import type { Database, EventRow, RequestRow } from './schema.ts';
import { AS_OPENED, checkpointOf, definitionNamedBy, eventOf, progressText, stateOf } from './snapshot.ts';

const PAGE = 1_000;
/** A log that was torn to pieces is not described piece by piece. */
const MAX_FAULTS = 1_000;
const MAX_DEFINITIONS = 500;

export interface VerifyOptions {
  /** A checkpoint that was kept elsewhere: only that shows a cut tail or a restored backup. */
  readonly since?: Checkpoint;
  readonly fold: (events: readonly Event[]) => RequestState;
}

interface VerifyParts extends VerifyOptions {
  /** Sees one unchanging state of the log. */
  readonly db: Kysely<Database>;
  readonly signer: CheckpointSigner;
  /** Awaited between pages. */
  readonly pause: () => Promise<void>;
}

type Fault = Verification['faults'][number];

export async function verifyLog(parts: VerifyParts): Promise<Verification> {
  const requests = await verifyRequests(parts);
  const log = await verifyOrder(parts);
  const unfounded = await snapshotsWithoutEvents(parts.db);
  return {
    events: log.events,
    checkpoints: log.checkpoints,
    head: log.head,
    faults: [...requests.events, ...log.faults, ...requests.snapshots, ...unfounded].slice(0, MAX_FAULTS),
  };
}

/** Chains and snapshots: all events, request by request. */
async function verifyRequests(parts: VerifyParts): Promise<{ readonly events: Fault[]; readonly snapshots: Fault[] }> {
  const { db } = parts;
  const events: Fault[] = [];
  const snapshots: Fault[] = [];
  const gates = gateReader(db);
  const check = async (chains: readonly (readonly EventRow[])[]): Promise<void> => {
    const rows = await snapshotsOf(db, chains);
    for (const chain of chains) {
      if (events.length + snapshots.length >= MAX_FAULTS) return;
      const broken = firstBroken(chain);
      if (broken !== null) {
        events.push(broken);
        continue;
      }
      const id = chain[0]?.request_id ?? '';
      const fault = await compareSnapshot(parts, rows.get(id), chain, gates);
      if (fault !== null) snapshots.push({ where: `request ${id}`, fault });
    }
  };
  let current: EventRow[] = [];
  let from = { request_id: '', version: Number.MIN_SAFE_INTEGER };
  for (;;) {
    const page = await db
      .selectFrom('events')
      .selectAll()
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('request_id', 'version'), '>', tuple(from.request_id, from.version)),
      )
      .orderBy('request_id')
      .orderBy('version')
      .limit(PAGE)
      .execute();
    const whole: EventRow[][] = [];
    for (const row of page) {
      if (current[0] !== undefined && current[0].request_id !== row.request_id) {
        whole.push(current);
        current = [];
      }
      current.push(row);
    }
    await check(whole);
    const last = page.at(-1);
    if (last === undefined) break;
    from = last;
    await parts.pause();
  }
  await check(current.length === 0 ? [] : [current]);
  return { events, snapshots };
}

async function snapshotsOf(
  db: Kysely<Database>,
  chains: readonly (readonly EventRow[])[],
): Promise<ReadonlyMap<string, RequestRow>> {
  const ids = chains.flatMap(([first]) => (first === undefined ? [] : [first.request_id]));
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('requests').selectAll().where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** The first event of one request that is not what was written. */
function firstBroken(rows: readonly EventRow[]): Fault | null {
  let previous = GENESIS;
  let position = 0;
  let version = 0;
  for (const row of rows) {
    const { seq, request_id, type, at, data } = row;
    const bad = (fault: string): Fault => ({ where: `event ${seq} (${request_id}, version ${row.version})`, fault });
    version += 1;
    if (row.version !== version) return bad(`version ${version} of this request is missing before it`);
    if (seq <= position) return bad(`it stands before version ${version - 1} of its request in the log`);
    const link = { position: seq, request: request_id, version, type, at, data };
    if (eventHash(previous, link) !== row.hash) return bad('the stored text does not match its hash');
    previous = row.hash;
    position = seq;
  }
  return null;
}

async function compareSnapshot(
  parts: VerifyParts,
  row: RequestRow | undefined,
  rows: readonly EventRow[],
  gates: (digest: string) => Promise<GateDefinition | null>,
): Promise<string | null> {
  if (row === undefined) return 'it has events, but its snapshot is missing';
  const last = rows.at(-1);
  if (row.version !== last?.version)
    return `the snapshot is at version ${row.version}, but the events end at ${last?.version}`;
  if (row.progress === AS_OPENED && row.version !== 1)
    return 'the snapshot is missing, though more than the opening happened';
  if (row.hash !== last.hash) return 'the snapshot names another last event than the log';
  try {
    const gate = await gates(row.definition);
    if (gate === null) return `its gate definition ${row.definition} is missing or does not match its digest`;
    const events: Event[] = [];
    for (const event of rows) {
      const named = definitionNamedBy(event);
      if (named !== null && named !== row.definition)
        return 'the snapshot pins another gate definition than the events';
      events.push(eventOf(event, gate));
    }
    return difference(
      row,
      parts.fold(events),
      stateOf({ opened: rows[0]?.data ?? '', progress: row.progress }, gate, parts.fold),
    );
  } catch (error) {
    return `the events can't be folded: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function difference(row: RequestRow, folded: RequestState, stored: RequestState): string | null {
  // Written by the same fold the texts are equal; after a change of the program only their meaning is.
  const same = row.progress === progressText(folded);
  if (!same && !isDeepStrictEqual(JSON.parse(JSON.stringify(folded)), stored))
    return 'the snapshot differs from what the events say';
  const { content, gate } = folded;
  const columns: Partial<RequestRow> = {
    status: folded.status,
    pipeline: content.pipeline,
    gate: gate.name,
    title: content.title,
    requester: content.requester,
    supersedes_key: content.supersedes,
    opened_at: folded.openedAt,
  };
  for (const [column, value] of Object.entries(columns))
    if (Reflect.get(row, column) !== value) return `the column ${column} differs from what the events say`;
  if (folded.status !== 'pending' && row.due_at !== null) return 'it is closed, but still due';
  return null;
}

/** Positions and checkpoints: the hashes of all events, in the order of the log. */
async function verifyOrder(parts: VerifyParts) {
  const { db, signer, since } = parts;
  const rows = await db.selectFrom('checkpoints').selectAll().orderBy('size').execute();
  const checkpoints = rows.map(checkpointOf);
  const faults: Fault[] = [];
  const running = runningHead();
  let expected = 1;
  let events = 0;
  let next = 0;
  const reach = (size: number): void => {
    for (let checkpoint = checkpoints[next]; checkpoint?.size === size; checkpoint = checkpoints[next]) {
      const where = `checkpoint at ${size}`;
      if (running.head() !== checkpoint.head)
        faults.push({ where, fault: 'the log up to here is not what was signed' });
      if (!isSigned(signer, checkpoint)) faults.push({ where, fault: 'its signature is not ours' });
      running.restart(checkpoint.head);
      next += 1;
    }
  };
  for (;;) {
    const page = await db
      .selectFrom('events')
      .select(['seq', 'hash'])
      .where('seq', '>', expected - 1)
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    for (const { seq, hash } of page) {
      // Missing rows are passed one by one, so that a checkpoint that stands among them is compared all the same.
      if (seq > expected && faults.length < MAX_FAULTS)
        faults.push({ where: `event ${expected}`, fault: missing(expected, seq - 1) });
      while (next < checkpoints.length && (checkpoints[next]?.size ?? 0) < seq) reach(checkpoints[next]?.size ?? 0);
      running.add(hash);
      events += 1;
      expected = seq + 1;
      reach(seq);
    }
    if (page.length === 0) break;
    await parts.pause();
  }
  const end = expected - 1;
  for (const { size } of checkpoints.slice(next, next + MAX_FAULTS))
    faults.push({ where: `checkpoint at ${size}`, fault: `the log ends at event ${end}: it was cut` });
  if (since !== undefined) faults.push(...keptElsewhere(signer, since, checkpoints, end));
  return { events, checkpoints: checkpoints.length, head: running.head(), faults };
}

function missing(from: number, to: number): string {
  return from === to ? 'it is missing' : `it and all up to event ${to} are missing`;
}

function keptElsewhere(
  signer: CheckpointSigner,
  since: Checkpoint,
  checkpoints: readonly Checkpoint[],
  end: number,
): Fault[] {
  const where = `the kept checkpoint at ${since.size}`;
  if (!isSigned(signer, since)) return [{ where, fault: 'its signature is not ours' }];
  if (since.size > end) return [{ where, fault: `the log ends at event ${end}: it was cut or replaced` }];
  const own = checkpoints.find((checkpoint) => checkpoint.size === since.size);
  if (own === undefined) return [{ where, fault: 'the log has no such checkpoint: it was cut or replaced' }];
  return own.head === since.head ? [] : [{ where, fault: 'the log has another head there: it was cut or replaced' }];
}

function isSigned(signer: CheckpointSigner, checkpoint: Checkpoint): boolean {
  try {
    return signer.verify(checkpointText(checkpoint), checkpoint.signature);
  } catch {
    return false; // a signature that can't even be read is none
  }
}

/** As chain.ts's `headOf`, without holding the hashes. */
function runningHead() {
  let previous = GENESIS;
  let since: ReturnType<typeof createHash> | null = null;
  return {
    add(hash: string): void {
      since ??= createHash('sha256').update(previous);
      since.update(`\n${hash}`);
    },
    head: (): string => since?.copy().digest('hex') ?? previous,
    restart(head: string): void {
      previous = head;
      since = null;
    },
  };
}

async function snapshotsWithoutEvents(db: Kysely<Database>): Promise<Fault[]> {
  const rows = await db
    .selectFrom('requests')
    .select('id')
    .where(({ not, exists }) => not(exists(sql`(select 1 from events where events.request_id = requests.id)`)))
    .orderBy('id')
    .limit(MAX_FAULTS)
    .execute();
  return rows.map(({ id }) => ({ where: `request ${id}`, fault: 'it has a snapshot, but no events' }));
}

/** Definitions whose text is what their digest says; the newest few hundred are kept parsed. */
function gateReader(db: Kysely<Database>): (digest: string) => Promise<GateDefinition | null> {
  const known = new Map<string, GateDefinition | null>();
  return async (digest) => {
    const kept = known.get(digest);
    if (kept !== undefined) return kept;
    const row = await db.selectFrom('definitions').select('json').where('digest', '=', digest).executeTakeFirst();
    const gate: GateDefinition | null =
      row !== undefined && digestOf(row.json) === digest ? JSON.parse(row.json) : null;
    if (known.size >= MAX_DEFINITIONS) known.clear();
    known.set(digest, gate);
    return gate;
  };
}
