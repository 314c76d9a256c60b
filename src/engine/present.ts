/**
 * src/engine/present.ts: the presenter. `view(state, viewer, directory)` says what there is to see and do; adapters
 * only draw it. It offers no action that the engine would refuse the viewer outright, but hiding is no check: the
 * engine decides again.
 */

import { missingApprovers, standingVote } from './asked.ts';
import type { Instant } from './definition.ts';
import type { Directory } from './directory.ts';
import { isDeadlineStopped } from './pauses.ts';
import { actionsFor, noticeFor } from './present-actions.ts';
import { actorName, approverView, askedFor, type NameOf, pausedSentence, standInName } from './present-people.ts';
import { tally } from './quorum.ts';
import type { Inputs, RequestState, Undelivered, Vote } from './request.ts';
import { openStage } from './timers.ts';
import type { OutcomeView, PersonView, RequestView, RuleView, StageView, Viewer, VoteView } from './view.ts';

/** @param now tells a stand-in until when the absent person is away; null leaves that out */
export function view(
  state: RequestState,
  viewer: Viewer,
  directory: Directory,
  now: Instant | null = null,
): RequestView {
  const { content, gate } = state;
  const name: NameOf = (id) => ({ id, name: directory.people.get(id)?.name ?? id });
  const votes = state.votes.map((vote) => voteView(vote, state, name));
  const standing = viewer.kind === 'person' ? standingVote(state, viewer.person) : null;
  const pending = state.status === 'pending' ? state : null;
  const asked =
    pending === null || viewer.kind === 'everyone' ? null : askedFor(pending, viewer.person, directory, now);
  return {
    id: content.id,
    version: state.version,
    gate: gate.name,
    title: content.title,
    status: state.status,
    description: content.description,
    requester: content.requester === null ? null : name(content.requester),
    pipeline: content.pipeline,
    facts: [...content.fields, ...plainValues(content.context)],
    subject: content.subject,
    artifacts: content.artifacts,
    digest: content.digest,
    openedAt: state.openedAt,
    expiresAt: state.expiresAt,
    stages: state.stages.map((_, i) => stageView(state, i, votes, name)),
    progress: progress(state, name),
    silence:
      pending === null || pending.held !== null
        ? null
        : { sentence: silence(state), at: isDeadlineStopped(pending) ? null : state.expiresAt },
    paused:
      pending === null || pending.paused === null
        ? null
        : { sentence: pausedSentence(pending, name), at: pending.paused.at },
    held:
      pending === null || pending.held === null
        ? null
        : {
            sentence: `Approved; it takes effect when the ${pending.paused === null ? 'freeze' : 'pause'} is over`,
            until: pending.held.until,
          },
    sla:
      gate.sla === null
        ? null
        : state.slaBreached
          ? 'breached'
          : state.slaWarned && pending !== null
            ? 'warned'
            : 'met',
    comments: state.comments.map(({ by, text, at }) => ({ by: actorName(by, name), text, at })),
    information: state.information.map(({ by, question, at, answer }) => ({
      by: name(by),
      question,
      at,
      answer: answer === null ? null : { ...answer, by: actorName(answer.by, name) },
    })),
    escalations: state.escalations.map(({ people, mode, at, step, cause }) => ({
      people: people.map(name),
      mode,
      at,
      ...(step && { step }),
      ...(cause && { cause }),
    })),
    undelivered: state.undelivered.map((lost) => ({ sentence: undeliveredSentence(lost), at: lost.at })),
    outcome: outcomeView(state, name),
    myVote: standing === null ? null : voteView(standing, state, name),
    actions: actionsFor(state, viewer, directory),
    ...(asked && { asked }),
    notice: noticeFor(state, viewer),
    mustReview: gate.assurance === 'high',
  };
}

function voteView(vote: Vote, state: RequestState, name: NameOf): VoteView {
  const { option, outcome, reason, via, pipeline, at, counts } = vote;
  return {
    person: name(vote.person),
    onBehalfOf: vote.onBehalfOf === null ? null : name(vote.onBehalfOf),
    option,
    optionLabel: optionLabel(state, option),
    outcome,
    reason,
    inputs: answers(state, vote.inputs),
    via,
    pipeline,
    at,
    counts,
  };
}

const optionLabel = (state: RequestState, option: string): string =>
  state.gate.options.find(({ id }) => id === option)?.label ?? option;

/** Answers under the labels they were asked with. */
function answers(state: RequestState, inputs: Inputs): readonly { readonly label: string; readonly value: string }[] {
  return Object.entries(inputs).map(([id, value]) => ({
    label: state.gate.form.find((field) => field.id === id)?.label ?? id,
    value:
      typeof value === 'boolean' ? (value ? 'Yes' : 'No') : Array.isArray(value) ? value.join(', ') : String(value),
  }));
}

function stageView(state: RequestState, index: number, votes: readonly VoteView[], name: NameOf): StageView {
  const stage = state.stages[index];
  if (stage === undefined) throw new RangeError(`there is no stage ${index}`);
  const counted = tally(state.gate, stage, state.votes, index);
  const voted = new Set(state.votes.filter((v) => v.stage === index && v.counts).map((v) => v.person));
  const rules = stage.rules.map(
    (rule, i): RuleView => ({
      needed: rule.needed,
      approvals: counted.approvals[i] ?? 0,
      rejections: counted.rejections[i] ?? 0,
      state: rule.state === 'open' && counted.met[i] === true ? 'passed' : rule.state,
      approvers: rule.approvers.map((person) => approverView(rule, person, name)),
      missing: rule.approvers.filter((person) => !voted.has(person)).map((person) => approverView(rule, person, name)),
    }),
  );
  return {
    name: stage.name,
    state: stage.state,
    rules,
    votes: votes.filter((_, i) => state.votes[i]?.stage === index),
  };
}

/** "1 of 2 approvals · waiting for Mia Chen" */
function progress(state: RequestState, name: NameOf): string {
  const open = openStage(state);
  if (state.status !== 'pending' || open === null) return '';
  const counted = tally(state.gate, open.stage, state.votes, open.index);
  const given = counted.approvals.reduce((sum, count, i) => sum + Math.min(count, open.stage.rules[i]?.needed ?? 0), 0);
  const wanted = open.stage.rules.reduce((sum, rule) => sum + rule.needed, 0);
  const missing = missingApprovers(state).map((person) => standInName(open.stage, person, name));
  const applying = state.stages.filter((stage) => stage.state !== 'skipped');
  const where =
    applying.length > 1 ? `Stage ${applying.indexOf(open.stage) + 1} of ${applying.length}, ${open.stage.name}: ` : '';
  return `${where}${given} of ${wanted} ${wanted === 1 ? 'approval' : 'approvals'}${waiting(missing)}`;
}

/** Names as many as a line can hold, and counts the rest. */
function waiting(names: readonly string[]): string {
  if (names.length === 0) return '';
  const rest = names.length - 5;
  const named = names.slice(0, rest > 0 ? 4 : 5);
  return ` · waiting for ${rest > 0 ? `${named.join(', ')} and ${names.length - 4} more` : listed(named)}`;
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

function silence(state: RequestState): string {
  if (state.expiresAt === null) return 'Stays open until somebody decides';
  const { onTimeout, options } = state.gate;
  const option = options.find(({ id }) => id === onTimeout);
  const verdict =
    (option?.outcome ?? (onTimeout === 'approve' ? 'approved' : 'rejected')) === 'approved' ? 'approved' : 'rejected';
  const isPlain = option === undefined || option.id === 'approve' || option.id === 'reject';
  return `Without a decision it is ${verdict} automatically${isPlain ? '' : ` (${option.label})`}`;
}

function outcomeView(state: RequestState, name: NameOf): OutcomeView | null {
  if (state.status === 'pending') return null;
  const { outcome, afterReview } = state;
  const decidedBy = outcome.decidedBy.map(name);
  const optionName = outcome.option === null ? null : optionLabel(state, outcome.option);
  return {
    status: outcome.status,
    cause: outcome.cause,
    sentence: outcomeSentence(state, decidedBy, optionName),
    optionLabel: optionName,
    decidedBy,
    reason: outcome.reason,
    inputs: answers(state, outcome.inputs),
    at: outcome.decidedAt,
    afterReview:
      afterReview === null || afterReview === 'due' ? afterReview : { ...afterReview, by: name(afterReview.by) },
  };
}

function outcomeSentence(state: RequestState, decidedBy: readonly PersonView[], option: string | null): string {
  if (state.status === 'pending') return '';
  const { status, cause } = state.outcome;
  const verdict = status === 'approved' ? 'Approved' : status === 'rejected' ? 'Rejected' : 'Cancelled';
  const names = decidedBy.map((person) => person.name);
  const who = names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const isCustom = option !== null && state.outcome.option !== 'approve' && state.outcome.option !== 'reject';
  const choice = isCustom ? ` (${option})` : '';
  switch (cause) {
    case 'votes':
      return `${verdict} by ${who}${choice}`;
    case 'timeout':
      return `${verdict} automatically: nobody decided in time${choice}`;
    case 'auto':
      return 'Approved automatically by the gate’s own rule';
    case 'bypass':
      return `Bypassed by ${who}: approved without the usual approvals`;
    case 'cancelled':
      return who === '' ? 'Cancelled by the pipeline' : `Cancelled by ${who}`;
    case 'superseded':
      return 'Cancelled: a newer request took its place';
    case 'orphaned':
      return 'Cancelled: the pipeline that asked is gone';
  }
}

function undeliveredSentence({ kind, channel, unheard }: Undelivered): string {
  if (unheard === true) return 'Nobody could be told of this request: no message that shows it got through';
  switch (kind) {
    case 'callback':
      return 'The pipeline could not be told the outcome by its callback';
    case 'action':
      return 'An action that the outcome triggers did not get through';
    case 'surface':
    case 'notice':
      return `A message through ${channel} did not get through`;
  }
}

/** The plain values of a context object, as facts; nested ones are on the page and in the API. */
function plainValues(context: unknown): readonly { readonly label: string; readonly value: string }[] {
  if (typeof context !== 'object' || context === null || Array.isArray(context)) return [];
  return Object.entries(context)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    .map(([label, value]) => ({ label, value: String(value) }));
}
