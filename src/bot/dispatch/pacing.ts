/**
 * src/bot/dispatch/pacing.ts: who may call now. Keeps a channel's least pause between two calls to one place, and
 * bounds the calls under way through one channel, so that hanging endpoints of one kind don't hold up another kind.
 */
import { CALLS_PER_CHANNEL } from './limits.ts';
import type { Timers } from './timers.ts';

export interface Pacing {
  /**
   * Waits for its turn: first come, first served. Resolves with what gives the turn back, or with null when `stop` came
   * first.
   * @param target its place is what stands before a `#`: a channel and the threads in it share one pace
   */
  enter(channel: string, target: string, intervalMs: number, stop: AbortSignal): Promise<(() => void) | null>;
}

interface Lane {
  calls: number;
  readonly waiting: (() => void)[];
}

/** Places whose pause may be over are forgotten whenever this many are known. */
const REMEMBERED = 1_000;

export function createPacing(clock: () => number, timers: Timers): Pacing {
  const lanes = new Map<string, Lane>();
  /** When the next call to a place may begin, after those that have their turn already. */
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

  /** Takes the next turn at a place; answers when it comes. */
  function reserve(place: string, intervalMs: number): number {
    if (freeAt.size >= REMEMBERED) for (const [known, free] of freeAt) if (free <= clock()) freeAt.delete(known);
    const at = Math.max(clock(), freeAt.get(place) ?? 0);
    freeAt.set(place, at + intervalMs);
    return at;
  }

  return {
    async enter(channel, target, intervalMs, stop) {
      const [place = target] = target.split('#');
      const lane = lanes.get(channel) ?? { calls: 0, waiting: [] };
      lanes.set(channel, lane);
      while (!stop.aborted) {
        const at = intervalMs > 0 ? reserve(place, intervalMs) : clock();
        if (at > clock()) await waitUntil(at, stop);
        if (stop.aborted) return null;
        if (lane.calls < CALLS_PER_CHANNEL) {
          lane.calls += 1;
          return () => {
            lane.calls -= 1;
            lane.waiting.shift()?.();
          };
        }
        // The turn at the place passes while there is no room; another one is taken then.
        await waitFor(lane, stop);
      }
      return null;
    },
  };
}
