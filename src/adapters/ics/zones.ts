/**
 * src/adapters/ics/zones.ts: wall times of a calendar as moments. A zone that has an IANA name goes by that, which knows
 * the newest rules; one that only the calendar defines (Outlook's names) goes by its definition; a time without one is
 * the owner's own.
 */
import ICAL from 'ical.js';
import { instantAt } from '../../engine/calendar.ts';
import type { Instant } from '../../engine/definition.ts';
import { FIRST_YEAR, LAST_YEAR, ZONE_PARTS } from './limits.ts';

export interface Zones {
  /** @param tzid the TZID beside the time; null: there is none */
  instantOf(time: ICAL.Time, tzid: string | null): Instant;
}

/**
 * @param definitions texts of VTIMEZONEs; those that can't be used are left out
 * @param owner the zone of whoever owns the calendar
 */
export function zonesOf(definitions: readonly string[], owner: string, isTimeZone: (name: string) => boolean): Zones {
  const defined = new Map<string, string | ICAL.Timezone>();
  for (const text of definitions) {
    const component = componentOf(text);
    const tzid = component?.getFirstPropertyValue('tzid');
    if (component === null || typeof tzid !== 'string') continue;
    const location = component.getFirstPropertyValue('x-lic-location');
    if (typeof location === 'string' && isTimeZone(location)) defined.set(tzid, location);
    else if (isUsable(component)) defined.set(tzid, new ICAL.Timezone(component));
  }

  function zoneOf(tzid: string): string | ICAL.Timezone {
    if (isTimeZone(tzid)) return tzid;
    // Such as /freeassociation.sourceforge.net/Europe/Berlin.
    const ending = /[A-Za-z_]+\/[A-Za-z_]+(?:\/[A-Za-z_]+)?$/.exec(tzid)?.[0] ?? '';
    return defined.get(tzid) ?? (isTimeZone(ending) ? ending : owner);
  }

  return {
    instantOf(time, tzid) {
      if (time.year < FIRST_YEAR || time.year > LAST_YEAR) throw new RangeError('a year that no calendar needs');
      const wall = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
      if (!time.isDate && time.zone === ICAL.Timezone.utcTimezone) return wall;
      const zone = time.isDate || tzid === null ? owner : zoneOf(tzid);
      if (typeof zone !== 'string') return wall - zone.utcOffset(time) * 1000;
      const minute = time.isDate ? 0 : time.hour * 60 + time.minute;
      return instantAt(zone, dateOf(time), minute) + (time.isDate ? 0 : time.second * 1000);
    },
  };
}

/** YYYY-MM-DD, as the calendar writes it. */
export const dateOf = ({ year, month, day }: ICAL.Time): string =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;

function componentOf(text: string): ICAL.Component | null {
  try {
    return new ICAL.Component(ICAL.parse(text));
  } catch {
    return null; // ical.js throws errors of many kinds for what it can't read
  }
}

/** Clocks change by yearly rules; any other rule could be expanded for ever. */
function isUsable(component: ICAL.Component): boolean {
  const parts = component.getAllSubcomponents();
  return (
    parts.length <= ZONE_PARTS &&
    parts.every((part) =>
      part.getAllProperties('rrule').every((property) => {
        const rule = property.getFirstValue();
        return rule instanceof ICAL.Recur && rule.freq === 'YEARLY' && rule.interval === 1;
      }),
    )
  );
}
