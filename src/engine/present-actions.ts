/** src/engine/present-actions.ts: which actions a viewer is offered, with what form, and the kind words where none is. */
import { missingApprovers, standingVote } from './asked.ts';
import { whomToNudge } from './commands/nudge.ts';
import { needsReason } from './commands/vote.ts';
import type { OptionDefinition, PersonId } from './definition.ts';
import { type Directory, resolve } from './directory.ts';
import { fieldsFor } from './form.ts';
import { approversBefore, excludedPerson } from './quorum.ts';
import { words } from './refusal.ts';
import type { Pending, RequestState } from './request.ts';
import { openStage } from './timers.ts';
import type { ActionView, Viewer } from './view.ts';

export function actionsFor(state: RequestState, viewer: Viewer, directory: Directory): readonly ActionView[] {
  if (state.status !== 'pending') {
    const mayReview =
      state.afterReview === 'due' && (viewer.kind === 'everyone' || isReviewer(state, viewer.person, directory));
    return mayReview ? [{ kind: 'reviewBypass', label: 'Acknowledge the review' }] : [];
  }
  if (viewer.kind === 'everyone') {
    return [
      ...(state.paused === null && openStage(state) !== null ? votesOf(state, null) : []),
      ...conversation,
      { kind: 'delegate', label: 'Delegate' },
      { kind: 'snooze', label: 'Snooze' },
      ...bypassAction(state),
    ];
  }
  const { person } = viewer;
  const standing = standingVote(state, person);
  const actions: ActionView[] = [];
  if (whyNoVote(state, person) === null) actions.push(...votesOf(state, standing));
  if (standing !== null && state.paused === null)
    actions.push({ kind: 'withdrawVote', label: 'Withdraw my vote', replaces: standing.seq });
  actions.push({ kind: 'comment', label: 'Comment' });
  if (isAnyApprover(state, person)) actions.push({ kind: 'requestInformation', label: 'Ask for information' });
  if (mayAnswer(state, person)) actions.push({ kind: 'returnInformation', label: 'Answer' });
  if (missingApprovers(state).includes(person))
    actions.push({ kind: 'delegate', label: 'Delegate' }, { kind: 'snooze', label: 'Snooze' });
  if (mayBypass(state, person, directory)) actions.push(...bypassAction(state));
  if (person === state.content.requester) {
    if (whomToNudge(state, null).length > 0) actions.push({ kind: 'nudge', label: 'Ask again' });
    actions.push({ kind: 'cancel', label: 'Cancel the request' });
  }
  return actions;
}

const conversation: readonly ActionView[] = [
  { kind: 'comment', label: 'Comment' },
  { kind: 'requestInformation', label: 'Ask for information' },
];

/** Why this viewer can't vote, in kind words; null when they can, or where nobody in particular is looking. */
export function noticeFor(state: RequestState, viewer: Viewer): string | null {
  if (viewer.kind === 'everyone' || state.status !== 'pending') return null;
  const refusal = whyNoVote(state, viewer.person);
  return refusal === null ? null : words[refusal];
}

function whyNoVote(state: Pending, person: PersonId): keyof typeof words | null {
  if (state.paused !== null) return 'paused';
  if (person === excludedPerson(state.gate, state.content.requester)) return 'own_request';
  const open = openStage(state);
  if (open === null || !open.stage.rules.some((rule) => rule.approvers.includes(person))) return 'not_an_approver';
  const isUsed = state.gate.distinct === 'request' && approversBefore(state.votes, open.index).has(person);
  return isUsed ? 'another_person_needed' : null;
}

/** One button for each option; for somebody who has voted, the options that would change the vote. */
function votesOf(
  state: Pending,
  standing: { readonly option: string; readonly seq: number } | null,
): readonly ActionView[] {
  const kind = standing === null ? 'vote' : 'changeVote';
  return state.gate.options
    .filter((option) => option.id !== standing?.option)
    .map((option) => ({
      kind,
      option: option.id,
      label: standing === null ? option.label : `Change my vote to ${option.label}`,
      style: option.style,
      outcome: option.outcome,
      form: {
        reason: needsReason(state, option) ? 'required' : 'optional',
        fields: fieldsFor(state.gate, option.id, state.content),
      },
      confirm: confirmation(state, option),
      replaces: standing?.seq ?? null,
    }));
}

/** A single no is final where one veto ends the request, so it asks back. */
const confirmation = (state: Pending, option: OptionDefinition): string | null =>
  option.outcome === 'rejected' && state.gate.rejection === 'veto'
    ? `${option.label} “${state.content.title}”? This ends the request.`
    : null;

const bypassAction = (state: Pending): readonly ActionView[] =>
  state.gate.bypass === null
    ? []
    : [
        {
          kind: 'bypass',
          label: 'Bypass',
          confirm: 'Approve without the usual approvals? It is announced, and somebody else reviews it.',
        },
      ];

function mayBypass(state: Pending, person: PersonId, directory: Directory): boolean {
  const { requester } = state.content;
  const exclude = excludedPerson(state.gate, requester);
  if (state.gate.bypass === null || person === exclude) return false;
  const allowed = resolve(state.gate.bypass.by, directory, { requester, approvers: [], exclude, now: state.openedAt });
  return allowed.kind === 'people' && allowed.people.includes(person);
}

function isReviewer(state: RequestState, person: PersonId, directory: Directory): boolean {
  if (state.status === 'pending' || person === state.content.requester || state.outcome.decidedBy.includes(person))
    return false;
  const by = state.gate.bypass?.by ?? [];
  const facts = { requester: state.content.requester, approvers: [], exclude: null, now: state.openedAt };
  const allowed = resolve(by, directory, facts);
  return isAnyApprover(state, person) || (allowed.kind === 'people' && allowed.people.includes(person));
}

const isAnyApprover = (state: RequestState, person: PersonId): boolean =>
  state.stages.some((stage) => stage.rules.some((rule) => rule.approvers.includes(person)));

const mayAnswer = (state: Pending, person: PersonId): boolean =>
  state.information.some((asked) => asked.answer === null) &&
  (state.content.requester === null || state.content.requester === person);
