/**
 * src/adapters/slack/send/channel.ts: Slack as a channel: a request's message in a channel or a direct message, kept up
 * to date, its history in the thread under it, and everything found again by what its metadata says.
 */
import { z } from 'zod';
import type { PersonId } from '../../../engine/definition.ts';
import { type Channel, type MessageRef, type Notice, type Outgoing, UnavailableError } from '../../channel.ts';
import type { SlackLog } from '../options.ts';
import { type Drawn, notice as drawNotice, surface, told } from '../render/index.ts';
import { readAddress } from './address.ts';
import { createConversations } from './conversations.ts';
import { isThreadGone, SlackRefusedError } from './errors.ts';
import { createFinder } from './find.ts';
import { MIN_INTERVAL_MS } from './limits.ts';
import { metadataOf } from './metadata.ts';
import { type Place, placeOf, readRef } from './place.ts';
import type { Workspaces } from './workspaces.ts';

export interface SlackChannelParts {
  /** A person's Slack id as in the config; null: they have none. */
  addressOf(person: PersonId): string | null;
  readonly log: SlackLog;
}

const Posted = z.object({ channel: z.string().min(1), ts: z.string().min(1) });

export function slackChannel(workspaces: Workspaces, { addressOf, log }: SlackChannelParts): Channel {
  const conversations = createConversations(workspaces);
  const finder = createFinder(workspaces, conversations, log);

  const drawSurface = ({ view, link, to }: Outgoing): Drawn => surface(view, { link, isShared: to.kind === 'channel' });

  async function send(message: Outgoing, { channel, thread, ...place }: Place, drawn: Drawn): Promise<MessageRef> {
    const team = await workspaces.identify(place.team);
    const answer = await workspaces.call(
      team,
      'chat.postMessage',
      {
        channel,
        text: drawn.text,
        blocks: drawn.blocks,
        metadata: metadataOf(message),
        unfurl_links: false,
        unfurl_media: false,
        ...(thread === null ? {} : { thread_ts: thread, reply_broadcast: false }),
      },
      { signal: message.signal },
    );
    const posted = Posted.safeParse(answer);
    // It stands there, and nobody can say where: the next try finds it.
    if (!posted.success) throw new UnavailableError('Slack’s answer to chat.postMessage makes no sense');
    if (message.to.kind === 'person' && thread === null) conversations.remember(team, channel, posted.data.channel);
    return { team, ...posted.data };
  }

  /**
   * The message is gone: somebody deleted it. While people still have to decide, it is posted anew, unless an earlier
   * try has done that; afterwards it is left alone.
   */
  async function replace(message: Outgoing, ref: MessageRef): Promise<MessageRef> {
    if (message.view.status !== 'pending') return ref;
    const earlier = await finder.find(message, placeOf(message));
    return earlier ?? (await send(message, placeOf(message), drawSurface(message)));
  }

  async function mentionIn(place: Place): Promise<(person: PersonId) => string | null> {
    const team = await workspaces.identify(place.team);
    const home = workspaces.homeTeam();
    return (person) => {
      const address = addressOf(person);
      if (address === null) return null;
      const user = readAddress(address);
      return (user.team ?? home) === team ? `<@${user.id}>` : null; // another workspace's id means nobody here
    };
  }

  return {
    kind: 'slack',
    minIntervalMs: MIN_INTERVAL_MS,
    hasThreads: true,
    post: (message) => send(message, placeOf(message), drawSurface(message)),
    async update(message, ref) {
      const { team, channel, ts } = readRef(ref);
      const { text, blocks } = drawSurface(message);
      try {
        await workspaces.call(team, 'chat.update', { channel, ts, text, blocks }, { signal: message.signal });
        return ref;
      } catch (error) {
        if (error instanceof SlackRefusedError && error.code === 'message_not_found') return replace(message, ref);
        throw error;
      }
    },
    find: (message) => finder.find(message, placeOf(message)),
    async tell({ to, text, signal }) {
      const address = readAddress(to.id);
      const team = await workspaces.identify(address.team);
      const said = { channel: address.id, ...told(text), unfurl_links: false, unfurl_media: false };
      const posted = Posted.safeParse(await workspaces.call(team, 'chat.postMessage', said, { signal }));
      return { team, ...posted.data };
    },
    async notify(message, said: Notice) {
      const place = placeOf(message);
      const drawn = drawNotice(said, { view: message.view, link: message.link, mention: await mentionIn(place) });
      try {
        return await send(message, place, drawn);
      } catch (error) {
        if (!isThreadGone(error) || place.thread === null) throw error;
        // What it belongs under was deleted: it is said beside it rather than not at all.
        return send(message, { ...place, thread: null }, drawn);
      }
    },
  };
}
