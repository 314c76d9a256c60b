/** src/adapters/http/limits.ts: every bound of connections to addresses from the config or a request, and of what is read there. */

/** Lookup, TCP and TLS together. */
export const CONNECT_TIMEOUT_MS = 5_000;
/** Longest address that is accepted: the common limit of proxies and servers on the way. */
export const URL_LENGTH = 2_048;
/** Whole readings under way at one origin; more wait for one of them. */
export const READINGS_PER_HOST = 4;
