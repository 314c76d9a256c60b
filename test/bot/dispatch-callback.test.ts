import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { RefusedError } from '../../src/adapters/channel.ts';
import type { NewDelivery } from '../../src/store/port.ts';
import { closed } from '../contract/requests.ts';
import { type Sink, startSink } from '../fake/sink.ts';
import { callback, notice, type Rig, SECRET, startRig, until, VirtualTime } from './dispatch-parts.ts';

const open: { end?: () => Promise<void>; close?: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await (part.end?.() ?? part.close?.());
});

/** The clock of the sinks is the rig's, so that each attempt's timestamp has to be its own. */
async function start(howManySinks = 1, options: Parameters<typeof startRig>[0] = {}) {
  const time = new VirtualTime(Date.UTC(2026, 0, 5, 12));
  const sinks: Sink[] = [];
  for (let n = 0; n < howManySinks; n++) sinks.push(await startSink({ secrets: [SECRET], clock: time.clock }));
  const rig = await startRig({ time, sinks, ...options });
  open.push(...sinks, rig);
  const [sink] = sinks;
  if (sink === undefined) throw new Error('There is no sink.');
  return { ...rig, time, sinks, sink };
}

/** Opens and approves a request, which tells the pipeline. */
async function decide(rig: Rig, id: string, ...deliveries: readonly NewDelivery[]): Promise<void> {
  await rig.open(id);
  await rig.record(id, [closed('approved', rig.time.now)], ...deliveries);
}

/** Lets virtual time pass, with each call over loopback at rest before it moves. */
async function pass({ dispatcher, time }: Rig, ms: number): Promise<void> {
  const end = time.now + ms;
  await dispatcher.drain();
  for (let next = time.nextAt; next !== null && next <= end; next = time.nextAt) {
    await time.pass(Math.max(0, next - time.now));
    await dispatcher.drain();
  }
  time.now = end;
}

describe('a callback', () => {
  it('tells the outcome, signed, once', async () => {
    const rig = await start();
    const told = callback('req_1', `${rig.sink.url}/hook?job=7`);
    await decide(rig, 'req_1', told);
    await rig.dispatcher.drain();
    expect(rig.sink.received).toMatchObject([
      { fault: null, path: '/hook?job=7', headers: { 'webhook-id': told.id, 'ce-type': 'request.approved' } },
    ]);
    expect(JSON.parse(rig.sink.received[0]?.body ?? '')).toEqual({ type: 'request.approved', data: { id: 'req_1' } });
    expect(await rig.only()).toMatchObject({ state: 'sent', receipt: { status: 204 } });
  });

  it('keeps its id over all attempts, each signed anew, and comes again within five seconds', async () => {
    const rig = await start();
    rig.sink.script({ status: 500 }, 'cut');
    const told = callback('req_1', rig.sink.url);
    await decide(rig, 'req_1', told);
    await pass(rig, 5_000);
    expect(rig.sink.received.length).toBe(2);
    await pass(rig, 300_000);
    expect(rig.sink.received.map(({ fault }) => fault)).toEqual([null, null, null]);
    expect(new Set(rig.sink.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([told.id]));
    expect(new Set(rig.sink.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
    expect(await rig.only()).toMatchObject({ state: 'sent', attempts: 3 });
  });

  it('is dead at once after 410, and nobody calls again', async () => {
    const rig = await start();
    rig.sink.script({ status: 410 });
    await decide(rig, 'req_1', callback('req_1', rig.sink.url));
    await pass(rig, 100 * 3_600_000);
    expect(rig.sink.received.length).toBe(1);
    expect(rig.dead).toMatchObject([{ state: 'dead', lastError: 'answered 410' }]);
  });

  it('does not follow a redirect, and tries the address itself again', async () => {
    const rig = await start(2);
    const [sink, elsewhere] = rig.sinks;
    sink?.script({ status: 307, headers: { location: `${elsewhere?.url}/` } });
    await decide(rig, 'req_1', callback('req_1', rig.sink.url));
    await pass(rig, 5_000);
    expect(sink?.received.length).toBe(2);
    expect(elsewhere?.connections).toBe(0);
  });

  it('waits as long as Retry-After says, but not longer than a day', async () => {
    const rig = await start();
    rig.sink.script(
      { status: 429, headers: { 'retry-after': '600' } },
      { status: 503, headers: { 'retry-after': '99999999' } },
    );
    await decide(rig, 'req_1', callback('req_1', rig.sink.url));
    await pass(rig, 599_000);
    expect(rig.sink.received.length).toBe(1);
    await pass(rig, 2_000);
    expect(rig.sink.received.length).toBe(2);
    await pass(rig, 23.9 * 3_600_000);
    expect(rig.sink.received.length).toBe(2);
    await pass(rig, 3_600_000);
    expect(rig.sink.received.length).toBe(3);
  });

  it('is given up after 15 s without an answer, and tried again', async () => {
    const rig = await start();
    rig.sink.script('hang');
    await decide(rig, 'req_1', callback('req_1', rig.sink.url));
    await until(() => rig.sink.received.length === 1);
    await rig.time.pass(14_000);
    expect(await rig.only()).toMatchObject({ state: 'sending' });
    await rig.time.pass(1_000);
    expect(await rig.only()).toMatchObject({ state: 'failed', lastError: 'no answer' });
    await pass(rig, 5_000);
    expect(await rig.only()).toMatchObject({ state: 'sent' });
  });

  it('to 99 endpoints arrives while the hundredth hangs', async () => {
    const rig = await start(2);
    const [hanging, sink] = rig.sinks;
    hanging?.always(() => 'hang');
    const to = (url: string, n: number) => callback('req_1', url, { target: `callback:${n}` });
    const others = Array.from({ length: 99 }, (_, n) => to(sink?.url ?? '', n));
    await decide(rig, 'req_1', to(hanging?.url ?? '', 99), ...others);
    await until(() => sink?.received.length === 99);
    const states = await rig.states();
    expect(Object.values(states).filter((state) => state === 'sending').length).toBeGreaterThan(0);
    expect(hanging?.received.length).toBe(1);
    await rig.time.pass(15_000);
  });

  it('through whole days of a dead endpoint is tried ten times, told as dead, and arrives when it is put back', async () => {
    const rig = await start();
    rig.sink.always(() => ({ status: 500 }));
    await decide(rig, 'req_1', callback('req_1', rig.sink.url));
    await pass(rig, 100 * 3_600_000);
    expect(rig.sink.received.length).toBe(10);
    expect(rig.dead).toMatchObject([{ lastError: 'answered 500', attempts: 10 }]);
    rig.sink.always(() => ({ status: 200 }));
    const { id } = await rig.only();
    expect(await rig.store.requeue(id, rig.time.now)).toBe(true);
    rig.dispatcher.tick(rig.time.now);
    await rig.dispatcher.drain();
    expect(rig.sink.received.at(-1)).toMatchObject({ fault: null, headers: { 'webhook-id': id } });
    expect(await rig.only()).toMatchObject({ state: 'sent' });
  });

  it('of a hundred, with a third of all calls failing, arrives or is a dead letter that somebody was told about', async () => {
    const rig = await start();
    let calls = 0;
    rig.sink.always(() => (++calls % 3 === 0 ? { status: 503 } : { status: 204 }));
    for (let n = 0; n < 100; n++)
      await decide(rig, `req_${n}`, callback(`req_${n}`, rig.sink.url, { target: `callback:${n % 20}` }));
    await pass(rig, 100 * 3_600_000);
    expect(rig.sink.received.filter(({ fault }) => fault !== null)).toEqual([]);
    const states = await rig.states();
    const arrived = Object.entries(states).filter(([, state]) => state === 'sent');
    expect(arrived.length + rig.dead.length).toBe(100);
    expect(new Set(rig.sink.received.map(({ headers }) => headers['webhook-id'])).size).toBe(100);
  });

  it('for a pipeline that has no secret is never sent unsigned', async () => {
    const rig = await start();
    const payload = { url: rig.sink.url, type: 'request.approved', pipeline: 'other' };
    await decide(rig, 'req_1', callback('req_1', rig.sink.url, { payload }));
    await pass(rig, 1_000);
    expect(rig.sink.connections).toBe(0);
    expect(rig.dead).toMatchObject([{ lastError: 'the pipeline has no usable callback secret' }]);
  });

  it('to a private address that nobody allowed is dead without a connection', async () => {
    const rig = await start();
    const private_ = await startSink();
    open.push(private_);
    await decide(rig, 'req_1', callback('req_1', `${private_.url}/?token=canary`));
    await pass(rig, 1_000);
    expect(private_.connections).toBe(0);
    expect(rig.dead).toMatchObject([{ lastError: 'the address is not allowed' }]);
    expect(JSON.stringify([rig.lines, rig.dead.map(({ lastError }) => lastError)])).not.toContain('canary');
  });

  it('of a request that has no outcome is refused', async () => {
    const rig = await start();
    await rig.open('req_1', callback('req_1', rig.sink.url));
    await pass(rig, 1_000);
    expect(rig.sink.received.length).toBe(0);
    expect(rig.dead).toMatchObject([{ lastError: 'the request has no outcome' }]);
  });
});

describe('an action', () => {
  const rollback = (request: string, index = 0): NewDelivery => ({
    ...callback(request, 'https://ci.acme.dev'),
    kind: 'action',
    channel: 'http',
    payload: { index },
  });

  it('is called as the gate says until it worked', async () => {
    const rig = await start(1, {
      action: (state, index) => ({
        action: 'http',
        url: `${rig.sink.url}/rollback/${index}`,
        method: 'POST',
        headers: { 'x-run': '7' },
        body: { run: state.content.id },
      }),
    });
    rig.sink.script({ status: 502 });
    await decide(rig, 'req_1', rollback('req_1', 3));
    await pass(rig, 5_000);
    expect(rig.sink.received).toMatchObject([
      { path: '/rollback/3' },
      { path: '/rollback/3', method: 'POST', body: '{"run":"req_1"}', headers: { 'x-run': '7' } },
    ]);
    const keys = rig.sink.received.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys)).toEqual(new Set([(await rig.only()).id]));
  });

  it('whose templates can’t be filled in is dead, with the reason', async () => {
    const rig = await start(1, {
      action: () => {
        throw new RefusedError('the action’s url needs context.run');
      },
    });
    await decide(rig, 'req_1', rollback('req_1'));
    await pass(rig, 1_000);
    expect(rig.dead).toMatchObject([{ lastError: 'the action’s url needs context.run' }]);
  });
});

describe('a stop', () => {
  it('ends calls that hang, within its grace', async () => {
    const rig = await start();
    rig.sink.always(() => 'hang');
    await decide(rig, 'req_1', callback('req_1', rig.sink.url), notice('req_1'));
    await until(() => rig.sink.received.length === 1);
    const stopped = rig.dispatcher.stop(2_000);
    await rig.time.pass(3_000);
    await stopped;
    expect(Object.values(await rig.states()).sort()).toEqual(['failed', 'sent']);
  });
});

it('a pause before a retry lies between the schedule’s steps, whatever the dice say', async () => {
  const { pauseBeforeRetry } = await import('../../src/bot/dispatch/retry.ts');
  const { SCHEDULES } = await import('../../src/bot/dispatch/limits.ts');
  const kind = fc.constantFrom('callback' as const, 'surface' as const);
  fc.assert(
    fc.property(
      kind,
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (of, tries, die) => {
        const pause = pauseBeforeRetry(of, tries, null, () => die);
        const longest = SCHEDULES[of][tries - 1];
        if (longest === undefined) expect(pause).toBeNull();
        else
          expect(pause).toSatisfy(
            (ms: number) =>
              ms >= Math.max(1_000, Math.min(longest / 2, SCHEDULES[of][tries - 2] ?? 0)) && ms <= longest,
          );
      },
    ),
  );
});
