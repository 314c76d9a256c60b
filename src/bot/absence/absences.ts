/**
 * src/bot/absence/absences.ts: who is away, when, and who stands in: what people say, what their calendars say and what
 * the config says, joined for the directory, and the requests that follow.
 */
import { randomUUID } from 'node:crypto';
import type { Instant, PersonId } from '../../engine/definition.ts';
import { type Absence, absenceOf, type Directory, type Person, standIn } from '../../engine/directory.ts';
import { type Store, StoreUnavailableError } from '../../store/port.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import type { GroupChanges } from '../directory/changes.ts';
import type { Handler } from '../handle.ts';
import type { Announced, Returned, Whereabouts, Wish } from './answers.ts';
import { createAwayBook } from './book.ts';
import { type Calendars, type CalendarsParts, createCalendars } from './calendars.ts';
import { type AwayEntry, endOf } from './entry.ts';
import { createHandovers } from './handovers.ts';
import { LONGEST_MS, PER_PERSON } from './limits.ts';
import { parseMoment } from './moment.ts';
import { outlookOf, withAbsences } from './outlook.ts';
import { absencesOf } from './overlay.ts';
import { refusedWords } from './words.ts';

export interface AbsenceLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AbsenceParts extends Pick<CalendarsParts, 'read' | 'timers' | 'random'> {
  readonly store: Pick<Store, 'recallAll' | 'remember' | 'list'>;
  readonly handler: Pick<Handler, 'change'>;
  /** As it stands in the file. */
  readonly config: () => Pick<Config, 'directory' | 'absenceCalendars'>;
  /** The newest, with these absences and the groups that somebody else keeps. */
  readonly directory: () => Directory;
  readonly clock: Clock;
  readonly log: AbsenceLog;
  /** For the one line of each absence. */
  readonly decisions: Pick<AbsenceLog, 'info'>;
}

export interface Absences {
  /** For the directory, in place of what the config says of these people; the same object until something has changed. */
  overlay(): ReadonlyMap<PersonId, readonly Absence[]>;
  /** Durable when it resolves. @throws StoreUnavailableError */
  announce(person: PersonId, wish: Wish, via: AwayEntry['via']): Promise<Announced>;
  /** Ends an absence, or takes back the next one that they announced. @throws StoreUnavailableError */
  comeBack(person: PersonId, via: AwayEntry['via']): Promise<Returned>;
  /** @throws StoreUnavailableError */
  whereabouts(person: PersonId): Promise<Whereabouts>;
  /** What is wrong with whose calendar, in words. */
  problems: Calendars['problems'];
  /** Reads what was said; calendars are read in the background. @throws StoreUnavailableError */
  start(): Promise<void>;
  /** The config was read again. */
  reloaded(): void;
  groupsChanged(changes: GroupChanges): void;
  /** On each tick: hears what was said at other replicas, and lets requests follow. Never rejects. */
  turn(): Promise<void>;
  stop(): Promise<void>;
}

export function createAbsences(parts: AbsenceParts): Absences {
  const { store, config, directory, clock, log, decisions } = parts;
  const book = createAwayBook(store, log);
  const calendars = createCalendars({
    ...parts,
    addresses: () => config().absenceCalendars,
    ownerOf: (id) => {
      const person = config().directory.people.get(id);
      return { timezone: timezoneOf(person), email: person?.email ?? null };
    },
    onNews: () => void turn(),
  });
  const handovers = createHandovers(parts);
  let turning: Promise<void> | null = null;
  let isAskedAgain = false;
  let isStopped = false;
  let made: { readonly of: readonly unknown[]; readonly overlay: ReadonlyMap<PersonId, readonly Absence[]> } | null =
    null;

  function overlay(): ReadonlyMap<PersonId, readonly Absence[]> {
    const { people } = config().directory;
    const [said, read] = [book.entries(), calendars.away()];
    if (made?.of[0] === people && made.of[1] === said && made.of[2] === read) return made.overlay;
    const all = new Set([...said.keys(), ...read.keys()]);
    const laid = [...all].flatMap((id) => {
      const person = people.get(id);
      return person === undefined ? [] : [[id, effective(person, said.get(id) ?? [])] as const];
    });
    made = { of: [people, said, read], overlay: new Map(laid) };
    return made.overlay;
  }

  const effective = (person: Person, said: readonly AwayEntry[]): readonly Absence[] =>
    absencesOf(said, calendars.away().get(person.id) ?? [], person.away);

  /** Whoever comes while one runs waits for one more: what they have written may not have been read yet. */
  function turn(): Promise<void> {
    if (isStopped) return Promise.resolve();
    isAskedAgain = turning !== null;
    turning ??= run().finally(() => {
      turning = null;
    });
    return turning;
  }

  async function run(): Promise<void> {
    do {
      isAskedAgain = false;
      try {
        await book.refresh();
        await handovers.turn();
      } catch (error) {
        if (error instanceof StoreUnavailableError)
          log.warn({ err: error }, 'absences could not be read; what was known counts');
        else log.error({ err: error }, 'requests could not follow absences; the next tick tries again');
      }
    } while (isAskedAgain && !isStopped);
  }

  function note(entry: AwayEntry, what: string): void {
    const { person, by, via, from, to, delegate } = entry;
    decisions.info({ person, by, via, from: written(from), to: written(to), delegate }, what);
  }

  return {
    overlay,
    async announce(id, wish, via) {
      const person = config().directory.people.get(id);
      if (person === undefined) return { kind: 'refused', words: refusedWords.stranger };
      const now = clock();
      const timezone = timezoneOf(person);
      const said = book.entries().get(id) ?? [];
      const read = momentsOf(wish, timezone, now);
      if (typeof read === 'string') return { kind: 'refused', words: read };
      const { delegate } = wish;
      if (delegate === id) return { kind: 'refused', words: refusedWords.self };
      if (delegate !== null && !directory().people.has(delegate))
        return { kind: 'refused', words: refusedWords.unknownDelegate };
      if (said.filter((entry) => endOf(entry) > now).length >= PER_PERSON)
        return { kind: 'refused', words: refusedWords.tooMany };
      const entry: AwayEntry = {
        id: randomUUID(),
        person: id,
        kind: 'away',
        ...read,
        delegate,
        by: id,
        via,
        at: after(said, now),
      };
      const then = withAbsences(directory(), id, effective(person, [...said, entry]));
      const outlook = outlookOf(then, id, entry.from, entry.to);
      const nobody = outlook.find(({ who }) => who === null);
      if (delegate !== null && nobody !== undefined)
        return { kind: 'refused', words: refusedWords.nobody(delegate, nobody, then, timezone) };
      await book.write([entry], now);
      note(entry, 'away');
      void turn();
      return { kind: 'announced', entry, timezone, outlook };
    },
    async comeBack(id, via) {
      const person = config().directory.people.get(id);
      const now = clock();
      const timezone = timezoneOf(person);
      const said = book.entries().get(id) ?? [];
      if (person === undefined) return { kind: 'wasHere' };
      if (effective(person, said).some(({ from, to }) => from <= now && now < to)) {
        const ended = said
          .filter((entry) => entry.kind === 'away' && entry.from <= now && now < endOf(entry))
          .map((entry) => ({ ...entry, endedAt: now }));
        const rest = [...said.filter((entry) => ended.every((other) => other.id !== entry.id)), ...ended];
        const isStillAway = effective(person, rest).some(({ from, to }) => from <= now && now < to);
        const despite = isStillAway ? endOfAll(effective(person, []), now) : null;
        const facts = { id: randomUUID(), person: id, from: now, delegate: null, by: id, via, at: after(said, now) };
        const here: AwayEntry[] = despite === null ? [] : [{ ...facts, kind: 'here', to: despite }];
        await book.write([...ended, ...here], now);
        for (const entry of ended.length > 0 ? ended : here) note(entry, 'back');
        void turn();
        return { kind: 'back', despite, timezone };
      }
      const [next] = plansOf(said, now);
      if (next === undefined) return { kind: 'wasHere' };
      await book.write([{ ...next, endedAt: now }], now);
      note(next, 'absence taken back');
      void turn();
      return { kind: 'takenBack', entry: next, timezone };
    },
    async whereabouts(id) {
      const history = await book.history(id);
      const now = clock();
      const all = directory();
      const person = all.people.get(id);
      const said = book.entries().get(id) ?? [];
      const absence = person === undefined ? null : absenceOf(person, now);
      const isLast = (entry: AwayEntry): boolean => entry.kind === 'away' && entry.from <= now && now < endOf(entry);
      return {
        timezone: timezoneOf(person),
        current: absence && {
          from: absence.from,
          to: absence.to,
          who: standIn(id, all, { exclude: null, now }),
          said: said.findLast(isLast) ?? null,
        },
        planned: (person?.away ?? []).filter(({ from }) => from > now),
        hasPlans: plansOf(said, now).length > 0,
        standsInFor: [...all.people.values()].flatMap((other) => {
          const away = other.away.length === 0 ? null : absenceOf(other, now);
          if (away === null || standIn(other.id, all, { exclude: null, now }) !== id) return [];
          return [{ person: other.id, until: away.to }];
        }),
        past: history.filter((entry) => entry.kind === 'away' && endOf(entry) <= now).toReversed(),
      };
    },
    problems: calendars.problems,
    async start() {
      await book.refresh();
      calendars.follow();
      handovers.everything();
    },
    reloaded() {
      calendars.follow();
      handovers.everything();
      void turn();
    },
    groupsChanged(changes) {
      handovers.groupsChanged(changes);
      void turn();
    },
    turn,
    async stop() {
      isStopped = true;
      await Promise.all([calendars.stop(), handovers.stop()]);
      await turning;
    },
  };
}

/** What was announced and has not begun, in order. */
const plansOf = (said: readonly AwayEntry[], now: Instant): readonly AwayEntry[] =>
  said
    .filter((entry) => entry.kind === 'away' && entry.from > now && entry.endedAt === undefined)
    .toSorted((a, b) => a.from - b.from);
const timezoneOf = (person: Person | undefined): string => person?.timezone ?? 'UTC';
/** What is said later counts before what was said earlier, also within one millisecond. */
const after = (said: readonly AwayEntry[], now: Instant): Instant => Math.max(now, ...said.map(({ at }) => at + 1));
const written = (at: Instant): string => new Date(at).toISOString();

/** Both ends, or why not. */
function momentsOf(
  { from, until }: Wish,
  timezone: string,
  now: Instant,
): { readonly from: Instant; readonly to: Instant } | string {
  const first = from === null ? null : parseMoment(from, timezone, now, 'first');
  const last = parseMoment(until, timezone, now, 'last');
  if (first?.kind === 'unclear') return first.words;
  if (last.kind === 'unclear') return last.words;
  const [start, end] = [Math.max(now, first?.at ?? now), last.at];
  if (end <= now) return refusedWords.over;
  if (end <= start) return refusedWords.backwards;
  return start > now + LONGEST_MS || end > start + LONGEST_MS ? refusedWords.tooLong : { from: start, to: end };
}

/** When absences without a gap between them end; null: there is none now. */
function endOfAll(absences: readonly Absence[], now: Instant): Instant | null {
  let end: Instant | null = null;
  for (const { from, to } of absences) if (from <= (end ?? now) && to > (end ?? now)) end = to;
  return end;
}
