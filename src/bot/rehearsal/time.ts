/** src/bot/rehearsal/time.ts: instants as a simulation reads and writes them. */
import type { Instant } from '../../engine/definition.ts';
import { parseDuration } from '../config/index.ts';

/** A rehearsal begins between these: what is further off is a slip, and may leave the years that RFC 3339 can write. */
const EARLIEST: Instant = Date.UTC(1970, 0, 1);
const LATEST: Instant = Date.UTC(3000, 0, 1);

export const TIME_FORM = 'must be a time like 2026-12-24T22:00:00Z before the year 3000, or +2h for so much later';

/** RFC 3339 in UTC, without a fraction of a second where there is none. */
export const timeOf = (at: Instant): string => new Date(at).toISOString().replace('.000Z', 'Z');

/** What TIME_FORM says; null for anything else. @param from what `+2h` counts from */
export function momentOf(text: string, from: Instant): Instant | null {
  const ms = text.startsWith('+') ? parseDuration(text.slice(1)) : null;
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = ms === null ? (isTime ? Date.parse(text) : Number.NaN) : from + ms;
  return at >= EARLIEST && at < LATEST ? at : null;
}
