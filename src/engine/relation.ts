/** src/engine/relation.ts: `manager-of:…`: how relations are written, and how managers are climbed. */
import type { ApproverRef, PersonId } from './definition.ts';

/** A chain of managers longer than this is a mistake. Levels count together, however they are written. */
export const MAX_LEVELS = 10;

export interface Relation {
  /** How many managers up: 1 is the manager, 2 the manager's manager. */
  readonly levels: number;
  /** `requester`, `approvers`, or a person's or group's name. */
  readonly of: ApproverRef;
}

const RELATION = /^manager-of(?:\((\d{1,3})\))?:/;

/** Whether it is meant as a relation, well written or not. */
export const isRelation = (ref: ApproverRef): boolean => ref.startsWith('manager-of');

/**
 * `manager-of:X`, `manager-of(N):X` and `manager-of:manager-of:X`, which is the same as `manager-of(2):X`. Null for what
 * is no relation, and for one that asks for no level or for more than ten.
 */
export function relationOf(ref: ApproverRef): Relation | null {
  let of = ref;
  let levels = 0;
  for (let step = RELATION.exec(of); step !== null; step = RELATION.exec(of)) {
    const climbed = step[1] === undefined ? 1 : Number(step[1]);
    levels += climbed;
    if (climbed < 1 || levels > MAX_LEVELS) return null;
    of = of.slice(step[0].length);
  }
  return levels === 0 || of === '' ? null : { levels, of };
}

/** The manager so many levels above somebody; null where there is none, and where managers go round in a circle. */
export function managerOf(
  id: PersonId,
  levels: number,
  { people }: { readonly people: ReadonlyMap<PersonId, { readonly manager: PersonId | null }> },
): PersonId | null {
  const passed = new Set([id]);
  let current = id;
  for (let level = 0; level < levels; level++) {
    const manager = people.get(current)?.manager ?? null;
    if (manager === null || passed.has(manager) || !people.has(manager)) return null;
    passed.add(manager);
    current = manager;
  }
  return current;
}
