/** The dispatcher, the Slack channel and a local Slack together, in virtual time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Channel } from '../../../../src/adapters/channel.ts';
import { slackChannel } from '../../../../src/adapters/slack/send/channel.ts';
import { createWorkspaces } from '../../../../src/adapters/slack/send/workspaces.ts';
import { openSqlite } from '../../../../src/store/sqlite.ts';
import { notice, type Rig, rest, startRig, surface, through, VirtualTime } from '../../../bot/dispatch-parts.ts';
import { closed, commented, fold, signer } from '../../../contract/requests.ts';
import { type Fault, startSlack } from '../../../fake/slack/server.ts';
import { addPlace } from '../../../fake/slack/world.ts';
import { NOW, optionsOf, recordingLog } from './given.ts';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.end();
});

/** The channel, and how many of its calls are under way. */
function watched(channel: Channel): { readonly channel: Channel; readonly busy: () => number } {
  let busy = 0;
  const watch = async <Result>(call: Promise<Result>): Promise<Result> => {
    busy += 1;
    return call.finally(() => {
      busy -= 1;
    });
  };
  return {
    busy: () => busy,
    channel: {
      kind: channel.kind,
      minIntervalMs: channel.minIntervalMs,
      post: (message) => watch(channel.post(message)),
      update: (message, ref) => watch(channel.update(message, ref)),
      find: (message) => watch(channel.find(message)),
      notify: (message, said) => watch(channel.notify(message, said)),
    },
  };
}

async function city() {
  const time = new VirtualTime(NOW);
  const slack = await startSlack({ clock: time.clock });
  onTestFinished(() => slack.close());
  const { log } = recordingLog();
  const newChannel = () =>
    watched(
      slackChannel(createWorkspaces(optionsOf(slack), { log, clock: time.clock, timeoutMs: 5_000 }), {
        addressOf: () => null,
        log,
      }),
    );
  const { channel, busy } = newChannel();

  async function start(options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
    const rig = await startRig({ time, channels: [channel], ...options });
    rigs.push(rig);
    return rig;
  }

  /** Lets time pass, and each call to Slack end in the moment in which it began. */
  async function pass(ms: number): Promise<void> {
    const end = time.now + ms;
    for (;;) {
      do await rest();
      while (busy() > 0);
      const next = time.nextAt;
      if (next === null || next > end) break;
      await time.pass(Math.max(0, next - time.now));
    }
    time.now = end;
  }
  return { time, slack, start, pass };
}

describe('a message to Slack', () => {
  it('arrives once after two minutes of 429', async () => {
    const { time, slack, start, pass } = await city();
    const { open, only } = await start();
    const stormEnds = time.now + 120_000;
    slack.trouble = ({ method }) =>
      method.startsWith('chat.') && time.now < stormEnds ? { kind: 'rateLimited', retryAfter: 20 } : null;
    await open('req_1', surface('req_1'));
    await pass(119_000);
    expect(slack.messages()).toEqual([]);
    expect(slack.count('chat.postMessage')).toBeLessThanOrEqual(7); // it waits as long as it is told to
    await pass(480_000);
    expect(slack.messages().length).toBe(1);
    expect(await only()).toMatchObject({ state: 'sent', receipt: { team: 'T0ACME', channel: 'C0RELEASES' } });
  });

  it('arrives once after 429, then 500, then a cut line', async () => {
    const { slack, start, pass } = await city();
    const { open, only } = await start();
    const faults: readonly Fault[] = [
      { kind: 'rateLimited', retryAfter: 1 },
      { kind: 'status', status: 500 },
      { kind: 'drop' },
    ];
    slack.script('chat.postMessage', ...faults);
    await open('req_1', surface('req_1'));
    await pass(25_000);
    expect(slack.messages().length).toBe(1);
    expect(await only()).toMatchObject({ state: 'sent' });
  });

  it('that Slack took before the line was cut is found by its metadata and not posted again', async () => {
    const { slack, start, pass } = await city();
    const { open, states } = await start();
    slack.script('chat.postMessage', { kind: 'drop', accepted: true });
    await open('req_1', surface('req_1'), notice('req_1', { target: 'slack:C0RELEASES#notice' }));
    await pass(30_000);
    expect(slack.messages().length).toBe(2);
    expect(slack.count('chat.postMessage')).toBe(2);
    expect(Object.values(await states())).toEqual(['sent', 'sent']);
  });

  it('posted by a process that died before writing it down is found by the next one', async () => {
    const { time, slack, start, pass } = await city();
    const folder = await mkdtemp(join(tmpdir(), 'countersign-slack-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const openFile = () => openSqlite({ file: join(folder, 'db'), signer, fold, clock: time.clock });
    const first = await start({
      store: await openFile(),
      around: (store) => ({ ...through(store), settle: () => new Promise<void>(() => undefined) }),
    });
    const toAna = { to: { kind: 'person', id: 'U0ANA' }, viewer: 'ana' };
    await first.open('req_1', surface('req_1'), surface('req_1', { target: 'slack:U0ANA', payload: toAna }));
    await pass(3_000);
    expect(slack.messages().length).toBe(2);
    await rigs.pop()?.end();
    const second = await start({ store: await openFile() });
    await pass(10_000);
    expect(Object.values(await second.states())).toEqual(['sent', 'sent']);
    expect(slack.count('chat.postMessage')).toBe(2);
    expect(slack.messages().map(({ channel }) => channel)).toEqual(['C0RELEASES', 'D0ANA']);
  });

  it('is brought up to date once or twice by ten votes in a second, to the last of them', async () => {
    const { slack, start, pass } = await city();
    const { open, record, only } = await start();
    await open('req_1', surface('req_1'));
    await pass(5_000);
    for (let vote = 1; vote <= 9; vote++) {
      await record('req_1', [commented(`vote ${vote}`)]);
      await pass(100);
    }
    await record('req_1', [closed('approved')]);
    await pass(5_000);
    expect(slack.count('chat.update')).toBeLessThanOrEqual(2);
    expect(await only()).toMatchObject({ state: 'sent', shownVersion: 11 });
  });

  it('keeps to one a second in a channel, and no other channel waits for that', async () => {
    const { slack, start, pass } = await city();
    addPlace(slack.workspace(), 'C0OTHER');
    const { open, states } = await start();
    const to = (id: string) => ({ target: `slack:${id}`, payload: { to: { kind: 'channel', id }, viewer: null } });
    for (let n = 0; n < 12; n++)
      await open(`req_${n}`, surface(`req_${n}`, to('C0RELEASES')), surface(`req_${n}`, to('C0OTHER')));
    await pass(13_000);
    expect(slack.messages('C0RELEASES').length).toBe(12);
    expect(slack.messages('C0OTHER').length).toBe(12);
    expect(slack.count('chat.postMessage')).toBe(24); // none was answered with 429
    expect(new Set(Object.values(await states()))).toEqual(new Set(['sent']));
  });

  it('to a place that nobody can post to is dead at once, with words for an operator', async () => {
    const { slack, start, pass } = await city();
    addPlace(slack.workspace(), 'C0RELEASES', { members: new Set() });
    const { open, dead } = await start();
    await open('req_1', surface('req_1'));
    await pass(1_000);
    expect(dead).toMatchObject([
      { lastError: 'Countersign is not in the channel C0RELEASES: invite it there with /invite', attempts: 1 },
    ]);
  });

  it('arrives exactly once, whatever goes wrong on the way', async () => {
    const fault: fc.Arbitrary<Fault> = fc.oneof(
      fc.record({ kind: fc.constant('rateLimited' as const), retryAfter: fc.integer({ min: 0, max: 40 }) }),
      fc.record({ kind: fc.constant('status' as const), status: fc.constantFrom(500, 503) }),
      fc.record({
        kind: fc.constant('error' as const),
        error: fc.constantFrom('internal_error', 'fatal_error', 'odd'),
      }),
      fc.record({ kind: fc.constant('drop' as const), accepted: fc.boolean() }),
    );
    const { slack, start, pass } = await city();
    let runs = 0;
    const { open, states } = await start();
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 5 }), fc.array(fault, { maxLength: 2 }), async (posts, finds) => {
        const before = slack.messages().length;
        const id = `req_${++runs}`;
        slack.script('chat.postMessage', ...posts);
        slack.script('conversations.history', ...finds);
        await open(id, surface(id));
        await pass(3_600_000);
        slack.script('chat.postMessage');
        slack.script('conversations.history');
        expect(slack.messages().length - before).toBe(1);
      }),
      { numRuns: 25 },
    );
    expect(new Set(Object.values(await states()))).toEqual(new Set(['sent']));
  });
});
