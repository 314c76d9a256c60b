/** src/adapters/words.ts: the words and marks that every channel puts to the engine's terms. */
import { words } from '../engine/refusal.ts';
import type { Via } from '../engine/request.ts';
import type { RequestView, StageView } from '../engine/view.ts';
import type { PersonStep } from './action.ts';
import type { Notice } from './channel.ts';
import type { ListName } from './chat.ts';

export const viaWords: Readonly<Record<Via, string>> = {
  slack: 'in Slack',
  teams: 'in Teams',
  email: 'by email',
  web: 'on the web page',
  api: 'through the API',
  cli: 'on the command line',
};

export const stageWords: Readonly<Record<StageView['state'], string>> = {
  waiting: 'not asked yet',
  open: 'being asked now',
  passed: 'passed',
  skipped: 'not needed here',
  rejected: 'rejected',
};

/** A mark before the words, never instead of them. */
export function markOf(view: RequestView): string {
  if (view.outcome === null) return view.paused === null ? '⏳' : '⏸️';
  if (view.outcome.cause === 'bypass') return '🚨';
  return { approved: '✅', rejected: '❌', cancelled: '🚫' }[view.outcome.status];
}

/** How a request stands, in a word or two. */
export function stateOf(view: RequestView): string {
  if (view.outcome?.cause === 'bypass') return 'Bypassed';
  if (view.outcome !== null)
    return { approved: 'Approved', rejected: 'Rejected', cancelled: 'Cancelled' }[view.outcome.status];
  if (view.paused !== null) return 'Paused';
  return view.held === null ? 'Approval needed' : 'Approved, on hold';
}

/** "Escalated (step 1 of 2)" */
export function escalatedWords({ step, cause }: Pick<RequestView['escalations'][number], 'step' | 'cause'>): string {
  if (cause === 'sla') return 'Escalated (target time missed)';
  return step === undefined || step.of < 2 ? 'Escalated' : `Escalated (step ${step.number} of ${step.of})`;
}

/** Over the further pages of a list, and where one of them is empty. */
export const listWords: Readonly<Record<ListName, { readonly heading: string; readonly empty: string }>> = {
  waiting: { heading: 'Waiting for you', empty: 'Nothing more waits for you.' },
  asked: { heading: 'You asked for', empty: 'There is nothing more that you asked for.' },
  recent: { heading: 'Decided lately', empty: 'Nothing else was decided.' },
  all: { heading: 'Pending', empty: 'Nothing more is pending that you have a part in.' },
};

/** Where it matters that one looks now; the sentence says the same in words. */
export const noticeMarks: Readonly<Record<Notice['kind'], string>> = {
  reminder: '⏳ ',
  escalation: '⏳ ',
  slaWarning: '⚠️ ',
  slaBreach: '⚠️ ',
  outcome: '',
  informationRequested: '❓ ',
  informationReturned: '',
  delegated: '',
  bypass: '🚨 ',
  deadLetter: '⚠️ ',
  nudge: '👋 ',
  standIn: '',
  history: '',
};

/** What is said to somebody who asks for a step that they are not offered. */
export const stepRefusals: Readonly<Record<PersonStep, string>> = {
  withdrawVote: words.no_vote,
  comment: words.not_allowed,
  requestInformation: words.not_an_approver,
  returnInformation: words.no_question,
  delegate: words.not_an_approver,
  snooze: words.not_an_approver,
  cancel: words.not_allowed,
  nudge: words.not_allowed,
  bypass: words.no_bypass,
  reviewBypass: words.no_review_due,
};
