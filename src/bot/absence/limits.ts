/** src/bot/absence/limits.ts: every bound of what people say about being away, in one place. */

/** How far ahead an absence may begin, and how long it may last. */
export const LONGEST_MS = 366 * 86_400_000;
/** Absences of one person that are not over. */
export const PER_PERSON = 20;
/** How long an absence is remembered after its end, as history. */
export const HISTORY_MS = 90 * 86_400_000;
/** Past absences shown. */
export const PAST_SHOWN = 5;
/** People whom somebody stands in for, in one reply. */
export const NAMED = 20;
/** Pending requests that are resolved anew in one turn: after an absence, and at a tick. */
export const RESOLVED_A_TURN = 200;
/** Pending requests that are looked through after a start, the newest first. The others follow with their next reminder. */
export const RESOLVED_AT_START = 10_000;
/** How often a calendar is read. */
export const REFRESH_MS = 30 * 60_000;
/** And after it could not be. */
export const RETRY_MS = 5 * 60_000;
/** Both are moved by up to this part of them, so that calendars are not all asked at once. */
export const JITTER_PERCENT = 20;
/** Calendars that are read at the same time. */
export const AT_ONCE = 4;
/** How long what was read last counts while a calendar can't be read. */
export const STALE_MS = 86_400_000;
