/**
 * bench/seed-postgres.ts: a PostgreSQL database with many requests, made within minutes: the bot opens two as it always
 * does and has one of them approved, and their rows are copied inside the database, each copy with an id of its own. The
 * copies' hashes are the originals', so that only `audit verify` could tell them from requests that were opened.
 */
import { join } from 'node:path';
import pg from 'pg';
import { startBot } from './processes.ts';
import { gates, smallBody, TOKEN, voteBody } from './traffic.ts';

export interface Seeding {
  readonly folder: string;
  /** Of an empty database. */
  readonly url: string;
  /** Of each: so many that wait, and as many that were approved, in turn. */
  readonly count: number;
  /** Of those that wait, the oldest come in groups that `expire` can let expire. */
  readonly groups: number;
  readonly groupSize: number;
}

export interface Seeded {
  /** Moves the deadlines of a group into the past. */
  expire(group: number): Promise<void>;
  close(): Promise<void>;
}

const CHUNK = 100_000;
const MONTH_MS = 30 * 86_400_000;
/** A sortable id for the i-th copy, as in bench/seed.ts. */
const ID = `'req_' || lpad(to_hex($1::bigint + i / 100), 12, '0') || '7' || lpad(to_hex(i % 100), 3, '0') || '8'
  || lpad(to_hex(i), 15, '0')`;

export async function seedPostgres({ folder, url, count, groups, groupSize }: Seeding): Promise<Seeded> {
  const began = Date.now();
  await openTwo(folder, url);
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the server is stopped under it at the end
  await client.connect();
  await client.query(`set synchronous_commit = off; set maintenance_work_mem = '256MB'`);
  const { rows } = await client.query<{ id: string; version: string; due_at: string | null }>(
    'select id, version, due_at from requests order by status desc',
  );
  const [waiting, approved] = rows;
  if (waiting === undefined || approved === undefined) throw new Error('the originals are missing');
  for (let from = 0; from < count; from += CHUNK) {
    const to = Math.min(count, from + CHUNK) - 1;
    await copy(client, { original: waiting.id, due: waiting.due_at, began, from, to, isOdd: 0 });
    await copy(client, { original: approved.id, due: null, began, from, to, isOdd: 1 });
  }
  await client.query(`
    update log_end set position = (select max(seq) from events), delivery = coalesce((select max(seq) from deliveries), 0),
      checkpoint_size = (select max(seq) from events);
    update tallies set pending = (select count(*) from requests where status = 'pending'),
      sent = (select count(*) from deliveries)`);
  // As autovacuum does by and by.
  await client.query('vacuum analyze');
  return {
    async expire(group) {
      const range = `select ${ID} as id, $1::bigint + ${MONTH_MS} + i as due from generate_series($2::bigint, $3::bigint, 2) as i`;
      if (group >= groups) throw new Error(`there are ${groups} groups`);
      const first = 2 * group * groupSize;
      const values = [began, first, first + 2 * (groupSize - 1)];
      await client.query(`update requests r set due_at = 1 from (${range}) g where r.id = g.id`, values);
      await client.query(
        `update events e set data = replace(e.data, '"expiresAt":' || g.due, '"expiresAt":1')
         from (${range}) g where e.request_id = g.id and e.version = 1`,
        values,
      );
    },
    close: () => client.end(),
  };
}

async function openTwo(folder: string, url: string): Promise<void> {
  const bot = await startBot({
    folder: join(folder, 'originals'),
    channel: 'none',
    gates: gates(),
    env: { DATABASE_URL: url },
  });
  const post = async (path: string, body: string): Promise<{ readonly id: string }> => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const answer = await fetch(bot.url + path, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    const opened: { readonly id: string } = JSON.parse(await answer.text());
    return opened;
  };
  await post('/v1/requests', smallBody('deploy-staging'));
  const { id } = await post('/v1/requests', smallBody('deploy-staging'));
  await post(`/v1/requests/${id}/votes`, voteBody('ana'));
  await bot.stop();
}

interface Copying {
  readonly original: string;
  readonly due: string | null;
  readonly began: number;
  readonly from: number;
  readonly to: number;
  /** Copies take every other id. */
  readonly isOdd: 0 | 1;
}

/** All rows of one original, so often. */
async function copy(client: pg.Client, { original, due, began, from, to, isOdd }: Copying): Promise<void> {
  const series = `(select ${ID} as new_id, i, $1::bigint + ${MONTH_MS} + i as new_due
    from generate_series(2 * $2::bigint + ${isOdd}, 2 * $3::bigint + ${isOdd}, 2) as i) as n`;
  const renamed = (text: string): string =>
    `replace(replace(${text}, '${original}', n.new_id), '"expiresAt":${due}', '"expiresAt":' || n.new_due)`;
  const values = [began, from, to];
  await client.query(
    `insert into requests (id, pipeline, gate, status, version, title, requester, supersedes_key, opened_at, due_at,
       definition, asked, hash, progress)
     select n.new_id, pipeline, gate, status, version, title, requester, supersedes_key, opened_at,
       ${due === null ? 'null' : 'n.new_due'}, definition, asked, hash, ${renamed('progress')}
     from requests r cross join ${series} where r.id = '${original}' order by n.i`,
    values,
  );
  await client.query(
    `insert into events (seq, request_id, version, type, at, data, hash)
     select 1000 + n.i * 4 + version, n.new_id, version, type, at, ${renamed('data')}, hash
     from events e cross join ${series} where e.request_id = '${original}' order by n.i, version`,
    values,
  );
  await client.query(
    `insert into asked (person, request_id)
     select person, n.new_id from asked a cross join ${series} where a.request_id = '${original}' order by n.i`,
    values,
  );
  await client.query(
    `insert into deliveries (seq, id, request_id, kind, channel, target, payload, due_at, state, attempts, created_at,
       shown_version, receipt)
     select 1000 + n.i, 'dlv_' || n.new_id, n.new_id, 'surface', 'slack', 'slack:C0BENCH', '{}', $1::bigint, 'sent', 1,
       $1::bigint, r.version, '{}'
     from requests r cross join ${series} where r.id = '${original}' order by n.i`,
    values,
  );
}
