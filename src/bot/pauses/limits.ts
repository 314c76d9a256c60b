/** src/bot/pauses/limits.ts: every bound of pausing, in one place. docs/limits.md lists them for users. */

/** Pauses of the house that are in force at once: each decision looks at all of them. */
export const PAUSES_IN_FORCE = 100;
/** Pauses kept in all, those that ended included; the oldest of these give way. */
export const PAUSES_KEPT = 5_000;
/** How long an ended pause stays in the history. */
export const ENDED_KEPT_MS = 400 * 86_400_000;
/** Requests that the sweep brings in line in one turn, and so in one durable commit. */
export const SWEPT_AT_ONCE = 200;
/** At a start, pauses that ended so lately are swept once more: a replica that died may have been the last to hear of it. */
export const SWEPT_AGAIN_MS = 3_600_000;
