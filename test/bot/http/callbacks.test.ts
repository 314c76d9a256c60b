import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sink, startSink } from '../../fake/sink.ts';
import { CALLBACK_SECRET, eventually, HOUR, handClock, OTHER_TOKEN, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

const clock = handClock();
let bot: TestBot;
let sink: Sink;
beforeAll(async () => {
  bot = await startTestBot({ config: GATES, wall: clock.wall });
});
afterAll(() => bot.end());
beforeEach(async () => {
  sink = await startSink({ secrets: [CALLBACK_SECRET], clock: clock.wall });
});
afterEach(() => sink.close());

const opened = () => bot.opened({ gate: 'deploy', callback: { url: `${sink.url}/done?run=7` } });
/** Lets time pass until the next attempt is due and made. */
async function nextAttempt(hours = 25): Promise<void> {
  clock.advance(hours * HOUR);
  await bot.tick();
}
const deliveries = async (query: string) => (await bot.call('GET', `/v1/deliveries?${query}`)).json.deliveries;

describe('a callback', () => {
  it('tells the pipeline what it would read itself, signed, and readable as a CloudEvent', async () => {
    const { id } = await opened();
    await bot.vote(id, 'ana', 'approve', { reason: 'fine' });
    const call = await eventually(() => sink.received[0], 'the callback');
    expect(call.fault).toBeNull();
    expect([call.method, call.path, call.headers['content-type']]).toEqual(['POST', '/done?run=7', 'application/json']);
    const request = await bot.read(id);
    expect(JSON.parse(call.body)).toEqual({
      type: 'request.approved',
      timestamp: request.outcome.decidedAt,
      data: request,
    });
    expect(call.headers).toMatchObject({
      'webhook-id': expect.stringMatching(/^dlv_/),
      'ce-id': call.headers['webhook-id'],
      'ce-specversion': '1.0',
      'ce-type': 'request.approved',
      'ce-source': bot.url,
      'ce-subject': id,
      'ce-time': request.outcome.decidedAt,
    });
  });

  it('comes for every way of ending, once', async () => {
    const [rejected, cancelled, expired] = [await opened(), await opened(), await opened()];
    await bot.vote(rejected.id, 'ben', 'reject');
    await bot.call('POST', `/v1/requests/${cancelled.id}/cancel`);
    clock.advance(HOUR);
    await bot.tick();
    await eventually(() => sink.received.length >= 3, 'three callbacks');
    await eventually(async () => (await deliveries('state=sending')).length === 0, 'the answers to be noted');
    await bot.tick();
    const told = sink.received.map(({ body }) => JSON.parse(body)).map(({ type, data }) => [data.id, type]);
    expect(Object.fromEntries(told)).toEqual({
      [rejected.id]: 'request.rejected',
      [cancelled.id]: 'request.cancelled',
      [expired.id]: 'request.rejected',
    });
    expect(told).toHaveLength(3);
  });

  it('is tried again with the same id and a new signature until it is received', async () => {
    sink.script({ status: 500 }, 'cut', { status: 204 });
    const { id } = await opened();
    await bot.vote(id, 'ana');
    for (const attempt of [1, 2, 3]) {
      await eventually(() => sink.received.length === attempt, `attempt ${attempt}`);
      if (attempt === 3) break;
      await eventually(
        async () => (await deliveries(`request=${id}&state=failed`)).length === 1,
        'the failure to be noted',
      );
      await nextAttempt(1);
    }
    await eventually(
      async () => (await deliveries(`request=${id}&state=sent`)).length === 1,
      'the success to be noted',
    );
    expect(sink.received.map(({ fault }) => fault)).toEqual([null, null, null]);
    expect(new Set(sink.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(sink.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
    expect(new Set(sink.received.map(({ body }) => body)).size).toBe(1);
    await nextAttempt();
    expect(sink.received).toHaveLength(3);
  });

  it('does not follow redirects', async () => {
    sink.script({ status: 302, headers: { location: `${sink.url}/elsewhere` } });
    const { id } = await opened();
    await bot.vote(id, 'ana');
    await eventually(
      async () => (await deliveries(`request=${id}&state=failed`)).length === 1,
      'the failure to be noted',
    );
    expect(sink.received.map(({ path }) => path)).toEqual(['/done?run=7']);
  });
});

describe('a dead letter', () => {
  /** Ends a request whose receiver says 410: never again. */
  async function dead() {
    sink.script({ status: 410 });
    const { id } = await opened();
    await bot.vote(id, 'ana');
    await eventually(async () => (await deliveries(`request=${id}&state=dead`)).length === 1, 'the dead letter');
    const [letter] = await deliveries(`request=${id}&state=dead`);
    return { id, letter };
  }

  it('is listed with its cause, counted, and loud in the log', async () => {
    const { id, letter } = await dead();
    expect(letter).toEqual({
      id: expect.stringMatching(/^dlv_/),
      request: id,
      kind: 'callback',
      channel: 'callback',
      target: `callback:${sink.url}`,
      state: 'dead',
      attempts: 1,
      createdAt: expect.stringMatching(/Z$/),
      dueAt: expect.stringMatching(/Z$/),
      lastError: 'answered 410',
    });
    expect((await bot.call('GET', '/metrics')).text).toMatch(/^countersign_deliveries\{state="dead"\} [1-9]/m);
    expect((await bot.call('GET', '/readyz')).json.deadLetters).toBeGreaterThan(0);
    const undelivered = /^countersign_requests_undelivered_total\{kind="callback"\} [1-9]/m;
    await eventually(async () => undelivered.test((await bot.call('GET', '/metrics')).text), 'the count');
    expect(bot.lines().some((line) => line.includes(letter.id) && line.includes('"level":50'))).toBe(true);
  });

  it('is sent again by hand, with the id it always had', async () => {
    const { letter } = await dead();
    const again = await bot.call('POST', `/v1/deliveries/${letter.id}/retry`);
    expect([again.status, again.json]).toEqual([202, { id: letter.id, state: 'queued' }]);
    await eventually(() => sink.received.length === 2, 'the second try');
    expect(sink.received[1]?.headers['webhook-id']).toBe(letter.id);
    await eventually(
      async () => (await deliveries(`request=${letter.request}&state=sent`)).length === 1,
      'the success',
    );
    const twice = await bot.call('POST', `/v1/deliveries/${letter.id}/retry`);
    expect(twice.status).toBe(409);
    expect(twice.headers.get('content-type')).toBe('application/problem+json');
  });

  it('is nobody else’s: other pipelines neither see nor send it', async () => {
    const { letter } = await dead();
    const asOther = { authorization: `Bearer ${OTHER_TOKEN}` };
    expect((await bot.call('GET', '/v1/deliveries', undefined, asOther)).json.deliveries).toEqual([]);
    expect((await bot.call('POST', `/v1/deliveries/${letter.id}/retry`, undefined, asOther)).status).toBe(404);
    expect((await bot.call('POST', '/v1/deliveries/dlv_unknown/retry')).status).toBe(404);
    expect(sink.received).toHaveLength(1);
  });
});
