/**
 * src/bot/stats/tally.ts: what is counted of a gate and of a person in a week, and a week as the text it is kept as.
 * A text has a line for each gate and each person, so that one of them is read without parsing the others.
 */
import type { PersonId } from '../../engine/definition.ts';
import { GATES, PEOPLE } from './limits.ts';
import { bucketOf, type Spread } from './spread.ts';

export const GATE_COUNTS = [
  'opened',
  'approved.votes',
  'approved.timeout',
  'approved.auto',
  'approved.bypass',
  'rejected.votes',
  'rejected.timeout',
  'cancelled.cancelled',
  'cancelled.superseded',
  'cancelled.orphaned',
  'sla.met',
  'sla.warned',
  'sla.breached',
  'sla.without',
  'reminders',
  'escalations',
  'pauses',
] as const;
export type GateCount = (typeof GATE_COUNTS)[number];

export const PERSON_COUNTS = ['asked', 'votes', 'onBehalf', 'missed', 'quick'] as const;
export type PersonCount = (typeof PERSON_COUNTS)[number];

/** Counts by name, those that are 0 left out, and how long something took. */
export interface Tally<Name extends string> {
  readonly counts: Readonly<Partial<Record<Name, number>>>;
  /** Of a gate: from opening to the decision by votes. Of a person: from being asked to the vote. */
  readonly times: Spread;
}
export type GateTally = Tally<GateCount>;
export type PersonTally = Tally<PersonCount>;

/** A tally that grows. */
export class Adding<Name extends string> implements Tally<Name> {
  readonly counts: Partial<Record<Name, number>> = {};
  readonly times: Record<number, number> = {};

  count(name: Name, by = 1): void {
    if (by > 0) this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  time(ms: number): void {
    const bucket = bucketOf(ms);
    this.times[bucket] = (this.times[bucket] ?? 0) + 1;
  }

  add(other: Tally<Name>, names: readonly Name[]): this {
    for (const name of names) this.count(name, other.counts[name] ?? 0);
    for (const [bucket, count] of Object.entries(other.times))
      this.times[Number(bucket)] = (this.times[Number(bucket)] ?? 0) + count;
    return this;
  }
}

/** What one event adds to its week. */
export interface Contribution {
  readonly gate: string;
  readonly tally: GateTally;
  readonly people: ReadonlyMap<PersonId, PersonTally>;
}

/** One week, as it is being counted. */
export class WeekTally {
  /** Every event of this week up to this position of the log is in it, and none behind it. */
  upTo = 0;
  /** Requests whose trail could not be read. */
  unread = 0;
  /** Gates and people beyond the bounds: times that one of them was not counted. */
  leftOut = 0;
  readonly gates = new Map<string, Adding<GateCount>>();
  readonly people = new Map<PersonId, Adding<PersonCount>>();

  add({ gate, tally, people }: Contribution): void {
    this.of(this.gates, gate, GATES)?.add(tally, GATE_COUNTS);
    for (const [person, own] of people) this.of(this.people, person, PEOPLE)?.add(own, PERSON_COUNTS);
  }

  private of<Name extends string>(all: Map<string, Adding<Name>>, key: string, most: number): Adding<Name> | null {
    const known = all.get(key);
    if (known !== undefined) return known;
    if (all.size >= most) {
      this.leftOut += 1;
      return null;
    }
    const fresh = new Adding<Name>();
    all.set(key, fresh);
    return fresh;
  }
}

type Kind = 'g' | 'p';
/** How a line begins: its kind and its name. */
const LINE = /^\["([gp])",("(?:[^"\\]|\\.)*"),/;
type Line = readonly [kind: Kind, name: string, counts: Partial<Record<string, number>>, times: Record<string, number>];

export function weekText({ upTo, unread, leftOut, gates, people }: WeekTally): string {
  const lines = [JSON.stringify([1, upTo, unread, leftOut])];
  for (const [name, { counts, times }] of gates) lines.push(JSON.stringify(['g', name, counts, times] satisfies Line));
  for (const [name, { counts, times }] of people) lines.push(JSON.stringify(['p', name, counts, times] satisfies Line));
  return lines.join('\n');
}

/** Which lines are wanted. */
export interface Wanted {
  gate(name: string): boolean;
  person(id: PersonId): boolean;
}
const EVERYTHING: Wanted = { gate: () => true, person: () => true };

/** Only what is wanted is parsed. Throws where the text is not one that `weekText` has made. */
export function readWeek(text: string, wanted: Wanted = EVERYTHING): WeekTally {
  const week = new WeekTally();
  const [first = '', ...lines] = text.split('\n');
  const head: unknown = JSON.parse(first);
  if (!isNumbers(head) || head[0] !== 1) throw new Error('is no week of this version');
  [, week.upTo = 0, week.unread = 0, week.leftOut = 0] = head;
  for (const line of lines) {
    const [, kind, quoted = ''] = LINE.exec(line) ?? [];
    const name: unknown = JSON.parse(quoted);
    if (typeof name !== 'string') throw new Error('has a line without a name');
    if (kind === 'g' && wanted.gate(name)) week.gates.set(name, tallyIn(line, GATE_COUNTS));
    if (kind === 'p' && wanted.person(name)) week.people.set(name, tallyIn(line, PERSON_COUNTS));
  }
  return week;
}

function tallyIn<Name extends string>(line: string, names: readonly Name[]): Adding<Name> {
  const [, , counts, times]: Line = JSON.parse(line);
  const tally = new Adding<Name>();
  for (const name of names) tally.count(name, counts[name] ?? 0);
  for (const [bucket, count] of Object.entries(times)) tally.times[Number(bucket)] = count;
  return tally;
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');
