/**
 * src/adapters/slack/send/find.ts: whether a message stands there already. chat.postMessage has no idempotency key: after
 * a lost answer or a crash the newest messages are looked through for ours.
 */
import { z } from 'zod';
import { type MessageRef, type Outgoing, RefusedError, UnavailableError } from '../../channel.ts';
import type { SlackLog } from '../options.ts';
import type { Conversations } from './conversations.ts';
import { isThreadGone } from './errors.ts';
import { CLOCK_SKEW_MS, FIND } from './limits.ts';
import { METADATA_TYPE } from './metadata.ts';
import type { Place } from './place.ts';
import type { SlackBot, Workspaces } from './workspaces.ts';

export interface Finder {
  /** null: there is none among the newest, or Slack does not let us look. */
  find(message: Outgoing, place: Place): Promise<MessageRef | null>;
}

const History = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      user: z.string().optional(),
      bot_id: z.string().optional(),
      metadata: z.unknown().optional(),
    }),
  ),
  has_more: z.boolean().optional(),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
type Found = z.infer<typeof History>['messages'][number];

const Metadata = z.object({
  event_type: z.literal(METADATA_TYPE),
  event_payload: z.object({ key: z.string() }),
});

export function createFinder(workspaces: Workspaces, conversations: Conversations, log: SlackLog): Finder {
  async function look({ key, view, to, signal }: Outgoing, place: Place): Promise<MessageRef | null> {
    const { channel, thread } = place;
    const team = await workspaces.identify(place.team);
    const bot = workspaces.bot(team);
    const isUser = to.kind === 'person' && thread === null && /^[UW]/.test(channel);
    const conversation = isUser ? await conversations.withUser(team, channel, signal) : channel;
    const method = thread === null ? 'conversations.history' : 'conversations.replies';
    const where = { channel: conversation, ...(thread === null ? {} : { ts: thread }) };
    let cursor: string | undefined;
    for (let page = 1; page <= FIND.pages; page++) {
      const args = {
        ...where,
        limit: FIND.page,
        include_all_metadata: true,
        ...(cursor === undefined ? {} : { cursor }),
      };
      const answer = History.safeParse(await workspaces.call(team, method, args, { signal }));
      if (!answer.success) throw new UnavailableError(`Slack’s answer to ${method} makes no sense`);
      const { messages, has_more: hasMore, response_metadata: next } = answer.data;
      const ours = messages.find((message) => keyOf(message) === key && isBy(message, bot));
      if (ours !== undefined) return { team, channel: conversation, ts: ours.ts };
      cursor = next?.next_cursor;
      // A channel's history goes back in time: what is older than the request can't be about it.
      const oldest = thread === null ? messages.at(-1) : undefined;
      const isPast = oldest !== undefined && Number(oldest.ts) * 1_000 < view.openedAt - CLOCK_SKEW_MS;
      if (hasMore !== true || cursor === undefined || cursor === '' || isPast) return null;
    }
    return null;
  }

  return {
    async find(message, place) {
      try {
        return await look(message, place).catch((error: unknown) => {
          if (place.thread === null || !isThreadGone(error)) throw error;
          return look(message, { ...place, thread: null }); // then it was said beside it
        });
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        // What is wrong with the place itself, posting will say. Without the scope a doubtful post may come twice.
        log.warn({ place: place.channel, problem: error.message }, 'an earlier Slack message cannot be looked for');
        return null;
      }
    },
  };
}

const keyOf = ({ metadata }: Found): string | null => Metadata.safeParse(metadata).data?.event_payload.key ?? null;

/** Anybody's app can write our key into its metadata: it has to be our bot's message, as far as Slack says whose it is. */
function isBy({ user, bot_id: botId }: Found, bot: SlackBot | null): boolean {
  if (bot === null) return false;
  return (botId === undefined || botId === bot.botId) && (user === undefined || user === bot.userId);
}
