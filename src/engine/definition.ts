/**
 * src/engine/definition.ts: a gate as the engine reads it. The config loader turns countersign.yaml into this shape;
 * a copy is pinned into each request when it opens, so editing the config never changes a pending request.
 * Plain JSON throughout: durations are milliseconds, missing settings are null.
 */

/** Milliseconds since the Unix epoch, UTC. RFC 3339 at the doors. */
export type Instant = number;
/** A person's name in the directory (`ana`); never a platform's id or an address. */
export type PersonId = string;
/**
 * Who is meant: a person's or group's name, `manager-of:requester`, `manager-of:approvers`, `email:…`,
 * `slack:T…/U…` or `teams:tenant/object-id`.
 */
export type ApproverRef = string;
/** What a decision means for the pipeline. */
export type Verdict = 'approved' | 'rejected';
export type Quorum =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'majority' }
  | { readonly kind: 'all' };

export interface RuleDefinition {
  readonly approvers: readonly ApproverRef[];
  readonly quorum: Quorum;
}

export interface StageDefinition {
  readonly name: string;
  /** CEL over `context` and `request`; the stage is skipped only when it is exactly false. */
  readonly when: string | null;
  readonly rules: readonly RuleDefinition[];
}

export interface OptionDefinition {
  readonly id: string;
  readonly label: string;
  readonly outcome: Verdict;
  readonly style: 'primary' | 'danger' | null;
}

interface FieldBase {
  readonly id: string;
  readonly label: string;
  readonly help: string | null;
  readonly required: boolean;
  /** CEL over `option`, `context` and `request`; the field is left out only when it is exactly false. */
  readonly when: string | null;
}

/** `pattern` is RE2 syntax and must match the whole value. */
export type FieldDefinition =
  | (FieldBase & { readonly type: 'text'; readonly pattern: string | null; readonly multiline: boolean })
  | (FieldBase & { readonly type: 'email' | 'url'; readonly pattern: string | null })
  | (FieldBase & { readonly type: 'number'; readonly min: number | null; readonly max: number | null })
  | (FieldBase & { readonly type: 'select' | 'multiselect'; readonly options: readonly string[] })
  | (FieldBase & { readonly type: 'date' })
  | (FieldBase & { readonly type: 'checkbox' });

/** Working hours: on `days` (1 Monday … 7 Sunday), from and to in minutes since local midnight, `toMinute` exclusive. */
export interface OpenHours {
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

export interface CalendarDefinition {
  readonly name: string;
  /** An IANA time zone. */
  readonly timezone: string;
  readonly hours: readonly OpenHours[];
  /** Local dates (YYYY-MM-DD) that are closed all day. */
  readonly holidays: readonly string[];
}

export interface EscalationDefinition {
  /** Counted from the opening of the stage. */
  readonly afterMs: number;
  readonly to: readonly ApproverRef[];
  readonly mode: 'add' | 'replace';
}

/** An HTTP call that an outcome triggers. `url` and `body` are templates over context, request and outcome. */
export interface HttpActionDefinition {
  readonly action: 'http';
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json | null;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export const OVERRIDES = [
  'approvers',
  'quorum',
  'stages',
  'timeout',
  'onTimeout',
  'form',
  'options',
  'notify',
] as const;
export type Override = (typeof OVERRIDES)[number];

export interface GateDefinition {
  readonly name: string;
  /** Who looks after the gate: they may pause it, and hear when something is wrong with it. Left out where nobody is named. */
  readonly owners?: readonly ApproverRef[];
  /** Templates: text with `${CEL}` over `context` and `request`. */
  readonly title: string | null;
  readonly description: string | null;
  /** Names of channels that get a surface. */
  readonly notify: readonly string[];
  /** Names of channels that get a surface once one of the others is lost for good. Left out where there are none. */
  readonly fallback?: readonly string[];
  readonly autoApproveIf: string | null;
  readonly stages: readonly StageDefinition[];
  readonly rejection: 'veto' | 'threshold';
  /** `forbid`: a requester must be named; `forbidIfKnown`: the default; `allow`. */
  readonly selfApproval: 'forbid' | 'forbidIfKnown' | 'allow';
  readonly distinct: 'stage' | 'request' | 'off';
  readonly assurance: 'standard' | 'high';
  readonly freeze: { readonly calendar: CalendarDefinition; readonly outside: 'hold' } | null;
  /** Option ids, `approve` / `reject` for every option with that outcome, and `bypass`. */
  readonly requireReason: readonly string[];
  readonly options: readonly OptionDefinition[];
  readonly form: readonly FieldDefinition[];
  /** Counted from the opening of the stage. `everyMs: null` reminds once. */
  readonly remind: { readonly afterMs: number; readonly everyMs: number | null; readonly max: number } | null;
  readonly escalate: readonly EscalationDefinition[];
  /** Counted from the opening of the request, in the calendar's open hours when there is one. */
  readonly sla: {
    readonly targetMs: number;
    readonly warnAtMs: number | null;
    readonly calendar: CalendarDefinition | null;
    /** Who are asked as well once the target time is missed. Left out where nobody is named. */
    readonly escalateTo?: readonly ApproverRef[];
  } | null;
  /** null: never, which has to be written out. */
  readonly timeoutMs: number | null;
  /** `reject`, `approve` or an option's id. */
  readonly onTimeout: string;
  readonly bypass: { readonly by: readonly ApproverRef[] } | null;
  readonly actions: Readonly<Record<Verdict | 'cancelled', readonly HttpActionDefinition[]>>;
  readonly retentionMs: number | null;
  readonly overrides: readonly Override[];
}
