/** src/engine/part.ts: who has a part in a request: whoever asks, and whoever is asked. */
import type { Actor, Pending } from './request.ts';

/** The pipeline that opened it and whoever it was opened for. */
export const isOwner = (state: Pending, actor: Actor): boolean =>
  actor.kind === 'pipeline' ? actor.pipeline === state.content.pipeline : actor.person === state.content.requester;

export function hasPart(state: Pending, actor: Actor): boolean {
  if (isOwner(state, actor)) return true;
  if (actor.kind === 'pipeline') return false;
  return state.stages.some((stage) => stage.rules.some((rule) => rule.approvers.includes(actor.person)));
}
