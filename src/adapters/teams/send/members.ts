/** src/adapters/teams/send/members.ts: the members of a team or a group chat as a group of approvers. */
import { RefusedError, UnavailableError } from '../../channel.ts';
import type { PlatformUser } from '../../chat.ts';
import type { Conversations } from './conversations.ts';
import type { Rosters } from './roster.ts';

export interface TeamMembersSource {
  /**
   * Without guests, people of other tenants and those who have no account.
   * @param address `19:…@thread.tacv2` of a team, `19:…@thread.v2` of a group chat
   * @throws UnavailableError while Teams cannot say, RefusedError where there is no such team or the bot is not in it
   */
  members(address: string): Promise<readonly PlatformUser[]>;
  /** Somebody came or went there. */
  invalidate(conversation: string): void;
}

export function createTeamMembers(rosters: Rosters, conversations: Conversations): TeamMembersSource {
  return {
    async members(address) {
      if (!address.startsWith('19:'))
        throw new RefusedError(
          `teamsTeam takes a team’s or chat’s id that begins with 19: (in Teams’ link to it), not ${address}`,
        );
      const members = await rosters.members(address);
      const { tenant } = await conversations.service();
      if (tenant === null) throw new UnavailableError('it is not known yet of which tenant the people are');
      const ids = members.flatMap(({ objectId, isOurs }) => (isOurs && objectId !== null ? [objectId] : []));
      return [...new Set(ids)].map((id) => ({ scope: tenant, id }));
    },
    invalidate: rosters.invalidate,
  };
}
