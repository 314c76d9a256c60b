/**
 * src/adapters/slack/send/usergroups.ts: who is in a Slack user group. Asked once for all who want to know, kept for
 * five minutes, asked again before that is over; when Slack can't say any more, nobody is guessed.
 */
import { z } from 'zod';
import { UnavailableError } from '../../channel.ts';
import type { PlatformUser } from '../../chat.ts';
import type { SlackLog } from '../options.ts';
import { readAddress } from './address.ts';
import { USERGROUP } from './limits.ts';
import type { Workspaces } from './workspaces.ts';

export interface UsergroupSource {
  /**
   * @param address `S0…`, or `T0…/S0…` in another workspace than home
   * @throws UnavailableError while Slack cannot say, RefusedError where there is no such group
   */
  members(address: string): Promise<readonly PlatformUser[]>;
  /** Slack says that a group has changed: what is known of it does not count any more. */
  invalidate(team: string, id: string): void;
}

interface Known {
  members: readonly PlatformUser[];
  /** When Slack was asked; null: what is known does not count. */
  askedAt: number | null;
  asking: Promise<readonly PlatformUser[]> | null;
  /** Counts up with each invalidation: an answer to a question from before is old. */
  changes: number;
}

const Members = z.object({ users: z.array(z.string().min(1)) });

export function createUsergroups(
  workspaces: Workspaces,
  { log, clock }: { readonly log: SlackLog; readonly clock: () => number },
): UsergroupSource {
  const groups = new Map<string, Known>();

  async function ask(team: string | null, id: string): Promise<readonly PlatformUser[]> {
    const scope = await workspaces.identify(team);
    const answer = Members.safeParse(await workspaces.call(scope, 'usergroups.users.list', { usergroup: id }));
    if (!answer.success) throw new UnavailableError('Slack’s answer to usergroups.users.list makes no sense');
    return [...new Set(answer.data.users)].map((user) => ({ scope, id: user }));
  }

  function refresh(known: Known, team: string | null, id: string): Promise<readonly PlatformUser[]> {
    if (known.asking !== null) return known.asking;
    const askedAt = clock();
    const { changes } = known;
    const asking = ask(team, id)
      .then((members) => {
        if (known.changes === changes) Object.assign(known, { members, askedAt });
        return members;
      })
      .finally(() => {
        if (known.asking === asking) known.asking = null;
      });
    known.asking = asking;
    return asking;
  }

  return {
    async members(address) {
      const { team, id } = readAddress(address);
      const known = groups.get(address) ?? { members: [], askedAt: null, asking: null, changes: 0 };
      groups.set(address, known);
      const age = known.askedAt === null ? Number.POSITIVE_INFINITY : clock() - known.askedAt;
      if (age >= USERGROUP.validMs) return refresh(known, team, id);
      if (age >= USERGROUP.freshMs)
        refresh(known, team, id).catch((error: unknown) =>
          log.warn({ group: address, error: error instanceof Error ? error.message : typeof error }, NOT_REFRESHED),
        );
      return known.members;
    },
    invalidate(team, id) {
      for (const [address, known] of groups) {
        const at = readAddress(address);
        if (at.id !== id || (at.team ?? workspaces.homeTeam()) !== team) continue;
        known.askedAt = null;
        known.asking = null;
        known.changes += 1;
      }
    },
  };
}

const NOT_REFRESHED = 'a Slack user group cannot be asked for again; what is known counts a little longer';
