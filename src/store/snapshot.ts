/**
 * src/store/snapshot.ts: states and events as the texts they are stored as, and back. The store reads only what it
 * wrote itself, so texts are parsed into their types without being checked again; `verify` is what doubts them.
 */
import type { GateDefinition, PersonId } from '../engine/definition.ts';
import type { Closed, Content, Event, Pending, RequestState } from '../engine/request.ts';
import type { Checkpoint, Delivery, StoredEvent } from './port.ts';
import type { CheckpointRow, DeliveryRow, EventRow, RequestRow, SnapshotRow } from './schema.ts';

type Progress = Omit<Pending, 'content' | 'gate'> | Omit<Closed, 'content' | 'gate'>;

export function progressText(state: RequestState): string {
  const { content: _content, gate: _gate, ...progress } = state;
  return JSON.stringify(progress);
}

/** What a request's events lead to: the engine's. */
export type Fold = (events: readonly Event[]) => RequestState;

/** The progress of a request to which nothing has happened since it opened: its opening event says it all. */
export const AS_OPENED = '';

export function stateOf(row: Pick<SnapshotRow, 'opened' | 'progress'>, gate: GateDefinition, fold: Fold): RequestState {
  if (row.progress === AS_OPENED) return fold([eventOf({ data: row.opened }, gate)]);
  const { content }: { content: Content } = JSON.parse(row.opened);
  const progress: Progress = JSON.parse(row.progress);
  return { content, gate, ...progress };
}

export function askedOf(row: Pick<RequestRow, 'asked'>): readonly PersonId[] {
  return JSON.parse(row.asked);
}

/** The text of an event. `opened` names its gate by digest; its content is taken as text where that is known already. */
export function eventText(event: Event, digest: (gate: GateDefinition) => string, contentText?: string): string {
  if (event.type !== 'opened') return JSON.stringify(event);
  const { content, gate, ...rest } = event;
  const text = contentText ?? JSON.stringify(content);
  return `${JSON.stringify(rest).slice(0, -1)},"content":${text},"gate":"${digest(gate)}"}`;
}

/** Which definition an event's text names: only `opened` does. */
export function definitionNamedBy(row: Pick<EventRow, 'type' | 'data'>): string | null {
  if (row.type !== 'opened') return null;
  const { gate }: { gate: string } = JSON.parse(row.data);
  return gate;
}

/** The event as the engine wrote it; `gate` is put back into an `opened` one. */
export function eventOf(row: Pick<EventRow, 'data'>, gate: GateDefinition | null): Event {
  const event: Event = JSON.parse(row.data);
  return event.type === 'opened' && gate !== null ? { ...event, gate } : event;
}

export function storedEventOf(row: EventRow): StoredEvent {
  const { seq, request_id, version, type, at, data, hash } = row;
  return { position: seq, request: request_id, version, type, at, data, hash };
}

export function checkpointOf(row: CheckpointRow): Checkpoint {
  return { size: row.size, head: row.head, at: row.at, signature: row.signature };
}

/** `fence` is 0 for a delivery that nobody claimed. */
export function deliveryOf(row: DeliveryRow, fence: number): Delivery {
  return {
    id: row.id,
    request: row.request_id,
    kind: row.kind,
    channel: row.channel,
    target: row.target,
    payload: JSON.parse(row.payload),
    dueAt: row.due_at,
    state: fence === 0 ? row.state : 'sending',
    attempts: row.attempts,
    createdAt: row.created_at,
    shownVersion: row.shown_version,
    receipt: row.receipt === null ? null : JSON.parse(row.receipt),
    lastError: row.last_error,
    fence,
  };
}
