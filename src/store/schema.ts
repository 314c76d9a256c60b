/**
 * src/store/schema.ts: the tables, as kysely sees them. JSON is text everywhere, so that what a hash covers is what is
 * stored; instants are milliseconds since the Unix epoch.
 */
import type { Generated } from 'kysely';
import type { Event, Status } from '../engine/request.ts';
import type { DeliveryKind, DeliveryState } from './port.ts';

export interface RequestRow {
  id: string;
  pipeline: string;
  gate: string;
  status: Status;
  version: number;
  title: string;
  requester: string | null;
  supersedes_key: string | null;
  opened_at: number;
  /** Only while the request is pending. */
  due_at: number | null;
  /** `definitions.digest` of the gate that was pinned at opening. */
  definition: string;
  /** JSON list of persons: what the `asked` table holds for this request. */
  asked: string;
  /** Hash of the newest event: the next one chains to it. */
  hash: string;
  /** JSON of the state without content and gate, rewritten on each change. The content stands in the `opened` event. */
  progress: string;
}

/** A request's row with the text of its `opened` event: together they are its state. */
export interface SnapshotRow extends RequestRow {
  opened: string;
}

export interface EventRow {
  seq: number;
  request_id: string;
  version: number;
  type: Event['type'];
  at: number;
  /** JSON of the event; in `opened` the gate is given by its digest. */
  data: string;
  hash: string;
}

export interface DeliveryRow {
  /** The order in which deliveries were caused. */
  seq: number;
  id: string;
  request_id: string;
  kind: DeliveryKind;
  channel: string;
  target: string;
  payload: string;
  due_at: number;
  /** Never `sending`: who is sending is kept by the process that claimed it. `failed` waits for its next attempt. */
  state: Exclude<DeliveryState, 'sending'>;
  attempts: number;
  created_at: number;
  shown_version: number | null;
  receipt: string | null;
  last_error: string | null;
}

export interface CheckpointRow {
  size: number;
  head: string;
  at: number;
  signature: string;
}

/** One row: how many there are, kept by each commit, so that no statistic ever counts a table. */
export interface TallyRow {
  id: 1;
  pending: number;
  queued: number;
  failed: number;
  sent: number;
  dead: number;
}

/** Of what may be forgotten, so much is removed whenever something is kept. */
export const FORGOTTEN_AT_ONCE = 10;
/** Of what is kept, so much is recalled at once. */
export const KEPT_AT_ONCE = 10_000;

export interface Database {
  migrations: { version: number; name: string; applied_at: number };
  meta: { name: string; value: string };
  definitions: { digest: string; json: string };
  requests: RequestRow;
  events: EventRow;
  asked: { person: string; request_id: string };
  /** What channels and the house keep from one start to the next. */
  kept: { name: string; value: string; until: number | null };
  idempotency_keys: { pipeline: string; key: string; body_digest: string; request_id: string };
  deliveries: Omit<DeliveryRow, 'seq'> & { seq: Generated<number> };
  checkpoints: CheckpointRow;
  tallies: TallyRow;
}
