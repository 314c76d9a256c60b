/** src/bot/config/owners.ts: who looks after a gate, or after everything: they may pause it and hear when something is wrong. */
import type { ApproverRef } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import type { Path, Report } from './problem.ts';
import { reportUnknown } from './references.ts';

/** Relations to a request mean nobody here: whoever looks after a gate does so while nobody has asked yet. */
export function ownersOf(
  refs: readonly ApproverRef[],
  path: Path,
  directory: Directory,
  report: Report,
): readonly ApproverRef[] {
  for (const [i, ref] of refs.entries())
    if (/^manager-of\b/.test(ref))
      report([...path, i], `"${ref}" depends on a request; name people or groups who look after it at any time`);
    else reportUnknown(ref, directory, [...path, i], report);
  return [...new Set(refs)];
}
