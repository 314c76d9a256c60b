/**
 * src/bot/stats/whose.ts: whose figures of gates a person sees: those of gates that they have a part in. Admins see
 * all; of other people nobody sees anything.
 */
import type { GateDefinition, Instant, PersonId } from '../../engine/definition.ts';
import { type Directory, resolve } from '../../engine/directory.ts';
import type { Store } from '../../store/port.ts';
import { withPart } from '../parts.ts';

/** The newest requests that are looked at for gates whose config does not name the person. */
const LOOKED_AT = 200;

export interface House {
  readonly gates: ReadonlyMap<string, GateDefinition>;
  readonly admins: readonly string[];
  readonly directory: Directory;
  readonly now: Instant;
  readonly store: Pick<Store, 'list'>;
}

/** Whether the person has a part in a gate: it names them today, or they had a part in one of the newest requests. */
export async function gatesOf(person: PersonId, house: House): Promise<(gate: string) => boolean> {
  const { gates, admins, directory, now, store } = house;
  const isMeant = (refs: readonly string[]): boolean => {
    const found = resolve(refs, directory, { requester: null, approvers: [], exclude: null, now });
    return found.kind === 'people' && found.people.includes(person);
  };
  if (isMeant(admins)) return () => true;
  const own = new Set<string>();
  for (const [name, gate] of gates) if (refsOf(gate).some((refs) => isMeant(refs))) own.add(name);
  const today = { directory, now };
  const { requests } = await withPart(store, person, today, { filter: {}, size: LOOKED_AT, most: LOOKED_AT });
  for (const { gate } of requests) own.add(gate.name);
  return (gate) => own.has(gate);
}

/** Each by itself: a directory that can't be asked about one of them hides that one alone. */
function refsOf({ stages, escalate, bypass, owners = [], sla }: GateDefinition): readonly (readonly string[])[] {
  return [
    ...stages.flatMap(({ rules }) => rules.map(({ approvers }) => approvers)),
    ...escalate.map(({ to }) => to),
    bypass?.by ?? [],
    owners,
    sla?.escalateTo ?? [],
  ];
}
