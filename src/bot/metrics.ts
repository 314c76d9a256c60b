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
  /** What is wrong with groups that somebody else keeps, by name; null: nothing. */
  readonly groups: () => Readonly<Record<string, string | null>>;
  /** Whether the config that counts is what its files say. */
  readonly isNewest: () => boolean;
  /** Pauses of the house in force, by what they are of. */
  readonly paused: () => Readonly<Record<string, number>>;
}

/** Gates with a series of their own; those beyond share one. */
const GATE_SERIES = 1_000;
const OTHER_GATES = '(other gates)';

export function createMetrics(store: Store, { waiting, unheard, problems, groups, isNewest, paused }: Gauges): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const labelled = new Set<string>();
  const gateLabel = (gate: string): string => {
    if (!labelled.has(gate) && labelled.size >= GATE_SERIES) return OTHER_GATES;
    labelled.add(gate);
    return gate;
  };
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
  const slaMet = new Counter({
    name: 'countersign_sla_met_total',
    help: 'Requests decided by votes within the target time of their SLA',
    labelNames: ['gate'],
    registers,
  });
  const slaBreached = new Counter({
    name: 'countersign_sla_breached_total',
    help: 'Requests that missed the target time of their SLA, counted when it is noticed',
    labelNames: ['gate'],
    registers,
  });
  const reminders = new Counter({
    name: 'countersign_reminders_total',
    help: 'Reminders, each counted once however many people it went to',
    labelNames: ['gate'],
    registers,
  });
  const escalations = new Counter({
    name: 'countersign_escalations_total',
    help: 'Escalations that asked somebody',
    labelNames: ['gate'],
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
  const pausesInForce = new Gauge({
    name: 'countersign_paused',
    help: 'Pauses in force, of a gate, a pipeline or everything',
    labelNames: ['scope'],
    registers,
  });
  const channelUp = new Gauge({
    name: 'countersign_channel_up',
    help: '1 where a channel’s platform can be reached with what is configured, 0 where not',
    labelNames: ['channel'],
    registers,
  });
  const sourceUp = new Gauge({
    name: 'countersign_directory_source_up',
    help: '1 where the members of a group that somebody else keeps are known, 0 where its gates stay closed',
    labelNames: ['group'],
    registers,
  });
  const newest = new Gauge({
    name: 'countersign_config_newest',
    help: '1 where the config is what its files say, 0 where they have mistakes and the last good config counts',
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
      for (const [scope, count] of Object.entries(paused())) pausesInForce.set({ scope }, count);
      for (const [channel, problem] of Object.entries(problems())) channelUp.set({ channel }, problem === null ? 1 : 0);
      newest.set(isNewest() ? 1 : 0);
      sourceUp.reset(); // groups come and go with the config
      for (const [group, problem] of Object.entries(groups())) sourceUp.set({ group }, problem === null ? 1 : 0);
      return registry.metrics();
    },
    committed({ state, events }) {
      const gate = gateLabel(state.gate.name);
      for (const event of events) {
        if (event.type === 'opened') opened.inc({ gate });
        if (event.type === 'voted') votes.inc({ via: event.vote.via, outcome: event.vote.outcome });
        if (event.type === 'undelivered') undelivered.inc({ kind: event.kind });
        if (event.type === 'reminded' && event.people.length > 0) reminders.inc({ gate });
        if (event.type === 'escalated' && event.people.length > 0) escalations.inc({ gate });
        if (event.type === 'slaBreached') slaBreached.inc({ gate });
        if (event.type !== 'closed') continue;
        const isJudged = state.gate.sla !== null && !state.slaBreached;
        if (isJudged && event.outcome.cause === 'votes') slaMet.inc({ gate });
        // Silence never keeps an SLA: the deadline may come before a tick has noticed the breach.
        if (isJudged && event.outcome.cause === 'timeout') slaBreached.inc({ gate });
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
