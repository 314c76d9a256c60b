/** test/engine/escalation.test.ts: when nobody answers, others are asked as well, or instead. */
import { describe, expect, it } from 'vitest';
import type { EscalationDefinition } from '../../src/engine/definition.ts';
import { dueAt } from '../../src/engine/timers.ts';
import { given } from './given.ts';
import { delegate, directory, gate, HOUR, rule, stage, staged, T0, vote } from './house.ts';

const following = (hours: number, to: readonly string[], mode: 'add' | 'replace' = 'add'): EscalationDefinition => ({
  afterMs: hours * HOUR,
  to,
  mode,
});

const asked = (people: readonly string[]) => ({ stages: [{ rules: [{ approvers: people }] }] });

describe('escalating by adding', () => {
  const opened = given(gate(['ana', 'ben'], 2, { escalate: [following(2, ['mia'])] }));

  it('asks somebody more, and the others still', () => {
    expect(dueAt(opened.state)).toBe(T0 + 2 * HOUR);
    opened
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', stage: 0, step: 0, mode: 'add', refs: ['mia'], people: ['mia'] })
      .thenIs({ ...asked(['ana', 'ben', 'mia']), escalations: [{ stage: 0, people: ['mia'], mode: 'add' }] })
      .tick()
      .thenRecordsNothing()
      .whenAll(vote('ana'), vote('mia'))
      .thenEnds('approved', { decidedBy: ['ana', 'mia'] });
  });

  it('asks nobody before its time', () => {
    opened
      .at(2 * HOUR - 1)
      .tick()
      .thenRecordsNothing()
      .when(vote('mia'))
      .thenRefuses('not_an_approver');
  });

  it('finding nobody is written down, and not tried again', () => {
    given(gate(['ana'], 1, { escalate: [following(2, ['zoe', 'manager-of:requester'])] }))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', people: [], mode: 'add' })
      .thenIs({ ...asked(['ana']), escalations: [] })
      .tick()
      .thenRecordsNothing();
  });

  it('does not ask the requester', () => {
    given(gate(['ana'], 1, { escalate: [following(2, ['mia', 'dan'])] }), { content: { requester: 'mia' } })
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', people: ['dan'] });
  });

  it('keeps what it added when the directory changes', () => {
    opened
      .at(2 * HOUR)
      .tick()
      .whenDirectory(directory({ groups: { other: [] } }))
      .whenAll(vote('ana'))
      .thenIs(asked(['ana', 'ben', 'mia']));
  });

  it('waits for a directory that cannot be asked, and reminds meanwhile', () => {
    const remind = { afterMs: HOUR, everyMs: null, max: 1 };
    const definition = gate(['ana'], 1, { escalate: [following(2, ['oncall'])], remind });
    const waiting = given(definition)
      .whenDirectory(directory({ groups: { oncall: 'unavailable' } }))
      .at(2 * HOUR)
      .tick()
      .thenRecords('reminded')
      .tick()
      .thenRecordsNothing();
    expect(dueAt(waiting.state)).toBe(T0 + 2 * HOUR);
    waiting
      .whenDirectory(directory({ groups: { oncall: ['mia'] } }))
      .tick()
      .thenRecords({ type: 'escalated', people: ['mia'] });
  });
});

describe('manager-of:approvers', () => {
  it('means the managers of those who have not answered', () => {
    const people = directory({ people: { ana: { manager: 'kim' }, ben: { manager: 'mia' } } });
    given(gate(['ana', 'ben'], 2, { escalate: [following(2, ['manager-of:approvers'])] }), { people })
      .whenAll(vote('ana'))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', people: ['mia'] });
  });

  it('finds each manager once', () => {
    given(gate(['ana', 'ben'], 2, { escalate: [following(2, ['manager-of:approvers'])] }))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', people: ['mia'] });
  });
});

describe('escalating by replacing', () => {
  const opened = given(gate(['ana', 'ben'], 1, { escalate: [following(2, ['mia'], 'replace')] }));

  it('asks somebody else instead', () => {
    opened
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', mode: 'replace', people: ['mia'] })
      .thenIs(asked(['mia']))
      .when(vote('ana'))
      .thenRefuses('not_an_approver')
      .when(vote('mia'))
      .thenEnds('approved', { decidedBy: ['mia'] });
  });

  it('keeps those who have voted, and their votes', () => {
    given(gate(['ana', 'ben'], 2, { escalate: [following(2, ['mia'], 'replace')] }))
      .whenAll(vote('ana'))
      .at(2 * HOUR)
      .tick()
      .thenIs(asked(['ana', 'mia']))
      .whenAll(vote('mia'))
      .thenEnds('approved', { decidedBy: ['ana', 'mia'] });
  });

  it('keeps them only as long as the gate still means them', () => {
    const leads = (...members: readonly string[]) => directory({ groups: { leads: members } });
    given(gate(['leads'], 2, { escalate: [following(2, ['mia', 'dan'], 'replace')] }), { people: leads('ana', 'ben') })
      .whenAll(vote('ana'))
      .at(2 * HOUR)
      .tick()
      .thenIs(asked(['ana', 'mia', 'dan']))
      .whenDirectory(leads('ben', 'eve'))
      .when(vote('mia'))
      .thenRecords(
        { type: 'approversChanged', approvers: ['mia', 'dan'] },
        { type: 'voteDiscounted', person: 'ana' },
        'voted',
      )
      .thenIsPending()
      .when(vote('eve'))
      .thenRefuses('not_an_approver')
      .when(vote('dan'))
      .thenEnds('approved', { decidedBy: ['mia', 'dan'] });
  });

  it('does not bring somebody back whose vote was discounted', () => {
    const leads = (...members: readonly string[]) => directory({ groups: { leads: members } });
    given(gate(['leads'], 3, { escalate: [following(2, ['mia', 'dan', 'eve'], 'replace')] }), {
      people: leads('ana', 'ben', 'kim'),
    })
      .whenAll(vote('ana'))
      .whenDirectory(leads('ben', 'kim'))
      .whenAll(vote('ben'))
      .at(2 * HOUR)
      .tick()
      .thenIs(asked(['ben', 'mia', 'dan', 'eve']))
      .when(vote('ana'))
      .thenRefuses('not_an_approver');
  });

  it('does not keep somebody who came back and did not vote anew', () => {
    const leads = (...members: readonly string[]) => directory({ groups: { leads: members } });
    const all = leads('ana', 'ben', 'kim', 'dan');
    given(gate(['leads'], 3, { escalate: [following(2, ['mia', 'eve'], 'replace')] }), { people: all })
      .whenAll(vote('ana'))
      .whenDirectory(leads('ben', 'kim', 'dan'))
      .whenAll(vote('ben'))
      .whenDirectory(all)
      .whenAll(vote('kim'))
      .at(2 * HOUR)
      .tick()
      .thenIs(asked(['ben', 'kim', 'mia', 'eve']))
      .when(vote('ana'))
      .thenRefuses('not_an_approver');
  });

  it('adds instead where the quorum could not be met any more', () => {
    given(gate(['ana', 'ben'], 2, { escalate: [following(2, ['mia'], 'replace')] }))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', mode: 'add', people: ['mia'] })
      .thenIs(asked(['ana', 'ben', 'mia']));
  });

  it('adds instead where those who remain have said no, or have had their part already', () => {
    given(gate(['ana', 'ben', 'kim'], 2, { rejection: 'threshold', escalate: [following(2, ['mia'], 'replace')] }))
      .whenAll(vote('ana', 'reject'))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', mode: 'add' });
    const stages = [stage('first', [rule(['mia'])]), stage('second', [rule(['ana'])])];
    given(staged(stages, { distinct: 'request', escalate: [following(2, ['mia'], 'replace')] }))
      .whenAll(vote('mia'))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', mode: 'add' })
      .when(vote('ana'))
      .thenEnds('approved');
  });

  it('by nobody leaves everything as it is', () => {
    given(gate(['ana'], 1, { escalate: [following(2, ['zoe'], 'replace')] }))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', mode: 'add', people: [] })
      .when(vote('ana'))
      .thenEnds('approved');
  });

  it('brings back somebody who had given their part away, if it names them', () => {
    given(gate(['ana', 'ben'], 1, { escalate: [following(2, ['ana'], 'replace')] }))
      .whenAll(delegate('ana', 'eve'))
      .at(2 * HOUR)
      .tick()
      .thenIs(asked(['ana']))
      .when(vote('ana'))
      .thenEnds('approved');
  });
});

describe('several steps', () => {
  const steps = [following(2, ['manager-of:approvers']), following(6, ['dan'], 'replace')];

  it('come one after another', () => {
    given(gate(['ana', 'ben'], 1, { escalate: steps }))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', step: 0 })
      .at(6 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', step: 1, mode: 'replace' })
      .thenIs(asked(['dan']));
  });

  it('that were missed are all taken, in order: each changes who may decide', () => {
    given(gate(['ana', 'ben'], 1, { escalate: steps }))
      .at(7 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', step: 0, people: ['mia'] }, { type: 'escalated', step: 1, people: ['dan'] })
      .thenIs(asked(['dan']));
  });

  it('that were missed along with reminders remind those who are asked now, once', () => {
    given(gate(['ana', 'ben'], 1, { escalate: steps, remind: { afterMs: HOUR, everyMs: HOUR, max: 9 } }))
      .at(7 * HOUR)
      .tick()
      .thenRecords('escalated', 'escalated', { type: 'reminded', count: 7, people: ['dan'] });
  });

  it('start anew with each stage', () => {
    const stages = [stage('first', [rule(['ana'])]), stage('second', [rule(['ben'])])];
    given(staged(stages, { escalate: [following(2, ['dan'])] }))
      .at(HOUR)
      .whenAll(vote('ana'))
      .at(2 * HOUR)
      .tick()
      .thenRecordsNothing()
      .at(3 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', stage: 1, step: 0, people: ['dan'] });
  });

  it('are of no use after the deadline', () => {
    given(gate(['ana'], 1, { escalate: steps, timeoutMs: 3 * HOUR }))
      .at(7 * HOUR)
      .tick()
      .thenRecords('closed')
      .thenEnds('rejected', { cause: 'timeout' });
  });
});
