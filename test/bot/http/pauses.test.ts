/** The door of pauses: who may pass, what is wrong with a body, and what a list shows. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, OTHER_TOKEN, startTestBot, type TestBot } from '../bot.ts';
import { PAUSE_GATES } from '../pauses/house.ts';

let bot: TestBot;
const bots: TestBot[] = [];
beforeEach(async () => {
  bot = await startTestBot({ config: PAUSE_GATES });
  bots.push(bot);
});
afterAll(() => Promise.all(bots.map((one) => one.end())));

const other = { authorization: `Bearer ${OTHER_TOKEN}` };
const quiet = { authorization: 'Bearer quiet-token-0123456789abcdef' };
const problem = (name: string) => ({ type: `urn:countersign:problem:${name}` });

describe('POST /v1/pauses', () => {
  it.each([
    [{}, 400],
    [{ gate: 'deploy', everything: true }, 400],
    [{ gate: 'deploy', pipeline: 'ci' }, 400],
    [{ everything: false }, 400],
    [{ gate: 'deploy', clocks: 'fast' }, 400],
    [{ gate: 'deploy', reason: 'x'.repeat(3001) }, 400],
    [{ gate: 'deploy', person: 'mia' }, 400],
    [{ gate: 'deploi' }, 422],
    [{ pipeline: 'cii' }, 422],
  ])('refuses %j and changes nothing', async (body, status) => {
    expect(await bot.call('POST', '/v1/pauses', body)).toMatchObject({ status, json: problem('invalid-input') });
    expect((await bot.call('GET', '/v1/pauses?all=true')).json.pauses).toEqual([]);
  });

  it('suggests the gate that is meant', async () => {
    expect((await bot.call('POST', '/v1/pauses', { gate: 'deploi' })).json.detail).toContain('did you mean "deploy"?');
  });

  it('is for pipelines that may, and for what is theirs', async () => {
    const as = (headers: Record<string, string>, body: object) => bot.call('POST', '/v1/pauses', body, headers);
    expect(await as(quiet, { gate: 'deploy' })).toMatchObject({
      status: 403,
      json: { detail: 'The pipeline quiet may not do this: its config needs "may: [pause]".' },
    });
    for (const body of [{ gate: 'never' }, { pipeline: 'ci' }, { everything: true }])
      expect(await as(other, body)).toMatchObject({ status: 403, json: problem('not-allowed') });
    expect((await as(other, { gate: 'deploy' })).status).toBe(201);
    expect((await as(other, { pipeline: 'other' })).status).toBe(201);
    expect(
      (await bot.call('POST', '/v1/pauses', { gate: 'deploy' }, { authorization: 'Bearer nobody-of-ours' })).status,
    ).toBe(401);
  });

  it('says where the pause is found, and refuses a second one for the same', async () => {
    const first = await bot.call('POST', '/v1/pauses', { gate: 'deploy', reason: '  ' });
    expect(first).toMatchObject({ status: 201, json: { reason: null } });
    expect(first.headers.get('location')).toBe(`${bot.url}/v1/pauses/${first.json.id}`);
    expect(await bot.call('GET', `/v1/pauses/${first.json.id}`)).toMatchObject({
      status: 200,
      json: { gate: 'deploy' },
    });
    const again = await bot.call('POST', '/v1/pauses', { gate: 'deploy' });
    expect(again).toMatchObject({ status: 409, json: problem('already-paused') });
    expect(again.json.detail).toContain(first.json.id);
  });

  it('keeps no more than 100 in force', async () => {
    const gates = Array.from({ length: 101 }, (_, i) => `  gate-${i}: { approvers: [ana] }`).join('\n');
    bot.writeConfig(`${PAUSE_GATES}${gates}\n`);
    expect(bot.reload()).toBe(true);
    for (let i = 0; i < 100; i++)
      expect((await bot.call('POST', '/v1/pauses', { gate: `gate-${i}` })).status).toBe(201);
    const more = await bot.call('POST', '/v1/pauses', { gate: 'gate-100' });
    expect(more).toMatchObject({ status: 409, json: problem('too-many-pauses') });
  });
});

describe('what a pipeline sees and ends', () => {
  it('is what concerns it; the rest looks as if it were not there', async () => {
    const never = (await bot.call('POST', '/v1/pauses', { gate: 'never' })).json.id;
    const everything = (await bot.call('POST', '/v1/pauses', { everything: true, reason: 'Incident' })).json.id;
    const seen = (await bot.call('GET', '/v1/pauses', undefined, other)).json.pauses;
    expect(seen.map(({ id }: { id: string }) => id)).toEqual([everything]);
    for (const id of [never, 'pau_nothing', 'x'.repeat(90)])
      for (const [method, path] of [
        ['GET', ''],
        ['DELETE', ''],
        ['POST', '/resume'],
      ] as const)
        expect(await bot.call(method, `/v1/pauses/${id}${path}`, undefined, other)).toMatchObject({
          status: 404,
          json: problem('no-such-pause'),
        });
    expect(await bot.call('DELETE', `/v1/pauses/${everything}`, undefined, other)).toMatchObject({ status: 403 });
    expect(await bot.call('DELETE', `/v1/pauses/${everything}`, undefined, quiet)).toMatchObject({ status: 403 });
  });

  it('shows what has ended with all=true, with both reasons, newest first; ending it again changes nothing', async () => {
    const first = (await bot.call('POST', '/v1/pauses', { gate: 'deploy', reason: 'freeze' })).json.id;
    const ended = await bot.call('POST', `/v1/pauses/${first}/resume`, { reason: 'thawed' });
    expect(ended.json.ended).toMatchObject({ reason: 'thawed', by: { kind: 'pipeline', pipeline: 'ci' } });
    const again = await bot.call('DELETE', `/v1/pauses/${first}`, undefined, other);
    expect(again.json.ended).toEqual(ended.json.ended);
    const second = (await bot.call('POST', '/v1/pauses', { gate: 'deploy' })).json.id;
    const ids = async (query: string) =>
      (await bot.call('GET', `/v1/pauses${query}`)).json.pauses.map(({ id }: { id: string }) => id);
    expect(await ids('')).toEqual([second]);
    expect(await ids('?all=true')).toEqual([second, first]);
    expect((await bot.call('GET', '/v1/pauses?all=yes')).status).toBe(400);
  });

  it('goes to the log of decisions', async () => {
    const { id } = (await bot.call('POST', '/v1/pauses', { gate: 'deploy', reason: 'freeze' })).json;
    expect((await bot.call('DELETE', `/v1/pauses/${id}`)).status).toBe(200);
    await eventually(() => bot.lines().some((line) => line.includes('"resumed"')), 'the log');
    const told = bot
      .lines()
      .filter((line) => line.includes(id))
      .map((line) => JSON.parse(line));
    expect(told).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ msg: 'paused', scope: 'gate deploy', reason: 'freeze', clocks: 'stop' }),
        expect.objectContaining({ msg: 'resumed', scope: 'gate deploy' }),
      ]),
    );
  });
});

it('pauses one request with running clocks where that is asked for', async () => {
  const { id } = await bot.opened({ gate: 'deploy' });
  expect((await bot.call('POST', `/v1/requests/${id}/pause`, { clocks: 'run' })).json.paused).toBe(true);
  expect((await bot.trail(id)).at(-1)).toMatchObject({ type: 'paused', clocks: 'run' });
});
