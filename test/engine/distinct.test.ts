/** test/engine/distinct.test.ts: how often one person may count: once a stage, once a request, or in every rule. */
import { describe, expect, it } from 'vitest';
import { tally } from '../../src/engine/quorum.ts';
import { given, type Story } from './given.ts';
import { gate, rule, stage, staged, vote } from './house.ts';

const sideBySide = stage('review', [rule(['ana', 'ben']), rule(['ana', 'mia'])]);

const approvals = ({ state }: Story) => {
  const [open] = state.stages;
  return open === undefined ? [] : tally(state.gate, open, state.votes, 0).approvals;
};

describe('distinct: stage', () => {
  it('lets one person fill one rule only', () => {
    const once = given(staged([sideBySide]))
      .whenAll(vote('ana'))
      .thenIsPending();
    expect(approvals(once)).toEqual([1, 0]);
    once.when(vote('mia')).thenEnds('approved', { decidedBy: ['ana', 'mia'] });
  });

  it('places people so that as many rules as possible are met, whatever the order they came in', () => {
    // Ana is seated at the first rule; Ben, who can sit nowhere else, moves her to the second.
    const moved = given(staged([sideBySide]))
      .whenAll(vote('ana'))
      .when(vote('ben'));
    moved.thenEnds('approved', { decidedBy: ['ana', 'ben'] });
    expect(approvals(moved)).toEqual([1, 1]);
  });

  it('moves people along a whole chain of rules', () => {
    const chain = stage('review', [rule(['ana', 'ben']), rule(['ana', 'mia']), rule(['mia', 'dan'])]);
    given(staged([chain]))
      .whenAll(vote('ana'), vote('mia'))
      .thenIsPending()
      .when(vote('ben'))
      .thenEnds('approved');
  });

  it('counts the same person anew in another stage', () => {
    given(staged([stage('first', [rule(['ana'])]), stage('second', [rule(['ana'])])]))
      .whenAll(vote('ana'), vote('ana'))
      .thenEnds('approved', { decidedBy: ['ana'] });
  });

  it('with threshold rejection sees when distinct people run out', () => {
    given(staged([sideBySide], { rejection: 'threshold' }))
      .whenAll(vote('ben', 'reject'))
      .thenIsPending()
      .when(vote('mia', 'reject'))
      .thenEnds('rejected');
  });
});

describe('distinct: request', () => {
  const chain = staged([stage('first', [rule(['ana', 'ben'])]), stage('second', [rule(['ana', 'mia'])])], {
    distinct: 'request',
  });

  it('lets one person count once in the whole request', () => {
    given(chain)
      .whenAll(vote('ana'))
      .when(vote('ana'))
      .thenRefuses('another_person_needed')
      .when(vote('ana', 'reject'))
      .thenRefuses('another_person_needed')
      .when(vote('mia'))
      .thenEnds('approved', { decidedBy: ['ana', 'mia'] });
  });

  it('lets whoever did not approve the first stage approve the second', () => {
    given(chain)
      .whenAll(vote('ben'), vote('ana'))
      .thenEnds('approved', { decidedBy: ['ben', 'ana'] });
  });

  it('also lets one person fill one rule of a stage only', () => {
    given(staged([sideBySide], { distinct: 'request' }))
      .whenAll(vote('ana'))
      .thenIsPending();
  });
});

describe('no rules at all', () => {
  it('are never met', () => {
    const { state } = given(gate());
    const [open] = state.stages;
    if (open === undefined) throw new Error('there is no stage');
    expect(tally(state.gate, { ...open, rules: [] }, [], 0).passed).toBe(false);
  });
});

describe('distinct: off', () => {
  it('lets one person fill every rule they are in', () => {
    given(staged([sideBySide], { distinct: 'off' }))
      .when(vote('ana'))
      .thenEnds('approved', { decidedBy: ['ana'] });
  });

  it('still counts each person once in a rule', () => {
    given(gate(['ana', 'ben'], 2, { distinct: 'off' }))
      .whenAll(vote('ana'), vote('ana'))
      .thenIsPending();
  });
});
