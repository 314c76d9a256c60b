import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { RefusedError, UnavailableError } from '../../../../src/adapters/channel.ts';
import { createWorkspaces } from '../../../../src/adapters/slack/send/workspaces.ts';
import { failureOf, given, NOW, optionsOf, outgoing, recordingLog } from './given.ts';

const OTHER = { team: 'T0OTHER', token: 'xoxb-other', bot: { userId: 'U1BOT', botId: 'B1BOT', appId: 'A1APP' } };
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise(setImmediate);
};
/** Background pauses that a test lets end. */
function pauses() {
  const waiting: { readonly ms: number; readonly end: () => void }[] = [];
  const pause = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ ms, end: resolve });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  return { waiting, pause };
}

describe('the workspaces', () => {
  it('learn from their tokens who they are, and of which app', async () => {
    const { workspaces } = await given({ fake: { workspaces: [{}, OTHER] } });
    expect(workspaces.homeTeam()).toBeNull();
    expect(workspaces.problem()).toBe('Slack has not told yet who the bot token belongs to');
    workspaces.start();
    await until(() => workspaces.problem() === null && workspaces.bot('T0OTHER')?.appId === 'A1APP');
    await until(() => workspaces.bot(null)?.appId === 'A0APP');
    expect(workspaces.homeTeam()).toBe('T0ACME');
    expect(workspaces.teams).toEqual(['T0ACME', 'T0OTHER']);
    expect(workspaces.bot('T0ACME')).toEqual({ userId: 'U0BOT', botId: 'B0BOT', appId: 'A0APP' });
    expect(workspaces.bot('T0NOBODY')).toBeNull();
  });

  it('are usable where Slack does not say of which app they are', async () => {
    const { slack, workspaces } = await given();
    slack.workspace().scopes.delete('users:read');
    workspaces.start();
    await until(() => slack.count('bots.info') === 1);
    await workspaces.call(null, 'auth.test', {});
    expect(workspaces.bot(null)).toEqual({ userId: 'U0BOT', botId: 'B0BOT', appId: null });
    expect(workspaces.problem()).toBeNull();
  });

  it('start while Slack is away, and find out once it is back', async () => {
    const { waiting, pause } = pauses();
    const { slack, workspaces } = await given({ parts: { pause } });
    slack.trouble = () => ({ kind: 'status', status: 503 });
    workspaces.start();
    await until(() => waiting.length === 1);
    expect(workspaces.problem()).toBe('Slack answered auth.test with HTTP 503');
    waiting[0]?.end();
    await until(() => waiting.length === 2);
    slack.trouble = () => null;
    waiting[1]?.end();
    await until(() => workspaces.problem() === null);
    expect(waiting.map(({ ms }) => ms)).toEqual([1_000, 2_000]);
  });

  it('start with a token that is refused, say so, and do not pester Slack with it', async () => {
    const { waiting, pause } = pauses();
    const { slack, workspaces, lines } = await given({ parts: { pause } });
    slack.workspace().tokenProblem = 'invalid_auth';
    workspaces.start();
    await until(() => waiting.length === 1);
    expect(waiting[0]?.ms).toBe(300_000);
    expect(workspaces.problem()).toContain('Slack refuses the bot token: install the app again');
    for (let n = 0; n < 5; n++)
      expect(await failureOf(workspaces.call(null, 'chat.postMessage', {}))).toBeInstanceOf(RefusedError);
    expect(slack.count('auth.test')).toBe(1);
    expect(slack.count('chat.postMessage')).toBe(0);
    expect(inspect([lines, await failureOf(workspaces.identify(null))], { depth: 20 })).not.toContain('xoxb');
  });

  it('remember that a token was revoked until it works again', async () => {
    const { slack, workspaces, channel } = await given();
    await channel.post(outgoing());
    slack.workspace().tokenProblem = 'token_revoked';
    expect(await failureOf(channel.post(outgoing()))).toBeInstanceOf(RefusedError);
    expect(workspaces.problem()).toContain('The bot token was revoked');
    slack.workspace().tokenProblem = null;
    await channel.post(outgoing());
    expect(workspaces.problem()).toBeNull();
  });

  it('ask who a token belongs to once, however many calls wait for that', async () => {
    const { slack, workspaces } = await given();
    await Promise.all(Array.from({ length: 20 }, () => workspaces.call(null, 'users.info', { user: 'U0ANA' })));
    expect(slack.count('auth.test')).toBe(1);
  });

  it('never use a token for another workspace than it belongs to', async () => {
    const { slack } = await given({ fake: { workspaces: [{}, OTHER] } });
    const [home] = optionsOf(slack).workspaces;
    const misplaced = { team: 'T0OTHER', botToken: home.botToken, signingSecret: null };
    const { log } = recordingLog();
    const options = optionsOf(slack, { workspaces: [misplaced] });
    const workspaces = createWorkspaces(options, { log, clock: () => NOW });
    const error = await failureOf(workspaces.call('T0OTHER', 'chat.postMessage', { channel: 'C0RELEASES', text: 'x' }));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.message).toBe('The bot token given for the workspace T0OTHER belongs to T0ACME: check the tokens');
    expect(slack.count('chat.postMessage')).toBe(0);
  });

  it('refuse two tokens of one workspace', async () => {
    const { slack } = await given();
    const [home] = optionsOf(slack).workspaces;
    const { log } = recordingLog();
    const workspaces = createWorkspaces(optionsOf(slack, { workspaces: [home, home] }), { log, clock: () => NOW });
    await workspaces.identify(null);
    expect(workspaces.problem()).not.toBeNull();
    expect(await failureOf(workspaces.identify('T0ELSE'))).toBeInstanceOf(RefusedError);
    expect(workspaces.problem()).toBe('Two bot tokens belong to the workspace T0ACME: take one away');
  });

  it('cannot tell whether a workspace is theirs while one of them has not said who it is', async () => {
    const { slack, workspaces } = await given();
    slack.script('auth.test', { kind: 'status', status: 503 });
    expect(await failureOf(workspaces.identify('T0ACME'))).toBeInstanceOf(UnavailableError);
    expect(await workspaces.identify('T0ACME')).toBe('T0ACME');
    expect(await failureOf(workspaces.identify('T0ELSE'))).toBeInstanceOf(RefusedError);
  });
});
