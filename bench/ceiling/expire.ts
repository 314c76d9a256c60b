/**
 * bench/ceiling/expire.ts: the least that ends requests whose time is over, in the same tables: find them, close each
 * row and write its event, five hundred in one `synchronous=FULL` commit. No state is read, no rule asked.
 */
import { performance } from 'node:perf_hooks';
import Sqlite from 'better-sqlite3';

const [file = ''] = process.argv.slice(2);
const db = new Sqlite(file);
for (const pragma of ['synchronous = FULL', 'cache_size = -16384', 'wal_autocheckpoint = 10000', 'foreign_keys = OFF'])
  db.pragma(pragma);
const due = db.prepare<[number], { id: string }>(
  'select id from requests where due_at <= ? order by due_at, id limit 500',
);
const close = db.prepare("update requests set status = 'rejected', version = version + 1, due_at = null where id = ?");
const insertEvent = db.prepare("insert into events values (null, ?, 2, 'closed', ?, ?, 'none')");

function expire(now: number): { readonly count: number; readonly ms: number } {
  const began = performance.now();
  let count = 0;
  for (;;) {
    const found = due.all(now);
    if (found.length === 0) return { count, ms: performance.now() - began };
    db.exec('begin immediate');
    for (const { id } of found) {
      close.run(id);
      insertEvent.run(id, now, JSON.stringify({ type: 'closed', at: now, status: 'rejected', cause: 'timeout' }));
    }
    db.exec('commit');
    count += found.length;
  }
}

process.on('message', (question: { readonly expire?: number }) => {
  if (question.expire !== undefined) process.send?.({ expired: expire(question.expire) });
});
process.channel?.ref(); // nothing else keeps it running between questions
process.once('SIGTERM', () => {
  db.close();
  process.exit(0);
});
process.send?.({ ready: 'expire' });
