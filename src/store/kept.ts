/** src/store/kept.ts: the small texts that are kept by name, found by how their names begin. Alike in both databases. */
import type { Kysely } from 'kysely';
import type { Instant } from '../engine/definition.ts';
import { type Database, KEPT_AT_ONCE } from './schema.ts';

/**
 * Those that are kept at `now` and begin with `prefix`, by name. Names are compared byte by byte in both databases
 * (SQLite's BINARY, PostgreSQL's "C"), so that the beginning is a range of the primary key, and no letter is a wildcard.
 */
export function listKept(db: Kysely<Database>, prefix: string, now: Instant) {
  const query = db
    .selectFrom('kept')
    .select(['name', 'value'])
    .where('name', '>=', prefix)
    .where((is) => is.or([is('until', 'is', null), is('until', '>', now)]))
    .orderBy('name')
    .limit(KEPT_AT_ONCE);
  const end = endOf(prefix);
  return (end === null ? query : query.where('name', '<', end)).execute();
}

/** The first text after all that begin with `prefix`; null: there is none. */
function endOf(prefix: string): string | null {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = (last.codePointAt(0) ?? 0) + 1;
    // Between these lie the surrogates, which are no characters.
    if (point === 0xd800) return `${points.join('')}\u{e000}`;
    if (point <= 0x10ffff) return points.join('') + String.fromCodePoint(point);
  }
  return null;
}
