/** src/engine/commands/eligibility.ts: who may vote at this moment, and the note of what that changes. */
import type { Instant } from '../definition.ts';
import type { Directory } from '../directory.ts';
import type { Notebook } from '../notebook.ts';
import { type CurrentApprovers, currentApprovers, tally } from '../quorum.ts';
import type { RequestState, StageState } from '../request.ts';
import { openStage } from '../timers.ts';

/** Per rule of a stage, who may vote on it now; null when a source of people is unavailable. */
export function eligibleNow(
  state: RequestState,
  stage: StageState,
  directory: Directory,
  now: Instant,
): readonly CurrentApprovers[] | null {
  const rules: CurrentApprovers[] = [];
  for (const rule of stage.rules) {
    const current = currentApprovers(state, rule, directory, now);
    if (current === null) return null;
    rules.push(current);
  }
  return rules;
}

/** Writes down who may vote now where it changed, and whose vote no longer counts. */
export function noteEligible(
  notebook: Notebook,
  index: number,
  stage: StageState,
  eligible: readonly CurrentApprovers[],
  at: Instant,
): void {
  for (const [rule, { people: approvers, standsFor }] of eligible.entries()) {
    if (sameMembers(stage.rules[rule]?.approvers ?? [], approvers)) continue;
    notebook.write({ type: 'approversChanged', at, stage: index, rule, approvers, standsFor });
  }
  const people = new Set(eligible.flatMap((rule) => rule.people));
  for (const { person, stage: cast, counts } of notebook.state.votes)
    if (cast === index && counts && !people.has(person))
      notebook.write({ type: 'voteDiscounted', at, person, stage: index });
}

/** An approval that is held, and that the votes no longer carry, is held no more. */
export function releaseUnmet(notebook: Notebook, at: Instant): void {
  const state = notebook.pending;
  const open = openStage(notebook.state);
  if (state?.held?.cause !== 'votes') return;
  if (open !== null && tally(state.gate, open.stage, state.votes, open.index).passed) return;
  notebook.write({ type: 'released', at });
}

const sameMembers = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item) => b.includes(item));
