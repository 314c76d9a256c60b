/** src/bot/absence/words.ts: what people are told about their absences, in chat and on the web page alike. */
import { viaWords } from '../../adapters/words.ts';
import type { PersonId } from '../../engine/definition.ts';
import { absenceOf, type Directory } from '../../engine/directory.ts';
import type { Announced, Returned, Whereabouts } from './answers.ts';
import { type AwayEntry, endOf } from './entry.ts';
import { NAMED, PAST_SHOWN, PER_PERSON } from './limits.ts';
import { spoken } from './moment.ts';
import type { Outlook } from './outlook.ts';

const nameIn = ({ people }: Pick<Directory, 'people'>, id: PersonId): string => people.get(id)?.name ?? id;

export const refusedWords = {
  stranger: 'You are not in the directory here, so there is nothing to hand over.',
  self: 'Nobody stands in for themselves. Nothing was changed.',
  unknownDelegate: 'There is nobody of that name in the directory. Nothing was changed.',
  over: 'That is over already. Nothing was changed.',
  backwards: 'That ends before it begins. Nothing was changed.',
  tooLong: 'An absence begins within a year and lasts at most a year. Nothing was changed.',
  tooMany: `You have announced ${PER_PERSON} absences already: please take one back first.`,
  /** A stand-in who is away too, and hands on to nobody, or in a circle. */
  nobody(delegate: PersonId, stretch: Outlook, directory: Directory, timezone: string): string {
    const name = nameIn(directory, delegate);
    const person = directory.people.get(delegate);
    const absence = person === undefined ? null : absenceOf(person, stretch.from);
    const until = absence === null ? '' : ` (until ${spoken(absence.to, timezone, 'last')})`;
    return `${name} is away then too${until}, and that leads to nobody who could be asked in your place. Please name somebody else. Nothing was changed.`;
  },
} as const;

export function announcedWords(
  { entry, outlook, timezone }: Extract<Announced, { kind: 'announced' }>,
  directory: Directory,
): string {
  const until = `until ${spoken(entry.to, timezone, 'last')}`;
  const isNow = entry.from <= entry.at;
  const when = isNow
    ? `You are away ${until}`
    : `You will be away from ${spoken(entry.from, timezone, 'first')} ${until}`;
  const zone = ` (${timezone} time).`;
  if (outlook.every(({ who }) => who === null))
    return `${when}${zone} Nobody stands in for you, so you are still asked.`;
  const stays = isNow
    ? 'What waits for you now goes there at once, and you are kept informed.'
    : 'You are kept informed.';
  return `${when}${zone} ${insteadWords(entry.delegate, outlook, timezone, directory)} ${stays}`;
}

/** Who is asked, and until when where that changes. */
function insteadWords(
  delegate: PersonId | null,
  outlook: readonly Outlook[],
  timezone: string,
  directory: Directory,
): string {
  const named = ({ who }: Outlook): string => (who === null ? 'nobody else' : nameIn(directory, who));
  const others = outlook.filter(({ who }) => who !== delegate);
  const isPart = others.length < outlook.length;
  const because =
    delegate === null || others.length === 0
      ? ''
      : `${nameIn(directory, delegate)} is away ${isPart ? 'for a part of that time' : 'then'} too. `;
  const steps = outlook.map((stretch, i) =>
    i === outlook.length - 1 ? named(stretch) : `${named(stretch)} until ${spoken(stretch.to, timezone, 'last')}`,
  );
  const [only] = steps;
  return steps.length === 1
    ? `${because}${only} is asked in your place.`
    : `${because}Asked in your place: ${steps.join(', then ')}.`;
}

export function returnedWords(returned: Returned): string {
  switch (returned.kind) {
    case 'wasHere':
      return 'You are not away, and no absence of yours is announced.';
    case 'takenBack':
      return `You will not be away from ${spoken(returned.entry.from, returned.timezone, 'first')}: that is taken back.`;
    case 'back': {
      const despite =
        returned.despite === null
          ? ''
          : ` Your calendar or the config says otherwise until ${spoken(returned.despite, returned.timezone, 'last')} (${returned.timezone} time); until then that is not heeded.`;
      return `Welcome back: you are asked again from now on.${despite}`;
    }
  }
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** How somebody stands, as they are to read it. */
export function whereaboutsFacts(
  { timezone, current, planned, standsInFor, past }: Whereabouts,
  directory: Directory,
): readonly Fact[] {
  const name = (id: PersonId): string => nameIn(directory, id);
  const instead = (id: PersonId | null): string =>
    id === null ? 'nobody stands in for you' : `${name(id)} is asked in your place`;
  const you =
    current === null
      ? 'here'
      : `away until ${spoken(current.to, timezone, 'last')}; ${instead(current.who)}${saidWords(current.said)}`;
  const facts = [{ label: 'You', value: you }];
  for (const { from, to, delegate } of planned.slice(0, PER_PERSON))
    facts.push({
      label: 'Planned',
      value: `away from ${spoken(from, timezone, 'first')} until ${spoken(to, timezone, 'last')}${delegate === null ? '' : `; ${name(delegate)} stands in`}`,
    });
  for (const { person, until } of standsInFor.slice(0, NAMED))
    facts.push({ label: 'You stand in for', value: `${name(person)}, until ${spoken(until, timezone, 'last')}` });
  if (standsInFor.length > NAMED)
    facts.push({ label: 'You stand in for', value: `${standsInFor.length - NAMED} more` });
  for (const entry of past.slice(0, PAST_SHOWN))
    facts.push({ label: 'Before', value: pastWords(entry, timezone, name) });
  facts.push({ label: 'Times are', value: timezone });
  return facts;
}

const saidWords = (said: AwayEntry | null): string =>
  said === null ? ', as a calendar or the config says' : `, as you said ${viaWords[said.via]}`;

function pastWords(entry: AwayEntry, timezone: string, name: (id: PersonId) => string): string {
  const stoodIn = entry.delegate === null ? '' : `; ${name(entry.delegate)} stood in`;
  if (endOf(entry) <= entry.from) return `from ${spoken(entry.from, timezone, 'first')}: taken back`;
  return `from ${spoken(entry.from, timezone, 'first')} until ${spoken(endOf(entry), timezone, 'last')}${stoodIn}`;
}
