/**
 * src/bot/chat/figures.ts: `stats`: a few figures about what a person has a part in, from a bounded look at requests and
 * from what is counted week by week. They see their own figures and those of their gates; of other people nothing.
 */
import type { ChatReply } from '../../adapters/chat.ts';
import type { RequestState } from '../../engine/request.ts';
import { suggestion } from '../config/index.ts';
import { withPart } from '../parts.ts';
import { shortened } from '../shortened.ts';
import { EVERY_GATE, type GateFigures, type Report, type Row } from '../stats/report.ts';
import { gatesOf } from '../stats/whose.ts';
import { usageOf } from './help.ts';
import { LOOKED_AT, STATS_GATES } from './limits.ts';
import { gateMeant } from './many.ts';
import { type Asking, counted, looking, text } from './speaking.ts';

const DAYS = 7;
const DAY_MS = 86_400_000;

interface Fact {
  readonly label: string;
  readonly value: string;
}

/** @param gate its name, or nothing for everything that the person has a part in */
export function stats(asking: Asking, gate: string): Promise<ChatReply> {
  return gate === '' ? ownStats(asking) : gateStats(asking, gate);
}

async function ownStats(asking: Asking): Promise<ChatReply> {
  const isOwn = await ownGates(asking);
  const thisWeek = asking.figures.thisWeek();
  const range = { from: thisWeek - 1, to: thisWeek };
  const report = await asking.figures.report(range, { ...EVERY_GATE, gate: isOwn });
  return {
    kind: 'facts',
    heading: 'What you have a part in',
    facts: [...(await lookedUp(asking)), ...(await answering(asking)), ...kept(asking, report), ...counting(report)],
  };
}

const ownGates = (asking: Asking): Promise<(gate: string) => boolean> => {
  const { store, person, config } = asking;
  return gatesOf(person, { ...config(), ...looking(asking).today, store });
};

async function lookedUp(asking: Asking): Promise<readonly Fact[]> {
  const { store, person } = asking;
  const { today } = looking(asking);
  const look = { size: LOOKED_AT, most: LOOKED_AT };
  const since = today.now - DAYS * DAY_MS;
  const isRecent = (state: RequestState): boolean => state.status !== 'pending' && state.outcome.decidedAt >= since;
  const pending = await withPart(store, person, today, { filter: { status: 'pending' }, ...look });
  const waiting = await withPart(store, person, today, { filter: { status: 'pending', approver: person }, ...look });
  const decided = await withPart(store, person, today, { filter: {}, wanted: isRecent, ...look });
  const took = decided.requests.flatMap((state) =>
    state.status === 'approved' || state.status === 'rejected' ? [state.outcome.decidedAt - state.openedAt] : [],
  );
  const isCut = decided.next !== null;
  return [
    { label: 'Waiting for you', value: atLeast(waiting.requests.length, waiting.next !== null) },
    { label: 'Pending in all', value: atLeast(pending.requests.length, pending.next !== null) },
    { label: `Decided in the last ${DAYS} days`, value: atLeast(decided.requests.length, isCut) },
    { label: 'Median time to a decision', value: took.length === 0 ? '–' : span(median(took)) },
  ];
}

/** How the person answers, in this week and the last; nothing where nobody asked them. */
async function answering({ figures, person }: Asking): Promise<readonly Fact[]> {
  const thisWeek = figures.thisWeek();
  const own = await figures.ofPerson({ from: thisWeek - 1, to: thisWeek }, person);
  if (own.asked === 0) return [];
  const { medianSeconds } = own.timeToVote;
  const typically = medianSeconds === null ? '' : `, typically within ${span(medianSeconds * 1000)}`;
  const missed = own.missed === 0 ? '' : `; ${counted(own.missed)} ran out of time without your answer`;
  return [
    {
      label: 'You, this week and last',
      value: `asked ${counted(own.asked, 'time')}, answered ${counted(own.votes, 'time')}${typically}${missed}`,
    },
  ];
}

/** How each gate keeps its SLA, the worst first. */
function kept({ kind }: Asking, report: Report): readonly Fact[] {
  const judged = report.gates
    .filter(({ total }) => total.sla.compliance !== null)
    .sort((one, other) => (one.total.sla.compliance ?? 1) - (other.total.sla.compliance ?? 1));
  const facts = judged
    .slice(0, STATS_GATES)
    .map((row) => ({ label: `SLA at ${row.name}`, value: bothWeeks(report, row, slaText) }));
  const more = judged.length - facts.length;
  if (more === 0) return facts;
  return [...facts, { label: 'And', value: `${counted(more, 'more gate')}: ${usageOf(kind, 'stats')}` }];
}

async function gateStats(asking: Asking, name: string): Promise<ChatReply> {
  const { figures, config } = asking;
  const isOwn = await ownGates(asking);
  // A gate that is gone from the config still has its figures.
  const gate = gateMeant(asking, name) ?? name;
  if (!isOwn(gate)) {
    const hint = suggestion(name, [...config().gates.keys()].filter(isOwn)).replace(/^, d/, ' D');
    return text(`There is no gate “${shortened(name, 64)}” that you have a part in.${hint}`);
  }
  const thisWeek = figures.thisWeek();
  const range = { from: thisWeek - 1, to: thisWeek };
  const report = await figures.report(range, { ...EVERY_GATE, gate: (known) => known === gate });
  const [row] = report.gates;
  const facts = row === undefined ? [] : gateFacts(report, row);
  if (facts.length === 0 && report.progress.isComplete)
    return text(`Nothing was opened or decided at ${gate} this week or last.`);
  return { kind: 'facts', heading: gate, facts: [...facts, ...counting(report)] };
}

function gateFacts(report: Report, row: Row<GateFigures>): readonly Fact[] {
  const fact = (label: string, told: (figures: GateFigures) => string): Fact => ({
    label,
    value: bothWeeks(report, row, told),
  });
  const { bypasses, timeouts, escalations, pauses, sla } = row.total;
  return [
    fact('Opened', ({ opened }) => String(opened)),
    fact('Approved', ({ outcomes }) => String(sum(outcomes.approved))),
    fact('Rejected', ({ outcomes }) => String(sum(outcomes.rejected))),
    fact('Time to a decision', timeText),
    ...(sla.compliance === null ? [] : [fact('SLA', slaText)]),
    fact('Reminders', ({ reminders }) => String(reminders)),
    ...(escalations === 0 ? [] : [fact('Escalations', (week) => String(week.escalations))]),
    ...(timeouts === 0 ? [] : [fact('Nobody decided in time', (week) => String(week.timeouts))]),
    ...(bypasses === 0 ? [] : [fact('Bypassed', (week) => String(week.bypasses))]),
    ...(pauses === 0 ? [] : [fact('Paused', (week) => String(week.pauses))]),
  ];
}

/** "3 this week, 5 last week"; "–" for a week in which nothing was counted. */
function bothWeeks({ from, to }: Report, { weeks }: Row<GateFigures>, told: (figures: GateFigures) => string): string {
  const [now, before] = [to, from].map((week) => {
    const found = weeks.find((counted) => counted.week === week);
    return found === undefined ? '–' : told(found.figures);
  });
  return `${now} this week, ${before} last week`;
}

/** "92 % (11 of 12)" */
const slaText = ({ sla: { met, breached, compliance } }: GateFigures): string =>
  compliance === null ? '–' : `${Math.floor(compliance * 100)} % (${met} of ${met + breached})`;

const timeText = ({ timeToDecision: { medianSeconds } }: GateFigures): string =>
  medianSeconds === null ? '–' : `about ${span(medianSeconds * 1000)}`;

/** Said only while a long log is still being counted: the figures are too low then. */
function counting({ progress: { at, isComplete } }: Report): readonly Fact[] {
  if (isComplete || at === null) return [];
  const day = new Date(at).toISOString().slice(0, 10);
  return [{ label: 'Still counting', value: `what came after ${day} is not in these figures yet` }];
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

const atLeast = (count: number, isCut: boolean): string => (isCut ? `${count} or more` : String(count));

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** "45 s", "12 min", "3 h 5 min", "2 d 4 h" */
function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return joined(hours, 'h', minutes % 60, 'min');
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const joined = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
