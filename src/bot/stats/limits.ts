/** src/bot/stats/limits.ts: every bound of the figures, in one place. docs/limits.md lists them for users. */

/** ISO weeks kept, the current one among them: a year and a week. */
export const WEEKS = 53;
/** Gates and people of one week; who comes after them is counted as left out. */
export const GATES = 1_000;
export const PEOPLE = 5_000;
/** Events counted in one turn; then the process has a pause. */
export const TURN_EVENTS = 2_000;
/** Events read at once: an opening may weigh 256 KiB. */
export const PAGE_EVENTS = 100;
/** Events of one request that are walked through; of a longer trail only the outcome counts. */
export const TRAIL_EVENTS = 10_000;
/** Milliseconds between writing down what was counted: what a crash forgets is counted again. */
export const SAVE_MS = 60_000;
/** Weeks held in memory between turns; more than these are written down sooner. */
export const HELD_WEEKS = 4;
/** Rows (a gate or a person in a week) of one answer. */
export const ROWS = 20_000;
/** Milliseconds within which a vote counts as a quick one. */
export const QUICK_MS = 5_000;
