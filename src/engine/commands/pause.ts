/** src/engine/commands/pause.ts: standing still for a while, and going on. The trail says who, why, and along with what. */
import type { Instant } from '../definition.ts';
import { Notebook, type Of, refuse } from '../notebook.ts';
import { hasPart } from '../part.ts';
import { pauseOf } from '../pauses.ts';
import type { Decision, Pending } from '../request.ts';

/** Everybody with a part in the request may pause it; a pause of more than this request is let in by the bot. */
export function pause(state: Pending, { by, reason, scope, clocks }: Of<'pause'>, now: Instant): Decision {
  if (scope === undefined && !hasPart(state, by)) return refuse('not_allowed');
  if (pauseOf(state, scope) !== null) return new Notebook(state).accepted();
  const facts = { by, reason, ...(scope && { scope }), ...(clocks && { clocks }) };
  return new Notebook(state).write({ type: 'paused', at: now, ...facts }).accepted();
}

export function resume(state: Pending, { by, scope }: Of<'resume'>, now: Instant): Decision {
  if (scope === undefined && !hasPart(state, by)) return refuse('not_allowed');
  if (pauseOf(state, scope) === null)
    return refuse(state.paused === null || scope !== undefined ? 'not_paused' : 'paused_elsewhere');
  return new Notebook(state).write({ type: 'resumed', at: now, by, ...(scope && { scope }) }).accepted();
}
