/** src/bot/config/stages.ts: who decides, in which order: stages, rules and quorums, translated and checked. */
import type { ApproverRef, GateDefinition, Quorum, RuleDefinition, StageDefinition } from '../../engine/definition.ts';
import { type Directory, everybodyIn } from '../../engine/directory.ts';
import { needed, reachable } from '../../engine/quorum.ts';
import { relationOf } from '../../engine/relation.ts';
import { reportExpression, reportTwice } from './fields.ts';
import type { Path, Report } from './problem.ts';
import { reportApprovers, reportUnknown } from './references.ts';
import type { Overrides, StageShape } from './shape.ts';

type Chain = Pick<Overrides, 'approvers' | 'quorum' | 'stages'>;

const ONE: Quorum = { kind: 'count', count: 1 };

/** The stages of a gate, or of a request that brings its own. `approvers` alone means one stage with one rule. */
export function stagesOf(chain: Chain, path: Path, directory: Directory, report: Report): readonly StageDefinition[] {
  const { approvers, quorum, stages } = chain;
  if (stages === undefined) {
    if (approvers === undefined) return [];
    return [{ name: 'approval', when: null, rules: [ruleOf(approvers, quorum, path, directory, report)] }];
  }
  for (const key of ['approvers', 'quorum'] as const)
    if (chain[key] !== undefined) report([...path, key], 'cannot stand beside "stages"; write it into a stage');
  const named = stages.map((stage, i) => stage.name ?? `stage ${i + 1}`);
  reportTwice(named, (i) => [...path, 'stages', i, 'name'], report);
  return stages.map((stage, i) => ({
    name: named[i] ?? '',
    when: stage.when ?? null,
    rules: rulesOf(stage, [...path, 'stages', i], directory, report),
  }));
}

function rulesOf(stage: StageShape, path: Path, directory: Directory, report: Report): readonly RuleDefinition[] {
  if (stage.when !== undefined) reportExpression(stage.when, ['context', 'request'], [...path, 'when'], report);
  if (stage.rules === undefined) {
    if (stage.approvers !== undefined) return [ruleOf(stage.approvers, stage.quorum, path, directory, report)];
    report(path, 'needs "approvers" or "rules"');
    return [];
  }
  for (const key of ['approvers', 'quorum'] as const)
    if (stage[key] !== undefined) report([...path, key], 'cannot stand beside "rules"; write it into a rule');
  return stage.rules.map(({ approvers, quorum }, i) =>
    ruleOf(approvers, quorum, [...path, 'rules', i], directory, report),
  );
}

function ruleOf(
  approvers: readonly ApproverRef[],
  quorum: Overrides['quorum'],
  path: Path,
  directory: Directory,
  report: Report,
): RuleDefinition {
  const refs = [...new Set(approvers)];
  for (const [i, ref] of approvers.entries()) {
    reportUnknown(ref, directory, [...path, 'approvers', i], report);
    reportApprovers(ref, directory, [...path, 'approvers', i], report);
  }
  const wanted = quorumOf(quorum);
  if (wanted === null) report([...path, 'quorum'], 'must be a percentage from 1% to 100%');
  const people = fixedPeople(refs, directory);
  if (people?.length === 0) report([...path, 'approvers'], 'resolves to nobody');
  else if (people !== null && wanted?.kind === 'count' && wanted.count > people.length)
    report([...path, 'quorum'], `asks for ${wanted.count} approvals of ${counted(people.length)}`);
  return { approvers: refs, quorum: wanted ?? ONE };
}

function quorumOf(quorum: Overrides['quorum']): Quorum | null {
  if (quorum === undefined) return ONE;
  if (typeof quorum === 'number') return { kind: 'count', count: quorum };
  if (quorum === 'all' || quorum === 'majority') return { kind: quorum };
  const percent = Number(quorum.slice(0, -1));
  return percent > 0 && percent <= 100 ? { kind: 'percent', percent } : null;
}

/** Everybody that `refs` mean, whoever asks and whoever is away; null when that depends on the request or a source. */
export function fixedPeople(refs: readonly ApproverRef[], directory: Directory): readonly string[] | null {
  if (dependsOnRequest(refs, directory, new Set())) return null;
  const found = everybodyIn(refs, directory);
  return found === null ? null : [...found];
}

function dependsOnRequest(refs: readonly ApproverRef[], directory: Directory, seen: Set<string>): boolean {
  return refs.some((ref) => {
    const group = directory.groups.get(ref);
    if (group === undefined) {
      if (directory.people.has(ref)) return false;
      const of = relationOf(ref)?.of;
      if (of === undefined) return !/^(email|slack|teams):/.test(ref);
      return of === 'requester' || of === 'approvers' || dependsOnRequest([of], directory, seen);
    }
    if (group === 'unavailable') return true;
    if (seen.has(ref)) return false;
    return dependsOnRequest(group, directory, seen.add(ref));
  });
}

/** Rules side by side need different people where a gate says so: reports stages that ask for more than there are. */
export function reportUnreachable(
  gate: GateDefinition,
  at: (stage: number) => Path,
  directory: Directory,
  report: Report,
): void {
  for (const [i, stage] of gate.stages.entries()) {
    if (stage.rules.length < 2) continue;
    const rules = stage.rules.map((rule) => {
      const approvers = fixedPeople(rule.approvers, directory);
      return approvers === null ? null : { approvers, needed: needed(rule.quorum, approvers.length) };
    });
    const fixed = rules.filter((rule) => rule !== null);
    const eachCould = fixed.every((rule) => rule.needed <= rule.approvers.length);
    if (fixed.length === rules.length && eachCould && !reachable(gate, fixed))
      report(at(i), 'its rules together ask for more different people than they name; see "distinct"');
  }
}

function counted(people: number): string {
  return people === 1 ? '1 person' : `${people} people`;
}
