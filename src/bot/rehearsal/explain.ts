/**
 * src/bot/rehearsal/explain.ts: why somebody may decide a request, or not. The engine is asked what it would say to
 * their vote while each stage is open, and to a bypass; there are no rules of its own here.
 */
import type { SimulatedExplanation, SimulatedRule, SimulatedStage } from '../../adapters/simulation.ts';
import { eligibleNow } from '../../engine/commands/eligibility.ts';
import { decide } from '../../engine/decide.ts';
import type { Instant, PersonId } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import { evolve } from '../../engine/evolve.ts';
import { needed } from '../../engine/quorum.ts';
import { type Refusal, words } from '../../engine/refusal.ts';
import type { Pending, RequestState } from '../../engine/request.ts';
import { openStage } from '../../engine/timers.ts';
import { personIn } from './stages.ts';

/** A vote that is refused for one of these could be cast: something is still to be filled in. */
const INCOMPLETE: ReadonlySet<Refusal> = new Set<Refusal>(['reason_required', 'invalid_inputs', 'unknown_option']);

/**
 * @param opened as it is just after the opening; null: it does not open
 * @param stages as they were explained for everybody
 */
export function explanationOf(
  id: PersonId,
  opened: RequestState | null,
  stages: readonly SimulatedStage[],
  directory: Directory,
  now: Instant,
): SimulatedExplanation {
  const person = personIn(directory)(id);
  const base = { person, stages: [], bypass: 'There is nothing to bypass.' };
  if (!directory.people.has(id)) return { ...base, sentence: `${id} is not in the directory, so they may do nothing.` };
  if (opened === null) return { ...base, sentence: 'The request does not open, so nobody may vote.' };
  if (opened.status !== 'pending') return { ...base, sentence: 'It is decided as it opens, so nobody votes.' };
  const explained = stages.flatMap((stage, index) =>
    stage.applies ? [stageFor(id, index, stage, opened, directory, now)] : [],
  );
  const may = explained.filter(({ mayVote }) => mayVote).map(({ name }) => name);
  const where = stages.length > 1 ? ` in ${may.join(' and ')}` : '';
  return {
    person,
    sentence: may.length > 0 ? `${person.name} may vote${where}.` : `${person.name} may not vote on this.`,
    stages: explained,
    bypass: bypassFor(id, opened, directory, now),
  };
}

function stageFor(
  id: PersonId,
  index: number,
  stage: SimulatedStage,
  opened: Pending,
  directory: Directory,
  now: Instant,
): SimulatedExplanation['stages'][number] {
  const rules = stage.rules.map((rule) => ruleFor(id, rule));
  const state = withStageOpen(opened, index, directory, now);
  const refusal = state === null ? 'directory_unavailable' : refusalOfVote(id, state, directory, now);
  const mayVote = refusal === null || INCOMPLETE.has(refusal);
  const sentence = mayVote ? 'may vote while this stage is open' : `would be told: ${words[refusal]}`;
  return { name: stage.name, mayVote, sentence, rules };
}

function ruleFor(id: PersonId, rule: SimulatedRule): SimulatedExplanation['stages'][number]['rules'][number] {
  const approver = rule.approvers.find(({ person }) => person.id === id);
  if (approver !== undefined) {
    const { through, standsFor } = approver;
    const until = standsFor?.until ?? null;
    const instead =
      standsFor === null ? '' : `, standing in for ${standsFor.name}${until === null ? '' : ` until ${until}`}`;
    return { isIn: true, sentence: `is asked through ${through.join(' and ')}${instead}` };
  }
  const left = rule.leftOut.find(({ person }) => person.id === id);
  if (left !== undefined) return { isIn: false, sentence: `is named, but ${left.why}` };
  return { isIn: false, sentence: `is not among ${rule.refs.join(', ')}` };
}

/** The same request with the stage open, as if those before it had passed. */
function withStageOpen(opened: Pending, index: number, directory: Directory, now: Instant): Pending | null {
  let state: RequestState = opened;
  for (let at = openStage(state)?.index ?? index; at < index; at++)
    if (state.stages[at]?.state !== 'skipped') state = evolve(state, { type: 'stagePassed', at: now, stage: at });
  const stage = state.stages[index];
  if (stage?.state === 'waiting') {
    const eligible = eligibleNow(state, stage, directory, now);
    if (eligible === null) return null;
    const rules = eligible.map(({ people: approvers, standsFor }, i) => {
      const quorum = opened.gate.stages[index]?.rules[i]?.quorum ?? { kind: 'all' as const };
      return { refs: stage.rules[i]?.refs ?? [], needed: needed(quorum, approvers.length), approvers, standsFor };
    });
    state = evolve(state, { type: 'stageOpened', at: now, stage: index, rules });
  }
  return state.status === 'pending' ? state : null;
}

function refusalOfVote(person: PersonId, state: Pending, directory: Directory, now: Instant): Refusal | null {
  const option = state.gate.options.find(({ outcome }) => outcome === 'approved')?.id ?? '';
  const decision = decide(
    state,
    {
      type: 'vote',
      person,
      option,
      reason: null,
      inputs: {},
      via: 'web',
      pipeline: null,
      assurance: 'high',
      replaces: null,
      directory,
    },
    now,
  );
  return decision.kind === 'refused' ? decision.refusal : null;
}

function bypassFor(person: PersonId, state: Pending, directory: Directory, now: Instant): string {
  const command = { type: 'bypass', person, reason: 'as rehearsed', via: 'web', assurance: 'high', directory } as const;
  const decision = decide(state, command, now);
  if (decision.kind === 'accepted') return 'may bypass it, with a reason; it is announced and reviewed afterwards';
  return `may not bypass it: ${words[decision.refusal]}`;
}
