/**
 * src/bot/absence/outlook.ts: who would be asked for somebody while they are away, stretch by stretch: a stand-in may be
 * away as well, for a part of the time, and hand on.
 */
import type { Instant, PersonId } from '../../engine/definition.ts';
import { type Absence, type Directory, standIn } from '../../engine/directory.ts';

export interface Outlook {
  readonly from: Instant;
  readonly to: Instant;
  /** null: nobody, so that the person themselves is asked. */
  readonly who: PersonId | null;
}

/** In order and without gaps from `from` to `to`. */
export function outlookOf(directory: Directory, person: PersonId, from: Instant, to: Instant): readonly Outlook[] {
  const edges = [...new Set([from, ...edgesOf(directory, person).filter((edge) => from < edge && edge < to)])];
  const result: Outlook[] = [];
  edges.sort((a, b) => a - b);
  for (const [i, start] of edges.entries()) {
    const who = standIn(person, directory, { exclude: null, now: start });
    const last = result.at(-1);
    const end = edges[i + 1] ?? to;
    if (last !== undefined && last.who === who) result[result.length - 1] = { ...last, to: end };
    else result.push({ from: start, to: end, who });
  }
  return result;
}

/** The directory with one person's absences replaced. */
export function withAbsences(directory: Directory, id: PersonId, away: readonly Absence[]): Directory {
  const person = directory.people.get(id);
  if (person === undefined) return directory;
  return { ...directory, people: new Map([...directory.people, [id, { ...person, away }]]) };
}

/** When anything begins or ends that could lead the person's part another way. */
function edgesOf(directory: Directory, first: PersonId): readonly Instant[] {
  const edges: Instant[] = [];
  const seen = new Set<PersonId>();
  const open = [first];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const person = directory.people.get(id);
    if (person === undefined || seen.has(id)) continue;
    seen.add(id);
    if (person.delegate !== undefined) open.push(person.delegate);
    for (const { from, to, delegate } of person.away) {
      edges.push(from, to);
      if (delegate !== null) open.push(delegate);
    }
  }
  return edges;
}
