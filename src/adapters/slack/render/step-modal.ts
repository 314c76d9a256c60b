/** src/adapters/slack/render/step-modal.ts: the modals that ask for something: a vote's reason and form, a comment, … */
import type { types } from '@slack/bolt';
import type { ActionView, RequestView } from '../../../engine/view.ts';
import type { Control } from '../control.ts';
import { type Blocks, context, section } from './blocks.ts';
import { isVote } from './buttons.ts';
import { fieldInput, input, words } from './fields.ts';
import { DRAWN, SLACK_LIMITS } from './limits.ts';
import { type Origin, writeMetadata } from './metadata.ts';
import { BLOCKS, CALLBACKS, INPUT } from './names.ts';
import { messageModal } from './plain-modals.ts';
import { SNOOZES } from './snooze.ts';
import { bold, line, literal, ownLink, plain, quoted, unmarked } from './text.ts';

interface At {
  readonly link: string;
  readonly origin: Origin | null;
}

/** The action that a control stands for, if the viewer still has it. */
const actionOf = (control: Control, view: RequestView): ActionView | undefined =>
  view.actions.find((action) =>
    control.kind === 'vote' ? isVote(action) && action.option === control.option : action.kind === control.kind,
  );

/** The modal of a vote or a step. Where it is not the viewer's any more, one that says so. */
export function stepModal(control: Control, view: RequestView, at: At): types.ModalView {
  const action = actionOf(control, view);
  if (action === undefined) return messageModal('Nothing to do here', view.notice ?? notOffered(view));
  const inputs = isVote(action)
    ? [
        ...action.form.fields.map(fieldInput),
        words({ block: BLOCKS.reason, label: 'Reason', hint: null, isRequired: action.form.reason === 'required' }),
      ]
    : inputsOf(action.kind);
  return {
    type: 'modal',
    callback_id: CALLBACKS.step,
    private_metadata: writeMetadata({ control, origin: at.origin }),
    title: plain(action.label, SLACK_LIMITS.modalTitle),
    submit: plain(isVote(action) ? submitWords(action.label) : SUBMIT[action.kind], SLACK_LIMITS.modalButton),
    close: plain('Not now', SLACK_LIMITS.modalButton),
    blocks: [...about(action, view), ...inputs, context(ownLink(at.link, 'Open the full request'))],
  };
}

const notOffered = (view: RequestView): string =>
  view.outcome === null ? 'This is not offered to you any more.' : `${view.outcome.sentence}.`;

/** A title says which vote; the button may be shorter. */
const submitWords = (label: string): string => (label.length > SLACK_LIMITS.modalButton ? 'Send my decision' : label);

const SUBMIT: Readonly<Record<Exclude<ActionView['kind'], 'vote' | 'changeVote'>, string>> = {
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

/** What it is about, so that nobody decides something else than they think. */
function about(action: ActionView, view: RequestView): Blocks {
  const exact = view.subject === null ? [] : [line(view.subject.name, 200), line(view.subject.digest ?? '', 200)];
  const small = exact.filter((text) => text !== '').map((text) => context(text));
  const warning = 'confirm' in action && action.confirm !== null ? [section(`⚠️ ${line(action.confirm, 1000)}`)] : [];
  // The modal's title says the choice, where it has room for it.
  const isCut = action.label.length > SLACK_LIMITS.modalTitle;
  const label = isCut ? [section(`Your choice: ${bold(line(action.label, 100))}`)] : [];
  return [
    section(bold(line(unmarked(view.title), 300))),
    ...small,
    ...label,
    ...warning,
    ...questions(action, view),
    ...explain(action.kind),
  ];
}

function questions(action: ActionView, view: RequestView): Blocks {
  if (action.kind !== 'returnInformation') return [];
  return view.information
    .filter(({ answer }) => answer === null)
    .slice(0, 5)
    .map(({ by, question }) =>
      section(`${bold(line(by.name, DRAWN.name))} asks:\n${quoted(literal(question, DRAWN.longSaying))}`),
    );
}

function explain(kind: ActionView['kind']): Blocks {
  switch (kind) {
    case 'withdrawVote':
      return [section('Your vote is taken back, and you are asked again.')];
    case 'delegate':
      return [context('Whoever you choose decides in your place from then on.')];
    case 'snooze':
      return [context('You get no reminders until then. The deadline stays where it is.')];
    case 'cancel':
      return [section('⚠️ This ends the request; the pipeline is told that it was cancelled.')];
    case 'nudge':
      return [section('Everybody whose decision is missing gets a message from you.')];
    case 'bypass':
      return [context('The reason is announced to everybody concerned and kept in the audit trail.')];
    default:
      return [];
  }
}

function inputsOf(kind: Exclude<ActionView['kind'], 'vote' | 'changeVote'>): types.InputBlock[] {
  const saying = (label: string): types.InputBlock[] => [
    words({ block: BLOCKS.text, label, hint: null, isRequired: true }),
  ];
  const reason = (label: string, isRequired: boolean): types.InputBlock =>
    words({ block: BLOCKS.reason, label, hint: null, isRequired });
  switch (kind) {
    case 'withdrawVote':
    case 'nudge':
      return [];
    case 'comment':
      return saying('Your comment');
    case 'requestInformation':
      return saying('What do you need to know?');
    case 'returnInformation':
      return saying('Your answer');
    case 'cancel':
      return [reason('Reason', false)];
    case 'bypass':
      return [reason('Reason', true)];
    case 'reviewBypass':
      return [reason('What you found', false)];
    case 'delegate':
      return [
        input(
          { block: BLOCKS.to, label: 'Who decides in your place?', hint: null, isRequired: true },
          { type: 'users_select', action_id: INPUT, placeholder: plain('Choose a person', SLACK_LIMITS.placeholder) },
        ),
        reason('Reason', false),
      ];
    case 'snooze':
      return [
        input(
          { block: BLOCKS.duration, label: 'No reminders for', hint: null, isRequired: false },
          {
            type: 'static_select',
            action_id: INPUT,
            options: SNOOZES.map(({ id, words: text }) => ({ text: plain(text, SLACK_LIMITS.optionText), value: id })),
          },
        ),
        input(
          { block: BLOCKS.until, label: 'Or until', hint: 'If both are given, this one counts.', isRequired: false },
          { type: 'datetimepicker', action_id: INPUT },
        ),
      ];
  }
}
