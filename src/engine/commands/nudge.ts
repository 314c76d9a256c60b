/** src/engine/commands/nudge.ts: whoever asks may ask again, though not all the time. */
import { missingApprovers } from '../asked.ts';
import type { Instant, PersonId } from '../definition.ts';
import { Notebook, type Of, refuse } from '../notebook.ts';
import { isOwner } from '../part.ts';
import type { Decision, Pending } from '../request.ts';

/** At least this long between two nudges of one request. */
const NUDGE_EVERY_MS = 15 * 60_000;

/** Goes to those who are missing, except who asked for quiet. */
export function nudge(state: Pending, { by }: Of<'nudge'>, now: Instant): Decision {
  if (!isOwner(state, by)) return refuse('not_allowed');
  if (state.paused !== null) return refuse('paused');
  const people = whomToNudge(state, now);
  if (people.length === 0) return refuse('nobody_missing');
  if (state.nudgedAt !== undefined && now < state.nudgedAt + NUDGE_EVERY_MS) return refuse('nudged_lately');
  return new Notebook(state).write({ type: 'nudged', at: now, by, people }).accepted();
}

/**
 * Nobody while it stands still: whoever is asked could do nothing.
 * @param now null where it is not known: then whoever asked for quiet counts as quiet still
 */
export function whomToNudge(state: Pending, now: Instant | null): readonly PersonId[] {
  if (state.held !== null || state.paused !== null) return [];
  return missingApprovers(state).filter((person) => {
    const until = Object.hasOwn(state.snoozed, person) ? state.snoozed[person] : undefined;
    return until === undefined || (now !== null && until <= now);
  });
}
