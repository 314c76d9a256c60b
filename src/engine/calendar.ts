/**
 * src/engine/calendar.ts: working hours. Hours are local wall time; what passes between two instants is real time, so
 * a day on which the clocks change has an hour more or less.
 *
 * A window belongs to the day on which it begins. One that ends at or before its beginning ends the next day (22:00 to
 * 06:00). On a holiday no window begins, and one from the day before ends at midnight. A wall time that the clocks
 * skip counts as that much later (02:30 is 03:30); one that comes twice counts the first time.
 */
import type { CalendarDefinition, Instant, OpenHours } from './definition.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** How far ahead an opening is looked for: two years and a bit. */
const HORIZON_DAYS = 740;
/** How far ahead open time is counted: eleven years. */
const FARTHEST_DAYS = 4018;
/** The last moment that RFC 3339 can write: what "not in the foreseeable future" is. */
const NEVER: Instant = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
/** Offsets kept per time zone, one a day. */
const MAX_CACHED = 20_000;

interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

export function isOpen(calendar: CalendarDefinition, at: Instant): boolean {
  for (const window of windowsFrom(calendar, at, 3)) if (window.from <= at && at < window.to) return true;
  return false;
}

/** `at` itself when it is open then; null when it does not open within two years. */
export function nextOpening(calendar: CalendarDefinition, at: Instant): Instant | null {
  for (const window of windowsFrom(calendar, at, HORIZON_DAYS)) if (at < window.to) return Math.max(at, window.from);
  return null;
}

/**
 * The moment when `ms` of open time have passed since `from`; windows that overlap count once. The end of the year
 * 9999 when that takes more than eleven years.
 */
export function addOpenTime(calendar: CalendarDefinition, from: Instant, ms: number): Instant {
  if (ms <= 0) return from;
  let left = ms;
  let at = from;
  for (const window of windowsFrom(calendar, from, FARTHEST_DAYS)) {
    const start = Math.max(at, window.from);
    if (window.to <= start) continue;
    if (left <= window.to - start) return start + left;
    left -= window.to - start;
    at = window.to;
  }
  return NEVER;
}

/** How far ahead an end of hours is looked for: hours that fill the week end there. */
const LONGEST_DAYS = 8;

/**
 * When hours are over that `at` lies in, and those that follow without a gap; `at` itself outside of them. At most about
 * a week later.
 */
export function endOfHours(hours: readonly OpenHours[], timezone: string, at: Instant): Instant {
  const windows = [...windowsFrom({ name: '', timezone, hours, holidays: [] }, at, LONGEST_DAYS)];
  let end = at;
  for (;;) {
    const around = windows.find(({ from, to }) => from <= end && end < to);
    if (around === undefined) return end;
    end = around.to;
  }
}

/** When a local date (YYYY-MM-DD) begins, or the date `daysLater` days after it. */
export function startOfLocalDay(timezone: string, date: string, daysLater = 0): Instant {
  return instantOf(timezone, Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY) + daysLater, 0);
}

/** What local clocks and calendars show at an instant: the date (YYYY-MM-DD) and the minute of that day. */
export function localTime(timezone: string, at: Instant): { readonly date: string; readonly minute: number } {
  const local = at + offsetAt(timezone, at);
  const day = Math.floor(local / DAY);
  return { date: new Date(day * DAY).toISOString().slice(0, 10), minute: Math.floor((local - day * DAY) / MINUTE) };
}

/** The instant of a local date (YYYY-MM-DD) and minute of that day. */
export function instantAt(timezone: string, date: string, minute: number): Instant {
  return instantOf(timezone, Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY), minute);
}

/** The windows of `days` days in order of their beginning, starting with the day before `at`. */
function* windowsFrom(calendar: CalendarDefinition, at: Instant, days: number): Generator<Window> {
  const { timezone } = calendar;
  const holidays = new Set(calendar.holidays);
  const isHoliday = (day: number) => holidays.size > 0 && holidays.has(new Date(day * DAY).toISOString().slice(0, 10));
  const hours = [...calendar.hours].sort((a, b) => a.fromMinute - b.fromMinute);
  const today = Math.floor((at + offsetAt(timezone, at)) / DAY);
  for (let day = today - 1; day < today - 1 + days; day++) {
    const weekday = weekdayOf(day);
    if (!hours.some((window) => window.days.includes(weekday)) || isHoliday(day)) continue;
    for (const { days: on, fromMinute, toMinute } of hours) {
      if (!on.includes(weekday)) continue;
      const ending = toMinute <= fromMinute ? toMinute + 1440 : toMinute;
      const lastMinute = ending > 1440 && isHoliday(day + 1) ? 1440 : ending;
      yield { from: instantOf(timezone, day, fromMinute), to: instantOf(timezone, day, lastMinute) };
    }
  }
}

/** 1 Monday … 7 Sunday; `day` counts from 1970-01-01, a Thursday. */
function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** The instant of a local wall time. Clocks that change within a day of it are looked at closely, others not at all. */
function instantOf(timezone: string, day: number, minute: number): Instant {
  const local = day * DAY + minute * MINUTE;
  const before = dailyOffset(timezone, day - 1);
  const after = dailyOffset(timezone, day + 3);
  if (before === after) return local - before;
  const candidates = [local - before, local - after].filter(
    (instant) => instant + offsetAt(timezone, instant) === local,
  );
  return candidates.length > 0 ? Math.min(...candidates) : local - before;
}

const offsets = new Map<string, Map<number, number>>();
const formats = new Map<string, Intl.DateTimeFormat>();

/** The offset from UTC at the beginning of a UTC day, in ms. */
function dailyOffset(timezone: string, day: number): number {
  let known = offsets.get(timezone);
  if (known === undefined || known.size > MAX_CACHED) {
    known = new Map();
    offsets.set(timezone, known);
  }
  const cached = known.get(day);
  if (cached !== undefined) return cached;
  const offset = offsetAt(timezone, day * DAY);
  known.set(day, offset);
  return offset;
}

/** What local clocks are ahead of UTC at an instant, in ms. */
function offsetAt(timezone: string, at: Instant): number {
  const format = formats.get(timezone) ?? new Intl.DateTimeFormat('en-US', { ...PARTS, timeZone: timezone });
  formats.set(timezone, format);
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

const PARTS = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const;
