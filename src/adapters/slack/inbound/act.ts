/**
 * src/adapters/slack/inbound/act.ts: what a control comes to, for a person at a place: look everything up again, then
 * act, open a form, or say why not. Nothing here talks to Slack.
 */
import type { types } from '@slack/bolt';
import type { PersonId } from '../../../engine/definition.ts';
import { words } from '../../../engine/refusal.ts';
import type { RequestId } from '../../../engine/request.ts';
import type { ActionView, RequestView } from '../../../engine/view.ts';
import type { ActionResult } from '../../action.ts';
import type { ChatPorts, ListName } from '../../chat.ts';
import { stepRefusals } from '../../words.ts';
import type { Control } from '../control.ts';
import type { SlackLog } from '../options.ts';
import { detailsModal, needsModal, type Origin, stepModal } from '../render/index.ts';
import { plain } from './bolt-log.ts';
import { NOT_ITS_SURFACE, UNAVAILABLE } from './words.ts';

export type Answer =
  /** Recorded, and durably so. */
  | { readonly kind: 'done'; readonly request: RequestId }
  /** Nothing was recorded; `words` say why, to the person alone. */
  | { readonly kind: 'words'; readonly words: string }
  | { readonly kind: 'modal'; readonly view: types.ModalView }
  | { readonly kind: 'page'; readonly list: ListName; readonly after: RequestId | null };

export type RequestControl = Exclude<Control, { kind: 'page' }>;

/** Somebody whose call is verified, and the surface that they act at; null: App Home or a private answer. */
export interface Actor {
  readonly person: PersonId;
  readonly origin: Origin | null;
}

export interface Looking {
  readonly ports: ChatPorts;
  readonly log: SlackLog;
}

/**
 * The request as this person may see it there; words where they may not. A message shows it to everybody who can read
 * it, so at a surface somebody without a part in it is shown what the message shows, and may do what is anybody's.
 */
export async function lookAt({ ports, log }: Looking, request: RequestId, actor: Actor): Promise<RequestView | string> {
  try {
    const view = await seen(ports, request, actor);
    if (view === NOT_ITS_SURFACE)
      log.warn(
        { request, person: actor.person, ...actor.origin },
        'refused a click at a message that shows another request',
      );
    return view;
  } catch (error) {
    log.error({ error: plain(error), request }, 'a request could not be looked up'); // nothing has been tried yet
    return UNAVAILABLE;
  }
}

async function seen(ports: ChatPorts, request: RequestId, { person, origin }: Actor): Promise<RequestView | string> {
  if (origin !== null && !(await ports.carries(request, { ...origin }))) return NOT_ITS_SURFACE;
  const own = await ports.view(request, { kind: 'person', person });
  if (own !== null) return own;
  const shared = origin === null ? null : await ports.view(request, { kind: 'everyone' });
  if (shared === null) return words.not_found;
  const actions = shared.actions.filter(({ kind }) => kind === 'comment');
  return { ...shared, actions, notice: shared.outcome === null ? words.not_an_approver : null };
}

export async function answerTo(parts: Looking, control: Control, actor: Actor): Promise<Answer> {
  if (control.kind === 'page') return control;
  const { ports } = parts;
  const view = await lookAt(parts, control.request, actor);
  if (typeof view === 'string') return { kind: 'words', words: view };
  const at = { link: ports.link(view.id), origin: actor.origin };
  if (control.kind === 'details') return { kind: 'modal', view: detailsModal(view, at) };
  const action = actionOf(control, view);
  if (action === null && view.outcome !== null)
    return { kind: 'words', words: `This is decided already. ${view.outcome.sentence}.` };
  if (control.kind !== 'vote') {
    if (action === null) return { kind: 'words', words: stepRefusals[control.kind] };
    const replaces = 'replaces' in action ? action.replaces : null;
    return { kind: 'modal', view: stepModal({ ...control, replaces }, view, at) };
  }
  // A first vote by somebody who has voted differently is asked about: an old click never replaces a vote.
  const isChange = action?.kind === 'changeVote' && control.replaces === null;
  if (action !== null && (isChange || needsModal(action))) {
    const replaces = control.replaces ?? ('replaces' in action ? action.replaces : null);
    return { kind: 'modal', view: stepModal({ ...control, replaces }, view, at) };
  }
  const { option, replaces, shown } = control;
  const vote = { kind: 'vote', person: actor.person, option, reason: null, inputs: {}, replaces, shown } as const;
  return answerOf(await ports.act(view.id, vote), view.id);
}

export function answerOf(result: ActionResult, request: RequestId): Extract<Answer, { kind: 'done' | 'words' }> {
  switch (result.kind) {
    case 'done':
      return { kind: 'done', request };
    case 'refused':
      return { kind: 'words', words: result.words };
    case 'notFound':
      return { kind: 'words', words: words.not_found };
    case 'unavailable':
      return { kind: 'words', words: UNAVAILABLE };
  }
}

/** The action that the person is offered now under this control; null: none. */
function actionOf(control: RequestControl, { actions }: RequestView): ActionView | null {
  const isIt = (action: ActionView): boolean =>
    control.kind === 'vote' ? 'option' in action && action.option === control.option : action.kind === control.kind;
  return actions.find(isIt) ?? null;
}
