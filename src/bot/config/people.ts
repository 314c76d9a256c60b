/** src/bot/config/people.ts: people and groups of the config become the directory. */
import { endOfHours, startOfLocalDay } from '../../engine/calendar.ts';
import type { ApproverRef, Instant, OpenHours, PersonId } from '../../engine/definition.ts';
import type { Absence, Directory, Person } from '../../engine/directory.ts';
import { addressProblem } from './address.ts';
import { eachText, hoursOf } from './calendars.ts';
import { reportDelegates, reportManagerCircles } from './chains.ts';
import { isDate, isTimeZone } from './dates.ts';
import { normaliseEmail } from './email.ts';
import { type GroupSource, groupsOf } from './groups.ts';
import { suggestion } from './nearest.ts';
import type { Path, Report } from './problem.ts';
import { reportRelative, reportUnknown } from './references.ts';
import type { GroupShape, PersonShape } from './shape.ts';

const WEEK_MS = 7 * 86_400_000;

type Shapes<Shape> = Readonly<Record<string, Shape>>;

export interface PeopleFacts {
  /** Whether plain http may be written: the connection goes nowhere that CALLBACK_ALLOW doesn't name. */
  readonly mayBePlain: boolean;
  /** The folder from which paths of files count: the config's; without it nothing is read. */
  readonly folder?: string;
  /** Absences that are over by then are not judged. */
  readonly now?: Instant;
  /** Who is meant where somebody has no manager. */
  readonly noManager?: readonly ApproverRef[];
  readonly report: Report;
  /** Told of what is allowed but probably not meant. */
  readonly warn: (message: string) => void;
}

export interface People {
  /** Groups with a source count as unavailable here, which fails closed. */
  readonly directory: Directory;
  readonly sources: ReadonlyMap<string, GroupSource>;
  readonly absenceCalendars: ReadonlyMap<PersonId, string>;
  /** Files that groups were read from. */
  readonly files: readonly string[];
}

export function directoryOf(people: Shapes<PersonShape>, groups: Shapes<GroupShape>, facts: PeopleFacts): People {
  const { report, warn, noManager = [], now = 0 } = facts;
  const persons = new Map(Object.entries(people).map(([id, shape]) => [id, personOf(id, shape, people, report)]));
  for (const key of ['email', 'slack', 'teams'] as const) reportShared(persons, key, report);
  reportManagerCircles(persons, report);
  reportDelegates(persons, now, report, warn);
  const { members, sources, files } = groupsOf(groups, { people: persons, ...facts });
  const directory: Directory = { people: persons, groups: members, ...(noManager.length > 0 && { noManager }) };
  for (const [i, ref] of noManager.entries()) {
    reportUnknown(ref, directory, ['directory', 'noManager', i], report);
    reportRelative(ref, directory, ['directory', 'noManager', i], report);
  }
  return { directory, sources, absenceCalendars: calendarsOf(people, facts), files };
}

function personOf(id: string, shape: PersonShape, people: Shapes<PersonShape>, report: Report): Person {
  const path = ['people', id];
  const timezone = shape.timezone ?? null;
  if (timezone !== null && !isTimeZone(timezone))
    report([...path, 'timezone'], `"${timezone}" is not an IANA time zone`);
  const email = shape.email === undefined ? null : normaliseEmail(shape.email);
  if (shape.email !== undefined && email === null) report([...path, 'email'], 'must be one ASCII email address');
  if (shape.slack !== undefined && !/^(T[A-Z0-9]+\/)?[UW][A-Z0-9]+$/.test(shape.slack))
    report([...path, 'slack'], 'must be a member id like U0123ABCD or T0TEAM/U0123ABCD');
  if (shape.teams !== undefined && !/^[0-9A-Za-z-]+(\/[0-9A-Za-z-]+)?$/.test(shape.teams))
    report([...path, 'teams'], 'must be an Entra object id, or tenant/object-id');
  const { manager } = shape;
  if (manager !== undefined && !Object.hasOwn(people, manager))
    report([...path, 'manager'], `"${manager}" is not a person${suggestion(manager, Object.keys(people))}`);
  if (manager === id) report([...path, 'manager'], 'nobody is their own manager');
  return {
    id,
    name: shape.name ?? id,
    email,
    slack: shape.slack ?? null,
    teams: shape.teams?.toLowerCase() ?? null,
    manager: manager ?? null,
    timezone,
    away: absencesOf(id, shape, people, report),
    ...delegateOf(id, shape, people, report),
    ...quietHoursOf(shape, path, report),
  };
}

function delegateOf(
  id: string,
  { delegate }: PersonShape,
  people: Shapes<PersonShape>,
  report: Report,
): Pick<Person, 'delegate'> {
  if (delegate === undefined) return {};
  const path = ['people', id, 'delegate'];
  if (!Object.hasOwn(people, delegate))
    report(path, `"${delegate}" is not a person${suggestion(delegate, Object.keys(people))}`);
  if (delegate === id) report(path, 'nobody stands in for themselves');
  return { delegate };
}

function quietHoursOf({ quietHours, timezone }: PersonShape, path: Path, report: Report): Pick<Person, 'quietHours'> {
  if (quietHours === undefined) return {};
  const hours: readonly OpenHours[] = eachText(quietHours, [...path, 'quietHours'], (text, at) =>
    hoursOf(text, at, report),
  );
  if (timezone === undefined) report([...path, 'quietHours'], 'needs "timezone": whose night is it?');
  if (hours.length === 0) report([...path, 'quietHours'], 'must name some hours, like "daily 22:00-07:00"');
  if (endOfHours(hours, 'UTC', 0) >= WEEK_MS) report([...path, 'quietHours'], 'leaves no hour of the week for notices');
  return { quietHours: hours };
}

/** A calendar's address lets whoever has it read the calendar, so no problem says it. */
function calendarsOf(
  people: Shapes<PersonShape>,
  facts: Pick<PeopleFacts, 'mayBePlain' | 'report'>,
): ReadonlyMap<PersonId, string> {
  return new Map(
    Object.entries(people).flatMap(([id, { calendar }]) => {
      if (calendar === undefined) return [];
      const problem = addressProblem(calendar, facts.mayBePlain);
      if (problem !== null) facts.report(['people', id, 'calendar'], problem);
      return [[id, calendar]];
    }),
  );
}

function absencesOf(id: string, shape: PersonShape, people: Shapes<PersonShape>, report: Report): Absence[] {
  const { away = [] } = shape;
  const isList = Array.isArray(away);
  const zone = shape.timezone !== undefined && isTimeZone(shape.timezone) ? shape.timezone : 'UTC';
  return (isList ? away : [away]).map(({ from, to, delegate }, i) => {
    const path = isList ? ['people', id, 'away', i] : ['people', id, 'away'];
    const [start, end] = [momentOf(from, zone, 'first'), momentOf(to, zone, 'last')];
    for (const [key, moment] of Object.entries({ from: start, to: end }))
      if (moment === null) report([...path, key], 'must be a date (2026-12-20) or a time (2026-12-20T08:00:00Z)');
    if (start !== null && end !== null && start >= end) report([...path, 'to'], 'must be after "from"');
    if (delegate !== undefined && !Object.hasOwn(people, delegate))
      report([...path, 'delegate'], `"${delegate}" is not a person${suggestion(delegate, Object.keys(people))}`);
    if (delegate === id) report([...path, 'delegate'], 'nobody stands in for themselves');
    return { from: start ?? 0, to: end ?? 0, delegate: delegate ?? null };
  });
}

/** A date means all of it, where the person lives: from its beginning, or to its end. */
function momentOf(text: string, timezone: string, end: 'first' | 'last'): Instant | null {
  if (isDate(text)) return startOfLocalDay(timezone, text, end === 'last' ? 1 : 0);
  const isTime =
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text) && isDate(text.slice(0, 10));
  const instant = isTime ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? null : instant;
}

function reportShared(people: ReadonlyMap<string, Person>, key: 'email' | 'slack' | 'teams', report: Report): void {
  const owners = new Map<string, string>();
  for (const [id, person] of people) {
    const value = person[key];
    const owner = value === null ? undefined : owners.get(value);
    if (owner !== undefined) report(['people', id, key], `is the same as that of ${owner}; two people cannot share it`);
    else if (value !== null) owners.set(value, id);
  }
}
