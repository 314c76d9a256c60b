/** bench/effort.ts: how long and how much is measured. */

export interface Effort {
  /** Alternating rounds of ours and the ceiling; the median counts. */
  readonly rounds: number;
  /** Of one measurement at one number of connections. */
  readonly seconds: number;
  /** Calls to each side before the first round: V8 goes on compiling the path for about ten thousand. */
  readonly warmUpCalls: number;
  readonly connections: readonly number[];
}

export const FULL: Effort = { rounds: 3, seconds: 3, warmUpCalls: 10_000, connections: [1, 32, 128] };
export const QUICK: Effort = { rounds: 1, seconds: 1.5, warmUpCalls: 4_000, connections: [32] };

/** A side that is slow is not warmed for longer. */
export const WARM_UP_SECONDS = 12;
