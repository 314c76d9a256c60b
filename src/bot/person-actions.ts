/** src/bot/person-actions.ts: what a person asks for through the web or a chat becomes the engine's command. */
import type { ActionResult, PersonAction } from '../adapters/action.ts';
import { words } from '../engine/refusal.ts';
import type { Actor, Via } from '../engine/request.ts';
import { StoreUnavailableError } from '../store/port.ts';
import type { Handler, Order } from './handle.ts';
import { isRequestId } from './ids.ts';

/** Where somebody acts in person. */
export type PersonalVia = Exclude<Via, 'api'>;

/** Resolves after the durable commit; never rejects for a store that is away. */
export async function actFor(
  handler: Handler,
  id: string,
  action: PersonAction,
  via: PersonalVia,
): Promise<ActionResult> {
  if (!isRequestId(id)) return { kind: 'notFound' };
  try {
    const decision = await handler.change(id, orderOf(action, via));
    if (decision === null) return { kind: 'notFound' };
    if (decision.kind === 'accepted') return { kind: 'done' };
    return { kind: 'refused', words: words[decision.refusal], errors: decision.errors };
  } catch (error) {
    if (error instanceof StoreUnavailableError) return { kind: 'unavailable' };
    throw error;
  }
}

function orderOf(action: PersonAction, via: PersonalVia): Order {
  const { person } = action;
  const by: Actor = { kind: 'person', person, via, pipeline: null };
  switch (action.kind) {
    case 'vote': {
      const { option, reason, inputs, replaces, shown } = action;
      const vote = { type: 'vote', person, option, reason, inputs, via, pipeline: null, replaces } as const;
      // Picking a person without a password is no proof of who it is.
      return (directory) => ({ ...vote, assurance: 'standard', ...(shown !== null && { shown }), directory });
    }
    case 'withdrawVote':
      return () => ({ type: 'withdrawVote', person, via, replaces: action.replaces });
    case 'comment':
      return () => ({ type: 'comment', by, text: action.text });
    case 'requestInformation':
      return () => ({ type: 'requestInformation', by: person, question: action.question });
    case 'returnInformation':
      return () => ({ type: 'returnInformation', by, answer: action.answer });
    case 'cancel':
      return () => ({ type: 'cancel', by, reason: action.reason });
    case 'nudge':
      return () => ({ type: 'nudge', by });
    case 'delegate':
      return (directory) => ({ type: 'delegate', from: person, to: action.to, reason: action.reason, directory });
    case 'snooze':
      return () => ({ type: 'snooze', person, until: action.until });
    case 'bypass':
      return (directory) => ({ type: 'bypass', person, reason: action.reason, via, directory });
    case 'reviewBypass':
      return (directory) => ({ type: 'reviewBypass', person, note: action.note, directory });
  }
}
