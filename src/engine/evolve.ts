/**
 * src/engine/evolve.ts: what an event makes of a request. It never refuses: history has happened. Folding a request's
 * events gives its state, so the audit log is the state.
 */
import type { PersonId } from './definition.ts';
import { addPause, endPause } from './pauses.ts';
import type {
  Escalation,
  Event,
  Pause,
  Pending,
  RequestState,
  ResolvedRule,
  RuleState,
  StageState,
  Undelivered,
  Vote,
  VoteFacts,
} from './request.ts';

/** The state that a request's events lead to. The first is `opened`, else it throws: such a log is broken. */
export function fold(events: readonly Event[]): RequestState {
  let state: RequestState | null = null;
  for (const event of events) state = evolve(state, event);
  if (state === null) throw new Error('a request has at least one event');
  return state;
}

export function evolve(state: RequestState | null, event: Event): RequestState {
  if (state === null) return opened(event);
  const version = state.version + 1;
  if (state.status !== 'pending') {
    if (event.type === 'undelivered') return { ...state, version, undelivered: [...state.undelivered, failed(event)] };
    if (event.type !== 'bypassReviewed') throw new Error(`nothing but a review follows the end, not ${event.type}`);
    const { person: by, note, at } = event;
    return { ...state, version, afterReview: { by, note, at } };
  }
  return change({ ...state, version }, event);
}

function opened(event: Event): RequestState {
  if (event.type !== 'opened') throw new Error(`a request begins with opened, not ${event.type}`);
  const { content, gate, expiresAt, at, pauses = [] } = event;
  // A pause that is older than the request stops it from its opening on.
  const [paused = null, ...alsoPaused] = pauses.map((pause) => ({ ...pause, at: Math.max(pause.at, at) }));
  const first = event.stages.findIndex((stage) => !stage.skipped);
  return {
    status: 'pending',
    content,
    gate,
    version: 1,
    openedAt: at,
    expiresAt,
    stages: event.stages.map(({ name, skipped, rules }, i) => ({
      name,
      state: skipped ? 'skipped' : i === first ? 'open' : 'waiting',
      openedAt: i === first ? at : null,
      openedSeq: i === first ? 1 : null,
      clockFrom: i === first ? at : null,
      remindersSent: 0,
      escalationsDone: 0,
      rules: rules.map((rule) => freshRule(rule, i === first ? 'open' : 'waiting')),
    })),
    votes: [],
    withdrawals: {},
    comments: [],
    information: [],
    escalations: [],
    undelivered: [],
    paused,
    ...(alsoPaused.length > 0 && { alsoPaused }),
    held: null,
    snoozed: {},
    slaFrom: at,
    slaWarned: false,
    slaBreached: false,
    lastBeatAt: content.heartbeatMs === null ? null : at,
  };
}

const freshRule = (rule: ResolvedRule, state: RuleState['state']): RuleState => ({
  refs: rule.refs,
  needed: rule.needed,
  approvers: rule.approvers,
  added: [],
  removed: [],
  kept: null,
  standsFor: rule.standsFor,
  state,
});

/** `state` has the event's version already. */
function change(state: Pending, event: Event): RequestState {
  const { at } = event;
  switch (event.type) {
    case 'opened':
      throw new Error('a request opens once');
    case 'expressionFailed':
      return state;
    case 'stageOpened':
      return onStage(state, event.stage, (stage) => ({
        ...stage,
        state: 'open',
        openedAt: at,
        openedSeq: state.version,
        clockFrom: at,
        rules: stage.rules.map((rule, i) => ({ ...rule, ...event.rules[i], state: 'open' })),
      }));
    case 'stagePassed':
      return onStage(state, event.stage, (stage) => ended(stage, 'passed'));
    case 'approversChanged':
      return onStage(state, event.stage, (stage) => ({
        ...stage,
        rules: stage.rules.map((rule, i) =>
          i === event.rule ? { ...rule, approvers: event.approvers, standsFor: event.standsFor } : rule,
        ),
      }));
    case 'voted':
    case 'voteChanged':
      return { ...state, votes: [...without(state.votes, event.vote), recorded(event.vote, at, state.version)] };
    case 'voteWithdrawn':
      return {
        ...state,
        votes: without(state.votes, event),
        withdrawals: { ...state.withdrawals, [event.person]: state.version },
      };
    case 'voteDiscounted':
      return {
        ...state,
        votes: state.votes.map((vote) =>
          vote.person === event.person && vote.stage === event.stage ? { ...vote, counts: false } : vote,
        ),
        withdrawals: { ...state.withdrawals, [event.person]: state.version },
      };
    case 'commented':
      return { ...state, comments: [...state.comments, { by: event.by, text: event.text, at }] };
    case 'informationRequested':
      return {
        ...state,
        information: [...state.information, { by: event.by, question: event.question, at, answer: null }],
      };
    case 'informationReturned': {
      const answer = { by: event.by, text: event.answer, at };
      return {
        ...state,
        information: state.information.map((asked) => (asked.answer === null ? { ...asked, answer } : asked)),
      };
    }
    case 'snoozed':
      return { ...state, snoozed: { ...state.snoozed, [event.person]: event.until } };
    case 'paused':
      return addPause(state, pauseFrom(event));
    case 'resumed':
      return endPause(state, event.scope, at);
    case 'nudged':
      return { ...state, nudgedAt: at };
    case 'delegated':
    case 'reassigned':
      return handOver(state, event.from, event.to);
    case 'reminded': {
      const snoozed = Object.fromEntries(Object.entries(state.snoozed).filter(([, until]) => until > at));
      return onStage({ ...state, snoozed }, event.stage, (stage) => ({ ...stage, remindersSent: event.count }));
    }
    case 'escalated':
      return escalated(state, event);
    case 'slaWarned':
      return { ...state, slaWarned: true };
    case 'slaBreached':
      return { ...state, slaBreached: true };
    case 'beat':
      return { ...state, lastBeatAt: at };
    case 'held':
      return { ...state, held: { until: event.until, option: event.option, cause: event.cause } };
    case 'released':
      return { ...state, held: null };
    case 'closed': {
      const { paused, alsoPaused, held, snoozed, slaFrom, lastBeatAt, nudgedAt, ...rest } = state;
      const { outcome } = event;
      const isRejectedByVotes = outcome.status === 'rejected' && outcome.cause === 'votes';
      return {
        ...rest,
        status: outcome.status,
        outcome,
        stages: isRejectedByVotes
          ? state.stages.map((stage) => (stage.state === 'open' ? ended(stage, 'rejected') : stage))
          : state.stages,
        afterReview: outcome.cause === 'bypass' ? 'due' : null,
      };
    }
    case 'undelivered':
      return { ...state, undelivered: [...state.undelivered, failed(event)] };
    case 'bypassReviewed':
      throw new Error('a review follows a bypass');
  }
}

const pauseFrom = ({ by, reason, at, scope, clocks }: Extract<Event, { type: 'paused' }>): Pause => ({
  by,
  reason,
  at,
  ...(scope && { scope }),
  ...(clocks && { clocks }),
});

const failed = ({ kind, channel, error, unheard, at }: Extract<Event, { type: 'undelivered' }>): Undelivered => ({
  kind,
  channel,
  error,
  ...(unheard && { unheard }),
  at,
});

const ended = (stage: StageState, state: 'passed' | 'rejected'): StageState => ({
  ...stage,
  state,
  rules: stage.rules.map((rule) => ({ ...rule, state })),
});

const onStage = (state: Pending, index: number, next: (stage: StageState) => StageState): Pending => ({
  ...state,
  stages: state.stages.map((stage, i) => (i === index ? next(stage) : stage)),
});

const without = (votes: readonly Vote[], of: Pick<Vote, 'person' | 'stage'>): readonly Vote[] =>
  votes.filter((vote) => vote.person !== of.person || vote.stage !== of.stage);

const recorded = (facts: VoteFacts, at: number, seq: number): Vote => ({ ...facts, at, seq, counts: true });

/** `to` takes over `from`'s part in every rule that is not over. Whoever `from` stood for does not get it back. */
function handOver(state: Pending, from: PersonId, to: PersonId): Pending {
  const take = (rule: RuleState): RuleState =>
    rule.approvers.includes(from)
      ? {
          ...rule,
          approvers: rule.approvers.map((person) => (person === from ? to : person)),
          added: [...rule.added.filter((person) => person !== from), to],
          removed: [...new Set([...rule.removed, from, ...stoodFor(rule, from)])],
          standsFor: { ...rule.standsFor, [to]: from },
        }
      : rule;
  return {
    ...state,
    stages: state.stages.map((stage) =>
      stage.state === 'open' || stage.state === 'waiting' ? { ...stage, rules: stage.rules.map(take) } : stage,
    ),
  };
}

function stoodFor(rule: RuleState, person: PersonId): readonly PersonId[] {
  const absent = Object.hasOwn(rule.standsFor, person) ? rule.standsFor[person] : undefined;
  return absent === undefined ? [] : [absent];
}

/** Replacing keeps those whose vote counts, as long as the references still mean them. */
function escalated(state: Pending, event: Extract<Event, { type: 'escalated' }>): Pending {
  const { people, mode, step, cause } = event;
  const voted = new Set(
    state.votes.filter((vote) => vote.stage === event.stage && vote.counts).map((vote) => vote.person),
  );
  const widen = (rule: RuleState): RuleState => {
    const kept = mode === 'replace' ? rule.approvers.filter((person) => voted.has(person)) : rule.approvers;
    const fresh = people.filter((person) => !kept.includes(person));
    return {
      ...rule,
      approvers: [...kept, ...fresh],
      added: [...rule.added.filter((person) => kept.includes(person)), ...fresh],
      kept: mode === 'replace' ? kept : rule.kept,
      standsFor:
        event.standsFor === undefined ? rule.standsFor : { ...rule.standsFor, ...only(fresh, event.standsFor) },
    };
  };
  return {
    ...onStage(state, event.stage, (stage) => ({
      ...stage,
      escalationsDone: step === null ? stage.escalationsDone : step + 1,
      rules: people.length === 0 ? stage.rules : stage.rules.map(widen),
    })),
    ...(cause === 'sla' && { slaEscalated: true }),
    escalations: people.length === 0 ? state.escalations : [...state.escalations, escalationFrom(event)],
  };
}

const escalationFrom = ({
  stage,
  step,
  steps,
  cause,
  people,
  mode,
  at,
}: Extract<Event, { type: 'escalated' }>): Escalation => ({
  stage,
  ...(step !== null && steps !== undefined && { step: { number: step + 1, of: steps } }),
  ...(cause && { cause }),
  people,
  mode,
  at,
});

const only = (
  people: readonly PersonId[],
  standsFor: Readonly<Record<PersonId, PersonId>>,
): Readonly<Record<PersonId, PersonId>> =>
  Object.fromEntries(Object.entries(standsFor).filter(([person]) => people.includes(person)));
