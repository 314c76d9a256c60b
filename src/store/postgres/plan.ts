/**
 * src/store/postgres/plan.ts: everything that one transaction changes, worked out in memory on what was loaded and
 * locked. Nothing is written here: a plan that is dropped leaves no trace, and is made anew from newer rows.
 */
import type { Instant } from '../../engine/definition.ts';
import type { Event, RequestId, RequestState } from '../../engine/request.ts';
import { eventHash, GENESIS } from '../chain.ts';
import type { Definitions, Live } from '../memory.ts';
import type { Change, Delivery, NewDelivery, Opened, OpenWork, Settlement, Write } from '../port.ts';
import { eventText } from '../snapshot.ts';
import { requireSound } from '../sound.ts';

/** What the transaction found before anything was decided. */
export interface Found {
  /** Locked, newest. */
  readonly requests: ReadonlyMap<RequestId, Live>;
  /** By `keyOf(pipeline, key)`. */
  readonly keys: ReadonlyMap<string, { readonly bodyDigest: string; readonly request: RequestId }>;
  /** Not locked: they are only shown. */
  readonly replayed: ReadonlyMap<RequestId, Live>;
  /** Pending requests by `keyOf(pipeline, supersedes)`, oldest first; all are locked. */
  readonly superseding: ReadonlyMap<string, readonly RequestId[]>;
}

export const keyOf = (pipeline: string, key: string): string => JSON.stringify([pipeline, key]);

/** A request that this plan opens or changes. */
export interface Touched {
  live: Live;
  readonly isNew: boolean;
  /** null: opened here. */
  readonly before: Live | null;
  readonly events: Event[];
  refresh: boolean;
}

interface PlannedEvent {
  readonly request: RequestId;
  readonly version: number;
  readonly type: Event['type'];
  readonly at: Instant;
  readonly data: string;
}

export class Plan {
  readonly touched = new Map<RequestId, Touched>();
  /** In the order of the log. */
  readonly events: PlannedEvent[] = [];
  readonly deliveries: { readonly delivery: NewDelivery; readonly createdAt: Instant }[] = [];
  readonly definitions = new Map<string, RequestState['gate']>();
  readonly keys = new Map<string, { readonly idempotency: Idempotency; readonly request: RequestId }>();
  readonly settlements = new Map<string, { readonly fence: number; readonly settlement: Settlement }[]>();
  readonly requeues: { readonly id: string; readonly now: Instant }[] = [];
  checkpointAt: Instant | null = null;
  probeAt: Instant | null = null;
  pending = 0;
  private readonly found: Found;
  private readonly digests: Definitions;

  constructor(found: Found, digests: Definitions) {
    this.found = found;
    this.digests = digests;
  }

  get isEmpty(): boolean {
    return (
      this.events.length === 0 &&
      this.settlements.size === 0 &&
      this.requeues.length === 0 &&
      this.checkpointAt === null &&
      this.probeAt === null
    );
  }

  open<Answer>(work: OpenWork<Answer>): Opened<Answer> {
    const { idempotency, supersedes } = work;
    if (idempotency !== null) {
      const replay = this.replay(idempotency);
      if (replay !== null) return replay;
    }
    const change = work.decide();
    if (change.kind === 'none') return { kind: 'decided', answer: change.answer };
    const superseded = supersedes === null ? [] : this.supersede(supersedes);
    requireSound(change.write, work.id, 0);
    // Two with one id in a batch fail by themselves, as they would one after the other.
    if (this.touched.has(work.id)) throw new Error(`There is a request ${work.id} already.`);
    this.insert(work, change.write);
    if (idempotency !== null)
      this.keys.set(keyOf(idempotency.pipeline, idempotency.key), { idempotency, request: work.id });
    for (const { live, write } of superseded) this.update(live, write);
    return { kind: 'decided', answer: change.answer };
  }

  change<Answer>(id: RequestId, decide: (state: RequestState) => Change<Answer>): Answer | null {
    const live = this.live(id);
    if (live === null) return null;
    const change = decide(live.state);
    if (change.kind === 'write') {
      requireSound(change.write, id, live.state.version);
      this.update(live, change.write);
    }
    return change.answer;
  }

  settle({ id, fence }: Pick<Delivery, 'id' | 'fence'>, settlement: Settlement): void {
    // The first settlement of a claim ends it; a second one would find it over.
    const known = this.settlements.get(id) ?? [];
    if (known.every((one) => one.fence !== fence)) this.settlements.set(id, [...known, { fence, settlement }]);
  }

  /** The events chained, for a log that ends at `position`. Sets the hashes of the touched requests. */
  link(position: number): { readonly position: number; readonly event: PlannedEvent; readonly hash: string }[] {
    const heads = new Map<RequestId, string>();
    const links = this.events.map((event, index) => {
      const at = position + index + 1;
      const previous = heads.get(event.request) ?? this.touched.get(event.request)?.before?.hash ?? GENESIS;
      const hash = eventHash(previous, { position: at, ...event });
      heads.set(event.request, hash);
      return { position: at, event, hash };
    });
    for (const [id, touched] of this.touched)
      touched.live = { ...touched.live, hash: heads.get(id) ?? touched.live.hash };
    return links;
  }

  private replay(idempotency: Idempotency): Opened<never> | null {
    const name = keyOf(idempotency.pipeline, idempotency.key);
    const here = this.keys.get(name);
    const known = here ? { bodyDigest: here.idempotency.bodyDigest, request: here.request } : this.found.keys.get(name);
    if (known === undefined) return null;
    if (known.bodyDigest !== idempotency.bodyDigest) return { kind: 'conflict' };
    const live = this.live(known.request) ?? this.found.replayed.get(known.request);
    if (live === undefined) throw new Error(`The idempotency key's request ${known.request} is missing.`);
    return { kind: 'replayed', state: live.state };
  }

  private live(id: RequestId): Live | null {
    return this.touched.get(id)?.live ?? this.found.requests.get(id) ?? null;
  }

  /** Decides before anything is planned, so that a callback that throws leaves nothing behind. */
  private supersede(supersedes: NonNullable<OpenWork<unknown>['supersedes']>): { live: Live; write: Write }[] {
    const { pipeline, key } = supersedes;
    const ids = [...(this.found.superseding.get(keyOf(pipeline, key)) ?? [])];
    for (const [id, { isNew, live }] of this.touched) {
      const { content } = live.state;
      if (isNew && content.pipeline === pipeline && content.supersedes === key) ids.push(id);
    }
    const decided: { live: Live; write: Write }[] = [];
    for (const id of ids.sort()) {
      const live = this.live(id);
      if (live === null || live.state.status !== 'pending') continue;
      const change = supersedes.decide(live.state);
      if (change.kind === 'none') continue;
      requireSound(change.write, id, live.state.version);
      decided.push({ live, write: change.write });
    }
    return decided;
  }

  private insert(work: OpenWork<unknown>, write: Write): void {
    const { state } = write;
    const definition = this.digests.digest(state.gate);
    if (!this.digests.holds(definition)) this.definitions.set(definition, state.gate);
    const first = this.record(work.id, 0, write.events, work.contentText);
    this.enqueue(write.deliveries, work.at);
    if (state.status === 'pending') this.pending += 1;
    const dueAt = state.status === 'pending' ? write.dueAt : null;
    this.touched.set(work.id, {
      live: { state, definition, hash: GENESIS, dueAt, asked: write.asked, weight: first },
      isNew: true,
      before: null,
      events: [...write.events],
      refresh: false, // its surfaces are all still to be sent
    });
  }

  private update(live: Live, write: Write): void {
    const { state, events } = write;
    const { id } = state.content;
    this.record(id, live.state.version, events);
    this.enqueue(write.deliveries, events.at(-1)?.at ?? state.openedAt);
    if (live.state.status === 'pending' && state.status !== 'pending') this.pending -= 1;
    const next: Live = {
      ...live,
      state,
      dueAt: state.status === 'pending' ? write.dueAt : null,
      asked: write.asked,
    };
    const touched = this.touched.get(id);
    if (touched === undefined) {
      const refresh = write.refreshSurfaces;
      this.touched.set(id, { live: next, isNew: false, before: live, events: [...events], refresh });
      return;
    }
    touched.live = next;
    touched.events.push(...events);
    touched.refresh ||= write.refreshSurfaces;
  }

  /** Returns the length of the first text. */
  private record(request: RequestId, version: number, events: readonly Event[], contentText?: string): number {
    const texts = events.map((event) => eventText(event, (gate) => this.digests.digest(gate), contentText));
    for (const [index, { type, at }] of events.entries())
      this.events.push({ request, version: version + index + 1, type, at, data: texts[index] ?? '' });
    return texts[0]?.length ?? 0;
  }

  private enqueue(deliveries: readonly NewDelivery[], createdAt: Instant): void {
    for (const delivery of deliveries) this.deliveries.push({ delivery, createdAt });
  }
}

type Idempotency = NonNullable<OpenWork<unknown>['idempotency']>;
