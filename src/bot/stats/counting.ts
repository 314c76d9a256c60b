/**
 * src/bot/stats/counting.ts: when the figures are counted: after each tick, in turns with pauses between them, so that
 * a first start on a long log leaves most of the time to requests.
 */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../clock.ts';
import type { Timers } from '../dispatch/timers.ts';
import { SAVE_MS, TURN_EVENTS } from './limits.ts';
import type { Projection } from './projection.ts';

/** Between two turns, while there is more: at least this long, and three times as long as the turn took. */
const PAUSE_MS = 100;
const PAUSE_FACTOR = 3;

export interface Counting {
  /** Counts what is new, soon; returns at once. */
  wake(): void;
  /** Writes down what was counted, and counts no more. */
  stop(): Promise<void>;
}

export interface CountingParts {
  readonly projection: Pick<Projection, 'advance' | 'save'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: { warn(fields: object, message: string): void };
}

export function startCounting({ projection, clock, timers, log }: CountingParts): Counting {
  let running: Promise<void> | null = null;
  let cancelPause: (() => void) | null = null;
  let hasStopped = false;
  let isWoken = false;
  let savedAt = clock();

  async function turn(): Promise<void> {
    const began = performance.now();
    isWoken = false;
    try {
      const hasMore = await projection.advance(TURN_EVENTS);
      if (clock() - savedAt >= SAVE_MS) {
        savedAt = clock();
        await projection.save();
      }
      if (hasMore && !hasStopped) {
        const pauseMs = Math.max(PAUSE_MS, PAUSE_FACTOR * (performance.now() - began));
        cancelPause = timers.after(pauseMs, () => {
          cancelPause = null;
          wake();
        });
      }
    } catch (error) {
      log.warn({ err: error }, 'the figures could not be counted; the next tick tries again');
    }
    running = null;
    if (isWoken) wake();
  }

  function wake(): void {
    if (hasStopped || cancelPause !== null) return;
    if (running === null) running = turn();
    else isWoken = true;
  }

  return {
    wake,
    async stop() {
      hasStopped = true;
      cancelPause?.();
      await running;
      try {
        await projection.save();
      } catch (error) {
        log.warn(
          { err: error },
          'the newest figures were not written down; they are counted again after the next start',
        );
      }
    },
  };
}
