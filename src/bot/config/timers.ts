/**
 * src/bot/config/timers.ts: timers of a gate that contradict each other: what would come after the request has ended by
 * itself, out of order, or to nobody new. What can't be meant is a problem; what may be meant is a warning.
 */
import { addOpenTime, nextOpening } from '../../engine/calendar.ts';
import type { ApproverRef, GateDefinition, Instant } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import { type Path, pathText, type Report } from './problem.ts';
import { fixedPeople } from './stages.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface TimerFacts {
  readonly directory: Directory;
  readonly now: Instant;
  /** Told of what is allowed but probably not meant. */
  readonly warn: (message: string) => void;
}

/** @param writtenMax how many reminders the config itself asks for; undefined where it leaves that to us */
export function reportTimers(
  gate: GateDefinition,
  writtenMax: number | undefined,
  path: Path,
  { directory, now, warn }: TimerFacts,
  report: Report,
): void {
  const warnAt = (place: Path, message: string): void => warn(`${pathText([...path, ...place])}: ${message}`);
  const asked = gate.stages.flatMap((stage) => stage.rules.flatMap((rule) => rule.approvers));
  reportTooLate(gate, path, report);
  reportOrder(gate, path, report);
  warnOfReminders(gate, writtenMax, warnAt);
  warnOfTarget(gate, now, warnAt);
  for (const [i, { to, mode }] of gate.escalate.entries())
    if (mode === 'add' && asksNobodyNew(to, gate, asked, directory))
      warnAt(['escalate', i, 'to'], 'names only people who are asked already');
  const atBreach = gate.sla?.escalateTo;
  if (atBreach !== undefined && asksNobodyNew(atBreach, gate, asked, directory))
    warnAt(['sla', 'escalate'], 'names only people who are asked already');
  warnOfSilence(gate, warnAt);
}

type WarnAt = (place: Path, message: string) => void;

function reportTooLate({ timeoutMs, remind, escalate }: GateDefinition, path: Path, report: Report): void {
  if (timeoutMs === null) return;
  const words = 'comes after the timeout has ended the request';
  if (remind !== null && remind.afterMs >= timeoutMs) report([...path, 'remind', 'after'], words);
  for (const [i, { afterMs }] of escalate.entries())
    if (afterMs >= timeoutMs) report([...path, 'escalate', i, 'after'], words);
}

/** Steps are taken one after another, so one that is written too late would hold up those behind it. */
function reportOrder({ escalate }: GateDefinition, path: Path, report: Report): void {
  for (const [i, { afterMs }] of escalate.entries()) {
    const before = escalate[i - 1];
    if (before !== undefined && afterMs <= before.afterMs)
      report([...path, 'escalate', i, 'after'], 'must be later than the step before it: steps come one after another');
  }
}

function warnOfReminders({ timeoutMs, remind }: GateDefinition, writtenMax: number | undefined, warnAt: WarnAt): void {
  if (remind === null || remind.everyMs === null) return;
  if (remind.everyMs < MINUTE_MS) warnAt(['remind', 'every'], 'reminds more than once a minute');
  if (timeoutMs === null || writtenMax === undefined || remind.afterMs >= timeoutMs) return;
  const possible = Math.ceil((timeoutMs - remind.afterMs) / remind.everyMs);
  if (writtenMax > possible)
    warnAt(['remind', 'max'], `only ${possible} of ${writtenMax} reminders come before the timeout`);
}

function warnOfTarget({ timeoutMs, sla }: GateDefinition, now: Instant, warnAt: WarnAt): void {
  if (sla === null || timeoutMs === null) return;
  const { calendar, targetMs } = sla;
  const message = 'comes after the timeout, so it is never missed before the request has ended';
  if (targetMs >= timeoutMs) {
    warnAt(['sla', 'target'], message);
    return;
  }
  if (calendar === null) return;
  const openings = Array.from({ length: 8 }, (_, day) => nextOpening(calendar, now + day * DAY_MS));
  const soonest = openings.flatMap((from) => (from === null ? [] : [addOpenTime(calendar, from, targetMs) - from]));
  if (soonest.length > 0 && Math.min(...soonest) >= timeoutMs)
    warnAt(['sla', 'target'], `in the hours of the calendar "${calendar.name}" ${message}`);
}

/** Whether everybody that `refs` mean is asked in each stage anyway; false where that depends on the request. */
function asksNobodyNew(
  refs: readonly ApproverRef[],
  gate: GateDefinition,
  asked: readonly ApproverRef[],
  directory: Directory,
): boolean {
  if (gate.stages.length === 0) return false;
  if (refs.every((ref) => asked.includes(ref)) && gate.stages.length === 1) return true;
  const people = fixedPeople(refs, directory);
  if (people === null || people.length === 0) return false;
  return gate.stages.every((stage) =>
    stage.rules.every((rule) => {
      const approvers = fixedPeople(rule.approvers, directory);
      return approvers !== null && people.every((person) => approvers.includes(person));
    }),
  );
}

/** Silence gives no reason and fills in no form. */
function warnOfSilence(gate: GateDefinition, warnAt: WarnAt): void {
  const option = gate.options.find(({ id }) => id === gate.onTimeout);
  const approves = option === undefined ? gate.onTimeout === 'approve' : option.outcome === 'approved';
  if (!approves || gate.timeoutMs === null) return;
  const isReasonAsked = gate.requireReason.includes('approve') || gate.requireReason.includes(gate.onTimeout);
  if (isReasonAsked) warnAt(['onTimeout'], 'approves without the reason that "requireReason" asks for');
  if (gate.form.some(({ required }) => required))
    warnAt(['onTimeout'], 'approves without the answers that "form" requires');
}
