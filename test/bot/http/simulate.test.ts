/** test/bot/http/simulate.test.ts: POST /v1/simulate: what would be, over the API, with nothing kept and nothing sent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIMULATIONS_PER_MINUTE } from '../../../src/bot/limits.ts';
import { createClient } from '../../../src/client/index.ts';
import { CI_TOKEN, HOUR, handClock, OTHER_TOKEN, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let bot: TestBot;
const clock = handClock();
beforeAll(async () => {
  bot = await startTestBot({ config: GATES, wall: clock.wall });
});
afterAll(() => bot.end());

const simulate = (body: object, headers: Record<string, string> = {}) =>
  bot.call('POST', '/v1/simulate', body, headers);
const as = (token: string) => ({ authorization: `Bearer ${token}` });

describe('POST /v1/simulate', () => {
  it('answers the whole timeline, and keeps and sends nothing', async () => {
    const { status, json } = await simulate({ gate: 'nudge', context: { risk: 1 }, requester: 'ben', explain: 'ben' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      gate: 'nudge',
      at: '2026-03-02T09:00:00Z',
      opens: true,
      problem: null,
      asked: [{ person: { id: 'ana' } }, { person: { id: 'mia' } }],
      end: { status: 'rejected', cause: 'timeout', at: '2026-03-02T15:00:00Z' },
      explanation: { sentence: 'Ben Okoye may not vote on this.' },
    });
    expect(json.timeline.map(({ what }: { what: string }) => what)).toEqual([
      'opened',
      'asked',
      'reminder',
      'slaWarning',
      'reminder',
      'escalation',
      'slaBreach',
      'expired',
    ]);
    expect((await bot.call('GET', '/v1/requests')).json.requests).toEqual([]);
    expect((await bot.call('GET', '/v1/deliveries')).json.deliveries).toEqual([]);
  });

  it('says what the request then does', async () => {
    const { json } = await simulate({ gate: 'nudge', requester: 'ben' });
    const { id } = await bot.opened({ gate: 'nudge', requester: 'ben' });
    for (let hour = 0; hour < 12; hour += 1) {
      clock.advance(HOUR / 2);
      await bot.tick();
    }
    const real = (await bot.trail(id)).map(({ type, at }) => [type, at]);
    const names: Record<string, string> = {
      opened: 'opened',
      reminder: 'reminded',
      escalation: 'escalated',
      slaWarning: 'slaWarned',
      slaBreach: 'slaBreached',
      expired: 'closed',
    };
    const foreseen = json.timeline.flatMap(({ what, at }: { what: string; at: string }) =>
      names[what] === undefined ? [] : [[names[what], at.replace('Z', '.000Z')]],
    );
    expect(real).toEqual(foreseen);
  });

  it('takes a start, votes and overrides', async () => {
    const { json } = await simulate({
      gate: 'flexible',
      approvers: ['ana', 'mia'],
      quorum: 'all',
      at: '2026-12-24T22:00:00+01:00',
      votes: [
        { person: 'ana', option: 'approve', at: '+10m' },
        { person: 'mia', option: 'reject', at: '2026-12-24T21:20:00Z', reason: 'not on Christmas Eve' },
      ],
    });
    expect(json.problem).toMatchObject({ code: 'invalid-input', errors: [{ path: 'quorum' }] });
    const allowed = await simulate({
      gate: 'flexible',
      approvers: ['ana', 'mia'],
      at: '2026-12-24T22:00:00+01:00',
      votes: [{ person: 'mia', option: 'reject', at: '2026-12-24T21:20:00Z', reason: 'not on Christmas Eve' }],
    });
    expect(allowed.json).toMatchObject({ at: '2026-12-24T21:00:00Z', end: { status: 'rejected', cause: 'votes' } });
    expect(JSON.stringify(allowed.json.timeline)).toContain('not on Christmas Eve');
  });

  it('answers 200 where the request would be refused, and says why', async () => {
    const refused = await simulate({ gate: 'strict' });
    expect(refused).toMatchObject({ status: 200, json: { opens: false, problem: { code: 'requester-required' } } });
    const wrong = await simulate({ gate: 'deploy', requester: 'zoe', callback: { url: 'https://elsewhere.dev/x' } });
    expect(wrong.status).toBe(200);
    expect(wrong.json.problem.errors.map(({ path }: { path: string }) => path)).toContain('requester');
  });

  it('lets a pipeline look at its own gates only', async () => {
    expect((await simulate({ gate: 'strict' }, as(OTHER_TOKEN))).status).toBe(403);
    expect((await simulate({ gate: 'nonsense' })).status).toBe(422);
    expect((await simulate({ gate: 'deploy' }, as('wrong-token'))).status).toBe(401);
  });

  it('refuses times that are none', async () => {
    expect((await simulate({ gate: 'deploy', at: 'tomorrow' })).json.errors[0].path).toBe('at');
    expect((await simulate({ gate: 'deploy', at: '9000-01-01T00:00:00Z' })).status).toBe(422);
    const votes = [{ person: 'ana', option: 'approve', at: '2020-01-01T00:00:00Z' }];
    expect((await simulate({ gate: 'deploy', votes })).json.errors).toEqual([
      { path: 'votes.0.at', message: 'comes before the request is opened' },
    ]);
    expect((await simulate({ gate: 'deploy', nonsense: 1 })).status).toBe(400);
  });

  it('bears in mind that the gate is paused, and shows what comes all the same', async () => {
    const paused = await startTestBot({ config: GATES.replace('may: [', 'may: [pause, '), wall: clock.wall });
    try {
      const pausing = await paused.call('POST', '/v1/pauses', { gate: 'deploy', reason: 'release freeze' });
      expect(pausing.status, pausing.text).toBeLessThan(300);
      const { json } = await paused.call('POST', '/v1/simulate', { gate: 'deploy' });
      expect(json.notes[0]).toContain('The gate is paused now (release freeze)');
      expect(json.end.cause).toBe('timeout');
      expect((await paused.call('POST', '/v1/simulate', { gate: 'deploy-two' })).json.notes).toEqual([]);
    } finally {
      await paused.end();
    }
  });

  it('is answered 429 when a pipeline asks without end, while the others go on', async () => {
    const slow = await startTestBot({ config: GATES });
    try {
      const ask = (token: string) => slow.call('POST', '/v1/simulate', { gate: 'deploy' }, as(token));
      for (let i = 0; i < SIMULATIONS_PER_MINUTE; i += 1) expect((await ask(CI_TOKEN)).status).toBe(200);
      const answer = await ask(CI_TOKEN);
      expect(answer).toMatchObject({ status: 429, json: { type: 'urn:countersign:problem:too-many-simulations' } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await ask(OTHER_TOKEN)).status).toBe(200);
    } finally {
      await slow.end();
    }
  });

  it('is a method of the client', async () => {
    const client = createClient({ url: bot.url, token: CI_TOKEN });
    const simulation = await client.simulate({ gate: 'deploy', requester: 'ben@acme.dev', votes: [] });
    expect(simulation.opens).toBe(true);
    expect(simulation.timeline.map(({ what }) => what)).toEqual(['opened', 'asked', 'expired']);
  });
});
