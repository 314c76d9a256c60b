/** test/fake/slack/response-url.ts: what a post to a response_url does: five of them, for thirty minutes. */
import { blocksOf, named } from './chat.ts';
import type { ResponseUrl, State } from './state.ts';
import { type Fields, isFields, SlackError, textAt } from './wire.ts';

export function takeResponse(state: State, token: string, text: string): { status: number; text: string } {
  const known = state.useResponseUrl(token);
  if (known === null) return { status: 404, text: 'expired_url' };
  const body: unknown = JSON.parse(text);
  if (!isFields(body)) return { status: 400, text: 'invalid_payload' };
  try {
    const blocks = blocksOf(body);
    if ((textAt(body, 'text') ?? '') === '' && blocks.length === 0 && body.delete_original !== true)
      throw new SlackError('no_text');
    apply(state, known, body, blocks);
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { status: 400, text: error.error };
  }
  state.responses.push({ token, channel: known.channel, user: known.user, body });
  return { status: 200, text: 'ok' };
}

function apply(state: State, known: ResponseUrl, body: Fields, blocks: readonly Fields[]): void {
  const { team, channel, user, ts } = known;
  const text = textAt(body, 'text') ?? '';
  const original = ts === null ? null : state.message(team, channel, ts);
  if (body.delete_original === true && original !== null) original.isDeleted = true;
  else if (body.replace_original === true && original !== null) {
    original.text = text;
    original.blocks = named(state, blocks);
    original.updates += 1;
  } else if (body.response_type === 'in_channel') {
    const { bot } = state.workspace(team);
    const about = { team, channel, user: bot.userId, botId: bot.botId, appId: bot.appId, isBroadcast: false };
    const content = { text, blocks: named(state, blocks), metadata: null, updates: 0, isDeleted: false };
    state.messages.push({ ...about, ...content, ts: state.newTs(), threadTs: null, postedAt: state.clock() });
  } else state.ephemerals.push({ team, channel, user, text, blocks });
}
