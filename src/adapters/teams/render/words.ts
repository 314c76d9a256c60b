/** src/adapters/teams/render/words.ts: the looks and choices that only cards have. */
import type { RequestView } from '../../../engine/view.ts';
import type { Look } from './card.ts';

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
