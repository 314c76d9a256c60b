/**
 * src/bot/absence/overlay.ts: when somebody is away, taken together: what they said, what their calendar says, and what
 * the config says. What was said last of a time counts before everything else; a calendar and the config add to each
 * other. Pieces do not overlap, so that each moment has one answer.
 */
import type { PersonId } from '../../engine/definition.ts';
import type { Absence } from '../../engine/directory.ts';
import { type AwayEntry, endOf } from './entry.ts';

/** From `from` up to but not including `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** In order, without gaps inside. A calendar names nobody, so that the config's delegate stands in. */
export function absencesOf(
  said: readonly AwayEntry[],
  calendar: readonly Stretch[],
  config: readonly Absence[],
): readonly Absence[] {
  const entries = said.map((entry) => ({ entry, from: entry.from, to: endOf(entry) }));
  const edges = [...new Set([...entries, ...calendar, ...config].flatMap(({ from, to }) => [from, to]))];
  const result: Absence[] = [];
  for (const [from, to] of pairs(edges.sort((a, b) => a - b))) {
    const covers = (stretch: Stretch): boolean => stretch.from <= from && to <= stretch.to;
    const last = latest(entries.filter(covers).map(({ entry }) => entry));
    const inConfig = config.filter(covers);
    const isAway = last === null ? inConfig.length > 0 || calendar.some(covers) : last.kind === 'away';
    if (!isAway) continue;
    const delegate: PersonId | null =
      last?.delegate ?? inConfig.find(({ delegate: named }) => named !== null)?.delegate ?? null;
    const before = result.at(-1);
    if (before !== undefined && before.to === from && before.delegate === delegate)
      result[result.length - 1] = { from: before.from, to, delegate };
    else result.push({ from, to, delegate });
  }
  return result;
}

const latest = (entries: readonly AwayEntry[]): AwayEntry | null =>
  entries.reduce<AwayEntry | null>((newest, entry) => (newest === null || entry.at > newest.at ? entry : newest), null);

function* pairs(edges: readonly number[]): Generator<readonly [number, number]> {
  for (const [i, to] of edges.entries()) {
    const from = edges[i - 1];
    if (from !== undefined) yield [from, to];
  }
}
