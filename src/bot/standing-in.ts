/** src/bot/standing-in.ts: who is away while somebody else is asked in their place, for those who tell them so. */
import type { PersonId } from '../engine/definition.ts';
import type { RequestState, RuleState } from '../engine/request.ts';
import { openStage } from '../engine/timers.ts';

/** Absent people of a rule with those who stand in for them; a part that was handed over is nobody else's any more. */
const absentOf = ({ approvers, standsFor, removed }: RuleState): readonly (readonly [PersonId, PersonId])[] =>
  Object.entries(standsFor)
    .filter(([standIn, absent]) => approvers.includes(standIn) && !removed.includes(absent))
    .map(([standIn, absent]) => [absent, standIn]);

/** Whom these people stand in for in the stage that is open, if nobody did in an earlier one. */
export function newlyStoodFor(state: RequestState, people: readonly PersonId[]): ReadonlyMap<PersonId, PersonId> {
  const open = openStage(state);
  const pairs = open?.stage.rules.flatMap(absentOf).filter(([, standIn]) => people.includes(standIn)) ?? [];
  if (open === null || pairs.length === 0) return new Map();
  const told = new Set(absentIn(state.stages.slice(0, open.index)));
  return new Map(pairs.filter(([absent]) => !told.has(absent)));
}

const absentIn = (stages: RequestState['stages']): readonly PersonId[] =>
  stages
    .filter(({ openedAt }) => openedAt !== null)
    .flatMap(({ rules }) => rules.flatMap(absentOf))
    .map(([absent]) => absent);

/** Everybody for whom somebody else was asked. */
export const stoodFor = (state: RequestState): readonly PersonId[] => [...new Set(absentIn(state.stages))];
