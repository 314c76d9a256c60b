/** test/engine/reminders.test.ts: what the clock says while people are asked: reminders, quiet on request, the SLA. */
import { describe, expect, it } from 'vitest';
import { dueAt } from '../../src/engine/timers.ts';
import { given, type Story } from './given.ts';
import { byPipeline, DAY, gate, HOUR, MINUTE, officeHours, rule, stage, staged, T0, vote } from './house.ts';

const due = (story: Story): number | null => {
  const at = dueAt(story.state);
  return at === null ? null : at - T0;
};

describe('reminders', () => {
  const remind = { afterMs: HOUR, everyMs: 4 * HOUR, max: 3 };
  const opened = given(gate(['ana', 'ben'], 2, { remind }));

  it('come after a while, and then again and again, at most so often', () => {
    let story = opened
      .at(HOUR - 1)
      .tick()
      .thenRecordsNothing();
    for (const [i, hour] of [1, 5, 9].entries()) {
      expect(due(story)).toBe(hour * HOUR);
      story = story
        .at(hour * HOUR)
        .tick()
        .thenRecords({ type: 'reminded', stage: 0, count: i + 1, people: ['ana', 'ben'] });
      story = story.tick().thenRecordsNothing();
    }
    expect(due(story)).toBe(DAY);
    story
      .at(23 * HOUR)
      .tick()
      .thenRecordsNothing();
  });

  it('go to those who have not answered', () => {
    opened
      .whenAll(vote('ana'))
      .at(HOUR)
      .tick()
      .thenRecords({ type: 'reminded', people: ['ben'] });
  });

  it('go to nobody whose rule is met already', () => {
    given(staged([stage('both', [rule(['ana', 'ben']), rule(['mia'])])], { remind }))
      .whenAll(vote('ana'))
      .at(HOUR)
      .tick()
      .thenRecords({ type: 'reminded', people: ['mia'] });
  });

  it('do not go to somebody whose part in the request is over', () => {
    const stages = [stage('first', [rule(['ana'])]), stage('second', [rule(['ana', 'ben', 'mia'], 2)])];
    given(staged(stages, { remind, distinct: 'request' }))
      .whenAll(vote('ana'))
      .at(HOUR)
      .tick()
      .thenRecords({ type: 'reminded', people: ['ben', 'mia'] });
  });

  it('that were missed collapse into one', () => {
    opened
      .at(6 * HOUR)
      .tick()
      .thenRecords({ type: 'reminded', count: 2 })
      .tick()
      .thenRecordsNothing()
      .at(9 * HOUR)
      .tick()
      .thenRecords({ type: 'reminded', count: 3 });
    opened
      .at(20 * HOUR)
      .tick()
      .thenRecords({ type: 'reminded', count: 3 });
  });

  it('come once where there is no interval', () => {
    const once = given(gate(['ana'], 1, { remind: { afterMs: HOUR, everyMs: null, max: 5 } }));
    const reminded = once
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'reminded', count: 1 });
    expect(due(reminded)).toBe(DAY);
  });

  it('start anew with each stage', () => {
    given(staged([stage('first', [rule(['ana'])]), stage('second', [rule(['mia'])])], { remind }))
      .at(HOUR)
      .tick()
      .thenRecords({ type: 'reminded', stage: 0 })
      .at(90 * MINUTE)
      .whenAll(vote('ana'))
      .tick()
      .thenRecordsNothing()
      .at(150 * MINUTE)
      .tick()
      .thenRecords({ type: 'reminded', stage: 1, count: 1, people: ['mia'] });
  });
});

describe('snoozing', () => {
  const remind = { afterMs: HOUR, everyMs: HOUR, max: 10 };
  const opened = given(gate(['ana', 'ben'], 2, { remind }));
  const snooze = (person: string, hours: number) => ({ type: 'snooze', person, until: T0 + hours * HOUR }) as const;

  it('keeps reminders away from one person until then, and brings one at the end', () => {
    const quiet = opened.when(snooze('ana', 1.5)).thenRecords({ type: 'snoozed', person: 'ana' });
    const once = quiet
      .at(HOUR)
      .tick()
      .thenRecords({ type: 'reminded', count: 1, people: ['ben'] });
    expect(due(once)).toBe(1.5 * HOUR);
    once
      .at(1.5 * HOUR)
      .tick()
      .thenRecords({ type: 'reminded', count: 1, people: ['ana'] })
      .thenIs({ snoozed: {} })
      .tick()
      .thenRecordsNothing()
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'reminded', count: 2, people: ['ana', 'ben'] });
  });

  it('brings its reminder where the gate itself has none', () => {
    given(gate(['ana']))
      .whenAll(snooze('ana', 2))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'reminded', people: ['ana'] });
  });

  it('ends in one reminder, not two, where both fall together', () => {
    opened
      .whenAll(snooze('ana', 1))
      .at(HOUR)
      .tick()
      .thenRecords({ type: 'reminded', count: 1, people: ['ana', 'ben'] });
  });

  it('reminds nobody who has answered in between', () => {
    opened
      .whenAll(snooze('ana', 0.5), vote('ana'))
      .at(HOUR / 2)
      .tick()
      .thenRecords({ type: 'reminded', count: 0, people: [] });
  });

  it('is for those who are asked, and for the future', () => {
    opened.when(snooze('eve', 1)).thenRefuses('not_an_approver');
    opened.whenAll(vote('ana')).when(snooze('ana', 1)).thenRefuses('not_an_approver');
    opened.when(snooze('ana', 0)).thenRefuses('not_in_future', 'until');
    opened
      .at(2 * HOUR)
      .when(snooze('ana', 1))
      .thenRefuses('not_in_future');
  });

  it('moves neither the deadline nor an escalation', () => {
    opened.whenAll(snooze('ana', 100)).thenIs({ expiresAt: T0 + DAY });
  });
});

describe('the SLA', () => {
  const sla = { targetMs: 4 * HOUR, warnAtMs: 3 * HOUR, calendar: null };

  it('warns, and then says that it is breached, once each', () => {
    const opened = given(gate(['ana'], 1, { sla }));
    expect(due(opened)).toBe(3 * HOUR);
    const warned = opened
      .at(3 * HOUR)
      .tick()
      .thenRecords('slaWarned')
      .tick()
      .thenRecordsNothing();
    expect(due(warned)).toBe(4 * HOUR);
    warned
      .at(4 * HOUR)
      .tick()
      .thenRecords('slaBreached')
      .tick()
      .thenRecordsNothing()
      .thenIs({ slaBreached: true });
  });

  it('does not warn any more when it is breached already', () => {
    given(gate(['ana'], 1, { sla }))
      .at(5 * HOUR)
      .tick()
      .thenRecords('slaBreached')
      .at(6 * HOUR)
      .tick()
      .thenRecordsNothing();
  });

  it('warns only where it is told to', () => {
    given(gate(['ana'], 1, { sla: { ...sla, warnAtMs: null } }))
      .at(3.9 * HOUR)
      .tick()
      .thenRecordsNothing();
  });

  it('counts open hours where it has a calendar', () => {
    const opened = given(
      gate(['ana'], 1, { sla: { targetMs: 10 * HOUR, warnAtMs: null, calendar: officeHours() }, timeoutMs: null }),
    );
    expect(due(opened)).toBe(DAY + HOUR);
    opened
      .at(DAY + HOUR - 1)
      .tick()
      .thenRecordsNothing()
      .at(DAY + HOUR)
      .tick()
      .thenRecords('slaBreached');
  });

  it('counts the whole request, whatever stage it is at', () => {
    given(staged([stage('first', [rule(['ana'])]), stage('second', [rule(['mia'])])], { sla }))
      .at(2 * HOUR)
      .whenAll(vote('ana'))
      .at(3 * HOUR)
      .tick()
      .thenRecords('slaWarned');
  });

  it('stands still during a pause', () => {
    const paused = given(gate(['ana'], 1, { sla }))
      .at(HOUR)
      .whenAll({ type: 'pause', by: byPipeline(), reason: null });
    paused
      .at(9 * HOUR)
      .tick()
      .thenRecordsNothing();
    const resumed = paused.at(9 * HOUR).whenAll({ type: 'resume', by: byPipeline() });
    expect(due(resumed)).toBe(11 * HOUR);
  });
});
