/**
 * src/engine/pauses.ts: pauses that stand side by side: a request's own, and those that came with its gate, its
 * pipeline or everything. Each clock stands still for the union of its pauses, so what overlaps counts once.
 */
import type { Instant } from './definition.ts';
import type { Pause, PauseScope, Pending } from './request.ts';

/** All that stand, the longest standing first. */
export function pausesOf({ paused, alsoPaused = [] }: Pick<Pending, 'paused' | 'alsoPaused'>): readonly Pause[] {
  return paused === null ? [] : [paused, ...alsoPaused];
}

/** The one that this scope brought; without a scope the request's own. */
export function pauseOf(state: Pick<Pending, 'paused' | 'alsoPaused'>, scope: PauseScope | undefined): Pause | null {
  const isMeant = ({ scope: of }: Pause): boolean => of?.kind === scope?.kind && of?.id === scope?.id;
  return pausesOf(state).find(isMeant) ?? null;
}

const stopsDeadline = (pause: Pause): boolean => pause.clocks !== 'run';

/** Whether the deadline and the target time stand still. Reminders, escalations and the heartbeat do in every pause. */
export const isDeadlineStopped = (state: Pick<Pending, 'paused' | 'alsoPaused'>): boolean =>
  state.paused !== null && pausesOf(state).some(stopsDeadline);

export function addPause(state: Pending, pause: Pause): Pending {
  if (state.paused === null) return { ...state, paused: pause };
  return { ...state, alsoPaused: [...(state.alsoPaused ?? []), pause] };
}

/**
 * Takes one away. A clock moves by as much of it as no other pause covers that still stops this clock; the rest is
 * counted when that one goes. A clock that was set back meanwhile loses nothing.
 */
export function endPause(state: Pending, scope: PauseScope | undefined, at: Instant): Pending {
  const ended = pauseOf(state, scope);
  if (ended === null) return state;
  const left = pausesOf(state).filter((pause) => pause !== ended);
  const lost = standingTime(ended, left, at);
  const deadlineLost = stopsDeadline(ended) ? standingTime(ended, left.filter(stopsDeadline), at) : 0;
  const { alsoPaused: _, ...rest } = state;
  const [paused = null, ...alsoPaused] = left;
  return {
    ...rest,
    paused,
    ...(alsoPaused.length > 0 && { alsoPaused }),
    expiresAt: state.expiresAt === null ? null : state.expiresAt + deadlineLost,
    slaFrom: state.slaFrom + deadlineLost,
    lastBeatAt: state.lastBeatAt === null || paused !== null ? state.lastBeatAt : at,
    stages: state.stages.map((stage) => ({
      ...stage,
      clockFrom: stage.clockFrom === null ? null : stage.clockFrom + lost,
    })),
  };
}

function standingTime({ at: from }: Pause, others: readonly Pause[], until: Instant): number {
  return Math.max(0, Math.min(until, ...others.map(({ at }) => at)) - from);
}
