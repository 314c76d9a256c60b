/**
 * src/bot/rehearsal/stages.ts: which stages of a gate apply to a request and why, and whom each rule asks: through
 * which reference everybody comes, and who was left out. Resolving is the engine's; this says how it came about.
 */
import type { SimulatedApprover, SimulatedPerson, SimulatedRule, SimulatedStage } from '../../adapters/simulation.ts';
import type {
  GateDefinition,
  Instant,
  PersonId,
  Quorum,
  RuleDefinition,
  StageDefinition,
} from '../../engine/definition.ts';
import { type Directory, type ResolveFor, resolve } from '../../engine/directory.ts';
import { awayOf, explainRef, type Meaning } from '../../engine/explain-ref.ts';
import { evaluate } from '../../engine/expression.ts';
import { facts } from '../../engine/form.ts';
import { excludedPerson, needed } from '../../engine/quorum.ts';
import type { Content } from '../../engine/request.ts';
import { shortened } from '../shortened.ts';
import type { Moment } from './play.ts';
import { timeOf } from './time.ts';

/** Characters of a value that is quoted. */
const QUOTED = 100;

export const personIn =
  (directory: Directory) =>
  (id: PersonId): SimulatedPerson => ({ id, name: directory.people.get(id)?.name ?? id });

/** @param moments of its play: when each stage begins and is over */
export function stagesOf(
  gate: GateDefinition,
  content: Content,
  directory: Directory,
  now: Instant,
  moments: readonly Moment[],
): readonly SimulatedStage[] {
  const isAutomatic = gate.autoApproveIf !== null && evaluated(gate.autoApproveIf, gate, content) === true;
  return gate.stages.map((stage, index) => {
    const { name, when } = stage;
    const { applies, why } = isAutomatic
      ? { applies: false, why: `nobody is asked: ${reasonFor(gate.autoApproveIf ?? '', gate, content)}` }
      : applicability(stage, gate, content);
    return {
      name,
      applies,
      why,
      when,
      ...spanOf(index, moments),
      rules: applies ? stage.rules.map((rule) => ruleOf(rule, gate, content, directory, now)) : [],
    };
  });
}

function spanOf(index: number, moments: readonly Moment[]): Pick<SimulatedStage, 'from' | 'to'> {
  const first = moments.find(({ state }) => state?.stages[index]?.state === 'open');
  if (first === undefined) return { from: null, to: null };
  const isOver = ({ state }: Moment) => state?.status !== 'pending' || state.stages[index]?.state !== 'open';
  const last = moments.slice(moments.indexOf(first)).find(isOver);
  return { from: timeOf(first.at), to: last === undefined ? null : timeOf(last.at) };
}

function applicability(
  { when }: StageDefinition,
  gate: GateDefinition,
  content: Content,
): { readonly applies: boolean; readonly why: string } {
  if (when === null) return { applies: true, why: 'it has no condition' };
  const result = evaluate(when, facts(content, gate));
  if (result.ok && typeof result.value === 'boolean')
    return { applies: result.value, why: reasonFor(when, gate, content) };
  const error = result.ok ? `is ${quoted(result.value)}, neither true nor false` : result.error;
  return { applies: true, why: `${when} fails (${error}), and a condition that fails applies` };
}

function evaluated(expression: string, gate: GateDefinition, content: Content): unknown {
  const result = evaluate(expression, facts(content, gate));
  return result.ok ? result.value : undefined;
}

/** "context.risk >= 7 is true (context.risk is 9)" */
function reasonFor(expression: string, gate: GateDefinition, content: Content): string {
  const paths = [...new Set(expression.match(/\b(?:context|request)(?:\.[A-Za-z_]\w*)+/g) ?? [])];
  const values = paths.flatMap((path) => {
    const value = evaluated(path, gate, content);
    return value === undefined ? [] : [`${path} is ${quoted(value)}`];
  });
  const why = values.length === 0 ? '' : ` (${values.join(', ')})`;
  return `${expression} is ${quoted(evaluated(expression, gate, content))}${why}`;
}

const quoted = (value: unknown): string =>
  shortened(
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)) ?? 'nothing',
    QUOTED,
  );

function ruleOf(
  rule: RuleDefinition,
  gate: GateDefinition,
  content: Content,
  directory: Directory,
  now: Instant,
): SimulatedRule {
  const { requester } = content;
  const resolveFor: ResolveFor = { requester, approvers: [], exclude: excludedPerson(gate, requester), now };
  const person = personIn(directory);
  const found = resolve(rule.approvers, directory, resolveFor);
  const quorum = quorumText(rule.quorum);
  if (found.kind === 'unavailable') {
    const problems = [`${found.ref} can’t be asked here, and while that is so the gate refuses to open`];
    return { needed: 0, quorum, refs: rule.approvers, approvers: [], leftOut: [], problems };
  }
  const meanings = rule.approvers.map((ref) => explainRef(ref, directory, resolveFor));
  const approvers = found.people.map((id): SimulatedApprover => {
    const absent = Object.hasOwn(found.standsFor, id) ? (found.standsFor[id] ?? null) : null;
    return {
      person: person(id),
      through: meanings.flatMap((meaning) => pathTo(absent ?? id, meaning)?.join(' → ') ?? []),
      standsFor: absent === null ? null : { ...person(absent), until: absenceEnd(absent, directory, now) },
    };
  });
  return {
    needed: needed(rule.quorum, found.people.length),
    quorum,
    refs: rule.approvers,
    approvers,
    leftOut: leftOutOf(rule, found.people, found.standsFor, resolveFor, directory),
    problems: [
      ...rule.approvers
        .filter((ref) => isEmptyWithAnybody(ref, directory, resolveFor))
        .map((ref) => `${ref} leads to nobody`),
      ...found.people
        .filter((id) => awayOf(id, directory, resolveFor) !== null)
        .map((id) => `${person(id).name} is away and nobody stands in, so they are asked all the same`),
    ],
  };
}

/** The references on the way to somebody: `release-managers → leads`, or the person’s own name; null: it leads elsewhere. */
function pathTo(id: PersonId, meaning: Meaning): readonly string[] | null {
  switch (meaning.kind) {
    case 'person':
      return meaning.person === id ? [meaning.ref] : null;
    case 'group': {
      const inner = firstPath(id, meaning.members);
      return inner === null ? null : [meaning.ref, ...inner.filter((ref) => ref !== id)];
    }
    case 'relation': {
      const inner = firstPath(
        id,
        meaning.reports.flatMap(({ meant }) => meant),
      );
      return inner === null ? null : [meaning.ref];
    }
    case 'unavailable':
    case 'nobody':
      return null;
  }
}

function firstPath(id: PersonId, meanings: readonly Meaning[]): readonly string[] | null {
  for (const meaning of meanings) {
    const path = pathTo(id, meaning);
    if (path !== null) return path;
  }
  return null;
}

function isEmptyWithAnybody(ref: string, directory: Directory, resolveFor: ResolveFor): boolean {
  const found = resolve([ref], directory, { ...resolveFor, exclude: null });
  return found.kind === 'people' && found.people.length === 0;
}

/** Those whom the references name, and who are not asked all the same. */
function leftOutOf(
  rule: RuleDefinition,
  approvers: readonly PersonId[],
  standsFor: Readonly<Record<PersonId, PersonId>>,
  resolveFor: ResolveFor,
  directory: Directory,
): SimulatedRule['leftOut'] {
  const person = personIn(directory);
  const everybodyHere: Directory = {
    ...directory,
    people: new Map([...directory.people].map(([id, known]) => [id, { ...known, away: [] }])),
  };
  const named = resolve(rule.approvers, everybodyHere, { ...resolveFor, exclude: null });
  if (named.kind === 'unavailable') return [];
  return named.people
    .filter((id) => !approvers.includes(id))
    .map((id) => {
      if (id === resolveFor.exclude)
        return { person: person(id), why: 'asks for it, and nobody approves their own request here', until: null };
      const [delegate] = Object.entries(standsFor).find(([, absent]) => absent === id) ?? [];
      const instead =
        delegate === undefined ? 'whoever stands in is asked already' : `${person(delegate).name} stands in`;
      return { person: person(id), why: `is away; ${instead}`, until: absenceEnd(id, directory, resolveFor.now) };
    });
}

function absenceEnd(id: PersonId, directory: Directory, now: Instant): string | null {
  const away = awayOf(id, directory, { exclude: null, now });
  return away === null ? null : timeOf(away.to);
}

function quorumText(quorum: Quorum): string {
  if (quorum.kind === 'count') return String(quorum.count);
  return quorum.kind === 'percent' ? `${quorum.percent}%` : quorum.kind;
}
