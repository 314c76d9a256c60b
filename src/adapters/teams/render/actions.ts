/**
 * src/adapters/teams/render/actions.ts: what can be clicked on the card of a request. Each button carries a control;
 * what one click is not enough for opens a form inside the card.
 */
import type { ActionView, RequestView } from '../../../engine/view.ts';
import { type ActControl, type Control, writeControl } from '../control.ts';
import type { Action, Execute, OpenUrl, ShowCard } from './card.ts';
import { cost } from './fit.ts';
import { formOf, isVote, needsForm, type StepAction, submitWords, type VoteAction } from './forms.ts';
import { DRAWN, TEAMS_LIMITS } from './limits.ts';
import { line, small } from './text.ts';

export const votesOf = (view: RequestView): readonly VoteAction[] => view.actions.filter(isVote);

/** In this order the other steps are offered. */
const STEP_ORDER: readonly StepAction['kind'][] = [
  'returnInformation',
  'comment',
  'requestInformation',
  'withdrawVote',
  'delegate',
  'snooze',
  'nudge',
  'bypass',
  'cancel',
  'reviewBypass',
];
const stepsOf = (view: RequestView): readonly StepAction[] =>
  view.actions
    .flatMap((action) => (isVote(action) ? [] : [action]))
    .toSorted((a, b) => STEP_ORDER.indexOf(a.kind) - STEP_ORDER.indexOf(b.kind));

/** @param form the number under which the inputs of its form stand; null for a plain button */
export function controlOf(action: ActionView, view: RequestView, form: number | null): ActControl {
  const about = { request: view.id, shown: view.version, form };
  if (isVote(action)) return { ...about, kind: 'vote', option: action.option, replaces: action.replaces };
  return { ...about, kind: action.kind, replaces: action.kind === 'withdrawVote' ? action.replaces : null };
}

const title = (text: string): string => line(text, DRAWN.buttonText) || '–';

function styleOf(action: ActionView): Pick<Execute, 'style'> {
  if (action.kind === 'bypass') return { style: 'destructive' };
  if (!isVote(action) || action.style === null) return {};
  return { style: action.style === 'primary' ? 'positive' : 'destructive' };
}

/** A click that comes to us; clients too old for it send a message with the same instead. */
export function execute(
  words: string,
  control: Control,
  more: Pick<Execute, 'style' | 'associatedInputs'> = {},
): Execute {
  const verb = control.kind;
  const data = { k: writeControl(control) };
  const label = title(words);
  return {
    type: 'Action.Execute',
    title: label,
    verb,
    data,
    ...more,
    fallback: { type: 'Action.Submit', title: label, data: { ...data, verb }, ...more },
  };
}

export const openUrl = (words: string, url: string): OpenUrl => ({ type: 'Action.OpenUrl', title: words, url });

/** Acts at once where one click is enough, else asks for the form in a card of its own. */
export const button = (action: ActionView, view: RequestView): Execute =>
  execute(needsForm(action) && isVote(action) ? `${action.label} …` : action.label, controlOf(action, view, null), {
    ...styleOf(action),
    associatedInputs: 'none',
  });

/** The button that sends a form. */
export const submitButton = (action: ActionView, view: RequestView, form: number): Execute =>
  execute(submitWords(action), controlOf(action, view, form), styleOf(action));

const showCard = (action: ActionView, view: RequestView): ShowCard => {
  const form = view.actions.indexOf(action);
  return {
    type: 'Action.ShowCard',
    title: title(action.label),
    ...styleOf(action),
    card: { type: 'AdaptiveCard', body: formOf(action, view, form), actions: [submitButton(action, view, form)] },
  };
};

/** Steps that are worth a place of their own where there is one. */
const PROMOTED: readonly ActionView['kind'][] = ['returnInformation', 'comment'];

/**
 * What the viewer may do: the options first, then the other steps, and the page of the request.
 * @param formBytes room for forms inside the card
 */
export function viewersActions(view: RequestView, link: string, formBytes: number): readonly Action[] {
  if (view.outcome !== null) return [openUrl(afterwards(view), link)];
  const review = view.mustReview && votesOf(view).length > 0 ? [openUrl('Review', link)] : [];
  const votes = view.mustReview ? [] : votesOf(view);
  const steps = stepsOf(view);
  const forms = new Forms(view, formBytes);
  const shown = votes.slice(0, DRAWN.voteButtons);
  // 2: "More" and the link.
  const room = TEAMS_LIMITS.primaryActions - 2 - review.length - shown.length;
  const promoted = steps.filter(({ kind }) => PROMOTED.includes(kind)).slice(0, Math.max(0, room));
  const others = [...votes.slice(DRAWN.voteButtons), ...steps.filter((step) => !promoted.includes(step))];
  return [
    ...review,
    ...shown.map((action) => forms.action(action)),
    ...promoted.map((action) => forms.action(action)),
    ...more(others, view),
    ...(review.length > 0 ? [] : [openUrl('Open', link)]),
  ];
}

/** On a card that refreshes for those who are asked: what it shows until then, and to everybody else. */
export function sharedActions(view: RequestView, link: string, formBytes: number): readonly Action[] {
  const comment = view.actions.find(({ kind }) => kind === 'comment');
  const forms = new Forms(view, formBytes);
  return [
    ...(view.mustReview ? [openUrl('Review', link)] : []),
    execute('Show my options', { kind: 'view', request: view.id }, { associatedInputs: 'none' }),
    ...(comment === undefined ? [] : [forms.action(comment)]),
    ...(view.mustReview ? [] : [openUrl('Open', link)]),
  ];
}

const afterwards = (view: RequestView): string =>
  view.outcome?.afterReview === 'due' ? 'Review this bypass' : 'Open the full request';

/** Forms open inside other cards in no client alike, so these are asked for after the click. */
function more(actions: readonly ActionView[], view: RequestView): readonly Action[] {
  const [only] = actions;
  if (only === undefined) return [];
  const buttons: Execute[] = [];
  let room: number = DRAWN.moreBytes;
  for (const action of actions) {
    const each = withoutFallback(button(action, view));
    room -= cost(each);
    if (room >= 0) buttons.push(each);
  }
  const rows = Math.ceil(buttons.length / TEAMS_LIMITS.primaryActions);
  const sets = Array.from({ length: rows }, (_, i) => ({
    type: 'ActionSet' as const,
    actions: buttons.slice(i * TEAMS_LIMITS.primaryActions, (i + 1) * TEAMS_LIMITS.primaryActions),
  }));
  const hidden = actions.length - buttons.length;
  const rest = hidden === 0 ? [] : [small([`… and ${hidden} more on the page`])];
  return [{ type: 'Action.ShowCard', title: 'More', card: { type: 'AdaptiveCard', body: [...sets, ...rest] } }];
}

/** Where it is not worth the room: clients that know no Execute have the page. */
export function withoutFallback({ fallback: _, ...alone }: Execute): Execute {
  return alone;
}

/** Forms stand in the card as long as there is room for them. */
class Forms {
  private readonly view: RequestView;
  private room: number;

  constructor(view: RequestView, bytes: number) {
    this.view = view;
    this.room = bytes;
  }

  action(action: ActionView): Action {
    if (!needsForm(action)) return button(action, this.view);
    const card = showCard(action, this.view);
    const size = cost(card);
    if (size > this.room) return button(action, this.view);
    this.room -= size;
    return card;
  }
}
