/**
 * src/bot/stats/spread.ts: how durations are spread, as counts in buckets that grow by a tenth. Buckets of weeks and
 * replicas add up, where medians do not; a quantile read from them is within 5 % of the duration at its rank
 * (DDSketch: https://www.vldb.org/pvldb/vol12/p2195-masson.pdf).
 */

/** Bucket → how many durations it holds. */
export type Spread = Readonly<Record<number, number>>;

const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
/** Twenty years; what takes longer counts as that. */
const LAST_BUCKET = 286;

/** Bucket `i` holds what is above `GROWTH^(i-1)` ms and at most `GROWTH^i`; the first everything up to a millisecond. */
export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(LAST_BUCKET, Math.ceil(Math.log(ms) / LOG_GROWTH));
}

export const countIn = (spread: Spread): number => Object.values(spread).reduce((sum, count) => sum + count, 0);

/**
 * The duration at the rank of `share` (0.5: the median), in milliseconds; null where there is none.
 * At most 4.8 % off: the middle of its bucket.
 */
export function quantile(spread: Spread, share: number): number | null {
  const rank = Math.max(1, Math.ceil(countIn(spread) * share));
  let passed = 0;
  for (const [bucket, count] of Object.entries(spread)) {
    passed += count;
    if (passed >= rank) return bucket === '0' ? 1 : (2 * GROWTH ** Number(bucket)) / (GROWTH + 1);
  }
  return null;
}
