import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CI_TOKEN, OTHER_TOKEN, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

const FRESH_TOKEN = 'fresh-token-0123456789abcdef0123456789';
const config = GATES.replace(`token: "\${OTHER_TOKEN}"`, `token: ["\${OTHER_TOKEN}", "${FRESH_TOKEN}"]`);

let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config });
});
afterAll(() => bot.end());

const asOther = { authorization: `Bearer ${OTHER_TOKEN}` };

describe('who calls', () => {
  it('is known by a bearer token; every other way is answered alike', async () => {
    const id = (await bot.opened({ gate: 'deploy' })).id;
    const before = (await bot.store.log(0)).length;
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      'Bearer nothing',
      'Bearer undefined',
      `Basic ${CI_TOKEN}`,
      CI_TOKEN,
      `Bearer ${CI_TOKEN} x`,
      `Bearer ${CI_TOKEN.slice(0, -1)}`,
      `Bearer ${CI_TOKEN.toUpperCase()}`,
      `Bearer ${'x'.repeat(600)}`,
    ]) {
      for (const [method, path, body] of [
        ['POST', '/v1/requests', { gate: 'deploy' }],
        ['GET', `/v1/requests/${id}`, undefined],
        ['POST', `/v1/requests/${id}/votes`, { person: 'ana', option: 'approve' }],
      ] as const) {
        const answer = await bot.call(method, path, body, { authorization });
        expect(answer.status, authorization).toBe(401);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(answer.json).toEqual({
          type: 'urn:countersign:problem:not-authenticated',
          title: 'Not authenticated',
          status: 401,
          detail: expect.any(String),
          instance: path,
        });
      }
    }
    expect((await bot.store.log(0)).length).toBe(before);
  });

  it('is asked before anything about the call is looked at', async () => {
    const unknown = { authorization: 'Bearer nothing' };
    expect((await bot.call('POST', '/v1/requests', '{"gate":', unknown)).status).toBe(401);
    expect((await bot.call('POST', '/v1/requests', { bogus: 1 }, unknown)).status).toBe(401);
    expect((await bot.call('GET', '/v1/requests/req_nothing', undefined, unknown)).status).toBe(401);
  });

  it('may have two tokens at once, while one takes the place of the other', async () => {
    for (const token of [OTHER_TOKEN, FRESH_TOKEN]) {
      const answer = await bot.call('GET', '/v1/whoami', undefined, { authorization: `Bearer ${token}` });
      expect(answer.json).toEqual({ pipeline: 'other', may: [], gates: ['deploy', 'deploy-two'] });
    }
    expect((await bot.call('GET', '/v1/whoami', undefined, { authorization: `bearer ${FRESH_TOKEN}` })).status).toBe(
      200,
    );
  });
});

describe('what a pipeline may do', () => {
  it('is open the gates that its patterns name, and no others', async () => {
    expect((await bot.call('POST', '/v1/requests', { gate: 'deploy-two' }, asOther)).status).toBe(201);
    for (const gate of ['chain', 'adhoc']) {
      const answer = await bot.call('POST', '/v1/requests', { gate, approvers: ['eve'], title: 'x' }, asOther);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  it('is see and change its own requests: foreign and unknown ids are answered alike', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const unknown = `req_${'0'.repeat(32)}`;
    const before = (await bot.store.log(0)).length;
    for (const [method, tail, body] of [
      ['GET', '', undefined],
      ['GET', '/gate', undefined],
      ['GET', '/gate?wait=5', undefined],
      ['GET', '/events', undefined],
      ['GET', '/receipt', undefined],
      ['POST', '/cancel', {}],
      ['POST', '/heartbeat', undefined],
      ['POST', '/comment', { text: 'x' }],
      ['POST', '/pause', {}],
      ['POST', '/resume', {}],
      ['POST', '/answer', { answer: 'x' }],
    ] as const) {
      const foreign = await bot.call(method, `/v1/requests/${id}${tail}`, body, asOther);
      const missing = await bot.call(method, `/v1/requests/${unknown}${tail}`, body, asOther);
      expect([foreign.status, missing.status], tail).toEqual([404, 404]);
      const [{ instance: _a, ...one }, { instance: _b, ...two }] = [foreign.json, missing.json];
      expect(one).toEqual(two);
    }
    expect((await bot.store.log(0)).length).toBe(before);
  });

  it('is act for people only where its config says so', async () => {
    const { json } = await bot.call('POST', '/v1/requests', { gate: 'deploy' }, asOther);
    for (const [tail, body, what] of [
      ['votes', { person: 'ana', option: 'approve' }, 'vote'],
      ['snooze', { person: 'ana', for: '1h' }, 'vote'],
      ['delegate', { from: 'ana', to: 'mia' }, 'vote'],
      ['information', { person: 'ana', question: 'why?' }, 'vote'],
      ['comment', { text: 'x', person: 'ana' }, 'vote'],
      ['answer', { answer: 'x', person: 'ana' }, 'vote'],
      ['review', { person: 'ana' }, 'vote'],
      ['bypass', { person: 'mia', reason: 'x' }, 'bypass'],
      ['reassign', { from: 'ana', to: 'mia' }, 'reassign'],
    ] as const) {
      const answer = await bot.call('POST', `/v1/requests/${json.id}/${tail}`, body, asOther);
      expect(answer.status, tail).toBe(403);
      expect(answer.json.detail).toContain(`may: [${what}]`);
    }
    const withdrawn = await bot.call('DELETE', `/v1/requests/${json.id}/votes/ana`, undefined, asOther);
    expect(withdrawn.status).toBe(403);
    expect((await bot.store.load(json.id))?.version).toBe(1);
  });
});

describe('whoever guesses tokens', () => {
  it('is answered 429 with Retry-After after many failures, while known tokens go on', async () => {
    const guarded = await startTestBot({ config: GATES });
    try {
      const guess = () => guarded.call('GET', '/v1/whoami', undefined, { authorization: 'Bearer guess' });
      const statuses = [];
      for (let i = 0; i < 70; i++) statuses.push((await guess()).status);
      expect(statuses.slice(0, 60)).toEqual(Array(60).fill(401));
      expect(statuses.slice(-5)).toEqual(Array(5).fill(429));
      const refused = await guess();
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect((await guarded.call('GET', '/v1/whoami')).status).toBe(200);
    } finally {
      await guarded.end();
    }
  });

  it('is told apart behind a proxy that TRUST_PROXY names, and by nobody else’s word', async () => {
    for (const [proxy, statusOfAnother] of [
      ['127.0.0.1', 401],
      ['10.0.0.7', 429],
    ] as const) {
      const guarded = await startTestBot({ config: GATES, env: { TRUST_PROXY: proxy } });
      try {
        const guess = async (from: string) => {
          const headers = { authorization: 'Bearer guess', 'x-forwarded-for': from };
          return (await guarded.call('GET', '/v1/whoami', undefined, headers)).status;
        };
        for (let i = 0; i < 61; i++) await guess('192.0.2.1');
        expect(await guess('192.0.2.1')).toBe(429);
        expect(await guess('192.0.2.2'), proxy).toBe(statusOfAnother);
      } finally {
        await guarded.end();
      }
    }
  });
});
