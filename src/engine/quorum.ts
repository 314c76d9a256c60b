/**
 * src/engine/quorum.ts: who may vote on an open stage, and whether its rules are met, can still be met, or can't.
 */
import type { GateDefinition, Instant, PersonId, Quorum } from './definition.ts';
import { type Directory, type Person, resolve } from './directory.ts';
import type { RequestState, ResolvedRule, RuleState, StageState, Vote } from './request.ts';

/** How many approvals a quorum means among `people`; never none, so that a quorum of nobody is never met. */
export function needed(quorum: Quorum, people: number): number {
  switch (quorum.kind) {
    case 'count':
      return Math.max(1, quorum.count);
    case 'percent':
      return Math.max(1, Math.ceil((people * quorum.percent) / 100));
    case 'majority':
      return Math.floor(people / 2) + 1;
    case 'all':
      return Math.max(1, people);
  }
}

/** The person who may not decide this request, or null where the gate allows self-approval or nobody is known to ask. */
export function excludedPerson(gate: GateDefinition, requester: PersonId | null): PersonId | null {
  return gate.selfApproval === 'allow' ? null : requester;
}

/** The rules of a stage resolved for the first time, or null when a source of people is unavailable. */
export function resolveStage(
  gate: GateDefinition,
  stage: number,
  requester: PersonId | null,
  directory: Directory,
  now: Instant,
): readonly ResolvedRule[] | null {
  const rules: ResolvedRule[] = [];
  for (const rule of gate.stages[stage]?.rules ?? []) {
    const exclude = excludedPerson(gate, requester);
    const found = resolve(rule.approvers, directory, { requester, approvers: [], exclude, now });
    if (found.kind === 'unavailable') return null;
    rules.push({
      refs: rule.approvers,
      needed: needed(rule.quorum, found.people.length),
      approvers: found.people,
      standsFor: found.standsFor,
    });
  }
  return rules;
}

export interface CurrentApprovers {
  readonly people: readonly PersonId[];
  readonly standsFor: Readonly<Record<PersonId, PersonId>>;
}

/**
 * Who may vote on a rule right now: what its references mean today, without those who gave their part away, and with
 * those who came by escalation or delegation. Null when a source of people is unavailable.
 */
export function currentApprovers(
  state: RequestState,
  rule: RuleState,
  directory: Directory,
  now: Instant,
): CurrentApprovers | null {
  const { requester } = state.content;
  const exclude = excludedPerson(state.gate, requester);
  const asVoted = withVotesKept(state, rule, directory, now);
  const found = resolve(rule.refs, asVoted, { requester, approvers: [], exclude, without: rule.removed, now });
  if (found.kind === 'unavailable') return null;
  const stays = (id: PersonId) => !rule.removed.includes(id) && (rule.kept === null || rule.kept.includes(id));
  const named = found.people.filter(stays);
  const added = rule.added.filter((id) => id !== exclude && directory.people.has(id) && !named.includes(id));
  const handedOn = Object.entries(rule.standsFor).filter(([id]) => added.includes(id));
  return { people: [...named, ...added], standsFor: { ...found.standsFor, ...Object.fromEntries(handedOn) } };
}

/**
 * Whoever has voted keeps their part when they go on holiday afterwards, and whoever voted for somebody absent keeps it
 * when that person is back: a part is filled once, by the one who was to fill it at the time.
 */
function withVotesKept(state: RequestState, rule: RuleState, directory: Directory, now: Instant): Directory {
  const kept: Person[] = [];
  for (const { person, onBehalfOf, stage, counts } of state.votes) {
    if (!counts || !state.stages[stage]?.rules.includes(rule)) continue;
    const voter = directory.people.get(person);
    if (voter?.away.some(({ from, to }) => from <= now && now < to)) kept.push({ ...voter, away: [] });
    const absent = onBehalfOf === null || rule.removed.includes(onBehalfOf) ? null : directory.people.get(onBehalfOf);
    if (voter && absent) kept.push({ ...absent, away: [{ ...ALWAYS, delegate: person }] });
  }
  if (kept.length === 0) return directory;
  return { ...directory, people: new Map([...directory.people, ...kept.map((of) => [of.id, of] as const)]) };
}

const ALWAYS = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

export interface Tally {
  /** Per rule: the approvals that count for it, one person filling one rule where the gate asks for distinct people. */
  readonly approvals: readonly number[];
  readonly rejections: readonly number[];
  readonly met: readonly boolean[];
  /** Every rule is met at once. */
  readonly passed: boolean;
  /** Even if everybody who has not voted approved, some rule would stay unmet. */
  readonly impossible: boolean;
}

/** Counts the votes of one stage. */
export function tally(gate: GateDefinition, stage: StageState, votes: readonly Vote[], index: number): Tally {
  const mine = votes.filter((vote) => vote.stage === index && vote.counts);
  const yes = new Set(mine.filter((vote) => vote.outcome === 'approved').map((vote) => vote.person));
  const no = new Set(mine.filter((vote) => vote.outcome === 'rejected').map((vote) => vote.person));
  const used = gate.distinct === 'request' ? approversBefore(votes, index) : new Set<PersonId>();
  const { rules } = stage;
  const approvals = fill(rules, gate.distinct, (person) => yes.has(person) && !used.has(person));
  const possible = fill(rules, gate.distinct, (person) => !no.has(person) && !used.has(person));
  const met = rules.map((rule, i) => (approvals[i] ?? 0) >= rule.needed);
  return {
    approvals,
    rejections: rules.map((rule) => rule.approvers.filter((person) => no.has(person)).length),
    met,
    passed: rules.length > 0 && met.every(Boolean),
    impossible: rules.some((rule, i) => (possible[i] ?? 0) < rule.needed),
  };
}

/** People whose approval counted in an earlier stage. */
export function approversBefore(votes: readonly Vote[], stage: number): ReadonlySet<PersonId> {
  return new Set(
    votes.filter((vote) => vote.stage < stage && vote.counts && vote.outcome === 'approved').map((vote) => vote.person),
  );
}

/** Whether the rules could all be met by the people who may vote on them. */
export function reachable(gate: GateDefinition, rules: readonly Pick<RuleState, 'approvers' | 'needed'>[]): boolean {
  const filled = fill(rules, gate.distinct, () => true);
  return rules.every((rule, i) => (filled[i] ?? 0) >= rule.needed);
}

/**
 * How many of the people chosen by `counts` each rule gets. Without `distinct` everybody counts for every rule they are
 * in. With it each person fills one rule, and people are placed so that as many seats as possible are filled
 * (augmenting paths over the bipartite graph of people and seats), not by the order in which they came; whoever is left
 * over is then shown at the first rule they are in.
 */
function fill(
  rules: readonly Pick<RuleState, 'approvers' | 'needed'>[],
  distinct: GateDefinition['distinct'],
  counts: (person: PersonId) => boolean,
): number[] {
  const candidates = rules.map((rule) => rule.approvers.filter(counts));
  if (distinct === 'off' || rules.length === 1) return candidates.map((people) => people.length);
  const seats: PersonId[][] = rules.map(() => []);
  const place = (person: PersonId, tried: Set<number>): boolean => {
    for (const [i, rule] of rules.entries()) {
      const seated = seats[i];
      if (seated === undefined || tried.has(i) || !candidates[i]?.includes(person)) continue;
      tried.add(i);
      if (seated.length < rule.needed) {
        seated.push(person);
        return true;
      }
      for (const [k, other] of seated.entries()) {
        if (!place(other, tried)) continue;
        seated[k] = person;
        return true;
      }
    }
    return false;
  };
  const spare = [...new Set(candidates.flat())].filter((person) => !place(person, new Set()));
  for (const person of spare) seats[candidates.findIndex((people) => people.includes(person))]?.push(person);
  return seats.map((people) => people.length);
}
