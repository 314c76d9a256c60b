/** src/adapters/slack/render/blocks.ts: the blocks we use, and how they are made to fit Slack's sums. */
import type { types } from '@slack/bolt';
import { SLACK_LIMITS } from './limits.ts';
import { mrkdwn, plain, unmarked } from './text.ts';

export type Blocks = types.KnownBlock[];

/** A message: its blocks, and the same in plain words for notifications and screen readers. */
export interface Drawn {
  readonly text: string;
  readonly blocks: Blocks;
}

/** `text` is mrkdwn. */
export const section = (text: string): types.SectionBlock => ({ type: 'section', text: mrkdwn(text), expand: true });

/** Small and grey. `text` is mrkdwn. */
export const context = (text: string): types.ContextBlock => ({ type: 'context', elements: [mrkdwn(text)] });

export const header = (text: string): types.HeaderBlock => ({
  type: 'header',
  text: plain(unmarked(text), SLACK_LIMITS.headerText),
});

export const divider: types.DividerBlock = { type: 'divider' };

/** Blocks that stand or go together. The lower the rank, the later they go. */
export interface Part {
  readonly rank: number;
  readonly blocks: readonly types.KnownBlock[];
}

/** Characters of all texts in it, wherever they stand: how Slack sums up a message. */
export function weight(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + weight(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === 'text' && typeof item === 'string' ? item.length : weight(item)),
    0,
  );
}

/**
 * As many parts as there is room for, in their order; the least important go first, and a line says so.
 * @param shortened what stands at the place of what was left out
 */
export function within(
  parts: readonly Part[],
  room: { readonly blocks: number; readonly text: number },
  shortened: types.KnownBlock,
): Blocks {
  const kept = new Set<Part>();
  let blocks = room.blocks - 1;
  let text = room.text - weight(shortened);
  for (const part of parts.toSorted((a, b) => a.rank - b.rank)) {
    const size = weight(part.blocks);
    if (part.blocks.length > blocks || size > text) continue;
    kept.add(part);
    blocks -= part.blocks.length;
    text -= size;
  }
  const firstGone = parts.findIndex((part) => !kept.has(part));
  return parts.flatMap((part, i) => (kept.has(part) ? part.blocks : i === firstGone ? [shortened] : []));
}
