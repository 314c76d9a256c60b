/** src/adapters/web/stats.ts: what the page of figures shows. The bot counts; nothing here knows how. */
import type { Instant } from '../../engine/definition.ts';

/** One gate in one week, or in several together. Durations are milliseconds; null where there was nothing to measure. */
export interface GateStats {
  readonly opened: number;
  readonly approved: number;
  readonly rejected: number;
  readonly cancelled: number;
  /** Requests that kept their SLA, of those that could be judged. */
  readonly slaMet: number;
  readonly slaJudged: number;
  readonly medianMs: number | null;
  readonly p90Ms: number | null;
  readonly reminders: number;
  readonly escalations: number;
  readonly timeouts: number;
  readonly bypasses: number;
}

/** How the person who looks answers, in this week and the last. Nobody else sees it. */
export interface OwnStats {
  readonly asked: number;
  readonly votes: number;
  readonly missed: number;
  readonly medianMs: number | null;
}

export interface StatsView {
  /** ISO weeks in UTC (`2026-W47`), oldest first; the last one is the current one. */
  readonly weeks: readonly string[];
  /** First and last day of the current week. */
  readonly from: Instant;
  readonly to: Instant;
  /** Figures of gates that the person has a part in, in the order to be shown. */
  readonly gates: readonly {
    readonly name: string;
    readonly now: GateStats;
    /** All the weeks before the current one together. */
    readonly before: GateStats;
    /** One for each of `weeks`. */
    readonly byWeek: readonly GateStats[];
  }[];
  /** Gates beyond those shown. */
  readonly more: number;
  readonly own: OwnStats;
  /** Until when events are counted, while a long log is still being counted; null: everything is in. */
  readonly countedUntil: Instant | null;
}
