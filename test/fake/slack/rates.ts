/**
 * test/fake/slack/rates.ts: how often Slack lets itself be called: tiers by the minute for each method and workspace,
 * and about one message a second for each channel. Slack tolerates short bursts; here three messages.
 */
import { SlackError } from './wire.ts';

/** Calls a minute: https://docs.slack.dev/apis/web-api/rate-limits */
const TIERS = { 1: 1, 2: 20, 3: 50, 4: 100 } as const;
export type Tier = keyof typeof TIERS | 'special';
/** Messages that may come at once into one channel before the pace counts. */
const POST_BURST = 3;

/** Answered with 429 and `Retry-After` in whole seconds. */
export class RateLimited extends SlackError {
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super('ratelimited');
    this.retryAfter = retryAfter;
  }
}

interface Bucket {
  level: number;
  at: number;
}

export function createRates(clock: () => number) {
  const buckets = new Map<string, Bucket>();

  function take(name: string, capacity: number, perMs: number): void {
    const now = clock();
    const bucket = buckets.get(name) ?? { level: capacity, at: now };
    bucket.level = Math.min(capacity, bucket.level + Math.max(0, now - bucket.at) * perMs);
    bucket.at = now;
    buckets.set(name, bucket);
    if (bucket.level < 1) throw new RateLimited(Math.max(1, Math.ceil((1 - bucket.level) / perMs / 1_000)));
    bucket.level -= 1;
  }

  return {
    call(team: string, method: string, tier: Tier): void {
      if (tier !== 'special') take(`${team} ${method}`, TIERS[tier], TIERS[tier] / 60_000);
    },
    post: (team: string, channel: string): void => take(`${team} #${channel}`, POST_BURST, 1 / 1_000),
  };
}

export type Rates = ReturnType<typeof createRates>;
