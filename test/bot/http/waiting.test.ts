import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GateQuery } from '../../../src/bot/http/schemas.ts';
import { eventually, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config: GATES });
});
afterAll(() => bot.end());

const waiters = async () => Number(/^countersign_waiters (\d+)$/m.exec((await bot.call('GET', '/metrics')).text)?.[1]);
const nobodyWaits = () => eventually(async () => (await waiters()) === 0, 'everybody to be gone');
const somebodyWaits = () => eventually(async () => (await waiters()) > 0, 'somebody who waits');

describe('a long-poll', () => {
  it('is answered by the commit, within 50 ms, with the whole outcome', async () => {
    const took: number[] = [];
    for (let i = 0; i < 5; i++) {
      const { id } = await bot.opened({ gate: 'deploy' });
      let answeredAt = 0;
      const waiting = bot.call('GET', `/v1/requests/${id}`, undefined, { prefer: 'wait=20' }).then((answer) => {
        answeredAt = performance.now();
        return answer;
      });
      await somebodyWaits();
      let committedAt = 0;
      const stop = bot.store.subscribe(() => {
        committedAt = performance.now();
      });
      await bot.vote(id, 'ana');
      const answer = await waiting;
      stop();
      took.push(answeredAt - committedAt);
      expect(answer.headers.get('preference-applied')).toBe('wait=20');
      expect(answer.json).toMatchObject({
        status: 'approved',
        outcome: { status: 'approved', cause: 'votes', option: 'approve', inputs: {}, decidedBy: ['ana'] },
      });
    }
    // The median: other tests share the machine.
    expect(took.toSorted((a, b) => a - b)[2]).toBeLessThan(50);
    await nobodyWaits();
  });

  it('is answered at once when there is nothing to wait for', async () => {
    const { id } = await bot.opened({ gate: 'auto', context: { amount: 1 } });
    const answer = await bot.call('GET', `/v1/requests/${id}`, undefined, { prefer: 'wait=300' });
    expect(answer.json.status).toBe('approved');
  });

  it('is answered with the pending request when the time is over', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const began = performance.now();
    const answer = await bot.call('GET', `/v1/requests/${id}`, undefined, { prefer: 'respond-async, wait=1' });
    expect(performance.now() - began).toBeGreaterThan(950);
    expect([answer.status, answer.json.status]).toEqual([200, 'pending']);
    expect(answer.headers.get('preference-applied')).toBe('wait=1');
  });

  it('holds no longer than 300 seconds, and says so', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const waiting = bot.call('GET', `/v1/requests/${id}`, undefined, { prefer: 'wait=86400' });
    await somebodyWaits();
    await bot.vote(id, 'ana');
    expect((await waiting).headers.get('preference-applied')).toBe('wait=300');
  });

  it('is not what other preferences ask for', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    for (const prefer of ['return=minimal', 'wait=soon', 'wait=-5', 'await=5'])
      expect(
        (await bot.call('GET', `/v1/requests/${id}`, undefined, { prefer })).headers.get('preference-applied'),
      ).toBeNull();
  });

  it('goes on through votes that decide nothing yet', async () => {
    const { id } = await bot.opened({ gate: 'deploy-two' });
    const waiting = bot.call('GET', `/v1/requests/${id}`, undefined, { prefer: 'wait=20' });
    await somebodyWaits();
    await bot.vote(id, 'ana');
    await bot.vote(id, 'ben');
    const answer = await waiting;
    expect(answer.json.status).toBe('approved');
    expect(answer.json.votes).toHaveLength(2);
  });

  it('frees its place when the caller hangs up', async () => {
    await nobodyWaits();
    const { id } = await bot.opened({ gate: 'deploy' });
    const call = new AbortController();
    const waits = Array.from({ length: 5 }, () =>
      bot.call('GET', `/v1/requests/${id}/gate?wait=300`, undefined, {}, call.signal).catch(() => 'hung up'),
    );
    await eventually(async () => (await waiters()) === 5, 'five who wait');
    call.abort();
    expect(await Promise.all(waits)).toEqual(Array(5).fill('hung up'));
    await nobodyWaits();
  });
});

describe('the gate', () => {
  const gate = (id: string, query = '') => bot.call('GET', `/v1/requests/${id}/gate${query}`);

  it('answers pending with 202, or as it is asked, with Retry-After and the request', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    for (const [query, status] of [
      ['', 202],
      ['?pending=202', 202],
      ['?pending=503', 503],
      ['?pending=404', 404],
      ['?pending=200', 200],
    ] as const) {
      const answer = await gate(id, query);
      expect(answer.status).toBe(status);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.json).toMatchObject({ id, status: 'pending' });
    }
  });

  it('answers approved with 200', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    await bot.vote(id, 'ana');
    const answer = await gate(id, '?pending=503');
    expect([answer.status, answer.json.status, answer.headers.get('retry-after')]).toEqual([200, 'approved', null]);
  });

  it('answers rejected with 403, or 200 as it is asked', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    await bot.vote(id, 'ana', 'reject');
    expect((await gate(id)).status).toBe(403);
    const asked = await gate(id, '?rejected=200');
    expect([asked.status, asked.json.status]).toEqual([200, 'rejected']);
  });

  it('answers cancelled with 410', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    await bot.call('POST', `/v1/requests/${id}/cancel`);
    const answer = await gate(id);
    expect([answer.status, answer.json.outcome.cause]).toEqual([410, 'cancelled']);
  });

  it('holds no longer than 300 seconds, whatever it is asked', async () => {
    expect(GateQuery.parse({ wait: '300' }).wait).toBe(300);
    expect(GateQuery.parse({ wait: '86400' }).wait).toBe(300);
    const { id } = await bot.opened({ gate: 'auto', context: { amount: 1 } });
    expect((await gate(id, '?wait=86400')).status).toBe(200);
  });

  it('holds as long as it is asked to', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const began = performance.now();
    expect((await gate(id, '?wait=1')).status).toBe(202);
    expect(performance.now() - began).toBeGreaterThan(950);
    const waiting = gate(id, '?wait=20&pending=503');
    await somebodyWaits();
    await bot.vote(id, 'ben', 'reject');
    expect((await waiting).status).toBe(403);
  });
});
