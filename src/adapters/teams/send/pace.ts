/** src/adapters/teams/send/pace.ts: not more calls in a second than Teams takes of one bot, reminders to hundreds included. */

export interface Pace {
  /** Resolves when the next call may begin. */
  turn(): Promise<void>;
}

/** @param perSecond so many may also begin at once, after a second without any */
export function createPace(perSecond: number, clock: () => number, pause: (ms: number) => Promise<void>): Pace {
  const intervalMs = 1_000 / perSecond;
  let nextAt = Number.NEGATIVE_INFINITY;
  return {
    async turn() {
      const now = clock();
      const at = Math.max(nextAt, now - 1_000 + intervalMs);
      nextAt = at + intervalMs;
      if (at > now) await pause(at - now);
    },
  };
}
