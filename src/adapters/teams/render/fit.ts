/** src/adapters/teams/render/fit.ts: how a card is made to fit: what each part costs, and which parts go first. */
import type { Element } from './card.ts';

/**
 * What something takes of a card's room, in bytes: Teams counts UTF-16, other ways into it UTF-8, so the longer of both.
 */
export function cost(value: unknown): number {
  const json = JSON.stringify(value) ?? '';
  return Math.max(json.length * 2, Buffer.byteLength(json)) + 2;
}

/** Elements that stand or go together. The lower the rank, the later they go. */
export interface Part {
  readonly rank: number;
  readonly elements: readonly Element[];
}

/** Elements of one rank; none where there is nothing to show. */
export const part = (rank: number, elements: readonly Element[]): readonly Part[] =>
  elements.length === 0 ? [] : [{ rank, elements }];

/**
 * As many parts as there is room for, in their order; the least important go first, and a line says so.
 * @param shortened what stands at the place of what was left out
 * @param costOf what a part takes
 */
export function within(
  parts: readonly Part[],
  bytes: number,
  shortened: Element,
  costOf: (elements: readonly Element[]) => number = cost,
): readonly Element[] {
  const kept = new Set<Part>();
  let room = bytes - cost(shortened);
  for (const part of parts.toSorted((a, b) => a.rank - b.rank)) {
    const size = costOf(part.elements);
    if (size > room) continue;
    kept.add(part);
    room -= size;
  }
  const firstGone = parts.findIndex((part) => !kept.has(part));
  return parts.flatMap((part, i) => (kept.has(part) ? part.elements : i === firstGone ? [shortened] : []));
}
