/** test/fake/slack/conversations.ts: conversations.open, info, members, history and replies. */
import { wireMessage } from './chat.ts';
import type { Method, MethodCall } from './method.ts';
import { type Fields, isTrue, need, optional, SlackError } from './wire.ts';
import { directMessageOf, type FakeMessage, type FakePlace } from './world.ts';

/** Messages in one answer at most, and where nothing is said. */
const PAGE = { most: 999, usual: 100 };

export const conversations: Readonly<Record<string, Method>> = {
  'conversations.open': { tier: 3, scopes: () => ['im:write', 'mpim:write', 'channels:manage'], run: open },
  'conversations.info': { tier: 3, scopes: (call) => [`${familyOf(call)}:read`], run: info },
  'conversations.members': { tier: 4, scopes: (call) => [`${familyOf(call)}:read`], run: members },
  'conversations.history': { tier: 3, scopes: (call) => [`${familyOf(call)}:history`], run: history },
  'conversations.replies': { tier: 3, scopes: (call) => [`${familyOf(call)}:history`], run: replies },
};

/** Which scope counts depends on what kind of conversation it is. */
function familyOf({ workspace, args }: MethodCall): string {
  const channel = optional(args, 'channel') ?? '';
  if (channel.startsWith('D')) return 'im';
  return workspace.places.get(channel)?.isPrivate === true || channel.startsWith('G') ? 'groups' : 'channels';
}

function open({ state, workspace, args }: MethodCall): Fields {
  const users = (optional(args, 'users') ?? '').split(',').filter((user) => user !== '');
  const [user, ...others] = users;
  if (user === undefined) throw new SlackError('users_list_not_supplied');
  if (others.length > 0) throw new Error('The local Slack opens conversations with one person only.');
  const known = workspace.users.get(user);
  if (known === undefined) throw new SlackError('user_not_found');
  if (known.deleted) throw new SlackError('user_disabled');
  return { channel: { id: state.place(workspace, directMessageOf(user)).id } };
}

/** A private conversation without the bot looks as if it didn't exist. */
function visible({ state, workspace, args }: MethodCall): FakePlace {
  const place = state.place(workspace, need(args, 'channel'));
  if (place.isPrivate && !place.members.has(workspace.bot.userId)) throw new SlackError('channel_not_found');
  return place;
}

function readable(call: MethodCall): FakePlace {
  const place = visible(call);
  if (!place.members.has(call.workspace.bot.userId)) throw new SlackError('not_in_channel');
  return place;
}

function info(call: MethodCall): Fields {
  const { id, name, isPrivate, isArchived, members: all } = visible(call);
  const isMember = all.has(call.workspace.bot.userId);
  return { channel: { id, name, is_private: isPrivate, is_archived: isArchived, is_member: isMember } };
}

function members(call: MethodCall): Fields {
  return { members: [...visible(call).members], response_metadata: { next_cursor: '' } };
}

function history(call: MethodCall): Fields {
  const place = readable(call);
  const isTop = (message: FakeMessage) => message.threadTs === null || message.isBroadcast;
  return page(call, kept(call, place).filter(isTop).reverse());
}

function replies(call: MethodCall): Fields {
  const place = readable(call);
  const ts = need(call.args, 'ts');
  const thread = kept(call, place).filter((message) => message.ts === ts || message.threadTs === ts);
  if (thread.length === 0) throw new SlackError('thread_not_found');
  return page(call, thread);
}

const kept = ({ state, workspace }: MethodCall, place: FakePlace): FakeMessage[] =>
  state.messages.filter((one) => one.team === workspace.team && one.channel === place.id && !one.isDeleted);

function page({ args }: MethodCall, all: readonly FakeMessage[]): Fields {
  const limit = Number(args.limit ?? PAGE.usual);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE.most) throw new SlackError('invalid_limit');
  const oldest = Number(optional(args, 'oldest') ?? 0);
  const latest = Number(optional(args, 'latest') ?? Number.POSITIVE_INFINITY);
  const isInclusive = isTrue(args, 'inclusive');
  const inside = all.filter(({ ts }) =>
    isInclusive ? Number(ts) >= oldest && Number(ts) <= latest : Number(ts) > oldest && Number(ts) < latest,
  );
  const start = Number((optional(args, 'cursor') ?? 'next:0').replace('next:', ''));
  if (!Number.isInteger(start)) throw new SlackError('invalid_cursor');
  const shown = inside.slice(start, start + limit);
  const hasMore = start + limit < inside.length;
  return {
    messages: shown.map((message) => wireMessage(message, isTrue(args, 'include_all_metadata'))),
    has_more: hasMore,
    ...(hasMore ? { response_metadata: { next_cursor: `next:${start + limit}` } } : {}),
  };
}
