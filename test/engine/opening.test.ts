/** test/engine/opening.test.ts: which stages apply, who is asked, and what refuses to open. It fails closed. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import { given, opening } from './given.ts';
import {
  bypass,
  content,
  DAY,
  directory,
  gate,
  neverOpen,
  officeHours,
  rule,
  stage,
  staged,
  T0,
  vote,
} from './house.ts';

const review = stage('review', [rule(['ana'])]);
const board = (when: string | null) => stage('board', [rule(['mia'])], when);

describe('opening a request', () => {
  it('pins the gate and its content, resolves who is asked, and sets the deadline', () => {
    const people = directory({ groups: { leads: ['ana', 'ben', 'ana'] } });
    given(gate(['leads', 'mia'], 2), { people })
      .thenRecords({ type: 'opened', at: T0, expiresAt: T0 + DAY })
      .thenIs({
        status: 'pending',
        version: 1,
        stages: [{ state: 'open', rules: [{ approvers: ['ana', 'ben', 'mia'], needed: 2, state: 'open' }] }],
      });
  });

  it('never expires where the gate says so', () => {
    given(gate(['ana'], 1, { timeoutMs: null })).thenIs({ expiresAt: null });
  });

  it('opens once', () => {
    const { state } = given(gate());
    const again = decide(state, { type: 'open', content: content(), gate: gate(), directory: directory() }, T0);
    expect(again).toMatchObject({ kind: 'refused', refusal: 'already_open' });
  });

  it('is the only command that a request which does not exist yet understands', () => {
    expect(decide(null, { type: 'heartbeat' }, T0)).toMatchObject({ kind: 'refused', refusal: 'not_found' });
  });

  it('keeps the definition it opened with: a gate edited later changes nothing', () => {
    const definition = gate(['ana', 'ben'], 2);
    const { state } = given(definition);
    expect(state.gate).toEqual(definition);
    given(definition).when(vote('ana')).thenIsPending().when(vote('ben')).thenEnds('approved');
  });
});

describe('routing by `when`', () => {
  const risk = (context: Readonly<Record<string, number>>) => ({ content: { context } });

  it('asks a stage whose condition is true, and skips one whose condition is false', () => {
    const routed = staged([board('context.risk >= 7'), review]);
    given(routed, risk({ risk: 9 })).thenIs({ stages: [{ state: 'open' }, { state: 'waiting' }] });
    given(routed, risk({ risk: 1 })).thenIs({ stages: [{ state: 'skipped' }, { state: 'open' }] });
  });

  it('goes past a skipped stage in the middle', () => {
    given(staged([review, board('false'), stage('last', [rule(['ben'])])]))
      .when(vote('ana'))
      .thenRecords('voted', { type: 'stagePassed', stage: 0 }, { type: 'stageOpened', stage: 2 })
      .when(vote('ben'))
      .thenEnds('approved', { decidedBy: ['ana', 'ben'] });
  });

  it.each([
    ['a missing key', 'context.risk >= 7'],
    ['a wrong type', 'context.name >= 7'],
    ['no expression', 'context..'],
    ['neither true nor false', '"yes"'],
  ])('applies a stage whose condition fails (%s), and says so in the trail', (_, when) => {
    given(staged([board(when), review]), { content: { context: { name: 'shop' } } })
      .thenRecords('opened', { type: 'expressionFailed', where: 'stages[0].when' })
      .thenIs({ stages: [{ state: 'open' }, { state: 'waiting' }] });
  });

  it('refuses to open when no stage applies: nobody would be asked', () => {
    opening(staged([board('false'), stage('other', [rule(['ana'])], '1 == 2')])).thenRefuses('no_stage_applies');
    opening(staged([])).thenRefuses('no_stage_applies');
  });

  it('may speak of the request as well', () => {
    given(staged([board('request.requester == "ben"'), review]), { content: { requester: 'ben' } }).thenIs({
      stages: [{ state: 'open' }, { state: 'waiting' }],
    });
  });
});

describe('auto-approval', () => {
  const automatic = (autoApproveIf: string) => gate(['ana'], 1, { autoApproveIf });

  it('approves at once where the condition is true, and says why', () => {
    given(automatic('context.env == "staging"'), { content: { context: { env: 'staging' } } })
      .thenRecords('opened', { type: 'closed', outcome: { status: 'approved', cause: 'auto', decidedBy: [] } })
      .thenEnds('approved', { cause: 'auto', option: null })
      .thenIs({ stages: [{ state: 'skipped' }] });
  });

  it('does not approve where it is false', () => {
    given(automatic('context.env == "staging"'), { content: { context: { env: 'production' } } })
      .thenRecords('opened')
      .thenIsPending();
  });

  it.each([
    ['a missing key', 'context.env == "staging"'],
    ['no expression', '(('],
    ['text', '"true"'],
    ['a number', '1'],
    ['null', 'null'],
    ['a list', '[true]'],
  ])('counts as false where it fails (%s), and says so in the trail', (_, condition) => {
    given(automatic(condition))
      .thenRecords('opened', { type: 'expressionFailed', where: 'autoApproveIf' })
      .thenIsPending();
  });

  it('still fails closed after a condition that failed', () => {
    opening(gate(['nobody'], 1, { autoApproveIf: 'context.x' })).thenRefuses('no_approvers');
  });

  it('is held outside the open hours, and then nobody has a vote', () => {
    const definition = gate(['ana'], 1, {
      autoApproveIf: 'true',
      freeze: { calendar: officeHours(['2026-01-05']), outside: 'hold' },
    });
    given(definition)
      .thenRecords('opened', { type: 'held', cause: 'auto', until: T0 + DAY })
      .when(vote('ana'))
      .thenRefuses('not_an_approver')
      .at(DAY)
      .tick()
      .thenRecords({ type: 'closed', outcome: { status: 'approved', cause: 'auto', decidedAt: T0 + DAY } });
  });

  it('never takes effect under a freeze that never ends', () => {
    const definition = gate(['ana'], 1, {
      autoApproveIf: 'true',
      freeze: { calendar: neverOpen, outside: 'hold' },
      bypass: { by: ['mia'] },
    });
    const held = given(definition)
      .at(3000 * DAY)
      .tick()
      .thenRecordsNothing()
      .thenIsPending();
    expect(held.state).toMatchObject({ held: { until: Date.UTC(9999, 11, 31, 23, 59, 59, 999) } });
    held.when(bypass('mia')).thenEnds('approved', { cause: 'bypass' });
  });
});

describe('a gate that cannot be met refuses to open', () => {
  it.each([
    ['an unknown name', ['zoe']],
    ['an empty group', ['empty']],
    ['a group of itself', ['loop']],
    ['the manager of nobody', ['manager-of:requester']],
    ['an unknown address', ['email:zoe@acme.dev', 'slack:T9/U9', 'teams:t/o']],
    ['nothing', []],
  ])('where its approvers are nobody: %s', (_, approvers) => {
    const people = directory({ groups: { empty: [], loop: ['loop'] } });
    opening(gate(approvers), { people }).thenRefuses('no_approvers', 'stages[0]');
  });

  it('where one of two rules names nobody', () => {
    opening(staged([stage('review', [rule(['ana']), rule(['zoe'])])])).thenRefuses('no_approvers');
  });

  it('where a stage has no rules at all', () => {
    opening(staged([stage('review', [])])).thenRefuses('no_approvers');
  });

  it('where a later stage names nobody', () => {
    opening(staged([review, stage('later', [rule(['zoe'])])])).thenRefuses('no_approvers', 'stages[1]');
  });

  it('where the only approver is the requester', () => {
    opening(gate(['ben']), { content: { requester: 'ben' } }).thenRefuses('no_approvers');
  });

  it('where more approvals are needed than there are people', () => {
    opening(gate(['ana', 'ben'], 3)).thenRefuses('unreachable_quorum', 'stages[0]');
    opening(gate(['ana', 'ben'], 2), { content: { requester: 'ben' } }).thenRefuses('unreachable_quorum');
  });

  it('where two rules need the same person', () => {
    const twice = [stage('review', [rule(['ana']), rule(['ana'])])];
    opening(staged(twice)).thenRefuses('unreachable_quorum');
    given(staged(twice, { distinct: 'off' })).thenIsPending();
  });

  it('where two stages need the same person and the whole request asks for distinct people', () => {
    const twice = [stage('first', [rule(['ana'])]), stage('second', [rule(['ana'])])];
    opening(staged(twice, { distinct: 'request' })).thenRefuses('unreachable_quorum', 'stages');
    given(staged(twice, { distinct: 'stage' })).thenIsPending();
  });

  it('where a group cannot be asked', () => {
    const people = directory({ groups: { oncall: 'unavailable', all: ['ana', 'oncall'] } });
    opening(gate(['oncall']), { people }).thenRefuses('directory_unavailable');
    opening(gate(['all']), { people }).thenRefuses('directory_unavailable');
    opening(staged([review, stage('later', [rule(['oncall'])])]), { people }).thenRefuses('directory_unavailable');
  });

  it('where it forbids self-approval and nobody known asks', () => {
    const strict = gate(['ana', 'ben'], 1, { selfApproval: 'forbid' });
    opening(strict).thenRefuses('requester_required', 'requester');
    opening(strict, { content: { requester: 'zoe' } }).thenRefuses('unknown_person', 'requester');
    given(strict, { content: { requester: 'ben' } }).thenIs({ stages: [{ rules: [{ approvers: ['ana'] }] }] });
  });
});

describe('approver references', () => {
  const people = directory({
    people: { ana: { manager: 'kim', teams: 'tenant/0a' }, kim: { slack: 'T1/U0KIM' } },
    groups: { leads: ['ana', 'more'], more: ['ben', 'leads', 'manager-of:requester'] },
  });
  const asked = (refs: readonly string[], requester: string | null = null) => {
    const [first] = given(gate(refs), { people, content: { requester } }).state.stages;
    return first?.rules[0]?.approvers;
  };

  it.each([
    [['leads'], ['ana', 'ben']],
    [['email:ANA@acme.dev'], ['ana']],
    [['slack:T1/U0KIM'], ['kim']],
    [['teams:Tenant/0A'], ['ana']],
    [
      ['ana', 'email:ana@acme.dev', 'leads'],
      ['ana', 'ben'],
    ],
  ])('%j are %j', (refs, expected) => {
    expect(asked(refs)).toEqual(expected);
  });

  it('follow the requester’s manager, also inside groups', () => {
    expect(asked(['manager-of:requester'], 'ana')).toEqual(['kim']);
    expect(asked(['leads'], 'ana')).toEqual(['ben', 'kim']);
  });

  it('compare addresses byte for byte but for the case of ASCII letters', () => {
    opening(gate(['email:\u212Aim@acme.dev']), { people }).thenRefuses('no_approvers');
    opening(gate(['slack:t1/u0kim']), { people }).thenRefuses('no_approvers');
    opening(gate(['slack:U0KIM']), { people }).thenRefuses('no_approvers');
  });
});
