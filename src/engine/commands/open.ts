/** src/engine/commands/open.ts: opening a request: which stages apply, who is asked, or why nobody can be. */
import type { Instant } from '../definition.ts';
import { evolve } from '../evolve.ts';
import { evaluate } from '../expression.ts';
import { facts } from '../form.ts';
import { Notebook, type Of, refuse } from '../notebook.ts';
import { reachable, resolveStage } from '../quorum.ts';
import type { Decision, Event, ResolvedRule } from '../request.ts';
import { close } from './closing.ts';

type OpenedStage = Extract<Event, { type: 'opened' }>['stages'][number];

/**
 * Fails closed: a stage whose condition fails applies, an auto-approval whose condition fails does not happen, and a
 * gate that can't be met by the people it names is refused instead of left to its deadline.
 */
export function open({ content, gate, directory, pauses = [] }: Of<'open'>, now: Instant): Decision {
  if (gate.selfApproval === 'forbid' && content.requester === null) {
    return refuse('requester_required', [{ path: 'requester', message: 'is required by this gate' }]);
  }
  if (gate.selfApproval === 'forbid' && content.requester !== null && !directory.people.has(content.requester)) {
    return refuse('unknown_person', [{ path: 'requester', message: 'is not in the directory' }]);
  }
  const failures: Event[] = [];
  const holds = (expression: string, where: string, unless: boolean): boolean => {
    const result = evaluate(expression, facts(content, gate));
    if (result.ok && typeof result.value === 'boolean') return result.value;
    const error = result.ok ? 'is neither true nor false' : result.error;
    failures.push({ type: 'expressionFailed', at: now, where, error });
    return unless;
  };
  const isAutomatic = gate.autoApproveIf !== null && holds(gate.autoApproveIf, 'autoApproveIf', false);
  const stages: OpenedStage[] = [];
  for (const [i, { name, when, rules }] of gate.stages.entries()) {
    const applies = when === null || holds(when, `stages[${i}].when`, true);
    if (!applies || isAutomatic) {
      stages.push({ name, skipped: true, rules: rules.map((rule) => ({ refs: rule.approvers, ...NOBODY })) });
      continue;
    }
    const resolved = resolveStage(gate, i, content.requester, directory, now);
    if (resolved === null) return refuse('directory_unavailable');
    if (resolved.length === 0 || resolved.some((rule) => rule.approvers.length === 0)) {
      return refuse('no_approvers', [
        { path: `stages[${i}]`, message: `"${name}" has a rule that names nobody who may vote` },
      ]);
    }
    if (!reachable(gate, resolved)) {
      return refuse('unreachable_quorum', [{ path: `stages[${i}]`, message: `"${name}" ${shortfall(resolved)}` }]);
    }
    stages.push({ name, skipped: false, rules: resolved });
  }
  if (!isAutomatic && stages.every((stage) => stage.skipped)) return refuse('no_stage_applies');
  if (gate.distinct === 'request') {
    const asked = stages.flatMap((stage) => (stage.skipped ? [] : stage.rules));
    if (!reachable(gate, asked))
      return refuse('unreachable_quorum', [{ path: 'stages', message: `the request ${shortfall(asked)}` }]);
  }
  const expiresAt = gate.timeoutMs === null ? null : now + gate.timeoutMs;
  const first: Event = {
    type: 'opened',
    at: now,
    content,
    gate,
    expiresAt,
    stages,
    ...(pauses.length > 0 && { pauses }),
  };
  const notebook = new Notebook(evolve(null, first));
  notebook.events.push(first);
  for (const failure of failures) notebook.write(failure);
  if (isAutomatic) close(notebook, { status: 'approved', cause: 'auto', option: null }, now);
  return notebook.accepted();
}

const NOBODY: Omit<ResolvedRule, 'refs'> = { needed: 0, approvers: [], standsFor: {} };

const shortfall = (rules: readonly ResolvedRule[]): string =>
  `needs ${rules.reduce((sum, rule) => sum + rule.needed, 0)} approvals from ${
    new Set(rules.flatMap((rule) => rule.approvers)).size
  } people`;
