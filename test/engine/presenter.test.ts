import { describe, expect, it } from 'vitest';
import type { FieldDefinition } from '../../src/engine/definition.ts';
import { view } from '../../src/engine/present.ts';
import type { RequestView } from '../../src/engine/view.ts';
import { given, type Story } from './given.ts';
import {
  byPerson,
  byPipeline,
  bypass,
  canaryOptions,
  DAY,
  delegate,
  directory,
  gate,
  HOUR,
  officeHours,
  rule,
  stage,
  staged,
  T0,
  vote,
} from './house.ts';

const seenBy = (story: Story, person: string): RequestView =>
  view(story.state, { kind: 'person', person }, story.people);
const seenByAll = (story: Story): RequestView => view(story.state, { kind: 'everyone' }, story.people);

/** The actions as a person would read them out. */
const offers = ({ actions }: RequestView): readonly string[] =>
  actions.map((action) => ('option' in action ? `${action.kind} ${action.option}` : action.kind));

const opened = given(gate(['ana', 'ben'], 2), { content: { requester: 'dan' } });

describe('what there is to see', () => {
  it('is what was asked, with everybody’s name', () => {
    const subject = { name: 'shop', digest: 'sha256:1', url: 'https://acme.dev/shop' };
    const artifacts = [{ name: 'plan', url: 'https://acme.dev/plan', digest: null }];
    const shown = seenBy(
      given(gate(), {
        content: {
          requester: 'dan',
          description: '**why**',
          fields: [{ label: 'Ticket', value: 'OPS-1' }],
          context: { env: 'production', risk: 3, urgent: true, nested: { a: 1 }, list: [1], nothing: null },
          subject,
          artifacts,
        },
      }),
      'ana',
    );
    expect(shown).toMatchObject({
      id: 'req_1',
      version: 1,
      gate: 'deploy-prod',
      title: 'Deploy shop 1.4 to production',
      description: '**why**',
      status: 'pending',
      requester: { id: 'dan', name: 'Dan Roth' },
      pipeline: 'ci',
      subject,
      artifacts,
      digest: 'sha256:0',
      openedAt: T0,
      expiresAt: T0 + DAY,
      outcome: null,
      mustReview: false,
    });
    expect(shown.facts).toEqual([
      { label: 'Ticket', value: 'OPS-1' },
      { label: 'env', value: 'production' },
      { label: 'risk', value: '3' },
      { label: 'urgent', value: 'true' },
    ]);
  });

  it('names somebody who has left by their id', () => {
    expect(seenBy(opened.whenDirectory(directory({ without: ['dan'] })), 'ana').requester).toEqual({
      id: 'dan',
      name: 'dan',
    });
  });

  it('is the same for everybody but for what they may do', () => {
    const { actions: _a, notice: _n, myVote: _m, ...mine } = seenBy(opened, 'ana');
    const { actions: _b, notice: _o, myVote: _p, ...theirs } = seenBy(opened, 'eve');
    expect(mine).toEqual(theirs);
  });

  it('shows each vote with its reason, its answers under their labels, and for whom it was', () => {
    const form: readonly FieldDefinition[] = [
      { id: 'go', label: 'Go on?', help: null, required: false, when: null, type: 'checkbox' },
      {
        id: 'where',
        label: 'Where',
        help: null,
        required: false,
        when: null,
        type: 'multiselect',
        options: ['eu', 'us'],
      },
    ];
    const story = given(gate(['ana', 'ben'], 2, { form, options: canaryOptions })).whenAll(
      delegate('ana', 'eve'),
      vote('eve', 'canary', { reason: 'fine', inputs: { go: true, where: ['eu', 'us'] }, via: 'slack' }),
    );
    const [shown] = seenBy(story, 'eve').stages[0]?.votes ?? [];
    expect(shown).toMatchObject({
      person: { name: 'Eve Moss' },
      onBehalfOf: { name: 'Ana Silva' },
      optionLabel: 'Canary 10 %',
      outcome: 'approved',
      reason: 'fine',
      inputs: [
        { label: 'Go on?', value: 'Yes' },
        { label: 'Where', value: 'eu, us' },
      ],
      via: 'slack',
      counts: true,
    });
    expect(seenBy(story, 'eve').myVote).toEqual(shown);
    expect(seenBy(story, 'ben').myVote).toBeNull();
  });

  it('shows a vote that no longer counts as such', () => {
    const leads = (...members: readonly string[]) => directory({ groups: { leads: members } });
    const story = given(gate(['leads'], 2), { people: leads('ana', 'ben', 'mia') })
      .whenAll(vote('ana'))
      .whenDirectory(leads('ben', 'mia'))
      .whenAll(vote('ben'));
    expect(seenByAll(story).stages[0]).toMatchObject({
      rules: [{ needed: 2, approvals: 1, missing: [{ id: 'mia' }] }],
      votes: [{ person: { id: 'ana' }, counts: false }, { counts: true }],
    });
  });

  it('shows comments, questions, escalations, pauses and holds', () => {
    const frozen = { calendar: officeHours(['2026-01-05']), outside: 'hold' } as const;
    const story = given(
      gate(['ana', 'ben'], 1, { freeze: frozen, escalate: [{ afterMs: HOUR, to: ['mia'], mode: 'add' }] }),
    ).whenAll(
      { type: 'comment', by: byPipeline(), text: 'built' },
      { type: 'requestInformation', by: 'ana', question: 'why?' },
      { type: 'returnInformation', by: byPerson('kim'), answer: 'so' },
      { type: 'pause', by: byPerson('ben'), reason: 'lunch' },
    );
    expect(seenByAll(story)).toMatchObject({
      comments: [{ by: 'pipeline ci', text: 'built' }],
      information: [{ by: { name: 'Ana Silva' }, question: 'why?', answer: { by: 'Kim Lund', text: 'so' } }],
      paused: { sentence: 'Paused by Ben Okoye: lunch', at: T0 },
      silence: { at: null },
    });
    const later = story.whenAll({ type: 'resume', by: byPipeline() }).at(HOUR).tick().whenAll(vote('ana'));
    expect(seenByAll(later)).toMatchObject({
      escalations: [{ people: [{ name: 'Mia Chen' }], mode: 'add' }],
      held: { sentence: 'Approved; it takes effect when the freeze is over', until: T0 + DAY },
      silence: null,
    });
  });

  it('says how the SLA stands, also after the end', () => {
    const sla = { targetMs: 2 * HOUR, warnAtMs: HOUR, calendar: null };
    const timed = given(gate(['ana'], 1, { sla }));
    expect(seenByAll(opened).sla).toBeNull();
    expect(seenByAll(timed).sla).toBe('met');
    expect(seenByAll(timed.at(HOUR).tick()).sla).toBe('warned');
    expect(seenByAll(timed.at(HOUR).tick().whenAll(vote('ana'))).sla).toBe('met');
    expect(seenByAll(timed.at(2 * HOUR).tick()).sla).toBe('breached');
    expect(
      seenByAll(
        timed
          .at(2 * HOUR)
          .tick()
          .whenAll(vote('ana')),
      ).sla,
    ).toBe('breached');
  });
});

describe('progress', () => {
  it('says how many there are, how many it takes, and who is missing', () => {
    expect(seenByAll(opened).progress).toBe('0 of 2 approvals · waiting for Ana Silva or Ben Okoye');
    expect(seenByAll(opened.whenAll(vote('ana'))).progress).toBe('1 of 2 approvals · waiting for Ben Okoye');
    expect(seenByAll(given(gate(['ana']))).progress).toBe('0 of 1 approval · waiting for Ana Silva');
  });

  it('says which stage it is at, not counting those that are skipped', () => {
    const stages = [
      stage('first', [rule(['ana'])]),
      stage('never', [rule(['ben'])], 'false'),
      stage('board', [rule(['mia']), rule(['dan', 'eve'])]),
    ];
    const story = given(staged(stages));
    expect(seenByAll(story).progress).toBe('Stage 1 of 2, first: 0 of 1 approval · waiting for Ana Silva');
    expect(seenByAll(story.whenAll(vote('ana'), vote('eve'))).progress).toBe(
      'Stage 2 of 2, board: 1 of 2 approvals · waiting for Mia Chen',
    );
  });

  it('names as many as a line can hold, and counts the rest', () => {
    const all = given(gate(['ana', 'ben', 'mia', 'dan', 'eve', 'kim']));
    expect(seenByAll(all).progress).toBe(
      '0 of 1 approval · waiting for Ana Silva, Ben Okoye, Mia Chen, Dan Roth and 2 more',
    );
  });

  it('has nothing to say after the end', () => {
    expect(seenByAll(opened.whenAll(vote('ana'), vote('ben'))).progress).toBe('');
  });
});

describe('silence', () => {
  it.each([
    [{ onTimeout: 'reject' }, 'Without a decision it is rejected automatically'],
    [{ onTimeout: 'approve' }, 'Without a decision it is approved automatically'],
    [{ onTimeout: 'canary', options: canaryOptions }, 'Without a decision it is approved automatically (Canary 10 %)'],
    [{ timeoutMs: null }, 'Stays open until somebody decides'],
  ])('with %j means: %s', (more, sentence) => {
    const story = given(gate(['ana'], 1, more));
    expect(seenByAll(story).silence).toEqual({ sentence, at: story.state.expiresAt });
  });

  it('means nothing any more after the end', () => {
    expect(seenByAll(opened.whenAll(vote('ana', 'reject'))).silence).toBeNull();
  });
});

describe('the outcome', () => {
  const glass = given(gate(['ana', 'ben'], 2, { bypass: { by: ['mia'] }, options: canaryOptions }), {
    content: { requester: 'dan', heartbeatMs: 2 * DAY },
  });

  it.each<[string, Story]>([
    ['Approved by Ana Silva and Ben Okoye', opened.whenAll(vote('ana'), vote('ben'))],
    ['Approved by Ana Silva and Ben Okoye (Full)', glass.whenAll(vote('ana', 'full'), vote('ben', 'full'))],
    ['Rejected by Ana Silva', opened.whenAll(vote('ana', 'reject'))],
    ['Rejected automatically: nobody decided in time', opened.at(DAY).tick()],
    ['Approved automatically by the gate’s own rule', given(gate(['ana'], 1, { autoApproveIf: 'true' }))],
    ['Bypassed by Mia Chen: approved without the usual approvals', glass.whenAll(bypass('mia'))],
    ['Cancelled by Dan Roth', opened.whenAll({ type: 'cancel', by: byPerson('dan'), reason: null })],
    ['Cancelled by the pipeline', opened.whenAll({ type: 'cancel', by: byPipeline(), reason: null })],
    ['Cancelled: a newer request took its place', opened.whenAll({ type: 'supersede', by: 'req_2' })],
    [
      'Cancelled: the pipeline that asked is gone',
      given(gate(), { content: { heartbeatMs: HOUR } })
        .at(HOUR)
        .tick(),
    ],
  ])('reads: %s', (sentence, story) => {
    expect(seenByAll(story).outcome?.sentence).toBe(sentence);
    expect(seenByAll(story).status).toBe(story.state.status);
  });

  it('leaves nothing to do, but the review of a bypass', () => {
    const done = opened.whenAll(vote('ana', 'reject', { reason: 'no' }));
    for (const person of ['ana', 'ben', 'dan', 'eve']) expect(offers(seenBy(done, person))).toEqual([]);
    const bypassed = glass.whenAll(bypass('mia', 'fire'));
    expect(seenBy(bypassed, 'ana').outcome).toMatchObject({ afterReview: 'due', reason: 'fire' });
    expect(offers(seenBy(bypassed, 'ana'))).toEqual(['reviewBypass']);
    expect(offers(seenByAll(bypassed))).toEqual(['reviewBypass']);
    for (const person of ['mia', 'dan', 'eve']) expect(offers(seenBy(bypassed, person))).toEqual([]);
    const reviewed = bypassed.whenAll({ type: 'reviewBypass', person: 'ana', note: 'ok' });
    expect(seenBy(reviewed, 'ben')).toMatchObject({
      actions: [],
      outcome: { afterReview: { by: { name: 'Ana Silva' }, note: 'ok' } },
    });
  });
});
