/** src/bot/chat/limits.ts: every bound of what a chat may ask for, in one place. */

/** Requests of a page of a list: with their buttons they fit a Slack message of 50 blocks. */
export const CHAT_PAGE = 10;
/** Requests looked at for one page, for an id given in part, for one figure; what is beyond counts as "or more". */
export const LOOKED_AT = 1_000;
/** Requests that one command pauses, resumes or hands over. */
export const BATCH = 200;
/** Characters of a command: what Slack lets one type. */
export const LINE_LENGTH = 4_000;
/** Characters of an id that is given in part. */
export const LEAST_OF_ID = 6;
/** Candidates shown where an id in part fits several. */
export const CANDIDATES = 5;
/** How long a click waits for the reference of a message that is just being posted, and how often it looks. */
export const POSTING_WAIT_MS = 1_500;
export const POSTING_STEP_MS = 25;
/** Gates whose SLA `stats` tells; the others by name. */
export const STATS_GATES = 8;
