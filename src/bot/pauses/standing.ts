/**
 * src/bot/pauses/standing.ts: brings one request in line with the pauses of the house, in the same decision as whatever
 * is asked of it. So a pause counts from the moment it is known here, however far the sweep has come.
 */
import { decide } from '../../engine/decide.ts';
import type { Instant } from '../../engine/definition.ts';
import { pausesOf } from '../../engine/pauses.ts';
import type { Command, Decision, Event, Pause, RequestState } from '../../engine/request.ts';
import { covers, enginePause, engineScope, type HousePause } from './house-pause.ts';

/** What this process knows of pauses: read by each decision, so looking costs next to nothing. */
export interface KnownPauses {
  /** By id, oldest first. */
  readonly inForce: ReadonlyMap<string, HousePause>;
  find(id: string): HousePause | undefined;
}

export const NO_PAUSES: KnownPauses = { inForce: new Map(), find: () => undefined };

interface Step {
  readonly command: Extract<Command, { readonly type: 'pause' | 'resume' }>;
  readonly at: Instant;
}

/** Whether the request lacks a pause that is in force, or carries one that has ended. */
export const isBehind = (state: RequestState, known: KnownPauses): boolean => stepsFor(state, known, 0).length > 0;

/**
 * A pause counts from when it was ordered, also where the sweep, or a process that was down, comes to it later: a
 * deadline that passed meanwhile has not passed. A resumption counts from now: nobody could decide until now.
 * A pause that this process doesn't know (another replica's, a moment old) is left alone.
 */
function stepsFor(state: RequestState, known: KnownPauses, now: Instant): readonly Step[] {
  // The hot path: nothing is paused.
  if (state.status !== 'pending' || (known.inForce.size === 0 && state.paused === null)) return [];
  const carried = pausesOf(state);
  const steps: Step[] = [];
  const earliest = Math.max(state.openedAt, ...carried.map(({ at }) => at));
  for (const pause of known.inForce.values()) {
    if (!covers(pause.scope, state) || carried.some(({ scope }) => scope?.id === pause.id)) continue;
    const at = Math.min(now, Math.max(earliest, pause.at));
    const { by, reason, scope, clocks } = enginePause(pause, at);
    steps.push({ command: { type: 'pause', by, reason, ...(scope && { scope }), ...(clocks && { clocks }) }, at });
  }
  // Last, so that no moment lies between two pauses in which the request would not be paused.
  for (const { scope } of carried) {
    const pause = scope === undefined ? undefined : known.find(scope.id);
    if (pause === undefined || pause.ended === null) continue;
    steps.push({ command: { type: 'resume', by: pause.ended.by, scope: engineScope(pause) }, at: now });
  }
  return steps;
}

/** What the house's pauses have done to the request by `now`: the events, and the state after them. */
export function inLine(
  state: RequestState,
  known: KnownPauses,
  now: Instant,
): { readonly events: readonly Event[]; readonly state: RequestState } {
  let current = state;
  const events: Event[] = [];
  for (const { command, at } of stepsFor(state, known, now)) {
    const decision = decide(current, command, at);
    // Refused: the deadline had passed before the pause began, and the tick will say so.
    if (decision.kind === 'refused') continue;
    events.push(...decision.events);
    current = decision.state;
  }
  return { events, state: current };
}

/** Decides `command` on the request as the house's pauses leave it. Their events count even where it is refused. */
export function decideInLine(
  before: RequestState,
  command: Command,
  known: KnownPauses,
  now: Instant,
): { readonly decision: Decision; readonly events: readonly Event[]; readonly state: RequestState } {
  const { events, state } = inLine(before, known, now);
  const decision = decide(state, command, now);
  if (decision.kind === 'refused') return { decision, events, state };
  if (events.length === 0) return { decision, ...decision };
  const all = [...events, ...decision.events];
  return { decision: { ...decision, events: all }, events: all, state: decision.state };
}

/** Those in force that cover what is being opened, from `now` on. */
export const pausesFor = (
  opening: Pick<Extract<Command, { readonly type: 'open' }>, 'content' | 'gate'>,
  { inForce }: KnownPauses,
  now: Instant,
): readonly Pause[] =>
  inForce.size === 0
    ? []
    : [...inForce.values()].filter(({ scope }) => covers(scope, opening)).map((pause) => enginePause(pause, now));
