/**
 * src/adapters/ics/read.ts: the text of somebody's calendar as the times they are away. Only events that say so are
 * taken apart, one by one and in short turns; one that can't be read is left out and counted.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import ICAL from 'ical.js';
import type { Instant } from '../../engine/definition.ts';
import { mayMeanAway, meansAway } from './away.ts';
import { COMPUTE_MS, INSTANCES, TURN_MS, WINDOW_AFTER_MS, WINDOW_BEFORE_MS } from './limits.ts';
import { keyOf, type Occurrence, occurrences, tzidOf } from './repeat.ts';
import { split, UnreadableCalendarError } from './split.ts';
import { dateOf, type Zones, zonesOf } from './zones.ts';

/** From `from` up to but not including `to`. */
export interface Period {
  readonly from: Instant;
  readonly to: Instant;
}

export interface Calendar {
  /** In order, apart from each other. */
  readonly away: readonly Period[];
  /** Events that would have counted and could not be read. */
  readonly unreadable: number;
  /** There were more times away than are taken. */
  readonly isCut: boolean;
}

export interface Owner {
  /** All-day events and times without a zone are meant in it. */
  readonly timezone: string;
  /** In lower case; null: not known. */
  readonly email: string | null;
  readonly isTimeZone: (name: string) => boolean;
}

const DAY_MS = 86_400_000;

/** @throws UnreadableCalendarError, in words for whoever looks after the config */
export async function readCalendar(
  text: string,
  { timezone, email, isTimeZone }: Owner,
  now: Instant,
): Promise<Calendar> {
  let spentMs = 0;
  let began = performance.now();

  const rest = async (): Promise<void> => {
    const tookMs = performance.now() - began;
    if (tookMs < TURN_MS) return;
    spentMs += tookMs;
    if (spentMs > COMPUTE_MS) throw new UnreadableCalendarError('it takes too long to read');
    await nextTurn();
    began = performance.now();
  };

  const parts = await split(text, email, rest);
  const zones = zonesOf(parts.zones, timezone, isTimeZone);
  const [opening, horizon] = [now - WINDOW_BEFORE_MS, now + WINDOW_AFTER_MS];
  const found: Period[] = [];
  let unreadable = parts.tooLong;
  const series: ICAL.Component[] = [];
  const changed = new Map<string, Set<string>>();
  const names = new Set<string>();
  for (const event of parts.events) if (mayMeanAway(event)) names.add(uidIn(event));
  for (const event of parts.events) {
    await rest();
    const isChange = /^RECURRENCE-ID[;:]/im.test(event);
    if (isChange ? !mayMeanAway(event) && !names.has(uidIn(event)) : !mayMeanAway(event)) continue;
    if (!isChange && isElsewhen(event, opening, horizon)) continue;
    try {
      const component = new ICAL.Component(ICAL.parse(event));
      if (isChange) noteChange(component, zones, changed);
      if (isAway(component)) series.push(component);
    } catch {
      unreadable++; // ical.js throws errors of many kinds for what it can't read
    }
  }

  for (const event of series) {
    await rest();
    const isChange = event.hasProperty('recurrence-id');
    const moved = isChange ? undefined : changed.get(textOf(event, 'uid'));
    try {
      const length = lengthOf(event, zones);
      const since = opening - length.count * (length.unit === 'days' ? DAY_MS : 1);
      for (const occurrence of occurrences(event, zones, since, horizon)) {
        if (moved?.has(occurrence.key)) continue;
        const period = periodOf(occurrence, length, zones);
        if (period.to > opening && period.to > period.from) found.push(period);
      }
    } catch {
      unreadable++;
    }
  }
  const away = joined(found);
  return { away: away.slice(0, INSTANCES), unreadable, isCut: away.length > INSTANCES };
}

/** Whether a single event clearly lies outside: most of an old calendar, which is not worth taking apart. */
function isElsewhen(event: string, opening: Instant, horizon: Instant): boolean {
  if (/^(?:RRULE|RDATE|DURATION)[;:]/im.test(event)) return false;
  const dayOf = (name: string): number => {
    const [, year, month, day] = new RegExp(`^${name}[^:\\r\\n]*:(\\d{4})(\\d{2})(\\d{2})`, 'im').exec(event) ?? [];
    return Date.UTC(Number(year), Number(month) - 1, Number(day));
  };
  const [start, end] = [dayOf('DTSTART'), dayOf('DTEND')];
  const last = Number.isNaN(end) ? start : end;
  return last < opening - 3 * DAY_MS || start > horizon + 3 * DAY_MS;
}

const uidIn = (event: string): string => /^UID[^:\r\n]*:(.*)$/im.exec(event)?.[1]?.trim() ?? '';

function textOf(event: ICAL.Component, name: string): string {
  const value = event.getFirstPropertyValue(name);
  return typeof value === 'string' ? value.trim() : '';
}

const isAway = (event: ICAL.Component): boolean =>
  meansAway({
    title: textOf(event, 'summary'),
    categories: event.getAllProperties('categories').flatMap((property) => property.getValues().map(String)),
    busyStatus: textOf(event, 'x-microsoft-cdo-busystatus') || textOf(event, 'x-microsoft-cdo-intendedstatus'),
    status: textOf(event, 'status'),
    answer: event.getFirstProperty('attendee')?.getFirstParameter('partstat') ?? '',
  });

/** The repetition that an event with a RECURRENCE-ID takes the place of is no more, whatever came in its place. */
function noteChange(event: ICAL.Component, zones: Zones, changed: Map<string, Set<string>>): void {
  const property = event.getFirstProperty('recurrence-id');
  const time = property?.getFirstValue();
  if (property === null || !(time instanceof ICAL.Time)) return;
  const uid = textOf(event, 'uid');
  const keys = changed.get(uid) ?? new Set();
  changed.set(uid, keys.add(keyOf(time, zones.instantOf(time, tzidOf(property)))));
}

/** All-day events last whole local days, others as long as their first time does. */
type Length = { readonly unit: 'days' | 'ms'; readonly count: number };

function lengthOf(event: ICAL.Component, zones: Zones): Length {
  const first = event.getFirstProperty('dtstart');
  const start = first?.getFirstValue();
  const last = event.getFirstProperty('dtend');
  const end = last?.getFirstValue();
  const duration = event.getFirstPropertyValue('duration');
  const seconds = duration instanceof ICAL.Duration ? duration.toSeconds() : null;
  const isWhole = start instanceof ICAL.Time && start.isDate;
  if (!first || !last || !(start instanceof ICAL.Time) || !(end instanceof ICAL.Time))
    return isWhole
      ? { unit: 'days', count: seconds === null ? 1 : Math.max(1, Math.round((seconds * 1000) / DAY_MS)) }
      : { unit: 'ms', count: (seconds ?? 0) * 1000 };
  return isWhole
    ? { unit: 'days', count: Math.max(1, Math.round((dayNumber(end) - dayNumber(start)) / DAY_MS)) }
    : { unit: 'ms', count: zones.instantOf(end, tzidOf(last)) - zones.instantOf(start, tzidOf(first)) };
}

function periodOf({ at, start }: Occurrence, { unit, count }: Length, zones: Zones): Period {
  if (unit === 'ms') return { from: at, to: at + count };
  const after = start.clone();
  after.adjust(count, 0, 0, 0);
  return { from: at, to: zones.instantOf(after, null) };
}

const dayNumber = (time: ICAL.Time): number => Date.parse(`${dateOf(time)}T00:00:00Z`);

/** Times that touch become one: a week of single days off is a week off. */
function joined(periods: readonly Period[]): readonly Period[] {
  const result: Period[] = [];
  for (const period of periods.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && period.from <= last.to)
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, period.to) };
    else result.push(period);
  }
  return result;
}
