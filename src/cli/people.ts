/** src/cli/people.ts: `people show` and `people list`: how a name, a group or a reference resolves, out of the config itself. */
import { type Config, ConfigError, identify, isDate, loadConfig, suggestion } from '../bot/config/index.ts';
import { gatesAsking } from '../bot/directory/asking.ts';
import { type CheckedDirectory, checkDirectory } from '../bot/directory/checkup.ts';
import { readEnvironment } from '../bot/environment.ts';
import type { Instant, PersonId } from '../engine/definition.ts';
import { type Directory, type Resolution, type ResolveFor, resolve } from '../engine/directory.ts';
import { explainRef } from '../engine/explain-ref.ts';
import { relationOf } from '../engine/relation.ts';
import { columns } from './draw.ts';
import { CommandError, EXIT } from './failure.ts';
import { meaningLines, personLines } from './people-text.ts';
import type { Terminal } from './terminal.ts';
import { jsonText, plain } from './text.ts';

export interface PeopleFlags {
  readonly config?: string;
  readonly json?: true;
}

export interface ShowFlags extends PeopleFlags {
  readonly at?: string;
  readonly requester?: string;
}

/** 0: it comes to somebody. 1: it comes to nobody, or a source can't be asked. */
export async function showPerson(terminal: Terminal, name: string, flags: ShowFlags): Promise<number> {
  const config = configOf(terminal, flags);
  const at = flags.at === undefined ? terminal.now() : momentOf(flags.at);
  const asked = await askedNow(config, terminal);
  const { directory } = asked;
  const requester = flags.requester === undefined ? null : requesterOf(flags.requester, directory);
  const ref = referenceOf(name, directory);
  const facts: ResolveFor = { requester, approvers: [], exclude: null, now: at };
  const meaning = explainRef(ref, directory, facts);
  const resolution = resolve([ref], directory, facts);
  const gates = gatesAsking(ref, config.gates, directory).map((gate) => gate.name);
  const isUp = resolution.kind === 'people' && resolution.people.length > 0;
  if (flags.json) {
    terminal.out(
      jsonText({
        ref,
        at: new Date(at).toISOString(),
        ...outcomeOf(resolution),
        gates,
        meaning,
        ...about(ref, config, asked),
      }),
    );
    return isUp ? EXIT.done : EXIT.no;
  }
  const person = directory.people.get(ref);
  const lines =
    person === undefined
      ? meaningLines(meaning, { directory, sources: asked.sources, unknown: asked.unknown, at, paint: terminal.paint })
      : personLines(person, { directory, hasCalendar: config.absenceCalendars.has(ref), at, paint: terminal.paint });
  terminal.out(lines.join('\n'));
  terminal.out('');
  terminal.out(`Asked by  ${gates.length === 0 ? 'no gate' : gates.map(plain).join(', ')}`);
  terminal.out(`Comes to  ${endOf(resolution, directory, terminal)}`);
  return isUp ? EXIT.done : EXIT.no;
}

/** Everybody and every group, and how they are doing. */
export async function listPeople(terminal: Terminal, flags: PeopleFlags): Promise<number> {
  const config = configOf(terminal, flags);
  const { directory, sources } = await askedNow(config, terminal);
  const now = terminal.now();
  const facts: ResolveFor = { requester: null, approvers: [], exclude: null, now };
  const meantBy = (ref: string) => resolve([ref], directory, facts);
  const people = [...directory.people.values()].map(({ id, name, email, slack, teams, manager }) => {
    const standIn = Object.keys(standsForIn(meantBy(id)))[0] ?? null;
    return { id, name, email, slack, teams, manager, standIn };
  });
  const groups = [...directory.groups.keys()].map((name) => ({
    name,
    ...outcomeOf(meantBy(name)),
    source: sources.get(name)?.source.platform ?? null,
    trouble: sources.get(name)?.trouble ?? null,
  }));
  if (flags.json) {
    terminal.out(jsonText({ people, groups }));
    return EXIT.done;
  }
  const reached = (person: (typeof people)[number]): string =>
    (['email', 'slack', 'teams'] as const).filter((kind) => person[kind] !== null).join(', ') || 'web only';
  const rows = people.map((person) => [
    plain(person.id),
    plain(person.name),
    reached(person),
    plain(person.manager ?? '–'),
    person.standIn === null ? '' : `away, ${plain(person.standIn)} stands in`,
  ]);
  terminal.out(columns([['PERSON', 'NAME', 'REACHED BY', 'MANAGER', 'NOW'], ...rows], terminal.paint).join('\n'));
  if (groups.length > 0) {
    terminal.out('');
    const members = groups.map(({ name, source, people: found, trouble }) => [
      plain(name),
      source ?? 'config',
      found === null
        ? `unavailable: ${plain(trouble ?? 'a group in it can’t be asked')}`
        : found.map(plain).join(', ') || 'nobody',
    ]);
    terminal.out(columns([['GROUP', 'KEPT BY', 'WHO NOW'], ...members], terminal.paint).join('\n'));
  }
  return EXIT.done;
}

function configOf(terminal: Terminal, { config: file }: PeopleFlags): Config {
  try {
    return loadConfig(file ?? (terminal.env.COUNTERSIGN_CONFIG || './countersign.yaml'), terminal.env, terminal.now());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(error.message, 'countersign gates validate says the same, and exits 1.');
  }
}

async function askedNow(config: Config, terminal: Terminal): Promise<CheckedDirectory> {
  try {
    const { callbackAllow } = readEnvironment(terminal.env);
    return await checkDirectory(config, callbackAllow, terminal.now);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(error.message);
    throw error;
  }
}

/** A day means its beginning, in UTC. */
function momentOf(text: string): Instant {
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = isDate(text.slice(0, 10)) && (text.length === 10 || isTime) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new CommandError(`Not a time: ${text}`, 'Write 2026-12-24 or 2026-12-24T09:00:00Z.');
  return at;
}

function requesterOf(text: string, directory: Directory): PersonId {
  const person = identify(text, directory);
  if (person === null)
    throw new CommandError(`Nobody under people is ${text}${suggestion(text, directory.people.keys())}`, null, EXIT.no);
  return person;
}

/** As it stands in a gate; an email address alone will do. */
function referenceOf(text: string, directory: Directory): string {
  if (directory.people.has(text) || directory.groups.has(text) || relationOf(text) !== null) return text;
  const person = identify(text, directory);
  if (person !== null) return person;
  const names = [...directory.people.keys(), ...directory.groups.keys()];
  throw new CommandError(
    `“${text}” is no person, group or reference here${suggestion(text, names)}`,
    'countersign people list shows who there is.',
    EXIT.no,
  );
}

const standsForIn = (resolution: Resolution): Readonly<Record<PersonId, PersonId>> =>
  resolution.kind === 'people' ? resolution.standsFor : {};

function outcomeOf(resolution: Resolution) {
  if (resolution.kind === 'unavailable') return { people: null, unavailable: resolution.ref, standsFor: {} };
  return { people: resolution.people, unavailable: null, standsFor: resolution.standsFor };
}

/** For programs: what there is to know beside the meaning. No address of a source or calendar: they may be secrets. */
function about(ref: string, { absenceCalendars }: Config, { directory, sources, unknown }: CheckedDirectory) {
  const person = directory.people.get(ref);
  const states = [...sources].map(([group, { source, isUp, trouble }]) => ({
    group,
    keptBy: source.platform,
    isUp,
    trouble,
    leftOut: unknown.get(group) ?? [],
  }));
  return {
    person: person === undefined ? null : { ...person, hasCalendar: absenceCalendars.has(ref) },
    sources: states,
  };
}

function endOf(resolution: Resolution, { people }: Directory, { paint }: Terminal): string {
  if (resolution.kind === 'unavailable')
    return paint('red', `unavailable: “${plain(resolution.ref)}” can’t be asked, so gates that ask it stay closed`);
  if (resolution.people.length === 0) return paint('red', 'nobody: gates that ask only this refuse to open');
  const named = resolution.people.map((id) => {
    const absent = resolution.standsFor[id];
    const name = `${plain(people.get(id)?.name ?? id)} (${plain(id)})`;
    return absent === undefined ? name : `${name} for ${plain(absent)}`;
  });
  return named.join(', ');
}
