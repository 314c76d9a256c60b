/** src/cli/people-text.ts: how `people show` draws: a person's card, and a tree of what a reference comes to. */
import type { SourceState } from '../bot/directory/source.ts';
import { endOfHours } from '../engine/calendar.ts';
import type { Instant, OpenHours, PersonId } from '../engine/definition.ts';
import type { Directory, Person } from '../engine/directory.ts';
import { type Away, awayOf, everybody, type Meaning } from '../engine/explain-ref.ts';
import type { Terminal } from './terminal.ts';
import { plain } from './text.ts';

export interface MeaningAt {
  readonly directory: Directory;
  readonly sources: ReadonlyMap<string, SourceState>;
  /** Whom sources name and nobody under people is. */
  readonly unknown: ReadonlyMap<string, readonly string[]>;
  readonly at: Instant;
  readonly paint: Terminal['paint'];
}

export interface PersonAt extends Pick<MeaningAt, 'directory' | 'at' | 'paint'> {
  readonly hasCalendar: boolean;
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const MOST_UNKNOWN = 5;

export function personLines(person: Person, { directory, hasCalendar, at, paint }: PersonAt): readonly string[] {
  const addresses = (['email', 'slack', 'teams'] as const).flatMap((kind) =>
    person[kind] === null ? [] : [`${kind} ${plain(person[kind])}`],
  );
  const away = awayOf(person.id, directory, { exclude: null, now: at });
  const planned = person.away.filter(({ from }) => from > at);
  const groups = [...directory.groups].flatMap(([name, group]) =>
    group !== 'unavailable' && group.includes(person.id) ? [name] : [],
  );
  const facts: readonly (readonly [string, string])[] = [
    ['Reached by', addresses.join(' · ') || 'nothing but the web page'],
    ['Managers', managersOf(person.id, directory).map(plain).join(' → ') || 'none'],
    ['Time zone', plain(person.timezone ?? 'not known')],
    ...(person.quietHours === undefined ? [] : [['Quiet hours', quietText(person, at)] as const]),
    ...(person.delegate === undefined ? [] : [['Delegate', plain(person.delegate)] as const]),
    ...(hasCalendar ? [['Calendar', 'read for absences'] as const] : []),
    ['Now', away === null ? 'here' : paint('yellow', awayText(away))],
    ...planned.map(
      ({ from, to, delegate }) =>
        [
          'Later',
          `away ${timeText(from)} to ${timeText(to)}${delegate === null ? '' : `, ${plain(delegate)} stands in`}`,
        ] as const,
    ),
    ['In groups', groups.map(plain).join(', ') || 'none'],
  ];
  const width = Math.max(...facts.map(([label]) => label.length));
  return [
    `${paint('bold', plain(person.name))} (${plain(person.id)})`,
    ...facts.map(([label, text]) => `  ${paint('dim', label.padEnd(width))}  ${text}`),
  ];
}

function managersOf(id: PersonId, { people }: Directory): readonly PersonId[] {
  const chain: PersonId[] = [];
  for (let next = people.get(id)?.manager ?? null; next !== null && !chain.includes(next); ) {
    chain.push(next);
    next = people.get(next)?.manager ?? null;
  }
  return chain;
}

function quietText({ quietHours = [], timezone }: Person, at: Instant): string {
  const until = endOfHours(quietHours, timezone ?? 'UTC', at);
  const now = until > at ? `, quiet now until ${timeText(until)}` : '';
  return `${quietHours.map(hoursText).join('; ')}${now}`;
}

const hoursText = ({ days, fromMinute, toMinute }: OpenHours): string =>
  `${days.length === 7 ? 'daily' : days.map((day) => DAYS[day - 1] ?? '').join(',')} ${clock(fromMinute)}-${clock(toMinute)}`;

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const timeText = (at: Instant): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export const meaningLines = (meaning: Meaning, at: MeaningAt): readonly string[] =>
  drawn(meaning, { ...at, asked: new Set(everybody(meaning)) }, '', '', '');

/** Everybody in the tree: whoever is asked already stands in for nobody. */
interface TreeAt extends MeaningAt {
  readonly asked: ReadonlySet<PersonId>;
}

/** One line, and below it what it is made of. `first` stands before the line, `rest` before those below. */
function drawn(meaning: Meaning, at: TreeAt, first: string, rest: string, note: string): readonly string[] {
  const children = childrenOf(meaning);
  const below = children.flatMap(({ meaning: child, note: said }, i) => {
    const isLast = i === children.length - 1;
    return drawn(child, at, `${rest}${isLast ? '└ ' : '├ '}`, `${rest}${isLast ? '  ' : '│ '}`, said);
  });
  return [`${first}${textOf(meaning, at)}${note}`, ...below];
}

function childrenOf(meaning: Meaning): readonly { readonly meaning: Meaning; readonly note: string }[] {
  if (meaning.kind === 'group') return meaning.members.map((member) => ({ meaning: member, note: '' }));
  if (meaning.kind !== 'relation') return [];
  return meaning.reports.flatMap(({ person, chain, meant }) => {
    const isShort = chain.length < meaning.levels;
    const way = [person, ...chain].map(plain).join(' → ');
    const note = isShort ? `  instead of a manager: ${way} → nobody` : `  ${way}`;
    return meant.length === 0
      ? [{ meaning: { kind: 'nobody', ref: person, why: 'unknown' } as const, note: ` (${way} → nobody)` }]
      : meant.map((one) => ({ meaning: one, note }));
  });
}

function textOf(meaning: Meaning, { directory, sources, unknown, paint, asked }: TreeAt): string {
  switch (meaning.kind) {
    case 'person': {
      const name = `${paint('bold', plain(meaning.person))}  ${plain(directory.people.get(meaning.person)?.name ?? '')}`;
      const excluded = meaning.isExcluded ? paint('yellow', '  may not decide here') : '';
      return `${name}${meaning.away === null ? '' : `  ${paint('yellow', awayText(meaning.away, asked))}`}${excluded}`;
    }
    case 'group': {
      const state = sources.get(meaning.ref);
      const left = unknown.get(meaning.ref) ?? [];
      const more = left.length > MOST_UNKNOWN ? ', …' : '';
      const out = left.length === 0 ? '' : `; left out: ${left.slice(0, MOST_UNKNOWN).map(plain).join(', ')}${more}`;
      const kept = state === undefined ? '' : `  kept by ${state.source.platform}, asked just now${out}`;
      return `${paint('bold', plain(meaning.ref))}  group${paint('dim', kept)}${meaning.isAgain ? paint('dim', '  as above') : ''}`;
    }
    case 'unavailable':
      return `${paint('bold', plain(meaning.ref))}  ${paint('red', `unavailable: ${plain(sources.get(meaning.ref)?.trouble ?? 'not known')}`)}`;
    case 'relation': {
      const closed =
        meaning.unavailable === null ? '' : paint('red', `  “${plain(meaning.unavailable)}” can’t be asked`);
      const up = meaning.levels === 1 ? 'the manager' : `${meaning.levels} managers up`;
      return `${paint('bold', plain(meaning.ref))}  ${up} from ${plain(meaning.of)}${closed}`;
    }
    case 'nobody':
      return `${plain(meaning.ref)}  ${paint('yellow', WHY[meaning.why])}`;
  }
}

const WHY = {
  unknown: 'nobody',
  noRequester: 'depends on who asks: --requester NAME says who',
  noApprovers: 'depends on the request: those who were asked and did not answer',
} as const;

function awayText({ to, delegates, end }: Away, asked: ReadonlySet<PersonId> = new Set()): string {
  const until = `away until ${timeText(to)}`;
  const chain = delegates.map(plain).join(' → ');
  switch (end) {
    case 'here':
      return asked.has(delegates.at(-1) ?? '')
        ? `${until}, ${chain} would stand in and is asked anyway: both are asked`
        : `${until}, ${chain} stands in`;
    case 'nobody':
      return `${until}, nobody stands in: asked all the same`;
    case 'away':
      return `${until}, ${chain} is away as well and names nobody: asked all the same`;
    case 'circle':
      return `${until}, they stand in for each other (${chain}): asked all the same`;
    case 'excluded':
      return `${until}, ${chain} may not decide: asked all the same`;
  }
}
