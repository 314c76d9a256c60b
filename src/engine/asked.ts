/** src/engine/asked.ts: who is asked right now, and what they have answered. */
import type { PersonId } from './definition.ts';
import { approversBefore, tally } from './quorum.ts';
import type { RequestState, Vote } from './request.ts';
import { openStage } from './timers.ts';

/** Those who are asked and have not answered, without those who may not answer any more. */
export function missingApprovers(state: RequestState): readonly PersonId[] {
  const open = openStage(state);
  if (state.status !== 'pending' || open === null) return [];
  // Asked for at each opening, where there is nothing to count yet.
  if (state.votes.length === 0) return [...new Set(open.stage.rules.flatMap((rule) => rule.approvers))];
  const { met } = tally(state.gate, open.stage, state.votes, open.index);
  const voted = new Set(state.votes.filter((v) => v.stage === open.index && v.counts).map((v) => v.person));
  const asked = open.stage.rules.flatMap((rule, i) => (met[i] === true ? [] : rule.approvers));
  const used = state.gate.distinct === 'request' ? approversBefore(state.votes, open.index) : new Set<PersonId>();
  return [...new Set(asked)].filter((person) => !voted.has(person) && !used.has(person));
}

/** The vote of a person that counts in the stage that is open. */
export function standingVote(state: RequestState, person: PersonId): Vote | null {
  const open = openStage(state)?.index ?? state.stages.length - 1;
  return state.votes.find((vote) => vote.person === person && vote.stage === open && vote.counts) ?? null;
}
