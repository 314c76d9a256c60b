/**
 * src/engine/directory.ts: who is who at one moment, and how approver references resolve.
 * The bot keeps the newest directory and hands it over with each command; the engine never looks people up itself.
 */
import type { ApproverRef, Instant, OpenHours, PersonId } from './definition.ts';
import { managerOf, relationOf } from './relation.ts';

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
  /** Stands in whenever an absence names nobody. */
  readonly delegate?: PersonId;
  /** When notices to them wait, in their time zone: reminders and the like, never a deadline. */
  readonly quietHours?: readonly OpenHours[];
}

/** A group's members as references (groups nest), or `unavailable` when its source can't be asked. */
export type Group = readonly ApproverRef[] | 'unavailable';

export interface Directory {
  readonly people: ReadonlyMap<PersonId, Person>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Who is meant where somebody has no manager at the level that a relation asks for; without it nobody is. */
  readonly noManager?: readonly ApproverRef[];
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

/**
 * Resolves references to people. A reference to nobody (an unknown name, a missing manager) adds nobody; cycles among
 * groups and among managers end. Somebody away is replaced by their delegate, unless that is the excluded person or away
 * as well.
 */
export function resolve(refs: readonly ApproverRef[], directory: Directory, facts: ResolveFor): Resolution {
  const found = new Set<PersonId>();
  const unavailable = collect(refs, { directory, facts, related: new Map() }, found, new Set());
  if (unavailable !== null) return { kind: 'unavailable', ref: unavailable };
  const people: PersonId[] = [];
  const standsFor: Record<PersonId, PersonId> = {};
  for (const id of found) {
    if (id === facts.exclude || facts.without?.includes(id) === true) continue;
    const delegate = standIn(id, directory, facts);
    if (delegate === null || found.has(delegate)) people.push(id);
    else if (!people.includes(delegate)) {
      people.push(delegate);
      standsFor[delegate] = id;
    }
  }
  return { kind: 'people', people, standsFor };
}

/**
 * Everybody that `refs` mean, away or not and whoever asks: relations to a request mean nobody. Null: a source can't be
 * asked.
 */
export function everybodyIn(refs: readonly ApproverRef[], directory: Directory): ReadonlySet<PersonId> | null {
  const facts = { requester: null, approvers: [], exclude: null, now: 0 };
  const found = new Set<PersonId>();
  return collect(refs, { directory, facts, related: new Map() }, found, new Set()) === null ? found : null;
}

interface Search {
  readonly directory: Directory;
  readonly facts: ResolveFor;
  /** What relations meant that have been followed already; nobody for one that is being followed. */
  readonly related: Map<ApproverRef, readonly PersonId[]>;
}

/** Adds what `refs` mean to `found`; answers the first reference whose source is unavailable. */
function collect(
  refs: readonly ApproverRef[],
  search: Search,
  found: Set<PersonId>,
  seen: Set<string>,
): ApproverRef | null {
  const { people, groups } = search.directory;
  for (const ref of refs) {
    if (people.has(ref)) {
      found.add(ref);
      continue;
    }
    const group = groups.get(ref);
    if (group === undefined) {
      const unavailable = collectOther(ref, search, found);
      if (unavailable !== null) return unavailable;
      continue;
    }
    if (group === 'unavailable') return ref;
    if (seen.has(ref)) continue;
    seen.add(ref);
    const unavailable = collect(group, search, found, seen);
    if (unavailable !== null) return unavailable;
  }
  return null;
}

/** What is no name: a relation or an address. */
function collectOther(ref: ApproverRef, search: Search, found: Set<PersonId>): ApproverRef | null {
  const relation = relationOf(ref);
  if (relation === null) {
    const person = personByAddress(ref, search.directory);
    if (person !== null) found.add(person.id);
    return null;
  }
  let managers = search.related.get(ref);
  if (managers === undefined) {
    search.related.set(ref, []);
    const reports = new Set<PersonId>();
    const unavailable = collectReports(relation.of, search, reports);
    if (unavailable !== null) return unavailable;
    const climbed = new Set<PersonId>();
    for (const report of reports) {
      const manager = managerOf(report, relation.levels, search.directory);
      if (manager !== null) climbed.add(manager);
      else {
        const instead = collect(search.directory.noManager ?? [], search, climbed, new Set());
        if (instead !== null) return instead;
      }
    }
    managers = [...climbed];
    search.related.set(ref, managers);
  }
  for (const id of managers) found.add(id);
  return null;
}

function collectReports(of: ApproverRef, search: Search, reports: Set<PersonId>): ApproverRef | null {
  const { facts } = search;
  const asked = of === 'approvers' ? facts.approvers : of === 'requester' ? [facts.requester] : null;
  if (asked === null) return collect([of], search, reports, new Set());
  for (const id of asked) if (id !== null && search.directory.people.has(id)) reports.add(id);
  return null;
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

/** The absence that counts now: of several at once the first that names a delegate. */
export function absenceOf({ away }: Person, now: Instant): Absence | null {
  const current = away.filter(({ from, to }) => from <= now && now < to);
  return current.find(({ delegate }) => delegate !== null) ?? current[0] ?? null;
}

/** Whoever stands in for somebody away now: the first in the chain of delegates who is here. Null: they decide themselves. */
export function standIn(
  id: PersonId,
  directory: Directory,
  facts: Pick<ResolveFor, 'exclude' | 'now'>,
): PersonId | null {
  const passed = new Set<PersonId>();
  let current = id;
  for (;;) {
    const person = directory.people.get(current);
    const absence = person === undefined ? null : absenceOf(person, facts.now);
    if (absence === null) return current === id ? null : current;
    const next = absence.delegate ?? person?.delegate ?? null;
    passed.add(current);
    if (next === null || next === facts.exclude || passed.has(next) || !directory.people.has(next)) return null;
    current = next;
  }
}
