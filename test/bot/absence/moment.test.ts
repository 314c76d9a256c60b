import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMoment, spoken } from '../../../src/bot/absence/moment.ts';

/** Wednesday, 25 November 2026, 10:15 in Lisbon, which is UTC then. */
const NOW = Date.parse('2026-11-25T10:15:00Z');

const meant = (text: string, edge: 'first' | 'last' = 'last', timezone = 'UTC', now = NOW): string => {
  const moment = parseMoment(text, timezone, now, edge);
  return moment.kind === 'moment' ? new Date(moment.at).toISOString().replace(':00.000Z', 'Z') : moment.words;
};

describe('a moment in words', () => {
  it.each([
    ['friday', '2026-11-28T00:00Z'],
    ['Fri', '2026-11-28T00:00Z'],
    ['wednesday', '2026-12-03T00:00Z'],
    ['this wednesday', '2026-11-26T00:00Z'],
    ['tuesday', '2026-12-02T00:00Z'],
    ['next monday', '2026-12-01T00:00Z'],
    ['next friday', '2026-12-05T00:00Z'],
    ['today', '2026-11-26T00:00Z'],
    ['tomorrow', '2026-11-27T00:00Z'],
    ['the day after tomorrow', '2026-11-28T00:00Z'],
    ['2026-12-24', '2026-12-25T00:00Z'],
    ['24 Dec', '2026-12-25T00:00Z'],
    ['24th of December', '2026-12-25T00:00Z'],
    ['Dec 24, 2026', '2026-12-25T00:00Z'],
    ['24. December 2026', '2026-12-25T00:00Z'],
    ['24.12.2026', '2026-12-25T00:00Z'],
    ['1 feb', '2027-02-02T00:00Z'],
    ['25 november', '2026-11-26T00:00Z'],
    ['29 feb', '2028-03-01T00:00Z'],
    ['5pm', '2026-11-25T17:00Z'],
    ['9am', '2026-11-26T09:00Z'],
    ['10:15', '2026-11-26T10:15Z'],
    ['noon', '2026-11-25T12:00Z'],
    ['midnight', '2026-11-26T00:00Z'],
    ['12am', '2026-11-26T00:00Z'],
    ['friday 5:30 pm', '2026-11-27T17:30Z'],
    ['next monday at 9:00', '2026-11-30T09:00Z'],
    ['24 dec 17:00', '2026-12-24T17:00Z'],
    ['2026-12-24 17:00', '2026-12-24T17:00Z'],
    ['2026-12-24T17:00', '2026-12-24T17:00Z'],
    ['2026-12-24T17:00+02:00', '2026-12-24T15:00Z'],
    ['in 3 days', '2026-11-29T00:00Z'],
    ['3 days', '2026-11-29T00:00Z'],
    ['2w', '2026-12-10T00:00Z'],
    ['in an hour', '2026-11-25T11:15Z'],
    ['in 45 minutes', '2026-11-25T11:00Z'],
  ])('“until %s” is %s', (text, moment) => {
    expect(meant(text)).toBe(moment);
  });

  it.each([
    ['friday', '2026-11-27T00:00Z'],
    ['tomorrow', '2026-11-26T00:00Z'],
    ['in 2 days', '2026-11-27T00:00Z'],
    ['24 dec', '2026-12-24T00:00Z'],
    ['friday 5pm', '2026-11-27T17:00Z'],
  ])('“from %s” is %s', (text, moment) => {
    expect(meant(text, 'first')).toBe(moment);
  });

  it.each(['3/4', '12/24/2026', '03/04/26'])('“%s” could be two days, and is refused with how to write it', (text) => {
    expect(meant(text)).toMatch(/could be two days.*2026-12-24 or 24 Dec/);
  });

  it.each([
    '',
    'someday',
    'fr',
    'the end of time',
    '2026-02-29',
    '31 apr',
    '31.04.2026',
    '25:00',
    '13pm',
    '0am',
    'friday friday',
    '99999 days',
    'constructor',
    'in 3 fortnights',
    '2026-13-01T10:00Z',
    '2026-12-24T25:00Z',
    '4 decembers',
  ])('“%s” is none, and the answer says what can be written', (text) => {
    expect(meant(text)).toMatch(/is not a moment I understand: please write friday/);
  });

  it('is meant where the person lives', () => {
    expect(meant('friday', 'last', 'Asia/Tokyo')).toBe('2026-11-27T15:00Z');
    expect(meant('friday', 'last', 'America/New_York')).toBe('2026-11-28T05:00Z');
    expect(meant('today', 'last', 'Pacific/Kiritimati')).toBe('2026-11-26T10:00Z');
    expect(meant('5pm', 'last', 'Asia/Kolkata')).toBe('2026-11-25T11:30Z');
  });

  it('ends a day on which the clocks change after 23 or 25 hours', () => {
    const dayBefore = Date.parse('2026-10-24T12:00:00Z');
    expect(meant('tomorrow', 'first', 'Europe/Lisbon', dayBefore)).toBe('2026-10-24T23:00Z');
    expect(meant('tomorrow', 'last', 'Europe/Lisbon', dayBefore)).toBe('2026-10-26T00:00Z');
    const spring = Date.parse('2026-03-28T12:00:00Z');
    expect(meant('tomorrow', 'first', 'Europe/Lisbon', spring)).toBe('2026-03-29T00:00Z');
    expect(meant('tomorrow', 'last', 'Europe/Lisbon', spring)).toBe('2026-03-29T23:00Z');
    expect(meant('tomorrow 01:30', 'last', 'Europe/Lisbon', spring)).toBe('2026-03-29T01:30Z'); // skipped: 02:30 there
  });
});

const ZONES = ['UTC', 'Europe/Lisbon', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];
const aZone = fc.constantFrom(...ZONES);
const aMoment = fc.integer({
  min: Date.parse('2024-01-01T00:00Z') / 60_000,
  max: Date.parse('2030-01-01T00:00Z') / 60_000,
});

describe('a moment, whenever and wherever', () => {
  it('is read back from what is said of it, but for the hour that comes twice', () => {
    fc.assert(
      fc.property(aMoment, aZone, fc.constantFrom<'first' | 'last'>('first', 'last'), (minutes, zone, edge) => {
        const at = minutes * 60_000;
        const words = spoken(at, zone, edge)
          .replace(/^the end of /, '')
          .replace(/^\w+,? /, '')
          .replace(/, (\d\d:\d\d)$/, ' $1');
        const read = parseMoment(words, zone, at - 86_400_000, edge);
        if (read.kind !== 'moment') throw new Error(read.words);
        expect(spoken(read.at, zone, edge)).toBe(spoken(at, zone, edge));
        expect(Math.abs(read.at - at)).toBeLessThanOrEqual(3_600_000);
      }),
    );
  });

  it('of a weekday lies in the coming eight days, ends a local day, and is that weekday', () => {
    const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
    fc.assert(
      fc.property(aMoment, aZone, fc.constantFrom(...days), (minutes, zone, day) => {
        const now = minutes * 60_000;
        const until = parseMoment(day, zone, now, 'last');
        const from = parseMoment(day, zone, now, 'first');
        if (until.kind !== 'moment' || from.kind !== 'moment') throw new Error(day);
        expect(from.at).toBeGreaterThan(now);
        expect(until.at - now).toBeLessThanOrEqual(8 * 86_400_000 + 7_200_000);
        expect(Math.abs(until.at - from.at - 86_400_000)).toBeLessThanOrEqual(3_600_000);
        expect(spoken(until.at, zone, 'last').toLowerCase()).toContain(`the end of ${day}`);
      }),
    );
  });

  it('never throws, whatever is written', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' })), aZone, (text, zone) => {
        expect(['moment', 'unclear']).toContain(parseMoment(text, zone, NOW, 'last').kind);
      }),
    );
  });
});
