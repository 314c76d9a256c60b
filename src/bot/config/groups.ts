/** src/bot/config/groups.ts: groups of the config: their members, or where somebody else keeps these. */
import type { PersonId } from '../../engine/definition.ts';
import type { Directory, Group, Person } from '../../engine/directory.ts';
import { relationOf } from '../../engine/relation.ts';
import { type HttpSource, httpSourceOf } from './http-source.ts';
import { membersInFile } from './members-file.ts';
import type { Report } from './problem.ts';
import { reportUnknown } from './references.ts';
import type { GroupShape } from './shape.ts';
import { SLACK_USERGROUP } from './slack.ts';
import { TEAMS_CONVERSATION } from './teams.ts';

export type { HttpSource } from './http-source.ts';

export interface PlatformSource {
  readonly platform: 'slack' | 'teams';
  /** `S…` of the home workspace, or `T…/S…`; a team's or a group chat's id. */
  readonly id: string;
}

/** Where the members of a group come from that somebody else keeps. */
export type GroupSource = PlatformSource | HttpSource;

export interface GroupFacts {
  readonly people: ReadonlyMap<PersonId, Person>;
  readonly mayBePlain: boolean;
  readonly folder?: string;
  readonly report: Report;
  readonly warn: (message: string) => void;
}

export interface Groups {
  /** Groups with a source are `unavailable`. */
  readonly members: ReadonlyMap<string, Group>;
  readonly sources: ReadonlyMap<string, GroupSource>;
  /** Files that were read for them. */
  readonly files: readonly string[];
}

export function groupsOf(shapes: Readonly<Record<string, GroupShape>>, facts: GroupFacts): Groups {
  const { people, report } = facts;
  const sources = new Map<string, GroupSource>();
  const files: string[] = [];
  const members = new Map(
    Object.entries(shapes).map(([id, shape]): [string, Group] => {
      if (Array.isArray(shape)) return [id, shape];
      if (shape.file !== undefined && Object.keys(shape).length === 1) {
        const read = membersInFile(id, shape.file, facts);
        if (read.path !== null) files.push(read.path);
        return [id, read.members];
      }
      const source = sourceOf(id, shape, facts);
      if (source !== null) sources.set(id, source);
      return [id, 'unavailable'];
    }),
  );
  const directory: Directory = { people, groups: members };
  for (const [id, group] of members) {
    if (people.has(id)) report(['groups', id], `"${id}" is a person as well; people and groups share their names`);
    if (group === 'unavailable') continue;
    for (const [i, ref] of group.entries()) reportUnknown(ref, directory, ['groups', id, i], report);
    if (!people.has(id) && reaches(id, id, members, new Set())) report(['groups', id], `"${id}" contains itself`);
  }
  return { members, sources, files };
}

function sourceOf(id: string, shape: Exclude<GroupShape, readonly string[]>, facts: GroupFacts): GroupSource | null {
  const { report } = facts;
  if (Object.keys(shape).length !== 1) {
    report(['groups', id], 'must name exactly one source: slackUsergroup, teamsTeam, http or file');
    return null;
  }
  const { slackUsergroup, teamsTeam, http } = shape;
  if (slackUsergroup !== undefined) {
    if (SLACK_USERGROUP.test(slackUsergroup)) return { platform: 'slack', id: slackUsergroup };
    report(['groups', id, 'slackUsergroup'], 'must be a user group’s id like S0123ABCD or T0TEAM/S0123ABCD');
  } else if (teamsTeam !== undefined) {
    if (TEAMS_CONVERSATION.test(teamsTeam)) return { platform: 'teams', id: teamsTeam };
    report(['groups', id, 'teamsTeam'], 'must be a team’s or a group chat’s id like 19:…@thread.tacv2');
  }
  return http === undefined ? null : httpSourceOf(id, http, facts);
}

/** Whether the members of group `from` lead to group `to`, be it through a relation to it. */
function reaches(from: string, to: string, groups: ReadonlyMap<string, Group>, seen: Set<string>): boolean {
  const members = groups.get(from);
  if (members === undefined || members === 'unavailable' || seen.has(from)) return false;
  seen.add(from);
  return members.some((ref) => {
    const name = relationOf(ref)?.of ?? ref;
    return name === to || reaches(name, to, groups, seen);
  });
}
