/** src/bot/config/gates.ts: one gate of the config becomes the definition that the engine reads. */
import { nextOpening } from '../../engine/calendar.ts';
import {
  type ApproverRef,
  type CalendarDefinition,
  type GateDefinition,
  type Instant,
  OVERRIDES,
} from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import { DURATION_FORM, parseDuration } from './duration.ts';
import { actionsOf, formOf, optionsOf, reportExpression, reportTemplate } from './fields.ts';
import { suggestion } from './nearest.ts';
import { ownersOf } from './owners.ts';
import type { Path, Report } from './problem.ts';
import { reportApprovers, reportUnknown } from './references.ts';
import type { GateShape } from './shape.ts';
import { reportUnreachable, stagesOf } from './stages.ts';
import { reportTimers } from './timers.ts';

export interface GateFacts {
  readonly directory: Directory;
  readonly channels: ReadonlyMap<string, unknown>;
  readonly calendars: ReadonlyMap<string, CalendarDefinition>;
  readonly defaults: {
    readonly timeoutMs: number | null;
    readonly notify: readonly string[];
    readonly fallback: readonly string[];
  };
  readonly now: Instant;
  /** Told of what is allowed but probably not meant. */
  readonly warn?: (message: string) => void;
}

/** A gate without `timeout` where `defaults` has none either. */
export const DEFAULT_TIMEOUT_MS = 86_400_000;
const DEFAULT_REMINDERS = 10;
const SHOWN = ['context', 'request'];

export function gateOf(name: string, shape: GateShape, path: Path, facts: GateFacts, report: Report): GateDefinition {
  const { directory, defaults } = facts;
  for (const key of ['title', 'description'] as const)
    if (shape[key] !== undefined) reportTemplate(shape[key], SHOWN, [...path, key], report);
  if (shape.autoApproveIf !== undefined)
    reportExpression(shape.autoApproveIf, SHOWN, [...path, 'autoApproveIf'], report);
  if (shape.assurance === 'high')
    report([...path, 'assurance'], '"high" asks for a fresh sign-in through OIDC, which is not available yet');
  const fallback = notifyOf(shape.fallback ?? defaults.fallback, [...path, 'fallback'], facts.channels, report);
  const gate: GateDefinition = {
    name,
    ...(shape.owners && { owners: ownersOf(shape.owners, [...path, 'owners'], directory, report) }),
    title: shape.title ?? null,
    description: shape.description ?? null,
    notify: notifyOf(shape.notify ?? defaults.notify, [...path, 'notify'], facts.channels, report),
    ...(fallback.length > 0 && { fallback }),
    autoApproveIf: shape.autoApproveIf ?? null,
    stages: stagesOf(shape, path, directory, report),
    rejection: shape.rejection ?? 'veto',
    selfApproval: shape.selfApproval ?? 'forbidIfKnown',
    distinct: shape.distinct ?? 'stage',
    assurance: shape.assurance ?? 'standard',
    freeze: freezeOf(shape.freeze, [...path, 'freeze', 'calendar'], facts, report),
    requireReason: shape.requireReason ?? [],
    options: optionsOf(shape.options, [...path, 'options'], report),
    form: formOf(shape.form ?? [], [...path, 'form'], report),
    remind: remindOf(shape.remind, [...path, 'remind'], report),
    escalate: (shape.escalate ?? []).map(({ after, to, mode }, i) => ({
      afterMs: durationAt(after, [...path, 'escalate', i, 'after'], report),
      to: refsOf(to, [...path, 'escalate', i, 'to'], directory, report),
      mode: mode ?? 'add',
    })),
    sla: slaOf(shape.sla, [...path, 'sla'], facts, report),
    timeoutMs:
      shape.timeout === undefined ? defaults.timeoutMs : timeoutOf(shape.timeout, [...path, 'timeout'], report),
    onTimeout: shape.onTimeout ?? 'reject',
    bypass:
      shape.bypass === undefined
        ? null
        : { by: bypassersOf(shape.bypass.by, [...path, 'bypass', 'by'], directory, report) },
    actions: {
      approved: actionsOf(shape.onApproved, [...path, 'onApproved'], report),
      rejected: actionsOf(shape.onRejected, [...path, 'onRejected'], report),
      cancelled: actionsOf(shape.onCancelled, [...path, 'onCancelled'], report),
    },
    retentionMs: shape.retention === undefined ? null : durationAt(shape.retention, [...path, 'retention'], report),
    overrides: shape.overrides ?? [],
  };
  const mayBringApprovers = gate.overrides.includes('approvers') || gate.overrides.includes('stages');
  if (shape.approvers === undefined && shape.stages === undefined && !mayBringApprovers)
    report(path, 'needs "approvers" or "stages", or must let requests bring them ("overrides")');
  reportUnknownOptions(gate, path, report);
  reportTimers(gate, shape.remind?.max, path, { warn: () => {}, ...facts }, report);
  reportUnreachable(gate, (stage) => [...path, 'stages', stage], directory, report);
  return gate;
}

/** The gate that exists without being defined: a request brings everything itself. */
export function adhocGate(facts: GateFacts): GateDefinition {
  return gateOf('adhoc', { overrides: [...OVERRIDES] }, ['gates', 'adhoc'], facts, () => {});
}

export function notifyOf(
  names: readonly string[],
  path: Path,
  channels: ReadonlyMap<string, unknown>,
  report: Report,
): readonly string[] {
  for (const [i, name] of names.entries())
    if (!channels.has(name)) report([...path, i], `"${name}" is not a channel${suggestion(name, channels.keys())}`);
  return [...new Set(names)];
}

/** Null is never. */
export function timeoutOf(timeout: string | number, path: Path, report: Report): number | null {
  if (timeout === 'never') return null;
  const ms = parseDuration(timeout);
  if (ms === null) report(path, `${DURATION_FORM}, or "never"`);
  return ms;
}

/** Reports words that name no option of the gate: `onTimeout` and `requireReason`. */
export function reportUnknownOptions(gate: GateDefinition, path: Path, report: Report): void {
  const ids = ['approve', 'reject', ...gate.options.map((option) => option.id)];
  if (!ids.includes(gate.onTimeout))
    report(
      [...path, 'onTimeout'],
      `"${gate.onTimeout}" is not an option of this gate${suggestion(gate.onTimeout, ids)}`,
    );
  const reasons = ['bypass', ...ids];
  for (const [i, name] of gate.requireReason.entries())
    if (!reasons.includes(name))
      report([...path, 'requireReason', i], `"${name}" is not an option of this gate${suggestion(name, reasons)}`);
}

function durationAt(value: string | number, path: Path, report: Report): number {
  const ms = parseDuration(value);
  if (ms === null) report(path, DURATION_FORM);
  return ms ?? 1;
}

function refsOf(
  refs: readonly ApproverRef[],
  path: Path,
  directory: Directory,
  report: Report,
): readonly ApproverRef[] {
  for (const [i, ref] of refs.entries()) reportUnknown(ref, directory, [...path, i], report);
  return refs;
}

/** Nobody need have been asked yet when somebody goes around a gate. */
function bypassersOf(
  refs: readonly ApproverRef[],
  path: Path,
  directory: Directory,
  report: Report,
): readonly ApproverRef[] {
  for (const [i, ref] of refs.entries()) reportApprovers(ref, directory, [...path, i], report);
  return refsOf(refs, path, directory, report);
}

function calendarAt(name: string, path: Path, facts: GateFacts, report: Report): CalendarDefinition | null {
  const calendar = facts.calendars.get(name);
  if (calendar === undefined) report(path, `"${name}" is not a calendar${suggestion(name, facts.calendars.keys())}`);
  else if (calendar.hours.length > 0 && nextOpening(calendar, facts.now) === null)
    report(path, `the calendar "${name}" never opens in the next two years`);
  return calendar ?? null;
}

function freezeOf(shape: GateShape['freeze'], path: Path, facts: GateFacts, report: Report): GateDefinition['freeze'] {
  const calendar = shape === undefined ? null : calendarAt(shape.calendar, path, facts, report);
  return calendar === null ? null : { calendar, outside: 'hold' };
}

function remindOf(shape: GateShape['remind'], path: Path, report: Report): GateDefinition['remind'] {
  if (shape === undefined) return null;
  if (shape.every === undefined && shape.max !== undefined && shape.max > 1)
    report([...path, 'max'], 'needs "every": without it there is one reminder');
  const everyMs = shape.every === undefined ? null : durationAt(shape.every, [...path, 'every'], report);
  return {
    afterMs: durationAt(shape.after, [...path, 'after'], report),
    everyMs,
    max: shape.max ?? (everyMs === null ? 1 : DEFAULT_REMINDERS),
  };
}

function slaOf(shape: GateShape['sla'], path: Path, facts: GateFacts, report: Report): GateDefinition['sla'] {
  if (shape === undefined) return null;
  const targetMs = durationAt(shape.target, [...path, 'target'], report);
  const calendar =
    shape.calendar === undefined ? null : calendarAt(shape.calendar, [...path, 'calendar'], facts, report);
  const { escalate } = shape;
  const escalateTo = escalate === undefined ? [] : refsOf(escalate, [...path, 'escalate'], facts.directory, report);
  return {
    targetMs,
    warnAtMs: warningOf(shape.warnAt, targetMs, [...path, 'warnAt'], report),
    calendar,
    ...(escalateTo.length > 0 && { escalateTo }),
  };
}

/** `75%` of the target, or a duration. */
function warningOf(warnAt: string | number | undefined, targetMs: number, path: Path, report: Report): number | null {
  if (warnAt === undefined) return null;
  const percent = typeof warnAt === 'string' ? /^(\d{1,2}(?:\.\d+)?)%$/.exec(warnAt)?.[1] : undefined;
  const ms = percent === undefined ? parseDuration(warnAt) : Math.round((targetMs * Number(percent)) / 100);
  if (ms === null || ms < 1) report(path, 'must be a share of the target like "75%", or a duration');
  else if (ms >= targetMs) report(path, 'must come before the target');
  return ms;
}
