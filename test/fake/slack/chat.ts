/** test/fake/slack/chat.ts: chat.postMessage, update, delete, postEphemeral and getPermalink. */
import { assertMessage } from './blocks.ts';
import type { Method, MethodCall } from './method.ts';
import type { State } from './state.ts';
import { at, type Fields, isFields, isTrue, listAt, need, optional, SlackError, textAt } from './wire.ts';
import type { FakeMessage, FakePlace, FakeWorkspace } from './world.ts';

/** chat.postMessage cuts `text` here, chat.update refuses above the second. */
const TEXT_CUT = 40_000;
const UPDATE_TEXT_LIMIT = 4_000;
/** Of the JSON of message metadata. */
const METADATA_LIMIT = 8_000;

export const chat: Readonly<Record<string, Method>> = {
  'chat.postMessage': { tier: 'special', scopes: () => ['chat:write'], run: postMessage },
  'chat.update': { tier: 3, scopes: () => ['chat:write'], run: update },
  'chat.delete': { tier: 3, scopes: () => ['chat:write'], run: remove },
  'chat.postEphemeral': { tier: 4, scopes: () => ['chat:write'], run: postEphemeral },
  'chat.getPermalink': { tier: 'special', run: getPermalink },
};

function postMessage({ state, workspace, args }: MethodCall): Fields {
  const place = state.placeToPost(workspace, need(args, 'channel'));
  assertMayPost(workspace, place);
  const blocks = blocksOf(args);
  const text = (optional(args, 'text') ?? '').slice(0, TEXT_CUT);
  if (text === '' && blocks.length === 0) throw new SlackError('no_text');
  const threadTs = threadOf(state, workspace, place, args);
  const metadata = metadataOf(args);
  state.rates?.post(workspace.team, place.id);
  const message: FakeMessage = {
    team: workspace.team,
    channel: place.id,
    ts: state.newTs(),
    threadTs,
    user: workspace.bot.userId,
    botId: workspace.bot.botId,
    appId: workspace.bot.appId,
    isBroadcast: isTrue(args, 'reply_broadcast'),
    text,
    blocks: named(state, blocks),
    metadata,
    updates: 0,
    isDeleted: false,
    postedAt: state.clock(),
  };
  state.messages.push(message);
  return { channel: place.id, ts: message.ts, message: wireMessage(message, true) };
}

function update({ state, workspace, args }: MethodCall): Fields {
  const channel = need(args, 'channel');
  const ts = need(args, 'ts');
  const place = state.place(workspace, channel); // a user's id is no channel here
  if (!place.members.has(workspace.bot.userId)) throw new SlackError('channel_not_found');
  const message = state.message(workspace.team, place.id, ts);
  if (message === null) throw new SlackError('message_not_found');
  if (message.botId !== workspace.bot.botId) throw new SlackError('cant_update_message');
  if (place.isArchived) throw new SlackError('is_archived');
  const text = optional(args, 'text');
  if (text !== null && text.length > UPDATE_TEXT_LIMIT) throw new SlackError('msg_too_long');
  const hasBlocks = 'blocks' in args;
  if (text === null && !hasBlocks) throw new SlackError('no_text');
  const blocks = blocksOf(args);
  const metadata = metadataOf(args);
  message.blocks = hasBlocks ? named(state, blocks) : [];
  message.text = text ?? message.text;
  if (metadata !== null) message.metadata = metadata;
  message.updates += 1;
  return { channel: place.id, ts, text: message.text, message: wireMessage(message, true) };
}

function remove({ state, workspace, args }: MethodCall): Fields {
  const place = state.place(workspace, need(args, 'channel'));
  const message = state.message(workspace.team, place.id, need(args, 'ts'));
  if (message === null) throw new SlackError('message_not_found');
  if (message.botId !== workspace.bot.botId) throw new SlackError('cant_delete_message');
  message.isDeleted = true;
  return { channel: place.id, ts: message.ts };
}

function postEphemeral({ state, workspace, args }: MethodCall): Fields {
  const place = state.place(workspace, need(args, 'channel'));
  const user = need(args, 'user');
  assertMayPost(workspace, place);
  if (!place.members.has(user)) throw new SlackError('user_not_in_channel');
  const blocks = blocksOf(args);
  const text = optional(args, 'text') ?? '';
  if (text === '' && blocks.length === 0) throw new SlackError('no_text');
  state.ephemerals.push({ team: workspace.team, channel: place.id, user, text, blocks });
  return { message_ts: state.newTs() };
}

function getPermalink({ state, workspace, args }: MethodCall): Fields {
  const place = state.place(workspace, need(args, 'channel'));
  const message = state.message(workspace.team, place.id, need(args, 'message_ts'));
  if (message === null) throw new SlackError('message_not_found');
  const permalink = `https://acme.slack.com/archives/${place.id}/p${message.ts.replace('.', '')}`;
  return { channel: place.id, permalink };
}

/** A private channel without the bot looks as if it didn't exist. */
function assertMayPost({ bot, scopes }: FakeWorkspace, place: FakePlace): void {
  if (!place.members.has(bot.userId)) {
    if (place.isPrivate) throw new SlackError('channel_not_found');
    if (!scopes.has('chat:write.public')) throw new SlackError('not_in_channel');
  }
  if (place.isArchived) throw new SlackError('is_archived');
  if (place.isReadOnly) throw new SlackError('restricted_action_read_only_channel');
}

function threadOf(state: State, workspace: FakeWorkspace, place: FakePlace, args: Fields): string | null {
  const ts = args.thread_ts;
  if (ts === undefined) return null;
  if (typeof ts !== 'string' || !/^\d+\.\d{6}$/.test(ts)) throw new SlackError('invalid_thread_ts');
  const parent = state.messages.find((one) => one.team === workspace.team && one.channel === place.id && one.ts === ts);
  if (parent === undefined || (parent.isDeleted && !hasReplies(state, parent)))
    throw new SlackError('cannot_reply_to_message');
  return parent.threadTs ?? ts;
}

/** What is left of a deleted message that has replies can still be answered. */
const hasReplies = (state: State, { team, channel, ts }: FakeMessage): boolean =>
  state.messages.some((one) => one.team === team && one.channel === channel && one.threadTs === ts && !one.isDeleted);

export function blocksOf(args: Fields): readonly Fields[] {
  if (!('blocks' in args)) return [];
  assertMessage(args.blocks);
  return listAt(args, 'blocks').filter(isFields);
}

function metadataOf(args: Fields): Fields | null {
  const metadata = args.metadata;
  if (metadata === undefined) return null;
  if (!isFields(metadata)) throw new SlackError('invalid_metadata_format');
  if (!textAt(metadata, 'event_type') || !isFields(metadata.event_payload))
    throw new SlackError('invalid_metadata_schema');
  if (JSON.stringify(metadata).length > METADATA_LIMIT) throw new SlackError('metadata_too_large');
  return metadata;
}

/** Slack names the blocks that come without a name. */
export const named = (state: State, blocks: readonly Fields[]): readonly Fields[] =>
  blocks.map((block) => ('block_id' in block ? block : { ...block, block_id: `b${state.next().toString(36)}` }));

/** A message as history, replies and interaction payloads show it. */
export function wireMessage(message: FakeMessage, withMetadata: boolean): Fields {
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    ...(message.botId === null ? {} : { bot_id: message.botId, app_id: message.appId }),
    text: message.text,
    team: message.team,
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    ...(message.metadata === null
      ? {}
      : { metadata: withMetadata ? message.metadata : { event_type: at(message.metadata, 'event_type') } }),
  };
}
