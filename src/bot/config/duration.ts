/** src/bot/config/duration.ts: spans of time as people write them, in the config and in request bodies. */

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Ten years: longer waits are mistakes, and sums stay far from what a number can hold. */
const MAX_MS = 3650 * 86_400_000;

/** What a duration may look like, for error messages. */
export const DURATION_FORM = 'must be a duration like "90s", "30m", "24h", "7d" or "PT24H", at most ten years';

/**
 * Milliseconds of "90s" "30m" "24h" "7d", ISO 8601 ("PT24H", "P1DT2H") or a number of seconds.
 * Null for anything else, for nothing at all (0) and for more than ten years.
 */
export function parseDuration(text: unknown): number | null {
  if (typeof text === 'number') return bounded(text * 1000);
  if (typeof text !== 'string' || text.length > 40) return null;
  const short = /^(\d{1,9}(?:\.\d{1,3})?)([smhd])$/.exec(text);
  if (short !== null) return bounded(Number(short[1]) * (UNITS[short[2] ?? ''] ?? Number.NaN));
  const number = '\\d{1,9}(?:\\.\\d{1,3})?';
  const iso = new RegExp(
    `^P(?:(${number})W)?(?:(${number})D)?(?:T(?:(${number})H)?(?:(${number})M)?(?:(${number})S)?)?$`,
  );
  const parts = iso.exec(text);
  if (parts === null || text.endsWith('T')) return null;
  const [weeks, days, hours, minutes, seconds] = parts.slice(1).map((part: string | undefined) => Number(part ?? 0));
  return bounded(
    ((weeks ?? 0) * 7 + (days ?? 0)) * 86_400_000 + ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000,
  );
}

function bounded(ms: number): number | null {
  return Number.isFinite(ms) && ms >= 1 && ms <= MAX_MS ? Math.round(ms) : null;
}
