/** test/engine/hand-over.test.ts: somebody else decides instead: delegation by the approver, reassignment by others. */
import { describe, it } from 'vitest';
import type { Absence } from '../../src/engine/directory.ts';
import { given } from './given.ts';
import { byPerson, byPipeline, DAY, delegate, directory, gate, rule, stage, staged, T0, vote } from './house.ts';

const away = (delegateTo: string): { readonly away: readonly Absence[] } => ({
  away: [{ from: T0, to: T0 + 7 * DAY, delegate: delegateTo }],
});

describe('delegating', () => {
  it('gives one’s own part to somebody else, who votes on one’s behalf', () => {
    given(gate(['ana', 'ben'], 2))
      .when(delegate('ana', 'eve'))
      .thenRecords({ type: 'delegated', from: 'ana', to: 'eve' })
      .thenIs({ stages: [{ rules: [{ approvers: ['eve', 'ben'], needed: 2 }] }] })
      .when(vote('ana'))
      .thenRefuses('not_an_approver')
      .when(vote('eve'))
      .thenRecords({ type: 'voted', vote: { person: 'eve', onBehalfOf: 'ana' } })
      .when(vote('ben'))
      .thenEnds('approved', { decidedBy: ['eve', 'ben'] });
  });

  it('can go on from one to the next, but not back and not in a circle', () => {
    given(gate(['ana', 'ben'], 2))
      .whenAll(delegate('ana', 'eve'))
      .when(delegate('eve', 'ana'))
      .thenRefuses('already_an_approver')
      .when(delegate('eve', 'kim'))
      .thenRecords('delegated')
      .when(vote('eve'))
      .thenRefuses('not_an_approver')
      .when(vote('kim'))
      .thenRecords({ type: 'voted', vote: { onBehalfOf: 'eve' } });
  });

  it('covers the stages that are still to come', () => {
    given(staged([stage('first', [rule(['ana'])]), stage('second', [rule(['ana'])])], { distinct: 'off' }))
      .whenAll(delegate('ana', 'eve'), vote('eve'))
      .when(vote('eve'))
      .thenEnds('approved', { decidedBy: ['eve'] });
  });

  it('is refused to the requester, to a co-approver, to oneself and to nobody we know', () => {
    const asked = given(gate(['ana', 'ben'], 1), { content: { requester: 'dan' } });
    asked.when(delegate('ana', 'dan')).thenRefuses('own_request');
    asked.when(delegate('ana', 'ben')).thenRefuses('already_an_approver');
    asked.when(delegate('ana', 'ana')).thenRefuses('already_an_approver');
    asked.when(delegate('ana', 'zoe')).thenRefuses('unknown_person', 'to');
  });

  it('is refused to whoever has nothing to give: strangers, and those who have voted', () => {
    given(gate(['ana', 'ben'], 2))
      .when(delegate('eve', 'kim'))
      .thenRefuses('not_an_approver');
    given(gate(['ana', 'ben'], 2))
      .whenAll(vote('ana'))
      .when(delegate('ana', 'eve'))
      .thenRefuses('already_voted');
  });

  it('is refused to whoever has left the group: their part is gone', () => {
    given(gate(['leads']), { people: directory({ groups: { leads: ['ana', 'ben'] } }) })
      .whenDirectory(directory({ groups: { leads: ['ben'] } }))
      .when(delegate('ana', 'eve'))
      .thenRefuses('not_an_approver')
      .thenIs({ version: 1 });
  });

  it('is refused while a directory cannot be asked', () => {
    given(gate(['leads']), { people: directory({ groups: { leads: ['ana', 'ben'] } }) })
      .whenDirectory(directory({ groups: { leads: 'unavailable' } }))
      .when(delegate('ana', 'eve'))
      .thenRefuses('directory_unavailable');
  });

  it('does not double a part: who delegates and then goes away has nothing for a stand-in', () => {
    given(gate(['ana', 'ben'], 2))
      .whenAll(delegate('ana', 'eve'))
      .whenDirectory(directory({ people: { ana: away('kim') } }))
      .when(vote('kim'))
      .thenRefuses('not_an_approver');
  });

  it('does not double a part: a stand-in who delegates takes it from whoever is away', () => {
    given(gate(['ana', 'ben'], 2), { people: directory({ people: { ana: away('eve') } }) })
      .whenAll(delegate('eve', 'kim'))
      .whenDirectory(directory())
      .when(vote('ana'))
      .thenRefuses('not_an_approver')
      .when(vote('kim'))
      .thenRecords('voted');
  });

  it('does not double a part of a stand-in who came only after the opening either', () => {
    given(gate(['ana', 'ben'], 2))
      .whenDirectory(directory({ people: { ana: away('eve') } }))
      .when(delegate('eve', 'kim'))
      .thenRecords({ type: 'approversChanged', approvers: ['eve', 'ben'], standsFor: { eve: 'ana' } }, 'delegated')
      .whenDirectory(directory())
      .when(vote('ana'))
      .thenRefuses('not_an_approver');
  });

  it('does not bring back who gave a part away as the stand-in of somebody else', () => {
    given(gate(['ana', 'ben'], 2))
      .whenAll(delegate('ana', 'eve'), delegate('eve', 'kim'))
      .whenDirectory(directory({ people: { ben: away('eve') } }))
      .when(vote('eve'))
      .thenRefuses('not_an_approver');
  });

  it('is over, with the vote, when the delegate leaves the company', () => {
    given(gate(['ana', 'ben'], 2))
      .whenAll(delegate('ana', 'eve'), vote('eve'))
      .whenDirectory(directory({ without: ['eve'] }))
      .when(vote('ben'))
      .thenRecords('approversChanged', { type: 'voteDiscounted', person: 'eve' }, 'voted')
      .thenIsPending();
  });

  it('releases an approval that was held and lost a vote on the way', () => {
    const leads = (...members: readonly string[]) => directory({ groups: { leads: members } });
    const frozen = gate(['leads'], 1, {
      freeze: { calendar: { name: 'x', timezone: 'UTC', hours: [], holidays: [] }, outside: 'hold' },
    });
    given(frozen, { people: leads('ana', 'ben') })
      .when(vote('ana'))
      .thenRecords('voted', 'held')
      .whenDirectory(leads('ben'))
      .when(delegate('ben', 'eve'))
      .thenRecords('approversChanged', 'voteDiscounted', 'delegated', 'released')
      .thenIs({ held: null });
  });
});

describe('reassigning', () => {
  const reassign = (by: ReturnType<typeof byPerson> | ReturnType<typeof byPipeline>, to = 'eve') =>
    ({ type: 'reassign', by, from: 'ana', to, reason: 'ana is ill' }) as const;

  it('is for the approver’s manager and the request’s own pipeline', () => {
    given(gate(['ana', 'ben'], 2))
      .when(reassign(byPerson('mia')))
      .thenRecords({ type: 'reassigned', from: 'ana', to: 'eve', reason: 'ana is ill' })
      .when(vote('eve'))
      .thenRecords({ type: 'voted', vote: { onBehalfOf: 'ana' } });
    given(gate(['ana', 'ben'], 2))
      .when(reassign(byPipeline()))
      .thenRecords('reassigned');
  });

  it('is for nobody else', () => {
    given(gate())
      .when(reassign(byPerson('dan')))
      .thenRefuses('not_allowed');
    given(gate())
      .when(reassign(byPerson('ana')))
      .thenRefuses('not_allowed');
    given(gate())
      .when(reassign(byPipeline('other')))
      .thenRefuses('not_allowed');
  });

  it('is not for a manager who asked for the request: choosing who decides is deciding', () => {
    const asked = given(gate(), { content: { requester: 'mia' } });
    asked.when(reassign(byPerson('mia'))).thenRefuses('own_request');
    asked.when(reassign(byPipeline(), 'mia')).thenRefuses('own_request');
  });

  it('follows the rules of delegating', () => {
    given(gate())
      .when(reassign(byPerson('mia'), 'zoe'))
      .thenRefuses('unknown_person', 'to');
    given(gate())
      .when(reassign(byPerson('mia'), 'ben'))
      .thenRefuses('already_an_approver');
    given(gate(['ana', 'ben'], 2))
      .whenAll(vote('ana'))
      .when(reassign(byPerson('mia')))
      .thenRefuses('already_voted');
    given(gate(['dan']))
      .when(reassign(byPerson('mia')))
      .thenRefuses('not_an_approver');
  });
});
