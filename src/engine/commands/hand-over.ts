/** src/engine/commands/hand-over.ts: somebody else decides instead, or the same person later. */

import { missingApprovers } from '../asked.ts';
import type { Instant, PersonId } from '../definition.ts';
import { Notebook, type Of, refuse } from '../notebook.ts';
import { excludedPerson } from '../quorum.ts';
import type { Refusal } from '../refusal.ts';
import type { Decision, Event, Pending, RequestState } from '../request.ts';
import { openStage } from '../timers.ts';
import { eligibleNow, noteEligible, releaseUnmet } from './eligibility.ts';

/** An approver gives their own part to somebody who has none yet. */
export function delegate(state: Pending, command: Of<'delegate'>, now: Instant): Decision {
  const { from, to, reason } = command;
  return handOver(state, command, { type: 'delegated', at: now, from, to, reason });
}

/** The approver's manager, or the pipeline where the bot lets it, gives the approver's part to somebody else. */
export function reassign(state: Pending, command: Of<'reassign'>, now: Instant): Decision {
  const { by, from, to, reason, directory } = command;
  const isManager = by.kind === 'person' && directory.people.get(from)?.manager === by.person;
  const isOwnPipeline = by.kind === 'pipeline' && by.pipeline === state.content.pipeline;
  if (!isManager && !isOwnPipeline) return refuse('not_allowed');
  if (by.kind === 'person' && by.person === excludedPerson(state.gate, state.content.requester))
    return refuse('own_request'); // choosing who decides is a way of deciding
  return handOver(state, command, { type: 'reassigned', at: now, by, from, to, reason });
}

/** Only a part that is `from`'s today can be given away: whoever has left the group has none any more. */
function handOver(
  state: Pending,
  { from, to, directory }: Of<'delegate'> | Of<'reassign'>,
  event: Extract<Event, { type: 'delegated' | 'reassigned' }>,
): Decision {
  if (!directory.people.has(to)) return refuse('unknown_person', [{ path: 'to', message: 'is not in the directory' }]);
  const notebook = new Notebook(state);
  for (const [index, stage] of state.stages.entries()) {
    if (stage.state !== 'open' && stage.state !== 'waiting') continue;
    const eligible = eligibleNow(state, stage, directory, event.at);
    if (eligible === null) return refuse('directory_unavailable');
    noteEligible(notebook, index, stage, eligible, event.at);
  }
  const refusal = whyNot(notebook.state, from, to);
  if (refusal !== null) return refuse(refusal);
  releaseUnmet(notebook.write(event), event.at);
  return notebook.accepted();
}

function whyNot(state: RequestState, from: PersonId, to: PersonId): Refusal | null {
  const rules = state.stages
    .filter((stage) => stage.state === 'open' || stage.state === 'waiting')
    .flatMap((stage) => stage.rules);
  if (!rules.some((rule) => rule.approvers.includes(from))) return 'not_an_approver';
  if (to === excludedPerson(state.gate, state.content.requester)) return 'own_request';
  if (rules.some((rule) => rule.approvers.includes(to) || rule.removed.includes(to))) return 'already_an_approver';
  const open = openStage(state)?.index;
  return state.votes.some((vote) => vote.person === from && vote.stage === open && vote.counts)
    ? 'already_voted'
    : null;
}

/** No reminders until then; one comes when the time is over. */
export function snooze(state: Pending, { person, until }: Of<'snooze'>, now: Instant): Decision {
  if (!missingApprovers(state).includes(person)) return refuse('not_an_approver');
  if (until <= now) return refuse('not_in_future', [{ path: 'until', message: 'must be in the future' }]);
  return new Notebook(state).write({ type: 'snoozed', at: now, person, until }).accepted();
}
