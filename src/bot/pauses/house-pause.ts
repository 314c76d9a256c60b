/**
 * src/bot/pauses/house-pause.ts: a pause of a gate, of a pipeline or of everything: its record as it is kept, which
 * requests it covers, and what it is for the engine.
 */
import { z } from 'zod';
import type { Instant } from '../../engine/definition.ts';
import type { Actor, Pause, PauseScope, RequestState } from '../../engine/request.ts';

export type HouseScope =
  | { readonly kind: 'gate'; readonly gate: string }
  | { readonly kind: 'pipeline'; readonly pipeline: string }
  | { readonly kind: 'everything' };

/** `stop`: deadlines and target times stand still and go on by the length of the pause. `run`: they run on. */
export type PauseClocks = 'stop' | 'run';

export interface HousePause {
  /** `pau_` and a time-ordered id. */
  readonly id: string;
  readonly scope: HouseScope;
  readonly by: Actor;
  readonly reason: string | null;
  readonly clocks: PauseClocks;
  readonly at: Instant;
  readonly ended: { readonly by: Actor; readonly reason: string | null; readonly at: Instant } | null;
  /** After the end: every request that it covered has been resumed. Left out until then. */
  readonly settled?: true;
}

const ActorRow = z.union([
  z.object({
    kind: z.literal('person'),
    person: z.string(),
    via: z.enum(['slack', 'teams', 'email', 'web', 'api', 'cli']),
    pipeline: z.string().nullable(),
  }),
  z.object({ kind: z.literal('pipeline'), pipeline: z.string() }),
]);
const HousePauseRow = z.object({
  id: z.string(),
  scope: z.union([
    z.object({ kind: z.literal('gate'), gate: z.string() }),
    z.object({ kind: z.literal('pipeline'), pipeline: z.string() }),
    z.object({ kind: z.literal('everything') }),
  ]),
  by: ActorRow,
  reason: z.string().nullable(),
  clocks: z.enum(['stop', 'run']),
  at: z.number(),
  ended: z.object({ by: ActorRow, reason: z.string().nullable(), at: z.number() }).nullable(),
  settled: z.literal(true).optional(),
});

/** null: it is no record of ours. */
export function readHousePause(text: string): HousePause | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { success, data } = HousePauseRow.safeParse(value);
  if (!success) return null;
  const { settled, ...rest } = data;
  return { ...rest, ...(settled && { settled }) };
}

export function covers(scope: HouseScope, { content, gate }: Pick<RequestState, 'content' | 'gate'>): boolean {
  switch (scope.kind) {
    case 'gate':
      return gate.name === scope.gate;
    case 'pipeline':
      return content.pipeline === scope.pipeline;
    case 'everything':
      return true;
  }
}

export const isSameScope = (one: HouseScope, other: HouseScope): boolean => nameOfScope(one) === nameOfScope(other);

/** `gate deploy`, `pipeline ci`, `everything`: for logs, and unambiguous. */
export function nameOfScope(scope: HouseScope): string {
  switch (scope.kind) {
    case 'gate':
      return `gate ${scope.gate}`;
    case 'pipeline':
      return `pipeline ${scope.pipeline}`;
    case 'everything':
      return 'everything';
  }
}

/** Which of the pending requests a look at the store is about. */
export function filterOf(scope: HouseScope): { readonly gate?: string; readonly pipeline?: string } {
  switch (scope.kind) {
    case 'gate':
      return { gate: scope.gate };
    case 'pipeline':
      return { pipeline: scope.pipeline };
    case 'everything':
      return {};
  }
}

export const engineScope = ({ id, scope }: HousePause): PauseScope => ({ kind: scope.kind, id });

/** As the engine has it, since `at` on the request. */
export const enginePause = (pause: HousePause, at: Instant): Pause => ({
  by: pause.by,
  reason: pause.reason,
  at,
  scope: engineScope(pause),
  ...(pause.clocks === 'run' && { clocks: 'run' }),
});
