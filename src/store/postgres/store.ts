/** src/store/postgres/store.ts: the port on PostgreSQL, shared by as many equal processes as one likes. */
import { type Kysely, sql } from 'kysely';
import type { GateDefinition, Instant } from '../../engine/definition.ts';
import type { RequestId, RequestState } from '../../engine/request.ts';
import { listKept } from '../kept.ts';
import { containing, countPending, type ListingWords, listDeliveries, listRequests } from '../listing.ts';
import type {
  Change,
  Checkpoint,
  Committed,
  Delivery,
  DeliveryFilter,
  Opened,
  OpenWork,
  Replay,
  RequestFilter,
  Settlement,
  Store,
  StoredEvent,
  StoreStats,
  Verification,
} from '../port.ts';
import { StoreUnavailableError } from '../port.ts';
import { type Database, type DeliveryRow, type EventRow, FORGOTTEN_AT_ONCE } from '../schema.ts';
import { checkpointOf, deliveryOf, stateOf, storedEventOf } from '../snapshot.ts';
import { type VerifyOptions, verifyLog } from '../verify.ts';
import { type DatabaseClock, REFRESH_MS } from './clock.ts';
import { told } from './connection.ts';
import { Follower, type FollowerParts } from './follower.ts';
import { GroupCommit } from './group-commit.ts';
import { Outbox } from './outbox.ts';
import { gatesOf, livesOf, type Shared, type SnapshotColumns } from './shared.ts';
import * as statements from './statements.ts';

const WORDS: ListingWords = {
  // The planner knows from its statistics that looking up ids is cheaper.
  pendingUnindexed: sql`status = 'pending'`,
  // In the C collation `lower` changes ASCII letters only.
  titleContains: (text) => sql`lower(title collate "C") like lower(${containing(text)} collate "C") escape '\\'`,
};

export interface PostgresParts {
  readonly shared: Omit<Shared, 'publish' | 'queued' | 'announce' | 'doubt' | 'notifies'>;
  readonly onCheckpoint: (checkpoint: Checkpoint) => void;
  readonly db: Kysely<Database>;
  readonly readOnly: boolean;
  readonly listener: FollowerParts['listener'];
  /** Where the log ended when the store was opened. */
  readonly position: number;
  readonly leaseMs: number;
  /** null: the caller's clock is used. */
  readonly databaseClock: DatabaseClock | null;
  readonly release: () => Promise<void>;
}

interface Subscription {
  readonly listener: (committed: Committed) => void;
  readonly elsewhere: ((id: RequestId) => boolean) | undefined;
}

export class PostgresStore implements Store {
  readonly clock: () => Instant;
  private readonly parts: PostgresParts;
  private readonly shared: Shared;
  private readonly commits: GroupCommit;
  private readonly outbox: Outbox;
  private readonly follower: Follower;
  private readonly subscriptions = new Set<Subscription>();
  private readonly clockTimer: NodeJS.Timeout | null;
  private closing: Promise<void> | null = null;

  constructor(parts: PostgresParts) {
    this.parts = parts;
    this.clock = parts.shared.clock;
    this.shared = {
      ...parts.shared,
      notifies: () => parts.listener !== null,
      publish: (committed) => this.publish(committed),
      queued: (targets) => (targets === null ? this.outbox.moved() : this.outbox.queued(targets)),
      announce: (checkpoint) => this.announce(checkpoint),
      doubt: (before) => this.follower.doubt(before),
    };
    this.commits = new GroupCommit(this.shared);
    this.outbox = new Outbox(this.shared, parts.leaseMs);
    this.follower = new Follower(
      {
        shared: this.shared,
        listener: parts.listener,
        wants: (id) => [...this.subscriptions].some(({ elsewhere }) => elsewhere?.(id) === true),
        publish: (committed) => this.publishElsewhere(committed),
      },
      parts.position,
    );
    if (parts.readOnly) void this.commits.close('The database was opened for reading only.');
    this.clockTimer = parts.databaseClock === null ? null : this.keepTime(parts.databaseClock);
  }

  open<Answer>(work: OpenWork<Answer>): Promise<Opened<Answer>> {
    const { idempotency, supersedes } = work;
    return this.commits.add({ idempotency, supersedes }, (plan) => {
      const opened = plan.open(work);
      return () => opened;
    });
  }

  change<Answer>(id: RequestId, decide: (state: RequestState) => Change<Answer>): Promise<Answer | null> {
    return this.commits.add({ change: id }, (plan) => {
      const answer = plan.change(id, decide);
      return () => answer;
    });
  }

  async replayed({ pipeline, key, bodyDigest }: NonNullable<OpenWork<never>['idempotency']>): Promise<Replay | null> {
    return this.read(async () => {
      const { reads } = this.shared;
      const keys = await reads.query<KeyRow>(statements.idempotencyKeys([pipeline], [key]));
      const known = keys.rows[0];
      if (known === undefined) return null;
      if (known.body_digest !== bodyDigest) return { kind: 'conflict' };
      const { rows } = await reads.query<SnapshotColumns>(statements.snapshots([known.request_id]));
      const live = (await livesOf(this.shared, reads, rows)).get(known.request_id);
      if (live === undefined) throw new Error(`The idempotency key's request ${known.request_id} is missing.`);
      return { kind: 'replayed', state: live.state };
    });
  }

  async load(id: RequestId): Promise<RequestState | null> {
    return this.read(async () => {
      const { reads } = this.shared;
      const { rows } = await reads.query<SnapshotColumns>(statements.snapshots([id]));
      return (await livesOf(this.shared, reads, rows)).get(id)?.state ?? null;
    });
  }

  async list(
    filter: RequestFilter,
  ): Promise<{ readonly requests: readonly RequestState[]; readonly next: RequestId | null }> {
    return this.read(async () => {
      const { rows, next } = await listRequests(this.parts.db, filter, WORDS);
      const digests = rows.map((row) => row.definition);
      const gates = await gatesOf(this.shared, this.shared.reads, digests);
      const requests = rows.map((row) => {
        const gate = gates.get(row.definition);
        if (gate === undefined) throw new Error(`The gate definition ${row.definition} of ${row.id} is missing.`);
        return stateOf(row, gate, this.shared.fold);
      });
      return { requests, next };
    });
  }

  countPending(filter: Pick<RequestFilter, 'gate' | 'pipeline'>): Promise<number | null> {
    return this.read(() => countPending(this.parts.db, filter));
  }

  async events(id: RequestId, afterVersion = 0): Promise<readonly StoredEvent[]> {
    return this.read(async () => {
      const { rows } = await this.shared.reads.query<EventRow>(statements.eventsOf(id, afterVersion));
      return rows.map(storedEventOf);
    });
  }

  async log(afterPosition: number, limit = 1_000): Promise<readonly StoredEvent[]> {
    return this.read(async () => {
      const rows = await this.parts.db
        .selectFrom('events')
        .selectAll()
        .where('seq', '>', afterPosition)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(storedEventOf);
    });
  }

  async definition(digest: string): Promise<GateDefinition | null> {
    return this.read(async () => (await gatesOf(this.shared, this.shared.reads, [digest])).get(digest) ?? null);
  }

  async due(now: Instant, limit: number): Promise<readonly RequestId[]> {
    return this.read(async () => {
      const query = this.parts.readOnly ? statements.dueReadOnly(now, limit) : statements.due(now, limit);
      const { rows } = await this.shared.reads.query<{ id: RequestId }>(query);
      return rows.map(({ id }) => id);
    });
  }

  async nextDueAt(): Promise<Instant | null> {
    return this.read(async () => {
      const { rows } = await this.shared.reads.query<{ due_at: Instant }>(statements.nextDue());
      return rows[0]?.due_at ?? null;
    });
  }

  async claim(now: Instant, limit: number): Promise<readonly Delivery[]> {
    const { warn } = this.shared;
    return this.read(() =>
      this.outbox.claim(now, limit, ({ id, fence }, error) => {
        warn(`Delivery ${id} can't be read and is put aside: ${String(error)}`);
        const dead = { kind: 'dead', error: 'Its stored text can’t be read.' } as const;
        this.settle({ id, fence }, dead).catch((failure: unknown) => warn(String(failure)));
      }),
    );
  }

  settle({ id, fence }: Pick<Delivery, 'id' | 'fence'>, settlement: Settlement): Promise<void> {
    return this.commits.add({}, (plan) => {
      plan.settle({ id, fence }, settlement);
      return () => this.outbox.settled(id, fence);
    });
  }

  async deliveries(filter: DeliveryFilter): Promise<readonly Delivery[]> {
    return this.read(async () => {
      const leased = await this.shared.reads.query<{ seq: number; fence: number }>(statements.leased());
      const fences = new Map(leased.rows.map(({ seq, fence }) => [seq, fence]));
      const rows: DeliveryRow[] = await listDeliveries(this.parts.db, filter, [...fences.keys()]);
      return rows.map((row) => deliveryOf(row, fences.get(row.seq) ?? 0));
    });
  }

  requeue(id: string, now: Instant): Promise<boolean> {
    return this.commits.add({}, (plan) => {
      plan.requeues.push({ id, now });
      return ({ requeued }) => requeued.has(id);
    });
  }

  async nextDeliveryAt(): Promise<Instant | null> {
    return this.read(() => this.outbox.nextDueAt());
  }

  subscribe(listener: (committed: Committed) => void, elsewhere?: (id: RequestId) => boolean): () => void {
    const subscription = { listener, elsewhere };
    this.subscriptions.add(subscription);
    if (elsewhere !== undefined) void this.follower.start();
    return () => this.subscriptions.delete(subscription);
  }

  checkpoint(now: Instant): Promise<Checkpoint | null> {
    return this.commits.add({}, (plan) => {
      const isFirst = plan.checkpointAt === null;
      plan.checkpointAt ??= now;
      return ({ checkpoint }) => (isFirst ? checkpoint : null);
    });
  }

  async checkpoints(): Promise<readonly Checkpoint[]> {
    return this.read(async () => {
      const rows = await this.parts.db.selectFrom('checkpoints').selectAll().orderBy('size').execute();
      return rows.map(checkpointOf);
    });
  }

  verify(options: VerifyOptions): Promise<Verification> {
    return this.read(() =>
      this.parts.db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute((db) => verifyLog({ db, pause: async () => {}, signer: this.shared.signer, ...options })),
    );
  }

  async stats(): Promise<StoreStats> {
    return this.read(async () => {
      const { reads } = this.shared;
      const counted = await reads.query<CountsRow>(statements.counts());
      const leased = await reads.query<{ state: 'queued' | 'failed' }>(statements.leased());
      const counts = counted.rows[0];
      if (counts === undefined) throw new Error('The tallies of the database are missing.');
      const sending = { queued: 0, failed: 0 };
      for (const { state } of leased.rows) sending[state] += 1;
      return {
        pending: counts.pending,
        oldestPendingAt: counts.oldest_pending_at,
        deliveries: {
          queued: Math.max(0, counts.queued - sending.queued),
          sending: leased.rows.length,
          sent: counts.sent,
          failed: Math.max(0, counts.failed - sending.failed),
          dead: counts.dead,
        },
        nextDueAt: counts.next_due_at,
      };
    });
  }

  async recall(name: string): Promise<string | null> {
    const query = this.parts.db
      .selectFrom('kept')
      .select('value')
      .where('name', '=', name)
      .where((is) => is.or([is('until', 'is', null), is('until', '>', this.clock())]));
    const row = await this.read(() => query.executeTakeFirst());
    return row?.value ?? null;
  }

  recallAll(prefix: string): Promise<readonly { readonly name: string; readonly value: string }[]> {
    return this.read(() => listKept(this.parts.db, prefix, this.clock()));
  }

  async remember(name: string, value: string | null, until: Instant | null): Promise<void> {
    const { db } = this.parts;
    if (value === null) {
      await this.read(() => db.deleteFrom('kept').where('name', '=', name).execute());
      return;
    }
    const keep = db
      .insertInto('kept')
      .values({ name, value, until })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value, until }));
    const old = db.selectFrom('kept').select('name').where('until', '<=', this.clock()).limit(FORGOTTEN_AT_ONCE);
    await this.read(() => keep.execute());
    await this.read(() => db.deleteFrom('kept').where('name', 'in', old).execute());
  }

  probe(): Promise<void> {
    return this.commits.add({}, (plan) => {
      plan.probeAt = this.clock();
      return () => {};
    });
  }

  close(): Promise<void> {
    this.closing ??= this.letGo();
    return this.closing;
  }

  private async letGo(): Promise<void> {
    await this.commits.close('The store is closed.');
    if (this.clockTimer !== null) clearInterval(this.clockTimer);
    await this.follower.close();
    try {
      await this.outbox.close();
    } catch (error) {
      this.shared.warn(`Claims are left to run out: ${String(told(error))}`);
    }
    await this.parts.release();
  }

  private async read<Result>(query: () => Promise<Result>): Promise<Result> {
    if (this.closing !== null) throw new StoreUnavailableError('The store is closed.');
    try {
      return await query();
    } catch (error) {
      throw told(error);
    }
  }

  private announce(checkpoint: Checkpoint): void {
    try {
      this.parts.onCheckpoint(checkpoint);
    } catch (error) {
      this.shared.warn(`The checkpoint at ${checkpoint.size} was not passed on: ${String(error)}`);
    }
  }

  private publish(committed: Committed): void {
    const isNews = this.follower.committedHere(committed);
    for (const { listener, elsewhere } of this.subscriptions)
      if (isNews || elsewhere === undefined) this.call(listener, committed);
  }

  /** Committed by another replica: only for those who asked for it. */
  private publishElsewhere(committed: Committed): void {
    for (const { listener, elsewhere } of this.subscriptions)
      if (elsewhere?.(committed.state.content.id) === true) this.call(listener, committed);
  }

  private call(listener: Subscription['listener'], committed: Committed): void {
    try {
      listener(committed);
    } catch (error) {
      this.shared.warn(`A listener failed on ${committed.state.content.id}: ${String(error)}`);
    }
  }

  private keepTime(clock: DatabaseClock): NodeJS.Timeout {
    const timer = setInterval(() => {
      clock.measure().catch((error: unknown) => {
        this.shared.warn(`The database’s time could not be asked: ${String(told(error))}`);
      });
    }, REFRESH_MS);
    timer.unref();
    return timer;
  }
}

interface KeyRow {
  readonly body_digest: string;
  readonly request_id: RequestId;
}

interface CountsRow {
  readonly pending: number;
  readonly queued: number;
  readonly failed: number;
  readonly sent: number;
  readonly dead: number;
  readonly oldest_pending_at: Instant | null;
  readonly next_due_at: Instant | null;
}
