/**
 * src/bot/rehearsal/simulate.ts: what a request at a gate would come to, before anything is sent: which stages apply
 * and why, who is asked and where, what time brings, and what silence leads to. Changes and sends nothing.
 */
import type { Simulation } from '../../adapters/simulation.ts';
import { missingApprovers } from '../../engine/asked.ts';
import type { GateDefinition, Instant, PersonId } from '../../engine/definition.ts';
import { view } from '../../engine/present.ts';
import { words } from '../../engine/refusal.ts';
import type { Content, FieldError } from '../../engine/request.ts';
import { applyOverrides, type Config, type Overrides } from '../config/index.ts';
import { type Asked, contentOf } from '../open.ts';
import { PERSONAL, type Routes } from '../outgoing.ts';
import { explanationOf } from './explain.ts';
import { ENDLESS_MS, MAX_MESSAGES, MAX_MOMENTS, type Moment, play } from './play.ts';
import { rehearsalRoutes } from './routes.ts';
import { personIn, stagesOf } from './stages.ts';
import { timeOf } from './time.ts';
import { timelineOf } from './timeline.ts';
import { actsOf, type RehearsedVote } from './votes.ts';

export type { RehearsedVote } from './votes.ts';

/** Most votes of one simulation. */
export const MAX_VOTES = 100;
/** Stands where a request has its id. */
const ID = 'req_simulation';

export type SimulatedHouse = Pick<Config, 'directory' | 'channels'>;

export interface SimulationOrder {
  /** As the config has it. */
  readonly gate: GateDefinition;
  readonly overrides: Overrides;
  readonly asked: Asked;
  readonly pipeline: string;
  readonly at: Instant;
  readonly votes: readonly RehearsedVote[];
  /** Whose right to vote is explained. */
  readonly explain: PersonId | null;
  /** What was found wrong with the order before: it does not open then. */
  readonly problems?: readonly FieldError[];
  /** What else to bear in mind. */
  readonly notes?: readonly string[];
}

/** Whoever may look at it sees whom the gate asks, and through which channels. */
export function simulate(house: SimulatedHouse, order: SimulationOrder): Simulation {
  const { directory } = house;
  const { at, pipeline } = order;
  const overridden = applyOverrides(order.gate, order.overrides, house);
  const gate = 'gate' in overridden ? overridden.gate : order.gate;
  const heartbeats = order.asked.heartbeatMs !== null;
  const { content } = contentOf(ID, pipeline, gate, { ...order.asked, heartbeatMs: null });
  const problems = [...(order.problems ?? []), ...('problems' in overridden ? overridden.problems : [])];
  if (problems.length === 0 && gate.stages.length === 0)
    problems.push({ path: 'approvers', message: `the gate ${gate.name} asks nobody by itself; bring approvers` });
  const routes = rehearsalRoutes(house);
  const acts = actsOf(order.votes, gate, content);
  const moments = problems.length > 0 ? [] : play({ gate, content, directory, routes, from: at, until: null, acts });
  const stages = stagesOf(gate, content, directory, at, moments);
  const opened = moments[0]?.state ?? null;
  const last = moments.at(-1);
  const outcome = last?.state == null ? null : view(last.state, { kind: 'everyone' }, directory).outcome;
  const asked = opened === null ? [] : askedIn(moments);
  return {
    gate: gate.name,
    at: timeOf(at),
    until: timeOf(gate.timeoutMs === null && outcome === null ? at + ENDLESS_MS : (last?.at ?? at)),
    timezone: timezoneOf(gate, content, house),
    opens: opened !== null,
    problem: problemOf(problems, moments[0]),
    request: requestOf(content, gate, house, at),
    stages,
    asked: asked.map(({ person, moment }) => ({
      person: personIn(directory)(person),
      at: timeOf(moment.at),
      where: whereFor(person, routes),
    })),
    channels: [...new Set(gate.notify)].flatMap((name) => {
      const channel = house.channels.get(name);
      return channel === undefined ? [] : [{ name, kind: channel.kind }];
    }),
    timeline: timelineOf(moments, routes, order.votes),
    silence: silenceOf(opened, directory),
    end:
      outcome === null
        ? null
        : { status: outcome.status, cause: outcome.cause, sentence: outcome.sentence, at: timeOf(outcome.at) },
    people: asked.flatMap(({ person, moment: { at: when, state } }) => {
      if (state === null) return [];
      const shown = view(state, { kind: 'person', person }, directory, when);
      const { progress, actions } = shown;
      const notice = shown.notice ?? shown.asked?.sentence ?? null;
      return [{ person: personIn(directory)(person), progress, actions: actions.map(({ label }) => label), notice }];
    }),
    notes: [...(order.notes ?? []), ...notesOf(gate, { heartbeats, votes: order.votes.length, moments })],
    explanation: order.explain === null ? null : explanationOf(order.explain, opened, stages, directory, at),
  };
}

function timezoneOf({ sla, freeze }: GateDefinition, { requester }: Content, { directory }: SimulatedHouse): string {
  const own = requester === null ? null : (directory.people.get(requester)?.timezone ?? null);
  return sla?.calendar?.timezone ?? freeze?.calendar.timezone ?? own ?? 'UTC';
}

function problemOf(problems: readonly FieldError[], first: Moment | undefined): Simulation['problem'] {
  if (problems.length > 0) {
    const sentence = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
    return { code: 'invalid-input', sentence, errors: problems };
  }
  if (first === undefined || first.refusal === null) return null;
  return { code: first.refusal.replaceAll('_', '-'), sentence: words[first.refusal], errors: first.errors };
}

function requestOf(
  { title, description, requester }: Content,
  { timeoutMs }: GateDefinition,
  { directory }: SimulatedHouse,
  at: Instant,
): Simulation['request'] {
  return {
    title,
    description,
    requester: requester === null ? null : personIn(directory)(requester),
    expiresAt: timeoutMs === null ? null : timeOf(at + timeoutMs),
  };
}

function silenceOf(opened: Moment['state'], directory: SimulatedHouse['directory']): Simulation['silence'] {
  const silence = opened === null ? null : view(opened, { kind: 'everyone' }, directory).silence;
  return silence === null ? null : { ...silence, at: silence.at === null ? null : timeOf(silence.at) };
}

/** Everybody who is asked at some time, with the moment that first asks them. */
function askedIn(moments: readonly Moment[]): readonly { readonly person: PersonId; readonly moment: Moment }[] {
  const first = new Map<PersonId, Moment>();
  for (const moment of moments)
    for (const person of moment.state === null ? [] : missingApprovers(moment.state))
      if (!first.has(person)) first.set(person, moment);
  return [...first].map(([person, moment]) => ({ person, moment }));
}

const whereFor = (person: PersonId, { directory, reachable }: Routes): readonly string[] => [
  ...PERSONAL.filter((kind) => reachable.has(kind) && (directory.people.get(person)?.[kind] ?? null) !== null),
  'web',
];

function notesOf(
  gate: GateDefinition,
  { heartbeats, votes, moments }: { heartbeats: boolean; votes: number; moments: readonly Moment[] },
): readonly string[] {
  const messages = moments.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
  const isCut = moments.length >= MAX_MOMENTS || messages >= MAX_MESSAGES;
  return [
    ...(heartbeats ? ['The pipeline is taken to keep beating; the request is cancelled when it stops.'] : []),
    ...(votes > 0 && gate.form.length > 0 ? ['Votes without inputs answer the form with samples.'] : []),
    ...(isCut ? [`Only the first ${moments.length} moments are shown: there are too many.`] : []),
  ];
}
