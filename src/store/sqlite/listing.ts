/**
 * src/store/sqlite/listing.ts: pages of requests, newest first. A rare filter over a long history is looked for window
 * by window, with the event loop let go in between, so that no list ever stops the service.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Kysely, type SqlBool, sql } from 'kysely';
import type { PersonId } from '../../engine/definition.ts';
import type { RequestId } from '../../engine/request.ts';
import type { RequestFilter } from '../port.ts';
import type { Database, SnapshotRow } from '../schema.ts';
import { selectSnapshots } from './statements.ts';

/** Rows looked at in one turn: about 5 ms. */
const WINDOW = 5_000;
const MAX_PAGE = 200;
/** Sorts after every id. */
const END = '\u{10ffff}';

export interface Page {
  readonly rows: readonly SnapshotRow[];
  readonly next: RequestId | null;
}

export async function listRequests(db: Kysely<Database>, filter: RequestFilter): Promise<Page> {
  const limit = Math.min(Math.max(1, Math.trunc(filter.limit)), MAX_PAGE);
  const rows: SnapshotRow[] = [];
  let before = filter.after ?? END;
  for (;;) {
    const floor = await windowFloor(db, filter, before);
    rows.push(...(await inWindow(db, filter, before, floor, limit + 1 - rows.length)));
    if (rows.length > limit) return { rows: rows.slice(0, limit), next: rows[limit - 1]?.id ?? null };
    if (floor === null) return { rows, next: null };
    before = floor;
    await nextTurn();
  }
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
  before: RequestId,
  floor: RequestId | null,
  limit: number,
): Promise<SnapshotRow[]> {
  const { status, gate, pipeline, approver, requester, q } = filter;
  let query = selectSnapshots(db).where('id', '<', before);
  if (floor !== null) query = query.where('id', '>=', floor);
  if (approver !== undefined)
    query = query
      .where(sql<SqlBool>`status = 'pending'`)
      .where('id', 'in', (asked) => asked.selectFrom('asked').select('request_id').where('person', '=', approver));
  if (status === 'pending') query = query.where(sql<SqlBool>`status = 'pending'`);
  else if (status !== undefined) query = query.where('status', '=', status);
  if (gate !== undefined) query = query.where('gate', '=', gate);
  if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline);
  if (requester !== undefined) query = query.where('requester', '=', requester);
  if (q !== undefined) query = query.where(sql<SqlBool>`title like ${containing(q)} escape '\\'`);
  return query.orderBy('id', 'desc').limit(limit).execute();
}

/** SQLite's LIKE ignores the case of ASCII letters only, which is what the port asks for. */
function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
