/** src/adapters/teams/render/words.ts: the words and marks that the cards put to the engine's terms. */
import type { Via } from '../../../engine/request.ts';
import type { RequestView, StageView } from '../../../engine/view.ts';
import type { Look } from './card.ts';

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

/** The colour behind the first line, which says the same in words. */
export function lookOf(view: RequestView): Look {
  if (view.outcome === null) return view.paused === null ? 'accent' : 'emphasis';
  if (view.outcome.cause === 'bypass') return 'warning';
  return ({ approved: 'good', rejected: 'attention', cancelled: 'emphasis' } as const)[view.outcome.status];
}

export const SNOOZES = [
  { words: '1 hour', ms: 3_600_000 },
  { words: '4 hours', ms: 14_400_000 },
  { words: '1 day', ms: 86_400_000 },
  { words: '3 days', ms: 259_200_000 },
  { words: '1 week', ms: 604_800_000 },
] as const;
