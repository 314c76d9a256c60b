/**
 * src/client/types.ts: a request as the server's JSON says it, and what a caller may ask.
 * Times are RFC 3339 in UTC. Fields marked optional are not promised by every server version.
 */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type RequestStatus = 'pending' | 'approved' | 'rejected' | 'cancelled';
export type FinalStatus = Exclude<RequestStatus, 'pending'>;
export type OutcomeCause = 'votes' | 'timeout' | 'auto' | 'bypass' | 'cancelled' | 'superseded' | 'orphaned';

export interface ApprovalRule {
  readonly approvers: readonly string[];
  readonly needed: number;
  readonly approvals: number;
  readonly rejections: number;
  readonly state: 'waiting' | 'open' | 'passed' | 'rejected';
  /** Those of the approvers who have not voted. */
  readonly missing?: readonly string[];
}

export interface ApprovalStage {
  readonly name: string;
  readonly state: 'waiting' | 'open' | 'passed' | 'skipped' | 'rejected';
  readonly rules: readonly ApprovalRule[];
}

export interface ApprovalVote {
  readonly person: string;
  readonly option: string;
  readonly via: string;
  readonly reason: string | null;
  readonly inputs: Readonly<Record<string, JsonValue>>;
  readonly at: string;
}

export interface ApprovalOutcome {
  readonly status: FinalStatus;
  readonly cause: OutcomeCause;
  readonly option: string | null;
  readonly inputs: Readonly<Record<string, JsonValue>>;
  readonly reason: string | null;
  readonly decidedBy: readonly string[];
  readonly decidedAt: string;
}

export interface DecisionOption {
  readonly id: string;
  readonly label: string;
  readonly outcome: 'approved' | 'rejected';
  readonly style?: 'primary' | 'danger' | null;
}

/** A question that is asked with the decision. */
export interface FormField {
  readonly id: string;
  readonly type: 'text' | 'email' | 'url' | 'number' | 'select' | 'multiselect' | 'date' | 'checkbox';
  readonly label: string;
  readonly help?: string | null;
  readonly required?: boolean;
  /** CEL; the server decides whether the field applies. */
  readonly when?: string | null;
  readonly options?: readonly string[];
  readonly min?: number | null;
  readonly max?: number | null;
  readonly pattern?: string | null;
}

export interface StandingPause {
  /** What was paused: this request alone, or its gate, its pipeline or everything. */
  readonly scope: 'request' | 'gate' | 'pipeline' | 'everything';
  readonly by:
    | { readonly kind: 'person'; readonly person: string }
    | { readonly kind: 'pipeline'; readonly pipeline: string };
  readonly reason: string | null;
  readonly at: string;
  /** `run`: the deadline and the target time run on. */
  readonly clocks: 'stop' | 'run';
}

export interface TakenEscalation {
  /** The stage's name. */
  readonly stage: string | null;
  readonly people: readonly string[];
  readonly mode: 'add' | 'replace';
  /** Which step of the gate's chain, from 1; null where it is none. */
  readonly step: { readonly number: number; readonly of: number } | null;
  /** `sla`: it came with the missed target time. */
  readonly cause: 'sla' | null;
  readonly at: string;
}

/** A request, pending or decided. `outcome` is there exactly when `status` is not `pending`. */
export interface ApprovalRequest {
  readonly id: string;
  readonly gate: string;
  readonly status: RequestStatus;
  readonly version: number;
  readonly title: string;
  readonly requester: string | null;
  readonly context: JsonValue;
  readonly openedAt: string;
  /** null: it never expires. */
  readonly expiresAt: string | null;
  readonly paused: boolean;
  /** All that stand, the longest standing first. */
  readonly pauses?: readonly StandingPause[];
  /** Who was asked as well, or instead, because nobody had decided. */
  readonly escalations?: readonly TakenEscalation[];
  readonly stages: readonly ApprovalStage[];
  readonly votes: readonly ApprovalVote[];
  readonly outcome: ApprovalOutcome | null;
  /** Decided by votes, and taking effect when the freeze ends. */
  readonly heldUntil?: string | null;
  readonly links: { readonly self: string; readonly gate?: string; readonly web?: string; readonly receipt?: string };
  readonly pipeline?: string;
  readonly description?: string | null;
  readonly fields?: readonly { readonly label: string; readonly value: string }[];
  readonly artifacts?: readonly { readonly name: string; readonly url: string; readonly digest?: string | null }[];
  readonly subject?: { readonly name: string; readonly digest?: string | null; readonly url?: string | null } | null;
  readonly digest?: string;
  readonly options?: readonly DecisionOption[];
  readonly form?: readonly FormField[];
  /** Option ids, `approve` / `reject` for every option with that outcome, and `bypass`. */
  readonly requireReason?: readonly string[];
  /** What silence does: `reject`, `approve` or an option's id. */
  readonly onTimeout?: string;
}

/** A request that has been decided. */
export interface DecidedRequest extends ApprovalRequest {
  readonly status: FinalStatus;
  readonly outcome: ApprovalOutcome;
}

/** `"90s"`, `"30m"`, `"24h"`, `"7d"`, ISO 8601 (`"PT24H"`) or a number of seconds. */
export type DurationText = string | number;

/** What a pipeline may say when it opens a request. The later ones only where the gate's `overrides` allow them. */
export interface OpenRequest {
  readonly gate: string;
  readonly title?: string;
  /** Markdown. */
  readonly description?: string;
  /** A person's name in the directory, or their email address. */
  readonly requester?: string | { readonly email: string };
  readonly context?: JsonValue;
  readonly fields?: readonly { readonly label: string; readonly value: string }[];
  readonly artifacts?: readonly { readonly name: string; readonly url: string; readonly digest?: string }[];
  readonly subject?: { readonly name: string; readonly digest?: string; readonly url?: string };
  readonly callback?: { readonly url: string };
  /** A key: an older pending request of this pipeline with the same key is cancelled. */
  readonly supersedes?: string;
  /** The request is orphaned when the pipeline stops beating for this long. */
  readonly heartbeat?: DurationText;
  readonly approvers?: readonly string[];
  readonly quorum?: number | string;
  readonly stages?: readonly JsonValue[];
  readonly timeout?: DurationText;
  readonly onTimeout?: string;
  readonly form?: readonly JsonValue[];
  readonly options?: readonly JsonValue[];
  readonly notify?: readonly string[];
}

export interface CastVote {
  readonly person: string;
  /** `approve`, `reject`, or one of the gate's own option ids. */
  readonly option: string;
  readonly reason?: string;
  /** Replaces the vote that the person has cast; else a different second vote is refused. */
  readonly change?: boolean;
  readonly inputs?: Readonly<Record<string, JsonValue>>;
}

export interface ListFilter {
  readonly status?: RequestStatus;
  readonly gate?: string;
  /** Pending requests that ask this person now. */
  readonly approver?: string;
  readonly q?: string;
  readonly cursor?: string;
  readonly limit?: number;
}

export interface RequestPage {
  readonly requests: readonly ApprovalRequest[];
  /** Names the next page; null at the end. */
  readonly cursor: string | null;
}

/** Who the token belongs to, and what it may do besides opening requests. */
export interface Identity {
  readonly pipeline: string;
  readonly gates: readonly string[];
  readonly may: readonly string[];
}

/** One entry of a request's live trail. */
export interface TrailEvent {
  readonly id: string | null;
  readonly type: string;
  readonly data: JsonValue;
}

/** One outgoing message of a pipeline's requests: a surface, a notice, a callback or an action. */
export interface OutgoingDelivery {
  readonly id: string;
  readonly request: string;
  readonly kind: string;
  readonly channel: string;
  readonly target: string;
  readonly state: 'queued' | 'sending' | 'sent' | 'failed' | 'dead';
  readonly attempts: number;
  readonly createdAt: string;
  readonly dueAt: string;
  readonly lastError: string | null;
}

export interface DeliveryFilter {
  readonly state?: OutgoingDelivery['state'];
  /** A request's id. */
  readonly request?: string;
  readonly limit?: number;
}

/** An RFC 9457 problem. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** Somebody who did something: a person, or a pipeline. */
export type ActorName =
  | {
      readonly kind: 'person';
      readonly person: string;
      readonly via: string;
      readonly pipeline: string | null;
    }
  | { readonly kind: 'pipeline'; readonly pipeline: string };

/** What is to be paused. */
export type PauseTarget = { readonly gate: string } | { readonly pipeline: string } | { readonly everything: true };

export interface PauseOptions {
  readonly reason?: string;
  /** What deadlines and target times do meanwhile; by default what the server's config says. */
  readonly clocks?: 'stop' | 'run';
}

/** A pause of a gate, a pipeline or everything. */
export interface HousePause {
  readonly id: string;
  readonly scope: 'gate' | 'pipeline' | 'everything';
  readonly gate: string | null;
  readonly pipeline: string | null;
  readonly by: ActorName;
  readonly reason: string | null;
  readonly clocks: 'stop' | 'run';
  readonly at: string;
  /** null: it is in force. */
  readonly ended: { readonly by: ActorName; readonly reason: string | null; readonly at: string } | null;
  /** How far its requests show it; decisions heed it at once. null: all of them do. */
  readonly progress: {
    readonly phase: 'pausing' | 'resuming';
    readonly done: number;
    /** null: too many to count. */
    readonly left: number | null;
  } | null;
}

/** What pausing or resuming came to. */
export interface OrderedPause extends HousePause {
  /** Its pending requests; null: too many to count. */
  readonly affected: number | null;
}
