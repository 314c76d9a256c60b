import { readFileSync } from 'node:fs';
import { webApi } from '@slack/bolt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { controlOf, controlsOf } from './controls.ts';
import { peopleOf } from './people.ts';
import { type FakeSlackOptions, startSlack } from './server.ts';
import { isFields } from './wire.ts';
import { addPlace } from './world.ts';

const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => webApi.LogLevel.ERROR,
  setName: () => undefined,
};

async function start(options: FakeSlackOptions = {}) {
  let now = Date.UTC(2026, 0, 5, 12);
  const slack = await startSlack({ clock: () => now, ...options });
  onTestFinished(() => slack.close());
  /** The answer, whatever it is. */
  async function call(method: string, args: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
    const client = new webApi.WebClient(slack.workspace().token, {
      slackApiUrl: slack.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logger: SILENT,
    });
    try {
      return { ...(await client.apiCall(method, { ...args })) };
    } catch (error) {
      if (error instanceof webApi.WebAPIPlatformError) return { ...error.data };
      if (error instanceof webApi.WebAPIRateLimitedError) return { status: 429, retryAfter: error.retryAfter };
      throw error;
    }
  }
  const pass = (ms: number) => {
    now += ms;
  };
  return { slack, call, pass };
}

const text = (words: string) => ({ type: 'plain_text', text: words });
const section = (words: string) => ({ type: 'section', text: { type: 'mrkdwn', text: words } });
const button = (about: object = {}) => ({
  type: 'button',
  text: text('Approve'),
  action_id: 'a',
  value: 'v',
  ...about,
});
const actions = (...elements: readonly object[]) => ({ type: 'actions', elements });
const modal = (about: object = {}) => ({ type: 'modal', title: text('Why?'), blocks: [section('hello')], ...about });

describe('the local Slack', () => {
  it('knows its methods and no others', async () => {
    const { call } = await start();
    expect(await call('auth.test')).toMatchObject({ ok: true, team_id: 'T0ACME', user_id: 'U0BOT', bot_id: 'B0BOT' });
    expect(await call('chat.shout')).toMatchObject({ ok: false, error: 'unknown_method' });
  });

  it.each([
    ['chat.postMessage', { channel: 'C0NOPE', text: 'x' }, 'channel_not_found'],
    ['chat.postMessage', { channel: 'U0NOPE', text: 'x' }, 'channel_not_found'],
    ['chat.postMessage', { channel: 'C0RELEASES' }, 'no_text'],
    ['chat.postMessage', { text: 'x' }, 'invalid_arguments'],
    [
      'chat.postMessage',
      { channel: 'C0RELEASES', text: 'x', metadata: { event_type: 'x' } },
      'invalid_metadata_schema',
    ],
    ['chat.postMessage', { channel: 'C0RELEASES', text: 'x', thread_ts: '1.000001' }, 'cannot_reply_to_message'],
    ['chat.update', { channel: 'C0RELEASES', ts: '1.000001', text: 'x' }, 'message_not_found'],
    ['chat.update', { channel: 'U0ANA', ts: '1.000001', text: 'x' }, 'channel_not_found'],
    ['chat.postEphemeral', { channel: 'C0RELEASES', user: 'U0NOPE', text: 'x' }, 'user_not_in_channel'],
    ['views.open', { trigger_id: 'nonsense', view: modal() }, 'invalid_trigger_id'],
    ['users.info', { user: 'U0NOPE' }, 'user_not_found'],
    ['usergroups.users.list', { usergroup: 'S0NOPE' }, 'no_such_subteam'],
  ])('refuses %s %j: %s', async (method, args, error) => {
    const { call } = await start();
    expect(await call(method, args)).toMatchObject({ ok: false, error });
  });

  it('lets the app in only where it was invited, and only as far as it was granted', async () => {
    const { slack, call } = await start();
    addPlace(slack.workspace(), 'C0OPEN', { members: new Set() });
    addPlace(slack.workspace(), 'C0HIDDEN', { members: new Set(), isPrivate: true });
    addPlace(slack.workspace(), 'C0OLD', { isArchived: true });
    expect(await call('chat.postMessage', { channel: 'C0OPEN', text: 'x' })).toMatchObject({ error: 'not_in_channel' });
    expect(await call('chat.postMessage', { channel: 'C0HIDDEN', text: 'x' })).toMatchObject({
      error: 'channel_not_found',
    });
    expect(await call('chat.postMessage', { channel: 'C0OLD', text: 'x' })).toMatchObject({ error: 'is_archived' });
    slack.workspace().scopes.delete('chat:write');
    expect(await call('chat.postMessage', { channel: 'C0RELEASES', text: 'x' })).toMatchObject({
      error: 'missing_scope',
      needed: 'chat:write',
      provided: expect.stringContaining('im:history'),
    });
    slack.workspace().tokenProblem = 'token_revoked';
    expect(await call('auth.test')).toMatchObject({ error: 'token_revoked' });
  });

  it('takes about one message a second in each channel, after a short burst', async () => {
    const { call, pass } = await start();
    const post = () => call('chat.postMessage', { channel: 'C0RELEASES', text: 'x' });
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await post());
    expect(answers.filter(({ ok }) => ok === true).length).toBe(3);
    expect(answers.at(-1)).toMatchObject({ status: 429, retryAfter: 1 });
    expect(await call('chat.postMessage', { channel: 'U0ANA', text: 'x' })).toMatchObject({ ok: true });
    pass(1_000);
    expect(await post()).toMatchObject({ ok: true });
    expect(await post()).toMatchObject({ status: 429 });
  });

  it('counts calls of a method by the minute', async () => {
    const { call } = await start();
    const answers = [];
    for (let n = 0; n < 21; n++) answers.push(await call('usergroups.users.list', { usergroup: 'S0RELEASE' }));
    expect(answers.map(({ ok }) => ok === true).lastIndexOf(true)).toBe(19);
    expect(answers.at(-1)).toMatchObject({ status: 429, retryAfter: 3 });
  });

  it('opens one modal with a trigger, within three seconds', async () => {
    const { slack, call, pass } = await start();
    const first = slack.state.newTrigger('T0ACME', 'U0ANA');
    expect(await call('views.open', { trigger_id: first, view: modal() })).toMatchObject({ ok: true });
    expect(await call('views.open', { trigger_id: first, view: modal() })).toMatchObject({
      error: 'exchanged_trigger_id',
    });
    const second = slack.state.newTrigger('T0ACME', 'U0ANA');
    pass(3_001);
    expect(await call('views.open', { trigger_id: second, view: modal() })).toMatchObject({
      error: 'expired_trigger_id',
    });
  });

  it('takes five posts to a response_url, within half an hour', async () => {
    const { slack, pass } = await start();
    const about = { team: 'T0ACME', user: 'U0ANA', channel: 'C0RELEASES', ts: null };
    const post = async (url: string) =>
      (await fetch(url, { method: 'POST', body: JSON.stringify({ text: 'x' }) })).status;
    const [used, old] = [slack.responseUrl(about), slack.responseUrl(about)];
    const statuses = [];
    for (let n = 0; n < 6; n++) statuses.push(await post(used));
    expect(statuses).toEqual([200, 200, 200, 200, 200, 404]);
    pass(30 * 60_000 + 1);
    expect(await post(old)).toBe(404);
  });
});

const long = (length: number) => 'x'.repeat(length);

describe('Block Kit', () => {
  it.each([
    ['a section', section(long(3_001)), 'must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
    ['an empty section', section(''), 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    ['a header', { type: 'header', text: text(long(151)) }, 'must be less than 151 characters'],
    ['a button’s text', actions(button({ text: text(long(76)) })), '/blocks/0/elements/0/text/text'],
    ['a button’s value', actions(button({ value: long(2_001) })), '/blocks/0/elements/0/value'],
    ['a button’s style', actions(button({ style: 'warning' })), '/blocks/0/elements/0/style'],
    ['two buttons of one name', actions(button(), button()), 'already exists'],
    ['no elements', actions(), 'no fewer than 1 items'],
    ['26 elements', actions(...Array.from({ length: 26 }, (_, n) => button({ action_id: `${n}` }))), 'no more than 25'],
    [
      'a menu of six',
      actions({
        type: 'overflow',
        action_id: 'o',
        options: Array.from({ length: 6 }, (_, n) => ({ text: text(`${n}`), value: `${n}` })),
      }),
      'no more than 5',
    ],
    ['an unknown block', { type: 'shout', text: 'x' }, 'unsupported type: shout'],
    ['a section of nothing', { type: 'section' }, 'missing required field'],
    ['an unknown field', { ...section('x'), colour: 'red' }, 'additional properties'],
    [
      'a confirmation',
      actions(
        button({ confirm: { title: text('Sure?'), text: text(long(301)), confirm: text('Yes'), deny: text('No') } }),
      ),
      '/confirm/text/text',
    ],
  ])('has a limit for %s', async (_, block, message) => {
    const { call } = await start();
    const answer = await call('chat.postMessage', { channel: 'C0RELEASES', text: 'x', blocks: [block] });
    expect(answer).toMatchObject({ ok: false, error: 'invalid_blocks' });
    expect(JSON.stringify(answer.response_metadata)).toContain(message);
  });

  it('has limits for a message as a whole', async () => {
    const { call } = await start();
    const post = (blocks: readonly object[]) => call('chat.postMessage', { channel: 'C0RELEASES', text: 'x', blocks });
    expect(await post(Array.from({ length: 51 }, () => section('x')))).toMatchObject({ error: 'invalid_blocks' });
    expect(await post(Array.from({ length: 5 }, () => section(long(2_900))))).toMatchObject({
      error: 'msg_blocks_too_long',
    });
    const twice = { ...section('x'), block_id: 'same' };
    expect(await post([twice, twice])).toMatchObject({ error: 'invalid_blocks' });
  });

  it.each([
    ['a long title', modal({ title: text(long(25)) })],
    ['too much metadata', modal({ private_metadata: long(3_001) })],
    [
      'an input without a way to submit',
      modal({ blocks: [{ type: 'input', label: text('Why'), element: { type: 'plain_text_input', action_id: 'x' } }] }),
    ],
    ['101 blocks', modal({ blocks: Array.from({ length: 101 }, () => section('x')) })],
    ['a home', modal({ type: 'home' })],
  ])('refuses a modal with %s', async (_, view) => {
    const { slack, call } = await start();
    const trigger_id = slack.state.newTrigger('T0ACME', 'U0ANA');
    expect(await call('views.open', { trigger_id, view })).toMatchObject({ ok: false, error: 'invalid_arguments' });
  });

  it('takes what Slack itself has sent', async () => {
    const { call } = await start();
    const recorded: unknown = JSON.parse(readFileSync(new URL('recorded-message.json', import.meta.url), 'utf8'));
    if (!isFields(recorded)) throw new Error('The recorded message is no object.');
    expect(await call('chat.postMessage', { channel: 'C0RELEASES', text: 'x', blocks: recorded.blocks })).toMatchObject(
      { ok: true },
    );
  });
});

describe('people', () => {
  it('see the buttons and menus of a message', async () => {
    const { slack, call } = await start();
    const options = [{ text: text('Comment'), value: 'c' }];
    await call('chat.postMessage', {
      channel: 'C0RELEASES',
      text: 'x',
      blocks: [actions(button(), { type: 'overflow', action_id: 'o', options })],
    });
    const [message] = slack.messages();
    if (message === undefined) throw new Error('Nothing was posted.');
    expect(controlsOf(message).map(({ label }) => label)).toEqual(['Approve', 'Comment']);
    const people = peopleOf({ slack, url: 'http://127.0.0.1:9' });
    expect(people.clickPayload('U0ANA', message, controlOf(message, /approve/i))).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0ANA', team_id: 'T0ACME' },
      container: { message_ts: message.ts, channel_id: 'C0RELEASES' },
      actions: [{ type: 'button', action_id: 'a', value: 'v', block_id: message.blocks[0]?.block_id }],
    });
  });
});
