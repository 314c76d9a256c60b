import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { StoreLockedError } from '../../../src/store/sqlite/lock.ts';
import { FakeChannel } from '../../fake/channel.ts';
import { type Sink, startSink } from '../../fake/sink.ts';
import { CALLBACK_SECRET, CI_TOKEN, eventually, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

const running: TestBot[] = [];
const sinks: Sink[] = [];
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close();
  for (const bot of running.splice(0)) await bot.end();
});
async function start(options: Partial<Parameters<typeof startTestBot>[0]> = {}): Promise<TestBot> {
  const bot = await startTestBot({ config: GATES, ...options });
  running.push(bot);
  return bot;
}
const count = async (bot: TestBot, name: string) =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await bot.call('GET', '/metrics')).text)?.[1]);

describe('a stop', () => {
  it('answers whoever waits, lets go of everything within ten seconds, and loses nothing', async () => {
    const slack = new FakeChannel('slack', Date.now);
    slack.trouble = () => 'deaf';
    const bot = await start({ channels: [slack] });
    const sink = await startSink({ secrets: [CALLBACK_SECRET] });
    sinks.push(sink);
    sink.always(() => 'hang');
    const told = await bot.opened({ gate: 'never', callback: { url: `${sink.url}/cb` } });
    await bot.vote(told.id, 'ana');
    await eventually(() => sink.received.length === 1, 'the callback that hangs');

    const { id } = await bot.opened({ gate: 'deploy' });
    const polls = Array.from({ length: 3 }, () => bot.call('GET', `/v1/requests/${id}/gate?wait=300`));
    const longPoll = bot.call('GET', `/v1/requests/${id}`, undefined, { prefer: 'wait=300' });
    const stream = bot.call('GET', `/v1/requests/${id}/events`, undefined, { accept: 'text/event-stream' });
    await eventually(async () => (await count(bot, 'countersign_waiters')) === 5, 'five who wait');
    // A caller that never finishes, and a connection that was opened ahead and never used.
    const { hostname, port } = new URL(bot.url);
    const [slow, unused] = [connect(Number(port), hostname), connect(Number(port), hostname)];
    for (const socket of [slow, unused]) socket.on('error', () => {});
    slow.write(
      `POST /v1/requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${CI_TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`,
    );

    const began = performance.now();
    const stopped = bot.stop();
    for (const poll of await Promise.all(polls)) expect([poll.status, poll.json.status]).toEqual([202, 'pending']);
    expect((await longPoll).json.status).toBe('pending');
    expect((await stream).text).toContain('event: opened');
    expect(performance.now() - began).toBeLessThan(1_000);
    await stopped;
    expect(performance.now() - began).toBeLessThan(10_000);
    slow.destroy();
    unused.destroy();
    await expect(fetch(`${bot.url}/healthz`)).rejects.toThrow();

    sink.always(() => ({ status: 204 }));
    running.splice(0);
    const again = await start({ folder: bot.folder, channels: [new FakeChannel('slack', Date.now)] });
    await eventually(() => sink.received.length === 2, 'the callback after the restart');
    expect(sink.received[1]?.headers['webhook-id']).toBe(sink.received[0]?.headers['webhook-id']);
    expect((await again.read(id)).status).toBe('pending');
  }, 20_000);

  it('leaves a signed checkpoint, so that a cut tail would be found', async () => {
    const bot = await start();
    await bot.opened({ gate: 'deploy' });
    await bot.stop();
    running.splice(0);
    const again = await start({ folder: bot.folder });
    const [last] = (await again.store.checkpoints()).slice(-1);
    expect(last).toMatchObject({ size: 1, signature: expect.stringMatching(/^.{80,}$/) });
  });

  it('takes up after a restart what came due meanwhile', async () => {
    let now = Date.parse('2026-03-02T09:00:00Z');
    const bot = await start({ wall: () => now });
    const { id } = await bot.opened({ gate: 'deploy' });
    await bot.stop();
    running.splice(0);
    now += 24 * 3_600_000;
    const again = await start({ wall: () => now, folder: bot.folder });
    expect((await again.vote(id, 'ana')).status).toBe(409);
    await again.tick();
    expect((await again.read(id)).outcome.cause).toBe('timeout');
  });
});

describe('a second process on the same file', () => {
  it('refuses to start with one line, and leaves the first alone', async () => {
    const bot = await start();
    const second = startTestBot({ config: GATES, folder: bot.folder });
    await expect(second).rejects.toThrow(StoreLockedError);
    const message = await second.catch((error: Error) => error.message);
    expect(message).toMatch(/^Another Countersign process uses .*countersign\.db: stop it first/);
    expect(message).not.toContain('\n');
    expect((await bot.call('POST', '/v1/requests', { gate: 'deploy' })).status).toBe(201);
  });
});

describe('a start that fails', () => {
  it('lets go of the file when the port is taken', async () => {
    const first = await start();
    const { port } = new URL(first.url);
    const other = await start();
    await other.stop();
    running.pop();
    await expect(startTestBot({ config: GATES, folder: other.folder, env: { PORT: port } })).rejects.toThrow(
      /EADDRINUSE/,
    );
    const again = await start({ folder: other.folder });
    expect((await again.call('GET', '/readyz')).status).toBe(200);
  });
});
