import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Request } from '../../../src/bot/http/schemas.ts';
import { OTHER_TOKEN, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let bot: TestBot;
const ids: Record<string, string> = {};
beforeAll(async () => {
  bot = await startTestBot({ config: GATES });
  for (const [name, body] of Object.entries({
    first: { gate: 'deploy', context: { service: 'billing' }, requester: 'eve' },
    second: { gate: 'deploy-two', title: '100 % of _all_ Traffic\\now' },
    third: { gate: 'chain' },
    decided: { gate: 'deploy', context: { service: 'search' } },
    cancelled: { gate: 'never' },
  }))
    ids[name] = (await bot.opened(body)).id;
  await bot.vote(ids.decided ?? '', 'ana', 'reject', { reason: 'not now' });
  await bot.vote(ids.third ?? '', 'ana');
  await bot.call('POST', `/v1/requests/${ids.cancelled}/cancel`);
  await bot.call('POST', '/v1/requests', { gate: 'deploy' }, { authorization: `Bearer ${OTHER_TOKEN}` });
});
afterAll(() => bot.end());

const list = async (query: string) => {
  const answer = await bot.call('GET', `/v1/requests${query}`);
  expect(answer.status, answer.text).toBe(200);
  const names = new Map(Object.entries(ids).map(([name, id]) => [id, name]));
  return {
    names: answer.json.requests.map(({ id }: { id: string }) => names.get(id)),
    cursor: answer.json.cursor,
    requests: answer.json.requests,
  };
};

describe('the list', () => {
  it('holds the pipeline’s own requests, newest first', async () => {
    expect((await list('')).names).toEqual(['cancelled', 'decided', 'third', 'second', 'first']);
    const others = await bot.call('GET', '/v1/requests', undefined, { authorization: `Bearer ${OTHER_TOKEN}` });
    expect(others.json.requests).toHaveLength(1);
  });

  it('is filtered by status, gate, title and by who is asked', async () => {
    expect((await list('?status=pending')).names).toEqual(['third', 'second', 'first']);
    expect((await list('?status=rejected')).names).toEqual(['decided']);
    expect((await list('?status=cancelled')).names).toEqual(['cancelled']);
    expect((await list('?status=approved')).names).toEqual([]);
    expect((await list('?gate=deploy')).names).toEqual(['decided', 'first']);
    expect((await list('?gate=deploy&status=pending')).names).toEqual(['first']);
    expect((await list('?q=BILLING')).names).toEqual(['first']);
    expect((await list('?approver=ana')).names).toEqual(['second', 'first']);
    expect((await list('?approver=mia')).names).toEqual(['third']);
    expect((await list('?approver=nobody')).names).toEqual([]);
  });

  it('looks for text as it is written, not for patterns', async () => {
    for (const text of ['100 %', '_all_', '\\now'])
      expect((await list(`?q=${encodeURIComponent(text)}`)).names).toEqual(['second']);
    expect((await list(`?q=${encodeURIComponent('100_%')}`)).names).toEqual([]);
    expect((await list(`?q=${encodeURIComponent('%')}`)).names).toEqual(['second']);
    expect((await list(`?q=${encodeURIComponent("' OR '1'='1")}`)).names).toEqual([]);
  });

  it('comes in pages that neither skip nor repeat, while others open more', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(
        `?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      expect(page.names.length).toBeLessThanOrEqual(2);
      seen.push(...page.names);
      cursor = page.cursor;
    } while (cursor !== null);
    expect(seen).toEqual(['cancelled', 'decided', 'third', 'second', 'first']);
  });

  it('shows each request as the request’s own address does', async () => {
    for (const request of (await list('')).requests) expect(await bot.read(request.id)).toEqual(request);
  });
});

describe('a request as JSON', () => {
  it('is described whole by the schema that /openapi.json is made from', async () => {
    const { id } = await bot.opened({
      gate: 'breakable',
      requester: 'eve',
      fields: [{ label: 'a', value: 'b' }],
      artifacts: [{ name: 'a', url: 'https://a.dev' }],
      subject: { name: 's' },
    });
    await bot.call('POST', `/v1/requests/${id}/comment`, { text: 'hello' });
    await bot.call('POST', `/v1/requests/${id}/comment`, { text: 'hello', person: 'cy' });
    await bot.call('POST', `/v1/requests/${id}/information`, { person: 'ana', question: 'why?' });
    await bot.call('POST', `/v1/requests/${id}/answer`, { answer: 'because' });
    await bot.call('POST', `/v1/requests/${id}/bypass`, { person: 'mia', reason: 'on fire' });
    await bot.call('POST', `/v1/requests/${id}/review`, { person: 'ana', note: 'fine' });
    const formed = await bot.opened({ gate: 'reasoned' });
    await bot.vote(formed.id, 'ana', 'approve', { reason: 'x', inputs: { window: 'now', percent: 5 } });
    for (const request of [
      await bot.read(id),
      await bot.read(formed.id),
      await bot.read(ids.decided ?? ''),
      await bot.read(ids.first ?? ''),
    ])
      expect(Request.parse(request)).toEqual(request); // parsing leaves out what is not described
  });

  it('says who voted what, when and through what', async () => {
    const request = await bot.read(ids.decided ?? '');
    expect(request.votes).toEqual([
      {
        person: 'ana',
        stage: 'approval',
        option: 'reject',
        outcome: 'rejected',
        via: 'api',
        pipeline: 'ci',
        reason: 'not now',
        inputs: {},
        onBehalfOf: null,
        counts: true,
        at: expect.stringMatching(/Z$/),
      },
    ]);
    expect(request.outcome).toEqual({
      status: 'rejected',
      cause: 'votes',
      option: 'reject',
      inputs: {},
      reason: 'not now',
      decidedBy: ['ana'],
      decidedAt: request.votes[0].at,
    });
  });

  it('is kept out of caches', async () => {
    const answer = await bot.call('GET', `/v1/requests/${ids.first}`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('the trail', () => {
  it('has every time as RFC 3339, and what the pipeline sent as it was sent', async () => {
    const { id, expiresAt } = await bot.opened({ gate: 'deploy', context: { until: 5, expiresAt: 6, at: 7 } });
    await bot.call('POST', `/v1/requests/${id}/snooze`, { person: 'ana', until: '2099-01-02T03:04:05Z' });
    await bot.vote(id, 'ana');
    const events = await bot.trail(id);
    const { outcome } = await bot.read(id);
    expect(events).toMatchObject([
      { type: 'opened', expiresAt, content: { context: { until: 5, expiresAt: 6, at: 7 } } },
      { type: 'snoozed', until: '2099-01-02T03:04:05.000Z' },
      { type: 'voted' },
      { type: 'stagePassed' },
      { type: 'closed', outcome },
    ]);
    const endless = await bot.opened({ gate: 'never' });
    expect((await bot.trail(endless.id))[0].expiresAt).toBeNull();
    const times = JSON.stringify(events.map(({ content: _, ...event }) => event)).match(/\d{13,}/g) ?? [];
    expect(times.filter((number) => Math.abs(Number(number) - Date.now()) < 1e12)).toEqual([]);
  });
});
