/**
 * src/store/postgres/outbox.ts: which deliveries may go now. A claim stands in the delivery's row: until when it is
 * leased, and a fence that moves with each claim. A process that lives renews its leases; one that was killed lets them
 * run out, and whoever takes over sees one attempt more.
 */
import { performance } from 'node:perf_hooks';
import type { Instant } from '../../engine/definition.ts';
import type { Delivery } from '../port.ts';
import type { DeliveryRow } from '../schema.ts';
import { deliveryOf } from '../snapshot.ts';
import { takenConstraint } from './connection.ts';
import type { Shared } from './shared.ts';
import * as statements from './statements.ts';

/**
 * Longer than an attempt may take (15 s) and its end be written down, so that a claim ends before another begins. What a
 * killed replica was sending waits for so long, and no less for an outage of the database that is as long.
 */
export const LEASE_MS = 30_000;
/** After this a claim is not renewed any more: whoever held it has let it go without saying so. */
const HELD_AT_MOST_MS = 15 * 60_000;
/** How often leases that ran out are looked for. */
const SWEEP_MS = 1_000;
/** Claims that another replica was faster with, in one call. */
const TRIES = 3;

export interface ClaimedRow extends DeliveryRow {
  readonly fence: number;
}

/** For so long a look that found nothing more is believed; what this process commits itself ends that at once. */
const BELIEVED_MS = 1_000;

interface Held {
  readonly id: string;
  readonly target: string;
  readonly fence: number;
  readonly since: number;
}

export class Outbox {
  private readonly shared: Shared;
  private readonly leaseMs: number;
  private readonly held = new Map<string, Held>();
  private readonly targets = new Set<string>();
  private sweptAt = Number.NEGATIVE_INFINITY;
  /** Counts what may have made something due since the last look. */
  private changes = 0;
  /** The last look: nothing more was due, and when the next one is. null: nobody knows. */
  private known: { readonly changes: number; readonly at: number; readonly nextDueAt: Instant | null } | null = null;
  private readonly renewal: NodeJS.Timeout;

  constructor(shared: Shared, leaseMs: number) {
    this.shared = shared;
    this.leaseMs = leaseMs;
    this.renewal = setInterval(() => void this.renew(), leaseMs / 4);
    this.renewal.unref();
  }

  /** @param onUnreadable gets the claim of a row whose texts can't be parsed; its target waits until that is settled. */
  async claim(
    now: Instant,
    limit: number,
    onUnreadable: (claim: Pick<Delivery, 'id' | 'fence'>, error: unknown) => void,
  ): Promise<Delivery[]> {
    const known = this.believed();
    if (known !== null && (known.nextDueAt === null || known.nextDueAt > now)) return [];
    this.known = null;
    const rows = await this.claimRows(now, Math.max(0, Math.trunc(limit)));
    rows.sort((one, other) => one.due_at - other.due_at || one.seq - other.seq);
    const since = performance.now();
    const given: Delivery[] = [];
    for (const row of rows) {
      const { id, fence, target } = row;
      this.held.set(id, { id, target, fence, since });
      this.targets.add(target);
      try {
        given.push(deliveryOf(row, fence));
      } catch (error) {
        onUnreadable({ id, fence }, error);
      }
    }
    // While commits come in quick succession the caller asks again at once; then it is known that there is nothing.
    if (rows.length === 0) await this.nextDueAt();
    return given;
  }

  /** When the next delivery is due whose target has none under way. */
  async nextDueAt(): Promise<Instant | null> {
    const known = this.believed();
    if (known !== null) return known.nextDueAt;
    const { changes } = this;
    const at = performance.now();
    const { rows } = await this.shared.reads.query<{ due_at: Instant | null }>(statements.nextDelivery());
    const nextDueAt = rows[0]?.due_at ?? null;
    this.known = { changes, at, nextDueAt };
    return nextDueAt;
  }

  /** This process queued deliveries to these targets. To those where one is under way nothing goes before that ends. */
  queued(targets: Iterable<string>): void {
    for (const target of targets) if (!this.targets.has(target)) this.changes += 1;
  }

  /** This process changed what waits in some other way. */
  moved(): void {
    this.changes += 1;
  }

  settled(id: string, fence: number): void {
    if (this.held.get(id)?.fence === fence) this.letGo(id);
  }

  private letGo(id: string): void {
    const claim = this.held.get(id);
    this.held.delete(id);
    if (claim !== undefined) this.targets.delete(claim.target);
    this.changes += 1;
  }

  private believed(): Outbox['known'] {
    const { known } = this;
    const holds = known !== null && known.changes === this.changes && performance.now() - known.at < BELIEVED_MS;
    return holds ? known : null;
  }

  /** What is still held was perhaps begun: it goes back into the queue with one attempt more. */
  async close(): Promise<void> {
    clearInterval(this.renewal);
    const held = [...this.held.values()];
    this.held.clear();
    if (held.length === 0) return;
    await this.shared.reads.query(
      statements.release(
        held.map(({ id }) => id),
        held.map(({ fence }) => fence),
      ),
    );
  }

  private async claimRows(now: Instant, limit: number): Promise<ClaimedRow[]> {
    const { reads } = this.shared;
    if (performance.now() - this.sweptAt >= SWEEP_MS) {
      this.sweptAt = performance.now();
      await reads.query(statements.endExpired());
    }
    for (let tries = 1; ; tries++)
      try {
        return (await reads.query<ClaimedRow>(statements.claim(now, limit, this.leaseMs))).rows;
      } catch (error) {
        // Another replica took another delivery of one of these targets in the same moment.
        if (takenConstraint(error) !== 'deliveries_leased') throw error;
        if (tries === TRIES) return [];
      }
  }

  private async renew(): Promise<void> {
    const now = performance.now();
    const held: Held[] = [];
    for (const claim of this.held.values())
      if (now - claim.since < HELD_AT_MOST_MS) held.push(claim);
      else this.letGo(claim.id);
    if (held.length === 0) return;
    try {
      await this.shared.reads.query(
        statements.renew(
          held.map(({ id }) => id),
          held.map(({ fence }) => fence),
          this.leaseMs,
        ),
      );
    } catch (error) {
      this.shared.warn(`Claims could not be renewed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
