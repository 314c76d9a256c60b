/** src/bot/gate-tests/moments.ts: spans and moments as tests write them, and as their results show them. */
import type { Instant } from '../../engine/definition.ts';
import { isDate, parseDuration } from '../config/index.ts';

export const MOMENT_FORM =
  'must be a time since the opening like "+1h" or "1d 4h", or a moment like 2026-03-02T09:00:00Z';
export const SPAN_FORM = 'must be a time since the opening like "10m", "1d 4h" or 90 (seconds)';

/** Milliseconds of "10m", "+10m", "1d 4h", "PT10M", a number of seconds, or 0; null for anything else. */
export function spanOf(text: string | number): number | null {
  if (text === 0) return 0;
  if (typeof text === 'number') return parseDuration(text);
  const words = text.trim().replace(/^\+/, '').trim().split(/\s+/);
  let sum = 0;
  for (const word of words) {
    const ms = /^0[smhd]?$/.test(word) ? 0 : parseDuration(word);
    if (ms === null) return null;
    sum += ms;
  }
  return sum;
}

/** An RFC 3339 time; the seconds may be left out. Null for anything else. */
export function instantOf(text: string): Instant | null {
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const instant = isTime && isDate(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? null : instant;
}

/** A span counts from `from`. */
export function momentOf(text: string | number, from: Instant): Instant | null {
  const instant = typeof text === 'string' ? instantOf(text) : null;
  if (instant !== null) return instant;
  const span = spanOf(text);
  return span === null ? null : from + span;
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
] as const;

/** "+1d 4h", "+0": what a test may write; with a minus before the opening. */
export function offsetText(at: Instant, from: Instant): string {
  let rest = Math.abs(at - from);
  const parts: string[] = [];
  for (const [ms, unit] of UNITS) {
    const count = Math.floor(rest / ms);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * ms;
  }
  if (rest > 0) parts.push(`${rest / 1000}s`);
  return parts.length === 0 ? '+0' : `${at < from ? '−' : '+'}${parts.join(' ')}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "Mon 2 Mar 2026 09:00 UTC"; seconds only where there are some. */
export function clockText(at: Instant): string {
  const date = new Date(at);
  const day = `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  const time = date.toISOString().slice(11, at % 60_000 === 0 ? 16 : at % 1000 === 0 ? 19 : 23);
  return `${day} ${time} UTC`;
}

/** "+1h (Mon 2 Mar 2026 10:00 UTC)". */
export const momentText = (at: Instant, from: Instant): string => `${offsetText(at, from)} (${clockText(at)})`;
