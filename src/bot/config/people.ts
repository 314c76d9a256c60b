/** src/bot/config/people.ts: people and groups of the config become the directory. */
import { startOfLocalDay } from '../../engine/calendar.ts';
import type { Instant } from '../../engine/definition.ts';
import { type Absence, type Directory, type Group, type Person, personByAddress } from '../../engine/directory.ts';
import { normaliseEmail } from './email.ts';
import { suggestion } from './nearest.ts';
import type { Path, Report } from './problem.ts';
import type { GroupShape, PersonShape } from './shape.ts';
import { SLACK_USERGROUP } from './slack.ts';
import { TEAMS_CONVERSATION } from './teams.ts';

type Shapes<Shape> = Readonly<Record<string, Shape>>;

/** Where the members of a group come from that somebody else keeps. */
export interface GroupSource {
  readonly platform: 'slack' | 'teams';
  /** `S…` of the home workspace, or `T…/S…`. */
  readonly id: string;
}

/**
 * Groups with a source count as unavailable here, which fails closed.
 * @param warn told of sources that cannot be asked yet
 */
export function directoryOf(
  people: Shapes<PersonShape>,
  groups: Shapes<GroupShape>,
  report: Report,
  warn: (message: string) => void,
): { readonly directory: Directory; readonly sources: ReadonlyMap<string, GroupSource> } {
  const persons = new Map(Object.entries(people).map(([id, shape]) => [id, personOf(id, shape, people, report)]));
  for (const key of ['email', 'slack', 'teams'] as const) reportShared(persons, key, report);
  const sources = new Map<string, GroupSource>();
  const members = new Map(Object.entries(groups).map(([id, shape]) => [id, groupOf(id, shape, sources, report, warn)]));
  const directory: Directory = { people: persons, groups: members };
  for (const [id, group] of members) {
    if (persons.has(id)) report(['groups', id], `"${id}" is a person as well; people and groups share their names`);
    if (group === 'unavailable') continue;
    for (const [i, ref] of group.entries()) reportUnknown(ref, directory, ['groups', id, i], report);
    if (!persons.has(id) && reaches(id, id, members, new Set())) report(['groups', id], `"${id}" contains itself`);
  }
  return { directory, sources };
}

/** Reports a reference that can never resolve: an unknown name, an unknown relation, an address of nobody. */
export function reportUnknown(ref: string, directory: Directory, path: Path, report: Report): void {
  if (directory.people.has(ref) || directory.groups.has(ref)) return;
  const colon = ref.indexOf(':');
  const kind = ref.slice(0, colon);
  if (colon === -1) {
    const names = [...directory.people.keys(), ...directory.groups.keys()];
    report(path, `"${ref}" is neither a person nor a group${suggestion(ref, names)}`);
  } else if (kind === 'manager-of') {
    const relation = ref.slice(colon + 1);
    if (relation !== 'requester' && relation !== 'approvers')
      report(path, `"${ref}" is not known; there are manager-of:requester and manager-of:approvers`);
  } else if (kind === 'email' && normaliseEmail(ref.slice(colon + 1)) === null) {
    report(path, `"${ref}" is not one email address`);
  } else if (kind === 'slack' && !/^slack:T[A-Z0-9]+\/[UW][A-Z0-9]+$/.test(ref)) {
    report(path, `"${ref}" must look like slack:T0TEAM/U0USER`);
  } else if (kind === 'teams' && !/^teams:[0-9A-Za-z-]+\/[0-9A-Za-z-]+$/.test(ref)) {
    report(path, `"${ref}" must look like teams:tenant/object-id`);
  } else if (kind !== 'email' && kind !== 'slack' && kind !== 'teams') {
    report(path, `"${ref}" is not a reference; write a name, manager-of:…, email:…, slack:… or teams:…`);
  } else if (personByAddress(ref, directory) === null) {
    report(path, `nobody under people is ${ref}`);
  }
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
  };
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

/** A day that the calendar has, as YYYY-MM-DD. */
export function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

export function isTimeZone(name: string): boolean {
  try {
    // Offsets like +01:00 are accepted by newer engines only, and have no summer time.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
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

function groupOf(
  id: string,
  shape: GroupShape,
  sources: Map<string, GroupSource>,
  report: Report,
  warn: (message: string) => void,
): Group {
  if (Array.isArray(shape)) return shape;
  const kinds = Object.keys(shape);
  if (kinds.length !== 1) {
    report(['groups', id], 'must name exactly one source: slackUsergroup, teamsTeam or http');
    return 'unavailable';
  }
  const { slackUsergroup } = shape;
  if (slackUsergroup !== undefined) {
    if (SLACK_USERGROUP.test(slackUsergroup)) sources.set(id, { platform: 'slack', id: slackUsergroup });
    else report(['groups', id, 'slackUsergroup'], 'must be a user group’s id like S0123ABCD or T0TEAM/S0123ABCD');
    return 'unavailable';
  }
  const { teamsTeam } = shape;
  if (teamsTeam !== undefined) {
    if (TEAMS_CONVERSATION.test(teamsTeam)) sources.set(id, { platform: 'teams', id: teamsTeam });
    else report(['groups', id, 'teamsTeam'], 'must be a team’s or a group chat’s id like 19:…@thread.tacv2');
    return 'unavailable';
  }
  warn(`groups.${id}: members from ${kinds[0]} are not available yet; gates that ask this group refuse to open`);
  return 'unavailable';
}

/** Whether the members of group `from` lead to group `to`. */
function reaches(from: string, to: string, groups: ReadonlyMap<string, Group>, seen: Set<string>): boolean {
  const members = groups.get(from);
  if (members === undefined || members === 'unavailable' || seen.has(from)) return false;
  seen.add(from);
  return members.some((ref) => ref === to || reaches(ref, to, groups, seen));
}
