/**
 * src/store/listing.ts: pages of requests and of deliveries, newest first. A rare filter over a long history is looked
 * for window by window, with the event loop let go in between, so that no list ever stops the service.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { PersonId } from '../engine/definition.ts';
import type { RequestId } from '../engine/request.ts';
import type { DeliveryFilter, RequestFilter } from './port.ts';
import type { Database, DeliveryRow, SnapshotRow } from './schema.ts';

/** Rows looked at in one turn: about 5 ms. */
const WINDOW = 5_000;
const MAX_PAGE = 200;
const MAX_DELIVERIES = 1_000;
/** Sorts after every id. */
const END = '\u{10ffff}';

/** What the two databases word differently. */
export interface ListingWords {
  /** True for pending requests, in words that keep the planner from scanning the index of all pending ones. */
  readonly pendingUnindexed: RawBuilder<SqlBool>;
  /** Whether the title contains the text, without regard to the case of ASCII letters. */
  readonly titleContains: (text: string) => RawBuilder<SqlBool>;
}

/** A LIKE pattern, with `\\` as its escape, for texts that contain this one. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

/** Requests with the text of the event that opened them. */
export function selectSnapshots(db: Kysely<Database>) {
  return db
    .selectFrom('requests')
    .innerJoin('events as opening', (join) =>
      join.onRef('opening.request_id', '=', 'requests.id').on('opening.version', '=', sql.lit(1)),
    )
    .selectAll('requests')
    .select('opening.data as opened');
}

export interface Page {
  readonly rows: readonly SnapshotRow[];
  readonly next: RequestId | null;
}

export async function listRequests(db: Kysely<Database>, filter: RequestFilter, words: ListingWords): Promise<Page> {
  const limit = Math.min(Math.max(1, Math.trunc(filter.limit)), MAX_PAGE);
  const rows: SnapshotRow[] = [];
  let before = filter.after ?? END;
  for (;;) {
    const floor = await windowFloor(db, filter, before);
    rows.push(...(await inWindow(db, filter, words, before, floor, limit + 1 - rows.length)));
    if (rows.length > limit) return { rows: rows.slice(0, limit), next: rows[limit - 1]?.id ?? null };
    if (floor === null) return { rows, next: null };
    before = floor;
    await nextTurn();
  }
}

/** Windows of pending requests that are counted, and no more. */
const COUNTED_WINDOWS = 20;

/** null: there are too many windows to count in. */
export async function countPending(
  db: Kysely<Database>,
  { gate, pipeline }: Pick<RequestFilter, 'gate' | 'pipeline'>,
): Promise<number | null> {
  let before = END;
  let found = 0;
  for (let window = 0; window < COUNTED_WINDOWS; window++) {
    const floor = await windowFloor(db, { status: 'pending', limit: 1 }, before);
    let query = db
      .selectFrom('requests')
      .select((count) => count.fn.countAll<number | string>().as('pending'))
      .where(sql<SqlBool>`status = 'pending'`)
      .where('id', '<', before);
    if (floor !== null) query = query.where('id', '>=', floor);
    if (gate !== undefined) query = query.where('gate', '=', gate);
    if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline);
    found += Number((await query.executeTakeFirst())?.pending ?? 0);
    if (floor === null) return found;
    before = floor;
    await nextTurn();
  }
  return null;
}

/** The id at which this turn's window ends (not part of it); null: it reaches the oldest. Read from an index alone. */
async function windowFloor(db: Kysely<Database>, filter: RequestFilter, before: RequestId): Promise<RequestId | null> {
  const all = () =>
    db
      .selectFrom('requests')
      .select('id')
      .where('id', '<', before)
      .$if(filter.status === 'pending', (query) => query.where(sql<SqlBool>`status = 'pending'`))
      .orderBy('id', 'desc');
  const askedOf = (person: PersonId) =>
    db
      .selectFrom('asked')
      .select('request_id as id')
      .where('person', '=', person)
      .where('request_id', '<', before)
      .orderBy('request_id', 'desc');
  const skipped = WINDOW - 1;
  const last =
    filter.approver === undefined
      ? await all().offset(skipped).limit(1).executeTakeFirst()
      : await askedOf(filter.approver).offset(skipped).limit(1).executeTakeFirst();
  return last?.id ?? null;
}

async function inWindow(
  db: Kysely<Database>,
  filter: RequestFilter,
  words: ListingWords,
  before: RequestId,
  floor: RequestId | null,
  limit: number,
): Promise<SnapshotRow[]> {
  const { status, gate, pipeline, approver, requester, q } = filter;
  let query = selectSnapshots(db);
  if (approver === undefined) {
    query = query.where('id', '<', before);
    if (floor !== null) query = query.where('id', '>=', floor);
  } else {
    // The window bounds whom the person is asked about, so that the requests are looked up and never scanned.
    let asking = db.selectFrom('asked').select('request_id').where('person', '=', approver);
    asking = asking.where('request_id', '<', before);
    if (floor !== null) asking = asking.where('request_id', '>=', floor);
    query = query.where('id', 'in', asking).where(words.pendingUnindexed);
  }
  if (status === 'pending' && approver === undefined) query = query.where(sql<SqlBool>`status = 'pending'`);
  else if (status !== undefined) query = query.where('status', '=', status);
  if (gate !== undefined) query = query.where('gate', '=', gate);
  if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline);
  if (requester !== undefined) query = query.where('requester', '=', requester);
  if (q !== undefined) query = query.where(words.titleContains(q));
  return query.orderBy('id', 'desc').limit(limit).execute();
}

/** So many of a list of deliveries are read at once. */
export const deliveriesAtMost = (limit: number): number => Math.min(Math.max(1, Math.trunc(limit)), MAX_DELIVERIES);

/** The request whose surfaces are asked for, and nothing but them; null where something else is. */
export const surfacesMeant = ({ id, kind, state, request, pipeline }: DeliveryFilter): RequestId | null =>
  kind === 'surface' && id === undefined && state === undefined && pipeline === undefined ? (request ?? null) : null;

/** @param underWay `seq` of what is being sent: the table has it as queued or failed. */
export async function listDeliveries(
  db: Kysely<Database>,
  filter: DeliveryFilter,
  underWay: readonly number[],
): Promise<DeliveryRow[]> {
  const { id, kind, state, request, pipeline } = filter;
  const limit = deliveriesAtMost(filter.limit);
  let query = db.selectFrom('deliveries').selectAll().orderBy('seq', 'desc');
  if (id !== undefined) query = query.where('id', '=', id);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (request !== undefined) query = query.where('request_id', '=', request);
  if (state === 'sending') {
    if (underWay.length === 0) return []; // "in ()" is no SQL
    query = query.where('seq', 'in', underWay);
  } else if (state !== undefined) {
    query = query.where('state', '=', state);
    if (underWay.length > 0) query = query.where('seq', 'not in', underWay);
  }
  // Literally the conditions of their partial indices: the planner knows them by nothing else.
  if (state === 'queued' || state === 'failed') query = query.where(sql<SqlBool>`state in ('queued', 'failed')`);
  if (state === 'dead') query = query.where(sql<SqlBool>`state = 'dead'`);
  if (pipeline !== undefined)
    query = query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('requests')
          .select('requests.id')
          .whereRef('requests.id', '=', 'deliveries.request_id')
          .where('requests.pipeline', '=', pipeline),
      ),
    );
  const isIndexed = id !== undefined || request !== undefined || (state !== undefined && state !== 'sent');
  if (isIndexed) return query.limit(limit).execute();
  const newest = await db
    .selectFrom('deliveries')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .executeTakeFirst();
  const rows: DeliveryRow[] = [];
  for (let end = newest?.seq ?? 0; end > 0 && rows.length < limit; end -= WINDOW) {
    const inWindow = query.where('seq', '<=', end).where('seq', '>', end - WINDOW);
    rows.push(...(await inWindow.limit(limit - rows.length).execute()));
    if (rows.length < limit) await nextTurn();
  }
  return rows;
}
