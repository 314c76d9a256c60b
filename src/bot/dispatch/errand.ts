/**
 * src/bot/dispatch/errand.ts: what one attempt at a delivery does: load the newest state, make what is to be sent, send
 * it. Throws what the sender throws; when to try again is not decided here.
 */
import type { HttpClient } from '../../adapters/callback/client.ts';
import { sendAction, sendCallback } from '../../adapters/callback/send.ts';
import {
  type Channel,
  type MessageRef,
  type Outgoing,
  RefusedError,
  UnavailableError,
} from '../../adapters/channel.ts';
import type { HttpActionDefinition, Instant, Json } from '../../engine/definition.ts';
import type { Closed, RequestId, RequestState } from '../../engine/request.ts';
import type { RequestView, Viewer } from '../../engine/view.ts';
import type { Delivery, Store } from '../../store/port.ts';
import { ActionPayload, CallbackPayload, NoticePayload, readPayload, readReceipt, SurfacePayload } from './payload.ts';
import { whyDropped } from './stale.ts';

export interface Render {
  present(state: RequestState, viewer: Viewer): RequestView;
  /** Absolute address of the request's web page. */
  link(request: RequestId): string;
}

/** What the outgoing HTTP calls are made of. */
export interface Callbacks {
  readonly client: HttpClient;
  /** This service's public address: the `ce-source` of its callbacks. */
  readonly source: string;
  /** The signing secrets of a pipeline, newest first; asked at each attempt. */
  secrets(pipeline: string): readonly string[];
  /** The callback's JSON text. */
  body(state: Closed): string;
  /** The gate's action for this outcome with its templates filled in. RefusedError where that fails for good. */
  action(state: Closed, index: number): HttpActionDefinition;
}

export interface Senders {
  readonly store: Pick<Store, 'load' | 'deliveries'>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly callbacks: Callbacks;
  readonly render: Render;
}

/** A request's surfaces that are looked through for the one in a channel; there are no more of them than approvers and channels. */
const MOST_SURFACES = 1_000;

export interface Attempt {
  readonly now: Instant;
  readonly signal: AbortSignal;
  /** An earlier attempt may have got through without being written down: look before posting. */
  readonly mayHaveBegun: boolean;
}

export interface Sent {
  readonly receipt: Json;
  readonly shownVersion: number | null;
}

export async function run(delivery: Delivery, senders: Senders, attempt: Attempt): Promise<Sent> {
  const state = await senders.store.load(delivery.request);
  if (state === null) throw new RefusedError('the request is gone');
  switch (delivery.kind) {
    case 'surface':
      return showSurface(delivery, state, senders, attempt);
    case 'notice':
      return sendNotice(delivery, state, senders, attempt);
    case 'callback':
      return tellPipeline(delivery, closed(state), senders.callbacks, attempt);
    case 'action':
      return callAction(delivery, closed(state), senders.callbacks, attempt);
  }
}

async function showSurface(delivery: Delivery, state: RequestState, senders: Senders, attempt: Attempt): Promise<Sent> {
  const { to, viewer } = readPayload(SurfacePayload, delivery);
  const shown = readReceipt(delivery);
  const shownVersion = state.version;
  if (shown !== null && delivery.shownVersion === shownVersion) return { receipt: shown, shownVersion };
  const channel = channelOf(delivery, senders);
  const message = compose(delivery, to, viewer, state, senders.render, null, attempt);
  const earlier = shown ?? (attempt.mayHaveBegun ? await channel.find(message) : null);
  attempt.signal.throwIfAborted();
  const receipt = earlier === null ? await channel.post(message) : await channel.update(message, earlier);
  return { receipt, shownVersion };
}

async function sendNotice(delivery: Delivery, state: RequestState, senders: Senders, attempt: Attempt): Promise<Sent> {
  const { to, viewer, notice } = readPayload(NoticePayload, delivery);
  const dropped = await whyDropped(delivery, state, senders.store);
  if (dropped !== null) return { receipt: { dropped }, shownVersion: null };
  const channel = channelOf(delivery, senders);
  const thread = notice.kind === 'history' ? await surfaceAt(to, delivery, senders) : null;
  const message = compose(delivery, to, viewer, state, senders.render, thread, attempt);
  const earlier = attempt.mayHaveBegun ? await channel.find(message) : null;
  attempt.signal.throwIfAborted();
  return { receipt: earlier ?? (await channel.notify(message, notice)), shownVersion: null };
}

/** The request's message to everybody at this address, under which its history stands. */
async function surfaceAt(to: Outgoing['to'], { request, channel }: Delivery, { store }: Senders): Promise<MessageRef> {
  const surfaces = await store.deliveries({ request, kind: 'surface', limit: MOST_SURFACES });
  const surface = surfaces.find((other) => {
    const at = other.channel === channel ? SurfacePayload.safeParse(other.payload).data : undefined;
    return at?.viewer === null && at.to.kind === to.kind && at.to.id === to.id;
  });
  if (surface === undefined) throw new RefusedError('there is no message here that this belongs under');
  const ref = readReceipt(surface);
  if (ref !== null) return ref;
  if (surface.state === 'dead') throw new RefusedError('the message that this belongs under was given up');
  throw new UnavailableError('the message that this belongs under is not there yet');
}

async function tellPipeline(
  delivery: Delivery,
  state: Closed,
  callbacks: Callbacks,
  { now, signal }: Attempt,
): Promise<Sent> {
  const { url, type, pipeline } = readPayload(CallbackPayload, delivery);
  const { status } = await sendCallback({
    url,
    id: delivery.id,
    secrets: callbacks.secrets(pipeline),
    body: callbacks.body(state),
    source: callbacks.source,
    type,
    subject: delivery.request,
    at: state.outcome.decidedAt,
    now,
    signal,
    client: callbacks.client,
  });
  return { receipt: { status }, shownVersion: null };
}

async function callAction(
  delivery: Delivery,
  state: Closed,
  callbacks: Callbacks,
  { now, signal }: Attempt,
): Promise<Sent> {
  const { index } = readPayload(ActionPayload, delivery);
  const call = callbacks.action(state, index);
  const { status } = await sendAction({ id: delivery.id, call, now, signal, client: callbacks.client });
  return { receipt: { status }, shownVersion: null };
}

function compose(
  { id, request }: Delivery,
  to: Outgoing['to'],
  viewer: string | null,
  state: RequestState,
  render: Render,
  thread: MessageRef | null,
  { signal }: Attempt,
): Outgoing {
  const view = render.present(state, viewer === null ? { kind: 'everyone' } : { kind: 'person', person: viewer });
  return { key: id, to, view, link: render.link(request), thread, signal };
}

function channelOf(delivery: Delivery, { channels }: Senders): Channel {
  const channel = channels.get(delivery.channel);
  if (channel === undefined) throw new RefusedError(`the channel ${delivery.channel} is not set up`);
  return channel;
}

function closed(state: RequestState): Closed {
  if (state.status === 'pending') throw new RefusedError('the request has no outcome');
  return state;
}
