/**
 * src/store/postgres/statements.ts: the statements of the hot path, each for any number of rows, prepared once per
 * connection. Columns are named, never `*`: a replica goes on while a newer one adds columns.
 */
import type { QueryConfig } from 'pg';

/** Named, so that the server parses and plans it once per connection. */
const prepared =
  <Values extends unknown[]>(name: string, text: string) =>
  (...values: Values): QueryConfig => ({ name: `countersign_${name}`, text, values });

type Texts = readonly (string | null)[];
type Numbers = readonly (number | null)[];

const WAITING = `state in ('queued', 'failed')`;
/** Milliseconds by the database's clock: leases are its business alone. */
const CLOCK = `(extract(epoch from clock_timestamp()) * 1000)::bigint`;

const SNAPSHOT = `r.id, r.definition, r.hash, r.due_at, r.asked, r.progress, e.data as opened
  from requests r join events e on e.request_id = r.id and e.version = 1`;

const DELIVERY = `d.seq, d.id, d.request_id, d.kind, d.channel, d.target, d.payload, d.due_at, d.state, d.attempts,
  d.created_at, d.shown_version, d.receipt, d.last_error, d.fence`;

/**
 * What waits for an older delivery of the same request to the same target may not pass it. The empty texts and the zero
 * keep the planner, which may have seen the tables when they were small, from every index but that of the request's few
 * deliveries.
 */
const UNBLOCKED = `not exists (select 1 from deliveries older where older.request_id = d.request_id
  and older.target || '' = d.target and older.seq + 0 < d.seq and older.state || '' in ('queued', 'failed'))`;

/** Targets for which something waits, found by one look at the index each, however much waits there. */
const TARGETS = `targets as (
    (select target from deliveries where ${WAITING} order by target limit 1)
    union all
    select (select d.target from deliveries d where d.${WAITING} and d.target > t.target order by d.target limit 1)
      from targets t where t.target is not null
  ), free as (
    select target from targets t where target is not null
      and not exists (select 1 from deliveries b where b.target = t.target and b.leased_until is not null)
  )`;

/** How the counts move when deliveries go from one state to another; `moved` has `before` and `after`. */
const TALLY_MOVED = `update tallies t set
    queued = t.queued + m.queued, failed = t.failed + m.failed, sent = t.sent + m.sent, dead = t.dead + m.dead
  from (select ${['queued', 'failed', 'sent', 'dead']
    .map(
      (state) => `count(*) filter (where after = '${state}') - count(*) filter (where before = '${state}') as ${state}`,
    )
    .join(', ')} from moved) m
  where t.id = 1 and exists (select 1 from moved)`;

export const begin = 'begin isolation level read committed';

export const idempotencyKeys = prepared<[pipelines: Texts, keys: Texts]>(
  'keys',
  `select k.pipeline, k.key, k.body_digest, k.request_id from unnest($1::text[], $2::text[]) as w(pipeline, key)
   join idempotency_keys k on k.pipeline = w.pipeline and k.key = w.key`,
);

export const pendingWithKeys = prepared<[pipelines: Texts, keys: Texts]>(
  'superseding',
  `select r.id, r.pipeline, r.supersedes_key from unnest($1::text[], $2::text[]) as w(pipeline, key)
   join requests r on r.pipeline = w.pipeline and r.supersedes_key = w.key and r.status = 'pending' order by r.id`,
);

/** In the order of their ids, as every batch locks them: no two can wait for each other. */
export const lockRequests = prepared<[ids: Texts]>(
  'lock',
  `select ${SNAPSHOT} where r.id = any($1::text[]) order by r.id for no key update of r`,
);

export const snapshots = prepared<[ids: Texts]>('snapshots', `select ${SNAPSHOT} where r.id = any($1::text[])`);

export const definitions = prepared<[digests: Texts]>(
  'definitions',
  'select digest, json from definitions where digest = any($1::text[])',
);

/** Locked last and by everybody who writes: what follows in the transaction is alone. */
export const lockLogEnd = prepared<[]>(
  'log_end',
  'select position, delivery, checkpoint_size, checkpoint_head from log_end where id = 1 for update',
);

export const hashesAfter = prepared<[position: number]>(
  'hashes',
  'select hash from events where seq > $1 order by seq',
);

export const insertDefinitions = prepared<[digests: Texts, jsons: Texts]>(
  'insert_definitions',
  `insert into definitions (digest, json) select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
);

export const insertRequests = prepared<
  [
    ids: Texts,
    pipelines: Texts,
    gates: Texts,
    statuses: Texts,
    versions: Numbers,
    titles: Texts,
    requesters: Texts,
    supersedesKeys: Texts,
    openedAts: Numbers,
    dueAts: Numbers,
    definitions: Texts,
    asked: Texts,
    hashes: Texts,
    progresses: Texts,
  ]
>(
  'insert_requests',
  `insert into requests (id, pipeline, gate, status, version, title, requester, supersedes_key, opened_at, due_at,
     definition, asked, hash, progress)
   select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],
     $8::text[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[])`,
);

export const updateRequests = prepared<
  [ids: Texts, statuses: Texts, versions: Numbers, dueAts: Numbers, asked: Texts, hashes: Texts, progresses: Texts]
>(
  'update_requests',
  `update requests r set status = w.status, version = w.version, due_at = w.due_at, asked = w.asked, hash = w.hash,
     progress = w.progress
   from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])
     as w(id, status, version, due_at, asked, hash, progress)
   where r.id = w.id`,
);

export const insertEvents = prepared<
  [positions: Numbers, ids: Texts, versions: Numbers, types: Texts, ats: Numbers, data: Texts, hashes: Texts]
>(
  'insert_events',
  `insert into events (seq, request_id, version, type, at, data, hash)
   select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[])`,
);

export const deleteAsked = prepared<[persons: Texts, ids: Texts]>(
  'delete_asked',
  `delete from asked a using unnest($1::text[], $2::text[]) as w(person, id)
   where a.person = w.person and a.request_id = w.id`,
);

export const insertAsked = prepared<[persons: Texts, ids: Texts]>(
  'insert_asked',
  'insert into asked (person, request_id) select * from unnest($1::text[], $2::text[])',
);

export const insertKeys = prepared<[pipelines: Texts, keys: Texts, digests: Texts, ids: Texts]>(
  'insert_keys',
  `insert into idempotency_keys (pipeline, key, body_digest, request_id)
   select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
);

export const insertDeliveries = prepared<
  [
    seqs: Numbers,
    ids: Texts,
    requests: Texts,
    kinds: Texts,
    channels: Texts,
    targets: Texts,
    payloads: Texts,
    dueAts: Numbers,
    createdAts: Numbers,
  ]
>(
  'insert_deliveries',
  `insert into deliveries (seq, id, request_id, kind, channel, target, payload, due_at, state, attempts, created_at)
   select seq, id, request, kind, channel, target, payload, due_at, 'queued', 0, created_at
   from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
     $9::bigint[]) as w(seq, id, request, kind, channel, target, payload, due_at, created_at)`,
);

/** Runs after the requests were updated: a surface that shows less than their newest version waits again. */
export const settle = prepared<
  [
    ids: Texts,
    fences: Numbers,
    kinds: Texts,
    ats: Numbers,
    shownVersions: Numbers,
    receipts: Texts,
    errors: Texts,
    now: number,
  ]
>(
  'settle',
  `with moved as (
     update deliveries d set
       state = case when w.kind = 'retry' then 'failed' when w.behind then 'queued' else w.kind end,
       due_at = case when w.kind = 'retry' then w.at when w.behind then $8 else d.due_at end,
       attempts = case when w.behind then 0 else d.attempts + 1 end,
       shown_version = case when w.kind = 'sent' then w.shown else d.shown_version end,
       receipt = case when w.kind = 'sent' then w.receipt else d.receipt end,
       last_error = w.error,
       leased_until = null
     from (select w.*, o.state as before, w.kind = 'sent' and o.kind = 'surface' and coalesce(w.shown < r.version, false) as behind
       from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])
         as w(id, fence, kind, at, shown, receipt, error)
       join deliveries o on o.id = w.id join requests r on r.id = o.request_id) w
     where d.id = w.id and d.fence = w.fence and d.leased_until is not null
     returning w.before, d.state as after)
   ${TALLY_MOVED}`,
);

export const refreshSurfaces = prepared<[ids: Texts, now: number]>(
  'refresh',
  `with moved as (
     update deliveries d set state = 'queued', due_at = $2, attempts = 0
     where d.request_id = any($1::text[]) and d.kind = 'surface' and d.state = 'sent'
     returning 'sent' as before, d.state as after)
   ${TALLY_MOVED}`,
);

/** A new fence: whoever let its lease run out can't finish it any more. */
export const requeue = prepared<[ids: Texts, nows: Numbers]>(
  'requeue',
  `with moved as (
     update deliveries d set state = 'queued', due_at = w.now, attempts = 0, leased_until = null, fence = d.fence + 1
     from (select w.id, w.now, o.state as before from unnest($1::text[], $2::bigint[]) as w(id, now)
       join deliveries o on o.id = w.id) w
     where d.id = w.id and d.state in ('dead', 'failed') and coalesce(d.leased_until < ${CLOCK}, true)
     returning d.id, w.before, d.state as after),
   counted as (${TALLY_MOVED})
   select id from moved`,
);

/**
 * Where the log does not end where it is expected to, its position becomes null, which the column refuses. The row is
 * locked by this, and the counts are alone behind it.
 */
const ADVANCE = `update log_end set delivery = delivery + $2,
    position = case when position = $3 and delivery = $4 and checkpoint_size = $5 then position + $1 end
  where id = 1`;
const COUNT = 'update tallies set pending = pending + $6, queued = queued + $7 where id = 1';

type Steps = [events: number, deliveries: number, position: number, delivery: number, checkpointSize: number];

export const advance = prepared<[...Steps, pending: number, queued: number]>(
  'advance',
  `with counted as (${COUNT}) ${ADVANCE}`,
);

export const advanceAndNotify = prepared<[...Steps, pending: number, queued: number, channel: string, payload: string]>(
  'advance_and_notify',
  `with counted as (${COUNT}), advanced as (${ADVANCE} returning id) select pg_notify($8, $9) from advanced`,
);

const inOnes = new Map<string, { readonly name: string; readonly text: string }>();

/**
 * Several statements as one, which costs the server and us a fraction of what they cost one by one.
 * @param first PostgreSQL runs this one before the others; none may see what another one writes
 */
export function inOne(first: QueryConfig, others: readonly QueryConfig[]): QueryConfig {
  if (others.length === 0) return first;
  const all = [...others, first];
  const shape = all.map(({ name }) => name).join(' ');
  let known = inOnes.get(shape);
  if (known === undefined) {
    let before = 0;
    const texts = all.map(({ text, values = [] }) => {
      const shift = before;
      before += values.length;
      return text.replaceAll(/\$(\d+)/g, (_, number) => `$${Number(number) + shift}`);
    });
    const last = (texts.pop() ?? '').replace(/^with /, ', ');
    const parts = texts.map((text, index) => `part_${index} as (${text})`);
    known = { name: `countersign_write_${inOnes.size}`, text: `with ${parts.join(', ')} ${last}` };
    inOnes.set(shape, known);
  }
  return { ...known, values: all.flatMap(({ values = [] }) => values) };
}

export const insertCheckpoint = prepared<[size: number, head: string, at: number, signature: string]>(
  'checkpoint',
  `with signed as (insert into checkpoints (size, head, at, signature) values ($1, $2, $3, $4) returning size, head)
   update log_end set checkpoint_size = signed.size, checkpoint_head = signed.head from signed where log_end.id = 1`,
);

export const probe = prepared<[now: string]>(
  'probe',
  `insert into meta (name, value) values ('probed_at', $1) on conflict (name) do update set value = excluded.value`,
);

/** A claim that ran out is over; its attempt may have begun, so it counts as one. */
export const endExpired = prepared<[]>(
  'expired',
  `update deliveries set leased_until = null, fence = fence + 1, attempts = attempts + 1
   where leased_until is not null and leased_until < ${CLOCK}`,
);

/** One of each free target, the longest due first. The unique index on leased targets has the last word. */
export const claim = prepared<[now: number, limit: number, leaseMs: number]>(
  'claim',
  `with recursive ${TARGETS}, heads as (
     select h.seq from free cross join lateral (
       select d.seq, d.due_at from deliveries d
       where d.target = free.target and d.${WAITING} and d.due_at <= $1 and ${UNBLOCKED}
       order by d.due_at, d.seq limit 1) h
     order by h.due_at, h.seq limit $2
   ), locked as (
     select l.seq from heads cross join lateral (
       select d.seq from deliveries d
       where d.seq = heads.seq and d.state || '' in ('queued', 'failed') and d.leased_until is null
       for update skip locked) l
   )
   update deliveries d set leased_until = ${CLOCK} + $3, fence = d.fence + 1
   from locked where d.seq = locked.seq returning ${DELIVERY}`,
);

export const renew = prepared<[ids: Texts, fences: Numbers, leaseMs: number]>(
  'renew',
  `update deliveries d set leased_until = ${CLOCK} + $3
   from unnest($1::text[], $2::bigint[]) as w(id, fence)
   where d.id = w.id and d.fence = w.fence and d.leased_until is not null`,
);

export const release = prepared<[ids: Texts, fences: Numbers]>(
  'release',
  `update deliveries d set leased_until = null, attempts = d.attempts + 1
   from unnest($1::text[], $2::bigint[]) as w(id, fence)
   where d.id = w.id and d.fence = w.fence and d.leased_until is not null`,
);

export const nextDelivery = prepared<[]>(
  'next_delivery',
  `with recursive ${TARGETS}
   select min(h.due_at) as due_at from free cross join lateral (
     select d.due_at from deliveries d where d.target = free.target and d.${WAITING} and ${UNBLOCKED}
     order by d.due_at, d.seq limit 1) h`,
);

export const leased = prepared<[]>('leased', `select seq, fence, state from deliveries where leased_until is not null`);

/** Those that another replica decides at this moment are left to it. */
export const due = prepared<[now: number, limit: number]>(
  'due',
  `select id from requests where due_at <= $1 order by due_at, id limit $2 for no key update skip locked`,
);

export const dueReadOnly = prepared<[now: number, limit: number]>(
  'due_read_only',
  `select id from requests where due_at <= $1 order by due_at, id limit $2`,
);

export const nextDue = prepared<[]>(
  'next_due',
  'select due_at from requests where due_at is not null order by due_at limit 1',
);

export const eventsOf = prepared<[id: string, afterVersion: number]>(
  'events_of',
  `select seq, request_id, version, type, at, data, hash from events
   where request_id = $1 and version > $2 order by version`,
);

export const eventsOfEach = prepared<[ids: Texts, afterVersions: Numbers]>(
  'events_of_each',
  `select e.seq, e.request_id, e.version, e.type, e.at, e.data, e.hash
   from unnest($1::text[], $2::bigint[]) as w(id, after)
   join events e on e.request_id = w.id and e.version > w.after order by e.seq`,
);

export const eventsAfter = prepared<[position: number, limit: number]>(
  'events_after',
  'select seq, request_id, version from events where seq > $1 order by seq limit $2',
);

export const counts = prepared<[]>(
  'counts',
  `select t.pending, t.queued, t.failed, t.sent, t.dead,
     (select opened_at from requests where status = 'pending' order by id limit 1) as oldest_pending_at,
     (select due_at from requests where due_at is not null order by due_at limit 1) as next_due_at
   from tallies t where t.id = 1`,
);

export const logEnd = prepared<[]>('log_end_seen', 'select position, checkpoint_size from log_end where id = 1');

export const time = prepared<[]>('time', `select ${CLOCK} as now`);
