/**
 * src/adapters/teams/send/speak.ts: one card to one place, and over one that stands there. In a channel it begins a thread
 * of its own: `createConversation` is the documented way, and tells the message's id, which the SDK would throw away.
 */
import { z } from 'zod';
import { type MessageRef, RefusedError } from '../../channel.ts';
import type { TeamsOptions } from '../options.ts';
import type { Card } from '../render/index.ts';
import type { Connector } from './connector.ts';
import { botId, type Conversations } from './conversations.ts';
import { type CallFacts, isBlocked, isConversationGone } from './errors.ts';
import { POST_LIFE_MS } from './limits.ts';
import { conversationOf, type Place, readRef, refOf } from './place.ts';

/** A card with the words that notifications show. */
export interface Drawn {
  readonly card: Card;
  readonly summary: string;
}

export interface Speaker {
  /** The reference's `activity` is empty where Teams does not say which message it is. */
  say(place: Place, drawn: Drawn): Promise<MessageRef>;
  /** Over a message of ours. */
  sayAnew(place: Place, ref: MessageRef, drawn: Drawn, signal: AbortSignal): Promise<void>;
}

const CARD = 'application/vnd.microsoft.card.adaptive';

const Posted = z.object({ id: z.string().max(1_000) });
const Started = z.object({ id: z.string().max(2_000), activityId: z.string().max(1_000).nullish().catch(null) });

export function createSpeaker(connector: Connector, conversations: Conversations, options: TeamsOptions): Speaker {
  async function post(path: readonly string[], body: object, place: CallFacts['place']): Promise<unknown> {
    const { serviceUrl } = await conversations.service();
    return connector.call({
      method: 'POST',
      serviceUrl,
      path,
      body,
      facts: { what: 'post', place },
      timeoutMs: POST_LIFE_MS,
    });
  }

  async function into(conversation: string, drawn: Drawn, place: Place): Promise<MessageRef> {
    const path = ['conversations', conversation, 'activities'];
    const posted = Posted.safeParse(await post(path, activityOf(drawn, place), namedBy(place)));
    const { tenant } = await conversations.service();
    return refOf(tenant, conversation, posted.data?.id ?? '');
  }

  async function beginThread(place: Extract<Place, { kind: 'channel' }>, drawn: Drawn): Promise<MessageRef> {
    const { tenant } = await conversations.service();
    const body = {
      isGroup: true,
      bot: { id: botId(options) },
      ...(tenant === null ? {} : { tenantId: tenant }),
      channelData: { channel: { id: place.id }, ...(tenant === null ? {} : { tenant: { id: tenant } }) },
      activity: activityOf(drawn, place),
    };
    const started = Started.safeParse(await post(['conversations'], body, namedBy(place))).data;
    // Some answers name the message only as the thread that it has begun.
    const root = /;messageid=(\d+)$/.exec(started?.id ?? '')?.[1];
    return refOf(tenant, place.id, started?.activityId || (root ?? ''));
  }

  /** What does not work any more is forgotten, so that the next try begins anew. */
  async function withPerson<Result>(place: Place, speak: () => Promise<Result>): Promise<Result> {
    try {
      return await speak();
    } catch (error) {
      if (place.kind === 'person' && (isBlocked(error) || isConversationGone(error)))
        await conversations.forget(place.objectId);
      throw error;
    }
  }

  async function toPerson(place: Extract<Place, { kind: 'person' }>, drawn: Drawn): Promise<MessageRef> {
    assertOurs(place, options);
    const speak = () =>
      withPerson(place, async () => into(await conversations.withPerson(place.objectId), drawn, place));
    try {
      return await speak();
    } catch (error) {
      if (!isConversationGone(error)) throw error;
      return speak(); // in one that is created for it
    }
  }

  return {
    say(place, drawn) {
      if (place.kind === 'person') return toPerson(place, drawn);
      if (place.kind === 'chat') return into(place.id, drawn, place);
      if (place.root === null) return beginThread(place, drawn);
      return into(conversationOf({ conversation: place.id, activity: place.root }), drawn, place);
    },
    async sayAnew(place, ref, drawn, signal) {
      const { conversation, activity } = readRef(ref);
      const { serviceUrl } = await conversations.service();
      await withPerson(place, () =>
        connector.call({
          method: 'PUT',
          serviceUrl,
          path: ['conversations', conversationOf({ conversation, activity }), 'activities', activity],
          body: { ...activityOf(drawn, null), id: activity },
          facts: { what: 'update', place: namedBy(place) },
          signal,
        }),
      );
    },
  };
}

/** Never with a text beside the card: Teams makes two messages of that, and neither can be updated. */
const activityOf = ({ card, summary }: Drawn, newAt: Place | null) => ({
  type: 'message',
  summary,
  attachments: [{ contentType: CARD, content: card }],
  ...(newAt?.kind === 'person' ? { channelData: { notification: { alert: true } } } : {}),
});

const namedBy = (place: Place): CallFacts['place'] =>
  place.kind === 'person' ? { kind: 'person', id: place.objectId } : { kind: 'channel', id: place.id };

/** @throws RefusedError for people of a tenant whose clicks we would refuse */
function assertOurs({ tenant }: Extract<Place, { kind: 'person' }>, { tenantId }: TeamsOptions): void {
  if (tenant !== null && tenantId !== null && tenant !== tenantId)
    throw new RefusedError(
      `The tenant ${tenant} is not the one that TEAMS_TENANT_ID names: nobody there is written to`,
    );
}
