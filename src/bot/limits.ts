/** src/bot/limits.ts: every bound of the HTTP interface, in one place. docs/limits.md lists them for users. */

/** Bytes of a request body. */
export const BODY_BYTES = 256 * 1024;
/** How deep JSON may nest. */
export const JSON_DEPTH = 32;
/** Seconds that a long-poll may ask for. */
export const WAIT_SECONDS = 300;
/** Long-polls, event streams and live pages at once. */
export const WAITERS = 20_000;
/** Of these, long-polls and event streams of one pipeline. */
export const WAITERS_PER_PIPELINE = 12_000;
/** Bytes that may wait for the reader of an event stream before it is dropped. */
export const STREAM_BACKLOG = 256 * 1024;
/** Milliseconds between comment lines that keep an idle stream open through proxies. */
export const KEEP_ALIVE_MS = 15_000;
/** Rows of a page of a list. */
export const PAGE = { default: 50, max: 200 } as const;
/** Characters of an idempotency key. */
export const KEY_LENGTH = 255;
/** Failed authentications of one address in a minute, before it is answered 429. */
export const FAILED_AUTH_PER_MINUTE = 60;
/** Simulations of one pipeline in a minute, before it is answered 429: each plays a request to its end. */
export const SIMULATIONS_PER_MINUTE = 60;
/** Turns of the event loop for which a call waits while others connect; a turn in which nothing else happens takes 0.2 ms. */
export const NEWCOMER_TURNS = 64;
/** How long a stop waits for what is under way. */
export const STOP_MS = 10_000;
/** How much of it a file of checkpoints may take. */
export const CHECKPOINT_WAIT_MS = 1_000;
export const TEXT = {
  title: 300,
  description: 20_000,
  label: 200,
  value: 3_000,
  reason: 3_000,
  comment: 10_000,
  /** Of a notice: what is longer stands on the request's page. */
  sentence: 1_000,
  /** Of what is quoted of a reason or a comment in the thread under a message. */
  quote: 300,
  url: 2_000,
} as const;
export const COUNT = { fields: 50, artifacts: 50 } as const;
