/** test/engine/eligibility.test.ts: who may vote: not the requester, not a stranger, not whoever has left since. */
import { describe, expect, it } from 'vitest';
import type { Absence } from '../../src/engine/directory.ts';
import { given, opening } from './given.ts';
import { DAY, directory, gate, HOUR, rule, stage, staged, T0, vote } from './house.ts';

const away = (delegate: string | null, from = T0, to = T0 + 7 * DAY): { readonly away: readonly Absence[] } => ({
  away: [{ from, to, delegate }],
});

describe('self-approval', () => {
  const asked = { content: { requester: 'ben' } };

  it('forbidden: the requester is not among the approvers, and is told why', () => {
    given(gate(['ana', 'ben'], 1, { selfApproval: 'forbid' }), asked)
      .when(vote('ben'))
      .thenRefuses('own_request')
      .when(vote('ben', 'reject'))
      .thenRefuses('own_request');
  });

  it('forbidden if known: the default', () => {
    given(gate(['ana', 'ben']), asked)
      .when(vote('ben'))
      .thenRefuses('own_request');
    given(gate(['ana', 'ben']))
      .when(vote('ben'))
      .thenEnds('approved');
  });

  it('allowed: where the gate says so', () => {
    given(gate(['ana', 'ben'], 1, { selfApproval: 'allow' }), asked)
      .when(vote('ben'))
      .thenEnds('approved');
  });

  it('the requester does not come back as somebody’s delegate', () => {
    const people = directory({ people: { ana: away('ben') } });
    given(gate(['ana'], 1), { ...asked, people })
      .thenIs({ stages: [{ rules: [{ approvers: ['ana'], standsFor: {} }] }] })
      .when(vote('ben'))
      .thenRefuses('own_request');
  });
});

describe('a stranger', () => {
  it('is refused, and nothing is counted', () => {
    given(gate(['ana']))
      .when(vote('eve'))
      .thenRefuses('not_an_approver')
      .thenIs({ votes: [], version: 1 });
    given(gate(['ana']))
      .when(vote('zoe'))
      .thenRefuses('unknown_person', 'person')
      .thenIs({ votes: [] });
  });

  it('does not get in by an approver’s name as another kind of reference', () => {
    given(gate(['ana']))
      .when(vote('email:ana@acme.dev'))
      .thenRefuses('unknown_person');
  });
});

describe('somebody who leaves', () => {
  const group = (...members: readonly string[]) => directory({ groups: { leads: members } });
  const leads = gate(['leads'], 2);

  it('may not vote any more', () => {
    given(leads, { people: group('ana', 'ben', 'mia') })
      .whenDirectory(group('ben', 'mia'))
      .when(vote('ana'))
      .thenRefuses('not_an_approver');
  });

  it('after voting is discounted when the quorum would complete, and shown as such', () => {
    given(leads, { people: group('ana', 'ben', 'mia') })
      .whenAll(vote('ana'))
      .whenDirectory(group('ben', 'mia'))
      .when(vote('ben'))
      .thenRecords(
        { type: 'approversChanged', rule: 0, approvers: ['ben', 'mia'] },
        { type: 'voteDiscounted', person: 'ana', stage: 0 },
        'voted',
      )
      .thenIs({
        status: 'pending',
        votes: [
          { person: 'ana', counts: false },
          { person: 'ben', counts: true },
        ],
      })
      .when(vote('mia'))
      .thenEnds('approved', { decidedBy: ['ben', 'mia'] });
  });

  it('takes a veto along as well', () => {
    given(gate(['leads'], 2, { rejection: 'threshold' }), { people: group('ana', 'ben', 'mia') })
      .whenAll(vote('ana', 'reject'))
      .whenDirectory(group('ben', 'mia'))
      .whenAll(vote('ben'), vote('mia'))
      .thenEnds('approved', { decidedBy: ['ben', 'mia'] });
  });

  it('and comes back votes anew', () => {
    given(leads, { people: group('ana', 'ben', 'mia') })
      .whenAll(vote('ana'))
      .whenDirectory(group('ben', 'mia'))
      .whenAll(vote('ben'))
      .whenDirectory(group('ana', 'ben', 'mia'))
      .when(vote('ana'))
      .thenEnds('approved', { decidedBy: ['ben', 'ana'] });
  });

  it('and comes back without voting anew counts for nothing', () => {
    given(gate(['leads'], 3), { people: group('ana', 'ben', 'mia', 'dan') })
      .whenAll(vote('ana'))
      .whenDirectory(group('ben', 'mia', 'dan'))
      .whenAll(vote('ben'))
      .whenDirectory(group('ana', 'ben', 'mia', 'dan'))
      .when(vote('mia'))
      .thenRecords('approversChanged', 'voted')
      .thenIsPending();
  });

  it('before their vote counted is free to approve a later stage', () => {
    const stages = [stage('first', [rule(['leads'], 2)]), stage('second', [rule(['ana', 'kim'])])];
    given(staged(stages, { distinct: 'request' }), { people: group('ana', 'ben', 'mia') })
      .whenAll(vote('ana'))
      .whenDirectory(group('ben', 'mia'))
      .whenAll(vote('ben'), vote('mia'))
      .when(vote('ana'))
      .thenEnds('approved', { decidedBy: ['ben', 'mia', 'ana'] });
  });

  it('leaves the quorum where it was: it does not shrink with the group', () => {
    given(gate(['leads'], 'all'), { people: group('ana', 'ben') })
      .whenDirectory(group('ben'))
      .when(vote('ben'))
      .thenIsPending();
  });

  it('the company altogether is nobody any more', () => {
    given(gate(['ana', 'ben'], 2))
      .whenAll(vote('ana'))
      .whenDirectory(directory({ without: ['ana'] }))
      .when(vote('ben'))
      .thenRecords('approversChanged', 'voteDiscounted', 'voted')
      .when(vote('ana'))
      .thenRefuses('unknown_person');
  });

  it('before a later stage opens is not asked there', () => {
    given(staged([stage('first', [rule(['mia'])]), stage('second', [rule(['leads'])])]), {
      people: group('ana', 'ben'),
    })
      .whenDirectory(group('ben'))
      .whenAll(vote('mia'))
      .thenIs({ stages: [{}, { rules: [{ approvers: ['ben'], needed: 1 }] }] });
  });

  it('leaves a later stage of nobody unmet, never passed', () => {
    const stages = [stage('first', [rule(['mia'])]), stage('second', [rule(['leads'], 'all')])];
    given(staged(stages), { people: group('ana') })
      .whenDirectory(group())
      .whenAll(vote('mia'))
      .thenIs({ stages: [{}, { state: 'open', rules: [{ approvers: [], needed: 1 }] }] })
      .at(DAY)
      .tick()
      .thenEnds('rejected', { cause: 'timeout' });
  });
});

describe('somebody who joins the group', () => {
  it('may vote from then on', () => {
    const people = directory({ groups: { leads: ['ana', 'ben'] } });
    given(gate(['leads'], 2), { people })
      .whenDirectory(directory({ groups: { leads: ['ana', 'ben', 'mia'] } }))
      .when(vote('mia'))
      .thenRecords({ type: 'approversChanged', approvers: ['ana', 'ben', 'mia'] }, 'voted');
  });
});

describe('a directory that cannot be asked', () => {
  const known = directory({ groups: { leads: ['ana', 'ben'], board: ['mia'] } });
  const gone = directory({ groups: { leads: 'unavailable', board: ['mia'] } });

  it('counts nothing', () => {
    given(gate(['leads']), { people: known })
      .whenDirectory(gone)
      .when(vote('ana'))
      .thenRefuses('directory_unavailable')
      .thenIs({ votes: [] });
  });

  it('in one of two rules counts nothing in the other', () => {
    given(staged([stage('both', [rule(['board']), rule(['leads'])])]), { people: known })
      .whenDirectory(gone)
      .when(vote('mia'))
      .thenRefuses('directory_unavailable');
  });

  it('for the next stage does not let this one pass', () => {
    given(staged([stage('first', [rule(['mia'])]), stage('second', [rule(['leads'])])]), { people: known })
      .whenDirectory(gone)
      .when(vote('mia'))
      .thenRefuses('directory_unavailable')
      .thenIs({ version: 1 });
  });

  it('answering with nobody counts nothing either', () => {
    given(gate(['leads']), { people: known })
      .whenDirectory(directory({ groups: { leads: [] } }))
      .when(vote('ana'))
      .thenRefuses('not_an_approver');
  });
});

describe('somebody away', () => {
  const asked = (people: Parameters<typeof directory>[0], requester: string | null = null) =>
    given(gate(['ana', 'ben'], 1), { people: directory(people), content: { requester } }).state.stages[0]?.rules[0];

  it('is replaced by their delegate, who votes on their behalf', () => {
    given(gate(['ana']), { people: directory({ people: { ana: away('eve') } }) })
      .when(vote('ana'))
      .thenRefuses('not_an_approver')
      .when(vote('eve'))
      .thenRecords({ type: 'voted', vote: { person: 'eve', onBehalfOf: 'ana' } }, 'stagePassed', 'closed');
  });

  it('without a delegate is still asked', () => {
    expect(asked({ people: { ana: away(null) } })).toMatchObject({ approvers: ['ana', 'ben'] });
  });

  it('only while they are away', () => {
    const people = directory({ people: { ana: away('eve', T0 + HOUR, T0 + 2 * HOUR) } });
    const opened = given(gate(['ana']), { people });
    opened.when(vote('eve')).thenRefuses('not_an_approver');
    opened.at(HOUR).when(vote('eve')).thenEnds('approved');
    opened
      .at(2 * HOUR)
      .when(vote('eve'))
      .thenRefuses('not_an_approver');
    opened
      .at(2 * HOUR)
      .when(vote('ana'))
      .thenRecords({ type: 'voted', vote: { onBehalfOf: null } }, 'stagePassed', 'closed');
  });

  it('hands on along a chain of absences', () => {
    expect(asked({ people: { ana: away('eve'), eve: away('kim') } })).toMatchObject({
      approvers: ['kim', 'ben'],
      standsFor: { kim: 'ana' },
    });
  });

  it('stays where the chain is a circle, ends nowhere, or leads to the requester', () => {
    expect(asked({ people: { ana: away('eve'), eve: away('ana') } })?.approvers).toEqual(['ana', 'ben']);
    expect(asked({ people: { ana: away('ana') } })?.approvers).toEqual(['ana', 'ben']);
    expect(asked({ people: { ana: away('eve'), eve: away(null) } })?.approvers).toEqual(['ana', 'ben']);
    expect(asked({ people: { ana: away('zoe') } })?.approvers).toEqual(['ana', 'ben']);
    expect(asked({ people: { ana: away('dan') } }, 'dan')?.approvers).toEqual(['ana', 'ben']);
  });

  it('does not give a second vote to somebody who has one', () => {
    expect(asked({ people: { ana: away('ben') } })).toMatchObject({ approvers: ['ana', 'ben'], standsFor: {} });
    const both = directory({ people: { ana: away('eve'), ben: away('eve') } });
    opening(gate(['ana', 'ben'], 2), { people: both }).thenRefuses('unreachable_quorum');
  });
});
