/** src/adapters/slack/send/conversations.ts: the `D…` of a direct message, which history and updates want instead of `U…`. */
import { z } from 'zod';
import { UnavailableError } from '../../channel.ts';
import { REMEMBERED_CONVERSATIONS } from './limits.ts';
import type { Workspaces } from './workspaces.ts';

export interface Conversations {
  /** The conversation with a user, opened where there was none. Needs `im:write`. */
  withUser(team: string, user: string, signal: AbortSignal): Promise<string>;
  remember(team: string, user: string, conversation: string): void;
}

const Opened = z.object({ channel: z.object({ id: z.string().min(1) }) });

export function createConversations(workspaces: Workspaces): Conversations {
  const known = new Map<string, string>();
  const nameOf = (team: string, user: string) => `${team}/${user}`;

  function remember(team: string, user: string, conversation: string): void {
    const oldest = known.keys().next().value;
    if (known.size >= REMEMBERED_CONVERSATIONS && oldest !== undefined) known.delete(oldest);
    known.set(nameOf(team, user), conversation);
  }

  return {
    remember,
    async withUser(team, user, signal) {
      const conversation = known.get(nameOf(team, user));
      if (conversation !== undefined) return conversation;
      const answer = Opened.safeParse(await workspaces.call(team, 'conversations.open', { users: user }, { signal }));
      if (!answer.success) throw new UnavailableError('Slack’s answer to conversations.open makes no sense');
      remember(team, user, answer.data.channel.id);
      return answer.data.channel.id;
    },
  };
}
