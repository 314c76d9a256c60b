/**
 * src/bot/ticks.ts: time passes. node-cron says when; a watchdog on the monotonic clock ticks too when cron stands
 * still, as it does when the wall clock steps back. What is due is asked of the store, so no timer can be lost.
 */
import { performance } from 'node:perf_hooks';
import cron from 'node-cron';
import type { Instant } from '../engine/definition.ts';
import type { Store } from '../store/port.ts';
import type { Clock } from './clock.ts';
import type { Handler } from './handle.ts';

/** Requests decided in one turn, and so in one durable commit. */
const BATCH = 500;
/** How often the watchdog looks. */
const WATCH_MS = 1000;
const HOUR_MS = 3_600_000;

export interface TickResult {
  /** How many requests were looked at. */
  readonly looked: number;
  /** How late the most overdue of them was, in milliseconds. */
  readonly lagMs: number;
}

export interface TickLog {
  error(fields: object, message: string): void;
}

/**
 * Lets everything happen that is due. One request that can't be decided is reported and left for the next tick; the
 * others go on.
 */
export async function tickOnce(store: Store, handler: Handler, now: Instant, log: TickLog): Promise<TickResult> {
  const seen = new Set<string>();
  const stuck = new Set<string>();
  const earliest = await store.nextDueAt();
  const lagMs = earliest === null ? 0 : Math.max(0, now - earliest);
  for (;;) {
    const stuckBefore = stuck.size;
    const found = await store.due(now, BATCH + stuckBefore);
    for (const id of found) if (seen.has(id)) stuck.add(id);
    const fresh = found.filter((id) => !seen.has(id));
    if (fresh.length === 0 && stuck.size === stuckBefore) return { looked: seen.size, lagMs };
    for (const id of fresh) seen.add(id);
    const results = await Promise.allSettled(
      fresh.map((id) => handler.change(id, (directory) => ({ type: 'tick', directory }))),
    );
    for (const [i, result] of results.entries())
      if (result.status === 'rejected')
        log.error({ request: fresh[i], err: result.reason }, 'a request could not be ticked');
  }
}

export interface Ticker {
  /** Ticks now, or joins the tick under way. */
  tick(): Promise<void>;
  /** Resolves when the tick under way has ended. */
  stop(): Promise<void>;
}

export interface TickerOptions {
  readonly cron: string;
  readonly store: Store;
  readonly handler: Handler;
  readonly clock: Clock;
  readonly log: TickLog;
  /** After each tick: how late it found what was due, and how long it took. */
  readonly onTick: (result: TickResult, tookMs: number) => void;
}

/** Ticks never overlap: one that takes longer than the interval makes the next one wait. */
export function startTicker({ cron: expression, store, handler, clock, log, onTick }: TickerOptions): Ticker {
  let running: Promise<void> | null = null;
  let lastEndedAt = performance.now();
  let lastCheckpointAt = clock();
  const run = async (): Promise<void> => {
    const began = performance.now();
    try {
      const now = clock();
      const result = await tickOnce(store, handler, now, log);
      if (now - lastCheckpointAt >= HOUR_MS) {
        lastCheckpointAt = now;
        await store.checkpoint(now);
      }
      onTick(result, performance.now() - began);
    } catch (error) {
      log.error({ err: error }, 'a tick failed; the next one tries again');
    }
    lastEndedAt = performance.now();
    running = null;
  };
  const tick = (): Promise<void> => {
    running ??= run();
    return running;
  };
  const task = cron.schedule(expression, () => void tick(), { timezone: 'UTC' });
  const [first, second] = task.getNextRuns(2);
  const intervalMs = first === undefined || second === undefined ? WATCH_MS : second.getTime() - first.getTime();
  const watchdog = setInterval(() => {
    if (performance.now() - lastEndedAt > 2 * Math.max(intervalMs, WATCH_MS)) void tick();
  }, WATCH_MS);
  return {
    tick,
    async stop() {
      clearInterval(watchdog);
      await task.destroy();
      await running;
    },
  };
}
