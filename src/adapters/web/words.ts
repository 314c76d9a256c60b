/** src/adapters/web/words.ts: the words that the pages put to the engine's terms. */
import type { Cause } from '../../engine/request.ts';
import type { RequestView } from '../../engine/view.ts';
import type { WebAction } from './ports.ts';

export type SlaState = NonNullable<RequestView['sla']>;

export const statusWords = {
  pending: 'Waiting for a decision',
  paused: 'Paused',
  approved: 'Approved',
  rejected: 'Rejected',
  cancelled: 'Cancelled',
  bypassed: 'Bypassed',
} as const;

/** How a request looks at a glance. A bypass has a look of its own: it is no approval like the others. */
export function lookOf(view: RequestView): keyof typeof statusWords {
  if (view.outcome?.cause === 'bypass') return 'bypassed';
  return view.status === 'pending' && view.paused !== null ? 'paused' : view.status;
}

export const slaWords: Readonly<Record<SlaState, string>> = {
  met: 'Within its SLA',
  warned: 'SLA at risk',
  breached: 'SLA missed',
};

export const causeWords: Readonly<Record<Cause, string>> = {
  votes: 'Decided by votes',
  timeout: 'Nobody decided in time',
  auto: 'Decided by the gate’s own rule; nobody was asked',
  bypass: 'The gate was bypassed',
  cancelled: 'Withdrawn before it was decided',
  superseded: 'Replaced by a newer request',
  orphaned: 'The pipeline stopped answering',
};

/** Said once, on the page that follows an action. */
export const doneWords: Readonly<Record<WebAction['kind'], string>> = {
  vote: 'Your decision is recorded.',
  withdrawVote: 'Your vote is withdrawn.',
  comment: 'Your comment is added.',
  requestInformation: 'Your question is passed on.',
  returnInformation: 'Your answer is passed on.',
  cancel: 'The request is cancelled.',
  nudge: 'Everybody whose decision is missing is asked again.',
  delegate: 'Your part is passed on.',
  snooze: 'You will not be reminded until then.',
  bypass: 'The gate is bypassed, and everybody concerned is told.',
  reviewBypass: 'Your review is recorded.',
};
