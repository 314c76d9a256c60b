/**
 * src/adapters/slack/render/buttons.ts: what can be clicked. Each button carries a control; whether a click opens a
 * modal or acts at once is decided here for those who draw and those who listen.
 */
import type { types } from '@slack/bolt';
import type { ActionView, RequestView } from '../../../engine/view.ts';
import { type Control, writeControl } from '../control.ts';
import { DRAWN, SLACK_LIMITS } from './limits.ts';
import { ACT, OPEN_LINK } from './names.ts';
import { plain, plainLines } from './text.ts';

export type VoteAction = Extract<ActionView, { kind: 'vote' | 'changeVote' }>;
export type StepAction = Exclude<ActionView, VoteAction>;
export const isVote = (action: ActionView): action is VoteAction =>
  action.kind === 'vote' || action.kind === 'changeVote';
const isStep = (action: ActionView): action is StepAction => !isVote(action);

/** Whether a click asks for more before it counts. Where it does, no dialog asks back as well: the modal does. */
export const needsModal = (action: ActionView): boolean =>
  !isVote(action) || action.form.reason === 'required' || action.form.fields.length > 0;

export const votesOf = (view: RequestView): readonly VoteAction[] => view.actions.filter(isVote);

export const controlOf = (action: ActionView, view: RequestView): Control =>
  isVote(action)
    ? { kind: 'vote', request: view.id, shown: view.version, option: action.option, replaces: action.replaces }
    : {
        kind: action.kind,
        request: view.id,
        shown: view.version,
        replaces: action.kind === 'withdrawVote' ? action.replaces : null,
      };

function confirmation(action: VoteAction, view: RequestView): types.ConfirmationDialog | null {
  if (needsModal(action) || (action.confirm === null && action.style !== 'danger')) return null;
  return {
    title: plain(`${action.label}?`, SLACK_LIMITS.confirmTitle),
    text: plainLines(action.confirm ?? `${action.label}: ${view.title}`, SLACK_LIMITS.confirmText),
    confirm: plain(action.label, SLACK_LIMITS.confirmButton),
    deny: plain('Not now', SLACK_LIMITS.confirmButton),
    ...(action.style === null ? {} : { style: action.style }),
  };
}

export function voteButton(action: VoteAction, view: RequestView): types.Button {
  const confirm = confirmation(action, view);
  return {
    type: 'button',
    action_id: `${ACT}vote.${action.option}`.slice(0, SLACK_LIMITS.identifier),
    text: plain(action.label, SLACK_LIMITS.buttonText),
    value: writeControl(controlOf(action, view)),
    accessibility_label: plain(`${action.label}: ${view.title}`, SLACK_LIMITS.accessibilityLabel).text,
    ...(action.style === null ? {} : { style: action.style }),
    ...(confirm === null ? {} : { confirm }),
  };
}

export const stepButton = (action: StepAction, view: RequestView): types.Button => ({
  type: 'button',
  action_id: `${ACT}${action.kind}`,
  text: plain(action.label, SLACK_LIMITS.buttonText),
  value: writeControl(controlOf(action, view)),
  accessibility_label: plain(`${action.label}: ${view.title}`, SLACK_LIMITS.accessibilityLabel).text,
  ...(action.kind === 'bypass' ? { style: 'danger' as const } : {}),
});

/** Opens everything about the request at length. */
export const detailsButton = (view: RequestView, words = 'Details'): types.Button => ({
  type: 'button',
  action_id: `${ACT}details`,
  text: plain(words, SLACK_LIMITS.buttonText),
  value: writeControl({ kind: 'details', request: view.id, shown: view.version, replaces: null }),
  accessibility_label: plain(`${words}: ${view.title}`, SLACK_LIMITS.accessibilityLabel).text,
});

/** A link to the web page. */
export const linkButton = (
  words: string,
  link: string,
  view: RequestView,
  style: 'primary' | null = null,
): types.Button => ({
  type: 'button',
  action_id: OPEN_LINK,
  text: plain(words, SLACK_LIMITS.buttonText),
  url: link,
  accessibility_label: plain(`${words}: ${view.title}`, SLACK_LIMITS.accessibilityLabel).text,
  ...(style === null ? {} : { style }),
});

/** Which steps stand in the menu when there are more than it holds; the others are in Details. */
const MENU: readonly StepAction['kind'][] = [
  'returnInformation',
  'withdrawVote',
  'comment',
  'requestInformation',
  'delegate',
  'snooze',
  'nudge',
  'bypass',
  'cancel',
  'reviewBypass',
];

export const stepsOf = (view: RequestView): readonly StepAction[] =>
  view.actions.filter(isStep).toSorted((a, b) => MENU.indexOf(a.kind) - MENU.indexOf(b.kind));

/** The other steps, behind three dots; null where there are none. */
export function menu(view: RequestView): types.Overflow | null {
  const steps = stepsOf(view).slice(0, SLACK_LIMITS.overflowOptions);
  if (steps.length === 0) return null;
  return {
    type: 'overflow',
    action_id: `${ACT}more`,
    options: steps.map((action) => ({
      text: plain(action.label, SLACK_LIMITS.optionText),
      value: writeControl(controlOf(action, view)),
    })),
  };
}

/** One button for each option, as many as a message holds; the rest are in Details. */
export const voteButtons = (view: RequestView): readonly types.Button[] =>
  votesOf(view)
    .slice(0, DRAWN.voteButtons)
    .map((action) => voteButton(action, view));
