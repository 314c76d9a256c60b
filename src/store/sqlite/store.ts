/** src/store/sqlite/store.ts: the port on one SQLite file. Writing is group-commit.ts and batch.ts; this joins them. */
import { type Kysely, sql } from 'kysely';
import type { GateDefinition, Instant } from '../../engine/definition.ts';
import type { RequestId, RequestState } from '../../engine/request.ts';
import { listKept } from '../kept.ts';
import {
  containing,
  countPending,
  deliveriesAtMost,
  type ListingWords,
  listDeliveries,
  listRequests,
  surfacesMeant,
} from '../listing.ts';
import { Definitions, type Live, LiveRequests } from '../memory.ts';
import type {
  Change,
  Checkpoint,
  CheckpointSigner,
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
import type { Database } from '../schema.ts';
import { askedOf, checkpointOf, deliveryOf, type Fold, stateOf, storedEventOf } from '../snapshot.ts';
import { type VerifyOptions, verifyLog } from '../verify.ts';
import { Batch } from './batch.ts';
import type { Connection } from './connection.ts';
import { GroupCommit } from './group-commit.ts';
import { Outbox } from './outbox.ts';
import type { LogEnd, Shared } from './shared.ts';
import { prepareStatements, type Statements } from './statements.ts';

/**
 * Characters of JSON kept as live requests: about a thousand usual ones. Four times as many cost a tenth of the
 * throughput of opening, because they outlive the young generation of the garbage collector.
 */
const LIVE_LIMIT = 1_000_000;

const WORDS: ListingWords = {
  pendingUnindexed: sql`+status = 'pending'`,
  // SQLite's LIKE ignores the case of ASCII letters only, which is what the port asks for.
  titleContains: (text) => sql`title like ${containing(text)} escape '\\'`,
};

export interface SqliteParts {
  readonly connection: Connection;
  readonly db: Kysely<Database>;
  readonly readOnly: boolean;
  readonly signer: CheckpointSigner;
  readonly fold: Fold;
  readonly clock: () => Instant;
  readonly warn: (message: string) => void;
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /** A consistent view of the whole log for as long as `read` takes. */
  readonly snapshot: <Result>(
    read: (db: Kysely<Database>, pause: () => Promise<void>) => Promise<Result>,
  ) => Promise<Result>;
  /** Lets go of connection and lock. */
  readonly release: () => Promise<void>;
}

export class SqliteStore implements Store {
  private readonly parts: SqliteParts;
  private readonly statements: Statements;
  private readonly shared: Shared;
  private readonly commits: GroupCommit<Batch>;
  private readonly listeners = new Set<(committed: Committed) => void>();
  private dataVersion: number;
  private closing: Promise<void> | null = null;

  constructor(parts: SqliteParts) {
    const { connection, db, signer, clock, warn } = parts;
    const statements = prepareStatements(db, connection);
    this.parts = parts;
    this.statements = statements;
    this.shared = {
      statements,
      signer,
      clock,
      warn,
      live: new LiveRequests(LIVE_LIMIT),
      definitions: new Definitions((digest) => statements.definition.get(digest)?.json),
      outbox: new Outbox(statements),
      log: logEnd(statements),
      read: (id) => this.read(id),
      publish: (committed) => this.publish(committed),
      announce: (checkpoint) => this.announce(checkpoint),
    };
    const { log } = this.shared;
    if (log.checkpoint !== null && log.checkpoint.size > log.position)
      warn(
        `The log ends at event ${log.position}, but ${log.checkpoint.size} were signed: events were removed. Run \`countersign audit verify\`.`,
      );
    this.dataVersion = dataVersion(statements);
    this.commits = new GroupCommit(
      statements,
      () => connection.inTransaction,
      () => this.begin(),
    );
    if (parts.readOnly) this.commits.close('The database was opened for reading only.');
  }

  open<Answer>(work: OpenWork<Answer>): Promise<Opened<Answer>> {
    return this.commits.add((batch) => batch.open(work));
  }

  change<Answer>(id: RequestId, decide: (state: RequestState) => Change<Answer>): Promise<Answer | null> {
    return this.commits.add((batch) => batch.change(id, decide));
  }

  async replayed({ pipeline, key, bodyDigest }: NonNullable<OpenWork<never>['idempotency']>): Promise<Replay | null> {
    const known = this.statements.idempotencyKey.get(pipeline, key);
    if (known === undefined) return null;
    if (known.body_digest !== bodyDigest) return { kind: 'conflict' };
    const live = this.read(known.request_id);
    if (live === null) throw new Error(`The idempotency key's request ${known.request_id} is missing.`);
    return { kind: 'replayed', state: live.state };
  }

  async load(id: RequestId): Promise<RequestState | null> {
    return this.read(id)?.state ?? null;
  }

  async list(
    filter: RequestFilter,
  ): Promise<{ readonly requests: readonly RequestState[]; readonly next: RequestId | null }> {
    const { rows, next } = await listRequests(this.parts.db, filter, WORDS);
    return {
      requests: rows.map((row) => stateOf(row, this.definitionOf(row.id, row.definition), this.parts.fold)),
      next,
    };
  }

  countPending(filter: Pick<RequestFilter, 'gate' | 'pipeline'>): Promise<number | null> {
    return countPending(this.parts.db, filter);
  }

  async events(id: RequestId, afterVersion = 0): Promise<readonly StoredEvent[]> {
    return this.statements.eventsOf.all(id, afterVersion).map(storedEventOf);
  }

  async log(afterPosition: number, limit = 1_000): Promise<readonly StoredEvent[]> {
    const rows = await this.parts.db
      .selectFrom('events')
      .selectAll()
      .where('seq', '>', afterPosition)
      .orderBy('seq')
      .limit(limit)
      .execute();
    return rows.map(storedEventOf);
  }

  async definition(digest: string): Promise<GateDefinition | null> {
    return this.shared.definitions.find(digest);
  }

  async due(now: Instant, limit: number): Promise<readonly RequestId[]> {
    return this.statements.due.all(now, limit).map((row) => row.id);
  }

  async nextDueAt(): Promise<Instant | null> {
    return this.statements.nextDue.get()?.due_at ?? null;
  }

  async claim(now: Instant, limit: number): Promise<readonly Delivery[]> {
    const { outbox, warn } = this.shared;
    return outbox.claim(now, limit, ({ id, fence }, error) => {
      warn(`Delivery ${id} can't be read and is put aside: ${String(error)}`);
      const dead = { kind: 'dead', error: 'Its stored text can’t be read.' } as const;
      this.settle({ id, fence }, dead).catch((failure: unknown) => warn(String(failure)));
    });
  }

  settle(delivery: Pick<Delivery, 'id' | 'fence'>, settlement: Settlement): Promise<void> {
    return this.commits.add((batch) => batch.settle(delivery, settlement), 'patient');
  }

  async deliveries(filter: DeliveryFilter): Promise<readonly Delivery[]> {
    const { fences } = this.shared.outbox;
    const request = surfacesMeant(filter);
    if (request !== null) {
      const surfaces = this.statements.surfacesOf.all(request, deliveriesAtMost(filter.limit));
      return surfaces.map((row) => deliveryOf(row, fences.get(row.seq) ?? 0));
    }
    const before = new Map(fences); // they go on while the list is read
    const rows = await listDeliveries(this.parts.db, filter, [...before.keys()]);
    return rows.map((row) => deliveryOf(row, before.get(row.seq) ?? 0));
  }

  requeue(id: string, now: Instant): Promise<boolean> {
    return this.commits.add((batch) => batch.requeue(id, now));
  }

  async nextDeliveryAt(): Promise<Instant | null> {
    return this.shared.outbox.nextDueAt();
  }

  subscribe(listener: (committed: Committed) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  checkpoint(now: Instant): Promise<Checkpoint | null> {
    return this.commits.add((batch) => batch.checkpoint(now));
  }

  async checkpoints(): Promise<readonly Checkpoint[]> {
    const rows = await this.parts.db.selectFrom('checkpoints').selectAll().orderBy('size').execute();
    return rows.map(checkpointOf);
  }

  verify(options: VerifyOptions): Promise<Verification> {
    return this.parts.snapshot((db, pause) => verifyLog({ db, pause, signer: this.parts.signer, ...options }));
  }

  async stats(): Promise<StoreStats> {
    const { pending, queued, failed, sent, dead } = this.shared.log.tallies;
    const sending = { queued: 0, failed: 0 };
    for (const claim of this.shared.outbox.underWay) sending[claim.state] += 1;
    return {
      pending,
      oldestPendingAt: this.statements.oldestPending.get()?.opened_at ?? null,
      deliveries: {
        queued: queued - sending.queued,
        sending: sending.queued + sending.failed,
        sent,
        failed: failed - sending.failed,
        dead,
      },
      nextDueAt: await this.nextDueAt(),
    };
  }

  async recall(name: string): Promise<string | null> {
    return this.statements.recall.get(name, this.parts.clock())?.value ?? null;
  }

  recallAll(prefix: string): Promise<readonly { readonly name: string; readonly value: string }[]> {
    return listKept(this.parts.db, prefix, this.parts.clock());
  }

  remember(name: string, value: string | null, until: Instant | null): Promise<void> {
    return this.commits.add((batch) => batch.remember(name, value, until));
  }

  probe(): Promise<void> {
    return this.commits.add((batch) => batch.probe(this.parts.clock()));
  }

  close(): Promise<void> {
    this.commits.close('The store is closed.');
    this.closing ??= this.parts.release();
    return this.closing;
  }

  private begin(): Batch {
    const version = dataVersion(this.statements);
    if (version !== this.dataVersion) {
      // Nobody else should write here; if an operator's shell did, what is remembered is no longer what is stored.
      this.parts.warn('The database was changed from outside while running.');
      this.dataVersion = version;
      this.shared.live.clear();
      this.shared.definitions.clear();
      this.shared.outbox.forget();
      Object.assign(this.shared.log, logEnd(this.statements));
    }
    return new Batch(this.shared);
  }

  private read(id: RequestId): Live | null {
    const known = this.shared.live.get(id);
    if (known !== undefined) return known;
    const row = this.statements.request.get(id);
    if (row === undefined) return null;
    const live = {
      state: stateOf(row, this.definitionOf(id, row.definition), this.parts.fold),
      definition: row.definition,
      hash: row.hash,
      dueAt: row.due_at,
      asked: askedOf(row),
      weight: row.opened.length + row.progress.length,
    };
    this.shared.live.set(id, live);
    return live;
  }

  private definitionOf(id: RequestId, digest: string): GateDefinition {
    const gate = this.shared.definitions.find(digest);
    if (gate === null) throw new Error(`The gate definition ${digest} of ${id} is missing.`);
    return gate;
  }

  private announce(checkpoint: Checkpoint): void {
    try {
      this.parts.onCheckpoint?.(checkpoint);
    } catch (error) {
      this.parts.warn(`The checkpoint at ${checkpoint.size} was not passed on: ${String(error)}`);
    }
  }

  private publish(committed: Committed): void {
    for (const listener of this.listeners)
      try {
        listener(committed);
      } catch (error) {
        this.parts.warn(`A listener failed on ${committed.state.content.id}: ${String(error)}`);
      }
  }
}

function logEnd(statements: Statements): LogEnd {
  const checkpoint = statements.lastCheckpoint.get();
  const tallies = statements.tallies.get();
  if (tallies === undefined) throw new Error('The tallies of the database are missing.');
  const { pending, queued, failed, sent, dead } = tallies;
  return {
    position: statements.lastPosition.get()?.seq ?? 0,
    checkpoint: checkpoint === undefined ? null : checkpointOf(checkpoint),
    hashes: statements.hashesAfter.all(checkpoint?.size ?? 0).map((row) => row.hash),
    tallies: { pending, queued, failed, sent, dead },
  };
}

function dataVersion(statements: Statements): number {
  return statements.dataVersion.get()?.data_version ?? 0;
}
