/** src/bot/stats/page.ts: the figures for the web page of one person: their gates, week by week, and how they answer. */
import type { GateStats, StatsView } from '../../adapters/web/stats.ts';
import type { PersonId } from '../../engine/definition.ts';
import { EVERY_GATE, type Figures, type GateFigures, type Row } from './report.ts';
import { startOf, weekOf } from './week.ts';
import { gatesOf, type House } from './whose.ts';

/** Weeks shown: the current one and eight before it. */
const SHOWN_WEEKS = 9;
/** Gates shown: those that keep their SLA worst, then the busiest. */
const SHOWN_GATES = 30;
const DAY_MS = 86_400_000;

export async function statsPageOf(figures: Figures, person: PersonId, house: House): Promise<StatsView> {
  const isOwn = await gatesOf(person, house);
  const thisWeek = figures.thisWeek();
  const first = thisWeek - SHOWN_WEEKS + 1;
  const ofGates = { ...EVERY_GATE, gate: isOwn };
  const all = await figures.report({ from: first, to: thisWeek }, ofGates);
  const before = await figures.report({ from: first, to: thisWeek - 1 }, ofGates);
  const own = await figures.ofPerson({ from: thisWeek - 1, to: thisWeek }, person);
  const weeks = Array.from({ length: SHOWN_WEEKS }, (_, i) => weekOf(first + i));
  const ranked = [...all.gates].sort(worstFirst);
  const { at, isComplete } = all.progress;
  return {
    weeks,
    from: startOf(thisWeek),
    to: startOf(thisWeek + 1) - DAY_MS,
    gates: ranked.slice(0, SHOWN_GATES).map((row) => {
      const byWeek = weeks.map((week) => told(row.weeks.find((counted) => counted.week === week)?.figures));
      return {
        name: row.name,
        now: byWeek.at(-1) ?? told(undefined),
        before: told(before.gates.find(({ name }) => name === row.name)?.total),
        byWeek,
      };
    }),
    more: Math.max(0, ranked.length - SHOWN_GATES),
    own: {
      asked: own.asked,
      votes: own.votes,
      missed: own.missed,
      medianMs: msOf(own.timeToVote.medianSeconds),
    },
    countedUntil: isComplete ? null : at,
  };
}

const worstFirst = (one: Row<GateFigures>, other: Row<GateFigures>): number =>
  (one.total.sla.compliance ?? 1) - (other.total.sla.compliance ?? 1) || other.total.opened - one.total.opened;

const msOf = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

function told(figures: GateFigures | undefined): GateStats {
  return {
    opened: figures?.opened ?? 0,
    approved: sum(figures?.outcomes.approved ?? {}),
    rejected: sum(figures?.outcomes.rejected ?? {}),
    cancelled: sum(figures?.outcomes.cancelled ?? {}),
    slaMet: figures?.sla.met ?? 0,
    slaJudged: (figures?.sla.met ?? 0) + (figures?.sla.breached ?? 0),
    medianMs: msOf(figures?.timeToDecision.medianSeconds ?? null),
    p90Ms: msOf(figures?.timeToDecision.p90Seconds ?? null),
    reminders: figures?.reminders ?? 0,
    escalations: figures?.escalations ?? 0,
    timeouts: figures?.timeouts ?? 0,
    bypasses: figures?.bypasses ?? 0,
  };
}
