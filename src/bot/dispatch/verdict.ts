/** src/bot/dispatch/verdict.ts: how an attempt that failed is written down: tried again at a time, or dead. */
import { RefusedError, UnavailableError } from '../../adapters/channel.ts';
import type { Instant } from '../../engine/definition.ts';
import { type Delivery, type Settlement, StoreUnavailableError } from '../../store/port.ts';
import { UNFORESEEN_TRIES } from './limits.ts';
import { pauseBeforeRetry, pauseForStore, type Random, shorten } from './retry.ts';

/** The reasons for which the dispatcher itself ends an attempt. */
export class AttemptTimeoutError extends Error {
  override readonly name = 'AttemptTimeoutError';
}
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

export interface Failure {
  readonly settlement: Exclude<Settlement, { kind: 'sent' }>;
  /** Nobody foresaw it: a bug here or in an adapter, or a row that can't be made sense of. */
  readonly isUnforeseen: boolean;
}

export interface Judge {
  /** @param error what the attempt threw, or the reason it was ended for. */
  failure(delivery: Delivery, error: unknown, now: Instant): Failure;
  /** The delivery ended: its unforeseen failures are forgotten. */
  forget(delivery: Delivery): void;
}

export function createJudge(random: Random): Judge {
  const unforeseen = new Map<string, number>();

  function later(delivery: Delivery, text: string, retryAfterMs: number | null, now: Instant): Failure['settlement'] {
    const pause = pauseBeforeRetry(delivery.kind, delivery.attempts + 1, retryAfterMs, random);
    return pause === null ? { kind: 'dead', error: text } : { kind: 'retry', at: now + pause, error: text };
  }

  return {
    failure(delivery, error, now) {
      const foreseen = (settlement: Failure['settlement']): Failure => ({ settlement, isUnforeseen: false });
      if (error instanceof RefusedError) return foreseen({ kind: 'dead', error: shorten(error.message) });
      if (error instanceof UnavailableError)
        return foreseen(later(delivery, shorten(error.message), error.retryAfterMs, now));
      if (error instanceof AttemptTimeoutError) return foreseen(later(delivery, 'no answer', null, now));
      if (error instanceof StoppedError) return foreseen({ kind: 'retry', at: now, error: 'stopped before the end' });
      if (error instanceof StoreUnavailableError)
        return foreseen({ kind: 'retry', at: now + pauseForStore(1, random), error: 'the store was not available' });
      const tries = (unforeseen.get(delivery.id) ?? 0) + 1;
      unforeseen.set(delivery.id, tries);
      const text = `unforeseen ${shorten(error instanceof Error ? error.name : typeof error)}`;
      const settlement: Failure['settlement'] =
        tries >= UNFORESEEN_TRIES ? { kind: 'dead', error: text } : later(delivery, text, null, now);
      return { settlement, isUnforeseen: true };
    },
    forget({ id }) {
      unforeseen.delete(id);
    },
  };
}
