/**
 * src/bot/stats/week.ts: ISO 8601 weeks, Monday to Sunday in UTC, written `2026-W47`. In UTC every week has 168 hours,
 * so that no change of clocks makes two figures overlap or leaves an hour out.
 */
import type { Instant } from '../../engine/definition.ts';

/** `2026-W47`; sorts as text in the order of time. */
export type Week = string;

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Monday, 5 January 1970. */
const FIRST_MONDAY = 4 * DAY_MS;

/** Weeks since the first Monday of 1970: what weeks are counted with. */
export const ordinalAt = (at: Instant): number => Math.floor((at - FIRST_MONDAY) / WEEK_MS);

export const startOf = (ordinal: number): Instant => FIRST_MONDAY + ordinal * WEEK_MS;

/** A week belongs to the year that its Thursday is in. */
export function weekOf(ordinal: number): Week {
  const thursday = startOf(ordinal) + 3 * DAY_MS;
  const year = new Date(thursday).getUTCFullYear();
  const number = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / WEEK_MS);
  return `${String(year).padStart(4, '0')}-W${String(number).padStart(2, '0')}`;
}

export const weekAt = (at: Instant): Week => weekOf(ordinalAt(at));

/** The ordinal of a week as it is written; null: there is no such week, like a 53rd in a year of 52. */
export function ordinalOf(week: string): number | null {
  const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(week) ?? [];
  if (year === undefined || number === undefined) return null;
  // 4 January is always in week 1.
  const ordinal = ordinalAt(Date.UTC(Number(year), 0, 4)) + Number(number) - 1;
  return weekOf(ordinal) === week ? ordinal : null;
}
