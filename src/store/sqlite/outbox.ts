/**
 * src/store/sqlite/outbox.ts: which deliveries may go now. A claim lives in memory only: one process has the file, so
 * after a crash the row is still queued and nobody else holds it. Of each target only the time of its earliest waiting
 * delivery is kept here; the rows stay in the table, and what was sent is never looked at again.
 */
import type { Instant } from '../../engine/definition.ts';
import type { Delivery } from '../port.ts';
import type { DeliveryRow } from '../schema.ts';
import { deliveryOf } from '../snapshot.ts';
import { saysUnavailable } from './connection.ts';
import type { Statements } from './statements.ts';

export interface Claim {
  readonly fence: number;
  readonly seq: number;
  readonly id: string;
  readonly request: string;
  readonly kind: DeliveryRow['kind'];
  readonly target: string;
  readonly state: 'queued' | 'failed';
  readonly attempts: number;
  readonly dueAt: Instant;
  readonly shownVersion: number | null;
  readonly receipt: string | null;
}

interface Head {
  readonly target: string;
  readonly dueAt: Instant;
}

export class Outbox {
  private readonly statements: Statements;
  /** Earliest waiting delivery of each target that has none under way. null until somebody asks. */
  private heads: Map<string, Instant> | null = null;
  /** A binary heap over `heads`; entries that no longer agree with it are dropped when they come up. */
  private heap: Head[] = [];
  private readonly claims = new Map<number, Claim>();
  private readonly fenceOf = new Map<number, number>();
  private readonly busy = new Set<string>();
  private lastFence = 0;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  get underWay(): Iterable<Claim> {
    return this.claims.values();
  }

  /** The fence of each delivery that is under way, by its `seq`, as it is now. */
  get fences(): ReadonlyMap<number, number> {
    return this.fenceOf;
  }

  claimOf(fence: number): Claim | undefined {
    return this.claims.get(fence);
  }

  /**
   * @param onUnreadable gets the claim of a row whose texts can't be parsed; its target waits until that is settled.
   */
  claim(now: Instant, limit: number, onUnreadable: (claim: Claim, error: unknown) => void): Delivery[] {
    const given: Delivery[] = [];
    while (given.length < limit) {
      const head = this.earliest();
      if (head === null || head.dueAt > now) break;
      const row = this.statements.nextForTarget.get(head.target, now);
      this.heads?.delete(head.target);
      if (row === undefined) {
        // What is due waits for an older delivery of its request, and that one is not due yet.
        const next = this.statements.targetDueAfter.get(head.target, now);
        if (next !== undefined) this.offer(head.target, next.due_at);
        continue;
      }
      const claim = this.hold(row);
      try {
        given.push(deliveryOf(row, claim.fence));
      } catch (error) {
        onUnreadable(claim, error);
      }
    }
    return given;
  }

  /** Something waits for this target from `dueAt` on. */
  offer(target: string, dueAt: Instant): void {
    if (this.heads === null || this.busy.has(target)) return;
    const known = this.heads.get(target);
    if (known !== undefined && known <= dueAt) return;
    this.heads.set(target, dueAt);
    push(this.heap, { target, dueAt });
  }

  /** After a commit: these claims are over, and these deliveries wait. What can't be read now is read anew later. */
  settled(fences: Iterable<number>, waiting: Iterable<Head>): void {
    try {
      for (const fence of fences) this.release(fence);
      for (const { target, dueAt } of waiting) this.offer(target, dueAt);
    } catch (error) {
      if (!saysUnavailable(error)) throw error;
      for (const fence of fences) this.end(fence);
      this.forget();
    }
  }

  private end(fence: number): Claim | undefined {
    const claim = this.claims.get(fence);
    this.claims.delete(fence);
    if (claim === undefined) return claim;
    this.fenceOf.delete(claim.seq);
    this.busy.delete(claim.target);
    return claim;
  }

  private release(fence: number): void {
    const claim = this.end(fence);
    if (claim === undefined || this.heads === null) return;
    const next = this.statements.targetDueAfter.get(claim.target, Number.MIN_SAFE_INTEGER);
    if (next !== undefined) this.offer(claim.target, next.due_at);
  }

  nextDueAt(): Instant | null {
    return this.earliest()?.dueAt ?? null;
  }

  /** Forgets what it knows of the table, not who is under way. */
  forget(): void {
    this.heads = null;
    this.heap = [];
  }

  private hold(row: DeliveryRow): Claim {
    const claim: Claim = {
      fence: ++this.lastFence,
      seq: row.seq,
      id: row.id,
      request: row.request_id,
      kind: row.kind,
      target: row.target,
      state: row.state === 'failed' ? 'failed' : 'queued',
      attempts: row.attempts,
      dueAt: row.due_at,
      shownVersion: row.shown_version,
      receipt: row.receipt,
    };
    this.claims.set(claim.fence, claim);
    this.fenceOf.set(claim.seq, claim.fence);
    this.busy.add(claim.target);
    return claim;
  }

  private earliest(): Head | null {
    if (this.heads === null) {
      this.heads = new Map();
      for (const row of this.statements.waitingTargets.all()) this.offer(row.target, row.due_at);
    }
    for (;;) {
      const head = this.heap[0];
      if (head === undefined) return null;
      if (this.heads.get(head.target) === head.dueAt) return head;
      pop(this.heap);
    }
  }
}

function push(heap: Head[], head: Head): void {
  let at = heap.length;
  heap.push(head);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || parent.dueAt <= head.dueAt) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = head;
}

function pop(heap: Head[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    const [left, right] = [heap[below], heap[below + 1]];
    if (left === undefined) break;
    let child = left;
    if (right !== undefined && right.dueAt < left.dueAt) {
      child = right;
      below += 1;
    }
    if (child.dueAt >= last.dueAt) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
}
