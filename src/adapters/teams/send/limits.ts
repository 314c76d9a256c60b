/** src/adapters/teams/send/limits.ts: every bound of what is sent to Teams and asked of it, in one place. */

/** Whoever waits for a call waits no longer. With a conversation to be created first, two of them fit into one attempt. */
export const CALL_TIMEOUT_MS = 10_000;
/**
 * A post that was waited for that long may still be taken: it is listened to for a while more, so that the next attempt
 * learns what became of it instead of posting a second time.
 */
export const POST_LIFE_MS = 30_000;
/** Of an answer; a page of 500 members has about 250,000. */
export const ANSWER_BYTES = 2 * 1024 * 1024;
export const CONNECTIONS = 64;

/**
 * At least between two calls to one conversation. Microsoft estimates 7 in a second, 8 in two, 60 in thirty and 1,800 in
 * an hour: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
export const MIN_INTERVAL_MS = 1_000;
/** Calls a second of one bot in one tenant: 50 by the page above, 30 by older versions of it. */
export const CALLS_PER_SECOND = 30;
/** A 404 for a message that is there is rare, and known: it is asked for once more. https://github.com/MicrosoftDocs/msteams-docs/issues/6139 */
export const LOOK_AGAIN_MS = 1_000;

/** A token is asked for anew so long before its end. */
export const TOKEN_MARGIN_MS = 5 * 60_000;
/** Of tokens that say no sense about their end. */
export const TOKEN_LIFE_MS = { least: 30_000, most: 24 * 3_600_000 } as const;

/** What was posted is remembered so long for an attempt that could not write it down: longer than all attempts take. */
export const REMEMBER_POST_MS = 2 * 24 * 3_600_000;
/** Conversations and accounts known in this process. */
export const REMEMBERED = 10_000;

/** Of a roster: Teams gives 500 at once, and no bot more than 10,000. */
export const ROSTER = { page: 500, pages: 20, freshMs: 4 * 60_000, validMs: 5 * 60_000 } as const;
/** A card is drawn without mentions and refreshes rather than waiting longer for the roster. */
export const ROSTER_PATIENCE_MS = 3_000;
/** And the roster that did not come is not asked for again so soon, for drawing alone. */
export const ROSTER_PAUSE_MS = 30_000;
