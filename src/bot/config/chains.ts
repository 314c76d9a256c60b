/**
 * src/bot/config/chains.ts: chains of people that lead nowhere: managers who go round in a circle, and delegates who are
 * away themselves.
 */
import type { Instant, PersonId } from '../../engine/definition.ts';
import { absenceOf, type Person } from '../../engine/directory.ts';
import type { Report } from './problem.ts';

type People = ReadonlyMap<PersonId, Person>;

/** Each circle once, at the person of it who comes first. */
export function reportManagerCircles(people: People, report: Report): void {
  const done = new Set<PersonId>();
  for (const start of people.keys()) {
    const chain: PersonId[] = [];
    let current: PersonId | null = start;
    while (current !== null && !done.has(current)) {
      done.add(current);
      chain.push(current);
      current = people.get(current)?.manager ?? null;
    }
    const at = current === null ? -1 : chain.indexOf(current);
    // Whoever is their own manager was told so by name.
    if (at === -1 || at === chain.length - 1) continue;
    const circle = [...chain.slice(at), chain[at]].join(' → ');
    report(['people', chain[at] ?? start, 'manager'], `managers go round in a circle: ${circle}`);
  }
}

/**
 * Delegates who are to stand in for each other at the same time are a mistake; a delegate who is away with nobody
 * further may be meant so: then the absent person is asked all the same.
 * @param now what is over by then is left alone
 */
export function reportDelegates(people: People, now: Instant, report: Report, warn: (message: string) => void): void {
  for (const person of people.values()) {
    for (const [i, absence] of person.away.entries()) {
      if (absence.to <= now || (absence.delegate ?? person.delegate ?? null) === null) continue;
      const moments = [Math.max(absence.from, now), ...beginnings(person, people, absence.from, absence.to, now)];
      const ends = moments.map((at) => ({ at, ...chainOf(person, people, at) }));
      const circle = ends.find(({ end }) => end === 'circle');
      const away = ends.find(({ end }) => end === 'away');
      const path = ['people', person.id, 'away', i];
      if (circle !== undefined)
        report(
          path,
          `on ${day(circle.at)} everybody who is to stand in is away: ${circle.chain.join(' → ')} → ${circle.chain[0]}`,
        );
      else if (away !== undefined)
        warn(
          `people.${person.id}.away: on ${day(away.at)} ${away.chain.at(-1)}, who is to stand in, is away as well and names nobody; ${person.id} is asked all the same`,
        );
    }
  }
}

const day = (at: Instant): string => new Date(at).toISOString().slice(0, 10);

/** When, within an absence, absences of whoever may stand in begin: the moments at which a chain may change for the worse. */
function beginnings(person: Person, people: People, from: Instant, to: Instant, now: Instant): readonly Instant[] {
  const chain = new Set<PersonId>([person.id]);
  const found = new Set<Instant>();
  for (const id of chain) {
    const { away = [], delegate } = people.get(id) ?? {};
    for (const absence of away) {
      if (absence.from > from && absence.from < to && absence.from > now) found.add(absence.from);
      if (absence.delegate !== null) chain.add(absence.delegate);
    }
    if (delegate !== undefined && away.length > 0) chain.add(delegate);
  }
  return [...found].sort((a, b) => a - b);
}

function chainOf(person: Person, people: People, at: Instant) {
  const chain: PersonId[] = [];
  let current: Person | undefined = person;
  while (current !== undefined) {
    if (chain.includes(current.id)) return { chain, end: 'circle' as const };
    const absence = absenceOf(current, at);
    if (absence === null) return { chain, end: 'here' as const };
    chain.push(current.id);
    const next: PersonId | null = absence.delegate ?? current.delegate ?? null;
    if (next === null) return { chain, end: chain.length > 1 ? ('away' as const) : ('here' as const) };
    current = people.get(next);
  }
  return { chain, end: 'here' as const };
}
