/**
 * bench/seed.ts: a database with many pending requests, made within seconds: the bot opens one as it always does, and
 * that one's rows are copied inside SQLite, each with an id and a deadline of its own. The copies' hashes are the
 * original's, so that only `audit verify` could tell them from requests that were opened.
 */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { startBot } from './processes.ts';
import { gates, smallBody, TOKEN } from './traffic.ts';

/** `count` requests whose deadlines begin at `at` and are `stepMs` apart. */
export interface Deadlines {
  readonly at: number;
  readonly stepMs: number;
  readonly count: number;
}

export interface Seeding {
  /** Of the database `countersign.db`. */
  readonly folder: string;
  /** In all, the original included. */
  readonly pending: number;
  /** The first ones' deadlines, in groups; the others' come in a month. */
  readonly deadlines?: readonly Deadlines[];
}

const CHUNK = 20_000;
const MONTH_MS = 30 * 86_400_000;

interface Original {
  readonly id: string;
  readonly due_at: number;
  readonly version: number;
}

/** @returns the ids of the first ones by deadline group */
export async function seed({ folder, pending, deadlines = [] }: Seeding): Promise<readonly (readonly string[])[]> {
  const bot = await startBot({ folder, channel: 'none', gates: gates() });
  const answer = await fetch(`${bot.url}/v1/requests`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: smallBody('deploy-staging'),
  });
  await bot.stop();
  if (answer.status !== 201) throw new Error(`the original could not be opened: ${await answer.text()}`);

  const began = Date.now();
  const groups: string[][] = deadlines.map(() => []);
  const idOf = (i: number): string => {
    const ms = (began + Math.floor(i / 100)).toString(16).padStart(12, '0');
    return `req_${ms}7${(i % 100).toString(16).padStart(3, '0')}8${i.toString(16).padStart(15, '0')}`;
  };
  const dueOf = (i: number): number => {
    let first = 0;
    for (const [group, { at, stepMs, count }] of deadlines.entries()) {
      if (i < first + count) {
        groups[group]?.push(idOf(i));
        return at + (i - first) * stepMs;
      }
      first += count;
    }
    return began + MONTH_MS + i;
  };
  const db = new Sqlite(join(folder, 'countersign.db'));
  try {
    for (const pragma of ['foreign_keys = OFF', 'journal_mode = OFF', 'synchronous = OFF', 'cache_size = -65536'])
      db.pragma(pragma);
    const original = db.prepare<[], Original>('select id, due_at, version from requests').get();
    if (original === undefined) throw new Error('the original is missing');
    const row = copying(db, 'requests', original, { id: 'text', due_at: 'number' });
    const event = copying(db, 'events', original, { request_id: 'text', seq: 'number' });
    const asked = copying(db, 'asked', original, { request_id: 'text' });
    const lastSeq = original.version;
    for (let from = 0; from < pending - 1; from += CHUNK) {
      db.exec('begin');
      for (let i = from; i < Math.min(from + CHUNK, pending - 1); i++) {
        const own = { id: idOf(i), due: dueOf(i), seq: lastSeq * (i + 2) };
        row.run(own);
        event.run(own);
        asked.run(own);
      }
      db.exec('commit');
      await nextTurn();
    }
    const signed = db.prepare("insert into checkpoints values (?, 'seeded', ?, 'seeded')");
    signed.run(lastSeq * pending, began); // else each start would read the hashes of the whole log
    db.prepare('update tallies set pending = ?').run(pending);
    db.pragma('journal_mode = WAL');
  } finally {
    db.close();
  }
  return groups;
}

/** Copies all of the original's rows in a table: what is named in `own` becomes the copy's, and texts name it. */
function copying(
  db: Sqlite.Database,
  table: string,
  { id, due_at, version }: Original,
  own: Readonly<Record<string, 'text' | 'number'>>,
): Sqlite.Statement<[{ readonly id: string; readonly due: number; readonly seq: number }]> {
  const columns = db.prepare<[], { name: string }>(`select name from pragma_table_info('${table}')`).all();
  const values = columns.map(({ name }) => {
    if (own[name] === 'text') return '@id';
    if (name === 'due_at') return '@due';
    if (name === 'seq') return `@seq - ${version} + version`;
    if (name === 'progress' || name === 'data')
      return `replace(replace(${name}, '${id}', @id), '"expiresAt":${due_at}', '"expiresAt":' || @due)`;
    return name;
  });
  const key = own.id === undefined ? 'request_id' : 'id';
  db.exec(`create temp table original_${table} as select * from ${table} where ${key} = '${id}'`);
  return db.prepare(
    `insert into ${table} (${columns.map(({ name }) => name).join(', ')})
      select ${values.join(', ')} from original_${table} where @id || @due || @seq is not null`,
  );
}
