/** src/adapters/teams/inbound/limits.ts: every bound of what Teams may send us and how long it waits for an answer. */

/** Bytes of a call. A card's inputs come back whole; botbuilder's samples allow 100 kB, which a long form can pass. */
export const BODY_BYTES = 1024 * 1024;
/** Seconds that a token may be past its end or before its beginning, as the SDK has it. */
export const CLOCK_SKEW_SECONDS = 300;
/** Of a token's text; Microsoft's have about 1,000 characters. */
export const TOKEN_LENGTH = 8_000;
/** How long a token that was proven is taken without looking at its signature again. */
export const PROOF_MS = 5 * 60_000;
/** Tokens remembered as proven, and keys that they were signed by; Teams has one or two in use. */
export const PROOFS = 100;
/** How long the keys of Microsoft's login service may take, when they are not known yet; and the pause where they could not be had. */
export const AUTHENTICATION_MS = 2_000;
/**
 * What is left of the five seconds in which every click is answered. Teams itself gives up after ten to fifteen, and
 * then delivers again: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
 */
export const PATIENCE_MS = 2_500;
/** Activities remembered at once, for as long as their token could be used again. */
export const REMEMBERED = 100_000;
/** Longest life of a token that is taken into account; Microsoft's live for an hour, or a day with a managed identity. */
export const LONGEST_TOKEN_MS = 25 * 3_600_000;
/** The same click in another delivery: some clients and the service send one again under a new id. */
export const SAME_CLICK_MS = 20_000;
/** An installation that is told of twice is greeted once. */
export const WELCOME_MS = 10 * 60_000;
/** How long a stop waits for what is under way. */
export const DRAIN_MS = 8_000;
/** Characters of a typed command, markup and all. */
export const TEXT_LENGTH = 28_000;
