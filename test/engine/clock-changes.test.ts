/**
 * test/engine/clock-changes.test.ts: timers over the days on which local clocks change, the leap day, the end of the
 * year and holidays. Reminders, escalations and deadlines count real time, so a change of the clocks moves none of them;
 * the target time counts open hours, and quiet hours are what the clock on the wall says.
 */
import { describe, expect, it } from 'vitest';
import { endOfHours } from '../../src/engine/calendar.ts';
import { decide } from '../../src/engine/decide.ts';
import type { CalendarDefinition, GateDefinition, OpenHours } from '../../src/engine/definition.ts';
import type { Event, RequestState } from '../../src/engine/request.ts';
import { dueAt } from '../../src/engine/timers.ts';
import { content, DAY, directory, gate, HOUR, MINUTE } from './house.ts';

const at = (text: string): number => Date.parse(text);
const daily = [1, 2, 3, 4, 5, 6, 7];
const hours = (from: number, to: number, days: readonly number[] = daily): OpenHours => ({
  days,
  fromMinute: from * 60,
  toMinute: to * 60,
});
const calendar = (
  timezone: string,
  open: readonly OpenHours[],
  holidays: readonly string[] = [],
): CalendarDefinition => ({
  name: 'office',
  timezone,
  hours: open,
  holidays,
});

/** Opens a request and lets everything happen that happens by itself, each at its moment: `when what`. */
function timeline(definition: Partial<GateDefinition>, openedAt: string): readonly string[] {
  const people = directory();
  const open = { type: 'open', content: content(), gate: gate(['ana'], 1, definition), directory: people } as const;
  const opened = decide(null, open, at(openedAt));
  if (opened.kind === 'refused') throw new Error(opened.refusal);
  const lines: string[] = [];
  let state: RequestState = opened.state;
  for (let due = dueAt(state); due !== null; due = dueAt(state)) {
    expect(decide(state, { type: 'tick', directory: people }, due - 1)).toMatchObject({ events: [] });
    const decision = decide(state, { type: 'tick', directory: people }, due);
    if (decision.kind === 'refused') throw new Error(decision.refusal);
    expect(decision.events.length).toBeGreaterThan(0);
    const when = new Date(due).toISOString().slice(0, 16);
    lines.push(...decision.events.map((event) => `${when} ${named(event)}`));
    state = decision.state;
  }
  return lines;
}

const named = (event: Event): string => (event.type === 'reminded' ? `reminded ${event.count}` : event.type);

describe('timers over a change of the clocks', () => {
  // Each opens on the evening before; the wall shows an hour (in Lord Howe half an hour) more or less the next morning.
  it.each([
    ['Europe/Lisbon, forward', '2026-03-28T22:00:00Z'],
    ['Europe/Lisbon, back', '2026-10-24T22:00:00Z'],
    ['America/New_York, forward', '2026-03-08T02:00:00Z'],
    ['America/New_York, back', '2026-11-01T01:00:00Z'],
    ['Australia/Lord_Howe, back', '2026-04-04T08:00:00Z'],
    ['Australia/Lord_Howe, forward', '2026-10-03T08:30:00Z'],
  ])('count real time: %s', (_, openedAt) => {
    const remind = { afterMs: HOUR, everyMs: 6 * HOUR, max: 3 };
    const escalate = [{ afterMs: 12 * HOUR, to: ['mia'], mode: 'add' }] as const;
    const later = (ms: number) => new Date(at(openedAt) + ms).toISOString().slice(0, 16);
    expect(timeline({ remind, escalate: [...escalate], timeoutMs: DAY }, openedAt)).toEqual([
      `${later(HOUR)} reminded 1`,
      `${later(7 * HOUR)} reminded 2`,
      `${later(12 * HOUR)} escalated`,
      `${later(13 * HOUR)} reminded 3`,
      `${later(DAY)} closed`,
    ]);
  });
});

describe('the target time', () => {
  const target = (office: CalendarDefinition, targetMs: number, openedAt: string) =>
    timeline({ sla: { targetMs, warnAtMs: targetMs / 2, calendar: office }, timeoutMs: 60 * DAY }, openedAt).slice(
      0,
      2,
    );

  it('in Lisbon begins an hour earlier in UTC once summer time has come', () => {
    const office = calendar('Europe/Lisbon', [hours(9, 18, [1, 2, 3, 4, 5])]);
    // Friday 16:00 WET: two hours are left of it, the other two are Monday's, from 09:00 WEST.
    expect(target(office, 4 * HOUR, '2026-03-27T16:00:00Z')).toEqual([
      '2026-03-27T18:00 slaWarned',
      '2026-03-30T10:00 slaBreached',
    ]);
    expect(target(office, 4 * HOUR, '2026-10-23T15:00:00Z')).toEqual([
      '2026-10-23T17:00 slaWarned',
      '2026-10-26T11:00 slaBreached',
    ]);
  });

  it('in New York counts the night’s hours that there are: one less in March, one more in November', () => {
    const night = calendar('America/New_York', [hours(0, 8)]);
    // 7 March 21:00 EST. The night of the 8th has seven hours, from 05:00 to 12:00 UTC.
    expect(target(night, 8 * HOUR, '2026-03-08T02:00:00Z')).toEqual([
      '2026-03-08T09:00 slaWarned',
      '2026-03-09T05:00 slaBreached',
    ]);
    // The night of 1 November has nine, from 04:00 to 13:00 UTC.
    expect(target(night, 10 * HOUR, '2026-11-01T01:00:00Z')).toEqual([
      '2026-11-01T09:00 slaWarned',
      '2026-11-02T06:00 slaBreached',
    ]);
  });

  it('in Lord Howe knows that its clocks change by half an hour', () => {
    const night = calendar('Australia/Lord_Howe', [hours(0, 4)]);
    // 5 April, 02:00 LHDT is 01:30 LHST again: the night has four and a half hours, from 13:00 to 17:30 UTC.
    expect(target(night, 4.5 * HOUR, '2026-04-04T12:00:00Z')).toEqual([
      '2026-04-04T15:15 slaWarned',
      '2026-04-04T17:30 slaBreached',
    ]);
    // 4 October, 02:00 is 02:30: three and a half, from 13:30 to 17:00 UTC.
    expect(target(night, 4 * HOUR, '2026-10-03T12:00:00Z')).toEqual([
      '2026-10-03T15:30 slaWarned',
      '2026-10-04T13:30 slaBreached',
    ]);
  });

  it('counts the 29th of February where there is one', () => {
    const weekdays = calendar('Europe/Lisbon', [hours(9, 17, [1, 2, 3, 4, 5])]);
    // In 2028 it is a Tuesday; in 2027 Sunday the 28th is followed by Monday the 1st.
    expect(target(weekdays, 16 * HOUR, '2028-02-28T09:00:00Z')).toEqual([
      '2028-02-28T17:00 slaWarned',
      '2028-02-29T17:00 slaBreached',
    ]);
    expect(target(weekdays, 16 * HOUR, '2027-02-26T09:00:00Z')).toEqual([
      '2027-02-26T17:00 slaWarned',
      '2027-03-01T17:00 slaBreached',
    ]);
  });

  it('passes the holidays at the end of the year', () => {
    const office = calendar('Europe/Lisbon', [hours(9, 17, [1, 2, 3, 4, 5])], ['2026-12-25', '2027-01-01']);
    expect(target(office, 16 * HOUR, '2026-12-24T16:00:00Z')).toEqual([
      '2026-12-28T16:00 slaWarned',
      '2026-12-29T16:00 slaBreached',
    ]);
    expect(target(office, 4 * HOUR, '2026-12-31T15:00:00Z')).toEqual([
      '2026-12-31T17:00 slaWarned',
      '2027-01-04T11:00 slaBreached',
    ]);
  });
});

describe('an approval that is held', () => {
  it('over a freeze of several days takes effect when the first open hour begins', () => {
    const open = calendar(
      'Europe/Lisbon',
      [hours(9, 18, [1, 2, 3, 4, 5])],
      ['2026-12-28', '2026-12-29', '2026-12-30', '2026-12-31', '2027-01-01'],
    );
    const freeze = { calendar: open, outside: 'hold' } as const;
    const lines = timeline({ freeze, onTimeout: 'approve', timeoutMs: 60 * HOUR }, '2026-12-25T10:00:00Z');
    expect(lines).toEqual(['2026-12-27T22:00 held', '2027-01-04T09:00 closed']);
  });
});

describe('quiet hours', () => {
  const night = [hours(22, 7)];

  it('end in the morning, wherever the night is', () => {
    expect(endOfHours(night, 'Europe/Lisbon', at('2026-01-05T23:00:00Z'))).toBe(at('2026-01-06T07:00:00Z'));
    expect(endOfHours(night, 'Europe/Lisbon', at('2026-01-05T06:59:59Z'))).toBe(at('2026-01-05T07:00:00Z'));
    expect(endOfHours(night, 'America/New_York', at('2026-01-06T05:00:00Z'))).toBe(at('2026-01-06T12:00:00Z'));
  });

  it('are over at their end, and not begun a moment before', () => {
    for (const awake of ['2026-01-05T07:00:00Z', '2026-01-05T12:00:00Z', '2026-01-05T21:59:59Z'])
      expect(endOfHours(night, 'Europe/Lisbon', at(awake))).toBe(at(awake));
    expect(endOfHours([], 'UTC', at('2026-01-05T07:00:00Z'))).toBe(at('2026-01-05T07:00:00Z'));
  });

  it('end at seven on the wall when the clocks change in that night', () => {
    const end = (timezone: string, from: string) => new Date(endOfHours(night, timezone, at(from))).toISOString();
    expect(end('Europe/Lisbon', '2026-03-28T23:00:00Z')).toBe('2026-03-29T06:00:00.000Z');
    expect(end('Europe/Lisbon', '2026-10-24T23:00:00Z')).toBe('2026-10-25T07:00:00.000Z');
    expect(end('America/New_York', '2026-03-08T04:00:00Z')).toBe('2026-03-08T11:00:00.000Z');
    expect(end('America/New_York', '2026-11-01T03:00:00Z')).toBe('2026-11-01T12:00:00.000Z');
    expect(end('Australia/Lord_Howe', '2026-04-04T12:00:00Z')).toBe('2026-04-04T20:30:00.000Z');
    expect(end('Australia/Lord_Howe', '2026-10-03T12:00:00Z')).toBe('2026-10-03T20:00:00.000Z');
  });

  it('go on where the next ones begin: a weekend after a night', () => {
    const weekend = [...night, hours(0, 24, [6, 7])];
    expect(endOfHours(weekend, 'UTC', at('2026-01-09T23:00:00Z'))).toBe(at('2026-01-12T07:00:00Z'));
  });

  it('over the end of the year and the leap day are nights like others', () => {
    expect(endOfHours(night, 'UTC', at('2026-12-31T23:30:00Z'))).toBe(at('2027-01-01T07:00:00Z'));
    expect(endOfHours(night, 'UTC', at('2028-02-28T23:30:00Z'))).toBe(at('2028-02-29T07:00:00Z'));
  });

  it('that never end hold a notice for about a week, and not for ever', () => {
    const from = at('2026-01-05T12:00:00Z');
    const end = endOfHours([hours(0, 24)], 'UTC', from);
    expect(end).toBeGreaterThan(from + 6 * DAY);
    expect(end).toBeLessThan(from + 9 * DAY + MINUTE);
  });
});
