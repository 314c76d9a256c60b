/**
 * src/bot/absence/book.ts: what people said about being away: durable in the store, and read again at each tick, so that
 * every replica knows it within seconds.
 */
import type { Instant, PersonId } from '../../engine/definition.ts';
import type { Store } from '../../store/port.ts';
import { type AwayEntry, endOf, historyOf, keptUntil, nameOf, PREFIX, parseEntry } from './entry.ts';

export interface BookLog {
  warn(fields: object, message: string): void;
}

export interface AwayBook {
  /** Those that are not over, by person, oldest first; the same object until something has changed. */
  entries(): ReadonlyMap<PersonId, readonly AwayEntry[]>;
  /** What a person said in the last months, oldest first, what is not over included. @throws StoreUnavailableError */
  history(person: PersonId): Promise<readonly AwayEntry[]>;
  /** Durable, and known here, when it resolves. @throws StoreUnavailableError */
  write(entries: readonly AwayEntry[], now: Instant): Promise<void>;
  /** Hears what was said elsewhere. @throws StoreUnavailableError */
  refresh(): Promise<void>;
}

export function createAwayBook(store: Pick<Store, 'recallAll' | 'remember'>, log: BookLog): AwayBook {
  let texts: ReadonlyMap<string, string> = new Map();
  let known: ReadonlyMap<PersonId, readonly AwayEntry[]> = new Map();
  /** One reading after another: an older answer must not take the place of a newer one. */
  let reading: Promise<void> = Promise.resolve();
  const told = new Set<string>();

  function take(rows: readonly { readonly name: string; readonly value: string }[]): void {
    if (rows.length === texts.size && rows.every(({ name, value }) => texts.get(name) === value)) return;
    texts = new Map(rows.map(({ name, value }) => [name, value]));
    const people = new Map<PersonId, AwayEntry[]>();
    for (const { name, value } of rows) {
      const entry = parseEntry(value);
      if (entry === null || nameOf(entry) !== name) tellOnce(name);
      else people.set(entry.person, [...(people.get(entry.person) ?? []), entry]);
    }
    known = new Map([...people].map(([person, entries]) => [person, entries.sort((a, b) => a.at - b.at)]));
  }

  function tellOnce(name: string): void {
    if (told.has(name)) return;
    told.add(name);
    log.warn({ name }, 'what is kept of an absence can’t be read, and is left out');
  }

  function refresh(): Promise<void> {
    const read = reading
      .catch(() => undefined) // told to whoever asked for it
      .then(async () => take(await store.recallAll(PREFIX)));
    reading = read;
    return read;
  }

  return {
    entries: () => known,
    async history(person) {
      const rows = await store.recallAll(historyOf(person));
      return rows.flatMap(({ value }) => parseEntry(value) ?? []).sort((a, b) => a.at - b.at);
    },
    async write(entries, now) {
      await Promise.all(
        entries.flatMap((entry) => {
          const text = JSON.stringify(entry);
          const end = endOf(entry);
          return [
            store.remember(historyOf(entry.person) + entry.id, text, keptUntil(entry)),
            store.remember(nameOf(entry), end > now ? text : null, end),
          ];
        }),
      );
      await refresh();
    },
    refresh,
  };
}
