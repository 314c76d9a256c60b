/** src/bot/pauses/join.ts: joins what pausing needs: the record, the decisions that heed it, the sweep, and the doors' port. */
import type { Store } from '../../store/port.ts';
import { StoreUnavailableError } from '../../store/port.ts';
import type { Clock } from '../clock.ts';
import type { Handler } from '../handle.ts';
import { type BookLog, createPauseBook } from './book.ts';
import { createHousePauses, type HousePauses, type HousePausesOptions } from './house-pauses.ts';
import type { KnownPauses } from './standing.ts';
import { createSweeper } from './sweep.ts';

export interface JoinOptions extends Pick<HousePausesOptions, 'config' | 'decisions'> {
  readonly store: Pick<Store, 'recallAll' | 'remember' | 'list' | 'countPending'>;
  readonly clock: Clock;
  readonly log: BookLog;
  /** Makes the handler whose decisions heed the pauses. */
  readonly handlerOf: (pauses: KnownPauses) => Handler;
}

export interface JoinedPauses {
  readonly handler: Handler;
  readonly house: HousePauses;
  /** Reads what is paused, and begins to bring requests in line with it. Rejects where the store is away. */
  start(): Promise<void>;
  /** On each turn of the tick: hears of other replicas' changes, and goes on sweeping. Never rejects. */
  turn(): Promise<void>;
  stop(): Promise<void>;
}

export function joinPauses({ store, clock, config, log, decisions, handlerOf }: JoinOptions): JoinedPauses {
  const book = createPauseBook({ store, log, onNews: (pause) => sweeper.add(pause, clock()) });
  const handler = handlerOf(book);
  const sweeper = createSweeper({ store, handler, book, log });
  const house = createHousePauses({ store, book, sweeper, clock, config, decisions });
  let turning: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    try {
      await book.refresh();
    } catch (error) {
      if (error instanceof StoreUnavailableError)
        log.warn({ err: error }, 'what is paused could not be read; what was known stays in force');
      else log.error({ err: error }, 'what is paused could not be read; the next turn tries again');
    }
    sweeper.turn();
    turning = null;
  };
  return {
    handler,
    house,
    start: () => book.refresh(),
    turn() {
      turning ??= run();
      return turning;
    },
    async stop() {
      await Promise.all([turning, sweeper.stop()]);
    },
  };
}
