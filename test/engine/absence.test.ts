/** test/engine/absence.test.ts: people go away and come back while a request waits, and the right ones are asked. */
import { describe, expect, it } from 'vitest';
import type { Directory } from '../../src/engine/directory.ts';
import { view } from '../../src/engine/present.ts';
import { given, type Story } from './given.ts';
import { DAY, delegate, directory, gate, HOUR, rule, stage, staged, T0, vote } from './house.ts';

const resolve = { type: 'resolveApprovers' } as const;
const away = (delegateTo: string | null, from = T0 + HOUR, to = T0 + 5 * HOUR) => ({
  away: [{ from, to, delegate: delegateTo }],
});
const asked = (...approvers: readonly string[]) => ({ stages: [{ rules: [{ approvers }] }] });
const house = (more: Parameters<typeof directory>[0]): Directory => directory(more);

describe('resolving the approvers anew', () => {
  const people = house({ people: { ana: away('eve') } });
  const opened = given(gate(['ana', 'ben'], 2), { people });

  it('asks whoever stands in for somebody who went away', () => {
    opened.thenIs(asked('ana', 'ben'));
    opened
      .at(2 * HOUR)
      .when(resolve)
      .thenRecords({ type: 'approversChanged', approvers: ['eve', 'ben'], joined: ['eve'], standsFor: { eve: 'ana' } })
      .when(resolve)
      .thenRecordsNothing();
  });

  it('asks them again when they are back', () => {
    opened
      .at(2 * HOUR)
      .whenAll(resolve)
      .at(6 * HOUR)
      .when(resolve)
      .thenRecords({ type: 'approversChanged', approvers: ['ana', 'ben'], joined: ['ana'], standsFor: {} });
  });

  it('changes nothing that is as it was', () => {
    opened.when(resolve).thenRecordsNothing();
    given(gate(['g']), { people: house({ groups: { g: ['ana', 'ben'] } }) })
      .whenDirectory(house({ groups: { g: 'unavailable' } }))
      .when(resolve)
      .thenRecordsNothing();
    opened.whenAll(vote('ana', 'reject')).when(resolve).thenRefuses('already_closed');
  });

  it('lets go of those who left a group, with their votes, and asks who came', () => {
    const group = (...members: readonly string[]) => house({ groups: { g: members } });
    given(gate(['g'], 2), { people: group('ana', 'ben') })
      .whenAll(vote('ana'))
      .whenDirectory(group('ben', 'mia'))
      .when(resolve)
      .thenRecords(
        { type: 'approversChanged', approvers: ['ben', 'mia'], joined: ['mia'] },
        { type: 'voteDiscounted', person: 'ana' },
      );
  });

  it('is done before anybody is reminded or escalated to', () => {
    const remind = { afterMs: 2 * HOUR, everyMs: null, max: 1 };
    given(gate(['ana'], 1, { remind }), { people })
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'approversChanged', approvers: ['eve'] }, { type: 'reminded', people: ['eve'] });
    const escalate = [{ afterMs: 2 * HOUR, to: ['manager-of:approvers'], mode: 'add' }] as const;
    given(gate(['g'], 1, { escalate: [...escalate] }), {
      people: house({ groups: { g: ['ana'] }, people: { eve: { manager: 'kim' } } }),
    })
      .whenDirectory(house({ groups: { g: ['eve'] }, people: { eve: { manager: 'kim' } } }))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'approversChanged', joined: ['eve'] }, { type: 'escalated', people: ['kim'] });
  });

  it('is done for the stage that is open, and for the next when its turn comes', () => {
    const stages = [stage('first', [rule(['ben'])]), stage('second', [rule(['ana'])])];
    const later = given(staged(stages), { people }).at(2 * HOUR);
    later.when(resolve).thenRecordsNothing();
    later.when(vote('ben')).thenRecords('voted', 'stagePassed', {
      type: 'stageOpened',
      rules: [{ approvers: ['eve'], standsFor: { eve: 'ana' } }],
    });
  });
});

describe('a vote outlives an absence', () => {
  it('of whoever voted before they went away', () => {
    const opened = given(gate(['ana', 'ben'], 2), { people: house({ people: { ana: away('eve') } }) });
    const voted = opened.whenAll(vote('ana')).at(2 * HOUR);
    voted
      .when(resolve)
      .thenRecordsNothing()
      .thenIs({ votes: [{ person: 'ana', counts: true }] });
    voted.when(vote('ben')).thenEnds('approved', { decidedBy: ['ana', 'ben'] });
  });

  it('of whoever voted for somebody who is back since: the part is filled once', () => {
    const people = house({ people: { ana: away('eve', T0, T0 + HOUR) } });
    const voted = given(gate(['ana', 'ben'], 2), { people })
      .whenAll(vote('eve'))
      .at(2 * HOUR);
    voted.when(resolve).thenRecordsNothing();
    voted.when(vote('ana')).thenRefuses('not_an_approver');
    voted.when(vote('ben')).thenEnds('approved', { decidedBy: ['eve', 'ben'] });
  });

  it('until it is taken back: then the one who is here decides', () => {
    const people = house({ people: { ana: away('eve', T0, T0 + HOUR) } });
    given(gate(['ana', 'ben'], 2), { people })
      .whenAll(vote('eve'))
      .at(2 * HOUR)
      .whenAll({ type: 'withdrawVote', person: 'eve', via: 'web', replaces: 'current' })
      .when(resolve)
      .thenRecords({ type: 'approversChanged', approvers: ['ana', 'ben'], joined: ['ana'] });
  });

  it('but not of whoever the gate does not mean any more', () => {
    const people = house({ people: { ana: away('eve', T0, T0 + HOUR) }, groups: { g: ['ana', 'ben'] } });
    given(gate(['g'], 2), { people })
      .whenAll(vote('eve'))
      .whenDirectory(house({ groups: { g: ['ben', 'kim'] } }))
      .when(resolve)
      .thenRecords({ type: 'approversChanged', approvers: ['ben', 'kim'] }, { type: 'voteDiscounted', person: 'eve' });
  });
});

describe('whoever stands in', () => {
  const people = house({ people: { ana: away('eve', T0, T0 + 5 * DAY) } });
  const opened = given(gate(['ana', 'ben'], 2), { people });
  const seen = ({ state }: Story, person: string, now: number | null = T0) =>
    view(state, { kind: 'person', person }, people, now);

  it('is told for whom, and until when that person is away', () => {
    expect(seen(opened, 'eve').asked).toEqual({
      sentence: 'You are asked for Ana Silva, who is away',
      until: T0 + 5 * DAY,
    });
    expect(seen(opened, 'eve', null).asked?.until).toBeNull();
    expect(seen(opened, 'eve', T0 + 6 * DAY).asked?.until).toBeNull();
  });

  it('is named with them', () => {
    expect(seen(opened, 'ben').progress).toBe('0 of 2 approvals · waiting for Eve Moss (for Ana Silva) or Ben Okoye');
  });

  it('is nobody else, and nobody after the end', () => {
    expect(seen(opened, 'ben')).not.toHaveProperty('asked');
    expect(view(opened.state, { kind: 'everyone' }, people, T0)).not.toHaveProperty('asked');
    expect(seen(opened.whenAll(vote('eve', 'reject')), 'eve')).not.toHaveProperty('asked');
  });

  it('by a handing over is told so: nobody is away', () => {
    const handed = given(gate(['ana'])).whenAll(delegate('ana', 'kim'));
    expect(view(handed.state, { kind: 'person', person: 'kim' }, directory(), T0).asked).toEqual({
      sentence: 'You are asked in place of Ana Silva, whose part was handed to you',
      until: null,
    });
  });
});
