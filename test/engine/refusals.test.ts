/** test/engine/refusals.test.ts: every "no" there is, with one case that leads to it, and the words it comes in. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import { type Refusal, words } from '../../src/engine/refusal.ts';
import type { Decision } from '../../src/engine/request.ts';
import { given, opening, type Story } from './given.ts';
import {
  type Act,
  byPerson,
  byPipeline,
  bypass,
  changeVote,
  content,
  DAY,
  delegate,
  directory,
  gate,
  rule,
  stage,
  staged,
  T0,
  vote,
  withdraw,
} from './house.ts';

const opened = given(gate(['ana', 'ben'], 2), { content: { requester: 'dan' } });
const of = (story: Story, act: Act): Decision => story.when(act).decision;

/** The type makes this list complete: a new refusal does not compile without its case. */
const cases: Readonly<Record<Refusal, () => Decision>> = {
  not_found: () => decide(null, { type: 'supersede', by: 'req_2' }, T0),
  already_open: () =>
    decide(opened.state, { type: 'open', content: content(), gate: gate(), directory: directory() }, T0),
  already_closed: () => of(given(gate()).whenAll(vote('ana')), vote('ben')),
  past_deadline: () => of(opened.at(DAY), vote('ana')),
  paused: () => of(opened.whenAll({ type: 'pause', by: byPipeline(), reason: null }), vote('ana')),
  not_paused: () => of(opened, { type: 'resume', by: byPipeline() }),
  paused_elsewhere: () => {
    const scope = { kind: 'gate', id: 'p1' } as const;
    const paused = opened.whenAll({ type: 'pause', by: byPerson('kim'), reason: null, scope });
    return of(paused, { type: 'resume', by: byPipeline() });
  },
  nudged_lately: () => of(opened.whenAll({ type: 'nudge', by: byPipeline() }), { type: 'nudge', by: byPerson('dan') }),
  nobody_missing: () => {
    const asleep = ['ana', 'ben'].map((person) => ({ type: 'snooze', person, until: T0 + DAY }) as const);
    return of(opened.whenAll(...asleep), { type: 'nudge', by: byPipeline() });
  },
  own_request: () => of(opened, vote('dan')),
  not_an_approver: () => of(opened, vote('eve')),
  not_allowed: () => of(opened, { type: 'cancel', by: byPerson('eve'), reason: null }),
  already_voted: () => of(opened.whenAll(vote('ana')), vote('ana', 'reject')),
  no_vote: () => of(opened, changeVote('ana', 'reject')),
  another_person_needed: () => {
    const twice = [stage('first', [rule(['ana'])]), stage('second', [rule(['ana', 'ben'])])];
    return of(given(staged(twice, { distinct: 'request' })).whenAll(vote('ana')), vote('ana'));
  },
  stale_vote: () => of(opened.whenAll(vote('ana')), withdraw('ana', 1)),
  unknown_person: () => of(opened, delegate('ana', 'zoe')),
  unknown_option: () => of(opened, vote('ana', 'maybe')),
  reason_required: () => of(given(gate(['ana'], 1, { requireReason: ['approve'] })), vote('ana')),
  invalid_inputs: () => of(opened, vote('ana', 'approve', { inputs: { x: 1 } })),
  assurance_needed: () => of(given(gate(['ana'], 1, { assurance: 'high' })), vote('ana')),
  directory_unavailable: () =>
    opening(gate(['oncall']), { people: directory({ groups: { oncall: 'unavailable' } }) }).decision,
  requester_required: () => opening(gate(['ana'], 1, { selfApproval: 'forbid' })).decision,
  no_stage_applies: () => opening(staged([stage('never', [rule(['ana'])], 'false')])).decision,
  no_approvers: () => opening(gate(['zoe'])).decision,
  unreachable_quorum: () => opening(gate(['ana'], 2)).decision,
  already_an_approver: () => of(opened, delegate('ana', 'ben')),
  no_bypass: () => of(opened, bypass('ana')),
  no_question: () => of(opened, { type: 'returnInformation', by: byPipeline(), answer: 'yes' }),
  no_heartbeat: () => of(opened, { type: 'heartbeat' }),
  no_review_due: () => of(opened, { type: 'reviewBypass', person: 'ana', note: null }),
  not_in_future: () => of(opened, { type: 'snooze', person: 'ana', until: T0 }),
  text_required: () => of(opened, { type: 'comment', by: byPerson('ana'), text: '' }),
  too_many: () => {
    const said = { type: 'comment', by: byPerson('ana'), text: 'again' } as const;
    return of(opened.whenAll(...Array(500).fill(said)), said);
  },
};

describe('every refusal', () => {
  it.each(Object.entries(cases))('%s is reached, and has words', (refusal, decision) => {
    expect(decision()).toMatchObject({ kind: 'refused', refusal });
    expect(Object.entries(words).find(([known]) => known === refusal)?.[1]).toMatch(/^[A-Z].{10,}\.$/);
  });

  it('has a case here, and its own words', () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(words).sort());
    expect(new Set(Object.values(words)).size).toBe(Object.keys(words).length);
  });
});
