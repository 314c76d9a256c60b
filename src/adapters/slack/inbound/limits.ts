/** src/adapters/slack/inbound/limits.ts: every bound of what Slack may send us and how long it waits for an answer. */

/** Bytes of a call. A view of 250 kB (Slack's own limit) grows to three times that when it is form-encoded. */
export const BODY_BYTES = 1024 * 1024;
/** Seconds that a call's timestamp may be off, either way: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const CLOCK_SKEW_SECONDS = 300;
/** A call stamped in the future by all that is allowed could be replayed until it is past by as much. */
export const REPLAY_MEMORY_MS = 2 * CLOCK_SKEW_SECONDS * 1000;
/** Slack repeats an event at once, after one minute and after five. */
export const EVENT_MEMORY_MS = 10 * 60_000;
/** Accepted calls, and events, remembered at once: about 160 a second for the whole of the window. */
export const REMEMBERED = 100_000;
/** Slack shows an error after 3 s without an ack; the rest is for the way. */
export const PATIENCE_MS = 2_500;
/** Of a slash command: what is known by then is said in the ack, later it goes to the response URL. */
export const COMMAND_PATIENCE_MS = 2_000;
/** Of a post to a response URL. */
export const RESPOND_TIMEOUT_MS = 10_000;
/** From asking for a socket's address to Slack's hello. */
export const SOCKET_START_MS = 30_000;
/** Pauses between attempts to open a socket: doubled from the first to the last. */
export const SOCKET_BACKOFF_MS = { first: 1_000, most: 60_000 } as const;
/** A socket that closed sooner is a failure, not a renewal. */
export const SOCKET_SHORT_LIFE_MS = 10_000;
/** How long a stop waits for what is under way. */
export const DRAIN_MS = 8_000;
/** How long a stop waits for the socket's goodbye. */
export const GOODBYE_MS = 1_000;
