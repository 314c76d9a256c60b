/** src/bot/clock.ts: the process's time. It never goes back, so a deadline that has passed stays passed. */
import type { Instant } from '../engine/definition.ts';

export type Clock = () => Instant;

export function steadyClock(wall: () => number = Date.now): Clock {
  let latest = 0;
  return () => {
    latest = Math.max(latest, wall());
    return latest;
  };
}
