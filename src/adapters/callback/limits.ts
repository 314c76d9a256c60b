/** src/adapters/callback/limits.ts: every bound of an outgoing HTTP call, in one place. */

/** The whole call, from the first lookup to the answer's status line. Standard Webhooks asks for 15 to 30 s. */
export const CALL_TIMEOUT_MS = 15_000;
/** From the request's last byte to the answer's head. */
export const HEADERS_TIMEOUT_MS = 12_000;
/** The answer's body is worth nothing to us: it is read this far, so that the connection can be used again. */
export const ANSWER_LIMIT_BYTES = 16_384;
/** And for this long: the status line has already decided, and a slow body must not hold a place. */
export const ANSWER_TIMEOUT_MS = 1_000;
/** Connections to one origin at the same time; more calls wait for one of them. */
export const CONNECTIONS_PER_HOST = 8;
/** An unused connection is closed after this long. */
export const IDLE_CONNECTION_MS = 4_000;
/** A signing secret's key: Standard Webhooks asks for 24 to 64 bytes. */
export const SECRET_BYTES = { least: 24, most: 64 } as const;
/** Secrets in use at once: the old and the new one of a rotation, and room for a slip. */
export const SECRETS = 4;
