/**
 * src/engine/explain-ref.ts: what an approver reference comes to, step by step, for whoever asks why somebody is or is not
 * asked. It walks as `resolve` does and decides nothing.
 */
import type { ApproverRef, Instant, PersonId } from './definition.ts';
import { absenceOf, type Directory, personByAddress, type ResolveFor } from './directory.ts';
import { managerOf, relationOf } from './relation.ts';

/** Somebody's absence at the moment, and where the chain of those who stand in ends. */
export interface Away {
  readonly from: Instant;
  readonly to: Instant;
  /** Who is asked one after the other: the first is the absent person's delegate. */
  readonly delegates: readonly PersonId[];
  /**
   * `here`: the last of them stands in · `nobody`: no delegate is named · `away`: the last is away and names nobody ·
   * `circle`: they stand in for each other · `excluded`: it would be somebody who may not decide. But for `here` the
   * absent person is asked all the same.
   */
  readonly end: 'here' | 'nobody' | 'away' | 'circle' | 'excluded';
}

export interface PersonMeaning {
  readonly kind: 'person';
  readonly ref: ApproverRef;
  readonly person: PersonId;
  readonly away: Away | null;
  /** Who can't be meant here: the requester of a gate that forbids self-approval. */
  readonly isExcluded: boolean;
}

export type Meaning =
  | PersonMeaning
  /** `isAgain`: it stands further up already, and counts once. */
  | {
      readonly kind: 'group';
      readonly ref: ApproverRef;
      readonly members: readonly Meaning[];
      readonly isAgain: boolean;
    }
  | { readonly kind: 'unavailable'; readonly ref: ApproverRef }
  | {
      readonly kind: 'relation';
      readonly ref: ApproverRef;
      readonly levels: number;
      readonly of: ApproverRef;
      readonly reports: readonly {
        readonly person: PersonId;
        /** Up from them; shorter than `levels` where somebody has no manager, or managers go round in a circle. */
        readonly chain: readonly PersonId[];
        /** Whom it comes to: the manager, or who is meant where there is none. */
        readonly meant: readonly Meaning[];
      }[];
      /** The group of `of` whose source can't be asked; null: none. */
      readonly unavailable: ApproverRef | null;
    }
  /** `unknown`: no such name or address · `noRequester`, `noApprovers`: depends on a request. */
  | { readonly kind: 'nobody'; readonly ref: ApproverRef; readonly why: 'unknown' | 'noRequester' | 'noApprovers' };

export function explainRef(ref: ApproverRef, directory: Directory, facts: ResolveFor): Meaning {
  return meaningOf(ref, { directory, facts, groups: new Set(), relations: new Set() });
}

interface Walk {
  readonly directory: Directory;
  readonly facts: ResolveFor;
  /** Spelled out already. */
  readonly groups: Set<string>;
  readonly relations: Set<ApproverRef>;
}

function meaningOf(ref: ApproverRef, walk: Walk): Meaning {
  const { directory } = walk;
  if (directory.people.has(ref)) return personMeaning(ref, ref, walk);
  const group = directory.groups.get(ref);
  if (group === 'unavailable') return { kind: 'unavailable', ref };
  if (group !== undefined) {
    if (walk.groups.has(ref)) return { kind: 'group', ref, members: [], isAgain: true };
    walk.groups.add(ref);
    return { kind: 'group', ref, members: group.map((member) => meaningOf(member, walk)), isAgain: false };
  }
  const relation = relationOf(ref);
  if (relation !== null) return relationMeaning(ref, relation, walk);
  const person = personByAddress(ref, directory);
  return person === null ? { kind: 'nobody', ref, why: 'unknown' } : personMeaning(ref, person.id, walk);
}

function relationMeaning(ref: ApproverRef, relation: { levels: number; of: ApproverRef }, walk: Walk): Meaning {
  const { directory, facts, relations } = walk;
  const { levels, of } = relation;
  if (of === 'requester' && facts.requester === null) return { kind: 'nobody', ref, why: 'noRequester' };
  if (of === 'approvers' && facts.approvers.length === 0) return { kind: 'nobody', ref, why: 'noApprovers' };
  if (relations.has(ref)) return { kind: 'nobody', ref, why: 'unknown' };
  relations.add(ref);
  const asked =
    of === 'approvers' ? facts.approvers : of === 'requester' && facts.requester !== null ? [facts.requester] : null;
  const base = asked === null ? meaningOf(of, { ...walk, groups: new Set() }) : null;
  const people = new Set(base === null ? (asked ?? []).filter((id) => directory.people.has(id)) : everybody(base));
  const reports = [...people].map((person) => {
    const manager = managerOf(person, levels, directory);
    const instead = (): readonly Meaning[] =>
      (directory.noManager ?? []).map((other) => meaningOf(other, { ...walk, groups: new Set() }));
    return {
      person,
      chain: chainUp(person, levels, directory),
      meant: manager === null ? instead() : [personMeaning(manager, manager, walk)],
    };
  });
  relations.delete(ref);
  return { kind: 'relation', ref, levels, of, reports, unavailable: base === null ? null : closed(base) };
}

function chainUp(person: PersonId, levels: number, directory: Directory): readonly PersonId[] {
  const chain: PersonId[] = [];
  for (let level = 1; level <= levels; level++) {
    const manager = managerOf(person, level, directory);
    if (manager === null) break;
    chain.push(manager);
  }
  return chain;
}

/** Everybody in it, away or not. */
export function everybody(meaning: Meaning): readonly PersonId[] {
  switch (meaning.kind) {
    case 'person':
      return [meaning.person];
    case 'group':
      return meaning.members.flatMap(everybody);
    case 'relation':
      return meaning.reports.flatMap(({ meant }) => meant.flatMap(everybody));
    case 'unavailable':
    case 'nobody':
      return [];
  }
}

/** The first group in it whose source can't be asked. */
function closed(meaning: Meaning): ApproverRef | null {
  switch (meaning.kind) {
    case 'unavailable':
      return meaning.ref;
    case 'group':
      return meaning.members.map(closed).find((ref) => ref !== null) ?? null;
    case 'relation':
      return meaning.unavailable;
    case 'person':
    case 'nobody':
      return null;
  }
}

function personMeaning(ref: ApproverRef, person: PersonId, { directory, facts }: Walk): PersonMeaning {
  return {
    kind: 'person',
    ref,
    person,
    away: awayOf(person, directory, facts),
    isExcluded: person === facts.exclude || facts.without?.includes(person) === true,
  };
}

/** Whether somebody is away now, and who stands in. */
export function awayOf(
  id: PersonId,
  directory: Directory,
  { exclude, now }: Pick<ResolveFor, 'exclude' | 'now'>,
): Away | null {
  const person = directory.people.get(id);
  const absence = person === undefined ? null : absenceOf(person, now);
  if (absence === null) return null;
  const { from, to } = absence;
  const delegates: PersonId[] = [];
  let [current, away] = [person, absence];
  for (;;) {
    const next = away.delegate ?? current?.delegate ?? null;
    if (next === null || !directory.people.has(next))
      return { from, to, delegates, end: delegates.length === 0 ? 'nobody' : 'away' };
    if (next === exclude) return { from, to, delegates: [...delegates, next], end: 'excluded' };
    if (next === id || delegates.includes(next)) return { from, to, delegates: [...delegates, next], end: 'circle' };
    delegates.push(next);
    current = directory.people.get(next);
    const further = current === undefined ? null : absenceOf(current, now);
    if (further === null) return { from, to, delegates, end: 'here' };
    away = further;
  }
}
