/** src/bot/gate-tests/facts.ts: what is so after some moments of a play: who was asked in which stage, and what was sent to whom. */
import { RefusedError } from '../../adapters/channel.ts';
import { missingApprovers } from '../../engine/asked.ts';
import type { Instant, Json, PersonId } from '../../engine/definition.ts';
import type { RequestState } from '../../engine/request.ts';
import { openStage } from '../../engine/timers.ts';
import type { NewDelivery } from '../../store/port.ts';
import { renderAction } from '../actions.ts';
import { ActionPayload, CallbackPayload, NoticePayload, SurfacePayload } from '../dispatch/payload.ts';
import { isAsking, whyUseless } from '../dispatch/stale.ts';
import type { Routes } from '../outgoing.ts';
import type { Moment } from '../rehearsal/play.ts';

/** Messages of one kind that go out at one moment. */
export interface Telling {
  readonly at: Instant;
  /** `request`, or the notice's kind. */
  readonly kind: string;
  /** People, and channels by their names in the config. */
  readonly to: readonly string[];
}

export interface Call {
  /** `POST https://…`, or `callback https://…`. */
  readonly call: string;
  readonly body: Json;
}

/** Whoever was asked in each stage so far, by the stage's name: those who could answer, and those who did. */
export function askedIn(moments: readonly Moment[]): ReadonlyMap<string, readonly PersonId[]> {
  const asked = new Map<string, Set<PersonId>>();
  for (const { state } of moments) {
    if (state === null) continue;
    const stage = openStage(state)?.stage;
    if (stage !== undefined) add(asked, stage.name, missingApprovers(state));
    for (const vote of state.votes) add(asked, state.stages[vote.stage]?.name ?? '', [vote.person]);
  }
  return new Map([...asked].map(([stage, people]) => [stage, [...people]]));
}

function add(asked: Map<string, Set<PersonId>>, stage: string, people: readonly PersonId[]): void {
  const known = asked.get(stage) ?? new Set();
  for (const person of people) known.add(person);
  asked.set(stage, known);
}

/** Everything that was sent by `now`, in order of time. What quiet hours kept back is there if it was still of use then. */
export function tellingsOf(moments: readonly Moment[], routes: Routes, now: Instant): readonly Telling[] {
  const tellings = new Map<string, { at: Instant; kind: string; to: Set<string> }>();
  for (const delivery of sentBy(moments, now)) {
    const message = messageOf(delivery, routes);
    if (message === null) continue;
    const { dueAt: at } = delivery;
    const key = `${at} ${message.kind}`;
    const telling = tellings.get(key) ?? { at, kind: message.kind, to: new Set<string>() };
    telling.to.add(message.to);
    tellings.set(key, telling);
  }
  return [...tellings.values()].map((telling) => ({ ...telling, to: [...telling.to] })).sort((a, b) => a.at - b.at);
}

/** As the dispatcher does: of several notices that waited for the same morning the last is sent, if it is still of use. */
function sentBy(moments: readonly Moment[], now: Instant): readonly NewDelivery[] {
  const sent: NewDelivery[] = [];
  const waiting = new Map<string, NewDelivery>();
  for (const { at, deliveries } of moments)
    for (const delivery of deliveries) {
      if (delivery.dueAt > now) continue;
      const isKeptBack = delivery.kind === 'notice' && delivery.dueAt > at;
      if (isKeptBack && isAsking(NoticePayload.parse(delivery.payload)))
        waiting.set(`${delivery.target} ${delivery.dueAt}`, delivery);
      else sent.push(delivery);
    }
  for (const delivery of waiting.values()) {
    const state = moments.findLast(({ at }) => at <= delivery.dueAt)?.state ?? null;
    if (state !== null && whyUseless(NoticePayload.parse(delivery.payload), state) === null) sent.push(delivery);
  }
  return sent;
}

function messageOf(
  { kind, channel, payload }: NewDelivery,
  { channels }: Routes,
): { readonly kind: string; readonly to: string } | null {
  if (kind !== 'surface' && kind !== 'notice') return null;
  const notice = kind === 'notice' ? NoticePayload.parse(payload) : null;
  const { to, viewer } = notice ?? SurfacePayload.parse(payload);
  const named = [...channels].find(([, place]) => place.kind === channel && place.id === to.id)?.[0];
  return { kind: notice?.notice.kind ?? 'request', to: viewer ?? named ?? to.id };
}

/** The callback and the gate's actions, in the order in which they are queued. */
export function callsOf(moments: readonly Moment[]): readonly Call[] {
  return moments.flatMap(({ deliveries, state }) => deliveries.flatMap((delivery) => callOf(delivery, state) ?? []));
}

function callOf({ kind, payload }: NewDelivery, state: RequestState | null): Call | null {
  if (kind === 'callback') {
    const { url, type } = CallbackPayload.parse(payload);
    return { call: `callback ${url}`, body: { type } };
  }
  if (kind !== 'action' || state === null || state.status === 'pending') return null;
  try {
    const { method, url, body } = renderAction(state, ActionPayload.parse(payload).index);
    return { call: `${method} ${url}`, body };
  } catch (error) {
    if (error instanceof RefusedError) return { call: `none: ${error.message}`, body: null };
    throw error;
  }
}
