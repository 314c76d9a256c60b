/**
 * src/bot/absence/moment.ts: moments as people write them ("friday", "24 Dec 5pm", "in 3 days"), in their own time zone.
 * What could mean two days (3/4/2026) is refused with the way to write it.
 */
import { instantAt, localTime } from '../../engine/calendar.ts';
import type { Instant } from '../../engine/definition.ts';
import { isDate } from '../config/index.ts';

/** Which end of a day is meant where no time of day is given: `from friday` begins it, `until friday` ends it. */
export type Edge = 'first' | 'last';

export type Moment =
  | { readonly kind: 'moment'; readonly at: Instant }
  /** In words, with what may be written instead. */
  | { readonly kind: 'unclear'; readonly words: string };

const MOMENT_FORMS = 'friday, tomorrow 5pm, 24 Dec, 2026-12-24, 17:00 or in 3 days';

const DAY_MINUTES = 1440;
const DAY_MS = 86_400_000;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const;
const COUNTS: ReadonlyMap<string, number> = new Map([
  ['a', 1],
  ['an', 1],
  ['one', 1],
  ['two', 2],
  ['three', 3],
]);
/** February 29th comes at most eight years later (2096 to 2104). */
const YEARS_AHEAD = 8;

/** Where and when the words were written. */
interface Here {
  readonly timezone: string;
  readonly now: Instant;
  /** YYYY-MM-DD */
  readonly today: string;
}

export function parseMoment(text: string, timezone: string, now: Instant, edge: Edge): Moment {
  const words = text.toLowerCase().replace(/\s+/g, ' ').replace(/\.$/, '').trim();
  const here = { timezone, now, today: localTime(timezone, now).date };
  if (/^\d{1,2}\/\d{1,2}(\/\d{2,4})?$/.test(words))
    return { kind: 'unclear', words: `“${text}” could be two days: please write it like 2026-12-24 or 24 Dec.` };
  const at = withZone(words) ?? afterAWhile(words, here, edge) ?? dayAndTime(words, here, edge);
  return at === null
    ? { kind: 'unclear', words: `“${text}” is not a moment I understand: please write ${MOMENT_FORMS}.` }
    : { kind: 'moment', at };
}

/** RFC 3339, which says its offset itself. */
function withZone(words: string): Instant | null {
  const found = /^(\d{4}-\d{2}-\d{2})[t ](\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)\s?(z|[+-]\d{2}:\d{2})$/.exec(words);
  if (found === null || !isDate(found[1] ?? '')) return null;
  const at = Date.parse(`${found[1]}T${found[2]}${found[5]?.toUpperCase()}`);
  return Number.isNaN(at) ? null : at;
}

/** Hours and minutes are counted exactly; days and weeks mean that whole day. */
function afterAWhile(words: string, here: Here, edge: Edge): Instant | null {
  const found = /^(?:in )?(\d{1,4}|an?|one|two|three) ?(m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)$/.exec(words);
  if (found === null) return null;
  const [, amount = '', unit = ''] = found;
  const count = COUNTS.get(amount) ?? Number(amount);
  if (unit.startsWith('m')) return here.now + count * 60_000;
  if (unit.startsWith('h')) return here.now + count * 3_600_000;
  return edgeOf(here, plusDays(here.today, count * (unit.startsWith('w') ? 7 : 1)), edge);
}

/** A day, a time of day, or both in this order. */
function dayAndTime(words: string, here: Here, edge: Edge): Instant | null {
  const minute = minuteOf(words);
  if (minute !== null) {
    const today = instantAt(here.timezone, here.today, minute);
    return today > here.now ? today : instantAt(here.timezone, plusDays(here.today, 1), minute);
  }
  const whole = dayOf(words, here);
  if (whole !== null) return edgeOf(here, whole, edge);
  for (let space = words.indexOf(' '); space !== -1; space = words.indexOf(' ', space + 1)) {
    const day = dayOf(words.slice(0, space).replace(/,$/, ''), here);
    const at = minuteOf(words.slice(space + 1).replace(/^at /, ''));
    if (day !== null && at !== null) return instantAt(here.timezone, day, at);
  }
  const [, date = '', time = ''] = /^(\d{4}-\d{2}-\d{2})t(\d{2}:\d{2})$/.exec(words) ?? [];
  const at = minuteOf(time);
  return isDate(date) && at !== null ? instantAt(here.timezone, date, at) : null;
}

const edgeOf = ({ timezone }: Here, date: string, edge: Edge): Instant =>
  instantAt(timezone, edge === 'last' ? plusDays(date, 1) : date, 0);

/** Minutes since midnight: `17:00`, `5pm`, `5:30 pm`, `noon`, `midnight` (the one that ends the day). */
function minuteOf(words: string): number | null {
  if (words === 'noon') return DAY_MINUTES / 2;
  if (words === 'midnight' || words === '24:00') return DAY_MINUTES;
  const clock = /^(\d{1,2}):(\d{2})$/.exec(words);
  if (clock !== null) {
    const [hour, minute] = [Number(clock[1]), Number(clock[2])];
    return hour < 24 && minute < 60 ? hour * 60 + minute : null;
  }
  const half = /^(\d{1,2})(?::(\d{2}))? ?([ap])\.?m?\.?$/.exec(words);
  if (half === null) return null;
  const [hour, minute] = [Number(half[1]), Number(half[2] ?? 0)];
  if (hour < 1 || hour > 12 || minute > 59) return null;
  return ((hour % 12) + (half[3] === 'p' ? 12 : 0)) * 60 + minute;
}

/** The date that a day's words mean, as YYYY-MM-DD. */
function dayOf(words: string, { today }: Here): string | null {
  if (words === 'today' || words === 'tonight') return today;
  if (words === 'tomorrow') return plusDays(today, 1);
  if (words === 'day after tomorrow' || words === 'the day after tomorrow') return plusDays(today, 2);
  const weekday = /^(?:on )?(?:(next|this|coming) )?([a-z]+)$/.exec(words);
  const index = indexOf(WEEKDAYS, weekday?.[2] ?? '', ['tues', 'thur', 'thurs']);
  if (index !== null) return weekdayFrom(today, index, weekday?.[1] ?? '');
  if (isDate(words)) return words;
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(words);
  if (dotted !== null) return dateOf(Number(dotted[3]), Number(dotted[2]), Number(dotted[1]));
  return monthDay(words, today);
}

/** A weekday's name means the next one, never today; `next` the one of the next week, which begins on Monday. */
function weekdayFrom(today: string, index: number, which: string): string {
  const current = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
  if (which === 'next') return plusDays(today, 7 - current + index);
  const ahead = (index - current + 7) % 7;
  return plusDays(today, ahead === 0 && which !== 'this' ? 7 : ahead);
}

/** `24 dec`, `dec 24`, `24th december 2026`; without a year the next such day, today included. */
function monthDay(words: string, today: string): string | null {
  const found =
    /^(?<day>\d{1,2})(?:st|nd|rd|th|\.)? (?:of )?(?<month>[a-z]+)\.?(?:,? (?<year>\d{4}))?$/.exec(words) ??
    /^(?<month>[a-z]+)\.? (?<day>\d{1,2})(?:st|nd|rd|th)?(?:,? (?<year>\d{4}))?$/.exec(words);
  const { day, month, year } = found?.groups ?? {};
  const index = indexOf(MONTHS, month ?? '', ['sept']);
  if (index === null) return null;
  if (year !== undefined) return dateOf(Number(year), index + 1, Number(day));
  const first = Number(today.slice(0, 4));
  for (let candidate = first; candidate <= first + YEARS_AHEAD; candidate++) {
    const date = dateOf(candidate, index + 1, Number(day));
    if (date !== null && date >= today) return date;
  }
  return null;
}

/** A name in full, its first three letters, or one of the other ways to shorten it. */
function indexOf(names: readonly string[], word: string, others: readonly string[]): number | null {
  const isShort = word.length === 3 || others.includes(word);
  const found = names.findIndex((name) => name === word || (isShort && name.startsWith(word)));
  return found === -1 ? null : found;
}

function dateOf(year: number, month: number, day: number): string | null {
  const date = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  return isDate(date) ? date : null;
}

const plusDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/**
 * A moment for people: "Friday, 27 November 2026, 17:00", or "the end of Friday, …" where it is the midnight after it.
 * In the time zone, which the caller names once.
 */
export function spoken(at: Instant, timezone: string, edge: Edge): string {
  const { date, minute } = localTime(timezone, at);
  const isEnd = edge === 'last' && minute === 0;
  const day = dayWords.format(new Date(Date.parse(`${isEnd ? plusDays(date, -1) : date}T00:00:00Z`)));
  if (isEnd) return `the end of ${day}`;
  const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return `${day}, ${time}`;
}

const dayWords = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
