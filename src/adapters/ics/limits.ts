/** src/adapters/ics/limits.ts: every bound of a calendar that is read from elsewhere, in one place. */

/** Bytes of a calendar. What is longer is cut off and refused. */
export const FEED_BYTES = 5 * 1024 * 1024;
/** From the first lookup to the last byte. */
export const FETCH_MS = 10_000;
/** Events of a calendar. */
export const EVENTS = 20_000;
/** Times away that are taken from one calendar, repetitions counted singly. */
export const INSTANCES = 500;
/** How far back and ahead a calendar is read: repetitions have no end. */
export const WINDOW_BEFORE_MS = 86_400_000;
export const WINDOW_AFTER_MS = 60 * 86_400_000;
/** Characters of what is kept of one event, or of a definition of a time zone. */
export const EVENT_LENGTH = 64 * 1024;
/** Steps of one repetition, also those that lead to nothing. Years without a count are skipped, so that few are needed. */
export const STEPS = 5_000;
/** The longest step of a repetition, in its own unit. */
export const INTERVAL = 1_000;
/** Computing time for one calendar; it is spent in short turns, so that nothing else waits. */
export const COMPUTE_MS = 2_000;
export const TURN_MS = 8;
export const LINES_A_TURN = 1_000;
/** Definitions of time zones in one calendar, and their parts in one definition. */
export const ZONES = 100;
export const ZONE_PARTS = 100;
/** Years that dates are taken from. */
export const FIRST_YEAR = 1900;
export const LAST_YEAR = 2200;
