/**
 * src/engine/decide.ts: the policy. `decide(state, command, now)` says what a command leads to, or why not. It is a
 * pure function of its three arguments; each group of commands has a file of its own.
 */
import { bypass, reviewBypass } from './commands/bypass.ts';
import { resolveApprovers } from './commands/eligibility.ts';
import { delegate, reassign, snooze } from './commands/hand-over.ts';
import { nudge } from './commands/nudge.ts';
import { open } from './commands/open.ts';
import { pause, resume } from './commands/pause.ts';
import { comment, requestInformation, returnInformation } from './commands/talk.ts';
import { tick } from './commands/tick.ts';
import { vote, withdrawVote } from './commands/vote.ts';
import type { Instant } from './definition.ts';
import { Notebook, type Of, refuse } from './notebook.ts';
import { isOwner } from './part.ts';
import type { Actor, Command, Decision, Pending, RequestState } from './request.ts';
import { isOverdue } from './timers.ts';

/** @param state null before the request is opened. */
export function decide(state: RequestState | null, command: Command, now: Instant): Decision {
  if (command.type === 'open') return state === null ? open(command, now) : refuse('already_open');
  if (state === null) return refuse('not_found');
  if (command.type === 'reportUndelivered') return reportUndelivered(state, command, now);
  if (command.type === 'reviewBypass') return reviewBypass(state, command, now);
  if (state.status !== 'pending') {
    return command.type === 'tick' ? new Notebook(state).accepted() : refuse('already_closed');
  }
  if (command.type === 'tick') return tick(state, command, now);
  if (command.type === 'resume') return resume(state, command, now); // else what silence has decided in a pause would stay held
  if (isOverdue(state, now)) return refuse('past_deadline'); // the tick may be late; the deadline is not
  switch (command.type) {
    case 'vote':
      return vote(state, command, now);
    case 'withdrawVote':
      return withdrawVote(state, command, now);
    case 'comment':
      return comment(state, command, now);
    case 'requestInformation':
      return requestInformation(state, command, now);
    case 'returnInformation':
      return returnInformation(state, command, now);
    case 'snooze':
      return snooze(state, command, now);
    case 'delegate':
      return delegate(state, command, now);
    case 'reassign':
      return reassign(state, command, now);
    case 'bypass':
      return bypass(state, command, now);
    case 'cancel':
      return cancel(state, command, now);
    case 'supersede':
      return ended(state, 'superseded', `superseded by ${command.by}`, null, now);
    case 'pause':
      return pause(state, command, now);
    case 'nudge':
      return nudge(state, command, now);
    case 'resolveApprovers':
      return resolveApprovers(state, command, now);
    case 'heartbeat':
      return state.content.heartbeatMs === null
        ? refuse('no_heartbeat')
        : new Notebook(state).write({ type: 'beat', at: now }).accepted();
  }
}

/** Past the bound the trail has said it often enough; each one stays a dead letter all the same. */
const MAX_UNDELIVERED = 100;

function reportUndelivered(state: RequestState, command: Of<'reportUndelivered'>, now: Instant): Decision {
  const { kind, channel, error, unheard = false } = command;
  if (state.undelivered.length >= MAX_UNDELIVERED) return new Notebook(state).accepted();
  const facts = { kind, channel, error, ...(unheard && { unheard }) };
  return new Notebook(state).write({ type: 'undelivered', at: now, ...facts }).accepted();
}

/** Whoever asked may take it back. */
function cancel(state: Pending, command: Of<'cancel'>, now: Instant): Decision {
  if (!isOwner(state, command.by)) return refuse('not_allowed');
  return ended(state, 'cancelled', command.reason, command.by, now);
}

function ended(
  state: Pending,
  cause: 'cancelled' | 'superseded',
  reason: string | null,
  by: Actor | null,
  now: Instant,
): Decision {
  const decidedBy = by?.kind === 'person' ? [by.person] : [];
  const outcome = { status: 'cancelled', cause, option: null, inputs: {}, reason, decidedBy, decidedAt: now } as const;
  return new Notebook(state).write({ type: 'closed', at: now, outcome }).accepted();
}
