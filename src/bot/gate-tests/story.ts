/** src/bot/gate-tests/story.ts: what really happened in a test, a line for each thing, for when it went another way. */
import type { Instant } from '../../engine/definition.ts';
import { words } from '../../engine/refusal.ts';
import type { Moment } from '../rehearsal/play.ts';
import { timelineOf } from '../rehearsal/timeline.ts';
import type { Plan } from './plan.ts';

/** Most lines of one story. */
const MAX_LINES = 60;

export interface StoryLine {
  readonly at: Instant;
  readonly text: string;
}

export function storyOf({ scene, steps }: Plan, moments: readonly Moment[]): readonly StoryLine[] {
  const lines: StoryLine[] = [];
  for (const moment of moments) {
    const { at, by, refusal } = moment;
    if (refusal !== null) {
      const what = typeof by === 'number' ? (steps.find(({ act }) => act === by)?.label ?? 'a step') : 'the opening';
      lines.push({ at, text: `${what} is refused: ${words[refusal]}` });
    } else
      for (const { sentence, people } of timelineOf([moment], scene.routes)) {
        const others = people.map(({ name }) => name).filter((name) => !sentence.includes(name));
        lines.push({ at, text: others.length === 0 ? sentence : `${sentence}: ${others.join(', ')}` });
      }
  }
  if (lines.length <= MAX_LINES) return lines;
  const last = lines.slice(-1);
  const between = { at: lines[MAX_LINES - 2]?.at ?? 0, text: `… and ${lines.length - MAX_LINES + 1} more` };
  return [...lines.slice(0, MAX_LINES - 2), between, ...last];
}
