/**
 * src/engine/commands/tick.ts: what happens by itself: the deadline, a lost pipeline, the end of a freeze, warnings,
 * escalations and reminders. Steps missed during an outage collapse: whoever was to be reminded ten times is reminded
 * once, and a deadline that passed is a deadline that passed, whatever else was due before it. In a pause that lets the
 * deadline run there is nothing but the deadline and the target time.
 */

import { missingApprovers } from '../asked.ts';
import type { ApproverRef, Instant, OptionDefinition, PersonId } from '../definition.ts';
import { type Directory, resolve } from '../directory.ts';
import { Notebook, type Of } from '../notebook.ts';
import { isDeadlineStopped } from '../pauses.ts';
import { type CurrentApprovers, excludedPerson, tally } from '../quorum.ts';
import type { Decision, Event, Pending, RequestState } from '../request.ts';
import {
  dueAt,
  escalationAt,
  isSlaEscalationDue,
  type OpenStage,
  openStage,
  orphanedAt,
  remindersDue,
  slaTargetAt,
  slaWarningAt,
} from '../timers.ts';
import { close, type Ending } from './closing.ts';
import { refreshApprovers } from './eligibility.ts';

export function tick(state: Pending, { directory }: Of<'tick'>, now: Instant): Decision {
  const notebook = new Notebook(state);
  const isPaused = state.paused !== null;
  if (isDeadlineStopped(state) || (isPaused && state.held !== null)) return notebook.accepted();
  const orphaned = orphanedAt(state) ?? Number.POSITIVE_INFINITY;
  const expires = (state.held === null ? state.expiresAt : null) ?? Number.POSITIVE_INFINITY;
  if (now >= orphaned && orphaned <= expires) return orphan(notebook, now);
  if (now >= expires) {
    close(notebook, timeoutEnding(state), now);
    return notebook.pending !== null && now >= orphaned ? orphan(notebook, now) : notebook.accepted();
  }
  if (state.held !== null) {
    const { until, option, cause } = state.held;
    if (now >= until) close(notebook, { status: 'approved', cause, option }, now);
    return notebook.accepted();
  }
  const due = dueAt(state);
  if (due === null || now < due) return notebook.accepted();
  if (!isPaused) refreshApprovers(notebook, directory, now); // people may have left, or be away, since they were asked
  watchSla(notebook, state, now);
  if (isPaused) return notebook.accepted();
  escalateBreach(notebook, directory, now);
  escalate(notebook, directory, now);
  remind(notebook, now);
  return notebook.accepted();
}

function orphan(notebook: Notebook, now: Instant): Decision {
  const reason = 'the pipeline stopped beating';
  const outcome = { status: 'cancelled', cause: 'orphaned', option: null, inputs: {}, reason } as const;
  return notebook.write({ type: 'closed', at: now, outcome: { ...outcome, decidedBy: [], decidedAt: now } }).accepted();
}

/** What silence means here: `reject`, `approve`, or an option with its outcome. */
function timeoutEnding({ gate }: RequestState): Ending {
  const option: OptionDefinition | undefined = gate.options.find(({ id }) => id === gate.onTimeout);
  if (option !== undefined) return { status: option.outcome, cause: 'timeout', option: option.id };
  return { status: gate.onTimeout === 'approve' ? 'approved' : 'rejected', cause: 'timeout', option: null };
}

function watchSla(notebook: Notebook, state: Pending, now: Instant): void {
  if (state.slaBreached) return;
  const target = slaTargetAt(state);
  if (target !== null && now >= target) {
    notebook.write({ type: 'slaBreached', at: now });
    return;
  }
  const warning = slaWarningAt(state);
  if (!state.slaWarned && warning !== null && now >= warning) notebook.write({ type: 'slaWarned', at: now });
}

/** Takes every step that is due, in order: each changes who may decide, so none may be left out. */
function escalate(notebook: Notebook, directory: Directory, now: Instant): void {
  for (;;) {
    const { state } = notebook;
    const open = openStage(state);
    if (open === null) return;
    const step = open.stage.escalationsDone;
    const at = escalationAt(state, open.stage, step);
    const definition = state.gate.escalate[step];
    if (at === null || definition === undefined || now < at) return;
    const { to: refs } = definition;
    const found = whomToAsk(state, refs, directory, now);
    if (found === null) return; // asked again at the next tick
    const mode = definition.mode === 'replace' && canReplace(state, open, found.people) ? 'replace' : 'add';
    const facts = { step, steps: state.gate.escalate.length, mode, refs, ...asked(open, mode, found) } as const;
    notebook.write({ type: 'escalated', at: now, stage: open.index, ...facts });
  }
}

/** A missed target time asks those whom the gate names for it as well, and takes no step of the chain. */
function escalateBreach(notebook: Notebook, directory: Directory, now: Instant): void {
  const { pending } = notebook;
  const open = openStage(notebook.state);
  const refs = pending?.gate.sla?.escalateTo;
  if (pending === null || open === null || refs === undefined || !isSlaEscalationDue(pending)) return;
  const found = whomToAsk(pending, refs, directory, now);
  if (found === null) return;
  const facts = { step: null, cause: 'sla', mode: 'add', refs, ...asked(open, 'add', found) } as const;
  notebook.write({ type: 'escalated', at: now, stage: open.index, ...facts });
}

/** null: a source of people can't be asked. */
function whomToAsk(
  state: RequestState,
  refs: readonly ApproverRef[],
  directory: Directory,
  now: Instant,
): CurrentApprovers | null {
  const { requester } = state.content;
  const exclude = excludedPerson(state.gate, requester);
  const found = resolve(refs, directory, { requester, approvers: missingApprovers(state), exclude, now });
  return found.kind === 'unavailable' ? null : found;
}

/** Who is asked by it. Adding means those who are not asked already: the next step up asks one manager more, not all anew. */
function asked(
  { stage }: OpenStage,
  mode: 'add' | 'replace',
  { people, standsFor }: CurrentApprovers,
): Pick<Extract<Event, { type: 'escalated' }>, 'people' | 'standsFor'> {
  const isNew = (person: PersonId): boolean => stage.rules.some((rule) => !rule.approvers.includes(person));
  const fresh = mode === 'add' ? people.filter(isNew) : people;
  const standIns = Object.entries(standsFor).filter(([person]) => fresh.includes(person));
  return { people: fresh, ...(standIns.length > 0 && { standsFor: Object.fromEntries(standIns) }) };
}

/** Replacing must not leave a quorum that nobody can meet: then the new people are added to the old ones. */
function canReplace(state: RequestState, { index, stage }: OpenStage, people: readonly PersonId[]): boolean {
  const voted = state.votes.filter((v) => v.stage === index && v.counts).map((v) => v.person);
  const rules = stage.rules.map((rule) => ({
    ...rule,
    approvers: [...new Set([...rule.approvers.filter((person) => voted.includes(person)), ...people])],
  }));
  return people.length > 0 && !tally(state.gate, { ...stage, rules }, state.votes, index).impossible;
}

/** Reminds those who are missing, except who asked for quiet; whoever's quiet has just ended is reminded then. */
function remind(notebook: Notebook, now: Instant): void {
  const state = notebook.pending;
  const open = openStage(notebook.state);
  if (state === null || open === null) return;
  const due = remindersDue(state, open.stage, now);
  const missing = missingApprovers(state);
  const awake = Object.entries(state.snoozed).filter(([, until]) => now >= until);
  const isStep = due > open.stage.remindersSent;
  if (!isStep && awake.length === 0) return;
  const woken = new Set(awake.map(([person]) => person));
  const people = missing.filter((person) => woken.has(person) || (isStep && state.snoozed[person] === undefined));
  const count = Math.max(due, open.stage.remindersSent);
  notebook.write({ type: 'reminded', at: now, stage: open.index, count, people });
}
