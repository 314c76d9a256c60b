/**
 * src/bot/pauses/sweep.ts: in the background, brings every pending request in line with a pause that has begun or ended,
 * so that its surfaces show it. Decisions don't wait for it: each brings its own request in line. Sweeping twice, from
 * two replicas, or again after a restart changes nothing more.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Instant } from '../../engine/definition.ts';
import type { RequestId, RequestState } from '../../engine/request.ts';
import { type Store, StoreUnavailableError } from '../../store/port.ts';
import type { Handler } from '../handle.ts';
import type { BookLog, PauseBook } from './book.ts';
import { filterOf, type HousePause, nameOfScope } from './house-pause.ts';
import { SWEPT_AGAIN_MS, SWEPT_AT_ONCE } from './limits.ts';
import { isBehind } from './standing.ts';

export interface Progress {
  readonly phase: 'pausing' | 'resuming';
  /** Requests looked at that are in line now. */
  readonly done: number;
  /** How many are still to come; null: there are too many to count. */
  readonly left: number | null;
}

export interface Sweeper {
  /** A pause has begun or ended, or was read at the start. */
  add(pause: HousePause, now: Instant): void;
  /** Goes on, where it waits for a store that was away or for its second look. */
  turn(): void;
  /** How far this process has come; null: nothing is left to do. */
  progressOf(id: string): Progress | null;
  /** Resolves when the turn under way has ended. */
  stop(): Promise<void>;
}

export interface SweeperOptions {
  readonly store: Pick<Store, 'list' | 'countPending'>;
  readonly handler: Pick<Handler, 'bringInLine'>;
  readonly book: Pick<PauseBook, 'inForce' | 'find' | 'keep'>;
  readonly log: BookLog;
}

interface Job {
  readonly id: string;
  readonly phase: Progress['phase'];
  /** What was being decided while the first look went by is seen by the second, a turn of the tick later. */
  look: 'first' | 'rested' | 'second';
  /** Where the look goes on. */
  after: RequestId | undefined;
  total: number | null;
  done: number;
  changed: number;
  failed: number;
}

export function createSweeper({ store, handler, book, log }: SweeperOptions): Sweeper {
  /** By the pause's id, one for each: when it ends while its requests are still being paused, they are resumed instead. */
  const jobs = new Map<string, Job>();
  /** How far each pause was swept here to its end, so that the news that another replica is done too means no third look. */
  const swept = new Map<string, Progress['phase']>();
  let running: Promise<void> | null = null;
  let isStopped = false;
  /** For the next turn, after a failure. */
  let isWaiting = false;

  function start(): void {
    if (isStopped || running !== null) return;
    isWaiting = false;
    running = run().finally(() => {
      running = null;
      // What was added while this one was ending.
      if (!isWaiting && next() !== undefined) start();
    });
  }

  async function run(): Promise<void> {
    // A job that came last is not starved by one over a million requests: each gets its turn.
    for (let job = next(); job !== undefined && !isStopped; job = next()) {
      try {
        await step(job);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError))
          log.error({ err: error, pause: job.id }, 'a sweep failed; the next turn tries again');
        isWaiting = true;
        return; // from where it stands
      }
      if (jobs.get(job.id) === job) {
        jobs.delete(job.id);
        if (job.look !== 'second' || job.after !== undefined) jobs.set(job.id, job);
      }
      await nextTurn();
    }
  }

  const next = (): Job | undefined => [...jobs.values()].find(({ look }) => look !== 'rested');

  /** One page of requests, in one durable commit where the store lets them share it. */
  async function step(job: Job): Promise<void> {
    const pause = book.find(job.id);
    if (pause === undefined) {
      jobs.delete(job.id);
      return;
    }
    const filter = filterOf(pause.scope);
    if (job.after === undefined && job.look === 'first') job.total = await store.countPending(filter);
    const from = job.after === undefined ? {} : { after: job.after };
    const page = await store.list({ status: 'pending', ...filter, ...from, limit: SWEPT_AT_ONCE });
    const behind = page.requests.filter((state) => isBehind(state, book));
    const { changed, failed } = await bring(behind);
    job.changed += changed;
    job.failed += failed;
    if (job.look === 'first') job.done += page.requests.length - failed;
    job.after = page.next ?? undefined;
    if (page.next !== null) return;
    if (job.look === 'first') job.look = 'rested';
    else await finish(job, pause);
  }

  /** One that can't be decided is reported and left; the others go on. */
  async function bring(
    behind: readonly RequestState[],
  ): Promise<{ readonly changed: number; readonly failed: number }> {
    const results = await Promise.allSettled(behind.map(({ content }) => handler.bringInLine(content.id)));
    let [changed, failed] = [0, 0];
    for (const [i, result] of results.entries()) {
      if (result.status === 'fulfilled') {
        if (result.value) changed += 1;
        continue;
      }
      if (result.reason instanceof StoreUnavailableError) throw result.reason;
      failed += 1;
      log.error({ request: behind[i]?.content.id, err: result.reason }, 'a request could not be brought in line');
    }
    return { changed, failed };
  }

  async function finish(job: Job, pause: HousePause): Promise<void> {
    const facts = { pause: pause.id, scope: nameOfScope(pause.scope), requests: job.changed, failed: job.failed };
    swept.set(pause.id, job.phase);
    log.info(facts, job.phase === 'pausing' ? 'all its requests are paused' : 'all its requests are resumed');
    if (pause.ended !== null && pause.settled === undefined && job.failed === 0)
      await book.keep({ ...pause, settled: true });
  }

  return {
    add(pause, now) {
      const { ended, settled } = pause;
      if (ended !== null && settled && now - ended.at > SWEPT_AGAIN_MS) return;
      const phase = ended === null ? 'pausing' : 'resuming';
      if ((jobs.get(pause.id)?.phase ?? swept.get(pause.id)) === phase) return;
      jobs.set(pause.id, {
        id: pause.id,
        phase,
        look: 'first',
        after: undefined,
        total: null,
        done: 0,
        changed: 0,
        failed: 0,
      });
      start();
    },
    turn() {
      for (const job of jobs.values()) if (job.look === 'rested') job.look = 'second';
      start();
    },
    progressOf(id) {
      const job = jobs.get(id);
      if (job === undefined || job.look !== 'first') return null;
      const left = job.total === null ? null : Math.max(0, job.total - job.done);
      return { phase: job.phase, done: job.done, left };
    },
    async stop() {
      isStopped = true;
      await running;
    },
  };
}
