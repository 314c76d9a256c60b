/** src/engine/commands/vote.ts: a person decides, decides differently, or takes it back. */
import type { Instant, OptionDefinition, PersonId } from '../definition.ts';
import type { Directory } from '../directory.ts';
import { checkInputs, fieldsFor } from '../form.ts';
import { Notebook, type Of, refuse } from '../notebook.ts';
import { approversBefore, needed, tally } from '../quorum.ts';
import type { Decision, Pending, ResolvedRule, StageState, Vote } from '../request.ts';
import { isPastDeadline, openStage } from '../timers.ts';
import { chosenOption, close } from './closing.ts';
import { eligibleNow, noteEligible, releaseUnmet } from './eligibility.ts';

export function vote(state: Pending, command: Of<'vote'>, now: Instant): Decision {
  const { person, directory } = command;
  if (!directory.people.has(person))
    return refuse('unknown_person', [{ path: 'person', message: 'is not in the directory' }]);
  if (state.paused !== null) return refuse('paused');
  if (state.gate.selfApproval !== 'allow' && person === state.content.requester) return refuse('own_request');
  const open = openStage(state);
  if (open === null) return refuse('not_an_approver');
  const eligible = eligibleNow(state, open.stage, directory, now);
  if (eligible === null) return refuse('directory_unavailable');
  const standing = state.votes.find((v) => v.person === person && v.stage === open.index && v.counts);
  if (isReplay(state, open.stage, command))
    return hasVotedBefore(state, person, command.option) ? new Notebook(state).accepted() : refuse('stale_vote');
  if (!eligible.some((rule) => rule.people.includes(person))) {
    return refuse(standing === undefined && hasVotedBefore(state, person) ? 'already_voted' : 'not_an_approver');
  }
  if (state.gate.distinct === 'request' && approversBefore(state.votes, open.index).has(person))
    return refuse('another_person_needed');
  if (state.gate.assurance === 'high' && command.assurance !== 'high') return refuse('assurance_needed');
  const option = state.gate.options.find(({ id }) => id === command.option);
  if (option === undefined) {
    const known = state.gate.options.map(({ id }) => id).join(', ');
    return refuse('unknown_option', [{ path: 'option', message: `must be one of ${known}` }]);
  }
  if (option.outcome === 'approved' && isPastDeadline(state, now)) return refuse('past_deadline'); // held: a no still counts
  const unreplaceable = checkReplacing(standing, command);
  if (unreplaceable !== null) return unreplaceable;
  if (standing !== undefined && command.replaces === null) return new Notebook(state).accepted(); // people click twice

  const reason = command.reason?.trim() || null;
  if (reason === null && needsReason(state, option))
    return refuse('reason_required', [{ path: 'reason', message: 'is required for this decision' }]);
  const checked = checkInputs(fieldsFor(state.gate, option.id, state.content), command.inputs);
  if (!checked.ok) return refuse('invalid_inputs', checked.errors);

  const notebook = new Notebook(state);
  noteEligible(notebook, open.index, open.stage, eligible, now);
  const standsFor = eligible.find((rule) => rule.people.includes(person))?.standsFor ?? {};
  const onBehalfOf = Object.hasOwn(standsFor, person) ? (standsFor[person] ?? null) : null;
  const facts = {
    person,
    stage: open.index,
    option: option.id,
    outcome: option.outcome,
    reason,
    inputs: checked.inputs,
    via: command.via,
    pipeline: command.pipeline,
    onBehalfOf,
  };
  if (standing === undefined) notebook.write({ type: 'voted', at: now, vote: facts });
  else notebook.write({ type: 'voteChanged', at: now, vote: facts, from: standing.option });
  return settle(notebook, directory, now);
}

/** Why the standing vote can't be touched. The same vote again is old news; a different one has to say that it replaces. */
function checkReplacing(standing: Vote | undefined, { option, replaces }: Of<'vote'>): Decision | null {
  if (replaces === null) return standing === undefined || standing.option === option ? null : refuse('already_voted');
  if (standing === undefined) return refuse('no_vote');
  return replaces === 'current' || replaces === standing.seq ? null : refuse('stale_vote');
}

const hasVotedBefore = (state: Pending, person: PersonId, option?: string): boolean =>
  state.votes.some((v) => v.person === person && v.counts && (option === undefined || v.option === option));

/** A first vote that was shown before its stage opened, or before the person's last vote went, was not meant for now. */
function isReplay(state: Pending, stage: StageState, { person, shown, replaces }: Of<'vote'>): boolean {
  if (shown === undefined || replaces !== null) return false;
  const withdrawn = Object.hasOwn(state.withdrawals, person) ? (state.withdrawals[person] ?? 0) : 0;
  return shown < (stage.openedSeq ?? 0) || shown < withdrawn;
}

/** `requireReason` names options, or all options with an outcome as `approve` / `reject`. */
export function needsReason(state: Pick<Pending, 'gate'>, option: OptionDefinition): boolean {
  const verdict = option.outcome === 'approved' ? 'approve' : 'reject';
  return state.gate.requireReason.includes(option.id) || state.gate.requireReason.includes(verdict);
}

/** What the votes of the open stage lead to now. */
function settle(notebook: Notebook, directory: Directory, now: Instant): Decision {
  const open = openStage(notebook.state);
  const state = notebook.pending;
  if (open === null || state === null) return notebook.accepted();
  const counted = tally(state.gate, open.stage, state.votes, open.index);
  const rejections = state.votes.filter((v) => v.stage === open.index && v.counts && v.outcome === 'rejected');
  const isRejected =
    state.gate.rejection === 'veto' ? rejections.length > 0 : rejections.length > 0 && counted.impossible;
  if (isRejected) {
    close(notebook, { status: 'rejected', cause: 'votes', option: chosenOption(state, rejections, 'rejected') }, now);
    return notebook.accepted();
  }
  if (!counted.passed) {
    releaseUnmet(notebook, now);
    return notebook.accepted();
  }
  const next = state.stages.findIndex((stage) => stage.state === 'waiting');
  if (next === -1) {
    close(notebook, { status: 'approved', cause: 'votes', option: chosenOption(state, state.votes, 'approved') }, now);
    return notebook.accepted();
  }
  const rules = openingRules(state, next, directory, now);
  if (rules === null) return refuse('directory_unavailable');
  notebook.write({ type: 'stagePassed', at: now, stage: open.index });
  notebook.write({ type: 'stageOpened', at: now, stage: next, rules });
  return notebook.accepted();
}

/** The rules of a stage whose turn has come, resolved anew: people may have left since the request opened. */
function openingRules(
  state: Pending,
  index: number,
  directory: Directory,
  now: Instant,
): readonly ResolvedRule[] | null {
  const stage = state.stages[index];
  const eligible = stage === undefined ? null : eligibleNow(state, stage, directory, now);
  if (stage === undefined || eligible === null) return null;
  const rules: ResolvedRule[] = [];
  for (const [i, { people: approvers, standsFor }] of eligible.entries()) {
    const { refs } = stage.rules[i] ?? {};
    const quorum = state.gate.stages[index]?.rules[i]?.quorum;
    if (refs === undefined || quorum === undefined) return null;
    rules.push({ refs, needed: needed(quorum, approvers.length), approvers, standsFor });
  }
  return rules;
}

export function withdrawVote(state: Pending, command: Of<'withdrawVote'>, now: Instant): Decision {
  if (state.paused !== null) return refuse('paused');
  const open = openStage(state);
  const standing = state.votes.find((v) => v.person === command.person && v.stage === open?.index && v.counts);
  if (open === null || standing === undefined) return refuse('no_vote');
  if (command.replaces !== 'current' && command.replaces !== standing.seq) return refuse('stale_vote');
  const notebook = new Notebook(state);
  notebook.write({ type: 'voteWithdrawn', at: now, person: command.person, stage: open.index, via: command.via });
  releaseUnmet(notebook, now);
  return notebook.accepted();
}
