/** A house pause, from the order to the last request that it covered, on a real bot. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fold } from '../../../src/engine/evolve.ts';
import { FakeChannel } from '../../fake/channel.ts';
import { eventually, HOUR, handClock, MINUTE, OTHER_TOKEN, startTestBot, type TestBot } from '../bot.ts';
import { PAUSE_GATES } from './house.ts';

let bot: TestBot;
let clock: ReturnType<typeof handClock>;
const bots: TestBot[] = [];

beforeEach(async () => {
  clock = handClock();
  bot = await startTestBot({ config: PAUSE_GATES, wall: clock.wall });
  bots.push(bot);
});
afterAll(() => Promise.all(bots.map((one) => one.end())));

const asOther = { authorization: `Bearer ${OTHER_TOKEN}` };
const pause = async (body: object, headers = {}) => {
  const answer = await bot.call('POST', '/v1/pauses', body, headers);
  expect(answer.status, answer.text).toBe(201);
  return answer.json;
};
const resume = async (id: string) => {
  const answer = await bot.call('DELETE', `/v1/pauses/${id}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.json;
};
const isPaused = async (id: string, of = bot) => (await of.read(id)).paused;
/** Until the sweep has been over everything twice: the second look comes with a turn of the tick. */
const settled = async (of = bot) => {
  const done = async () =>
    (await of.call('GET', '/v1/pauses?all=true')).json.pauses.every((one: { progress: null }) => one.progress === null);
  await eventually(done, 'the first look');
  await of.tick();
};

describe('what a pause of a gate covers', () => {
  it('pauses what is pending there and what is opened later, and nothing else', async () => {
    const [before, elsewhere] = [await bot.opened({ gate: 'deploy' }), await bot.opened({ gate: 'deploy-two' })];
    const paused = await pause({ gate: 'deploy', reason: 'Release freeze' });
    expect(paused).toMatchObject({ scope: 'gate', gate: 'deploy', clocks: 'stop', affected: 1, ended: null });
    const after = await bot.opened({ gate: 'deploy' });
    expect(after.paused).toBe(true);
    expect((await bot.trail(after.id)).at(0)).toMatchObject({ type: 'opened', pauses: [{ reason: 'Release freeze' }] });
    await eventually(() => isPaused(before.id), 'the sweep');
    expect(await isPaused(elsewhere.id)).toBe(false);
    expect((await bot.trail(before.id)).at(-1)).toMatchObject({
      type: 'paused',
      reason: 'Release freeze',
      by: { kind: 'pipeline', pipeline: 'ci' },
      scope: { kind: 'gate', id: paused.id },
    });
    for (const id of [before.id, after.id])
      expect(await bot.vote(id, 'ana')).toMatchObject({
        status: 409,
        json: { type: 'urn:countersign:problem:paused' },
      });
    expect((await bot.vote(elsewhere.id, 'ana')).status).toBe(200);
  });

  it('lets them all go on when it ends, as they were', async () => {
    const before = await bot.opened({ gate: 'deploy' });
    const { id } = await pause({ gate: 'deploy' });
    const after = await bot.opened({ gate: 'deploy' });
    expect(await resume(id)).toMatchObject({ ended: { by: { kind: 'pipeline', pipeline: 'ci' } }, affected: 2 });
    for (const request of [before, after]) {
      expect((await bot.vote(request.id, 'ana')).json).toMatchObject({ status: 'approved' });
      expect((await bot.read(request.id)).outcome.decidedBy).toEqual(['ana']);
    }
    expect((await bot.opened({ gate: 'deploy' })).paused).toBe(false);
  });

  it('of a pipeline covers what that pipeline has opened, at whatever gate', async () => {
    const [own] = [await bot.opened({ gate: 'deploy' })];
    const theirs = (await bot.call('POST', '/v1/requests', { gate: 'deploy' }, asOther)).json;
    await pause({ pipeline: 'other' });
    expect(
      await bot.call('POST', `/v1/requests/${theirs.id}/votes`, { person: 'ana', option: 'approve' }, asOther),
    ).toMatchObject({ status: 409 });
    expect((await bot.vote(own.id, 'ana')).status).toBe(200);
  });
});

describe('a vote and a pause that race', () => {
  it('counts the vote that was answered before, and none that comes after', async () => {
    const two = await bot.opened({ gate: 'deploy-two' });
    expect((await bot.vote(two.id, 'ana')).status).toBe(200);
    const { id } = await pause({ everything: true, reason: 'Incident' });
    expect((await bot.vote(two.id, 'ben')).status).toBe(409);
    const still = await bot.read(two.id);
    expect(still).toMatchObject({ status: 'pending', paused: true, votes: [{ person: 'ana', counts: true }] });
    await resume(id);
    expect((await bot.vote(two.id, 'ben')).json.status).toBe('approved');
  });

  it('leaves each request either decided or paused, whoever was first', async () => {
    const opened = await Promise.all(Array.from({ length: 60 }, () => bot.opened({ gate: 'deploy' })));
    const votes = opened.map(({ id }) => bot.vote(id, 'ana'));
    const ordered = pause({ gate: 'deploy' });
    const answers = await Promise.all(votes);
    await ordered;
    for (const [i, { id }] of opened.entries()) {
      const counted = answers[i]?.status === 200;
      await eventually(
        async () => {
          const { status, paused } = await bot.read(id);
          return counted ? status === 'approved' : status === 'pending' && paused;
        },
        `${id} to be ${counted ? 'approved' : 'paused'}`,
      );
    }
  });
});

describe('the clocks', () => {
  it('stand by default: the deadline moves by as long as the pause was', async () => {
    const { id, expiresAt } = await bot.opened({ gate: 'deploy' });
    clock.advance(HOUR);
    const paused = await pause({ gate: 'deploy' });
    await settled();
    clock.advance(24 * HOUR);
    await bot.tick();
    expect((await bot.read(id)).status).toBe('pending');
    await resume(paused.id);
    await eventually(async () => !(await isPaused(id)), 'the sweep');
    expect(Date.parse((await bot.read(id)).expiresAt)).toBe(Date.parse(expiresAt) + 24 * HOUR);
  });

  it('run on where the pause says so: the request expires in it', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    await pause({ gate: 'deploy', clocks: 'run' });
    await settled();
    clock.advance(4 * HOUR);
    await bot.tick();
    expect(await bot.read(id)).toMatchObject({ status: 'rejected', outcome: { cause: 'timeout' } });
  });

  it('run on where the config says so and the pause does not', async () => {
    bot.writeConfig(`${PAUSE_GATES}\ndefaults: { pauseClocks: run }\n`);
    expect(bot.reload()).toBe(true);
    expect(await pause({ gate: 'deploy' })).toMatchObject({ clocks: 'run' });
    expect(await pause({ gate: 'deploy-two', clocks: 'stop' })).toMatchObject({ clocks: 'stop' });
    const { id } = await bot.opened({ gate: 'never' });
    await bot.call('POST', `/v1/requests/${id}/pause`);
    expect((await bot.trail(id)).at(-1)).toMatchObject({ type: 'paused', clocks: 'run' });
  });

  it('stand from the order on, even where nothing heard of it before the deadline', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    clock.advance(3 * HOUR);
    const at = clock.wall();
    const { id: pauseId } = await pause({ gate: 'deploy-two' });
    const text = await bot.store.recall(`pause:${pauseId}`);
    const kept = JSON.parse(text ?? '');
    // As another replica would have written it, just before all of them went down for a day.
    const record = { ...kept, id: 'pau_elsewhere', scope: { kind: 'gate', gate: 'deploy' } };
    await bot.store.remember('pause:pau_elsewhere', JSON.stringify(record), null);
    const { folder } = bot;
    await bot.stop();
    clock.advance(24 * HOUR);
    bot = await startTestBot({ config: PAUSE_GATES, wall: clock.wall, folder });
    bots.push(bot);
    await bot.tick();
    expect(await bot.read(id)).toMatchObject({ status: 'pending', paused: true });
    expect((await bot.trail(id)).at(-1)).toMatchObject({ type: 'paused', at: new Date(at).toISOString() });
  });

  it('make no storm when 2,000 requests go on: nobody hears twice, and nothing that fell into the pause', async () => {
    const ids: string[] = [];
    for (let batch = 0; batch < 20; batch++)
      ids.push(
        ...(await Promise.all(Array.from({ length: 100 }, () => bot.opened({ gate: 'reminding' })))).map(
          ({ id }) => id,
        ),
      );
    clock.advance(30 * MINUTE);
    const { id, affected, progress } = await pause({ everything: true });
    expect(affected).toBe(2000);
    expect(progress).toMatchObject({ phase: 'pausing' });
    expect(progress.done + progress.left).toBe(2000);
    await settled();
    expect((await bot.call('GET', `/v1/pauses/${id}`)).json.progress).toBeNull();
    clock.advance(10 * HOUR);
    await bot.tick();
    await resume(id);
    await settled();
    await bot.tick();
    const kinds = async () => {
      const all = (await Promise.all(ids.map((one) => bot.store.events(one)))).flat().map(({ type }) => type);
      return Object.fromEntries(
        [...new Set(all)].sort().map((type) => [type, all.filter((one) => one === type).length]),
      );
    };
    expect(await kinds()).toEqual({ opened: 2000, paused: 2000, resumed: 2000 });
    // Half an hour of the first hour was over when it began: the other half comes now.
    clock.advance(30 * MINUTE);
    await bot.tick();
    expect(await kinds()).toEqual({ opened: 2000, paused: 2000, reminded: 2000, resumed: 2000 });
  }, 60_000);
});

describe('the messages that show a request', () => {
  it('are brought up to date where they are: no second one, no notice to anybody', async () => {
    const slack = new FakeChannel('slack', clock.wall);
    const chatty = await startTestBot({ config: PAUSE_GATES, wall: clock.wall, channels: [slack] });
    bots.push(chatty);
    await Promise.all(Array.from({ length: 40 }, () => chatty.opened({ gate: 'never' })));
    await eventually(() => slack.messages.length === 40, 'the messages');
    const posted = slack.count('post');
    const { json } = await chatty.call('POST', '/v1/pauses', { everything: true });
    await eventually(() => slack.messages.every(({ version }) => version === 2), 'all to show the pause');
    await chatty.call('DELETE', `/v1/pauses/${json.id}`);
    await eventually(() => slack.messages.every(({ version }) => version === 3), 'all to show that it is over');
    expect(slack.count('post')).toBe(posted);
    expect(await chatty.store.deliveries({ kind: 'notice', limit: 10 })).toEqual([]);
  });
});

describe('pauses side by side', () => {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;
  it.each(orders)('end in any order, and the last one lets it go on (%i, %i, %i)', async (...order) => {
    const { id, expiresAt } = await bot.opened({ gate: 'deploy' });
    const start = clock.wall();
    const gate = await pause({ gate: 'deploy' });
    clock.advance(MINUTE);
    const everything = await pause({ everything: true });
    clock.advance(MINUTE);
    expect((await bot.call('POST', `/v1/requests/${id}/pause`)).status).toBe(200);
    const ends = [
      () => resume(gate.id),
      () => resume(everything.id),
      () => bot.call('POST', `/v1/requests/${id}/resume`),
    ];
    for (const [i, which] of order.entries()) {
      clock.advance(MINUTE);
      await ends[which]?.();
      await settled();
      await eventually(async () => (await isPaused(id)) === i < 2, 'the sweep');
    }
    const lasted = clock.wall() - start;
    expect(Date.parse((await bot.read(id)).expiresAt)).toBe(Date.parse(expiresAt) + lasted);
    expect((await bot.vote(id, 'ana')).json.status).toBe('approved');
  });

  it('says to whoever resumes a request alone that more is paused', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    await pause({ gate: 'deploy' });
    expect(await bot.call('POST', `/v1/requests/${id}/resume`)).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining('along with') },
    });
  });
});

describe('after a restart', () => {
  it('goes on with a sweep that was cut off, for pausing and for resuming', async () => {
    const ids = (await Promise.all(Array.from({ length: 600 }, () => bot.opened({ gate: 'deploy' })))).map(
      ({ id }) => id,
    );
    const { id } = await pause({ gate: 'deploy' });
    const restart = async () => {
      const { folder } = bot;
      await bot.stop();
      bot = await startTestBot({ config: PAUSE_GATES, wall: clock.wall, folder });
      bots.push(bot);
    };
    await restart();
    const paused = async (wanted: boolean) =>
      (await Promise.all(ids.map((one) => bot.store.load(one)))).every(
        (state) => state?.status === 'pending' && (state.paused !== null) === wanted,
      );
    await eventually(() => paused(true), 'all to be paused');
    await resume(id);
    await restart();
    await eventually(() => paused(false), 'all to be resumed');
    expect(await bot.store.verify({ fold })).toMatchObject({ faults: [] });
    const happened = (await Promise.all(ids.map((one) => bot.store.events(one)))).map((events) =>
      events.map(({ type }) => type).join(),
    );
    expect(new Set(happened)).toEqual(new Set(['opened,paused,resumed']));
  }, 30_000);

  it('writes down when all of them have gone on, and says so in the log', async () => {
    await bot.opened({ gate: 'deploy' });
    const { id } = await pause({ gate: 'deploy' });
    await settled();
    await resume(id);
    await settled();
    await eventually(async () => JSON.parse((await bot.store.recall(`pause:${id}`)) ?? '{}').settled, 'the record');
    const lines = bot.lines().join('\n');
    expect(lines).toContain('all its requests are paused');
    expect(lines).toContain('all its requests are resumed');
    expect(lines).toContain('"scope":"gate deploy"');
  });

  it('leaves alone what carries a pause that nobody here knows', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const { id: pauseId } = await pause({ gate: 'deploy' });
    await settled();
    await bot.store.remember(`pause:${pauseId}`, null, null);
    await bot.tick();
    await eventually(
      async () => (await bot.call('GET', '/v1/pauses')).json.pauses.length === 0,
      'the record to be gone',
    );
    expect((await bot.vote(id, 'ana')).status).toBe(409);
    expect(await isPaused(id)).toBe(true);
  });

  it('reports a record that can’t be read, and heeds the others', async () => {
    await bot.store.remember('pause:pau_broken', '{"id":', null);
    await pause({ gate: 'deploy' });
    await bot.tick();
    await eventually(() => bot.lines().some((line) => line.includes('can’t be read')), 'the log line');
    expect((await bot.opened({ gate: 'deploy' })).paused).toBe(true);
  });
});

it('shows what is in force in the metrics, and stays ready', async () => {
  await pause({ gate: 'deploy' });
  await pause({ everything: true });
  const metrics = (await bot.call('GET', '/metrics')).text;
  expect(metrics).toContain('countersign_paused{scope="gate"} 1');
  expect(metrics).toContain('countersign_paused{scope="pipeline"} 0');
  expect(metrics).toContain('countersign_paused{scope="everything"} 1');
  expect((await bot.call('GET', '/readyz')).status).toBe(200);
});
