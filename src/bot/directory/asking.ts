/** src/bot/directory/asking.ts: which gates ask a group, directly or through other groups and relations. */
import type { ApproverRef, GateDefinition } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import { relationOf } from '../../engine/relation.ts';

/** Whether any of `refs` leads to the group or person of that name. */
function leadsTo(
  refs: readonly ApproverRef[],
  name: string,
  { groups, noManager = [] }: Pick<Directory, 'groups' | 'noManager'>,
  seen: Set<string> = new Set(),
): boolean {
  return refs.some((ref) => {
    if (ref === name) return true;
    if (seen.has(ref)) return false;
    seen.add(ref);
    const relation = relationOf(ref);
    if (relation !== null) return leadsTo([relation.of, ...noManager], name, { groups, noManager }, seen);
    const group = groups.get(ref);
    return group !== undefined && group !== 'unavailable' && leadsTo(group, name, { groups, noManager }, seen);
  });
}

/** Everybody whom a gate may ask for a decision, at whatever time. */
const askedBy = ({ stages, escalate, bypass }: GateDefinition): readonly ApproverRef[] => [
  ...stages.flatMap(({ rules }) => rules.flatMap(({ approvers }) => approvers)),
  ...escalate.flatMap(({ to }) => to),
  ...(bypass?.by ?? []),
];

/** In the order of the config. */
export const gatesAsking = (
  name: string,
  gates: ReadonlyMap<string, GateDefinition>,
  directory: Pick<Directory, 'groups' | 'noManager'>,
): readonly GateDefinition[] => [...gates.values()].filter((gate) => leadsTo(askedBy(gate), name, directory));
