/** src/adapters/directory/limits.ts: every bound of a directory that is asked over HTTP. */

/** One asking, from the lookup to the last byte: a schedule that takes longer is no answer. */
export const DIRECTORY_TIMEOUT_MS = 10_000;
/** Longest answer, in bytes. */
export const DIRECTORY_ANSWER_BYTES = 1_048_576;
/** Members of one group. */
export const DIRECTORY_MEMBERS = 5_000;
/** Longest name, address or reference of a member. */
export const DIRECTORY_MEMBER_LENGTH = 300;
