/** test/bot/dispatch-parts.ts: virtual time, and a dispatcher on a real store in memory with fakes around it. */

import { createHttpClient } from '../../src/adapters/callback/client.ts';
import type { Channel } from '../../src/adapters/channel.ts';
import type { Senders } from '../../src/bot/dispatch/errand.ts';
import type { Timers } from '../../src/bot/dispatch/timers.ts';
import { createDispatcher, type DispatcherParts } from '../../src/bot/dispatcher.ts';
import type { HttpActionDefinition } from '../../src/engine/definition.ts';
import type { Event, RequestState } from '../../src/engine/request.ts';
import type { RequestView } from '../../src/engine/view.ts';
import type { Delivery, NewDelivery, Store } from '../../src/store/port.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { delivery, fold, opening, recording, signer } from '../contract/requests.ts';
import { FakeChannel } from '../fake/channel.ts';
import type { Sink } from '../fake/sink.ts';

/** Lets promises and the store's commits come to rest; nothing of it waits for a clock. */
export async function rest(turns = 300): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
}

/** For what another part of this machine has to do first, such as a call over loopback. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

export class VirtualTime {
  now: number;
  private readonly alarms = new Set<{ readonly at: number; readonly run: () => void }>();
  readonly timers: Timers = {
    after: (delayMs, run) => {
      const alarm = { at: this.now + delayMs, run };
      this.alarms.add(alarm);
      return () => void this.alarms.delete(alarm);
    },
  };
  readonly clock = () => this.now;

  constructor(start: number) {
    this.now = start;
  }

  get nextAt(): number | null {
    return this.alarms.size === 0 ? null : Math.min(...Array.from(this.alarms, ({ at }) => at));
  }

  /** Rings what rings on the way, each at its time and with what it causes. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await rest();
    for (let next = this.nextAt; next !== null && next <= end; next = this.nextAt) {
      this.now = Math.max(this.now, next);
      for (const alarm of [...this.alarms]) if (alarm.at <= this.now && this.alarms.delete(alarm)) alarm.run();
      await rest();
    }
    this.now = end;
  }
}

const viewOf = ({ content, version, status, openedAt, expiresAt, gate }: RequestState): RequestView => ({
  id: content.id,
  version,
  gate: gate.name,
  title: content.title,
  status,
  description: null,
  requester: null,
  pipeline: content.pipeline,
  facts: [],
  subject: null,
  artifacts: [],
  digest: content.digest,
  openedAt,
  expiresAt,
  stages: [],
  progress: '',
  silence: null,
  paused: null,
  held: null,
  sla: null,
  comments: [],
  information: [],
  escalations: [],
  undelivered: [],
  outcome: null,
  myVote: null,
  actions: [],
  notice: null,
  mustReview: false,
});

/** The dispatcher's part of a store, to be overridden piece by piece. */
export const through = (store: Store): DispatcherParts['store'] => ({
  claim: (now, limit) => store.claim(now, limit),
  settle: (delivery, settlement) => store.settle(delivery, settlement),
  load: (id) => store.load(id),
  deliveries: (filter) => store.deliveries(filter),
  nextDeliveryAt: () => store.nextDeliveryAt(),
  subscribe: (listener) => store.subscribe(listener),
});

export const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

export interface LogLine {
  readonly level: 'debug' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

export type Rig = Awaited<ReturnType<typeof startRig>>;

interface RigOptions {
  readonly time?: VirtualTime;
  /** Of an earlier rig, to see what a new process makes of it. */
  readonly store?: Store;
  readonly sinks?: readonly Sink[];
  readonly channels?: readonly Channel[];
  readonly slack?: FakeChannel;
  readonly random?: () => number;
  readonly isBusy?: () => boolean;
  readonly action?: (state: RequestState, index: number) => HttpActionDefinition;
  /** Stands between the dispatcher and the store. */
  readonly around?: (store: Store) => DispatcherParts['store'];
}

export async function startRig(options: RigOptions = {}) {
  const time = options.time ?? new VirtualTime(Date.UTC(2026, 0, 5, 12));
  const store = options.store ?? (await openSqlite({ file: ':memory:', signer, fold, clock: time.clock }));
  const slack = options.slack ?? new FakeChannel('slack', time.clock);
  const client = createHttpClient({
    hosts: (options.sinks ?? []).map(({ port }) => ({ host: '127.0.0.1', port })),
    cidrs: [],
  });
  const lines: LogLine[] = [];
  const dead: Delivery[] = [];
  const note = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const senders: Senders = {
    store,
    channels: new Map([slack, ...(options.channels ?? [])].map((channel) => [channel.kind, channel])),
    callbacks: {
      client,
      source: 'https://approve.acme.dev/',
      secrets: (pipeline) => (pipeline === 'ci' ? [SECRET] : []),
      body: (state) => JSON.stringify({ type: `request.${state.status}`, data: { id: state.content.id } }),
      action:
        options.action ??
        (() => {
          throw new Error('no action in this test');
        }),
    },
    render: { present: viewOf, link: (id) => `https://approve.acme.dev/requests/${id}` },
  };
  const dispatcher = createDispatcher({
    ...senders,
    store: options.around?.(store) ?? store,
    clock: time.clock,
    timers: time.timers,
    random: options.random ?? (() => 0.5),
    isBusy: options.isBusy ?? (() => false),
    log: { debug: note('debug'), warn: note('warn'), error: note('error') },
    onDead: (delivery) => void dead.push(delivery),
  });
  time.now += 1; // what is created from here on was not begun by an earlier process
  return {
    time,
    store,
    slack,
    dispatcher,
    senders,
    lines,
    dead,
    /** Opens a request with these deliveries. */
    async open(id: string, ...deliveries: readonly NewDelivery[]) {
      await store.open(opening(id, { deliveries, at: time.now }));
      await rest();
    },
    async record(id: string, events: readonly Event[], ...deliveries: readonly NewDelivery[]) {
      await store.change(id, recording(events, { deliveries, refreshSurfaces: true }));
    },
    async states() {
      const all = await store.deliveries({ limit: 1_000 });
      return Object.fromEntries(all.map(({ id, state }) => [id, state]));
    },
    async only() {
      const [first, ...others] = await store.deliveries({ limit: 2 });
      if (first === undefined || others.length > 0) throw new Error('There is not exactly one delivery.');
      return first;
    },
    async end() {
      const stopped = dispatcher.stop(0);
      await time.pass(5_000);
      await stopped;
      await client.close();
      await store.close();
    },
  };
}

export const surface = (request: string, about: Partial<NewDelivery> = {}): NewDelivery =>
  delivery(request, { payload: { to: { kind: 'channel', id: 'C0RELEASES' }, viewer: null }, dueAt: 0, ...about });

export const notice = (request: string, about: Partial<NewDelivery> = {}): NewDelivery =>
  delivery(request, {
    kind: 'notice',
    payload: {
      to: { kind: 'channel', id: 'C0RELEASES' },
      viewer: 'ana',
      notice: { kind: 'informationReturned', sentence: 'Ana, your question was answered.' },
    },
    dueAt: 0,
    ...about,
  });

export const callback = (request: string, url: string, about: Partial<NewDelivery> = {}): NewDelivery =>
  delivery(request, {
    kind: 'callback',
    channel: 'callback',
    target: `callback:${new URL(url).origin}`,
    payload: { url, type: 'request.approved', pipeline: 'ci' },
    dueAt: 0,
    ...about,
  });
