/** src/bot/config/references.ts: references to approvers that can never mean anybody, found before anybody is asked. */
import { type Directory, personByAddress } from '../../engine/directory.ts';
import { isRelation, MAX_LEVELS, relationOf } from '../../engine/relation.ts';
import { normaliseEmail } from './email.ts';
import { suggestion } from './nearest.ts';
import type { Path, Report } from './problem.ts';

/** Reports a reference that can never resolve: an unknown name, an unknown relation, an address of nobody. */
export function reportUnknown(ref: string, directory: Directory, path: Path, report: Report): void {
  if (directory.people.has(ref) || directory.groups.has(ref)) return;
  const colon = ref.indexOf(':');
  const kind = ref.slice(0, colon);
  if (isRelation(ref)) {
    reportRelation(ref, directory, path, report);
  } else if (colon === -1) {
    const names = [...directory.people.keys(), ...directory.groups.keys()];
    report(path, `"${ref}" is neither a person nor a group${suggestion(ref, names)}`);
  } else if (kind === 'email' && normaliseEmail(ref.slice(colon + 1)) === null) {
    report(path, `"${ref}" is not one email address`);
  } else if (kind === 'slack' && !/^slack:T[A-Z0-9]+\/[UW][A-Z0-9]+$/.test(ref)) {
    report(path, `"${ref}" must look like slack:T0TEAM/U0USER`);
  } else if (kind === 'teams' && !/^teams:[0-9A-Za-z-]+\/[0-9A-Za-z-]+$/.test(ref)) {
    report(path, `"${ref}" must look like teams:tenant/object-id`);
  } else if (kind !== 'email' && kind !== 'slack' && kind !== 'teams') {
    report(path, `"${ref}" is not a reference; write a name, manager-of:…, email:…, slack:… or teams:…`);
  } else if (personByAddress(ref, directory) === null) {
    report(path, `nobody under people is ${ref}`);
  }
}

function reportRelation(ref: string, directory: Directory, path: Path, report: Report): void {
  const relation = relationOf(ref);
  if (relation === null) {
    const levels = /^(manager-of(\(\d+\))?:)+[^:(]/.test(ref);
    report(
      path,
      levels
        ? `"${ref}" must climb from 1 to ${MAX_LEVELS} levels in all`
        : `"${ref}" must look like manager-of:requester, manager-of(2):requester or manager-of:NAME`,
    );
    return;
  }
  const { of } = relation;
  if (of === 'requester' || of === 'approvers' || directory.people.has(of) || directory.groups.has(of)) return;
  const names = ['requester', 'approvers', ...directory.people.keys(), ...directory.groups.keys()];
  report(path, `"${ref}": "${of}" is neither "requester", "approvers", a person nor a group${suggestion(of, names)}`);
}

/** The first relation that `ref` comes to, through groups and relations, for which `wanted` holds; null: there is none. */
function relationIn(
  ref: string,
  groups: Directory['groups'],
  wanted: (of: string) => boolean,
  seen: Set<string> = new Set(),
): string | null {
  const of = relationOf(ref)?.of;
  if (of !== undefined && wanted(of)) return ref;
  const group = groups.get(of ?? ref);
  if (group === undefined || group === 'unavailable' || seen.has(of ?? ref)) return null;
  seen.add(of ?? ref);
  for (const member of group) {
    const found = relationIn(member, groups, wanted, seen);
    if (found !== null) return found;
  }
  return null;
}

/** Reports `manager-of:approvers` where nobody has been asked yet, be it inside a group. */
export function reportApprovers(ref: string, { groups }: Directory, path: Path, report: Report): void {
  const found = relationIn(ref, groups, (of) => of === 'approvers');
  if (found === ref) report(path, 'has a meaning in "escalate" only');
  else if (found !== null) report(path, `"${ref}" holds "${found}", which has a meaning in "escalate" only`);
}

/** Reports a reference whose meaning depends on a request, be it inside a group. */
export function reportRelative(ref: string, { groups }: Directory, path: Path, report: Report): void {
  const found = relationIn(ref, groups, () => true);
  if (found !== null)
    report(path, `${found === ref ? `"${ref}" is` : `"${ref}" holds "${found}",`} a relation; name people or groups`);
}
