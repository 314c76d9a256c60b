/**
 * test/fake/teams/rates.ts: how often one bot may speak in one conversation, as Microsoft estimates it; roster calls for
 * all of them. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
import { ConnectorError } from './wire.ts';

/** Calls and the window they are counted in. */
const SPEAKING = [
  [7, 1_000],
  [8, 2_000],
  [60, 30_000],
  [1_800, 3_600_000],
] as const;
const ROSTER = [
  [14, 1_000],
  [16, 2_000],
  [120, 30_000],
  [3_600, 3_600_000],
] as const;
const HOUR = 3_600_000;

export function createRates(clock: () => number) {
  const past = new Map<string, number[]>();

  function take(name: string, limits: readonly (readonly [number, number])[]): void {
    const now = clock();
    const calls = (past.get(name) ?? []).filter((at) => at > now - HOUR);
    past.set(name, calls);
    for (const [most, windowMs] of limits) {
      const within = calls.filter((at) => at > now - windowMs);
      const [oldest] = within.slice(-most);
      if (oldest === undefined || within.length < most) continue;
      const seconds = Math.max(1, Math.ceil((oldest + windowMs - now) / 1_000));
      throw new ConnectorError(429, 'ActivityRateLimited', 'API calls quota exceeded.', seconds);
    }
    calls.push(now);
  }

  return {
    speak: (conversation: string): void => take(conversation, SPEAKING),
    roster: (): void => take('roster', ROSTER),
  };
}

export type Rates = ReturnType<typeof createRates>;
