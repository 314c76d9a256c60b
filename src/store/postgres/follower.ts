/**
 * src/store/postgres/follower.ts: hears what other replicas commit, for those who wait here for a request. NOTIFY tells
 * at once; where it is missing, or its connection is, the log is read from the last known position on.
 */
import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import type { RequestId } from '../../engine/request.ts';
import type { Committed } from '../port.ts';
import type { EventRow } from '../schema.ts';
import { eventOf } from '../snapshot.ts';
import { CHANNEL } from './commit.ts';
import { saysUnavailable } from './connection.ts';
import { livesOf, type Shared, type SnapshotColumns } from './shared.ts';
import * as statements from './statements.ts';

/** Between two looks at the log without NOTIFY. */
const POLL_MS = 300;
/** The same beside NOTIFY, which may be lost with its connection without our hearing of it. */
const SAFETY_POLL_MS = 3_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 15_000;
/** Events looked at in one read of the log. */
const PAGE = 1_000;
/** Requests whose last published version is remembered, and of whose commits nobody knows what became. */
const REMEMBERED = 20_000;
/** By then the server has ended whatever was under way when its connection broke (statements: 10 s). */
const DOUBTED_MS = 60_000;

export interface FollowerParts {
  readonly shared: Shared;
  /** A new, unconnected client for LISTEN; null: the log is read instead. */
  readonly listener: (() => pg.Client) | null;
  /** Whether anybody here waits for this request. */
  readonly wants: (id: RequestId) => boolean;
  readonly publish: (committed: Committed) => void;
}

export class Follower {
  private readonly parts: FollowerParts;
  /** Everything up to here was looked at. */
  private position: number;
  private client: pg.Client | null = null;
  private failures = 0;
  private isClosed = false;
  private isStarted = false;
  private timers = new Set<NodeJS.Timeout>();
  /** Requests that were changed, with the version before. */
  private changed = new Map<RequestId, number>();
  private needsLog = false;
  private working: Promise<void> | null = null;
  /** Our own commits of these may still be told by NOTIFY, and nobody here was told; with when that was. */
  private readonly doubted = new Map<RequestId, number>();
  /** The versions of a request that were told: all from the first to the last. */
  private readonly published = new Map<RequestId, Told>();

  /** @param position where the log ended when the store was opened */
  constructor(parts: FollowerParts, position: number) {
    this.parts = parts;
    this.position = position;
  }

  get isListening(): boolean {
    return this.client !== null;
  }

  /** From now on, and not before, somebody waits. Resolves after the first try to LISTEN. */
  async start(): Promise<void> {
    if (this.isStarted || this.isClosed) return;
    this.isStarted = true;
    await this.listen();
    this.poll();
  }

  /**
   * This process committed this. Returns whether those who wait are to be told now: it is news, and nothing that another
   * replica committed before is still missing. Where it is, all is told together.
   */
  committedHere({ state, events }: Committed): boolean {
    const { id } = state.content;
    const first = state.version - events.length + 1;
    const known = this.published.get(id);
    if (known !== undefined && known.last >= state.version) return false;
    if (known !== undefined && known.last < first - 1) {
      this.note(id, known.last);
      this.work();
      return false;
    }
    this.remember(id, { first: known?.first ?? first, last: state.version });
    return true;
  }

  /** This process may have committed changes after these versions, without getting an answer. */
  doubt(before: ReadonlyMap<RequestId, number>): void {
    for (const [id, version] of before) {
      this.note(id, version);
      this.doubted.delete(id);
      this.doubted.set(id, performance.now());
    }
    this.believe();
    this.work();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const timer of this.timers) clearTimeout(timer);
    const { client } = this;
    this.client = null;
    await client?.end().catch(() => {}); // it may be gone already
    await this.working;
  }

  private async listen(): Promise<void> {
    const { listener, shared } = this.parts;
    if (listener === null || this.isClosed) return;
    const client = listener();
    const lost = (): void => {
      if (this.client !== client) return;
      this.client = null;
      shared.warn('LISTEN was cut off; the log is read instead until it is back.');
      this.readLogNow();
      this.retry();
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload }) => this.hear(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      client.end().catch(() => {}); // it never came up
      if (saysUnavailable(error)) this.retry();
      else shared.warn('This database has no LISTEN; the log is read instead.');
      return;
    }
    if (this.isClosed) return client.end();
    this.client = client;
    this.failures = 0;
    this.readLogNow();
  }

  private retry(): void {
    const pause = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures) * (0.5 + Math.random() / 2);
    this.failures += 1;
    this.after(pause, () => void this.listen());
  }

  /** `origin from to id:before id:before …`; without ids the log says which. Payloads come in the order of commits. */
  private hear(payload: string): void {
    const [origin, from = '', to = '', ...ids] = payload.split(' ');
    if (!/^\d+$/.test(from) || !/^\d+$/.test(to) || Number(to) <= this.position) return;
    const isOwn = origin === this.parts.shared.origin;
    if (!isOwn) this.parts.shared.tail.doubted();
    if (Number(from) !== this.position + 1 || ((!isOwn || this.doubted.size > 0) && ids.length === 0)) {
      this.readLogNow();
      return;
    }
    this.position = Number(to);
    for (const entry of ids) {
      const [id = '', before = ''] = entry.split(':');
      if (!isOwn || this.doubted.delete(id)) this.note(id, Number(before));
    }
    this.work();
  }

  /** Of the oldest nothing is heard any more; the polls of the log have told of those that were kept. */
  private believe(): void {
    const recent = performance.now() - DOUBTED_MS;
    for (const [id, since] of this.doubted) {
      if (since > recent && this.doubted.size <= REMEMBERED) break;
      this.doubted.delete(id);
    }
  }

  private note(id: RequestId, before: number): void {
    if (this.parts.wants(id)) this.changed.set(id, Math.min(before, this.changed.get(id) ?? before));
  }

  private poll(): void {
    this.after(this.isListening ? SAFETY_POLL_MS : POLL_MS, () => {
      this.believe();
      this.readLogNow();
      this.poll();
    });
  }

  private after(ms: number, run: () => void): void {
    if (this.isClosed) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, ms);
    timer.unref();
    this.timers.add(timer);
  }

  private readLogNow(): void {
    this.needsLog = true;
    this.work();
  }

  /** What could not be read stays noted, and the next poll tries again. */
  private work(): void {
    if (this.isClosed) return;
    this.working ??= this.catchUp()
      .catch((error: unknown) => {
        if (!saysUnavailable(error) && !this.isClosed)
          this.parts.shared.warn(`Other replicas could not be followed: ${String(error)}`);
      })
      .finally(() => {
        this.working = null;
      });
  }

  private async catchUp(): Promise<void> {
    while (!this.isClosed && (this.needsLog || this.changed.size > 0)) {
      if (this.needsLog) {
        this.needsLog = false;
        await this.readLog();
      }
      const { changed } = this;
      this.changed = new Map();
      try {
        await this.tell(changed);
      } catch (error) {
        for (const [id, before] of changed) this.note(id, before);
        throw error;
      }
    }
  }

  private async readLog(): Promise<void> {
    for (;;) {
      const { rows } = await this.parts.shared.reads.query<{ seq: number; request_id: RequestId; version: number }>(
        statements.eventsAfter(this.position, PAGE),
      );
      for (const { seq, request_id, version } of rows) {
        this.position = Math.max(this.position, seq);
        if (!this.knows(request_id, version)) this.note(request_id, version - 1);
      }
      if (rows.length < PAGE) return;
    }
  }

  private async tell(changed: ReadonlyMap<RequestId, number>): Promise<void> {
    const { shared, publish } = this.parts;
    const ids = [...changed.keys()];
    if (ids.length === 0) return;
    const after = [...changed.values()];
    const snapshots = await shared.reads.query<SnapshotColumns>(statements.snapshots(ids));
    const { rows } = await shared.reads.query<EventRow>(statements.eventsOfEach(ids, after));
    const lives = await livesOf(shared, shared.reads, snapshots.rows);
    for (const [id, before] of changed) {
      const state = lives.get(id)?.state;
      if (state === undefined) continue;
      const events = rows
        .filter((row) => row.request_id === id && row.version <= state.version && !this.knows(id, row.version))
        .map((row) => eventOf(row, state.gate));
      if (events.length === 0) continue;
      const known = this.published.get(id);
      this.remember(id, {
        first: Math.min(before + 1, known?.first ?? state.version),
        last: Math.max(state.version, known?.last ?? 0),
      });
      publish({ state, events });
    }
  }

  private knows(id: RequestId, version: number): boolean {
    const known = this.published.get(id);
    return known !== undefined && known.first <= version && version <= known.last;
  }

  private remember(id: RequestId, told: Told): void {
    this.published.delete(id);
    this.published.set(id, told);
    for (const oldest of this.published.keys()) {
      if (this.published.size <= REMEMBERED) break;
      this.published.delete(oldest);
    }
  }
}

interface Told {
  readonly first: number;
  readonly last: number;
}
