/**
 * src/adapters/ics/repeat.ts: when an event takes place: once, or each time that its rules say, without the times that
 * were taken out. Rules may have no end or no beginning, so every step is counted.
 */
import ICAL from 'ical.js';
import type { Instant } from '../../engine/definition.ts';
import { INTERVAL, STEPS } from './limits.ts';
import { UnreadableCalendarError } from './split.ts';
import { dateOf, type Zones } from './zones.ts';

export interface Occurrence {
  readonly at: Instant;
  /** What a changed or removed repetition names it by: the day of an all-day event, else the moment. */
  readonly key: string;
  readonly start: ICAL.Time;
}

/** Repeating by the hour or faster is no way of being away, and a rule with these parts takes the longest to follow. */
const FREQUENCIES: ReadonlySet<string> = new Set(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']);
const TOO_FINE = ['BYHOUR', 'BYMINUTE', 'BYSECOND'] as const;

export const tzidOf = (property: ICAL.Property): string | null => {
  const tzid = property.getFirstParameter('tzid');
  return typeof tzid === 'string' && tzid !== '' ? tzid : null;
};

const DAY_MS = 86_400_000;
/** No wall time is farther from UTC than this. */
const ANY_OFFSET_MS = 26 * 3_600_000;

/**
 * In no order, each once; only those before `until`, and of repetitions only those after `since`, give or take a day.
 * @throws UnreadableCalendarError for a rule that is too fine or leads nowhere
 */
export function* occurrences(
  event: ICAL.Component,
  zones: Zones,
  since: Instant,
  until: Instant,
): Generator<Occurrence> {
  const property = event.getFirstProperty('dtstart');
  const start = property?.getFirstValue();
  if (property === null || !(start instanceof ICAL.Time))
    throw new UnreadableCalendarError('an event has no beginning');
  const tzid = tzidOf(property);
  const out = exceptions(event, zones);
  const seen = new Set<string>();
  const occurrence = (time: ICAL.Time, zone: string | null): Occurrence | null => {
    const at = zones.instantOf(time, zone);
    const key = keyOf(time, at);
    if (seen.has(key) || out.has(key) || out.has(dateOf(time))) return null;
    seen.add(key);
    return { at, key, start: time.clone() };
  };
  const rules = event.getAllProperties('rrule').map((rule) => rule.getFirstValue());
  const first = rules.length === 0 ? occurrence(start, tzid) : null;
  if (first !== null && first.at < until) yield first;
  for (const rule of rules) {
    if (!(rule instanceof ICAL.Recur)) throw new UnreadableCalendarError('an event repeats by no known rule');
    for (const time of steps(rule, nearer(rule, start, since - ANY_OFFSET_MS))) {
      if (Date.UTC(time.year, time.month - 1, time.day) < since - ANY_OFFSET_MS) continue; // most of an old series
      const at = zones.instantOf(time, tzid);
      if (at >= until || isAfter(rule.until, time, at, zones, tzid)) break;
      const found = occurrence(time, tzid);
      if (found !== null) yield found;
    }
  }
  for (const added of event.getAllProperties('rdate'))
    for (const value of added.getValues()) {
      const time = value instanceof ICAL.Period ? value.start : value;
      const found = time instanceof ICAL.Time ? occurrence(time, tzidOf(added)) : null;
      if (found !== null && found.at < until) yield found;
    }
}

/** What a repetition that is changed or taken out is known by. */
export const keyOf = (time: ICAL.Time, at: Instant): string => (time.isDate ? dateOf(time) : String(at));

function exceptions(event: ICAL.Component, zones: Zones): ReadonlySet<string> {
  const out = new Set<string>();
  for (const property of event.getAllProperties('exdate'))
    for (const time of property.getValues())
      if (time instanceof ICAL.Time) out.add(keyOf(time, zones.instantOf(time, tzidOf(property))));
  return out;
}

/** UNTIL is a day, a moment, or a wall time; ical.js compares all of them as if they were of one zone. */
function isAfter(until: ICAL.Time | null, time: ICAL.Time, at: Instant, zones: Zones, tzid: string | null): boolean {
  if (until === null) return false;
  return until.isDate || time.isDate ? dateOf(time) > dateOf(until) : at > zones.instantOf(until, tzid);
}

/**
 * A later beginning of a series that leads to the same days, at least a day before `since`, so that one begun decades
 * ago takes no more steps than a new one. A series that counts has to be followed from its beginning.
 */
function nearer(rule: ICAL.Recur, start: ICAL.Time, since: Instant): ICAL.Time {
  const unit = rule.freq === 'DAILY' ? 1 : rule.freq === 'WEEKLY' ? 7 : 0;
  const days = unit * rule.interval;
  const ahead = since - DAY_MS - Date.UTC(start.year, start.month - 1, start.day);
  if (days === 0 || rule.count !== null || ahead < days * DAY_MS) return start;
  const later = start.clone();
  later.adjust(Math.floor(ahead / (days * DAY_MS)) * days, 0, 0, 0);
  return later;
}

/** The wall times of a rule from `start` on. */
function* steps(rule: ICAL.Recur, start: ICAL.Time): Generator<ICAL.Time> {
  if (!FREQUENCIES.has(rule.freq) || TOO_FINE.some((part) => part in rule.parts) || rule.interval > INTERVAL)
    throw new UnreadableCalendarError('an event repeats in a way that is not followed');
  let taken = 0;
  const step = (): void => {
    if (++taken > STEPS) throw new UnreadableCalendarError('an event repeats by a rule that leads nowhere');
  };
  // Both are called in each round of the loops that look for the next time, which may find none.
  class Counted extends ICAL.RecurIterator {
    override expand_year_days(year: number): number {
      step();
      return super.expand_year_days(year);
    }
    override check_contracting_rules(): boolean {
      step();
      return super.check_contracting_rules();
    }
  }
  const endless = rule.clone();
  endless.until = null;
  const iterator = new Counted({ rule: endless, dtstart: start });
  for (let time = iterator.next(); time !== null; time = iterator.next()) yield time;
}
