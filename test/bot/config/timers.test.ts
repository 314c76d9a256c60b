/** test/bot/config/timers.test.ts: timers that contradict each other, and intervals of dates that are closed. */
import { describe, expect, it } from 'vitest';
import { gateProblems, load, problems, somebody } from './given.ts';

const warnings = (gate: string): readonly string[] =>
  load(`${somebody}gates:\n  deploy: ${gate}\n`).warnings.filter((line) => line.startsWith('gates.deploy'));

describe('timers that can’t be meant', () => {
  it.each([
    [
      '{ approvers: [ana], escalate: [{ after: 4h, to: [mia] }, { after: 2h, to: [ben] }] }',
      'deploy.escalate[1].after: must be later than the step before it: steps come one after another',
    ],
    [
      '{ approvers: [ana], escalate: [{ after: 2h, to: [mia] }, { after: 2h, to: [ben] }] }',
      'deploy.escalate[1].after: must be later than the step before it: steps come one after another',
    ],
    [
      '{ approvers: [ana], escalate: [{ after: 25h, to: [mia] }] }',
      'deploy.escalate[0].after: comes after the timeout has ended the request',
    ],
    [
      '{ approvers: [ana], timeout: 2h, remind: { after: 2h } }',
      'deploy.remind.after: comes after the timeout has ended the request',
    ],
    ['{ approvers: [ana], sla: { target: 4h, warnAt: 5h } }', 'deploy.sla.warnAt: must come before the target'],
    [
      '{ approvers: [ana], sla: { target: 4h, escalate: [maya] } }',
      'deploy.sla.escalate[0]: "maya" is neither a person nor a group',
    ],
    ['{ approvers: [ana], sla: { target: 4h, escalate: [] } }', 'deploy.sla.escalate: must name somebody'],
    ['{ approvers: [ana], remind: { after: 1h, every: 1m, max: 1001 } }', 'deploy.remind.max: must be at most 1000'],
  ])('are refused, each with its place: %s', (gate, problem) => {
    expect(gateProblems(gate)).toEqual([problem]);
  });
});

describe('timers that are probably not meant', () => {
  it.each([
    [
      '{ approvers: [ana], timeout: 4h, remind: { after: 1h, every: 1h, max: 5 } }',
      'gates.deploy.remind.max: only 3 of 5 reminders come before the timeout',
    ],
    [
      '{ approvers: [ana], remind: { after: 1h, every: 30s } }',
      'gates.deploy.remind.every: reminds more than once a minute',
    ],
    [
      '{ approvers: [ana], timeout: 4h, sla: { target: 4h } }',
      'gates.deploy.sla.target: comes after the timeout, so it is never missed before the request has ended',
    ],
    [
      '{ approvers: [ana], timeout: 24h, sla: { target: 12h, calendar: office } }',
      'gates.deploy.sla.target: in the hours of the calendar "office" comes after the timeout, so it is never missed before the request has ended',
    ],
    [
      '{ approvers: [ana], sla: { target: 4h, escalate: [ana] } }',
      'gates.deploy.sla.escalate: names only people who are asked already',
    ],
    [
      '{ approvers: [managers], escalate: [{ after: 1h, to: [ben] }] }',
      'gates.deploy.escalate[0].to: names only people who are asked already',
    ],
    [
      '{ approvers: [ana], onTimeout: approve, requireReason: [approve] }',
      'gates.deploy.onTimeout: approves without the reason that "requireReason" asks for',
    ],
    [
      '{ approvers: [ana], onTimeout: approve, form: [{ id: ticket, type: text, required: true }] }',
      'gates.deploy.onTimeout: approves without the answers that "form" requires',
    ],
  ])('are warned about, each with its place: %s', (gate, warning) => {
    expect(warnings(gate)).toEqual([warning]);
  });

  it.each([
    '{ approvers: [ana], timeout: 4h, remind: { after: 1h, every: 1h } }',
    '{ approvers: [ana], timeout: 4h, remind: { after: 1h, every: 1h, max: 3 } }',
    '{ approvers: [ana], timeout: never, sla: { target: 30d } }',
    '{ approvers: [ana], timeout: 24h, sla: { target: 9h, calendar: office, escalate: [mia] } }',
    '{ approvers: [ana], escalate: [{ after: 1h, to: [ana], mode: replace }] }',
    '{ approvers: [oncall], escalate: [{ after: 1h, to: [ana] }] }',
    '{ approvers: [ana], escalate: [{ after: 1h, to: ["manager-of:approvers"] }, { after: 2h, to: ["manager-of:approvers"] }] }',
    '{ stages: [{ approvers: [ana] }, { approvers: [ben] }], escalate: [{ after: 1h, to: [ana] }] }',
    '{ approvers: [ana], onTimeout: reject, requireReason: [reject] }',
  ])('are none of these: %s', (gate) => {
    expect(warnings(gate)).toEqual([]);
  });
});

describe('those who are asked when the target time is missed', () => {
  it('are pinned into the gate; a gate without them says nothing of them', () => {
    const gates = load(
      `${somebody}gates:\n  a: { approvers: [ana], sla: { target: 4h, escalate: [mia, "manager-of:approvers"] } }\n  b: { approvers: [ana], sla: { target: 4h } }\n`,
    ).gates;
    expect(gates.get('a')?.sla?.escalateTo).toEqual(['mia', 'manager-of:approvers']);
    expect(gates.get('b')?.sla).not.toHaveProperty('escalateTo');
  });
});

describe('an interval of dates among holidays', () => {
  const calendar = (holidays: string) =>
    `calendars: { a: { timezone: UTC, hours: "mon 09:00-10:00", holidays: ${holidays} } }\ngates: { g: { approvers: [ana], freeze: { calendar: a } } }\npeople: { ana: {} }`;
  const closed = (holidays: string) => load(calendar(holidays)).gates.get('g')?.freeze?.calendar.holidays;

  it('is closed on each of its days, both ends included', () => {
    expect(closed('2026-12-30/2027-01-02')).toEqual(['2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02']);
    expect(closed('[2028-02-28/2028-03-01, 2028-02-29]')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01']);
    expect(closed('2026-12-24/2026-12-24')).toEqual(['2026-12-24']);
  });

  it.each([
    ['2027-01-02/2026-12-20', '"2027-01-02/2026-12-20" ends before it begins'],
    ['2026-01-01/2029-01-01', '"2026-01-01/2029-01-01" is longer than 731 days'],
  ])('that can’t be one is refused: %s', (holidays, problem) => {
    expect(problems(calendar(holidays))).toEqual([expect.stringContaining(problem)]);
  });

  it.each(['2026-02-29/2026-03-01', '2026-12-20/2026-12-21/2026-12-22', '2026-12-20/'])(
    'is two dates that the calendar has: %s',
    (holidays) => {
      expect(problems(calendar(holidays))[0]).toContain('is neither a date (2026-12-24), an interval of dates');
    },
  );
});

describe('quiet hours', () => {
  const person = (quietHours: string) =>
    problems(
      `people: { ana: { timezone: Europe/Lisbon, quietHours: ${quietHours} } }\ngates: { g: { approvers: [ana] } }`,
    );

  it('that fill the week are refused: nobody could ever be told anything', () => {
    for (const always of ['daily 00:00-24:00', '["daily 22:00-07:00", "daily 07:00-22:00"]'])
      expect(person(always)).toEqual([expect.stringContaining('people.ana.quietHours: leaves no hour of the week')]);
    expect(person('["daily 22:00-07:00", "sat,sun 00:00-24:00"]')).toEqual([]);
  });
});
