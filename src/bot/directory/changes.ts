/** src/bot/directory/changes.ts: who came into a group and who left one, from one directory to the next. */
import type { PersonId } from '../../engine/definition.ts';
import { type Directory, everybodyIn } from '../../engine/directory.ts';

export interface GroupChanges {
  /** Each once, whatever the number of groups; somebody may be in both. */
  readonly joined: readonly PersonId[];
  readonly left: readonly PersonId[];
  /** The groups that this happened in, groups around them included. */
  readonly groups: readonly string[];
}

/**
 * Compares each directory with what was known of its groups before; the first one has changed nothing. A group that
 * can't be asked has lost nobody; once it is back, it is compared with what it was.
 */
export function createComparison(): (directory: Directory) => GroupChanges | null {
  let known: Map<string, ReadonlySet<PersonId>> | null = null;
  let last: Directory | null = null;
  return (directory) => {
    if (directory === last) return null;
    last = directory;
    const isFirst = known === null;
    const before = known ?? new Map<string, ReadonlySet<PersonId>>();
    const [joined, left, groups] = [new Set<PersonId>(), new Set<PersonId>(), new Set<string>()];
    const after = new Map<string, ReadonlySet<PersonId>>();
    for (const name of new Set([...before.keys(), ...directory.groups.keys()])) {
      const then = before.get(name) ?? new Set();
      const members = directory.groups.has(name) ? everybodyIn([name], directory) : new Set<PersonId>();
      if (members === null) {
        if (before.has(name)) after.set(name, then);
        continue;
      }
      if (directory.groups.has(name)) after.set(name, members);
      const [came, went] = [[...members].filter((id) => !then.has(id)), [...then].filter((id) => !members.has(id))];
      if (came.length + went.length > 0) groups.add(name);
      for (const id of came) joined.add(id);
      for (const id of went) left.add(id);
    }
    known = after;
    return isFirst || groups.size === 0 ? null : { joined: [...joined], left: [...left], groups: [...groups] };
  };
}
