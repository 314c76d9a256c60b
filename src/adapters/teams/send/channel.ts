/**
 * src/adapters/teams/send/channel.ts: Teams as a channel: a request's card in a channel, a group chat or a conversation
 * of two, kept up to date, and its history in the thread under it where there are threads.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Channel, type MessageRef, type Notice, type Outgoing, RefusedError } from '../../channel.ts';
import type { TeamsLog, TeamsOptions } from '../options.ts';
import { notice as drawNotice, summary, surface, told } from '../render/index.ts';
import { type AccountsParts, accountsAt, NOBODY } from './accounts.ts';
import type { Connector } from './connector.ts';
import type { ConversationMemory, Conversations } from './conversations.ts';
import { isConversationGone, isMessageGone } from './errors.ts';
import { LOOK_AGAIN_MS, MIN_INTERVAL_MS } from './limits.ts';
import { type Place, placeOf, readRef } from './place.ts';
import { createPosts } from './posts.ts';
import { createSpeaker, type Drawn } from './speak.ts';

export interface TeamsChannelParts extends AccountsParts {
  readonly options: TeamsOptions;
  readonly conversations: Conversations;
  readonly memory: ConversationMemory;
  readonly log: TeamsLog;
  /** How long a post is waited for; a test makes it short. */
  readonly timeoutMs?: number;
  readonly pause?: (ms: number) => Promise<void>;
}

export function teamsChannel(connector: Connector, parts: TeamsChannelParts): Channel {
  const { options, conversations, pause = (ms) => wait(ms) } = parts;
  const posts = createPosts(parts);
  const speaker = createSpeaker(connector, conversations, options);

  async function drawSurface({ view, link, to }: Outgoing, place: Place): Promise<Drawn> {
    const accounts = view.status === 'pending' ? await accountsAt(place, view, parts) : NOBODY;
    return { card: surface(view, { ...accounts, link, isShared: to.kind === 'channel' }), summary: summary(view) };
  }

  /** @param name under which it is remembered: a message that takes the place of a deleted one has another */
  async function post(name: string, message: Outgoing): Promise<MessageRef> {
    const underWay = posts.underWay(name, message.signal);
    // It may show less than is known by now.
    if (underWay !== null) return update(message, await underWay);
    const place = placeOf({ ...message, thread: null });
    const ref = await posts.once(name, message.signal, async () =>
      speaker.say(place, await drawSurface(message, place)),
    );
    if (ref.activity === '')
      throw new RefusedError('Teams took the card and does not say which message it is: it cannot be kept up to date');
    return ref;
  }

  async function update(message: Outgoing, ref: MessageRef): Promise<MessageRef> {
    const place = placeOf({ ...message, thread: null });
    const drawn = await drawSurface(message, place);
    const edit = () => speaker.sayAnew(place, ref, drawn, message.signal);
    try {
      await edit().catch(async (error: unknown) => {
        if (!isMessageGone(error)) throw error;
        await pause(LOOK_AGAIN_MS);
        message.signal.throwIfAborted();
        await edit();
      });
      return ref;
    } catch (error) {
      if (isMessageGone(error) || (place.kind === 'person' && isConversationGone(error))) return replace(message, ref);
      throw error;
    }
  }

  /**
   * The message is gone: somebody deleted it. While people still have to decide, it is posted anew, unless an earlier
   * try has done that; afterwards it is left alone.
   */
  async function replace(message: Outgoing, ref: MessageRef): Promise<MessageRef> {
    if (message.view.status !== 'pending') return ref;
    const name = `${message.key}~${readRef(ref).activity}`;
    const earlier = await posts.found(name);
    return earlier === null ? post(name, message) : update(message, earlier);
  }

  return {
    kind: 'teams',
    minIntervalMs: MIN_INTERVAL_MS,
    hasThreads: true,
    post: (message) => post(message.key, message),
    update,
    find: ({ key }) => posts.found(key),
    tell({ key, to, text, signal }) {
      const card = told(text);
      const drawn = { card, summary: card.fallbackText };
      const place = placeOf({ to, thread: null });
      return posts.underWay(key, signal) ?? posts.once(key, signal, () => speaker.say(place, drawn));
    },
    async notify(message, said: Notice) {
      const place = placeOf(message);
      // A chat has no threads, and the card tells its own history: said line by line it would bury everything else.
      if (said.kind === 'history' && message.thread !== null && place.kind !== 'channel') return message.thread;
      const underWay = posts.underWay(message.key, message.signal);
      if (underWay !== null) return underWay;
      return posts.once(message.key, message.signal, async () => {
        const { view, link } = message;
        const { mention } = said.people === undefined ? NOBODY : await accountsAt(place, view, parts);
        const card = drawNotice(said, { view, link, mention });
        const drawn = { card, summary: card.fallbackText };
        try {
          return await speaker.say(place, drawn);
        } catch (error) {
          if (place.kind !== 'channel' || place.root === null || !isMessageGone(error)) throw error;
          // What it belongs under was deleted: it is said beside it rather than not at all.
          return speaker.say({ ...place, root: null }, drawn);
        }
      });
    },
  };
}
