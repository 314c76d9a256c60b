/**
 * src/store/memory.ts: what a process may remember of what is stored: requests it touched lately,
 * and gate definitions. Both are bounded, and both take only what was committed.
 */
import type { GateDefinition, Instant, PersonId } from '../engine/definition.ts';
import type { RequestId, RequestState } from '../engine/request.ts';
import { digestOf } from './chain.ts';

/** A request as its row holds it. */
export interface Live {
  readonly state: RequestState;
  readonly definition: string;
  /** Hash of the newest event. */
  readonly hash: string;
  readonly dueAt: Instant | null;
  readonly asked: readonly PersonId[];
  /** Length of its texts: what it weighs here. */
  readonly weight: number;
}

/** Least recently used go first. */
export class LiveRequests {
  private readonly byId = new Map<RequestId, Live>();
  private weight = 0;
  private readonly limit: number;

  /** @param limit characters of JSON text in all; in memory they take about four bytes each. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get(id: RequestId): Live | undefined {
    const live = this.byId.get(id);
    if (live !== undefined) {
      this.byId.delete(id);
      this.byId.set(id, live);
    }
    return live;
  }

  set(id: RequestId, live: Live): void {
    this.weight += live.weight - (this.byId.get(id)?.weight ?? 0);
    this.byId.delete(id);
    this.byId.set(id, live);
    for (const [oldest, { weight }] of this.byId) {
      if (this.weight <= this.limit) break;
      this.byId.delete(oldest);
      this.weight -= weight;
    }
  }

  clear(): void {
    this.byId.clear();
    this.weight = 0;
  }
}

/** Definitions kept parsed: a configuration has dozens, and requests with overrides bring their own. */
const DEFINITIONS_KEPT = 500;

/** Gate definitions by digest: each is stored once, however many requests pin it. */
export class Definitions {
  private readonly byDigest = new Map<string, GateDefinition>();
  /** The configuration hands over the same object with each request, so its text is made and hashed once. */
  private readonly digests = new WeakMap<GateDefinition, string>();
  private readonly read: (digest: string) => string | undefined;

  constructor(read: (digest: string) => string | undefined) {
    this.read = read;
  }

  digest(gate: GateDefinition): string {
    const known = this.digests.get(gate);
    if (known !== undefined) return known;
    const digest = digestOf(JSON.stringify(gate));
    this.digests.set(gate, digest);
    return digest;
  }

  /** Whether it is known to be in the table already. */
  holds(digest: string): boolean {
    return this.byDigest.has(digest);
  }

  keep(digest: string, gate: GateDefinition): void {
    this.byDigest.delete(digest);
    this.byDigest.set(digest, gate);
    this.digests.set(gate, digest);
    for (const oldest of this.byDigest.keys()) {
      if (this.byDigest.size <= DEFINITIONS_KEPT) break;
      this.byDigest.delete(oldest);
    }
  }

  find(digest: string): GateDefinition | null {
    const kept = this.byDigest.get(digest);
    if (kept !== undefined) return kept;
    const json = this.read(digest);
    if (json === undefined) return null;
    const gate: GateDefinition = JSON.parse(json);
    this.keep(digest, gate);
    return gate;
  }

  clear(): void {
    this.byDigest.clear();
  }
}
