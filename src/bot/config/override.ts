/** src/bot/config/override.ts: what a request brings itself, laid over its gate as far as the gate allows. */
import { type GateDefinition, OVERRIDES, type Quorum } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import { formOf, optionsOf } from './fields.ts';
import { notifyOf, reportUnknownOptions, timeoutOf } from './gates.ts';
import { pathText, type Report } from './problem.ts';
import type { Overrides } from './shape.ts';
import { reportUnreachable, stagesOf } from './stages.ts';

type Problems = readonly { readonly path: string; readonly message: string }[];

/**
 * The gate as this request has it, or what is wrong with what it brings: the checks are those of the config, and a
 * setting that the gate does not let requests bring is a problem that names it.
 */
export function applyOverrides(
  gate: GateDefinition,
  overrides: Overrides,
  config: { readonly directory: Directory; readonly channels: ReadonlyMap<string, unknown> },
): { readonly gate: GateDefinition } | { readonly problems: Problems } {
  const problems: { path: string; message: string }[] = [];
  const report: Report = (path, message) => problems.push({ path: pathText(path), message });
  const brought = OVERRIDES.filter((key) => overrides[key] !== undefined);
  for (const key of brought)
    if (!gate.overrides.includes(key))
      report([key], `the gate ${gate.name} does not let a request bring its own ${key}`);
  if (problems.length > 0) return { problems };
  if (brought.length === 0) return { gate };

  const { notify, timeout, onTimeout, options, form } = overrides;
  const changed: GateDefinition = {
    ...gate,
    stages: chainOf(gate, overrides, config.directory, report),
    ...(notify === undefined ? {} : { notify: notifyOf(notify, ['notify'], config.channels, report) }),
    ...(timeout === undefined ? {} : { timeoutMs: timeoutOf(timeout, ['timeout'], report) }),
    ...(onTimeout === undefined ? {} : { onTimeout }),
    ...(options === undefined ? {} : { options: optionsOf(options, ['options'], report) }),
    ...(form === undefined ? {} : { form: formOf(form, ['form'], report) }),
  };
  reportUnknownOptions(changed, [], report);
  reportUnreachable(changed, (stage) => ['stages', stage], config.directory, report);
  return problems.length > 0 ? { problems } : { gate: changed };
}

/** `approvers` or `quorum` alone change the one rule of a gate that has but one. */
function chainOf(
  gate: GateDefinition,
  overrides: Overrides,
  directory: Directory,
  report: Report,
): GateDefinition['stages'] {
  const { approvers, quorum, stages } = overrides;
  if (approvers === undefined && quorum === undefined && stages === undefined) return gate.stages;
  if (stages !== undefined) return stagesOf(overrides, [], directory, report);
  const rule = gate.stages.length === 1 && gate.stages[0]?.rules.length === 1 ? gate.stages[0].rules[0] : undefined;
  if (rule === undefined && gate.stages.length > 0) {
    report(
      [approvers === undefined ? 'quorum' : 'approvers'],
      `the gate ${gate.name} has several rules; bring "stages"`,
    );
    return gate.stages;
  }
  const refs = approvers ?? rule?.approvers;
  if (refs === undefined) {
    report(['approvers'], 'is required');
    return gate.stages;
  }
  const wanted = quorum ?? (rule === undefined ? undefined : written(rule.quorum));
  const [brought] = stagesOf({ approvers: [...refs], quorum: wanted }, [], directory, report);
  const stage = gate.stages[0] ?? brought;
  return stage === undefined ? [] : [{ ...stage, rules: brought?.rules ?? [] }];
}

function written(quorum: Quorum): string | number {
  if (quorum.kind === 'count') return quorum.count;
  return quorum.kind === 'percent' ? `${quorum.percent}%` : quorum.kind;
}
