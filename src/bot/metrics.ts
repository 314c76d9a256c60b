/** src/bot/metrics.ts: what /metrics shows (Prometheus): how much waits, how long decisions take, what went out, how late the tick is. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Instant } from '../engine/definition.ts';
import type { Committed, Store } from '../store/port.ts';

export interface Metrics {
  /** The exposition text, with the store's figures read now. */
  text(now: Instant): Promise<string>;
  readonly contentType: string;
  /** Counts what a commit recorded. */
  committed(committed: Committed): void;
  ticked(lagMs: number, tookMs: number): void;
  refused(refusal: string): void;
}

/** Figures that are asked for when they are shown. */
export interface Gauges {
  /** Long-polls and streams. */
  readonly waiting: () => number;
  /** Pending requests that nobody could be told of. */
  readonly unheard: () => Promise<number>;
  /** What is wrong with a channel, by kind; null: nothing. */
  readonly problems: () => Readonly<Record<string, string | null>>;
}

export function createMetrics(store: Store, { waiting, unheard, problems }: Gauges): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const pending = new Gauge({
    name: 'countersign_requests_pending',
    help: 'Requests that wait for a decision',
    registers,
  });
  const oldest = new Gauge({
    name: 'countersign_oldest_pending_seconds',
    help: 'Age of the oldest pending request',
    registers,
  });
  const deliveries = new Gauge({
    name: 'countersign_deliveries',
    help: 'Deliveries by state',
    labelNames: ['state'],
    registers,
  });
  const waiters = new Gauge({ name: 'countersign_waiters', help: 'Long-polls and streams that wait', registers });
  const opened = new Counter({
    name: 'countersign_requests_opened_total',
    help: 'Requests opened',
    labelNames: ['gate'],
    registers,
  });
  const votes = new Counter({
    name: 'countersign_votes_total',
    help: 'Votes recorded',
    labelNames: ['via', 'outcome'],
    registers,
  });
  const closed = new Counter({
    name: 'countersign_requests_closed_total',
    help: 'Requests ended',
    labelNames: ['gate', 'status', 'cause'],
    registers,
  });
  const latency = new Histogram({
    name: 'countersign_decision_seconds',
    help: 'From opening to the outcome',
    labelNames: ['gate'],
    buckets: [1, 10, 60, 300, 900, 3_600, 14_400, 86_400, 604_800],
    registers,
  });
  const refusals = new Counter({
    name: 'countersign_refusals_total',
    help: 'Commands refused',
    labelNames: ['refusal'],
    registers,
  });
  const undelivered = new Counter({
    name: 'countersign_requests_undelivered_total',
    help: 'What a request was to send and nobody received, for good',
    labelNames: ['kind'],
    registers,
  });
  const unheardRequests = new Gauge({
    name: 'countersign_requests_unheard',
    help: 'Pending requests that nobody could be told of: every message that was to show them was given up',
    registers,
  });
  const channelUp = new Gauge({
    name: 'countersign_channel_up',
    help: '1 where a channel’s platform can be reached with what is configured, 0 where not',
    labelNames: ['channel'],
    registers,
  });
  const lag = new Gauge({
    name: 'countersign_tick_lag_seconds',
    help: 'How late the last tick found what was due',
    registers,
  });
  const tick = new Histogram({
    name: 'countersign_tick_seconds',
    help: 'Time one tick took',
    buckets: [0.001, 0.01, 0.1, 1, 10],
    registers,
  });
  return {
    contentType: registry.contentType,
    async text(now) {
      const stats = await store.stats();
      pending.set(stats.pending);
      oldest.set(stats.oldestPendingAt === null ? 0 : (now - stats.oldestPendingAt) / 1000);
      for (const [state, count] of Object.entries(stats.deliveries)) deliveries.set({ state }, count);
      waiters.set(waiting());
      unheardRequests.set(await unheard());
      for (const [channel, problem] of Object.entries(problems())) channelUp.set({ channel }, problem === null ? 1 : 0);
      return registry.metrics();
    },
    committed({ state, events }) {
      const gate = state.gate.name;
      for (const event of events) {
        if (event.type === 'opened') opened.inc({ gate });
        if (event.type === 'voted') votes.inc({ via: event.vote.via, outcome: event.vote.outcome });
        if (event.type === 'undelivered') undelivered.inc({ kind: event.kind });
        if (event.type !== 'closed') continue;
        closed.inc({ gate, status: event.outcome.status, cause: event.outcome.cause });
        latency.observe({ gate }, (event.at - state.openedAt) / 1000);
      }
    },
    ticked(lagMs, tookMs) {
      lag.set(lagMs / 1000);
      tick.observe(tookMs / 1000);
    },
    refused: (refusal) => refusals.inc({ refusal }),
  };
}
