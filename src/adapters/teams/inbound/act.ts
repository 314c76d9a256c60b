/**
 * src/adapters/teams/inbound/act.ts: what a control comes to, for a person at a card: look everything up again, then
 * act, show a form, or say why not. Nothing here talks to Teams.
 */

import type { PersonId } from '../../../engine/definition.ts';
import { words } from '../../../engine/refusal.ts';
import type { RequestId } from '../../../engine/request.ts';
import type { ActionView, RequestView } from '../../../engine/view.ts';
import type { PersonAction } from '../../action.ts';
import type { ChatPorts } from '../../chat.ts';
import { listWords, stepRefusals } from '../../words.ts';
import type { ActControl, Control } from '../control.ts';
import type { TeamsLog } from '../options.ts';
import {
  type Card,
  errorWords,
  needsForm,
  type readData,
  readInputs,
  reply,
  type SubmittedAction,
  stepCard,
  surface,
} from '../render/index.ts';
import { plain } from './plain.ts';
import { NOT_IN_DIRECTORY, NOT_ITS_SURFACE, UNAVAILABLE } from './words.ts';

export type Answer =
  /** Recorded, and durably so. `isCarried`: what was found of the card; null where it was not looked at now. */
  | { readonly kind: 'done'; readonly request: RequestId; readonly isCarried: boolean | null }
  /** Nothing was recorded; to the person alone. */
  | { readonly kind: 'words'; readonly words: string }
  /** Nothing was recorded; in the place of the card, for the person alone. */
  | { readonly kind: 'card'; readonly card: Card };

/** Somebody whose call is proven, and the card that they act at. */
export interface Actor {
  readonly person: PersonId;
  /** Their account in Teams: whose view is kept fresh. */
  readonly account: string;
  readonly origin: { readonly tenant: string; readonly conversation: string; readonly activity: string };
  /** In the conversation of the bot and this person, which nobody else sees and where nobody else can have put a card. */
  readonly isAlone: boolean;
}

export interface Looking {
  readonly ports: ChatPorts;
  readonly log: TeamsLog;
}

/** What a click carries: a claim. */
export type Clicked = NonNullable<ReturnType<typeof readData>>;

/** A request as somebody sees it at a card. */
interface Seen {
  readonly view: RequestView;
  /** Whether the card is one that shows it. */
  readonly isCarried: boolean;
}

/**
 * The request as this person may see it there; words where they may not. A card shows it to everybody who can read it,
 * so that somebody without a part in it is shown what the card shows, and may do what is anybody's. Alone with the bot
 * answers to commands carry buttons too: there a person finds what they have a part in.
 * @param known whether the card carries it, where this click has asked that before
 */
async function lookAt(
  { ports, log }: Looking,
  request: RequestId,
  actor: Actor,
  known: boolean | null,
): Promise<Seen | string> {
  const { person, origin, isAlone } = actor;
  const isCarried = known ?? (await ports.carries(request, origin));
  if (!isCarried && !isAlone) {
    log.warn({ request, person, ...origin }, 'refused a click at a card that shows another request');
    return NOT_ITS_SURFACE;
  }
  const own = await ports.view(request, { kind: 'person', person });
  if (own !== null) return { view: own, isCarried };
  const shared = isCarried ? await ports.view(request, { kind: 'everyone' }) : null;
  if (shared === null) return words.not_found;
  const actions = shared.actions.filter(({ kind }) => kind === 'comment');
  const notice = shared.outcome === null ? words.not_an_approver : null;
  return { view: { ...shared, actions, notice }, isCarried };
}

/** Never rejects for a store that is away before anything was tried. */
export async function answerTo(parts: Looking, { control, inputs }: Clicked, actor: Actor): Promise<Answer> {
  const { ports, log } = parts;
  if (control.kind === 'page') return page(parts, control, actor);
  let seen: Seen | string;
  try {
    seen = await lookAt(parts, control.request, actor, null);
  } catch (error) {
    log.error({ error: plain(error), request: control.request }, 'a request could not be looked up');
    return say(UNAVAILABLE);
  }
  if (typeof seen === 'string') return say(seen);
  const { view } = seen;
  if (control.kind === 'view') return show(cardFor(parts, view, actor));
  const action = offered(control, view);
  // It is over: the card that was clicked is an old one.
  if (action === null && view.outcome !== null) return show(cardFor(parts, view, actor));
  if (action === null && control.kind !== 'vote') return say(stepRefusals[control.kind]);
  // A first vote by somebody who has voted differently is asked about: an old click never replaces a vote.
  const isChange = action?.kind === 'changeVote' && control.replaces === null;
  if (action !== null && (isChange || (control.form === null && needsForm(action)))) {
    const replaces = 'replaces' in action ? action.replaces : null;
    return show(stepCard({ ...control, replaces }, view, { link: ports.link(view.id) }));
  }
  const read = readInputs(inputs, control, view, { now: ports.now() });
  if (read.kind === 'invalid') return say(read.words);
  const wanted = personAction(parts, read.action, actor.person);
  if (wanted === null) return say(NOT_IN_DIRECTORY);
  return act(parts, control, wanted, seen, actor);
}

/** The decision: one call, one commit. */
async function act(
  parts: Looking,
  control: ActControl,
  action: PersonAction,
  { view, isCarried }: Seen,
  actor: Actor,
): Promise<Answer> {
  const result = await parts.ports.act(view.id, action);
  switch (result.kind) {
    case 'done':
      return { kind: 'done', request: view.id, isCarried };
    case 'notFound':
      return say(words.not_found);
    case 'unavailable':
      return say(UNAVAILABLE);
    case 'refused': {
      if (result.words !== words.already_closed) return say(errorWords(result.errors, control, view) ?? result.words);
      const newest = await cardOf(parts, view.id, actor, isCarried);
      return newest === null ? say(result.words) : show(newest);
    }
  }
}

/**
 * The card as it is now for this person; null: they can't see it, or it can't be looked up now.
 * @param known whether the card they act at carries it, where this click has asked that before
 */
export async function cardOf(
  parts: Looking,
  request: RequestId,
  actor: Actor,
  known: boolean | null,
): Promise<Card | null> {
  try {
    const seen = await lookAt(parts, request, actor, known);
    return typeof seen === 'string' ? null : cardFor(parts, seen.view, actor);
  } catch (error) {
    parts.log.warn({ error: plain(error), request }, 'a card could not be drawn anew');
    return null;
  }
}

const cardFor = ({ ports }: Looking, view: RequestView, { account }: Actor): Card =>
  surface(view, {
    link: ports.link(view.id),
    isShared: false,
    mention: () => null,
    refreshFor: view.outcome === null ? [account] : [],
  });

async function page(
  { ports, log }: Looking,
  { list, after }: Extract<Control, { kind: 'page' }>,
  actor: Actor,
): Promise<Answer> {
  if (!actor.isAlone) return say(NOT_ITS_SURFACE);
  try {
    const found = await ports.list(actor.person, list, after ?? undefined);
    const at = { link: (id: RequestId) => ports.link(id), now: ports.now() };
    return show(reply({ kind: 'list', list, ...listWords[list], page: found }, at));
  } catch (error) {
    log.error({ error: plain(error) }, 'a list could not be read');
    return say(UNAVAILABLE);
  }
}

const say = (text: string): Answer => ({ kind: 'words', words: text });
const show = (card: Card): Answer => ({ kind: 'card', card });

/** The action that the person is offered now under this control; null: none. */
function offered(control: ActControl, { actions }: RequestView): ActionView | null {
  const isIt = (action: ActionView): boolean =>
    control.kind === 'vote' ? 'option' in action && action.option === control.option : action.kind === control.kind;
  return actions.find(isIt) ?? null;
}

/** null: whoever is named as the delegate is nobody in the directory. */
function personAction({ ports }: Looking, said: SubmittedAction, person: PersonId): PersonAction | null {
  if (said.kind !== 'delegate') return { ...said, person };
  const { kind, toPerson, reason } = said;
  const to = ports.personMeant(toPerson);
  return to === null ? null : { kind, person, to, reason };
}
