/** src/engine/commands/closing.ts: how a request ends: by its votes, its deadline or its own rule, now or when the freeze is over. */
import { isOpen, nextOpening } from '../calendar.ts';
import type { Instant, Verdict } from '../definition.ts';
import type { Notebook } from '../notebook.ts';
import type { Inputs, Outcome, RequestState, Vote } from '../request.ts';
import { openStage } from '../timers.ts';

/** The last moment that RFC 3339 can write. */
const NEVER: Instant = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export interface Ending {
  readonly status: Verdict;
  readonly cause: 'votes' | 'auto' | 'timeout';
  readonly option: string | null;
}

/**
 * Closes the request, or holds an approval: in a pause until that is over, outside the gate's open hours until they
 * begin. A calendar that never opens again holds for good: an approval that can't take effect is not one.
 */
export function close(notebook: Notebook, ending: Ending, now: Instant): void {
  const until = ending.status === 'approved' ? heldUntil(notebook.state, now) : null;
  if (until !== null) {
    const held = notebook.pending?.held ?? null;
    if (held !== null && held.until === until && held.option === ending.option) return;
    notebook.write({ type: 'held', at: now, until, option: ending.option, cause: ending.cause });
    return;
  }
  const open = openStage(notebook.state);
  if (open !== null && ending.status === 'approved' && ending.cause === 'votes')
    notebook.write({ type: 'stagePassed', at: now, stage: open.index });
  notebook.write({ type: 'closed', at: now, outcome: outcomeOf(notebook.state, ending, now) });
}

/** How long an approval must wait at least; null: not at all. The first tick after a pause looks again. */
function heldUntil(state: RequestState, now: Instant): Instant | null {
  if (state.status === 'pending' && state.paused !== null) return now;
  const { freeze } = state.gate;
  return freeze === null || isOpen(freeze.calendar, now) ? null : (nextOpening(freeze.calendar, now) ?? NEVER);
}

function outcomeOf(state: RequestState, { status, cause, option }: Ending, now: Instant): Outcome {
  const deciding = cause === 'votes' ? state.votes.filter((vote) => vote.counts && vote.outcome === status) : [];
  const last = deciding.at(-1);
  const inputs: Inputs = Object.assign({}, ...deciding.filter((vote) => vote.option === option).map((v) => v.inputs));
  const reason = last?.reason ?? null;
  return {
    status,
    cause,
    option,
    inputs,
    reason,
    decidedBy: [...new Set(deciding.map((v) => v.person))],
    decidedAt: now,
  };
}

/**
 * The option that the votes for a verdict chose: the one named most often; in a tie the one that the gate lists first,
 * which is where the cautious one belongs.
 */
export function chosenOption(state: RequestState, votes: readonly Vote[], verdict: Verdict): string | null {
  let best: string | null = null;
  let most = 0;
  for (const { id, outcome } of state.gate.options) {
    if (outcome !== verdict) continue;
    const count = votes.filter((vote) => vote.counts && vote.option === id).length;
    if (count > most) [best, most] = [id, count];
  }
  return best;
}
