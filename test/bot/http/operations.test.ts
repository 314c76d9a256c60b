import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR, handClock, MINUTE, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

const clock = handClock();
let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config: GATES, wall: clock.wall });
});
afterAll(() => bot.end());

const anonymous = { authorization: '' };
const get = (path: string) => bot.call('GET', path, undefined, anonymous);

describe('operations', () => {
  it('/healthz and /readyz say that the process is alive and can commit', async () => {
    expect((await get('/healthz')).json).toEqual({ status: 'ok' });
    const ready = await get('/readyz');
    expect([ready.status, ready.json]).toEqual([200, { status: 'ready', deadLetters: 0, unheard: 0 }]);
  });

  it('/metrics shows what is pending, how old it is, what was decided, refused and delivered', async () => {
    const metrics = await startTestBot({ config: GATES, wall: clock.wall });
    try {
      const first = await metrics.opened({ gate: 'deploy' });
      clock.advance(10 * MINUTE);
      const second = await metrics.opened({ gate: 'deploy-two', callback: { url: 'http://127.0.0.1:9/x' } });
      await metrics.opened({ gate: 'nudge' });
      await metrics.vote(first.id, 'ana', 'reject');
      await metrics.vote(first.id, 'ben');
      await metrics.vote(second.id, 'ana');
      clock.advance(HOUR + 30_000);
      await metrics.tick();
      const { text, headers } = await metrics.call('GET', '/metrics');
      expect(headers.get('content-type')).toContain('text/plain');
      const figure = (name: string) =>
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(`${name} `))
            ?.split(' ')[1],
        );
      expect(figure('countersign_requests_pending')).toBe(1);
      expect(figure('countersign_oldest_pending_seconds')).toBe(3_630);
      expect(figure('countersign_requests_opened_total{gate="deploy"}')).toBe(1);
      expect(figure('countersign_requests_closed_total{gate="deploy",status="rejected",cause="votes"}')).toBe(1);
      expect(figure('countersign_requests_closed_total{gate="deploy-two",status="rejected",cause="timeout"}')).toBe(1);
      expect(figure('countersign_votes_total{via="api",outcome="rejected"}')).toBe(1);
      expect(figure('countersign_votes_total{via="api",outcome="approved"}')).toBe(1);
      expect(figure('countersign_refusals_total{refusal="already_closed"}')).toBe(1);
      expect(figure('countersign_decision_seconds_sum{gate="deploy"}')).toBe(600);
      expect(figure('countersign_tick_lag_seconds')).toBe(30);
      expect(figure('countersign_tick_seconds_count')).toBeGreaterThanOrEqual(1);
      const states = ['queued', 'sending', 'sent', 'failed', 'dead'].map((state) =>
        figure(`countersign_deliveries{state="${state}"}`),
      );
      expect(states.reduce((sum, count) => sum + count, 0)).toBe(1);
    } finally {
      await metrics.end();
    }
  });

  it('/docs shows the API to people', async () => {
    const answer = await get('/docs/');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/html');
  });
});

describe('/openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { json } = await get('/openapi.json');
    expect(json.openapi).toMatch(/^3\.1\./);
    const checked = await new Validator().validate(json);
    expect(checked.errors ?? []).toEqual([]);
    expect(checked.valid).toBe(true);
  });

  it('describes every call of the API and nothing else', async () => {
    const { paths } = (await get('/openapi.json')).json;
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const commands = [
      'votes',
      'cancel',
      'heartbeat',
      'comment',
      'information',
      'answer',
      'pause',
      'resume',
      'snooze',
      'delegate',
      'reassign',
      'bypass',
      'review',
      'nudge',
    ];
    expect(calls.toSorted()).toEqual(
      [
        'POST /v1/requests',
        'GET /v1/requests',
        'GET /v1/requests/{id}',
        'GET /v1/requests/{id}/gate',
        'GET /v1/requests/{id}/events',
        'GET /v1/requests/{id}/receipt',
        'DELETE /v1/requests/{id}/votes/{person}',
        ...commands.map((command) => `POST /v1/requests/{id}/${command}`),
        'GET /v1/deliveries',
        'POST /v1/deliveries/{id}/retry',
        'POST /v1/pauses',
        'GET /v1/pauses',
        'GET /v1/pauses/{id}',
        'DELETE /v1/pauses/{id}',
        'POST /v1/pauses/{id}/resume',
        'GET /v1/stats',
        'POST /v1/simulate',
        'GET /v1/whoami',
        'GET /.well-known/jwks.json',
        'GET /healthz',
        'GET /readyz',
        'GET /metrics',
      ].toSorted(),
    );
  });

  it('says of each call whether it needs a token, what it answers, and that errors are problem+json', async () => {
    const { paths, components, security } = (await get('/openapi.json')).json;
    expect(security).toEqual([{ pipeline: [] }]);
    expect(components.securitySchemes.pipeline).toEqual({ type: 'http', scheme: 'bearer' });
    for (const [path, methods] of Object.entries<
      Record<
        string,
        { summary: string; security?: object[]; responses: Record<string, { description: string; content?: object }> }
      >
    >(paths)) {
      for (const [method, call] of Object.entries(methods)) {
        const name = `${method} ${path}`;
        expect(call.summary, name).toBeTruthy();
        if (path.startsWith('/v1/')) {
          expect(call.security, name).toBeUndefined();
          expect(Object.keys(call.responses), name).toContain('401');
        } else expect(call.security, name).toEqual([]);
        expect(
          Object.keys(call.responses).some((status) => status.startsWith('2')),
          name,
        ).toBe(true);
        for (const [status, { description, content }] of Object.entries(call.responses)) {
          expect(description, name).not.toBe('Default Response');
          if (status === 'default' || (Number(status) >= 400 && path.startsWith('/v1/')))
            expect(Object.keys(content ?? {}), `${name} ${status}`).toContain('application/problem+json');
        }
      }
    }
  });

  it('describes the callback as a webhook', async () => {
    const { webhooks } = (await get('/openapi.json')).json;
    expect(Object.keys(webhooks)).toEqual(['request.approved', 'request.rejected', 'request.cancelled']);
  });
});

describe('off loopback', () => {
  it('/metrics, /docs and /openapi.json need a pipeline’s token, while health and keys stay open', async () => {
    const outside = await startTestBot({ config: GATES, env: { HOST: '0.0.0.0' } });
    try {
      for (const path of ['/metrics', '/docs/', '/docs/json', '/docs/static/index.html', '/openapi.json']) {
        expect((await outside.call('GET', path, undefined, anonymous)).status, path).toBe(401);
        expect((await outside.call('GET', path, undefined, { authorization: 'Bearer nothing' })).status, path).toBe(
          401,
        );
        expect((await outside.call('GET', path)).status, path).toBe(200);
      }
      for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json'])
        expect((await outside.call('GET', path, undefined, anonymous)).status, path).toBe(200);
      const { paths } = (await outside.call('GET', '/openapi.json')).json;
      expect(paths['/metrics'].get.security).toBeUndefined();
    } finally {
      await outside.end();
    }
  });
});
