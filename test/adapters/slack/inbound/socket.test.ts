/** test/adapters/slack/inbound/socket.test.ts: Socket Mode: the same calls by a connection that we open. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { createInbox } from '../../../../src/adapters/slack/inbound/inbox.ts';
import { createSocket } from '../../../../src/adapters/slack/inbound/socket.ts';
import { createWorkspaces } from '../../../../src/adapters/slack/send/workspaces.ts';
import { gate } from '../../../engine/house.ts';
import { controlOf } from '../../../fake/slack/controls.ts';
import { startSlack } from '../../../fake/slack/server.ts';
import { type House, type Line, openHouse } from './house.ts';
import { type SocketMode, startSocketMode } from './socket-mode.ts';

async function openBySocket(): Promise<House & { readonly mode: SocketMode }> {
  const given: { mode?: SocketMode } = {};
  const house = await openHouse({
    socketMode: async (webApiUrl) => {
      given.mode = await startSocketMode(webApiUrl);
      return given.mode;
    },
  });
  const { mode } = given;
  if (mode === undefined) throw new Error('there is no Socket Mode');
  await vi.waitFor(() => expect(mode.open).toBe(1));
  return { ...house, mode };
}

describe('by socket', () => {
  it('a click counts, and is acknowledged when it is recorded', async () => {
    const { people, memory, ask, mode } = await openBySocket();
    const { id, message } = await ask();
    let letGo = (): void => undefined;
    memory.hold = new Promise((resolve) => {
      letGo = resolve;
    });
    let isAcked = false;
    const payload = people.clickPayload('U0ANA', message, controlOf(message, /^Approve$/));
    const ack = mode.deliver('interactive', payload).then((answer) => {
      isAcked = true;
      return answer;
    });
    await vi.waitFor(() => expect(memory.acted).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAcked).toBe(false);
    letGo();
    expect(await ack).toBeNull();
    expect(memory.state(id).status).toBe('approved');
  });

  it('a click that fails is not acknowledged', async () => {
    const { people, memory, ask, mode, lines } = await openBySocket();
    const { message } = await ask();
    const bug = Promise.reject(new Error('a bug'));
    bug.catch(() => undefined);
    memory.hold = bug;
    let isAcked = false;
    const payload = people.clickPayload('U0ANA', message, controlOf(message, /^Approve$/));
    void mode.deliver('interactive', payload).then(() => {
      isAcked = true;
    });
    await vi.waitFor(() => expect(lines.map(({ message: said }) => said)).toContain('a call from Slack failed'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAcked).toBe(false);
  });

  it('a form is answered in its acknowledgement', async () => {
    const { people, memory, ask, mode, modal } = await openBySocket();
    const { message } = await ask(gate(['ana'], 1, { requireReason: ['approve'] }));
    const payload = people.clickPayload('U0ANA', message, controlOf(message, /^Approve$/));
    await mode.deliver('interactive', payload);
    await vi.waitFor(() => expect(modal().user).toBe('U0ANA'));
    const submit = (reason: string | undefined) =>
      mode.deliver(
        'interactive',
        people.submitPayload('U0ANA', modal(), () => reason),
      );
    expect(await submit(undefined)).toMatchObject({ response_action: 'errors' });
    expect(await submit('because')).toEqual({ response_action: 'clear' });
    expect(memory.commits).toBe(2);
  });

  it('a command is answered in its acknowledgement', async () => {
    const { mode, memory } = await openBySocket();
    const sample = z
      .object({ json: z.object({ payload: z.record(z.string(), z.unknown()) }) })
      .parse(JSON.parse(readFileSync(new URL('payloads/socketmode__slash_commands.json', import.meta.url), 'utf8')));
    const mine = { ...sample.json.payload, team_id: 'T0ACME', user_id: 'U0ANA', api_app_id: 'A0APP', text: 'all' };
    const ack = await mode.deliver('slash_commands', mine);
    expect(ack).toMatchObject({ response_type: 'ephemeral', text: 'You said: all' });
    expect(memory.lines).toEqual(['ana: all']);
  });

  it('another app’s call and a stranger’s are refused as anywhere else', async () => {
    const { people, memory, ask, mode, told } = await openBySocket();
    const { message } = await ask();
    const payload = people.clickPayload('U0ANA', message, controlOf(message, /^Approve$/));
    await mode.deliver('interactive', { ...payload, api_app_id: 'A0EVIL' });
    const stranger = people.clickPayload('U0EVE', message, controlOf(message, /^Approve$/));
    await mode.deliver('interactive', stranger);
    await vi.waitFor(() => expect(told('U0EVE')).toContain('T0ACME/U0EVE'));
    expect(memory.acted).toEqual([]);
  });

  it('an event is acknowledged and heard once', async () => {
    const { mode, slack } = await openBySocket();
    const event = {
      type: 'event_callback',
      event_id: 'Ev0ONE',
      team_id: 'T0ACME',
      api_app_id: 'A0APP',
      event: { type: 'app_home_opened', user: 'U0ANA', channel: 'D0ANA', tab: 'home' },
    };
    await mode.deliver('events_api', event);
    await mode.deliver('events_api', event);
    await vi.waitFor(() => expect(slack.count('views.publish')).toBe(1));
  });

  it('there is no HTTP door', async () => {
    const { app } = await openBySocket();
    expect((await app.inject({ method: 'POST', url: '/slack/events' })).statusCode).toBe(404);
  });
});

describe('the connection', () => {
  async function bare(trouble: SocketMode['trouble'] = null) {
    const slack = await startSlack();
    const mode = await startSocketMode(slack.apiUrl);
    mode.trouble = trouble;
    const lines: Line[] = [];
    const say = (level: Line['level']) => (fields: object, message: string) =>
      void lines.push({ level, fields, message });
    const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
    const { appToken, apiUrl } = mode;
    const home = { team: null, botToken: slack.workspace().token, signingSecret: null };
    const workspaces = createWorkspaces({ workspaces: [home], appToken, apiUrl }, { log, clock: Date.now });
    const inbox = createInbox(workspaces, { log, clock: Date.now });
    const socket = createSocket({ appToken, apiUrl, inbox, log, firstBackoffMs: 5 });
    onTestFinished(async () => {
      await socket.stop();
      await mode.close();
      await slack.close();
    });
    return { mode, socket, lines };
  }

  it.each<[string, SocketMode['trouble']]>([
    ['is down', { status: 503, body: {} }],
    ['refuses the token', { status: 200, body: { ok: false, error: 'invalid_auth' } }],
    ['wants fewer calls', { status: 429, body: { ok: false, error: 'ratelimited' } }],
    ['drops the line', 'drop'],
  ])('is tried again and again while Slack %s, and then is there', async (_, trouble) => {
    const { mode, socket, lines } = await bare(trouble);
    socket.start();
    const tries = (): number => lines.filter(({ message }) => message === 'no socket to Slack').length;
    await vi.waitFor(() => expect(tries()).toBeGreaterThan(2), 3_000);
    expect(socket.problem()).toContain('Socket Mode');
    expect(JSON.stringify(lines)).not.toContain(mode.appToken);
    mode.trouble = null;
    await vi.waitFor(() => expect(mode.open).toBe(1), 5_000);
    await vi.waitFor(() => expect(socket.problem()).toBeNull());
  });

  it('is opened anew when Slack renews it, and when the line is cut', async () => {
    const { mode, socket } = await bare();
    const opened = (): number => mode.asked;
    socket.start();
    await vi.waitFor(() => expect([opened(), mode.open]).toEqual([1, 1]));
    mode.refresh();
    await vi.waitFor(() => expect([opened(), mode.open]).toEqual([2, 1]), 3_000);
    mode.cut();
    await vi.waitFor(() => expect([opened(), mode.open]).toEqual([3, 1]), 3_000);
  });

  it('stops at once, with a socket and without one', async () => {
    const { mode, socket } = await bare();
    socket.start();
    await vi.waitFor(() => expect(mode.open).toBe(1));
    await socket.stop();
    await vi.waitFor(() => expect(mode.open).toBe(0));
    const away = await bare({ status: 503, body: {} });
    away.socket.start();
    await vi.waitFor(() => expect(away.lines).not.toEqual([]));
    await away.socket.stop();
    const before = away.lines.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(away.lines.length).toBe(before);
  });
});
