/** bench/effort.ts: how long and how much is measured. */

export interface Effort {
  /** Alternating rounds of ours and the ceiling; the median counts. */
  readonly rounds: number;
  /** Of one measurement at one number of connections. */
  readonly seconds: number;
  /** Calls to each side before the first round: V8 goes on compiling the path for about ten thousand. */
  readonly warmUpCalls: number;
  readonly connections: readonly number[];
  /** Whole approvals: how many at once. */
  readonly atOnce: readonly number[];
  /** Long-polls that wait together, as far as the limit of open files allows. */
  readonly parked: number;
  /** Long-polls that are timed one by one. */
  readonly timed: number;
  /** Requests that wait while time passes. */
  readonly pending: number;
  /** Requests that wait while memory is looked at, beside a thousand. */
  readonly remembered: number;
  /** Starts of each kind. */
  readonly starts: number;
}

export const FULL: Effort = {
  rounds: 3,
  seconds: 3,
  warmUpCalls: 10_000,
  connections: [1, 32, 128],
  atOnce: [1, 32],
  parked: 10_000,
  timed: 1_000,
  pending: 1_000_000,
  remembered: 100_000,
  starts: 5,
};
export const QUICK: Effort = {
  rounds: 1,
  seconds: 1.5,
  warmUpCalls: 4_000,
  connections: [32],
  atOnce: [32],
  parked: 2_000,
  timed: 200,
  pending: 100_000,
  remembered: 20_000,
  starts: 2,
};

/** A side that is slow is not warmed for longer. */
export const WARM_UP_SECONDS = 12;
