/**
 * src/bot/dispatcher.ts: sends what was committed. Woken by commits and by the tick, it claims the deliveries that are
 * due, sends them side by side and writes down how each went. It never polls: one timer waits for the next due one.
 */
import { setMaxListeners } from 'node:events';
import type { Instant } from '../engine/definition.ts';
import { type Delivery, type Settlement, type Store, StoreUnavailableError } from '../store/port.ts';
import { run, type Senders } from './dispatch/errand.ts';
import {
  ABANDON_MS,
  ATTEMPT_TIMEOUT_MS,
  CLAIMED,
  RECHECK_MS,
  SETTLE_TRIES,
  TIMER_CAP_MS,
  YIELD_MS,
} from './dispatch/limits.ts';
import { createPacing } from './dispatch/pacing.ts';
import { causeOf, framesOf, pauseForStore, type Random } from './dispatch/retry.ts';
import { systemTimers, type Timers } from './dispatch/timers.ts';
import { AttemptTimeoutError, createJudge, StoppedError } from './dispatch/verdict.ts';

/** The part of pino that is used here. */
export interface DispatchLog {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface DispatcherParts extends Senders {
  readonly store: Pick<Store, 'claim' | 'settle' | 'load' | 'deliveries' | 'nextDeliveryAt' | 'subscribe'>;
  readonly clock: () => Instant;
  readonly random: Random;
  readonly log: DispatchLog;
  /** Told of each dead letter, after it is written down. What it throws is logged and changes nothing. */
  readonly onDead: (delivery: Delivery) => void | Promise<void>;
  readonly timers?: Timers;
  /** Whether people wait for answers to their clicks. Messages that are only brought up to date let them go first. */
  readonly isBusy?: () => boolean;
}

export interface Dispatcher {
  /** Something may be due. Costs next to nothing; many in one turn of the event loop are one claim. */
  wake(): void;
  /** The same, for the tick: a safety net for what another process left behind. */
  tick(now: Instant): void;
  /** Resolves once nothing is due and nothing under way, or rejects with the signal's reason. Retries that are due later are not waited for. */
  drain(signal?: AbortSignal): Promise<void>;
  /** Claims no more, lets calls end for `graceMs`, then ends them; they are tried again by whoever starts next. */
  stop(graceMs: number): Promise<void>;
}

export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { store, channels, clock, random, log, onDead, timers = systemTimers, isBusy = () => false } = parts;
  const startedAt = clock();
  const pacing = createPacing(clock, timers);
  const judge = createJudge(random);
  const underWay = new Set<Promise<void>>();
  const drains = new Set<() => void>();
  /** Deliveries that wait for their turn give up. */
  const stopping = new AbortController();
  /** One for each call under way, to end it. */
  const calls = new Set<AbortController>();
  /** Nothing is written any more: the store may be closed. */
  const abandoned = new AbortController();
  setMaxListeners(0, stopping.signal, abandoned.signal); // one for each delivery that waits, bounded by CLAIMED

  let isScheduled = false;
  let isTurning = false;
  let turnAgain = false;
  let storeFailures = 0;
  let nextDueAt: Instant | null = null;
  let cancelTimer = () => {};
  let turnEnded: Promise<void> = Promise.resolve();

  function wake(): void {
    if (isScheduled || stopping.signal.aborted) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      if (stopping.signal.aborted) return;
      if (isTurning) turnAgain = true;
      else turnEnded = turn();
    });
  }

  async function turn(): Promise<void> {
    isTurning = true;
    cancelTimer();
    try {
      const claimedAt = await claimAll();
      const isFull = underWay.size >= CLAIMED; // the next to end wakes us
      nextDueAt = await store.nextDeliveryAt();
      if (!isFull && nextDueAt !== null) sleepUntil(nextDueAt, claimedAt);
      storeFailures = 0;
    } catch (error) {
      storeFailures += 1;
      const pause = pauseForStore(storeFailures, random);
      log.error({ error: nameOf(error), cause: causeOf(error), pauseMs: pause }, 'deliveries cannot be claimed');
      sleep(pause);
    }
    isTurning = false;
    if (turnAgain) wake();
    turnAgain = false;
    settleDrains();
  }

  /** Returns when it last looked. */
  async function claimAll(): Promise<Instant> {
    for (;;) {
      turnAgain = false;
      const now = clock();
      const room = CLAIMED - underWay.size;
      if (room <= 0 || stopping.signal.aborted) return now;
      const claimed = await store.claim(now, room);
      for (const delivery of claimed) begin(delivery);
      if (claimed.length < room && !turnAgain) return now;
    }
  }

  function sleepUntil(dueAt: Instant, claimedAt: Instant): void {
    // Due when we looked and still not given to us: an earlier one to its target is under way somewhere.
    sleep(dueAt <= claimedAt ? RECHECK_MS : Math.min(TIMER_CAP_MS, Math.max(0, dueAt - clock())));
  }

  function sleep(ms: number): void {
    cancelTimer = stopping.signal.aborted ? () => {} : timers.after(ms, wake);
  }

  function begin(delivery: Delivery): void {
    const flight = deliver(delivery)
      .catch((error: unknown) => log.error(describe(delivery, error), 'delivery was let go'))
      .finally(() => {
        underWay.delete(flight);
        wake();
        settleDrains();
      });
    underWay.add(flight);
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const interval = channels.get(delivery.channel)?.minIntervalMs ?? 0;
    const leave = await pacing.enter(delivery.channel, delivery.target, interval, stopping.signal);
    if (leave !== null && delivery.shownVersion !== null) await letClicksPass();
    const settlement = leave === null ? fail(delivery, new StoppedError()) : await attempt(delivery);
    leave?.();
    const isSettled = await settle(delivery, settlement);
    if (settlement.kind !== 'retry') judge.forget(delivery);
    if (!isSettled || settlement.kind !== 'dead') return;
    const { error } = settlement;
    log.error({ ...describe(delivery), error }, 'delivery is dead');
    await onDead({ ...delivery, state: 'dead', attempts: delivery.attempts + 1, lastError: error });
  }

  /** Drawing a card takes the time of a click, and a burst of clicks brings many; later it is fewer, each showing more. */
  async function letClicksPass(): Promise<void> {
    for (let waited = 0; isBusy() && waited < YIELD_MS.most; waited += YIELD_MS.step)
      await pause(YIELD_MS.step, stopping.signal);
  }

  async function attempt(delivery: Delivery): Promise<Settlement> {
    const call = new AbortController();
    const { signal } = call;
    calls.add(call);
    const cancel = timers.after(ATTEMPT_TIMEOUT_MS, () => call.abort(new AttemptTimeoutError()));
    // Its commit was answered before this process began, it was tried before, or its last try left something open.
    const mayHaveBegun = delivery.createdAt <= startedAt || delivery.attempts > 0 || delivery.lastError !== null;
    try {
      // A sender that doesn't heed the signal is left behind; what it still says is not listened to.
      const sent = await Promise.race([run(delivery, parts, { now: clock(), signal, mayHaveBegun }), ended(signal)]);
      log.debug(describe(delivery), 'delivery is sent');
      return { kind: 'sent', ...sent };
    } catch (error) {
      return fail(delivery, signal.aborted ? signal.reason : error);
    } finally {
      cancel();
      calls.delete(call);
    }
  }

  function fail(delivery: Delivery, error: unknown): Settlement {
    const { settlement, isUnforeseen } = judge.failure(delivery, error, clock());
    const fields = { ...describe(delivery, error), error: settlement.error };
    if (isUnforeseen) log.error({ ...fields, at: framesOf(error) }, 'delivery failed in an unforeseen way');
    else log.warn(fields, 'delivery failed');
    return settlement;
  }

  /** false: it could not be written down, so it stays as it was and will be sent again. */
  async function settle(delivery: Delivery, wanted: Settlement): Promise<boolean> {
    let settlement = wanted;
    let ownFaults = 0;
    for (let failures = 1; !abandoned.signal.aborted; failures++) {
      try {
        await store.settle(delivery, settlement);
        return true;
      } catch (error) {
        log.error(describe(delivery, error), 'delivery’s end cannot be written down');
        if (!(error instanceof StoreUnavailableError)) ownFaults += 1;
        if (ownFaults >= 2 * SETTLE_TRIES) return false;
        if (ownFaults >= SETTLE_TRIES) settlement = { kind: 'dead', error: 'its end could not be written down' };
        await pause(pauseForStore(failures, random), abandoned.signal);
      }
    }
    return false;
  }

  function pause(ms: number, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        stop.removeEventListener('abort', done);
        resolve();
      };
      const cancel = timers.after(ms, done);
      stop.addEventListener('abort', done);
    });
  }

  function settleDrains(): void {
    const isBusy = isScheduled || isTurning || underWay.size > 0 || storeFailures > 0;
    if (isBusy || (nextDueAt !== null && nextDueAt <= clock())) return;
    for (const resolve of drains) resolve();
  }

  const unsubscribe = store.subscribe(wake);
  wake();

  return {
    wake,
    tick: wake,
    drain(signal) {
      signal?.throwIfAborted();
      return new Promise((resolve, reject) => {
        const drained = () => {
          drains.delete(drained);
          signal?.removeEventListener('abort', gaveUp);
          resolve();
        };
        const gaveUp = () => {
          drains.delete(drained);
          reject(signal?.reason);
        };
        drains.add(drained);
        signal?.addEventListener('abort', gaveUp, { once: true });
        if (stopping.signal.aborted) drained();
        else wake();
      });
    },
    async stop(graceMs) {
      unsubscribe();
      stopping.abort();
      cancelTimer();
      const allEnded = turnEnded.then(async () => {
        while (underWay.size > 0) await Promise.all(underWay);
      });
      const graceIsOver = new AbortController();
      await Promise.race([allEnded.then(() => graceIsOver.abort()), pause(graceMs, graceIsOver.signal)]);
      for (const call of calls) call.abort(new StoppedError());
      const endIsOver = new AbortController();
      await Promise.race([allEnded.then(() => endIsOver.abort()), pause(ABANDON_MS, endIsOver.signal)]);
      abandoned.abort();
      for (const resolve of drains) resolve();
    },
  };
}

/** Rejects with the signal's reason when it is aborted. */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : typeof error);

function describe({ id, request, channel, kind, attempts }: Delivery, error?: unknown): object {
  const fields = { delivery: id, request, channel, kind, attempt: attempts + 1 };
  return error === undefined ? fields : { ...fields, error: nameOf(error), cause: causeOf(error) };
}
