/** test/engine/voting.test.ts: how votes add up: quorum, veto and threshold, changing one's mind, options, stages. */
import { describe, expect, it } from 'vitest';
import { given } from './given.ts';
import { canaryOptions, changeVote, DAY, gate, HOUR, rule, stage, staged, T0, vote, withdraw } from './house.ts';

const five = ['ana', 'ben', 'mia', 'dan', 'eve'];

describe('a quorum', () => {
  it.each([
    [1, five, 1],
    [3, five, 3],
    ['all', five, 5],
    ['majority', five, 3],
    ['majority', five.slice(0, 4), 3],
    ['majority', five.slice(0, 1), 1],
    ['60%', five, 3],
    ['61%', five, 4],
    ['1%', five, 1],
    ['100%', five, 5],
    ['0%', five, 1],
    [0, five, 1],
  ] as const)('of %s of %j is met by the last of its votes', (needed, people, votes) => {
    const yes = people.slice(0, votes).map((id) => vote(id));
    const before = given(gate(people, needed))
      .whenAll(...yes.slice(0, -1))
      .thenIsPending();
    expect(before.state.stages[0]?.rules[0]?.needed).toBe(votes);
    before
      .when(vote(people[votes - 1] ?? ''))
      .thenEnds('approved', { cause: 'votes', decidedBy: people.slice(0, votes) });
  });

  it('is met by one event after the other: the vote, the stage, the end', () => {
    given(gate(['ana']))
      .at(HOUR)
      .when(vote('ana', 'approve', { reason: ' looks good ', via: 'slack' }))
      .thenRecords(
        {
          type: 'voted',
          at: T0 + HOUR,
          vote: { person: 'ana', option: 'approve', reason: 'looks good', via: 'slack' },
        },
        { type: 'stagePassed', stage: 0 },
        {
          type: 'closed',
          outcome: {
            status: 'approved',
            cause: 'votes',
            option: 'approve',
            reason: 'looks good',
            decidedBy: ['ana'],
            decidedAt: T0 + HOUR,
          },
        },
      )
      .thenIs({ stages: [{ state: 'passed', rules: [{ state: 'passed' }] }] });
  });
});

describe('rejection', () => {
  it('by veto ends the request with the first no', () => {
    given(gate(five, 3))
      .whenAll(vote('ana'), vote('ben'))
      .when(vote('mia', 'reject', { reason: 'not today' }))
      .thenRecords('voted', { type: 'closed', outcome: { cause: 'votes', option: 'reject', reason: 'not today' } })
      .thenEnds('rejected', { decidedBy: ['mia'] })
      .thenIs({ stages: [{ state: 'rejected', rules: [{ state: 'rejected' }] }] });
  });

  it('by threshold ends it only when the quorum cannot be met any more', () => {
    given(gate(five, 3, { rejection: 'threshold' }))
      .whenAll(vote('ana', 'reject'), vote('ben', 'reject'))
      .thenIsPending()
      .when(vote('mia', 'reject'))
      .thenEnds('rejected', { decidedBy: ['ana', 'ben', 'mia'] });
  });

  it('by threshold leaves room for an approval against some noes', () => {
    given(gate(five, 3, { rejection: 'threshold' }))
      .whenAll(vote('ana', 'reject'), vote('ben', 'reject'), vote('mia'), vote('dan'), vote('eve'))
      .thenEnds('approved', { decidedBy: ['mia', 'dan', 'eve'] });
  });

  it('by threshold looks at every rule of the stage', () => {
    given(staged([stage('both', [rule(['ana', 'ben']), rule(['mia'])])], { rejection: 'threshold' }))
      .when(vote('mia', 'reject'))
      .thenEnds('rejected');
  });
});

describe('voting twice', () => {
  const two = gate(['ana', 'ben', 'mia'], 2);

  it('with the same answer is accepted and nothing new is recorded: people click twice', () => {
    given(two).whenAll(vote('ana')).when(vote('ana')).thenRecordsNothing().thenIsPending();
    given(two)
      .whenAll(vote('ana'))
      .when(vote('ana', 'approve', { via: 'slack' }))
      .thenRecordsNothing();
  });

  it('with another answer is refused unless it says that it changes the vote', () => {
    given(two).whenAll(vote('ana')).when(vote('ana', 'reject')).thenRefuses('already_voted').thenIsPending();
  });

  it('never counts one person twice', () => {
    given(two).whenAll(vote('ana'), vote('ana'), changeVote('ana', 'approve')).thenIsPending();
  });
});

describe('changing a vote', () => {
  const two = gate(['ana', 'ben', 'mia'], 2, { rejection: 'threshold' });

  it('replaces the one that stands', () => {
    const changed = given(two)
      .whenAll(vote('ana'))
      .when(changeVote('ana', 'reject', { reason: 'I see it now' }))
      .thenRecords({ type: 'voteChanged', from: 'approve', vote: { option: 'reject', reason: 'I see it now' } });
    expect(changed.state.votes).toMatchObject([{ person: 'ana', option: 'reject', seq: 3, counts: true }]);
  });

  it('names the vote it replaces, so that an old click cannot undo a newer vote', () => {
    given(two)
      .whenAll(vote('ana'), changeVote('ana', 'reject', { replaces: 2 }))
      .when(changeVote('ana', 'approve', { replaces: 2 }))
      .thenRefuses('stale_vote')
      .when(changeVote('ana', 'approve', { replaces: 3 }))
      .thenRecords('voteChanged');
  });

  it('needs a vote that could be changed', () => {
    given(two).when(changeVote('ana', 'approve')).thenRefuses('no_vote');
  });

  it('can complete the quorum', () => {
    given(two).whenAll(vote('ana', 'reject'), vote('ben')).when(changeVote('ana', 'approve')).thenEnds('approved');
  });

  it('is not possible after the end', () => {
    given(gate(['ana']))
      .whenAll(vote('ana'))
      .when(changeVote('ana', 'reject'))
      .thenRefuses('already_closed');
  });
});

describe('withdrawing a vote', () => {
  const two = gate(['ana', 'ben', 'mia'], 2);

  it('takes it out of the count', () => {
    given(two)
      .whenAll(vote('ana'))
      .when(withdraw('ana', 2))
      .thenRecords({ type: 'voteWithdrawn', person: 'ana', stage: 0, via: 'web' })
      .thenIs({ votes: [] })
      .when(vote('ben'))
      .thenIsPending();
  });

  it('needs a vote, and the very one that was shown', () => {
    given(two).when(withdraw('ana')).thenRefuses('no_vote');
    given(two).whenAll(vote('ana')).when(withdraw('ana', 1)).thenRefuses('stale_vote');
  });

  it('leaves the way open for a new first vote', () => {
    given(two).whenAll(vote('ana'), withdraw('ana'), vote('ana'), vote('ben')).thenEnds('approved');
  });

  it('is not undone by a replay of the click before it', () => {
    const click = vote('ana', 'approve', { shown: 1 });
    given(two)
      .whenAll(click, withdraw('ana'))
      .when(click)
      .thenRefuses('stale_vote')
      .thenIs({ votes: [] })
      .when(vote('ana', 'approve', { shown: 3 }))
      .thenRecords('voted');
  });
});

describe('stages', () => {
  const chain = staged([stage('peer', [rule(['ana', 'ben'])]), stage('board', [rule(['mia', 'ana'], 2)])]);

  it('follow one another; the last one decides', () => {
    given(chain)
      .when(vote('mia'))
      .thenRefuses('not_an_approver')
      .when(vote('ben'))
      .thenRecords('voted', { type: 'stagePassed', stage: 0 }, { type: 'stageOpened', stage: 1 })
      .thenIs({ stages: [{ state: 'passed' }, { state: 'open', openedAt: T0 }] })
      .whenAll(vote('mia'), vote('ana'))
      .thenEnds('approved', { decidedBy: ['ben', 'mia', 'ana'] });
  });

  it('end with a no in any of them', () => {
    given(chain)
      .whenAll(vote('ben'), vote('mia', 'reject'))
      .thenEnds('rejected', { decidedBy: ['mia'] });
  });

  it('are not opened by a vote that only looks like one for the stage before', () => {
    const click = vote('ana', 'approve', { shown: 1 });
    given(chain)
      .whenAll(click)
      .when(click)
      .thenRecordsNothing()
      .thenIs({ votes: [{ stage: 0 }] });
    given(chain)
      .whenAll(vote('ben'))
      .when(vote('ana', 'approve', { shown: 1 }))
      .thenRefuses('stale_vote')
      .when(vote('ana', 'approve', { shown: 4 }))
      .thenRecords({ type: 'voted', vote: { stage: 1 } });
  });

  it('tell somebody whose stage is over that they have voted', () => {
    given(chain).whenAll(vote('ben')).when(vote('ben', 'reject')).thenRefuses('already_voted');
  });

  it('start their clocks when their turn comes', () => {
    given(chain)
      .at(HOUR)
      .whenAll(vote('ben'))
      .thenIs({ stages: [{}, { openedAt: T0 + HOUR, clockFrom: T0 + HOUR }] });
  });

  it('share one deadline', () => {
    given(chain).at(HOUR).whenAll(vote('ben')).at(DAY).tick().thenEnds('rejected', { cause: 'timeout' });
  });
});

describe('options', () => {
  const three = gate(['ana', 'ben', 'mia'], 'all', { options: canaryOptions, rejection: 'threshold' });

  it('have an outcome each', () => {
    given(gate(['ana'], 1, { options: canaryOptions }))
      .whenAll(vote('ana', 'canary'))
      .thenEnds('approved', { option: 'canary' });
    given(gate(['ana'], 1, { options: canaryOptions }))
      .whenAll(vote('ana', 'stop'))
      .thenEnds('rejected', { option: 'stop' });
  });

  it('that the gate does not offer are refused, `approve` among them', () => {
    given(three).when(vote('ana', 'approve')).thenRefuses('unknown_option', 'option');
  });

  it('count by votes: the one named most often is chosen', () => {
    given(three)
      .whenAll(vote('ana', 'canary'), vote('ben', 'full'), vote('mia', 'full'))
      .thenEnds('approved', { option: 'full' });
  });

  it('in a tie give the one the gate lists first', () => {
    given(gate(['ana', 'ben'], 2, { options: canaryOptions }))
      .whenAll(vote('ana', 'full'), vote('ben', 'canary'))
      .thenEnds('approved', { option: 'canary', decidedBy: ['ana', 'ben'] });
  });
});

describe('required reasons', () => {
  const because = (requireReason: readonly string[]) => gate(['ana'], 1, { requireReason, options: canaryOptions });

  it('are asked for by outcome', () => {
    given(because(['reject']))
      .when(vote('ana', 'stop'))
      .thenRefuses('reason_required', 'reason');
    given(because(['reject']))
      .when(vote('ana', 'stop', { reason: '  ' }))
      .thenRefuses('reason_required');
    given(because(['reject']))
      .when(vote('ana', 'stop', { reason: 'no' }))
      .thenEnds('rejected', { reason: 'no' });
    given(because(['reject']))
      .when(vote('ana', 'full'))
      .thenEnds('approved', { reason: null });
    given(because(['approve']))
      .when(vote('ana', 'full'))
      .thenRefuses('reason_required');
  });

  it('are asked for by option', () => {
    given(because(['full']))
      .when(vote('ana', 'full'))
      .thenRefuses('reason_required');
    given(because(['full']))
      .when(vote('ana', 'canary'))
      .thenEnds('approved');
  });
});

describe('assurance', () => {
  const high = gate(['ana'], 1, { assurance: 'high', bypass: { by: ['mia'] } });

  it('high: counts only votes after a fresh sign-in', () => {
    given(high).when(vote('ana')).thenRefuses('assurance_needed');
    given(high)
      .when(vote('ana', 'approve', { assurance: 'high' }))
      .thenEnds('approved');
  });

  it('high: asks the same of a bypass', () => {
    const act = { type: 'bypass', person: 'mia', reason: 'fire', via: 'web' } as const;
    given(high).when(act).thenRefuses('assurance_needed');
    given(high)
      .when({ ...act, assurance: 'high' })
      .thenEnds('approved', { cause: 'bypass' });
  });
});
