// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of the config, not of ours
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OTHER_TOKEN, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config: GATES });
});
afterAll(() => bot.end());

const open = (key: string, body: object = { gate: 'deploy' }, headers = {}) =>
  bot.call('POST', '/v1/requests', body, { 'idempotency-key': key, ...headers });

describe('an Idempotency-Key', () => {
  it('gives the same request again, as it is by now', async () => {
    const first = await open('run-1', { gate: 'deploy', context: { service: 'a' } });
    expect(first.status).toBe(201);
    await bot.vote(first.json.id, 'ana');
    const again = await open('run-1', { gate: 'deploy', context: { service: 'a' } });
    expect(again.status).toBe(200);
    expect(again.json).toMatchObject({ id: first.json.id, status: 'approved', outcome: { decidedBy: ['ana'] } });
    expect(await bot.happened(first.json.id)).toEqual(['opened', 'voted', 'stagePassed', 'closed']);
  });

  it('is refused with another body, and opens nothing', async () => {
    await open('run-2', { gate: 'deploy', context: { service: 'a' } });
    const before = (await bot.store.log(0)).length;
    for (const body of [{ gate: 'deploy', context: { service: 'b' } }, { gate: 'deploy-two' }, { gate: 'deploy' }]) {
      const answer = await open('run-2', body);
      expect(answer.status).toBe(422);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.json.errors).toEqual([{ path: 'Idempotency-Key', message: 'was used before with another body' }]);
    }
    expect((await bot.store.log(0)).length).toBe(before);
  });

  it('means the same in quotes, as the IETF draft writes it, and without', async () => {
    const quoted = await open('"run-3"');
    const plain = await open('run-3');
    expect([quoted.status, plain.status]).toEqual([201, 200]);
    expect(plain.json.id).toBe(quoted.json.id);
  });

  it('tells bodies apart by what they say, not by their white space or the order of their fields', async () => {
    const first = await bot.call('POST', '/v1/requests', '{"gate":"deploy","title":"x"}', {
      'idempotency-key': 'run-4',
    });
    const again = await bot.call('POST', '/v1/requests', '{ "title": "x",\n "gate": "deploy" }', {
      'idempotency-key': 'run-4',
    });
    expect([first.status, again.status]).toEqual([201, 200]);
  });

  it('opens one request, however many post at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => open('race')));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    const opened = (await bot.store.log(0)).filter(({ request }) => request === answers[0]?.json.id);
    expect(opened.map(({ type }) => type)).toEqual(['opened']);
  });

  it('lets one of two different bodies win when both come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => open('race-2', { gate: 'deploy', title: i % 2 === 0 ? 'even' : 'odd' })),
    );
    const kinds = answers.map(({ status }) => status);
    expect(kinds.filter((status) => status === 201)).toHaveLength(1);
    expect(kinds.filter((status) => status === 200)).toHaveLength(4);
    expect(kinds.filter((status) => status === 422)).toHaveLength(5);
  });

  it('belongs to the pipeline: two may use the same', async () => {
    const [own, foreign] = [
      await open('shared'),
      await open('shared', undefined, { authorization: `Bearer ${OTHER_TOKEN}` }),
    ];
    expect([own.status, foreign.status]).toEqual([201, 201]);
    expect(foreign.json.id).not.toBe(own.json.id);
  });

  it('of a refused call stays free for the corrected one', async () => {
    expect((await open('fix-me', { gate: 'strict' })).status).toBe(422);
    expect((await open('fix-me', { gate: 'strict', requester: 'eve' })).status).toBe(201);
  });

  it('holds over a restart', async () => {
    const first = await open('kept');
    const second = await startTestBot({ config: GATES, folder: await stopped() });
    bot = second;
    const again = await open('kept');
    expect(again.status).toBe(200);
    expect(again.json.id).toBe(first.json.id);
  });

  it('gives the same request when the config would not let it open any more', async () => {
    const { url, end } = await startTestBot({ config: GATES });
    await end();
    const bodies = {
      gone: { gate: 'never' },
      overridden: { gate: 'flexible', timeout: '2h' },
      person: { gate: 'deploy', requester: 'eve' },
      callback: { gate: 'deploy', callback: { url: `${url.replace('http:', 'https:')}/x` } },
    };
    const opened = new Map<string, string>();
    for (const [key, body] of Object.entries(bodies)) {
      const answer = await open(`left-${key}`, body);
      expect(answer.status, key).toBe(201);
      opened.set(key, answer.json.id);
    }
    bot.writeConfig(
      GATES.replace(/ {2}never:[\s\S]*$/, '')
        .replace('overrides: [timeout, approvers]', 'overrides: [approvers]')
        .replace(/ {2}eve:.*\n/, '')
        .replace('callbackSecret: "${CI_CALLBACK_SECRET}", ', ''),
    );
    expect(bot.reload()).toBe(true);
    const before = (await bot.store.log(0)).length;
    for (const [key, body] of Object.entries(bodies)) {
      const again = await open(`left-${key}`, body);
      expect([again.status, again.headers.get('idempotent-replay'), again.json.id], key).toEqual([
        200,
        'true',
        opened.get(key),
      ]);
      expect((await open(`left-${key}`, { ...body, title: 'x' })).json.type, key).toMatch(/:idempotency-key-reused$/);
      expect([403, 422], key).toContain((await open(`new-${key}`, body)).status);
    }
    expect((await bot.store.log(0)).length).toBe(before);
    bot.writeConfig(GATES);
    expect(bot.reload()).toBe(true);
  });

  it('has 1 to 255 printable characters', async () => {
    for (const key of ['', '""', 'x'.repeat(256), 'tab\there', 'ünïcode']) {
      const answer = await open(key);
      expect(answer.status, key).toBe(400);
      expect(answer.json.errors[0].path).toBe('Idempotency-Key');
    }
    expect((await open('y'.repeat(255))).status).toBe(201);
  });
});

/** Stops the bot and leaves its folder. */
async function stopped(): Promise<string> {
  await bot.stop();
  return bot.folder;
}
