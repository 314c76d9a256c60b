/**
 * src/client/simulation.ts: what a request would come to, as the server's JSON says it. Times are RFC 3339 in UTC.
 */
import { UnexpectedAnswerError } from './errors.ts';
import type { JsonValue, OpenRequest } from './types.ts';

export interface SimulateRequest extends OpenRequest {
  /** When it is opened: RFC 3339, or `+2h`. Default: now. */
  readonly at?: string;
  /** `at`: RFC 3339, or `+2h` after the opening. */
  readonly votes?: readonly {
    readonly person: string;
    readonly option: string;
    readonly at: string;
    readonly reason?: string;
    readonly inputs?: Readonly<Record<string, JsonValue>>;
  }[];
  /** A person: why they may vote or not. */
  readonly explain?: string;
}

export interface SimulationPerson {
  readonly id: string;
  readonly name: string;
}

export interface SimulationStep {
  readonly at: string;
  /** `opened`, `asked`, `reminder`, `escalation`, `slaWarning`, `slaBreach`, `expired`, … */
  readonly what: string;
  readonly sentence: string;
  readonly people: readonly SimulationPerson[];
  /** The messages that go out: to a channel or to a person, and when. */
  readonly tells: readonly {
    readonly kind: string;
    readonly via: string;
    readonly channel: string | null;
    readonly person: SimulationPerson | null;
    readonly sentence: string;
    readonly at: string;
  }[];
}

/** The fields that programs read; the server's /openapi.json has them all. */
export interface Simulation {
  readonly gate: string;
  readonly at: string;
  readonly until: string;
  /** false: it would be refused, and `problem` says why. */
  readonly opens: boolean;
  readonly problem: {
    readonly code: string;
    readonly sentence: string;
    readonly errors: readonly { readonly path: string; readonly message: string }[];
  } | null;
  readonly stages: readonly { readonly name: string; readonly applies: boolean; readonly why: string }[];
  readonly asked: readonly {
    readonly person: SimulationPerson;
    readonly at: string;
    readonly where: readonly string[];
  }[];
  readonly timeline: readonly SimulationStep[];
  readonly silence: { readonly sentence: string; readonly at: string | null } | null;
  readonly end: {
    readonly status: string;
    readonly cause: string;
    readonly sentence: string;
    readonly at: string;
  } | null;
  readonly notes: readonly string[];
}

export function simulationFrom(body: unknown): Simulation {
  if (!isSimulation(body)) throw new UnexpectedAnswerError('The answer is not a simulation.');
  return body;
}

function isSimulation(body: unknown): body is Simulation {
  if (typeof body !== 'object' || body === null) return false;
  return (
    'gate' in body &&
    typeof body.gate === 'string' &&
    'opens' in body &&
    typeof body.opens === 'boolean' &&
    'timeline' in body &&
    Array.isArray(body.timeline) &&
    'stages' in body &&
    Array.isArray(body.stages)
  );
}
