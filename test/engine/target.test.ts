/** test/engine/target.test.ts: the target time: a warning, the breach, and those who are asked because of it. */
import { describe, expect, it } from 'vitest';
import { view } from '../../src/engine/present.ts';
import { dueAt } from '../../src/engine/timers.ts';
import { given } from './given.ts';
import { byPerson, directory, gate, HOUR, rule, stage, staged, T0, vote } from './house.ts';

const sla = { targetMs: 4 * HOUR, warnAtMs: 3 * HOUR, calendar: null };
const escalating = (...to: string[]) => gate(['ana', 'ben'], 2, { sla: { ...sla, escalateTo: to } });

describe('a missed target time', () => {
  const opened = given(escalating('mia'));

  it('asks those as well whom the gate names for it', () => {
    expect(dueAt(opened.state)).toBe(T0 + 3 * HOUR);
    opened
      .at(3 * HOUR)
      .tick()
      .thenRecords('slaWarned')
      .at(4 * HOUR)
      .tick()
      .thenRecords('slaBreached', { type: 'escalated', cause: 'sla', step: null, mode: 'add', people: ['mia'] })
      .thenIs({
        slaBreached: true,
        slaEscalated: true,
        stages: [{ escalationsDone: 0, rules: [{ approvers: ['ana', 'ben', 'mia'] }] }],
        escalations: [{ cause: 'sla', people: ['mia'] }],
      })
      .tick()
      .thenRecordsNothing()
      .whenAll(vote('ana'), vote('mia'))
      .thenEnds('approved');
  });

  it('takes no step of the chain, and the chain none of it', () => {
    const both = given(
      gate(['ana', 'ben'], 2, {
        sla: { ...sla, escalateTo: ['mia'] },
        escalate: [{ afterMs: 4 * HOUR, to: ['dan'], mode: 'add' }],
      }),
    );
    both
      .at(4 * HOUR)
      .tick()
      .thenRecords(
        'slaBreached',
        { type: 'escalated', step: null, people: ['mia'] },
        { type: 'escalated', step: 0, steps: 1, people: ['dan'] },
      )
      .thenIs({ stages: [{ escalationsDone: 1 }] });
  });

  it('asks once, though a further stage begins', () => {
    const stages = [stage('first', [rule(['ana'])]), stage('second', [rule(['ben'])])];
    given(staged(stages, { sla: { ...sla, escalateTo: ['mia'] } }))
      .at(4 * HOUR)
      .tick()
      .whenAll(vote('mia'))
      .at(9 * HOUR)
      .tick()
      .thenRecordsNothing()
      .thenIs({ stages: [{}, { rules: [{ approvers: ['ben'] }] }] });
  });

  it('names nobody new where all are asked already, and is done with it', () => {
    given(escalating('ana'))
      .at(4 * HOUR)
      .tick()
      .thenRecords('slaBreached', { type: 'escalated', people: [] })
      .thenIs({ slaEscalated: true, escalations: [] })
      .tick()
      .thenRecordsNothing();
  });

  it('waits for a directory that cannot be asked', () => {
    const waiting = given(escalating('oncall'))
      .whenDirectory(directory({ groups: { oncall: 'unavailable' } }))
      .at(4 * HOUR)
      .tick()
      .thenRecords('slaBreached')
      .tick()
      .thenRecordsNothing();
    expect(dueAt(waiting.state)).toBe(T0 + 4 * HOUR);
    waiting
      .whenDirectory(directory({ groups: { oncall: ['mia'] } }))
      .at(5 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', people: ['mia'] });
  });

  it('does not ask the requester', () => {
    given(escalating('mia', 'dan'), { content: { requester: 'mia' } })
      .at(4 * HOUR)
      .tick()
      .thenRecords('slaBreached', { type: 'escalated', people: ['dan'] });
  });

  it('without anybody named is written down alone', () => {
    given(gate(['ana'], 1, { sla }))
      .at(4 * HOUR)
      .tick()
      .thenRecords('slaBreached')
      .tick()
      .thenRecordsNothing();
  });
});

describe('an escalation', () => {
  it('says which step it was, of how many, or that it came with the missed target time', () => {
    const definition = gate(['ana'], 1, {
      sla: { ...sla, escalateTo: ['eve'] },
      escalate: [
        { afterMs: HOUR, to: ['mia'], mode: 'add' },
        { afterMs: 2 * HOUR, to: ['dan'], mode: 'replace' },
      ],
    });
    const { state, people } = given(definition)
      .at(HOUR)
      .tick()
      .at(2 * HOUR)
      .tick()
      .at(4 * HOUR)
      .tick();
    expect(view(state, { kind: 'everyone' }, people).escalations).toMatchObject([
      { step: { number: 1, of: 2 }, mode: 'add', people: [{ name: 'Mia Chen' }], at: T0 + HOUR },
      { step: { number: 2, of: 2 }, mode: 'replace', people: [{ name: 'Dan Roth' }], at: T0 + 2 * HOUR },
      { cause: 'sla', mode: 'add', people: [{ name: 'Eve Moss' }], at: T0 + 4 * HOUR },
    ]);
  });

  it('climbs from manager to manager, a step at a time', () => {
    const people = directory({ people: { ana: { manager: 'mia' }, mia: { manager: 'kim' }, kim: { manager: 'eve' } } });
    const up = [1, 2, 3, 4].map(
      (hours) => ({ afterMs: hours * HOUR, to: ['manager-of:approvers'], mode: 'add' }) as const,
    );
    given(gate(['ana'], 1, { escalate: up }), { people })
      .at(HOUR)
      .tick()
      .thenRecords({ type: 'escalated', step: 0, people: ['mia'] })
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', step: 1, people: ['kim'] })
      .at(3 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', step: 2, people: ['eve'] })
      .at(4 * HOUR)
      .tick()
      .thenRecords({ type: 'escalated', step: 3, people: [] });
  });

  it('climbs as well where each manager takes over from the one before', () => {
    const people = directory({ people: { ana: { manager: 'mia' }, mia: { manager: 'kim' } } });
    const up = [1, 2].map(
      (hours) => ({ afterMs: hours * HOUR, to: ['manager-of:approvers'], mode: 'replace' }) as const,
    );
    given(gate(['ana'], 1, { escalate: up }), { people })
      .at(HOUR)
      .tick()
      .thenIs({ stages: [{ rules: [{ approvers: ['mia'] }] }] })
      .at(2 * HOUR)
      .tick()
      .thenIs({ stages: [{ rules: [{ approvers: ['kim'] }] }] })
      .when(vote('kim'))
      .thenEnds('approved', { decidedBy: ['kim'] });
  });

  it('to somebody away asks who stands in for them, and says for whom', () => {
    const people = directory({ people: { mia: { away: [{ from: T0, to: T0 + 9 * HOUR, delegate: 'dan' }] } } });
    const escalated = given(gate(['ana'], 1, { escalate: [{ afterMs: HOUR, to: ['mia'], mode: 'add' }] }), { people })
      .at(HOUR)
      .tick()
      .thenRecords({ type: 'escalated', people: ['dan'], standsFor: { dan: 'mia' } })
      .thenIs({ stages: [{ rules: [{ standsFor: { dan: 'mia' } }] }] });
    escalated
      .when(vote('dan'))
      .thenEnds('approved')
      .thenIs({ votes: [{ person: 'dan', onBehalfOf: 'mia' }] });
    escalated.when({ type: 'resolveApprovers' }).thenRecordsNothing();
    escalated.when({ type: 'comment', by: byPerson('dan'), text: 'hm' }).thenAccepts();
  });
});
