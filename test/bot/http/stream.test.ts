import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CI_TOKEN, eventually, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config: GATES });
});
afterAll(() => bot.end());

interface Sent {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read foreign JSON
  readonly data: any;
}

/** Reads a stream of events as a browser's EventSource would. */
async function listen(id: string, headers: Record<string, string> = {}) {
  const call = new AbortController();
  const answer = await fetch(`${bot.url}/v1/requests/${id}/events`, {
    headers: { authorization: `Bearer ${CI_TOKEN}`, accept: 'text/event-stream', ...headers },
    signal: call.signal,
  });
  const events: Sent[] = [];
  const over = (async () => {
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) return;
      rest += value;
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        if (!block.startsWith(':'))
          events.push({ id: field('id'), event: field('event'), data: JSON.parse(field('data')) });
      }
    }
  })();
  return { answer, events, over, hangUp: () => call.abort() };
}

const types = (events: readonly Sent[]) => events.map(({ event }) => event);

describe('the stream of a request', () => {
  it('sends what happened and what happens, and ends after the outcome', async () => {
    const { id } = await bot.opened({ gate: 'deploy-two' });
    const stream = await listen(id);
    expect(stream.answer.headers.get('content-type')).toContain('text/event-stream');
    await eventually(() => stream.events.length === 1, 'what happened before');
    await bot.vote(id, 'ana');
    await eventually(() => stream.events.length === 2, 'the first vote');
    await bot.vote(id, 'ben');
    await stream.over;
    expect(types(stream.events)).toEqual(['opened', 'voted', 'voted', 'stagePassed', 'closed']);
    expect(stream.events.map((event) => event.id)).toEqual(['1', '2', '3', '4', '5']);
    expect(stream.events.map(({ data }) => data)).toEqual(await bot.trail(id));
  });

  it('goes on after Last-Event-ID, so that a lost connection loses nothing', async () => {
    const { id } = await bot.opened({ gate: 'deploy-two' });
    await bot.vote(id, 'ana');
    await bot.vote(id, 'ben');
    const stream = await listen(id, { 'last-event-id': '2' });
    await stream.over;
    expect(types(stream.events)).toEqual(['voted', 'stagePassed', 'closed']);
  });

  it('begins at the beginning where Last-Event-ID makes no sense', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    await bot.vote(id, 'ana');
    for (const lastEventId of ['x', '-1', '1e3']) {
      const stream = await listen(id, { 'last-event-id': lastEventId });
      await stream.over;
      expect(types(stream.events)).toEqual(['opened', 'voted', 'stagePassed', 'closed']);
    }
  });

  it('misses nothing, however many commands come at once, and keeps their order', async () => {
    const { id } = await bot.opened({ gate: 'deploy-two' });
    const streams = await Promise.all(Array.from({ length: 5 }, () => listen(id)));
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => bot.call('POST', `/v1/requests/${id}/comment`, { text: `${i}` })),
    );
    await Promise.all([bot.vote(id, 'ana'), bot.vote(id, 'ben'), bot.vote(id, 'cy')]);
    for (const stream of streams) {
      await stream.over;
      expect(stream.events.map(({ data }) => data)).toEqual(await bot.trail(id));
    }
  });

  it('frees its place when the caller hangs up', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const stream = await listen(id);
    const waiters = async () => /^countersign_waiters (\d+)$/m.exec((await bot.call('GET', '/metrics')).text)?.[1];
    await eventually(async () => (await waiters()) === '1', 'the stream to be counted');
    stream.hangUp();
    await expect(stream.over).rejects.toThrow();
    await eventually(async () => (await waiters()) === '0', 'the place to be free');
    await bot.vote(id, 'ana');
  });
});

describe('the trail', () => {
  it('is what happened as JSON, each with its place in the chain', async () => {
    const { id } = await bot.opened({ gate: 'deploy', requester: 'eve' });
    await bot.vote(id, 'ana', 'approve', { reason: 'fine' });
    const trail = await bot.trail(id);
    expect(trail.map(({ version, type }) => [version, type])).toEqual([
      [1, 'opened'],
      [2, 'voted'],
      [3, 'stagePassed'],
      [4, 'closed'],
    ]);
    for (const event of trail) {
      expect(event.at).toMatch(/^\d{4}-.*Z$/);
      expect(event.hash).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(new Set(trail.map(({ hash }) => hash)).size).toBe(4);
    expect(trail[1].vote).toMatchObject({
      person: 'ana',
      option: 'approve',
      reason: 'fine',
      via: 'api',
      pipeline: 'ci',
    });
    expect(trail[3].outcome).toMatchObject({ status: 'approved', decidedBy: ['ana'] });
  });
});
