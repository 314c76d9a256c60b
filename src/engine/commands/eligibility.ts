/** src/engine/commands/eligibility.ts: who may vote at this moment, and the note of what that changes. */
import type { Instant, PersonId } from '../definition.ts';
import type { Directory } from '../directory.ts';
import { Notebook, type Of } from '../notebook.ts';
import { type CurrentApprovers, currentApprovers, tally } from '../quorum.ts';
import type { Decision, Pending, RequestState, RuleState, StageState } from '../request.ts';
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
    const before = stage.rules[rule];
    if (before === undefined || isSame(before, { people: approvers, standsFor })) continue;
    const joined = approvers.filter((person) => !before.approvers.includes(person));
    const facts = { stage: index, rule, approvers, standsFor, ...(joined.length > 0 && { joined }) };
    notebook.write({ type: 'approversChanged', at, ...facts });
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

/** Resolves the open stage anew. Where a source of people can't be asked, what was last known stays. */
export function refreshApprovers(notebook: Notebook, directory: Directory, now: Instant): void {
  const open = openStage(notebook.state);
  const eligible = open === null ? null : eligibleNow(notebook.state, open.stage, directory, now);
  if (open === null || eligible === null) return;
  noteEligible(notebook, open.index, open.stage, eligible, now);
  releaseUnmet(notebook, now);
}

export function resolveApprovers(state: Pending, { directory }: Of<'resolveApprovers'>, now: Instant): Decision {
  const notebook = new Notebook(state);
  refreshApprovers(notebook, directory, now);
  return notebook.accepted();
}

/** The same people, who stand in for the same others. */
function isSame({ approvers, standsFor }: RuleState, current: CurrentApprovers): boolean {
  return (
    approvers.length === current.people.length &&
    approvers.every((person) => current.people.includes(person)) &&
    approvers.every((person) => absentFor(standsFor, person) === absentFor(current.standsFor, person))
  );
}

const absentFor = (standsFor: CurrentApprovers['standsFor'], person: PersonId): PersonId | undefined =>
  Object.hasOwn(standsFor, person) ? standsFor[person] : undefined;
