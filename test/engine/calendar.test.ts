import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addOpenTime, isOpen, nextOpening } from '../../src/engine/calendar.ts';
import type { CalendarDefinition } from '../../src/engine/definition.ts';

const HOUR = 3_600_000;
const weekdays = [1, 2, 3, 4, 5];
const everyDay = [1, 2, 3, 4, 5, 6, 7];
const at = (text: string): number => Date.parse(text);
const iso = (instant: number | null): string | null => (instant === null ? null : new Date(instant).toISOString());

function calendar(
  timezone: string,
  days: number[],
  from: number,
  to: number,
  holidays: string[] = [],
): CalendarDefinition {
  return { name: 'office', timezone, hours: [{ days, fromMinute: from * 60, toMinute: to * 60 }], holidays };
}
const lisbon = calendar('Europe/Lisbon', weekdays, 9, 18);

describe('open hours', () => {
  it('are open from the first minute, and closed at the last', () => {
    expect(isOpen(lisbon, at('2026-01-05T09:00:00Z'))).toBe(true);
    expect(isOpen(lisbon, at('2026-01-05T08:59:59.999Z'))).toBe(false);
    expect(isOpen(lisbon, at('2026-01-05T17:59:59.999Z'))).toBe(true);
    expect(isOpen(lisbon, at('2026-01-05T18:00:00Z'))).toBe(false);
    expect(isOpen(lisbon, at('2026-01-04T12:00:00Z'))).toBe(false); // a Sunday
  });

  it('follow the local clock through the year', () => {
    expect(isOpen(lisbon, at('2026-07-06T08:00:00Z'))).toBe(true); // 09:00 in summer
    expect(isOpen(lisbon, at('2026-07-06T17:00:00Z'))).toBe(false);
  });

  it('know the zone’s own weekday, far from UTC', () => {
    const auckland = calendar('Pacific/Auckland', weekdays, 9, 18);
    expect(isOpen(auckland, at('2026-01-04T21:00:00Z'))).toBe(true); // Monday 10:00 there
    const kiritimati = calendar('Pacific/Kiritimati', [1], 0, 24);
    expect(iso(nextOpening(kiritimati, at('2026-01-03T00:00:00Z')))).toBe('2026-01-04T10:00:00.000Z');
  });

  it('that end before they begin end the next day', () => {
    const night = calendar('UTC', [5], 22, 6);
    expect(isOpen(night, at('2026-01-09T23:00:00Z'))).toBe(true); // Friday
    expect(isOpen(night, at('2026-01-10T05:59:00Z'))).toBe(true); // belongs to Friday
    expect(isOpen(night, at('2026-01-10T06:00:00Z'))).toBe(false);
    expect(isOpen(night, at('2026-01-10T23:00:00Z'))).toBe(false);
    expect(isOpen(night, at('2026-01-09T05:00:00Z'))).toBe(false);
  });

  it('may be all day', () => {
    const always = calendar('Europe/Berlin', everyDay, 0, 24);
    fc.assert(
      fc.property(fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') }), (instant) => {
        expect(isOpen(always, instant)).toBe(true);
        expect(addOpenTime(always, instant, 5 * HOUR)).toBe(instant + 5 * HOUR);
      }),
    );
  });
});

describe('holidays', () => {
  it('are closed all day, by the local date', () => {
    const closed = calendar('Europe/Lisbon', weekdays, 9, 18, ['2026-01-05']);
    expect(isOpen(closed, at('2026-01-05T12:00:00Z'))).toBe(false);
    expect(iso(nextOpening(closed, at('2026-01-02T18:00:00Z')))).toBe('2026-01-06T09:00:00.000Z');
  });

  it('end the night before them at midnight, and begin no night of their own', () => {
    const night = calendar('UTC', everyDay, 22, 6, ['2026-01-10']);
    expect(isOpen(night, at('2026-01-09T23:59:00Z'))).toBe(true);
    expect(isOpen(night, at('2026-01-10T00:00:00Z'))).toBe(false);
    expect(isOpen(night, at('2026-01-11T01:00:00Z'))).toBe(false);
    expect(iso(nextOpening(night, at('2026-01-10T00:00:00Z')))).toBe('2026-01-11T22:00:00.000Z');
  });
});

describe('the next opening', () => {
  it('is now while it is open', () => {
    expect(nextOpening(lisbon, at('2026-01-05T12:34:56Z'))).toBe(at('2026-01-05T12:34:56Z'));
  });
  it('skips the weekend', () => {
    expect(iso(nextOpening(lisbon, at('2026-01-09T18:00:00Z')))).toBe('2026-01-12T09:00:00.000Z');
  });
  it('passes the end of the year and finds the 29th of February', () => {
    expect(iso(nextOpening(lisbon, at('2026-12-31T20:00:00Z')))).toBe('2027-01-01T09:00:00.000Z');
    const saturdays = calendar('UTC', [6], 9, 10);
    expect(iso(nextOpening(saturdays, at('2020-02-28T12:00:00Z')))).toBe('2020-02-29T09:00:00.000Z');
    const tuesdays = calendar('UTC', [2], 9, 10);
    expect(iso(nextOpening(tuesdays, at('2028-02-28T12:00:00Z')))).toBe('2028-02-29T09:00:00.000Z');
  });
  it('is nothing for a calendar that never opens', () => {
    expect(nextOpening({ name: 'never', timezone: 'UTC', hours: [], holidays: [] }, 0)).toBeNull();
    expect(iso(addOpenTime({ name: 'never', timezone: 'UTC', hours: [], holidays: [] }, 0, 1))).toBe(
      '9999-12-31T23:59:59.999Z',
    );
  });
});

describe('open time', () => {
  it('stops at closing time and goes on at the next opening', () => {
    expect(iso(addOpenTime(lisbon, at('2026-01-09T16:00:00Z'), 4 * HOUR))).toBe('2026-01-12T11:00:00.000Z');
    expect(iso(addOpenTime(lisbon, at('2026-01-10T16:00:00Z'), HOUR))).toBe('2026-01-12T10:00:00.000Z');
    expect(iso(addOpenTime(lisbon, at('2026-01-09T16:00:00Z'), 2 * HOUR))).toBe('2026-01-09T18:00:00.000Z');
    expect(iso(addOpenTime(lisbon, at('2026-01-10T16:00:00Z'), 0))).toBe('2026-01-10T16:00:00.000Z');
  });

  it('counts the hours that pass when the clocks go forward', () => {
    // Lisbon, 2026-03-29: 01:00 becomes 02:00, so the window from 00:00 to 06:00 has five hours.
    const early = calendar('Europe/Lisbon', everyDay, 0, 6);
    expect(iso(addOpenTime(early, at('2026-03-29T00:00:00Z'), 5 * HOUR))).toBe('2026-03-29T05:00:00.000Z');
    expect(iso(addOpenTime(early, at('2026-03-29T00:00:00Z'), 5 * HOUR + 1))).toBe('2026-03-29T23:00:00.001Z');
  });

  it('counts the hours that pass when the clocks go back', () => {
    // Lisbon, 2026-10-25: 02:00 becomes 01:00, so the window has seven hours.
    const early = calendar('Europe/Lisbon', everyDay, 0, 6);
    expect(iso(addOpenTime(early, at('2026-10-24T23:00:00Z'), 7 * HOUR))).toBe('2026-10-25T06:00:00.000Z');
    expect(iso(addOpenTime(early, at('2026-10-24T23:00:00Z'), 7 * HOUR + 1))).toBe('2026-10-26T00:00:00.001Z');
  });

  it('opens later when the opening time is skipped, and at its first coming when it comes twice', () => {
    const newYork = { name: 'ny', timezone: 'America/New_York', holidays: [] };
    const from0230 = { ...newYork, hours: [{ days: [7], fromMinute: 150, toMinute: 600 }] };
    expect(iso(nextOpening(from0230, at('2026-03-08T05:00:00Z')))).toBe('2026-03-08T07:30:00.000Z'); // 03:30 EDT
    const from0130 = { ...newYork, hours: [{ days: [7], fromMinute: 90, toMinute: 600 }] };
    expect(iso(nextOpening(from0130, at('2026-11-01T04:00:00Z')))).toBe('2026-11-01T05:30:00.000Z'); // 01:30 EDT
  });

  it('counts overlapping windows once', () => {
    const hours = [
      { days: weekdays, fromMinute: 540, toMinute: 720 },
      { days: [1], fromMinute: 600, toMinute: 780 },
    ];
    const doubled = { name: 'doubled', timezone: 'UTC', hours, holidays: [] };
    expect(iso(addOpenTime(doubled, at('2026-01-05T09:00:00Z'), 4 * HOUR))).toBe('2026-01-05T13:00:00.000Z');
  });

  it('never lands outside open hours, and adds up whatever the zone and the moment', () => {
    const zones = fc.constantFrom('Europe/Lisbon', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC');
    const instants = fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') });
    const spans = fc.integer({ min: 1, max: 60 * HOUR });
    fc.assert(
      fc.property(zones, instants, spans, spans, (zone, instant, a, b) => {
        const office = calendar(zone, weekdays, 9, 18);
        const half = addOpenTime(office, instant, a);
        expect(isOpen(office, half - 1)).toBe(true);
        expect(half).toBeGreaterThanOrEqual(instant + a);
        expect(addOpenTime(office, half, b)).toBe(addOpenTime(office, instant, a + b));
      }),
    );
  });
});
