/**
 * src/adapters/teams/inbound/voice.ts: how whoever spoke is answered, where they spoke or alone, and what is learned of
 * the conversations that speak to us.
 */
import type { ChatPorts, ChatReply } from '../../chat.ts';
import { type Card, reply } from '../render/index.ts';
import type { Conversations } from '../send/conversations.ts';
import type { TeamMembersSource } from '../send/members.ts';
import { type Place, withoutThread } from '../send/place.ts';
import type { Rosters } from '../send/roster.ts';
import type { Speaker } from '../send/speak.ts';
import { type Envelope, lowered } from './activity.ts';

export interface Voice {
  draw(answer: ChatReply): Card;
  /** Where it was said. Rejects where it can't be answered there. */
  answer(activity: Envelope, card: Card): Promise<void>;
  /** In the conversation of the bot with whoever said it. Rejects where there can be none. */
  answerAlone(activity: Envelope, tenant: string, card: Card): Promise<void>;
  /** Who speaks, where, and where it is answered: to speak there later. Never rejects. */
  learn(activity: Envelope, tenant: string): Promise<void>;
  /** The bot was removed there. Never rejects. */
  forget(activity: Envelope): Promise<void>;
  /** Somebody came or went there. */
  changed(activity: Envelope): void;
  /** The Entra object id of an account (`29:…`) that is in the conversation; null where that can't be said soon. */
  objectIdOf(activity: Envelope, account: string): Promise<string | null>;
}

export interface VoiceParts {
  readonly ports: Pick<ChatPorts, 'link' | 'now'>;
  readonly speaker: Speaker;
  readonly conversations: Conversations;
  readonly rosters: Rosters;
  readonly members: Pick<TeamMembersSource, 'invalidate'>;
}

export function createVoice({ ports, speaker, conversations, rosters, members }: VoiceParts): Voice {
  const say = async (place: Place, card: Card): Promise<void> => {
    await speaker.say(place, { card, summary: card.fallbackText });
  };

  return {
    draw: (answer) => reply(answer, { link: (id) => ports.link(id), now: ports.now() }),
    answer: ({ conversation: { id, conversationType } }, card) => {
      if (conversationType !== 'channel') return say({ kind: 'chat', id }, card);
      const root = /;messageid=(\d+)$/.exec(id)?.[1] ?? null;
      return say({ kind: 'channel', id: withoutThread(id), root }, card);
    },
    async answerAlone({ from, conversation }, tenant, card) {
      if (conversation.conversationType === 'personal') return say({ kind: 'chat', id: conversation.id }, card);
      if (from.aadObjectId == null) throw new Error('whoever asked is nobody who could be written to');
      await say({ kind: 'person', tenant, objectId: lowered(from.aadObjectId) }, card);
    },
    async learn({ serviceUrl, from, conversation }, tenant) {
      const isPersonal = conversation.conversationType === 'personal' && from.aadObjectId != null;
      const personal = isPersonal ? { objectId: lowered(from.aadObjectId ?? ''), conversation: conversation.id } : null;
      await conversations.learn({ tenant, serviceUrl, personal });
    },
    async forget({ from, conversation }) {
      members.invalidate(conversation.id);
      if (conversation.conversationType === 'personal' && from.aadObjectId != null)
        await conversations.forget(lowered(from.aadObjectId));
    },
    changed: ({ conversation }) => members.invalidate(conversation.id),
    async objectIdOf({ conversation }, account) {
      if (conversation.conversationType === 'personal') return null;
      const there = await rosters.soon(conversation.id);
      return there?.find(({ mri }) => mri === account)?.objectId ?? null;
    },
  };
}
