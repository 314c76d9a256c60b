import { describe, expect, it } from 'vitest';
import { RefusedError, UnavailableError } from '../../../../src/adapters/channel.ts';
import { addPlace } from '../../../fake/slack/world.ts';
import { approved, failureOf, given, NOW, outgoing, requestView } from './given.ts';

const toAna = { kind: 'person', id: 'U0ANA' } as const;

describe('a surface in Slack', () => {
  it('is posted with blocks, words and a key to find it by, and its reference is what an update needs', async () => {
    const { slack, channel } = await given();
    const ref = await channel.post(outgoing());
    const [message] = slack.messages('C0RELEASES');
    expect(ref).toEqual({ team: 'T0ACME', channel: 'C0RELEASES', ts: message?.ts });
    expect(message?.text).toContain('Deploy billing to production');
    expect(message?.blocks.length).toBeGreaterThan(1);
    expect(message?.metadata).toEqual({
      event_type: 'countersign_surface',
      event_payload: { key: 'dlv_1', request: 'req_01JGX0000000000000000000' },
    });
    expect(slack.calls.at(-1)?.args).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' });
  });

  it('to a person is a direct message, updated by its own conversation', async () => {
    const { slack, channel } = await given();
    const message = outgoing({ to: toAna });
    const ref = await channel.post(message);
    expect(ref).toMatchObject({ team: 'T0ACME', channel: 'D0ANA' });
    expect(await channel.update({ ...message, view: approved() }, ref)).toEqual(ref);
    expect(slack.messages('D0ANA')).toMatchObject([{ updates: 1, text: expect.stringContaining('Approved by Ana') }]);
  });

  it('shows the newest state after an update, and keeps its key', async () => {
    const { slack, channel } = await given();
    const ref = await channel.post(outgoing());
    await channel.update(outgoing({ view: approved() }), ref);
    expect(slack.messages()).toMatchObject([
      { updates: 1, text: expect.stringContaining('Approved'), metadata: { event_payload: { key: 'dlv_1' } } },
    ]);
  });

  it('that somebody deleted is posted anew while it is pending, once, however often that is tried', async () => {
    const { slack, channel } = await given();
    const ref = await channel.post(outgoing());
    for (const message of slack.state.messages) message.isDeleted = true;
    slack.script('chat.postMessage', { kind: 'drop', accepted: true });
    expect(await failureOf(channel.update(outgoing(), ref))).toBeInstanceOf(UnavailableError);
    const again = await channel.update(outgoing(), ref);
    expect(slack.messages('C0RELEASES').map(({ ts }) => ts)).toEqual([again.ts]);
    expect(again.ts).not.toBe(ref.ts);
  });

  it('that somebody deleted is left alone once the request has ended', async () => {
    const { slack, channel } = await given();
    const ref = await channel.post(outgoing());
    for (const message of slack.state.messages) message.isDeleted = true;
    expect(await channel.update(outgoing({ view: approved() }), ref)).toEqual(ref);
    expect(slack.messages()).toEqual([]);
  });

  it('that may not be changed any more is not posted twice: an operator is told', async () => {
    const { slack, channel } = await given();
    const ref = await channel.post(outgoing());
    slack.script('chat.update', { kind: 'error', error: 'edit_window_closed' });
    const error = await failureOf(channel.update(outgoing(), ref));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.message).toContain('without a time limit');
    expect(slack.messages().length).toBe(1);
  });

  it('is refused with a reference that is none', async () => {
    const { channel } = await given();
    expect(await failureOf(channel.update(outgoing(), { id: '1' }))).toBeInstanceOf(RefusedError);
  });

  it('ends its call when the attempt’s time is over', async () => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'hang' });
    const attempt = new AbortController();
    const posting = failureOf(channel.post(outgoing({ signal: attempt.signal })));
    while (slack.count('chat.postMessage') === 0) await new Promise(setImmediate);
    const reason = new Error('time is over');
    attempt.abort(reason);
    expect(await posting).toBe(reason);
  });
});

describe('looking for a message', () => {
  it('finds the one whose answer was lost', async () => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'drop', accepted: true });
    expect(await failureOf(channel.post(outgoing()))).toBeInstanceOf(UnavailableError);
    const [message] = slack.messages();
    expect(await channel.find(outgoing())).toEqual({ team: 'T0ACME', channel: 'C0RELEASES', ts: message?.ts });
  });

  it('finds none where the line was cut before Slack took it, and none under another key', async () => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'drop' });
    await failureOf(channel.post(outgoing()));
    expect(await channel.find(outgoing())).toBeNull();
    await channel.post(outgoing({ key: 'dlv_2' }));
    expect(await channel.find(outgoing())).toBeNull();
  });

  it('finds a direct message, whose conversation it has to ask for', async () => {
    const { slack, channel } = await given();
    slack.script('chat.postMessage', { kind: 'drop', accepted: true });
    await failureOf(channel.post(outgoing({ to: toAna })));
    expect(await channel.find(outgoing({ to: toAna }))).toMatchObject({ channel: 'D0ANA' });
    await channel.find(outgoing({ to: toAna }));
    expect(slack.count('conversations.open')).toBe(1);
  });

  it('finds a notice in the thread it belongs under', async () => {
    const { slack, channel } = await given();
    const thread = await channel.post(outgoing());
    const reminder = outgoing({ key: 'dlv_9', thread });
    slack.script('chat.postMessage', { kind: 'drop', accepted: true });
    await failureOf(channel.notify(reminder, { kind: 'history', sentence: 'Ana voted.' }));
    const found = await channel.find(reminder);
    expect(slack.messages().find(({ ts }) => ts === found?.ts)).toMatchObject({ threadTs: thread.ts });
  });

  it('is not taken in by another app’s message with the same key', async () => {
    const { slack, channel } = await given();
    await channel.post(outgoing());
    const [real] = slack.state.messages;
    if (real === undefined) throw new Error('Nothing was posted.');
    slack.state.messages.push({ ...real, ts: '9999999999.000001', user: 'U0OTHER', botId: 'B0OTHER' });
    slack.state.messages.push({ ...real, ts: '9999999999.000002', user: 'U0EVE', botId: null });
    expect(await channel.find(outgoing())).toMatchObject({ ts: real.ts });
  });

  it('looks through more than one page, and not past the request’s opening', async () => {
    const { slack, channel } = await given();
    await channel.post(outgoing());
    const [real] = slack.state.messages;
    if (real === undefined) throw new Error('Nothing was posted.');
    for (let n = 0; n < 450; n++)
      slack.state.messages.push({ ...real, metadata: null, ts: `${Math.floor(Number(real.ts)) + 1 + n}.000000` });
    expect(await channel.find(outgoing())).toMatchObject({ ts: real.ts });
    expect(slack.count('conversations.history')).toBe(3);
    const later = outgoing({ key: 'dlv_none', view: requestView({ openedAt: NOW + 86_400_000 }) });
    expect(await channel.find(later)).toBeNull();
    expect(slack.count('conversations.history')).toBe(4);
  });

  it.each([
    ['C0RELEASES', 'channels:history', 'channel'],
    ['U0ANA', 'im:history', 'person'],
    ['U0ANA', 'im:write', 'person'],
  ] as const)('in %s without %s finds nothing and says so in the log', async (id, scope, kind) => {
    const { slack, channel, lines } = await given();
    slack.workspace().scopes.delete(scope);
    expect(await channel.find(outgoing({ to: { kind, id } }))).toBeNull();
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { problem: expect.stringContaining(scope) }, message: expect.stringContaining('cannot be looked for') },
    ]);
  });

  it('says that it can’t tell while Slack is away, so that nothing is posted twice', async () => {
    const { slack, channel } = await given();
    slack.script('conversations.history', { kind: 'status', status: 503 });
    expect(await failureOf(channel.find(outgoing()))).toBeInstanceOf(UnavailableError);
  });
});

describe('a notice in Slack', () => {
  it('stands alone, mentions those who are in this workspace, and links to the request', async () => {
    const { slack, channel } = await given();
    await channel.notify(outgoing({ to: toAna, key: 'dlv_2' }), {
      kind: 'reminder',
      sentence: 'This still waits for <you> & others.',
      people: ['ana', 'ben', 'mia', 'cy'],
    });
    const [said] = slack.messages('D0ANA');
    expect(said?.text).toContain('waits for &lt;you&gt; &amp; others');
    expect(said?.text).toContain('<@U0ANA>');
    expect(said?.text).toContain('<@U0BEN>');
    expect(said?.text).not.toContain('U0MIA'); // that id is another workspace's
    expect(JSON.stringify(said?.blocks)).toContain('https://approve.acme.dev/requests/');
  });

  it('stands under its surface without being shown to the whole channel again', async () => {
    const { slack, channel } = await given();
    const thread = await channel.post(outgoing());
    const ref = await channel.notify(outgoing({ key: 'dlv_2', thread }), { kind: 'history', sentence: 'Ana voted.' });
    expect(slack.messages()).toMatchObject([{}, { ts: ref.ts, threadTs: thread.ts, isBroadcast: false }]);
  });

  it('stands beside it where somebody has deleted it', async () => {
    const { slack, channel } = await given();
    const thread = await channel.post(outgoing());
    for (const message of slack.state.messages) message.isDeleted = true;
    const message = outgoing({ key: 'dlv_2', thread });
    slack.script(
      'chat.postMessage',
      { kind: 'error', error: 'cannot_reply_to_message' },
      { kind: 'drop', accepted: true },
    );
    await failureOf(channel.notify(message, { kind: 'history', sentence: 'Ana voted.' }));
    expect(slack.messages()).toMatchObject([{ channel: 'C0RELEASES', threadTs: null }]);
    expect(await channel.find(message)).toMatchObject({ ts: slack.messages()[0]?.ts }); // so it is not said again
  });
});

describe('several workspaces', () => {
  const two = [
    { team: 'T0ACME', token: 'xoxb-acme' },
    { team: 'T0OTHER', token: 'xoxb-other', bot: { userId: 'U1BOT', botId: 'B1BOT', appId: 'A1APP' } },
  ];

  it('are each reached with their own token, by ids that name them', async () => {
    const { slack, channel } = await given({ fake: { workspaces: two } });
    addPlace(slack.workspace('T0OTHER'), 'C0BOARD');
    await Promise.all([
      channel.post(outgoing()),
      channel.post(outgoing({ key: 'dlv_2', to: { kind: 'channel', id: 'T0OTHER/C0BOARD' } })),
      channel.post(outgoing({ key: 'dlv_3', to: { kind: 'person', id: 'T0OTHER/U0MIA' } })),
      channel.post(outgoing({ key: 'dlv_4', to: { kind: 'person', id: 'T0ACME/U0BEN' } })),
    ]);
    const where = slack.state.messages.map(({ team, channel: place, botId }) => `${team}/${place} by ${botId}`);
    expect(where.sort()).toEqual([
      'T0ACME/C0RELEASES by B0BOT',
      'T0ACME/D0BEN by B0BOT',
      'T0OTHER/C0BOARD by B1BOT',
      'T0OTHER/D0MIA by B1BOT',
    ]);
  });

  it('are not mixed up: a message of one is neither found nor changed in another', async () => {
    const { channel } = await given({ fake: { workspaces: two } });
    const ref = await channel.post(outgoing());
    const there = outgoing({ to: { kind: 'channel', id: 'T0OTHER/C0RELEASES' } });
    expect(await channel.find(there)).toBeNull();
    const moved = await channel.update(there, { ...ref, team: 'T0OTHER' });
    expect(moved).toMatchObject({ team: 'T0OTHER' }); // posted anew there, the other one untouched
    expect(moved.ts).not.toBe(ref.ts);
  });

  it('that Countersign is not in are refused, and no other token is tried', async () => {
    const { slack, channel } = await given({ fake: { workspaces: two } });
    const error = await failureOf(channel.post(outgoing({ to: { kind: 'channel', id: 'T0NOBODY/C0RELEASES' } })));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.message).toBe('There is no bot token for the Slack workspace T0NOBODY: add it to the config');
    expect(slack.count('chat.postMessage')).toBe(0);
  });
});
