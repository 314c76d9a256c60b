/** src/bot/dispatch/retry.ts: when a delivery that failed is tried again, and what is written down about why. */
import type { DeliveryKind } from '../../store/port.ts';
import { ERROR_LENGTH, LEAST_PAUSE_MS, RETRY_AFTER_CAP_MS, SCHEDULES, STORE_PAUSE_MS } from './limits.ts';

/** A number from 0 up to, not including, 1. */
export type Random = () => number;

/**
 * The pause before the next try, or null when `tries` was the last.
 * Jittered over the whole way from the step before to this one, so that an endpoint that comes back isn't met by
 * everybody at once, and the sum of all pauses still spans days. A Retry-After only ever makes it longer.
 */
export function pauseBeforeRetry(
  kind: DeliveryKind,
  tries: number,
  retryAfterMs: number | null,
  random: Random,
): number | null {
  const schedule = SCHEDULES[kind];
  const longest = schedule[tries - 1];
  if (longest === undefined) return null;
  const before = schedule[tries - 2] ?? 0;
  const shortest = Math.max(LEAST_PAUSE_MS, before < longest ? before : longest / 2);
  const pause = shortest + random() * Math.max(0, longest - shortest);
  if (retryAfterMs === null) return Math.round(pause);
  const asked = Math.min(retryAfterMs, RETRY_AFTER_CAP_MS[kind]);
  return Math.round(Math.max(pause, asked + random() * LEAST_PAUSE_MS));
}

/** While the store is away; `failures` counts from 1. */
export function pauseForStore(failures: number, random: Random): number {
  const longest = Math.min(STORE_PAUSE_MS.last, STORE_PAUSE_MS.first * 2 ** Math.min(failures, 20));
  return Math.round(longest / 2 + (random() * longest) / 2);
}

/** Adapters promise short texts without secrets; this holds if one slips. */
export function shorten(text: string): string {
  return text
    .replace(/(\bhttps?:\/\/)[^\s/?#]*@/gi, '$1')
    .replace(/(\bhttps?:\/\/[^\s?#]*)[?#]\S*/gi, '$1')
    .replace(/\p{C}+/gu, ' ')
    .slice(0, ERROR_LENGTH)
    .trim();
}

/** For the log only: the system's code (`ECONNREFUSED`) or the class of what was behind an error, never its text. */
export function causeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return undefined;
  return 'code' in error.cause && typeof error.cause.code === 'string' ? error.cause.code : error.cause.name;
}

/** Where an unforeseen error came from: its frames without its text, which may quote what must not be logged. */
export function framesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 5)
    .map((line) => line.trim());
}
