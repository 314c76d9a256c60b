/** src/adapters/teams/render/forms.ts: what each step asks, in a card that opens inside the surface or in one of its own. */
import type { ActionView, RequestView } from '../../../engine/view.ts';
import type { Element } from './card.ts';
import { choiceInput, fieldInput, NAMES, quoted, textInput } from './fields.ts';
import { DRAWN } from './limits.ts';
import { bold, line, rich, small } from './text.ts';
import { SNOOZES } from './words.ts';

export type VoteAction = Extract<ActionView, { kind: 'vote' | 'changeVote' }>;
export type StepAction = Exclude<ActionView, VoteAction>;
export const isVote = (action: ActionView): action is VoteAction =>
  action.kind === 'vote' || action.kind === 'changeVote';

/** Whether one click is not enough: a form, a reason that is required, or a question to confirm. */
export const needsForm = (action: ActionView): boolean =>
  !isVote(action) ||
  action.form.reason === 'required' ||
  action.form.fields.length > 0 ||
  action.confirm !== null ||
  action.style === 'danger';

/** The button that sends the form. */
export const submitWords = (action: ActionView): string => (isVote(action) ? action.label : SUBMIT[action.kind]);

const SUBMIT: Readonly<Record<StepAction['kind'], string>> = {
  withdrawVote: 'Withdraw my vote',
  comment: 'Comment',
  requestInformation: 'Ask',
  returnInformation: 'Answer',
  delegate: 'Delegate',
  snooze: 'Snooze',
  cancel: 'Cancel the request',
  nudge: 'Ask again',
  bypass: 'Bypass the gate',
  reviewBypass: 'Acknowledge',
};

/** @param form the number under which its inputs stand in the card */
export function formOf(action: ActionView, view: RequestView, form: number): readonly Element[] {
  if (!isVote(action)) return [...warning(action, view), ...explain(action.kind, view), ...inputsOf(action.kind, form)];
  return [
    ...warning(action, view),
    ...action.form.fields.flatMap((field) => fieldInput(field, form)),
    textInput({
      form,
      name: NAMES.reason,
      label: action.form.reason === 'required' ? 'Reason' : 'Reason (optional)',
      isRequired: action.form.reason === 'required',
      error: 'Please give a reason.',
    }),
  ];
}

/** What can't be taken back is asked about first. */
function warning(action: ActionView, view: RequestView): readonly Element[] {
  if (!isVote(action)) return action.kind === 'bypass' ? [rich([`⚠️ ${line(action.confirm, 500)}`])] : [];
  if (action.confirm !== null) return [rich([`⚠️ ${line(action.confirm, 500)}`])];
  return action.style === 'danger'
    ? [rich([`⚠️ ${line(action.label, 80)}: `, bold(line(view.title, DRAWN.title)), '?'])]
    : [];
}

function explain(kind: StepAction['kind'], view: RequestView): readonly Element[] {
  switch (kind) {
    case 'withdrawVote':
      return [rich(['Your vote is taken back, and you are asked again.'])];
    case 'returnInformation':
      return view.information
        .filter(({ answer }) => answer === null)
        .slice(0, 3)
        .flatMap(({ by, question }) => [rich([bold(line(by.name, DRAWN.name)), ' asks:']), quoted(question)]);
    case 'delegate':
      return [small(['Whoever you name decides in your place from then on.'])];
    case 'snooze':
      return [small(['You get no reminders until then. The deadline stays where it is.'])];
    case 'cancel':
      return [rich(['⚠️ This ends the request; the pipeline is told that it was cancelled.'])];
    case 'nudge':
      return [rich(['Everybody whose decision is missing gets a message from you.'])];
    case 'bypass':
      return [small(['The reason is announced to everybody concerned and kept in the audit trail.'])];
    default:
      return [];
  }
}

function inputsOf(kind: StepAction['kind'], form: number): readonly Element[] {
  const text = (label: string): readonly Element[] => [
    textInput({ form, name: NAMES.text, label, isRequired: true, error: 'Please write something.' }),
  ];
  const reason = (label: string, isRequired = false): Element =>
    textInput({ form, name: NAMES.reason, label, isRequired, error: 'Please give a reason.' });
  switch (kind) {
    case 'withdrawVote':
    case 'nudge':
      return [];
    case 'comment':
      return text('Your comment');
    case 'requestInformation':
      return text('What do you need to know?');
    case 'returnInformation':
      return text('Your answer');
    case 'cancel':
      return [reason('Reason (optional)')];
    case 'bypass':
      return [reason('Reason', true)];
    case 'reviewBypass':
      return [reason('What you found (optional)')];
    case 'delegate': {
      const label = 'Who decides in your place?';
      return [
        textInput({ form, name: NAMES.to, label, isRequired: true, error: 'Please name somebody.' }, false),
        small(['Their name in the directory, or their email address']),
        reason('Reason (optional)'),
      ];
    }
    case 'snooze': {
      const asked = { form, name: NAMES.duration, label: 'No reminders for', isRequired: true };
      const choices = SNOOZES.map(({ words }) => words);
      return [choiceInput({ ...asked, error: 'Please choose how long.' }, choices, { isExpanded: true })];
    }
  }
}
