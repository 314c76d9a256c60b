/**
 * src/bot/pauses/book.ts: the pauses of the house, kept in the store and known here. All replicas share the record; each
 * reads it at its start, after a change of its own and on each turn of the tick.
 */
import type { Instant } from '../../engine/definition.ts';
import type { Store } from '../../store/port.ts';
import { type HousePause, readHousePause } from './house-pause.ts';
import { ENDED_KEPT_MS, PAUSES_KEPT } from './limits.ts';
import type { KnownPauses } from './standing.ts';

export interface BookLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface PauseBook extends KnownPauses {
  /** Newest first: those in force, and those that ended in the last 400 days. */
  all(): readonly HousePause[];
  /** Reads what is kept. Rejects where the store is away: what was known stays known. */
  refresh(): Promise<void>;
  /** Durable, and known here, when it resolves. */
  keep(pause: HousePause): Promise<void>;
}

export interface PauseBookOptions {
  readonly store: Pick<Store, 'recallAll' | 'remember'>;
  readonly log: BookLog;
  /** Told of each pause whose record is new here or has changed. */
  readonly onNews: (pause: HousePause) => void;
}

const PREFIX = 'pause:';

export function createPauseBook({ store, log, onNews }: PauseBookOptions): PauseBook {
  /** By name, with the text that it was read from: what has not changed is not parsed again. */
  let entries = new Map<string, { readonly text: string; readonly pause: HousePause | null }>();
  let inForce: ReadonlyMap<string, HousePause> = new Map();
  /** Writes under way, and ended: what was read while there was one may be older than what is known. */
  let writing = 0;
  let written = 0;

  function know(next: typeof entries): void {
    const news = [...next].filter(([name, { text }]) => entries.get(name)?.text !== text);
    const isSame = news.length === 0 && next.size === entries.size;
    entries = next;
    if (isSame) return;
    const pauses = [...next.values()].flatMap(({ pause }) => pause ?? []);
    const standing = pauses.filter(({ ended }) => ended === null).sort((one, other) => one.at - other.at);
    inForce = new Map(standing.map((pause) => [pause.id, pause]));
    for (const [, { pause }] of news) if (pause !== null) onNews(pause);
  }

  function read(name: string, text: string) {
    const known = entries.get(name);
    if (known?.text === text) return known;
    const pause = readHousePause(text);
    if (pause === null) log.error({ name }, 'the record of a pause can’t be read and is left aside');
    return { text, pause };
  }

  return {
    get inForce() {
      return inForce;
    },
    find: (id) => entries.get(PREFIX + id)?.pause ?? undefined,
    all: () =>
      [...entries.values()].flatMap(({ pause }) => pause ?? []).sort((one, other) => (one.id < other.id ? 1 : -1)),
    async refresh() {
      const before = written;
      const rows = await store.recallAll(PREFIX);
      // Another reading comes with the next turn.
      if (writing > 0 || written !== before) return;
      know(new Map(rows.map(({ name, value }) => [name, read(name, value)])));
    },
    async keep(pause) {
      const name = PREFIX + pause.id;
      const text = JSON.stringify(pause);
      writing += 1;
      try {
        await store.remember(name, text, untilOf(pause));
        know(new Map([...entries, [name, { text, pause }]]));
        await forgetOldest();
      } finally {
        writing -= 1;
        written += 1;
      }
    },
  };

  /** The history has a bound: of what is over and done, the oldest give way. */
  async function forgetOldest(): Promise<void> {
    if (entries.size <= PAUSES_KEPT) return;
    const over = [...entries].filter(([, { pause }]) => pause?.settled === true).sort();
    for (const [name] of over.slice(0, entries.size - PAUSES_KEPT)) {
      await store.remember(name, null, null);
      entries.delete(name);
    }
  }
}

/** In force it is kept for ever. */
const untilOf = ({ ended }: HousePause): Instant | null => (ended === null ? null : ended.at + ENDED_KEPT_MS);
