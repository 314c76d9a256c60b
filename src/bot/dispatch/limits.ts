/** src/bot/dispatch/limits.ts: every bound of the dispatcher, in one place. */
import type { DeliveryKind } from '../../store/port.ts';

/** Deliveries that this process holds at once, waiting for their turn included. */
export const CLAIMED = 128;
/** How long bringing a message up to date waits while people click, and how often it looks. */
export const YIELD_MS = { most: 250, step: 25 } as const;
/** Calls under way at once through one channel (slack, email, callback, …), so that none starves another. */
export const CALLS_PER_CHANNEL = 64;
/** One attempt, looking for an earlier message included. */
export const ATTEMPT_TIMEOUT_MS = 15_000;
/** Longest sleep of the loop's one timer; a timer of Node's above 24.8 days fires at once. */
export const TIMER_CAP_MS = 60_000;
/** When the next delivery is due but another one to the same target, maybe of another process, is under way. */
export const RECHECK_MS = 1_000;
/** After the calls that outlived a stop's grace were ended: time to write that down. */
export const ABANDON_MS = 1_000;
/** Tries of a delivery whose sender fails in a way nobody foresaw, before it is parked as dead. */
export const UNFORESEEN_TRIES = 3;
/** Tries to write down how a delivery ended while the store itself is able, before it is parked as dead. */
export const SETTLE_TRIES = 5;
/** Pauses while the store is unavailable: doubled each time from the first to the last. */
export const STORE_PAUSE_MS = { first: 250, last: 30_000 } as const;
/** Length of an error's text in the store and the log. */
export const ERROR_LENGTH = 200;

const S = 1_000;
const M = 60 * S;
const H = 60 * M;

/**
 * Pauses before the second, third, … try. The pipeline's are those of Standard Webhooks (10 tries in about three days);
 * people's end after six hours, when another reminder is worth more than an old message.
 */
export const SCHEDULES: Readonly<Record<DeliveryKind, readonly number[]>> = (() => {
  const pipeline = [5 * S, 5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H];
  const people = [1 * S, 2 * S, 5 * S, 15 * S, 1 * M, 5 * M, 15 * M, H, H, H, H, H];
  return { callback: pipeline, action: pipeline, surface: people, notice: people };
})();
/** No pause is shorter, whatever the jitter says. */
export const LEAST_PAUSE_MS = 1 * S;
/** A `Retry-After` counts up to here: an endpoint can't put itself off for ever. */
export const RETRY_AFTER_CAP_MS: Readonly<Record<DeliveryKind, number>> = {
  callback: 24 * H,
  action: 24 * H,
  surface: H,
  notice: H,
};
