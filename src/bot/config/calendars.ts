/** src/bot/config/calendars.ts: working hours as people write them, and public holidays by country. */
import { createRequire } from 'node:module';
import type HolidayRules from 'date-holidays';
import type { CalendarDefinition, Instant, OpenHours } from '../../engine/definition.ts';
import { isDate, isTimeZone } from './dates.ts';
import type { Path, Report } from './problem.ts';
import type { CalendarShape } from './shape.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** Public holidays are worked out for this year and the next three, at load time. */
const YEARS = 4;
const DAY_MS = 86_400_000;

/** @param now which years' public holidays are looked up */
export function calendarsOf(
  shapes: Readonly<Record<string, CalendarShape>>,
  now: Instant,
  report: Report,
): ReadonlyMap<string, CalendarDefinition> {
  return new Map(
    Object.entries(shapes).map(([name, { timezone, hours, holidays = [] }]) => {
      const path = ['calendars', name];
      const isKnown = isTimeZone(timezone);
      if (!isKnown) report([...path, 'timezone'], `"${timezone}" is not an IANA time zone`);
      const closed = eachText(holidays, [...path, 'holidays'], (text, at) => holidaysOf(text, now, at, report));
      const definition = {
        name,
        timezone: isKnown ? timezone : 'UTC',
        hours: eachText(hours, [...path, 'hours'], (text, at) => hoursOf(text, at, report)),
        holidays: [...new Set(closed)].sort(),
      };
      if (Array.isArray(hours) && hours.length === 0) report([...path, 'hours'], 'must name some hours');
      return [name, definition];
    }),
  );
}

/** One text or a list of them, each read with its own place in the file. */
export function eachText<T>(
  texts: string | readonly string[],
  path: Path,
  read: (text: string, at: Path) => readonly T[],
): T[] {
  if (typeof texts === 'string') return [...read(texts, path)];
  return texts.flatMap((text, i) => read(text, [...path, i]));
}

/** `mon-fri 09:00-12:00, 13:00-18:00`; several such parts are parted by ";". */
export function hoursOf(text: string, path: Path, report: Report): readonly OpenHours[] {
  return text.split(';').flatMap((part) => {
    const words = /^\s*([a-z, -]+?)\s+(\d.*)$/i.exec(part);
    const days = daysOf(words?.[1] ?? '');
    const ranges = (words?.[2] ?? '').split(',').map(rangeOf);
    if (days !== null && ranges.every((range) => range !== null)) return ranges.map((range) => ({ days, ...range }));
    report(path, `"${part.trim()}" must look like "mon-fri 09:00-18:00" or "sat,sun 10:00-14:00"`);
    return [];
  });
}

/** `mon-fri`, `sat,sun`, `fri-mon`, `daily`. */
function daysOf(text: string): readonly number[] | null {
  if (text.trim().toLowerCase() === 'daily') return [1, 2, 3, 4, 5, 6, 7];
  const days = new Set<number>();
  for (const part of text.toLowerCase().split(',')) {
    const [first, last, ...more] = part.split('-').map((day) => DAYS.indexOf(day.trim()));
    if (first === undefined || first === -1 || last === -1 || more.length > 0) return null;
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day + 1);
      if (day === (last ?? first)) break;
    }
  }
  return [...days].sort();
}

function rangeOf(text: string): { readonly fromMinute: number; readonly toMinute: number } | null {
  const parts = /^\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*$/.exec(text);
  if (parts === null) return null;
  const [fromHour = 99, fromMinutes = 99, toHour = 99, toMinutes = 99] = parts.slice(1).map(Number);
  const [fromMinute, toMinute] = [fromHour * 60 + fromMinutes, toHour * 60 + toMinutes];
  if (fromMinutes > 59 || toMinutes > 59 || fromMinute >= 1440 || toMinute > 1440 || fromMinute === toMinute)
    return null;
  return { fromMinute, toMinute };
}

/** Longest interval of dates, in days: two years. */
const MAX_INTERVAL_DAYS = 731;

/** `2026-12-20/2027-01-02`: every date from the first to the last. null where it is no interval. */
function intervalOf(text: string, path: Path, report: Report): readonly string[] | null {
  const [first = '', last = '', ...more] = text.split('/');
  if (!isDate(first) || !isDate(last) || more.length > 0) return null;
  const [from, to] = [Date.parse(`${first}T00:00:00Z`), Date.parse(`${last}T00:00:00Z`)];
  const days = Math.round((to - from) / DAY_MS) + 1;
  if (days < 1) report(path, `"${text}" ends before it begins`);
  else if (days > MAX_INTERVAL_DAYS) report(path, `"${text}" is longer than ${MAX_INTERVAL_DAYS} days`);
  const length = Math.min(Math.max(0, days), MAX_INTERVAL_DAYS);
  return Array.from({ length }, (_, i) => new Date(from + i * DAY_MS).toISOString().slice(0, 10));
}

/** A date, an interval of dates, or the public holidays of a country (`PT`) or one of its regions (`DE-BY`). */
function holidaysOf(text: string, now: Instant, path: Path, report: Report): readonly string[] {
  if (isDate(text)) return [text];
  const interval = intervalOf(text, path, report);
  if (interval !== null) return interval;
  const code = /^([A-Z]{2})(?:-([A-Z0-9]{1,3}))?(?:-([A-Z0-9]{1,5}))?$/.exec(text);
  const [, country, state, region] = code ?? [];
  const rules = country === undefined ? null : rulesFor(country, state, region);
  if (rules === null) {
    report(
      path,
      `"${text}" is neither a date (2026-12-24), an interval of dates (2026-12-20/2027-01-02) nor a country whose holidays are known (PT, DE-BY)`,
    );
    return [];
  }
  const year = new Date(now).getUTCFullYear();
  return Array.from({ length: YEARS }, (_, i) => rules.getHolidays(year + i)).flatMap((holidays) =>
    holidays
      .filter((holiday) => holiday.type === 'public')
      .flatMap(({ date, start, end }) => {
        const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
        const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
        return Array.from({ length: days }, (_, i) => new Date(first + i * DAY_MS).toISOString().slice(0, 10));
      }),
  );
}

/** The rules are a big module (70 ms to load), so they are loaded only by configs that name a country. */
function rulesFor(country: string, state: string | undefined, region: string | undefined): HolidayRules | null {
  const Rules: typeof HolidayRules = createRequire(import.meta.url)('date-holidays');
  const all = new Rules();
  if (!Object.hasOwn(all.getCountries(), country)) return null;
  if (state === undefined) return new Rules(country);
  const states = all.getStates(country);
  if (states === undefined || !Object.hasOwn(states, state)) return null;
  if (region === undefined) return new Rules(country, state);
  const regions = all.getRegions(country, state);
  return regions !== undefined && Object.hasOwn(regions, region) ? new Rules(country, state, region) : null;
}
