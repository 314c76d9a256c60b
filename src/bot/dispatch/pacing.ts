/**
 * src/bot/dispatch/pacing.ts: who may call now. Keeps a channel's least pause between two calls to one target, and
 * bounds the calls under way through one channel, so that hanging endpoints of one kind don't hold up another kind.
 */
import { CALLS_PER_CHANNEL } from './limits.ts';
import type { Timers } from './timers.ts';

export interface Pacing {
  /** Waits for its turn. Resolves with what gives the place back, or with null when `stop` came first. */
  enter(channel: string, target: string, intervalMs: number, stop: AbortSignal): Promise<(() => void) | null>;
}

interface Lane {
  calls: number;
  readonly waiting: (() => void)[];
}

/** Targets whose pause may be over are forgotten whenever this many are known. */
const REMEMBERED = 1_000;

export function createPacing(clock: () => number, timers: Timers): Pacing {
  const lanes = new Map<string, Lane>();
  const freeAt = new Map<string, number>();

  function waitUntil(at: number, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        stop.removeEventListener('abort', done);
        resolve();
      };
      const cancel = timers.after(Math.max(0, at - clock()), done);
      stop.addEventListener('abort', done);
    });
  }

  function waitFor(lane: Lane, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        const place = lane.waiting.indexOf(done);
        if (place >= 0) lane.waiting.splice(place, 1);
        resolve();
      };
      lane.waiting.push(done);
      stop.addEventListener('abort', giveUp, { once: true });
    });
  }

  function remember(target: string, at: number): void {
    if (freeAt.size >= REMEMBERED) for (const [known, free] of freeAt) if (free <= clock()) freeAt.delete(known);
    freeAt.set(target, at);
  }

  return {
    async enter(channel, target, intervalMs, stop) {
      const free = freeAt.get(target) ?? 0;
      if (free > clock() && !stop.aborted) await waitUntil(free, stop);
      const lane = lanes.get(channel) ?? { calls: 0, waiting: [] };
      lanes.set(channel, lane);
      while (lane.calls >= CALLS_PER_CHANNEL && !stop.aborted) await waitFor(lane, stop);
      if (stop.aborted) return null;
      lane.calls += 1;
      if (intervalMs > 0) remember(target, clock() + intervalMs);
      return () => {
        lane.calls -= 1;
        lane.waiting.shift()?.();
      };
    },
  };
}
