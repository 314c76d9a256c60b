/**
 * src/store/sqlite/statements.ts: the statements of the hot path, written in kysely and compiled once. Run through
 * kysely each would cost about 40 us, prepared it costs 6. `bound()` is a place to fill at run time; the tuple type of
 * each statement lists the places in the order in which they are written.
 */

import type { Statement } from 'better-sqlite3';
import { type Compilable, type Kysely, type RawBuilder, sql } from 'kysely';
import type { Instant } from '../../engine/definition.ts';
import { selectSnapshots } from '../listing.ts';
import {
  type CheckpointRow,
  type Database,
  type DeliveryRow,
  type EventRow,
  FORGOTTEN_AT_ONCE,
  type RequestRow,
  type SnapshotRow,
} from '../schema.ts';
import type { Connection } from './connection.ts';

const bound = <Value>(): RawBuilder<Value> => sql<Value>`?`;
/** Written as in the condition of the index `deliveries_waiting`, else the planner would not use it. */
const waiting = sql<boolean>`state in ('queued', 'failed')`;

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(db: Kysely<Database>, connection: Connection) {
  function prepare<Places extends unknown[], Row = never>(query: Compilable<unknown>): Statement<Places, Row> {
    const { sql: text, parameters } = query.compile();
    if (parameters.length > 0) throw new Error(`A value is baked into a prepared statement: ${text}`);
    return connection.prepare<Places, Row>(text);
  }
  const text = bound<string>;
  const number = bound<number>;

  return {
    dataVersion: connection.prepare<[], { data_version: number }>('pragma data_version'),
    begin: connection.prepare<[], never>('begin immediate'),
    commit: connection.prepare<[], never>('commit'),
    rollback: connection.prepare<[], never>('rollback'),

    request: prepare<[id: string], SnapshotRow>(selectSnapshots(db).where('requests.id', '=', text())),
    insertRequest: prepare<
      [
        id: string,
        pipeline: string,
        gate: string,
        status: string,
        version: number,
        title: string,
        requester: string | null,
        supersedesKey: string | null,
        openedAt: number,
        dueAt: number | null,
        definition: string,
        asked: string,
        hash: string,
        progress: string,
      ]
    >(
      db.insertInto('requests').values({
        id: text(),
        pipeline: text(),
        gate: text(),
        status: bound<RequestRow['status']>(),
        version: number(),
        title: text(),
        requester: text(),
        supersedes_key: text(),
        opened_at: number(),
        due_at: number(),
        definition: text(),
        asked: text(),
        hash: text(),
        progress: text(),
      }),
    ),
    updateRequest: prepare<
      [status: string, version: number, dueAt: number | null, asked: string, hash: string, progress: string, id: string]
    >(
      db
        .updateTable('requests')
        .set({
          status: bound<RequestRow['status']>(),
          version: number(),
          due_at: number(),
          asked: text(),
          hash: text(),
          progress: text(),
        })
        .where('id', '=', text()),
    ),
    pendingWithKey: prepare<[pipeline: string, key: string], { id: string }>(
      db
        .selectFrom('requests')
        .select('id')
        .where('pipeline', '=', text())
        .where('supersedes_key', '=', text())
        .where(sql<boolean>`status = 'pending'`)
        .orderBy('id'),
    ),
    due: prepare<[now: number, limit: number], { id: string }>(
      db
        .selectFrom('requests')
        .select('id')
        .where('due_at', '<=', number())
        .orderBy('due_at')
        .orderBy('id')
        .limit(number()),
    ),
    nextDue: prepare<[], { due_at: number }>(
      db.selectFrom('requests').select('due_at').where('due_at', 'is not', null).orderBy('due_at').limit(sql.lit(1)),
    ),
    oldestPending: prepare<[], { opened_at: number }>(
      db
        .selectFrom('requests')
        .select('opened_at')
        .where(sql<boolean>`status = 'pending'`)
        .orderBy('id')
        .limit(sql.lit(1)),
    ),

    definition: prepare<[digest: string], { json: string }>(
      db.selectFrom('definitions').select('json').where('digest', '=', text()),
    ),
    insertDefinition: prepare<[digest: string, json: string]>(
      db
        .insertInto('definitions')
        .values({ digest: text(), json: text() })
        .onConflict((conflict) => conflict.doNothing()),
    ),

    insertEvent: prepare<
      [seq: number, request: string, version: number, type: string, at: number, data: string, hash: string]
    >(
      db.insertInto('events').values({
        seq: number(),
        request_id: text(),
        version: number(),
        type: bound<EventRow['type']>(),
        at: number(),
        data: text(),
        hash: text(),
      }),
    ),
    lastPosition: prepare<[], { seq: number }>(
      db.selectFrom('events').select('seq').orderBy('seq', 'desc').limit(sql.lit(1)),
    ),
    hashesAfter: prepare<[position: number], { hash: string }>(
      db.selectFrom('events').select('hash').where('seq', '>', number()).orderBy('seq'),
    ),
    eventsOf: prepare<[request: string, afterVersion: number], EventRow>(
      db
        .selectFrom('events')
        .selectAll()
        .where('request_id', '=', text())
        .where('version', '>', number())
        .orderBy('version'),
    ),

    insertAsked: prepare<[person: string, request: string]>(
      db
        .insertInto('asked')
        .values({ person: text(), request_id: text() })
        .onConflict((conflict) => conflict.doNothing()),
    ),
    deleteAsked: prepare<[person: string, request: string]>(
      db.deleteFrom('asked').where('person', '=', text()).where('request_id', '=', text()),
    ),

    idempotencyKey: prepare<[pipeline: string, key: string], { body_digest: string; request_id: string }>(
      db
        .selectFrom('idempotency_keys')
        .select(['body_digest', 'request_id'])
        .where('pipeline', '=', text())
        .where('key', '=', text()),
    ),
    insertIdempotencyKey: prepare<[pipeline: string, key: string, bodyDigest: string, request: string]>(
      db
        .insertInto('idempotency_keys')
        .values({ pipeline: text(), key: text(), body_digest: text(), request_id: text() }),
    ),

    insertDelivery: prepare<
      [
        id: string,
        request: string,
        kind: string,
        channel: string,
        target: string,
        payload: string,
        dueAt: number,
        createdAt: number,
      ]
    >(
      db.insertInto('deliveries').values({
        id: text(),
        request_id: text(),
        kind: bound<DeliveryRow['kind']>(),
        channel: text(),
        target: text(),
        payload: text(),
        due_at: number(),
        state: sql`'queued'`,
        attempts: sql`0`,
        created_at: number(),
      }),
    ),
    settleDelivery: prepare<
      [
        state: string,
        dueAt: number,
        attempts: number,
        shownVersion: number | null,
        receipt: string | null,
        lastError: string | null,
        seq: number,
      ]
    >(
      db
        .updateTable('deliveries')
        .set({
          state: bound<DeliveryRow['state']>(),
          due_at: number(),
          attempts: number(),
          shown_version: number(),
          receipt: text(),
          last_error: text(),
        })
        .where('seq', '=', number()),
    ),
    refreshSurfaces: prepare<[now: number, request: string], { target: string }>(
      db
        .updateTable('deliveries')
        .set({ state: sql`'queued'`, due_at: number(), attempts: sql`0` })
        .where('request_id', '=', text())
        .where(sql<boolean>`kind = 'surface' and state = 'sent'`)
        .returning('target'),
    ),
    requeue: prepare<[now: number, seq: number]>(
      db
        .updateTable('deliveries')
        .set({ state: sql`'queued'`, due_at: number(), attempts: sql`0` })
        .where('seq', '=', number()),
    ),
    delivery: prepare<[id: string], DeliveryRow>(db.selectFrom('deliveries').selectAll().where('id', '=', text())),
    /** Newest first, as `listDeliveries` has it: each click asks for these, and so does each line in a thread. */
    surfacesOf: prepare<[request: string, limit: number], DeliveryRow>(
      db
        .selectFrom('deliveries')
        .selectAll()
        .where('request_id', '=', text())
        .where(sql<boolean>`kind = 'surface'`)
        .orderBy('seq', 'desc')
        .limit(number()),
    ),
    waitingTargets: prepare<[], { target: string; due_at: number }>(
      db
        .selectFrom('deliveries')
        .select(['target', sql<number>`min(due_at)`.as('due_at')])
        .where(waiting)
        .groupBy('target'),
    ),
    /** Passes what must wait for an older delivery of the same request to the same target. */
    nextForTarget: prepare<[target: string, now: number], DeliveryRow>(
      db
        .selectFrom('deliveries as d')
        .selectAll()
        .where('target', '=', text())
        .where('due_at', '<=', number())
        .where(waiting)
        .where(({ not, exists }) =>
          not(
            exists(
              sql`(select 1 from deliveries as older where older.request_id = d.request_id and older.target = d.target
                and older.seq < d.seq and older.state in ('queued', 'failed'))`,
            ),
          ),
        )
        .orderBy('due_at')
        .orderBy('seq')
        .limit(sql.lit(1)),
    ),
    targetDueAfter: prepare<[target: string, after: number], { due_at: number }>(
      db
        .selectFrom('deliveries')
        .select('due_at')
        .where('target', '=', text())
        .where('due_at', '>', number())
        .where(waiting)
        .orderBy('due_at')
        .limit(sql.lit(1)),
    ),

    lastCheckpoint: prepare<[], CheckpointRow>(
      db.selectFrom('checkpoints').selectAll().orderBy('size', 'desc').limit(sql.lit(1)),
    ),
    insertCheckpoint: prepare<[size: number, head: string, at: number, signature: string]>(
      db.insertInto('checkpoints').values({ size: number(), head: text(), at: number(), signature: text() }),
    ),

    tallies: prepare<[], Database['tallies']>(db.selectFrom('tallies').selectAll()),
    updateTallies: prepare<[pending: number, queued: number, failed: number, sent: number, dead: number]>(
      db
        .updateTable('tallies')
        .set({ pending: number(), queued: number(), failed: number(), sent: number(), dead: number() }),
    ),
    recall: prepare<[name: string, now: Instant], { value: string }>(
      db
        .selectFrom('kept')
        .select('value')
        .where('name', '=', text())
        .where((is) => is.or([is('until', 'is', null), is('until', '>', number())])),
    ),
    remember: prepare<[name: string, value: string, until: Instant | null]>(
      db
        .insertInto('kept')
        .values({ name: text(), value: text(), until: number() })
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet({ value: sql`excluded.value`, until: sql`excluded.until` }),
        ),
    ),
    forget: prepare<[name: string]>(db.deleteFrom('kept').where('name', '=', text())),
    forgetOld: prepare<[now: Instant]>(
      db
        .deleteFrom('kept')
        .where('name', 'in', (old) =>
          old.selectFrom('kept').select('name').where('until', '<=', number()).limit(sql.lit(FORGOTTEN_AT_ONCE)),
        ),
    ),
    probe: prepare<[now: string]>(
      db
        .insertInto('meta')
        .values({ name: sql`'probed_at'`, value: text() })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: sql`excluded.value` })),
    ),
  };
}
