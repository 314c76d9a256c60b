/**
 * src/bot/rehearsal/play.ts: a request played through in virtual time: it opens, everything that is due happens at its
 * moment, and people act when the scene says so. The engine and the outbox are the real ones, so what is foreseen here
 * is what a run does. Pure: no clock, no store, nothing is sent.
 */
import { decide } from '../../engine/decide.ts';
import type { GateDefinition, Instant } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import type { Refusal } from '../../engine/refusal.ts';
import type { Command, Content, Decision, Event, FieldError, Pause, RequestState } from '../../engine/request.ts';
import { dueAt } from '../../engine/timers.ts';
import type { NewDelivery } from '../../store/port.ts';
import { deliveriesOf, type Routes } from '../outgoing.ts';
import { absenceEdges, isHandedOver } from './handovers.ts';

/** Most moments of one play: a gate may remind a thousand times at each of its stages. */
export const MAX_MOMENTS = 2000;
/** And messages: to hundreds of people, over and over, they would fill the memory. No moment is begun after so many. */
export const MAX_MESSAGES = 5_000;
/** How far a request is followed that has no deadline, where nothing else is said: 30 days. */
export const ENDLESS_MS = 30 * 86_400_000;
/** What the engine says for "not in the foreseeable future" lies here, and is no moment to wait for. */
const NEVER: Instant = Date.UTC(9999, 11, 31);

/**
 * Who is who: the same throughout, or as it is at each moment. Where it is the same, absences that begin and end are
 * heeded at their moment, as the bot does; where it changes, whoever changes it says when approvers are resolved anew.
 */
export type Cast = Directory | ((at: Instant) => Directory);

export interface Act {
  readonly at: Instant;
  readonly command: (directory: Directory) => Exclude<Command, { readonly type: 'open' }>;
}

export interface Scene {
  readonly gate: GateDefinition;
  readonly content: Content;
  readonly directory: Cast;
  /** Its own directory counts for nothing: the scene's does. */
  readonly routes: Routes;
  readonly from: Instant;
  /** The last moment that is played; null: to the end of the request, and for 30 days where it has no deadline. */
  readonly until: Instant | null;
  readonly acts: readonly Act[];
  /** Pauses of the house in force when it opens. */
  readonly pauses?: readonly Pause[];
}

export interface Moment {
  readonly at: Instant;
  /** What brought it; a number is the index of an act. */
  readonly by: 'open' | 'tick' | number;
  readonly refusal: Refusal | null;
  readonly errors: readonly FieldError[];
  readonly events: readonly Event[];
  readonly deliveries: readonly NewDelivery[];
  /** As it is from then on; null: it never opened. */
  readonly state: RequestState | null;
}

/**
 * The opening, then each act and each tick that changes something, in order of time; a tick comes before an act of
 * the same moment. Acts after the end are there with their refusal. Bounded by MAX_MOMENTS and MAX_MESSAGES.
 */
export function play({ gate, content, directory, routes, from, until, acts, pauses = [] }: Scene): readonly Moment[] {
  const cast = castAt(directory, from);
  const order = { type: 'open', content, gate, directory: cast, ...(pauses.length > 0 && { pauses }) } as const;
  const first = momentOf(null, decide(null, order, from), from, 'open', cast, routes);
  if (first.state === null) return [first];
  const end = until ?? (gate.timeoutMs === null ? from + ENDLESS_MS : NEVER);
  return [first, ...goOn(first.state, { directory, routes, from, end, acts, most: MAX_MOMENTS - 1 })];
}

/**
 * What is to come of a request as it is, when nobody does anything more. Times and bounds as in `play`.
 * @param most moments, where fewer will do
 */
export function foresee(
  state: RequestState,
  directory: Cast,
  routes: Routes,
  now: Instant,
  until: Instant | null,
  most = MAX_MOMENTS,
): readonly Moment[] {
  const end = until ?? (state.expiresAt === null ? now + ENDLESS_MS : NEVER);
  return [...goOn(state, { directory, routes, from: now, end, acts: [], most })];
}

interface Course extends Pick<Scene, 'directory' | 'routes' | 'from' | 'acts'> {
  readonly end: Instant;
  readonly most: number;
}

function* goOn(begun: RequestState, { directory, routes, from, end, acts, most }: Course): Generator<Moment> {
  const waiting = acts
    .map((act, index) => ({ ...act, at: Math.max(act.at, from), index }))
    .sort((a, b) => a.at - b.at || a.index - b.index);
  const edges = typeof directory === 'function' ? [] : [...absenceEdges(directory, from, end)];
  let state = begun;
  let now = from;
  for (let count = 0, messages = 0; count < most && messages < MAX_MESSAGES; ) {
    const [act] = waiting;
    const edge = state.status === 'pending' ? edges[0] : undefined;
    const limit = Math.min(end, act?.at ?? end, edge ?? end);
    const tickAt = nextTick(state, directory, now, limit);
    const at = tickAt ?? (edge === undefined || (act !== undefined && act.at < edge) ? act?.at : edge);
    if (at === undefined || at > end) return;
    now = at;
    const cast = castAt(directory, now);
    let decided: Moment | null;
    if (tickAt !== null)
      decided = momentOf(state, decide(state, { type: 'tick', directory: cast }, now), now, 'tick', cast, routes);
    else if (at === edge) {
      edges.shift();
      const decision = isHandedOver(state, cast, edge)
        ? decide(state, { type: 'resolveApprovers', directory: cast }, now)
        : null;
      const isNews = decision?.kind === 'accepted' && decision.events.length > 0;
      decided = isNews ? momentOf(state, decision, now, 'tick', cast, routes) : null;
    } else {
      waiting.shift();
      decided =
        act === undefined ? null : momentOf(state, decide(state, act.command(cast), now), now, act.index, cast, routes);
    }
    if (decided === null) continue;
    count += 1;
    messages += decided.deliveries.length;
    yield decided;
    state = decided.state ?? state;
  }
}

/**
 * When a tick next changes something, not after `limit`. What is due may be undoable for now (a directory that can't
 * be asked leaves an escalation waiting), and hides what comes after it: that is looked for by halving, since whatever
 * is due stays due.
 */
function nextTick(state: RequestState, directory: Cast, now: Instant, limit: Instant): Instant | null {
  const due = dueAt(state);
  if (due === null || due >= NEVER || due > limit) return null;
  const changes = (at: Instant): boolean => {
    const decision = decide(state, { type: 'tick', directory: castAt(directory, at) }, at);
    return decision.kind === 'accepted' && decision.events.length > 0;
  };
  const soonest = Math.max(due, now);
  if (changes(soonest)) return soonest;
  let [before, after] = [soonest, limit];
  if (!changes(after)) return null;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (changes(middle)) after = middle;
    else before = middle;
  }
  return after;
}

const castAt = (directory: Cast, at: Instant): Directory =>
  typeof directory === 'function' ? directory(at) : directory;

function momentOf(
  before: RequestState | null,
  decision: Decision,
  at: Instant,
  by: Moment['by'],
  directory: Directory,
  routes: Routes,
): Moment {
  if (decision.kind === 'refused') {
    const { refusal, errors } = decision;
    return { at, by, refusal, errors, events: [], deliveries: [], state: before };
  }
  const { events, state } = decision;
  const deliveries = events.length === 0 ? [] : deliveriesOf(state, events, { ...routes, directory }, at);
  return { at, by, refusal: null, errors: [], events, deliveries, state };
}
