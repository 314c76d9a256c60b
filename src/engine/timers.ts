/**
 * src/engine/timers.ts: when something happens by itself. Everything is derived from the state, so there is no timer
 * that could be lost: `dueAt` is the earliest of what is still to come.
 */
import { addOpenTime } from './calendar.ts';
import type { Instant } from './definition.ts';
import { isDeadlineStopped } from './pauses.ts';
import type { Pending, RequestState, StageState } from './request.ts';

export interface OpenStage {
  readonly index: number;
  readonly stage: StageState;
}

/** The stage that is being voted on, with its index; null once there is none. */
export function openStage(state: RequestState): OpenStage | null {
  const index = state.stages.findIndex((stage) => stage.state === 'open');
  const stage = state.stages[index];
  return stage === undefined ? null : { index, stage };
}

/** When the pipeline counts as gone; in a pause nobody waits for it to beat. */
export function orphanedAt(state: Pending): Instant | null {
  const { heartbeatMs } = state.content;
  return heartbeatMs === null || state.lastBeatAt === null || state.paused !== null
    ? null
    : state.lastBeatAt + heartbeatMs;
}

/** Whether the time to approve is over, held or not. */
export const isPastDeadline = (state: Pending, now: Instant): boolean =>
  state.expiresAt !== null && now >= state.expiresAt && !isDeadlineStopped(state);

/** Whether the time to act is over, even if no tick has said so yet. What is held by votes was decided in time. */
export function isOverdue(state: Pending, now: Instant): boolean {
  const orphaned = orphanedAt(state);
  if (orphaned !== null && now >= orphaned) return true;
  const isDecided = state.held !== null && state.held.cause !== 'timeout';
  return !isDecided && isPastDeadline(state, now);
}

/** When the `count`-th reminder (from 1) of a stage is due; null when there is no such reminder. */
function reminderAt(state: RequestState, stage: StageState, count: number): Instant | null {
  const { remind } = state.gate;
  if (remind === null || stage.clockFrom === null || count > remind.max) return null;
  if (count > 1 && remind.everyMs === null) return null;
  return stage.clockFrom + remind.afterMs + (count - 1) * (remind.everyMs ?? 0);
}

/** How many reminders of the schedule have come due by `now`, sent or missed. */
export function remindersDue(state: RequestState, stage: StageState, now: Instant): number {
  const first = reminderAt(state, stage, 1);
  const { remind } = state.gate;
  if (first === null || remind === null || now < first) return 0;
  return remind.everyMs === null ? 1 : Math.min(remind.max, 1 + Math.floor((now - first) / remind.everyMs));
}

/** When escalation step `step` (from 0) of a stage is due. */
export function escalationAt(state: RequestState, stage: StageState, step: number): Instant | null {
  const next = state.gate.escalate[step];
  return next === undefined || stage.clockFrom === null ? null : stage.clockFrom + next.afterMs;
}

export function slaTargetAt(state: Pending): Instant | null {
  return slaAt(state, state.gate.sla?.targetMs ?? null);
}

export function slaWarningAt(state: Pending): Instant | null {
  return slaAt(state, state.gate.sla?.warnAtMs ?? null);
}

function slaAt(state: Pending, afterMs: number | null): Instant | null {
  if (afterMs === null) return null;
  const calendar = state.gate.sla?.calendar ?? null;
  return calendar === null ? state.slaFrom + afterMs : addOpenTime(calendar, state.slaFrom, afterMs);
}

/** Whether those whom the gate names for a missed target time are still to be asked. */
export const isSlaEscalationDue = (state: Pending): boolean =>
  state.slaBreached && state.slaEscalated !== true && state.gate.sla?.escalateTo !== undefined;

/** When the tick has to look at the request next; null: nothing will happen by itself. A paused clock stands. */
export function dueAt(state: RequestState): Instant | null {
  if (state.status !== 'pending' || isDeadlineStopped(state)) return null;
  const isPaused = state.paused !== null;
  if (state.held !== null && isPaused) return null;
  let due = Number.POSITIVE_INFINITY;
  const consider = (at: Instant | null): void => {
    if (at !== null && at < due) due = at;
  };
  consider(orphanedAt(state));
  consider(state.held === null ? state.expiresAt : state.held.until);
  if (state.held === null) {
    if (!state.slaWarned && !state.slaBreached) consider(slaWarningAt(state));
    if (!state.slaBreached) consider(slaTargetAt(state));
  }
  if (state.held === null && !isPaused) {
    const open = openStage(state);
    if (open !== null) {
      consider(reminderAt(state, open.stage, open.stage.remindersSent + 1));
      consider(escalationAt(state, open.stage, open.stage.escalationsDone));
      if (isSlaEscalationDue(state)) consider(slaTargetAt(state));
    }
    for (const until of Object.values(state.snoozed)) consider(until);
  }
  return Number.isFinite(due) ? due : null;
}
