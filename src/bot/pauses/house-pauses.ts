/**
 * src/bot/pauses/house-pauses.ts: pausing a gate, a pipeline or everything, and letting it go on: what every door (API,
 * chat, web) asks. Rights are checked here; whether one request may be paused is the engine's to say.
 */
import type { Instant } from '../../engine/definition.ts';
import type { Actor } from '../../engine/request.ts';
import type { Store } from '../../store/port.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import { newRequestId } from '../ids.ts';
import type { BookLog, PauseBook } from './book.ts';
import {
  filterOf,
  type HousePause,
  type HouseScope,
  isSameScope,
  nameOfScope,
  type PauseClocks,
} from './house-pause.ts';
import { PAUSES_IN_FORCE } from './limits.ts';
import { type House, mayPause } from './rights.ts';
import type { Progress, Sweeper } from './sweep.ts';

export type Paused =
  /** `affected`: its pending requests; null: too many to count. */
  | { readonly kind: 'paused'; readonly pause: HousePause; readonly affected: number | null }
  /** It was before. */
  | { readonly kind: 'alreadyPaused'; readonly pause: HousePause }
  /** The config has no such gate or pipeline. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'notAllowed' }
  | { readonly kind: 'tooMany' };

export type Resumed =
  /** Also where somebody else has ended it before. */
  | { readonly kind: 'resumed'; readonly pause: HousePause; readonly affected: number | null }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'notAllowed' };

export interface HousePauses {
  /** Newest first; with `all` those that have ended, too. */
  list(all: boolean): readonly HousePause[];
  find(id: string): HousePause | undefined;
  /** In force for exactly this, however it was named. */
  inForceFor(scope: HouseScope): readonly HousePause[];
  progressOf(id: string): Progress | null;
  mayPause(by: Actor, scope: HouseScope): boolean;
  /** Durable, and counting for every decision of this process, when it resolves; of the others within seconds. */
  pause(order: {
    readonly scope: HouseScope;
    readonly by: Actor;
    readonly reason: string | null;
    /** Left out: what the config says. */
    readonly clocks?: PauseClocks | undefined;
  }): Promise<Paused>;
  resume(order: { readonly id: string; readonly by: Actor; readonly reason: string | null }): Promise<Resumed>;
  /** How many pauses of each kind are in force. */
  counts(): Readonly<Record<HouseScope['kind'], number>>;
}

export interface HousePausesOptions {
  readonly store: Pick<Store, 'countPending'>;
  readonly book: PauseBook;
  readonly sweeper: Pick<Sweeper, 'progressOf'>;
  readonly clock: Clock;
  readonly config: () => Pick<Config, 'gates' | 'pipelines' | 'admins' | 'pauseClocks' | 'directory'>;
  /** Where decisions are written down. */
  readonly decisions: Pick<BookLog, 'info'>;
}

export function createHousePauses({ store, book, sweeper, clock, config, decisions }: HousePausesOptions): HousePauses {
  const house = (now: Instant): House => ({ config: config(), directory: config().directory, now });
  const inForceFor = (scope: HouseScope) =>
    [...book.inForce.values()].filter((pause) => isSameScope(pause.scope, scope));
  const isKnown = (scope: HouseScope): boolean => {
    const { gates, pipelines } = config();
    if (scope.kind === 'gate') return gates.has(scope.gate);
    return scope.kind === 'everything' || pipelines.some(({ name }) => name === scope.pipeline);
  };

  return {
    list: (all) => book.all().filter(({ ended }) => all || ended === null),
    find: (id) => book.find(id),
    inForceFor,
    progressOf: (id) => sweeper.progressOf(id),
    mayPause: (by, scope) => mayPause(by, scope, house(clock())),
    async pause({ scope, by, reason, clocks = config().pauseClocks }) {
      const at = clock();
      if (!isKnown(scope)) return { kind: 'unknown' };
      if (!mayPause(by, scope, house(at))) return { kind: 'notAllowed' };
      const [standing] = inForceFor(scope);
      if (standing !== undefined) return { kind: 'alreadyPaused', pause: standing };
      if (book.inForce.size >= PAUSES_IN_FORCE) return { kind: 'tooMany' };
      const id = newRequestId().replace('req_', 'pau_');
      const pause: HousePause = { id, scope, by, reason, clocks, at, ended: null };
      await book.keep(pause);
      decisions.info({ pause: id, scope: nameOfScope(scope), by, reason, clocks }, 'paused');
      return { kind: 'paused', pause, affected: await store.countPending(filterOf(scope)) };
    },
    async resume({ id, by, reason }) {
      const at = clock();
      const pause = book.find(id);
      if (pause === undefined) return { kind: 'unknown' };
      if (!mayPause(by, pause.scope, house(at))) return { kind: 'notAllowed' };
      const ended = pause.ended === null ? { ...pause, ended: { by, reason, at } } : pause;
      if (pause.ended === null) {
        await book.keep(ended);
        decisions.info({ pause: id, scope: nameOfScope(pause.scope), by, reason }, 'resumed');
      }
      return { kind: 'resumed', pause: ended, affected: await store.countPending(filterOf(pause.scope)) };
    },
    counts() {
      const counts = { gate: 0, pipeline: 0, everything: 0 };
      for (const { scope } of book.inForce.values()) counts[scope.kind] += 1;
      return counts;
    },
  };
}
