/** src/bot/dispatch/timers.ts: waiting, as a parameter, so that tests can let days pass in a moment. */

export interface Timers {
  /** Runs once after `delayMs`; the function returned cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
