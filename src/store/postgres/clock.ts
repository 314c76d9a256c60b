/**
 * src/store/postgres/clock.ts: the database's time, without asking it each time. Replicas whose own clocks differ by
 * minutes agree on deadlines this way.
 *
 * How far it may be off: half of the fastest round trip of a measurement, plus the drift of the machine's monotonic
 * clock until the next one (some 100 ppm, 3 ms in 30 s). A measurement that took longer than MAX_ROUND_TRIP_MS is not
 * believed. It never goes back: where it was ahead it stands still until the database has caught up.
 */
import { performance } from 'node:perf_hooks';
import type { Instant } from '../../engine/definition.ts';

export const REFRESH_MS = 30_000;
/** So the clock is at most half of this away from the database's. */
const MAX_ROUND_TRIP_MS = 500;
const SAMPLES = 5;

export class DatabaseClock {
  private latest = 0;
  /** Database time minus monotonic time; null before the first measurement. */
  private offset: number | null = null;
  private readonly ask: () => Promise<Instant>;
  private readonly monotonic: () => number;

  /** @param ask one round trip: `clock_timestamp()` in milliseconds since the epoch */
  constructor(ask: () => Promise<Instant>, monotonic: () => number = () => performance.now()) {
    this.ask = ask;
    this.monotonic = monotonic;
  }

  /** Rejects with what `ask` rejects with; the clock then goes on as it was. */
  async measure(): Promise<void> {
    let best: { readonly took: number; readonly offset: number } | null = null;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const before = this.monotonic();
      const there = await this.ask();
      const took = this.monotonic() - before;
      if (best === null || took < best.took) best = { took, offset: there - (before + took / 2) };
    }
    if (best !== null && (this.offset === null || best.took <= MAX_ROUND_TRIP_MS)) this.offset = best.offset;
  }

  readonly now = (): Instant => {
    if (this.offset === null) throw new Error('The clock was not set yet.');
    this.latest = Math.max(this.latest, Math.round(this.monotonic() + this.offset));
    return this.latest;
  };
}
