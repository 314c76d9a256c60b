/** src/adapters/teams/send/place.ts: where a message goes, and under which names Teams knows the ones that are there. */
import { type MessageRef, type Outgoing, RefusedError } from '../../channel.ts';

export type Place =
  /** The conversation of the bot and one person, by their Entra object id. */
  | { readonly kind: 'person'; readonly tenant: string | null; readonly objectId: string }
  /** A channel of a team: messages stand in threads. `root`: the message that began the thread; null: it begins one. */
  | { readonly kind: 'channel'; readonly id: string; readonly root: string | null }
  /** A group chat, or any other conversation without threads. */
  | { readonly kind: 'chat'; readonly id: string };

const CHANNEL = /@thread\.(?:tacv2|skype)$/;

/** A conversation's id without the thread that Teams writes after it. */
export const withoutThread = (conversation: string): string => conversation.replace(/;.*$/s, '');

export function placeOf({ to, thread }: Pick<Outgoing, 'to' | 'thread'>): Place {
  if (to.kind === 'person') {
    const slash = to.id.indexOf('/');
    return slash < 0
      ? { kind: 'person', tenant: null, objectId: to.id }
      : { kind: 'person', tenant: to.id.slice(0, slash), objectId: to.id.slice(slash + 1) };
  }
  const id = withoutThread(to.id);
  if (!CHANNEL.test(id)) return { kind: 'chat', id };
  return { kind: 'channel', id, root: thread === null ? null : readRef(thread).activity };
}

export interface TeamsRef {
  /** `19:…@thread.tacv2`, `19:…@thread.v2` or `a:…`, without a thread. */
  readonly conversation: string;
  readonly activity: string;
}

export function readRef({ conversation, activity }: MessageRef): TeamsRef {
  if (conversation === undefined || activity === undefined || activity === '')
    throw new RefusedError('this is no reference to a message in Teams');
  return { conversation, activity };
}

/**
 * How a message is written down, and how one that came in (`conversation.id`, `replyToId`) is compared with it. Teams
 * names the conversation now with, now without its thread.
 * @param tenant null: not known
 */
export const refOf = (tenant: string | null, conversation: string, activity: string): MessageRef => ({
  ...(tenant === null ? {} : { tenant }),
  conversation: withoutThread(conversation),
  activity,
});

/** The conversation as calls about one of our messages name it: in a channel each of them begins its thread. */
export const conversationOf = ({ conversation, activity }: TeamsRef): string =>
  CHANNEL.test(conversation) ? `${conversation};messageid=${activity}` : conversation;
