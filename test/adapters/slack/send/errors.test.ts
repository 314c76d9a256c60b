import { describe, expect, it } from 'vitest';
import { RefusedError, UnavailableError } from '../../../../src/adapters/channel.ts';
import { SlackRefusedError } from '../../../../src/adapters/slack/send/errors.ts';
import { addPlace } from '../../../fake/slack/world.ts';
import { failureOf, given, outgoing } from './given.ts';

const TOKEN = 'xoxb-acme-bot-token';

describe('what may go better later', () => {
  it.each([
    'internal_error',
    'fatal_error',
    'service_unavailable',
    'request_timeout',
    'team_added_to_org',
    'external_channel_migrating',
    'something_nobody_has_heard_of',
    'constructor',
  ])('%s is tried again', async (error) => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'error', error });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure).toMatchObject({ retryAfterMs: null, message: expect.stringContaining(error) });
  });

  it('a pause is as long as Slack asks for', async () => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'rateLimited', retryAfter: 17 });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure.retryAfterMs).toBe(17_000);
  });

  it.each(['ratelimited', 'rate_limited', 'message_limit_exceeded'])(
    '%s in an answer that is otherwise well asks for a pause too',
    async (error) => {
      const { slack, channel } = await given();
      slack.script('chat.postMessage', { kind: 'error', error });
      expect(await failureOf(channel.post(outgoing()))).toMatchObject({
        name: 'UnavailableError',
        retryAfterMs: 30_000,
      });
    },
  );

  it('a 429 that does not say how long is a pause all the same', async () => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'status', status: 429 });
    expect(await failureOf(channel.post(outgoing()))).toMatchObject({ name: 'UnavailableError', retryAfterMs: 30_000 });
  });

  it.each([500, 502, 503, 504, 404])('HTTP %i is tried again', async (status) => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'status', status });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure.message).toContain(String(status));
  });

  it('an answer that is no JSON is tried again, and nothing of it is repeated', async () => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'status', status: 200 });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure.message).not.toContain('went wrong');
  });

  it.each([
    ['that is cut', { kind: 'drop' }],
    ['that is cut after Slack took it', { kind: 'drop', accepted: true }],
  ] as const)('a line %s is tried again', async (_, fault) => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', fault);
    expect(await failureOf(channel.post(outgoing()))).toBeInstanceOf(UnavailableError);
    expect(slack.count('chat.postMessage')).toBe(1); // trying again is the dispatcher's
  });

  it('silence is tried again after a while', async () => {
    const { slack, channel, workspaces } = await given({ parts: { timeoutMs: 60 } });
    await workspaces.identify(null);
    slack.script('chat.postMessage', { kind: 'hang' });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure.message).toBe('Slack did not answer chat.postMessage in time');
  });

  it('a Slack that is not there is tried again', async () => {
    const { channel } = await given({ options: { apiUrl: 'http://127.0.0.1:9/api/' } });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure.message).toBe('Slack cannot be reached for auth.test');
  });
});

describe('what will not', () => {
  it.each([
    ['invalid_auth', 'install the app in the workspace T0ACME again and give Countersign its new bot token'],
    ['token_revoked', 'The bot token was revoked: install the app in the workspace T0ACME again'],
    ['token_expired', 'turn off token rotation'],
    ['account_inactive', 'The app was removed from the workspace'],
    ['not_authed', 'Slack refuses the bot token'],
    ['restricted_action', 'does not let apps post in the channel C0RELEASES'],
    ['restricted_action_thread_only_channel', 'ask whoever administers it'],
    ['restricted_action_non_threadable_channel', 'name another channel'],
    ['invalid_blocks', 'a fault in Countersign'],
    ['msg_blocks_too_long', 'a fault in Countersign'],
    ['msg_too_long', 'a fault in Countersign'],
    ['metadata_too_large', 'a fault in Countersign'],
    ['messages_tab_disabled', 'turn on the Messages tab'],
    ['accesslimited', 'allow the address of this server'],
    ['ekm_access_denied', 'ask whoever administers it'],
  ])('%s is told in words', async (error, words) => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'error', error });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(SlackRefusedError);
    expect(failure).toMatchObject({ code: error, message: expect.stringContaining(words) });
    expect(failure.message.length).toBeLessThan(200); // what the store keeps of it
    expect(failure.message).not.toContain(TOKEN);
  });

  it('says which channel to invite it to', async () => {
    const { slack, channel } = await given();
    addPlace(slack.workspace(), 'C0OPEN', { members: new Set() });
    const failure = await failureOf(channel.post(outgoing({ to: { kind: 'channel', id: 'C0OPEN' } })));
    expect(failure).toBeInstanceOf(RefusedError);
    expect(failure.message).toBe('Countersign is not in the channel C0OPEN: invite it there with /invite');
  });

  it('says that a channel is hidden, archived or read-only, and that a person is not there', async () => {
    const { slack, channel } = await given();
    addPlace(slack.workspace(), 'C0HIDDEN', { members: new Set(), isPrivate: true });
    addPlace(slack.workspace(), 'C0OLD', { isArchived: true });
    addPlace(slack.workspace(), 'C0NEWS', { isReadOnly: true });
    const say = async (kind: 'channel' | 'person', id: string) =>
      (await failureOf(channel.post(outgoing({ to: { kind, id } })))).message;
    expect(await say('channel', 'C0HIDDEN')).toBe(
      'Slack does not show the channel C0HIDDEN to Countersign: check its id, and if it is private, invite Countersign there with /invite',
    );
    expect(await say('channel', 'C0OLD')).toBe('The channel C0OLD is archived: name another one in the config');
    expect(await say('channel', 'C0NEWS')).toContain('does not let apps post in the channel C0NEWS');
    expect(await say('person', 'U0GONE')).toContain('Slack knows no person U0GONE');
  });

  it('names the scope that is missing', async () => {
    const { slack, channel } = await given();
    slack.workspace().scopes.delete('chat:write');
    expect((await failureOf(channel.post(outgoing()))).message).toBe(
      'Countersign lacks the Slack scope chat:write for chat.postMessage: add it under OAuth & Permissions, then install the app again',
    );
  });

  it('names the place in the blocks, and nothing of what they say', async () => {
    const { slack, channel } = await given();
    const messages = ['[ERROR] must not say hunter2 [json-pointer:/blocks/0/text/text]'];
    const extra = { response_metadata: { messages } };
    slack.script('chat.postMessage', { kind: 'error', error: 'invalid_blocks', extra });
    const { message } = await failureOf(channel.post(outgoing()));
    expect(message).toContain('(invalid_blocks at /blocks/0/text/text)');
    expect(message).not.toContain('hunter2');
  });
});
