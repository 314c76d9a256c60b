/**
 * src/store/sqlite/batch.ts: everything that one transaction changes. Events and deliveries are written as they come;
 * a request's row is written once, however many commands of the batch changed it. Nothing in memory moves before the
 * commit: a batch that is dropped leaves no trace.
 */
import type { Instant } from '../../engine/definition.ts';
import type { Event, RequestId, RequestState } from '../../engine/request.ts';
import { checkpointText, EVENTS_PER_CHECKPOINT, eventHash, GENESIS, headOf } from '../chain.ts';
import type { Live } from '../memory.ts';
import type { Change, Checkpoint, Delivery, NewDelivery, Opened, OpenWork, Settlement, Write } from '../port.ts';
import type { TallyRow } from '../schema.ts';
import { AS_OPENED, eventText, progressText } from '../snapshot.ts';
import { requireSound } from '../sound.ts';
import type { Unit } from './group-commit.ts';
import type { Shared } from './shared.ts';

type Tallies = Omit<TallyRow, 'id'>;

/** A request that this batch changed. */
interface Touched {
  live: Live;
  /** Who the `asked` table holds. */
  readonly askedBefore: Live['asked'];
  readonly events: Event[];
  /** Its row lags behind `live`. */
  stale: boolean;
  refresh: boolean;
}

export class Batch implements Unit {
  writes = 0;
  private readonly shared: Shared;
  private readonly touched = new Map<RequestId, Touched>();
  private readonly hashes: string[] = [];
  private readonly tallies: Tallies;
  private readonly definitions = new Map<string, RequestState['gate']>();
  private readonly waiting: { readonly target: string; readonly dueAt: Instant }[] = [];
  private readonly released = new Set<number>();
  private signed: Checkpoint | null = null;

  constructor(shared: Shared) {
    this.shared = shared;
    this.tallies = { ...shared.log.tallies };
  }

  open<Answer>(work: OpenWork<Answer>): Opened<Answer> {
    const { idempotency, supersedes } = work;
    const { statements } = this.shared;
    if (idempotency !== null) {
      const known = statements.idempotencyKey.get(idempotency.pipeline, idempotency.key);
      if (known !== undefined) {
        if (known.body_digest !== idempotency.bodyDigest) return { kind: 'conflict' };
        const live = this.live(known.request_id);
        if (live === null) throw new Error(`The idempotency key's request ${known.request_id} is missing.`);
        return { kind: 'replayed', state: live.state };
      }
    }
    const change = work.decide();
    if (change.kind === 'none') return { kind: 'decided', answer: change.answer };
    const superseded = supersedes === null ? [] : this.supersede(supersedes);
    requireSound(change.write, work.id, 0);
    this.insert(work, change.write);
    if (idempotency !== null)
      statements.insertIdempotencyKey.run(idempotency.pipeline, idempotency.key, idempotency.bodyDigest, work.id);
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

  settle(delivery: Pick<Delivery, 'id' | 'fence'>, settlement: Settlement): void {
    const claim = this.shared.outbox.claimOf(delivery.fence);
    if (claim === undefined || claim.id !== delivery.id || this.released.has(claim.fence)) return;
    const { settleDelivery } = this.shared.statements;
    const attempts = claim.attempts + 1;
    this.writes += 1;
    this.tallies[claim.state] -= 1;
    switch (settlement.kind) {
      case 'sent': {
        const { receipt, shownVersion } = settlement;
        const text = JSON.stringify(receipt);
        const newest = claim.kind === 'surface' ? (this.live(claim.request)?.state.version ?? 0) : 0;
        if (shownVersion !== null && shownVersion < newest) {
          settleDelivery.run('queued', this.shared.clock(), 0, shownVersion, text, null, claim.seq);
          this.tallies.queued += 1;
        } else {
          settleDelivery.run('sent', claim.dueAt, attempts, shownVersion, text, null, claim.seq);
          this.tallies.sent += 1;
        }
        break;
      }
      case 'retry':
        settleDelivery.run(
          'failed',
          settlement.at,
          attempts,
          claim.shownVersion,
          claim.receipt,
          settlement.error,
          claim.seq,
        );
        this.tallies.failed += 1;
        break;
      case 'dead':
        settleDelivery.run(
          'dead',
          claim.dueAt,
          attempts,
          claim.shownVersion,
          claim.receipt,
          settlement.error,
          claim.seq,
        );
        this.tallies.dead += 1;
        break;
    }
    this.released.add(claim.fence);
  }

  requeue(id: string, now: Instant): boolean {
    const row = this.shared.statements.delivery.get(id);
    if (row === undefined || (row.state !== 'dead' && row.state !== 'failed')) return false;
    for (const claim of this.shared.outbox.underWay)
      if (claim.seq === row.seq && !this.released.has(claim.fence)) return false;
    this.writes += 1;
    this.shared.statements.requeue.run(now, row.seq);
    this.tallies[row.state] -= 1;
    this.tallies.queued += 1;
    this.waiting.push({ target: row.target, dueAt: now });
    return true;
  }

  checkpoint(now: Instant): Checkpoint | null {
    const { log, signer, statements } = this.shared;
    const size = log.position + this.hashes.length;
    if (size === (this.signed?.size ?? log.checkpoint?.size ?? 0)) return null;
    const statement = { size, head: this.head(), at: now };
    const signed = { ...statement, signature: signer.sign(checkpointText(statement)) };
    this.writes += 1;
    statements.insertCheckpoint.run(signed.size, signed.head, signed.at, signed.signature);
    this.signed = signed;
    return signed;
  }

  remember(name: string, value: string | null, until: Instant | null): void {
    const { statements, clock } = this.shared;
    this.writes += 1;
    if (value === null) statements.forget.run(name);
    else {
      statements.remember.run(name, value, until);
      statements.forgetOld.run(clock());
    }
  }

  probe(now: Instant): void {
    this.writes += 1;
    this.shared.statements.probe.run(String(now));
  }

  finish(): void {
    const { statements, log, clock, warn } = this.shared;
    for (const [id, touched] of this.touched) {
      if (touched.stale) this.writeRow(id, touched);
      if (!touched.refresh) continue;
      const now = clock();
      for (const { target } of statements.refreshSurfaces.all(now, id)) {
        this.tallies.sent -= 1;
        this.tallies.queued += 1;
        this.waiting.push({ target, dueAt: now });
      }
    }
    if (log.hashes.length + this.hashes.length >= EVENTS_PER_CHECKPOINT && this.signed === null)
      try {
        this.checkpoint(clock());
      } catch (error) {
        warn(`The log could not be signed: ${String(error)}`);
      }
    const { pending, queued, failed, sent, dead } = this.tallies;
    const before = log.tallies;
    if (
      pending !== before.pending ||
      queued !== before.queued ||
      failed !== before.failed ||
      sent !== before.sent ||
      dead !== before.dead
    )
      statements.updateTallies.run(pending, queued, failed, sent, dead);
  }

  apply(): void {
    const { definitions, live, log, outbox, publish, announce } = this.shared;
    if (this.signed === null) for (const hash of this.hashes) log.hashes.push(hash);
    else {
      // What came after the checkpoint within the batch is not covered by it.
      log.hashes = this.hashes.slice(this.signed.size - log.position);
      log.checkpoint = this.signed;
    }
    log.position += this.hashes.length;
    log.tallies = this.tallies;
    for (const [digest, gate] of this.definitions) definitions.keep(digest, gate);
    for (const [id, touched] of this.touched) live.set(id, touched.live);
    outbox.settled(this.released, this.waiting);
    for (const { live, events } of this.touched.values()) publish({ state: live.state, events });
    if (this.signed !== null) announce(this.signed);
  }

  private live(id: RequestId): Live | null {
    return this.touched.get(id)?.live ?? this.shared.read(id);
  }

  /** Decides before anything is written, so that a callback that throws leaves nothing behind. */
  private supersede(supersedes: NonNullable<OpenWork<unknown>['supersedes']>): { live: Live; write: Write }[] {
    const found: { live: Live; write: Write }[] = [];
    for (const { id } of this.shared.statements.pendingWithKey.all(supersedes.pipeline, supersedes.key)) {
      const live = this.live(id);
      if (live === null || live.state.status !== 'pending') continue;
      const change = supersedes.decide(live.state);
      if (change.kind === 'none') continue;
      requireSound(change.write, id, live.state.version);
      found.push({ live, write: change.write });
    }
    return found;
  }

  private insert(work: OpenWork<unknown>, write: Write): void {
    const { statements, definitions } = this.shared;
    const { state } = write;
    const { content, gate } = state;
    this.writes += 1;
    const definition = definitions.digest(gate);
    if (!definitions.holds(definition) && !this.definitions.has(definition)) {
      statements.insertDefinition.run(definition, JSON.stringify(gate));
      this.definitions.set(definition, gate);
    }
    const progress = state.version === 1 ? AS_OPENED : progressText(state);
    const dueAt = state.status === 'pending' ? write.dueAt : null;
    const links = this.link(work.id, GENESIS, 0, write.events, work.contentText);
    const hash = links.at(-1)?.hash ?? GENESIS;
    // The row first: a second request with this id fails here, and the others refer to it.
    statements.insertRequest.run(
      work.id,
      content.pipeline,
      gate.name,
      state.status,
      state.version,
      content.title,
      content.requester,
      content.supersedes,
      state.openedAt,
      dueAt,
      definition,
      JSON.stringify(write.asked),
      hash,
      progress,
    );
    this.append(work.id, links);
    for (const person of write.asked) statements.insertAsked.run(person, work.id);
    this.enqueue(write.deliveries, work.at);
    if (state.status === 'pending') this.tallies.pending += 1;
    const weight = (links[0]?.data.length ?? 0) + progress.length;
    this.touched.set(work.id, {
      live: { state, definition, hash, dueAt, asked: write.asked, weight },
      askedBefore: write.asked,
      events: [...write.events],
      stale: false,
      refresh: false, // its surfaces are all still to be sent
    });
  }

  private update(live: Live, write: Write): void {
    const { state, events } = write;
    const { id } = state.content;
    this.writes += 1;
    const links = this.link(id, live.hash, live.state.version, events);
    this.append(id, links);
    this.enqueue(write.deliveries, events.at(-1)?.at ?? state.openedAt);
    if (live.state.status === 'pending' && state.status !== 'pending') this.tallies.pending -= 1;
    const next: Live = {
      state,
      definition: live.definition,
      hash: links.at(-1)?.hash ?? live.hash,
      dueAt: state.status === 'pending' ? write.dueAt : null,
      asked: write.asked,
      weight: live.weight,
    };
    const touched = this.touched.get(id);
    if (touched === undefined) {
      const askedBefore = live.asked;
      this.touched.set(id, {
        live: next,
        askedBefore,
        events: [...events],
        stale: true,
        refresh: write.refreshSurfaces,
      });
      return;
    }
    touched.live = next;
    touched.events.push(...events);
    touched.stale = true;
    touched.refresh ||= write.refreshSurfaces;
  }

  private writeRow(id: RequestId, touched: Touched): void {
    const { statements } = this.shared;
    const { state, dueAt, asked, hash } = touched.live;
    const progress = progressText(state);
    statements.updateRequest.run(state.status, state.version, dueAt, JSON.stringify(asked), hash, progress, id);
    const before = touched.askedBefore;
    for (const person of before) if (!asked.includes(person)) statements.deleteAsked.run(person, id);
    for (const person of asked) if (!before.includes(person)) statements.insertAsked.run(person, id);
  }

  private link(
    id: RequestId,
    previous: string,
    version: number,
    events: readonly Event[],
    contentText?: string,
  ): { readonly event: Event; readonly version: number; readonly data: string; readonly hash: string }[] {
    let position = this.shared.log.position + this.hashes.length;
    let hash = previous;
    return events.map((event, index) => {
      const { type, at } = event;
      const data = eventText(event, (gate) => this.shared.definitions.digest(gate), contentText);
      const link = { position: ++position, request: id, version: version + index + 1, type, at, data };
      hash = eventHash(hash, link);
      return { event, version: link.version, data, hash };
    });
  }

  private append(id: RequestId, links: ReturnType<Batch['link']>): void {
    for (const { event, version, data, hash } of links) {
      this.hashes.push(hash);
      const position = this.shared.log.position + this.hashes.length;
      this.shared.statements.insertEvent.run(position, id, version, event.type, event.at, data, hash);
    }
  }

  private enqueue(deliveries: readonly NewDelivery[], createdAt: Instant): void {
    for (const { id, request, kind, channel, target, payload, dueAt } of deliveries) {
      const text = JSON.stringify(payload);
      this.shared.statements.insertDelivery.run(id, request, kind, channel, target, text, dueAt, createdAt);
      this.waiting.push({ target, dueAt });
      this.tallies.queued += 1;
    }
  }

  /** The log's head with this batch. */
  private head(): string {
    const { log } = this.shared;
    if (this.signed !== null) return headOf(this.signed.head, this.hashes.slice(this.signed.size - log.position));
    return headOf(log.checkpoint?.head ?? GENESIS, [...log.hashes, ...this.hashes]);
  }
}
