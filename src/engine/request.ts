/**
 * src/engine/request.ts: the words of a request: its state, what can be asked of it (commands), and what happened to
 * it (events). Types only; the rules are in decide.ts and evolve.ts.
 */
import type { ApproverRef, GateDefinition, Instant, Json, PersonId, Verdict } from './definition.ts';
import type { Directory } from './directory.ts';
import type { Refusal } from './refusal.ts';

/** `req_` and a time-ordered id. */
export type RequestId = string;
export type Via = 'slack' | 'teams' | 'email' | 'web' | 'api' | 'cli';
export type Status = 'pending' | 'approved' | 'rejected' | 'cancelled';
export type Cause = 'votes' | 'timeout' | 'auto' | 'bypass' | 'cancelled' | 'superseded' | 'orphaned';

export type Actor =
  | { readonly kind: 'person'; readonly person: PersonId; readonly via: Via; readonly pipeline: string | null }
  | { readonly kind: 'pipeline'; readonly pipeline: string };

/** What was asked. It never changes after opening: what is approved is what was shown. */
export interface Content {
  readonly id: RequestId;
  readonly pipeline: string;
  readonly title: string;
  /** Markdown. */
  readonly description: string | null;
  /** As the pipeline asserts it. */
  readonly requester: PersonId | null;
  readonly context: Json;
  readonly fields: readonly { readonly label: string; readonly value: string }[];
  readonly artifacts: readonly { readonly name: string; readonly url: string; readonly digest: string | null }[];
  readonly subject: { readonly name: string; readonly digest: string | null; readonly url: string | null } | null;
  readonly callback: { readonly url: string } | null;
  readonly supersedes: string | null;
  readonly heartbeatMs: number | null;
  /** `sha256:…` over all of the above and the gate's definition: what a receipt vouches for. */
  readonly digest: string;
}

export type InputValue = string | number | boolean | readonly string[];
export type Inputs = Readonly<Record<string, InputValue>>;

export interface Vote {
  readonly person: PersonId;
  /** Index of the stage it was cast in. */
  readonly stage: number;
  readonly option: string;
  readonly outcome: Verdict;
  readonly reason: string | null;
  readonly inputs: Inputs;
  readonly via: Via;
  /** The pipeline that cast it through the API for the person. */
  readonly pipeline: string | null;
  readonly onBehalfOf: PersonId | null;
  readonly at: Instant;
  /** The request's version that recorded it; a change of vote names it, so that an old click can't undo a newer one. */
  readonly seq: number;
  /** false once the person lost the right to it before the quorum completed. */
  readonly counts: boolean;
}

export interface RuleState {
  readonly refs: readonly ApproverRef[];
  readonly needed: number;
  /** Everybody who may vote on this rule, as last resolved. */
  readonly approvers: readonly PersonId[];
  /** Came by escalation, delegation or reassignment, and stays whatever the references say. */
  readonly added: readonly PersonId[];
  /** Gave their part away, or were replaced. */
  readonly removed: readonly PersonId[];
  /** After an escalation that replaces: whom of the references it left in, since they had voted. null: everybody. */
  readonly kept: readonly PersonId[] | null;
  /** Who stands in for whom: delegate → the person asked first. */
  readonly standsFor: Readonly<Record<PersonId, PersonId>>;
  readonly state: 'waiting' | 'open' | 'passed' | 'rejected';
}

export interface StageState {
  readonly name: string;
  readonly state: 'waiting' | 'open' | 'passed' | 'skipped' | 'rejected';
  readonly openedAt: Instant | null;
  /** The request's version that opened it: a vote cast on an older picture was meant for another stage. */
  readonly openedSeq: number | null;
  /** Where this stage's reminders and escalations count from: `openedAt`, moved by pauses. */
  readonly clockFrom: Instant | null;
  readonly remindersSent: number;
  readonly escalationsDone: number;
  readonly rules: readonly RuleState[];
}

export interface Outcome {
  readonly status: Exclude<Status, 'pending'>;
  readonly cause: Cause;
  readonly option: string | null;
  readonly inputs: Inputs;
  readonly reason: string | null;
  readonly decidedBy: readonly PersonId[];
  readonly decidedAt: Instant;
}

export interface Comment {
  readonly by: Actor;
  readonly text: string;
  readonly at: Instant;
}

export interface InformationRequest {
  readonly by: PersonId;
  readonly question: string;
  readonly at: Instant;
  readonly answer: { readonly by: Actor; readonly text: string; readonly at: Instant } | null;
}

/** A pause of a gate, a pipeline or everything, which stops requests along with it. `id` is that of the house's pause. */
export interface PauseScope {
  readonly kind: 'gate' | 'pipeline' | 'everything';
  readonly id: string;
}

/**
 * A request that is paused takes no votes, and nobody is reminded or escalated to. Its deadline and its target time stand
 * still as well, unless the pause lets them run.
 */
export interface Pause {
  readonly by: Actor;
  readonly reason: string | null;
  readonly at: Instant;
  /** Left out: of this request alone. */
  readonly scope?: PauseScope;
  /** The deadline and the target time run on: the request may expire in its pause. Left out: they stand too. */
  readonly clocks?: 'run';
}

/** One escalation step as it went, for every surface to show. */
export interface Escalation {
  readonly stage: number;
  /** Which step of the gate's it was (from 1), of how many; left out by versions that did not write it down. */
  readonly step?: { readonly number: number; readonly of: number };
  /** It came with the missed target time, and is no step of the chain. */
  readonly cause?: 'sla';
  readonly people: readonly PersonId[];
  readonly mode: 'add' | 'replace';
  readonly at: Instant;
}

/** Something about this request that never reached where it was to go, for good. */
export interface Undelivered {
  readonly kind: 'surface' | 'notice' | 'callback' | 'action';
  /** `slack`, `teams`, `email`, `callback`, `http`. */
  readonly channel: string;
  readonly error: string;
  /** It was the last message that showed the request to anybody, and none of them got through. */
  readonly unheard?: true;
  readonly at: Instant;
}

interface RequestBase {
  readonly content: Content;
  readonly gate: GateDefinition;
  /** Number of events so far. */
  readonly version: number;
  readonly openedAt: Instant;
  readonly expiresAt: Instant | null;
  readonly stages: readonly StageState[];
  readonly votes: readonly Vote[];
  /** Person → the request's version in which they took a vote back or lost it: a click from before it is a replay. */
  readonly withdrawals: Readonly<Record<PersonId, number>>;
  readonly comments: readonly Comment[];
  readonly information: readonly InformationRequest[];
  readonly escalations: readonly Escalation[];
  readonly undelivered: readonly Undelivered[];
  readonly slaWarned: boolean;
  readonly slaBreached: boolean;
  /** Those whom the gate names for a missed target time have been asked. */
  readonly slaEscalated?: true;
}

export interface Pending extends RequestBase {
  readonly status: 'pending';
  /** The longest standing; the request is paused as long as there is one. */
  readonly paused: Pause | null;
  /** The others, in the order in which they came. Left out where there are none. */
  readonly alsoPaused?: readonly Pause[];
  /** Decided by votes, waiting for the freeze to end. */
  readonly held: {
    readonly until: Instant;
    readonly option: string | null;
    readonly cause: 'votes' | 'auto' | 'timeout';
  } | null;
  readonly snoozed: Readonly<Record<PersonId, Instant>>;
  /** Where the SLA counts from: `openedAt`, moved by pauses. */
  readonly slaFrom: Instant;
  readonly lastBeatAt: Instant | null;
  /** When the requester or the pipeline last asked those who are missing again. */
  readonly nudgedAt?: Instant;
}

export interface Closed extends RequestBase {
  readonly status: Exclude<Status, 'pending'>;
  readonly outcome: Outcome;
  /** Only after a bypass: somebody else must look at it afterwards. */
  readonly afterReview: { readonly by: PersonId; readonly note: string | null; readonly at: Instant } | 'due' | null;
}

/** Before it is opened there is no request. */
export type RequestState = Pending | Closed;

export type Command =
  | {
      readonly type: 'open';
      readonly content: Content;
      readonly gate: GateDefinition;
      readonly directory: Directory;
      /** Pauses of the house that are in force: the request opens paused. */
      readonly pauses?: readonly Pause[];
    }
  | {
      readonly type: 'vote';
      readonly person: PersonId;
      readonly option: string;
      readonly reason: string | null;
      readonly inputs: Readonly<Record<string, unknown>>;
      readonly via: Via;
      readonly pipeline: string | null;
      /** How sure we are that it is this person: `high` after a fresh sign-in. */
      readonly assurance: 'standard' | 'high';
      /** null: a first vote. Else the `seq` of the vote it replaces, or `current` for whatever stands. */
      readonly replaces: number | 'current' | null;
      /** The version that the person looked at, where the surface carries it: a vote meant for what is over is refused. */
      readonly shown?: number;
      readonly directory: Directory;
    }
  | {
      readonly type: 'withdrawVote';
      readonly person: PersonId;
      readonly via: Via;
      readonly replaces: number | 'current';
    }
  | { readonly type: 'comment'; readonly by: Actor; readonly text: string }
  | { readonly type: 'requestInformation'; readonly by: PersonId; readonly question: string }
  | { readonly type: 'returnInformation'; readonly by: Actor; readonly answer: string }
  | { readonly type: 'cancel'; readonly by: Actor; readonly reason: string | null }
  | { readonly type: 'supersede'; readonly by: RequestId }
  | { readonly type: 'snooze'; readonly person: PersonId; readonly until: Instant }
  /** With a scope the bot has made sure that they may. */
  | {
      readonly type: 'pause';
      readonly by: Actor;
      readonly reason: string | null;
      readonly scope?: PauseScope;
      readonly clocks?: 'run';
    }
  /** Takes away that pause alone; without a scope the request's own. */
  | { readonly type: 'resume'; readonly by: Actor; readonly scope?: PauseScope }
  /** The requester, or the request's pipeline, asks those who are missing again. */
  | { readonly type: 'nudge'; readonly by: Actor }
  /** Who is asked may have changed: somebody's absence began or ended, or a group has other members. */
  | { readonly type: 'resolveApprovers'; readonly directory: Directory }
  | {
      readonly type: 'delegate';
      readonly from: PersonId;
      readonly to: PersonId;
      readonly reason: string | null;
      readonly directory: Directory;
    }
  | {
      readonly type: 'reassign';
      readonly by: Actor;
      readonly from: PersonId;
      readonly to: PersonId;
      readonly reason: string | null;
      readonly directory: Directory;
    }
  | {
      readonly type: 'bypass';
      readonly person: PersonId;
      readonly reason: string | null;
      readonly via: Via;
      /** As with a vote; `standard` when left out. */
      readonly assurance?: 'standard' | 'high';
      readonly directory: Directory;
    }
  | {
      readonly type: 'reviewBypass';
      readonly person: PersonId;
      readonly note: string | null;
      readonly directory: Directory;
    }
  | {
      readonly type: 'reportUndelivered';
      readonly kind: Undelivered['kind'];
      readonly channel: string;
      readonly error: string;
      /** Whether nobody could be told of the request at all. */
      readonly unheard?: boolean;
    }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'tick'; readonly directory: Directory };

/** A stage as it was resolved when the request opened or when its turn came. */
export interface ResolvedRule {
  readonly refs: readonly ApproverRef[];
  readonly needed: number;
  readonly approvers: readonly PersonId[];
  readonly standsFor: Readonly<Record<PersonId, PersonId>>;
}

type At = { readonly at: Instant };

export type Event =
  | (At & {
      readonly type: 'opened';
      readonly content: Content;
      readonly gate: GateDefinition;
      readonly expiresAt: Instant | null;
      /** All stages; `skipped` where `when` is false. The first that applies is open from the start. */
      readonly stages: readonly {
        readonly name: string;
        readonly skipped: boolean;
        readonly rules: readonly ResolvedRule[];
      }[];
      /** In force when it opened. Left out where there are none. */
      readonly pauses?: readonly Pause[];
    })
  | (At & { readonly type: 'expressionFailed'; readonly where: string; readonly error: string })
  | (At & { readonly type: 'stageOpened'; readonly stage: number; readonly rules: readonly ResolvedRule[] })
  | (At & { readonly type: 'stagePassed'; readonly stage: number })
  | (At & {
      readonly type: 'approversChanged';
      readonly stage: number;
      readonly rule: number;
      readonly approvers: readonly PersonId[];
      readonly standsFor: Readonly<Record<PersonId, PersonId>>;
      /** Those of them who were not asked before. Left out where nobody is new. */
      readonly joined?: readonly PersonId[];
    })
  | (At & { readonly type: 'voted'; readonly vote: VoteFacts })
  | (At & { readonly type: 'voteChanged'; readonly vote: VoteFacts; readonly from: string })
  | (At & { readonly type: 'voteWithdrawn'; readonly person: PersonId; readonly stage: number; readonly via: Via })
  | (At & { readonly type: 'voteDiscounted'; readonly person: PersonId; readonly stage: number })
  | (At & { readonly type: 'commented'; readonly by: Actor; readonly text: string })
  | (At & { readonly type: 'informationRequested'; readonly by: PersonId; readonly question: string })
  | (At & { readonly type: 'informationReturned'; readonly by: Actor; readonly answer: string })
  | (At & { readonly type: 'snoozed'; readonly person: PersonId; readonly until: Instant })
  | (At & { readonly type: 'paused' } & Omit<Pause, 'at'>)
  | (At & { readonly type: 'resumed'; readonly by: Actor; readonly scope?: PauseScope })
  | (At & { readonly type: 'nudged'; readonly by: Actor; readonly people: readonly PersonId[] })
  | (At & {
      readonly type: 'delegated';
      readonly from: PersonId;
      readonly to: PersonId;
      readonly reason: string | null;
    })
  | (At & {
      readonly type: 'reassigned';
      readonly by: Actor;
      readonly from: PersonId;
      readonly to: PersonId;
      readonly reason: string | null;
    })
  | (At & {
      readonly type: 'reminded';
      readonly stage: number;
      /** How many steps of the schedule have passed; missed ones are counted, not sent. */
      readonly count: number;
      readonly people: readonly PersonId[];
    })
  | (At & {
      readonly type: 'escalated';
      readonly stage: number;
      /** Which step of the gate's, from 0; null for what came with the missed target time. */
      readonly step: number | null;
      /** How many steps the gate has. Left out by versions that did not write it down, and where there is no step. */
      readonly steps?: number;
      readonly cause?: 'sla';
      readonly mode: 'add' | 'replace';
      readonly refs: readonly ApproverRef[];
      /** Nobody, when the references resolve to nobody else who may vote. */
      readonly people: readonly PersonId[];
      /** Delegates among them → whom they stand in for. Left out where there are none. */
      readonly standsFor?: Readonly<Record<PersonId, PersonId>>;
    })
  | (At & { readonly type: 'slaWarned' })
  | (At & { readonly type: 'slaBreached' })
  | (At & { readonly type: 'beat' })
  | (At & {
      readonly type: 'held';
      readonly until: Instant;
      readonly option: string | null;
      readonly cause: 'votes' | 'auto' | 'timeout';
    })
  | (At & { readonly type: 'released' })
  | (At & { readonly type: 'closed'; readonly outcome: Outcome })
  | (At & {
      readonly type: 'undelivered';
      readonly kind: Undelivered['kind'];
      readonly channel: string;
      readonly error: string;
      readonly unheard?: true;
    })
  | (At & { readonly type: 'bypassReviewed'; readonly person: PersonId; readonly note: string | null });

/** What a vote event says; `at` and `seq` come from the event itself. */
export type VoteFacts = Omit<Vote, 'at' | 'seq' | 'counts'>;

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export type Decision =
  /** No events: old news, such as the same click twice. `state` is what the events lead to. */
  | { readonly kind: 'accepted'; readonly events: readonly Event[]; readonly state: RequestState }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly errors: readonly FieldError[] };
