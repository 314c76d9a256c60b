/**
 * src/store/port.ts: what the bot asks of a store. SQLite and PostgreSQL stand behind it alike.
 *
 * The store runs the pure `decide` callbacks itself, inside its transaction and on the newest state, so no caller ever
 * holds a stale version: commands that arrive in the same turn of the event loop share one durable transaction (group
 * commit) and each promise settles only after it. A callback may run again when the database asks for a retry, so it
 * has no side effects.
 */
import type { GateDefinition, Instant, Json, PersonId } from '../engine/definition.ts';
import type { Event, RequestId, RequestState, Status } from '../engine/request.ts';

/** What a command changes: nothing (a refusal, or old news), or a next state with the events that led to it. */
export type Change<Answer> =
  | { readonly kind: 'none'; readonly answer: Answer }
  | { readonly kind: 'write'; readonly answer: Answer; readonly write: Write };

export interface Write {
  /** At least one. */
  readonly events: readonly Event[];
  readonly state: RequestState;
  /** When the tick has to look at it next; null: never. */
  readonly dueAt: Instant | null;
  /** Who is asked right now: approvers of the open stage who have not voted. Empty once closed. */
  readonly asked: readonly PersonId[];
  readonly deliveries: readonly NewDelivery[];
  /** Bring the surfaces of the request up to date: those delivered before and those still queued. */
  readonly refreshSurfaces: boolean;
}

export interface OpenWork<Answer> {
  readonly id: RequestId;
  readonly at: Instant;
  /** The content as JSON, where the caller has made it already (for its digest). */
  readonly contentText?: string;
  /** The same key and body give the same request; another body is a conflict. Kept as long as the request. */
  readonly idempotency: { readonly pipeline: string; readonly key: string; readonly bodyDigest: string } | null;
  readonly decide: () => Change<Answer>;
  /** Run on each older pending request of the pipeline with this key, in the same transaction, if `decide` wrote. */
  readonly supersedes: {
    readonly pipeline: string;
    readonly key: string;
    readonly decide: (older: RequestState) => Change<unknown>;
  } | null;
}

/** What an idempotency key that is taken gives: its request, or for another body nothing. */
export type Replay = { readonly kind: 'replayed'; readonly state: RequestState } | { readonly kind: 'conflict' };

export type Opened<Answer> = { readonly kind: 'decided'; readonly answer: Answer } | Replay;

export type DeliveryKind = 'surface' | 'notice' | 'callback' | 'action';
/** `sending`: claimed. `failed`: waits for its next attempt. `dead`: given up, until somebody requeues it. */
export type DeliveryState = 'queued' | 'sending' | 'sent' | 'failed' | 'dead';

export interface NewDelivery {
  /** `dlv_` and a time-ordered id, stable over retries: a callback's `webhook-id`. */
  readonly id: string;
  readonly request: RequestId;
  readonly kind: DeliveryKind;
  /** `slack`, `teams`, `email`, `callback`, `http`. */
  readonly channel: string;
  /** Deliveries to one target go one after another, in order: `slack:C0RELEASES`, `callback:https://ci.acme.dev`. */
  readonly target: string;
  /** What the sender needs to know. No secrets. */
  readonly payload: Json;
  readonly dueAt: Instant;
}

export interface Delivery extends NewDelivery {
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly createdAt: Instant;
  /** Surfaces: the request's version that was last shown, null before the first post. */
  readonly shownVersion: number | null;
  /** What the platform answered (channel and ts, status, …), null before the first success. */
  readonly receipt: Json | null;
  /** Short, free of secrets. */
  readonly lastError: string | null;
  /** The claim's fence: a settlement with another one is ignored. */
  readonly fence: number;
}

export type Settlement =
  | { readonly kind: 'sent'; readonly receipt: Json; readonly shownVersion: number | null }
  | { readonly kind: 'retry'; readonly at: Instant; readonly error: string }
  | { readonly kind: 'dead'; readonly error: string };

export interface RequestFilter {
  readonly status?: Status;
  readonly gate?: string;
  readonly pipeline?: string;
  /** Pending requests that ask this person now. */
  readonly approver?: PersonId;
  readonly requester?: PersonId;
  /** Substring of the title, without regard to ASCII case. */
  readonly q?: string;
  /** Newest first, after this id. */
  readonly after?: RequestId;
  /** 1 to 200. */
  readonly limit: number;
}

export interface DeliveryFilter {
  readonly id?: string;
  readonly kind?: DeliveryKind;
  readonly state?: DeliveryState;
  readonly request?: RequestId;
  /** Deliveries of this pipeline's requests. */
  readonly pipeline?: string;
  readonly limit: number;
}

export interface StoredEvent {
  /** Position in the whole log, from 1. */
  readonly position: number;
  readonly request: RequestId;
  /** Position in the request's own chain, from 1. */
  readonly version: number;
  readonly type: Event['type'];
  readonly at: Instant;
  /** The exact JSON text that the hash covers. */
  readonly data: string;
  /** Hex SHA-256 over the previous event's hash of the same request and this event. */
  readonly hash: string;
}

/** A signed statement about the whole log up to `size` events: finds even a cut tail or a restored backup. */
export interface Checkpoint {
  readonly size: number;
  /** Hex SHA-256 over the previous checkpoint's head and the hashes since. */
  readonly head: string;
  readonly at: Instant;
  readonly signature: string;
}

export interface Verification {
  readonly events: number;
  readonly checkpoints: number;
  readonly head: string;
  /** Empty when the log is whole. The first bad event of each request, then checkpoints, then snapshots. */
  readonly faults: readonly { readonly where: string; readonly fault: string }[];
}

export interface StoreStats {
  readonly pending: number;
  readonly oldestPendingAt: Instant | null;
  readonly deliveries: Readonly<Record<DeliveryState, number>>;
  readonly nextDueAt: Instant | null;
}

export interface Committed {
  readonly state: RequestState;
  readonly events: readonly Event[];
}

export interface Store {
  /** The time that decides deadlines, where it is not the process's own: that of the database all replicas share. */
  readonly clock?: () => Instant;
  open<Answer>(work: OpenWork<Answer>): Promise<Opened<Answer>>;
  /** What `open` would answer for a key that is taken, whatever has become of its gate; null: it is free. Changes nothing. */
  replayed(idempotency: NonNullable<OpenWork<never>['idempotency']>): Promise<Replay | null>;
  /** null: there is no such request. */
  change<Answer>(id: RequestId, decide: (state: RequestState) => Change<Answer>): Promise<Answer | null>;
  load(id: RequestId): Promise<RequestState | null>;
  list(filter: RequestFilter): Promise<{ readonly requests: readonly RequestState[]; readonly next: RequestId | null }>;
  /** How many of a gate or a pipeline are pending; null: more than 100,000 are in all, too many to count by the way. */
  countPending(filter: Pick<RequestFilter, 'gate' | 'pipeline'>): Promise<number | null>;
  /** A request's events after `version`, oldest first. */
  events(id: RequestId, afterVersion?: number): Promise<readonly StoredEvent[]>;
  /** The whole log in order, after `position`, at most `limit` (1,000 by default): for export. */
  log(afterPosition: number, limit?: number): Promise<readonly StoredEvent[]>;
  /** The gate definition that an `opened` event's data names as `gate: "sha256:…"`; null: there is none. */
  definition(digest: string): Promise<GateDefinition | null>;
  /** Ids of pending requests whose `dueAt` has come, longest overdue first. */
  due(now: Instant, limit: number): Promise<readonly RequestId[]>;
  /** The earliest `dueAt` of all; null: nothing will happen by itself. Costs one look at an index. */
  nextDueAt(): Promise<Instant | null>;

  /** Claims queued deliveries that are due, at most one per target and none for targets that have one under way. */
  claim(now: Instant, limit: number): Promise<readonly Delivery[]>;
  /** Ends a claim. A surface that fell behind meanwhile is queued again by the store. */
  settle(delivery: Pick<Delivery, 'id' | 'fence'>, settlement: Settlement): Promise<void>;
  /** Newest first. */
  deliveries(filter: DeliveryFilter): Promise<readonly Delivery[]>;
  /** Puts a dead or failed delivery back into the queue, due now. false: there is none such. */
  requeue(id: string, now: Instant): Promise<boolean>;
  /** When the next queued delivery is due; null: none is queued. */
  nextDeliveryAt(): Promise<Instant | null>;

  /**
   * Called after each durable commit of this process, once per changed request, in order. The function returned stops it.
   * @param elsewhere of which requests the commits of other replicas are to be heard, too: for those who wait for one.
   *   News that came close together may be told as one.
   */
  subscribe(listener: (committed: Committed) => void, elsewhere?: (id: RequestId) => boolean): () => void;
  /** Writes a checkpoint of everything so far; null when nothing is new. */
  checkpoint(now: Instant): Promise<Checkpoint | null>;
  checkpoints(): Promise<readonly Checkpoint[]>;
  /** Recomputes the chains and the checkpoints, and folds the events against the snapshots. `since` is one kept elsewhere. */
  verify(options: {
    readonly since?: Checkpoint;
    readonly fold: (events: readonly Event[]) => RequestState;
  }): Promise<Verification>;
  stats(): Promise<StoreStats>;
  /** A small text that is kept from one start to the next (where a conversation is, what is paused), by name; null: there is none. */
  recall(name: string): Promise<string | null>;
  /**
   * All of them whose names begin with `prefix` (byte by byte: no letter is a wildcard), by name.
   * Not those whose time is over, and at most 10,000: whoever keeps more reads the first of them only.
   */
  recallAll(prefix: string): Promise<readonly { readonly name: string; readonly value: string }[]>;
  /**
   * Keeps it, or with null forgets it. Durable when it resolves.
   * @param until when it may be forgotten by itself; null: it stays
   */
  remember(name: string, value: string | null, until: Instant | null): Promise<void>;
  /** Resolves if the store can commit, else throws StoreUnavailableError. */
  probe(): Promise<void>;
  /** Waits for what is under way, then lets go of the file or the pool. */
  close(): Promise<void>;
}

export interface UnavailableOptions extends ErrorOptions {
  readonly reason?: string;
  readonly isOutcomeUnknown?: boolean;
}

/** The store can't commit now (full, read-only, busy, gone): nothing was changed, a retry is safe, except where said. */
export class StoreUnavailableError extends Error {
  /** What is wrong, for anybody who asks: a sentence without addresses, names, or what the database said. */
  readonly reason: string;
  /** The connection broke after the commit was sent: it may have been kept all the same. */
  readonly isOutcomeUnknown: boolean;

  constructor(message: string, { reason, isOutcomeUnknown = false, ...options }: UnavailableOptions = {}) {
    super(message, options);
    this.name = 'StoreUnavailableError';
    this.reason = reason ?? 'The store can’t commit.';
    this.isOutcomeUnknown = isOutcomeUnknown;
  }
}

/** The database answers, but can't hold what this service promises to keep. */
export class UnsuitableDatabaseError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnsuitableDatabaseError';
  }
}

/** Signs and checks checkpoints; the key is the bot's. */
export interface CheckpointSigner {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
}
