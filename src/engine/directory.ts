/**
 * src/engine/directory.ts: who is who at one moment, and how approver references resolve.
 * The bot keeps the newest directory and hands it over with each command; the engine never looks people up itself.
 */
import type { ApproverRef, Instant, PersonId } from './definition.ts';

export interface Absence {
  readonly from: Instant;
  readonly to: Instant;
  readonly delegate: PersonId | null;
}

export interface Person {
  readonly id: PersonId;
  readonly name: string;
  /** Normalised: ASCII, lower case, one address. */
  readonly email: string | null;
  /** `U…` in the one workspace, or `T…/U…`. */
  readonly slack: string | null;
  /** An AAD object id, or `tenant/object-id`, in lower case. */
  readonly teams: string | null;
  readonly manager: PersonId | null;
  readonly timezone: string | null;
  readonly away: readonly Absence[];
}

/** A group's members as references (groups nest), or `unavailable` when its source can't be asked. */
export type Group = readonly ApproverRef[] | 'unavailable';

export interface Directory {
  readonly people: ReadonlyMap<PersonId, Person>;
  readonly groups: ReadonlyMap<string, Group>;
}

/** What references are resolved against. */
export interface ResolveFor {
  readonly requester: PersonId | null;
  /** Whom `manager-of:approvers` means: those who are asked and have not answered. */
  readonly approvers: readonly PersonId[];
  /** Who can't be meant: the requester of a gate that forbids self-approval. */
  readonly exclude: PersonId | null;
  /** Whose part is no longer theirs: neither they nor whoever stands in for them are meant. */
  readonly without?: readonly PersonId[];
  readonly now: Instant;
}

export type Resolution =
  | {
      readonly kind: 'people';
      /** Each once, in the order named. */
      readonly people: readonly PersonId[];
      /** Delegates of absent people → the absent person. */
      readonly standsFor: Readonly<Record<PersonId, PersonId>>;
    }
  /** A source could not be asked. The set must count as unsatisfied. */
  | { readonly kind: 'unavailable'; readonly ref: ApproverRef };

const MANAGER_OF = 'manager-of:';

/**
 * Resolves references to people. A reference to nobody (an unknown name, a missing manager) adds nobody; cycles among
 * groups end. Somebody away is replaced by their delegate, unless that is the excluded person or away as well.
 */
export function resolve(refs: readonly ApproverRef[], directory: Directory, facts: ResolveFor): Resolution {
  const found = new Set<PersonId>();
  const unavailable = collect(refs, directory, facts, found, new Set());
  if (unavailable !== null) return { kind: 'unavailable', ref: unavailable };
  const people: PersonId[] = [];
  const standsFor: Record<PersonId, PersonId> = {};
  for (const id of found) {
    if (id === facts.exclude || facts.without?.includes(id) === true) continue;
    const delegate = delegateOf(id, directory, facts);
    if (delegate === null || found.has(delegate)) people.push(id);
    else if (!people.includes(delegate)) {
      people.push(delegate);
      standsFor[delegate] = id;
    }
  }
  return { kind: 'people', people, standsFor };
}

/** Adds what `refs` mean to `found`; answers the first reference whose source is unavailable. */
function collect(
  refs: readonly ApproverRef[],
  directory: Directory,
  facts: ResolveFor,
  found: Set<PersonId>,
  seen: Set<string>,
): ApproverRef | null {
  for (const ref of refs) {
    if (directory.people.has(ref)) {
      found.add(ref);
      continue;
    }
    const group = directory.groups.get(ref);
    if (group === undefined) {
      for (const id of byRelation(ref, directory, facts)) found.add(id);
      continue;
    }
    if (group === 'unavailable') return ref;
    if (seen.has(ref)) continue;
    seen.add(ref);
    const unavailable = collect(group, directory, facts, found, seen);
    if (unavailable !== null) return unavailable;
  }
  return null;
}

function byRelation(ref: ApproverRef, directory: Directory, facts: ResolveFor): readonly PersonId[] {
  if (ref.startsWith(MANAGER_OF)) {
    const of = ref.slice(MANAGER_OF.length);
    const reports = of === 'approvers' ? facts.approvers : facts.requester === null ? [] : [facts.requester];
    return reports.flatMap((id) => {
      const manager = directory.people.get(id)?.manager ?? null;
      return manager !== null && directory.people.has(manager) ? [manager] : [];
    });
  }
  const person = personByAddress(ref, directory);
  return person === null ? [] : [person.id];
}

/**
 * The person behind `email:…`, `slack:T…/U…` or `teams:tenant/object-id`; ids are compared byte for byte. Only ASCII
 * letters lose their case: a Kelvin sign is not a k.
 */
export function personByAddress(ref: ApproverRef, directory: Directory): Person | null {
  const colon = ref.indexOf(':');
  const [kind, id] = [ref.slice(0, colon), ref.slice(colon + 1)];
  if (kind !== 'email' && kind !== 'slack' && kind !== 'teams') return null;
  const wanted = kind === 'slack' ? id : id.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  for (const person of directory.people.values()) if (person[kind] === wanted) return person;
  return null;
}

/** Whoever stands in for somebody away now: the first in the chain of delegates who is here. Null: they decide themselves. */
function delegateOf(id: PersonId, directory: Directory, facts: ResolveFor): PersonId | null {
  const passed = new Set<PersonId>();
  let current = id;
  for (;;) {
    const absence = directory.people.get(current)?.away.find(({ from, to }) => from <= facts.now && facts.now < to);
    if (absence === undefined) return current === id ? null : current;
    const next = absence.delegate;
    if (next === null || next === facts.exclude || passed.has(next) || !directory.people.has(next)) return null;
    passed.add(current);
    current = next;
  }
}
