/** src/adapters/slack/send/limits.ts: every bound of what is sent to Slack, in one place. */

/** Of one call of the Web API: two of them fit into one attempt of the dispatcher. */
export const CALL_TIMEOUT_MS = 7_000;
/** Slack’s pace for messages: about one a second in each channel. https://docs.slack.dev/apis/web-api/rate-limits */
export const MIN_INTERVAL_MS = 1_000;
/** Asked for after a 429 that does not say how long, or `ratelimited` in an answer that is otherwise well. */
export const RATE_LIMIT_PAUSE_MS = 30_000;

/** Pauses between attempts to learn who a token belongs to: doubled from the first to the last. */
export const IDENTIFY_PAUSE_MS = { first: 1_000, last: 60_000 } as const;
/** A token that Slack refused is tried again so often: somebody may have installed the app anew. */
export const REFUSED_TOKEN_PAUSE_MS = 5 * 60_000;

/** Messages asked for at once when looking for one of ours, and how many such pages at most. */
export const FIND = { page: 200, pages: 5 } as const;
/** Slack’s clock against ours: a message may seem older than the request it shows. */
export const CLOCK_SKEW_MS = 5 * 60_000;
/** Direct messages whose conversation is remembered. */
export const REMEMBERED_CONVERSATIONS = 10_000;

/** Members of a user group count so long; after the first part of it they are asked for again while they still count. */
export const USERGROUP = { freshMs: 4 * 60_000, validMs: 5 * 60_000 } as const;
