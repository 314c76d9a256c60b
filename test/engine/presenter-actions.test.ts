/** test/engine/presenter-actions.test.ts: what each viewer is offered, and that the engine accepts what is offered. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import type { FieldDefinition } from '../../src/engine/definition.ts';
import { view } from '../../src/engine/present.ts';
import { words } from '../../src/engine/refusal.ts';
import type { RequestState } from '../../src/engine/request.ts';
import type { ActionView, RequestView } from '../../src/engine/view.ts';
import { anyLife, play } from './arbitrary.ts';
import { given, type Story } from './given.ts';
import {
  type Act,
  byPerson,
  byPipeline,
  canaryOptions,
  changeVote,
  delegate,
  directory,
  gate,
  HOUR,
  rule,
  stage,
  staged,
  vote,
  withDirectory,
} from './house.ts';

const seenBy = (story: Story, person: string): RequestView =>
  view(story.state, { kind: 'person', person }, story.people);
const seenByAll = (story: Story): RequestView => view(story.state, { kind: 'everyone' }, story.people);

/** The actions as a person would read them out. */
const offers = ({ actions }: RequestView): readonly string[] =>
  actions.map((action) => ('option' in action ? `${action.kind} ${action.option}` : action.kind));

const opened = given(gate(['ana', 'ben'], 2), { content: { requester: 'dan' } });

describe('what an approver may do', () => {
  it('is to vote, talk, hand over and wait', () => {
    expect(offers(seenBy(opened, 'ana'))).toEqual([
      'vote approve',
      'vote reject',
      'comment',
      'requestInformation',
      'delegate',
      'snooze',
    ]);
    expect(seenBy(opened, 'ana').notice).toBeNull();
  });

  it('after voting is to change or withdraw the vote, naming it', () => {
    const voted = seenBy(opened.whenAll(vote('ana')), 'ana');
    expect(offers(voted)).toEqual(['changeVote reject', 'withdrawVote', 'comment', 'requestInformation']);
    expect(voted.actions[0]).toMatchObject({ label: 'Change my vote to Reject', replaces: 2 });
    expect(voted.actions[1]).toMatchObject({ replaces: 2 });
    const changed = opened.whenAll(vote('ana')).when(changeVote('ana', 'approve', { reason: 'sure' }));
    expect(seenBy(changed, 'ana').actions[0]).toMatchObject({ replaces: 3 });
  });

  it('comes with the form and the reason that the option asks for', () => {
    const form: readonly FieldDefinition[] = [
      { id: 'window', label: 'Window', help: null, required: true, when: 'option != "stop"', type: 'date' },
    ];
    const asked = seenBy(given(gate(['ana'], 1, { form, requireReason: ['reject'], options: canaryOptions })), 'ana');
    expect(asked.actions.slice(0, 3)).toMatchObject([
      { option: 'canary', label: 'Canary 10 %', form: { reason: 'optional', fields: form }, confirm: null },
      { option: 'full', style: 'primary', form: { fields: form } },
      {
        option: 'stop',
        form: { reason: 'required', fields: [] },
        confirm: expect.stringContaining('ends the request'),
      },
    ]);
  });

  it('asks back only where one no is final', () => {
    const threshold = seenBy(given(gate(['ana', 'ben'], 1, { rejection: 'threshold' })), 'ana');
    expect(threshold.actions[1]).toMatchObject({ option: 'reject', confirm: null });
  });

  it('is little while the request is paused', () => {
    const paused = seenBy(opened.whenAll(vote('ana'), { type: 'pause', by: byPipeline(), reason: null }), 'ana');
    expect(offers(paused)).toEqual(['comment', 'requestInformation']);
    expect(paused.notice).toBe(words.paused);
  });

  it('is no vote where their part in the request is over', () => {
    const stages = [stage('first', [rule(['ana'])]), stage('second', [rule(['ana', 'ben'])])];
    const later = given(staged(stages, { distinct: 'request' })).whenAll(vote('ana'));
    expect(offers(seenBy(later, 'ana'))).toEqual(['comment', 'requestInformation']);
    expect(seenBy(later, 'ana').notice).toBe(words.another_person_needed);
    expect(seenByAll(later).progress).toBe('Stage 2 of 2, second: 0 of 1 approval · waiting for Ben Okoye');
  });

  it('is on the web page where the gate asks for a fresh sign-in', () => {
    expect(seenBy(given(gate(['ana'], 1, { assurance: 'high' })), 'ana').mustReview).toBe(true);
  });
});

describe('what others may do', () => {
  it('a stranger: comment, and read kindly why not vote', () => {
    expect(offers(seenBy(opened, 'eve'))).toEqual(['comment']);
    expect(seenBy(opened, 'eve').notice).toBe(words.not_an_approver);
  });

  it('the requester: cancel and answer, not vote', () => {
    expect(offers(seenBy(opened, 'dan'))).toEqual(['comment', 'nudge', 'cancel']);
    expect(seenBy(opened, 'dan').notice).toBe(words.own_request);
    const asked = opened.whenAll({ type: 'requestInformation', by: 'ana', question: 'why?' });
    expect(offers(seenBy(asked, 'dan'))).toEqual(['comment', 'returnInformation', 'nudge', 'cancel']);
  });

  it('whoever may break the glass: bypass, after a question', () => {
    const glass = given(gate(['ana'], 1, { bypass: { by: ['mia'] } }));
    expect(offers(seenBy(glass, 'mia'))).toEqual(['comment', 'bypass']);
    expect(offers(seenBy(glass, 'ana'))).not.toContain('bypass');
  });

  it('everyone together: all that anybody might, since the engine decides who may', () => {
    expect(offers(seenByAll(opened))).toEqual([
      'vote approve',
      'vote reject',
      'comment',
      'requestInformation',
      'delegate',
      'snooze',
    ]);
    expect(offers(seenByAll(opened.whenAll({ type: 'pause', by: byPipeline(), reason: null })))).not.toContain(
      'vote approve',
    );
    expect(seenByAll(opened).notice).toBeNull();
  });
});

/** The command behind an action, filled in as a person would. */
function actOf(action: ActionView, person: string, state: RequestState, now: number): Act {
  switch (action.kind) {
    case 'vote':
    case 'changeVote':
      return vote(person, action.option, {
        reason: 'because',
        inputs: Object.fromEntries(action.form.fields.filter((field) => field.required).map(({ id }) => [id, 3])),
        assurance: 'high',
        replaces: action.replaces,
        shown: state.version,
      });
    case 'withdrawVote':
      return { type: 'withdrawVote', person, via: 'web', replaces: action.replaces };
    case 'delegate':
      return delegate(person, 'newcomer');
    case 'snooze':
      return { type: 'snooze', person, until: now + HOUR };
    case 'cancel':
      return { type: 'cancel', by: byPerson(person), reason: null };
    case 'nudge':
      return { type: 'nudge', by: byPerson(person) };
    case 'comment':
      return { type: 'comment', by: byPerson(person), text: 'hm' };
    case 'requestInformation':
      return { type: 'requestInformation', by: person, question: 'why?' };
    case 'returnInformation':
      return { type: 'returnInformation', by: byPerson(person), answer: 'so' };
    case 'bypass':
      return { type: 'bypass', person, reason: 'fire', via: 'web', assurance: 'high' };
    case 'reviewBypass':
      return { type: 'reviewBypass', person, note: null };
  }
}

describe('the presenter and the engine agree', () => {
  it('on whatever is offered: nothing of it is refused to that person', () => {
    fc.assert(
      fc.property(anyLife(), (life) => {
        // Who may vote is shown as last resolved, so the directory must be the one of that moment.
        const people = directory({ people: { newcomer: {} }, groups: Object.fromEntries(life.directories[0].groups) });
        const { steps } = play({ ...life, directories: [people, people] });
        for (const { decision, now } of steps.slice(-6)) {
          if (decision.kind === 'refused') continue;
          const { state } = decision;
          for (const person of ['ana', 'ben', 'mia', 'dan', 'eve']) {
            const { actions, notice } = view(state, { kind: 'person', person }, people);
            for (const action of actions) {
              const act = actOf(action, person, state, now);
              const answer = decide(state, withDirectory(act, people), now);
              if (answer.kind === 'accepted') continue;
              // The view has no clock: the deadline may have passed since, or the last nudge be too young.
              const isTooSoon = action.kind === 'nudge' && answer.refusal === 'nudged_lately';
              if (!isTooSoon) expect([action.kind, answer.refusal]).toEqual([action.kind, 'past_deadline']);
            }
            const refused = decide(state, withDirectory(vote(person), people), now);
            if (refused.kind !== 'refused' || refused.refusal !== 'not_an_approver') continue;
            expect(actions.filter(({ kind }) => kind === 'vote' || kind === 'changeVote')).toEqual([]);
            expect(notice).toBe(words.not_an_approver);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
