/** src/engine/commands/bypass.ts: break-glass: allowed to few, with a reason, never silent, and looked at afterwards by somebody else. */
import type { Instant } from '../definition.ts';
import { resolve } from '../directory.ts';
import { Notebook, type Of, refuse } from '../notebook.ts';
import { excludedPerson } from '../quorum.ts';
import type { Decision, Pending, RequestState } from '../request.ts';

/** Works on a paused request too: an emergency does not wait for whoever paused it. */
export function bypass(state: Pending, command: Of<'bypass'>, now: Instant): Decision {
  const { person, directory } = command;
  const { requester } = state.content;
  if (!directory.people.has(person))
    return refuse('unknown_person', [{ path: 'person', message: 'is not in the directory' }]);
  if (state.gate.bypass === null) return refuse('no_bypass');
  const exclude = excludedPerson(state.gate, requester);
  if (person === exclude) return refuse('own_request');
  const allowed = resolve(state.gate.bypass.by, directory, { requester, approvers: [], exclude, now });
  if (allowed.kind === 'unavailable') return refuse('directory_unavailable');
  if (!allowed.people.includes(person)) return refuse('no_bypass');
  if (state.gate.assurance === 'high' && command.assurance !== 'high') return refuse('assurance_needed');
  const reason = command.reason?.trim() || null;
  if (reason === null) return refuse('reason_required', [{ path: 'reason', message: 'is required for a bypass' }]);
  const ending = { status: 'approved', cause: 'bypass', option: null, inputs: {}, reason } as const;
  const outcome = { ...ending, decidedBy: [person], decidedAt: now };
  return new Notebook(state).write({ type: 'closed', at: now, outcome }).accepted();
}

/** Anybody who could have voted or bypassed may review, except who bypassed and who asked. */
export function reviewBypass(state: RequestState, command: Of<'reviewBypass'>, now: Instant): Decision {
  const { person, directory, note } = command;
  if (state.status === 'pending' || state.afterReview !== 'due') return refuse('no_review_due');
  if (!directory.people.has(person))
    return refuse('unknown_person', [{ path: 'person', message: 'is not in the directory' }]);
  const { requester } = state.content;
  if (person === requester || state.outcome.decidedBy.includes(person)) return refuse('own_request');
  const by = state.gate.bypass?.by ?? [];
  const bypassers = resolve(by, directory, { requester, approvers: [], exclude: requester, now });
  const isBypasser = bypassers.kind === 'people' && bypassers.people.includes(person);
  const isApprover = state.stages.some((stage) => stage.rules.some((rule) => rule.approvers.includes(person)));
  if (!isBypasser && !isApprover) return refuse('not_allowed');
  return new Notebook(state).write({ type: 'bypassReviewed', at: now, person, note: note?.trim() || null }).accepted();
}
