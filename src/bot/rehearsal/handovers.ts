/**
 * src/bot/rehearsal/handovers.ts: when people go away or come back in a play. The bot resolves a request's approvers anew
 * then, if it waits for somebody whose part goes another way.
 */
import { missingApprovers } from '../../engine/asked.ts';
import type { Instant } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import type { RequestState } from '../../engine/request.ts';
import { standInsOf } from '../absence/handovers.ts';

/** Beginnings and ends of absences after `from` and until `end`, in order. */
export function absenceEdges({ people }: Directory, from: Instant, end: Instant): readonly Instant[] {
  const edges = [...people.values()].flatMap(({ away }) => away.flatMap((absence) => [absence.from, absence.to]));
  return [...new Set(edges)].filter((edge) => edge > from && edge <= end).sort((a, b) => a - b);
}

/** Whether the request waits for somebody whose part goes another way from `edge` on. */
export function isHandedOver(state: RequestState, directory: Directory, edge: Instant): boolean {
  const before = standInsOf(directory, edge - 1);
  const after = standInsOf(directory, edge);
  const missing = missingApprovers(state);
  return [...before.keys(), ...after.keys()].some(
    (person) => before.get(person) !== after.get(person) && missing.includes(before.get(person) ?? person),
  );
}
