/**
 * src/adapters/teams/render/step-card.ts: a form in a card of its own, in the place of the request's card or below it:
 * what does not fit into a card, and what an older card did not ask.
 */
import type { ActionView, RequestView } from '../../../engine/view.ts';
import type { ActControl } from '../control.ts';
import { execute, openUrl, submitButton } from './actions.ts';
import { type Card, cardOf, type Element } from './card.ts';
import { cost } from './fit.ts';
import { formOf, isVote } from './forms.ts';
import { DRAWN } from './limits.ts';
import { line, rich, run, small, unmarked } from './text.ts';

/** The action that a control stands for, if the viewer still has it. */
export const actionOf = (control: ActControl, view: RequestView): ActionView | undefined =>
  view.actions.find((action) =>
    control.kind === 'vote' ? isVote(action) && action.option === control.option : action.kind === control.kind,
  );

/** The form of a vote or a step. Where it is not the viewer's any more, a card that says so. */
export function stepCard(control: ActControl, view: RequestView, at: { readonly link: string }): Card {
  const action = actionOf(control, view);
  const back = execute('Back', { kind: 'view', request: view.id }, { associatedInputs: 'none' });
  const open = openUrl('Open', at.link);
  if (action === undefined) {
    const words =
      view.notice ?? (view.outcome === null ? 'This is not offered to you any more.' : `${view.outcome.sentence}.`);
    const text = line(words, 500);
    return cardOf(text, [rich([text]), small([line(view.title, DRAWN.title)])], { actions: [back, open] });
  }
  const form = view.actions.indexOf(action);
  const label = line(action.label, DRAWN.buttonText);
  const text = line(`${label}: ${line(view.title, DRAWN.title)}`, DRAWN.fallbackText);
  const about = aboutOf(label, view);
  const card = cardOf(text, [...about, ...formOf(action, view, form)], {
    actions: [submitButton(action, view, form), back, open],
  });
  if (cost(card) <= DRAWN.cardBytes) return card;
  const words = 'This form is longer than Teams can show. Please fill it in on the web page.';
  return cardOf(text, [...about, rich([words], { spacing: 'medium' })], { actions: [open, back] });
}

/** What it is about, so that nobody decides something else than they think. */
function aboutOf(label: string, view: RequestView): readonly Element[] {
  const exact = view.subject === null ? [] : [view.subject.name, view.subject.digest ?? ''];
  return [
    small([label], {}),
    rich([run(line(unmarked(view.title), DRAWN.title), { size: 'large', weight: 'bolder' })], { spacing: 'none' }),
    ...exact.filter((text) => text !== '').map((text) => small([line(text, 200)], { spacing: 'none' })),
  ];
}
