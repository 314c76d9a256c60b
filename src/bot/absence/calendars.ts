/**
 * src/bot/absence/calendars.ts: people's own calendars, read now and then in the background. One that can't be read
 * changes nothing for a day; then it is left out, and its owner counts as here: what we can't read never keeps anybody
 * from being asked.
 */
import type { Instant, PersonId } from '../../engine/definition.ts';
import type { Timers } from '../dispatch/timers.ts';
import { AT_ONCE, JITTER_PERCENT, REFRESH_MS, RETRY_MS, STALE_MS } from './limits.ts';
import type { Stretch } from './overlay.ts';

export interface CalendarsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What was read of a calendar. */
export interface ReadCalendar {
  readonly away: readonly Stretch[];
  /** In words; null: nothing is wrong with it. */
  readonly note: string | null;
}

export interface CalendarOwner {
  readonly timezone: string;
  readonly email: string | null;
}

export interface CalendarsParts {
  /** Addresses as the config has them now, by whose calendar it is. */
  readonly addresses: () => ReadonlyMap<PersonId, string>;
  readonly ownerOf: (person: PersonId) => CalendarOwner;
  /** @throws an Error whose message says in words why it can't be read, without the address */
  readonly read: (url: string, owner: CalendarOwner, now: Instant, signal: AbortSignal) => Promise<ReadCalendar>;
  readonly clock: () => Instant;
  readonly timers: Timers;
  /** 0 to 1. */
  readonly random: () => number;
  readonly log: CalendarsLog;
  /** Called after what is known has changed. */
  readonly onNews: () => void;
}

export interface Calendars {
  /** The same object until something has changed. */
  away(): ReadonlyMap<PersonId, readonly Stretch[]>;
  /** What is wrong with whose calendar, in words. */
  problems(): ReadonlyMap<PersonId, string>;
  /** Takes up what the config has now: begins to read what is new, forgets what is gone. */
  follow(): void;
  stop(): Promise<void>;
}

interface Followed {
  readonly url: string;
  readonly owner: CalendarOwner;
  readonly stopping: AbortController;
  cancel: () => void;
  /** null: never read so far, or too long ago. */
  away: readonly Stretch[] | null;
  readAt: Instant | null;
  problem: string | null;
}

export function createCalendars({
  addresses,
  ownerOf,
  read,
  clock,
  timers,
  random,
  log,
  onNews,
}: CalendarsParts): Calendars {
  const followed = new Map<PersonId, Followed>();
  const waiting: (() => Promise<void>)[] = [];
  const running = new Set<Promise<void>>();
  let known: ReadonlyMap<PersonId, readonly Stretch[]> = new Map();
  let isStopped = false;

  function collect(): void {
    known = new Map([...followed].flatMap(([person, { away }]) => (away === null ? [] : [[person, away] as const])));
    onNews();
  }

  function enqueue(work: () => Promise<void>): void {
    waiting.push(work);
    pump();
  }

  function pump(): void {
    while (running.size < AT_ONCE) {
      const next = waiting.shift();
      if (next === undefined) return;
      const run = next().finally(() => {
        running.delete(run);
        pump();
      });
      running.add(run);
    }
  }

  async function readNow(person: PersonId, calendar: Followed): Promise<void> {
    const isCurrent = (): boolean => !isStopped && followed.get(person) === calendar;
    if (!isCurrent()) return;
    let delayMs = REFRESH_MS;
    try {
      const { away, note } = await read(calendar.url, calendar.owner, clock(), calendar.stopping.signal);
      if (!isCurrent()) return;
      calendar.readAt = clock();
      const isNews = JSON.stringify(away) !== JSON.stringify(calendar.away);
      calendar.away = away;
      if (note !== null && note !== calendar.problem) log.warn({ person }, `calendar of ${person}: ${note}`);
      else if (note === null && calendar.problem !== null)
        log.info({ person }, `calendar of ${person}: can be read again`);
      calendar.problem = note;
      if (isNews) collect();
    } catch (error) {
      if (!isCurrent()) return;
      fail(person, calendar, error instanceof Error ? error.message : 'it can’t be read');
      delayMs = RETRY_MS;
    }
    schedule(person, calendar, delayMs);
  }

  function fail(person: PersonId, calendar: Followed, why: string): void {
    const isStale = calendar.readAt === null || clock() >= calendar.readAt + STALE_MS;
    const consequence = isStale ? 'it is left out, and they count as here' : 'what was read last still counts';
    const problem = `it can’t be read (${why}): ${consequence}`;
    if (problem !== calendar.problem) log.warn({ person }, `calendar of ${person}: ${problem}`);
    calendar.problem = problem;
    if (!isStale || calendar.away === null) return;
    calendar.away = null;
    collect();
  }

  function schedule(person: PersonId, calendar: Followed, ms: number): void {
    const moved = ms * (1 + (JITTER_PERCENT / 100) * (2 * random() - 1));
    calendar.cancel = timers.after(moved, () => enqueue(() => readNow(person, calendar)));
  }

  function forget(person: PersonId, calendar: Followed): void {
    calendar.cancel();
    calendar.stopping.abort();
    followed.delete(person);
  }

  return {
    away: () => known,
    problems: () =>
      new Map([...followed].flatMap(([person, { problem }]) => (problem === null ? [] : [[person, problem] as const]))),
    follow() {
      if (isStopped) return;
      const now = addresses();
      let isGone = false;
      for (const [person, calendar] of followed) {
        if (now.get(person) === calendar.url && isSame(ownerOf(person), calendar.owner)) continue;
        forget(person, calendar);
        isGone = true;
      }
      if (isGone) collect();
      for (const [person, url] of now) {
        if (followed.has(person)) continue;
        const facts = { url, owner: ownerOf(person), stopping: new AbortController() };
        const calendar: Followed = { ...facts, cancel: () => {}, away: null, readAt: null, problem: null };
        followed.set(person, calendar);
        enqueue(() => readNow(person, calendar));
      }
    },
    async stop() {
      isStopped = true;
      waiting.length = 0;
      for (const [person, calendar] of followed) forget(person, calendar);
      await Promise.all(running);
    },
  };
}

const isSame = (a: CalendarOwner, b: CalendarOwner): boolean => a.timezone === b.timezone && a.email === b.email;
