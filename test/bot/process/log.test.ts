// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of the config, not of ours
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSink } from '../../fake/sink.ts';
import { CALLBACK_SECRET, CI_TOKEN, eventually, OTHER_TOKEN, sendRaw, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

const SECRET = 'canary-secret-0123456789abcdef0123456789';
const FILE_SECRET = `whsec_${Buffer.from('written into the file itself !!!').toString('base64')}`;

let bot: TestBot;
beforeEach(async () => {
  bot = await startTestBot({
    config: GATES.replace('token: "${OTHER_TOKEN}"', `token: "\${OTHER_TOKEN}", callbackSecret: "${FILE_SECRET}"`),
    env: { LOG_LEVEL: 'trace', COUNTERSIGN_SECRET: SECRET, WEB_DEV_LOGIN: '1' },
  });
});
afterEach(() => bot.end());

const entries = () => bot.lines().map((line) => JSON.parse(line));

describe('the log', () => {
  it('is one JSON object a line, with a time', async () => {
    await bot.vote((await bot.opened({ gate: 'deploy', title: 'line\nbreak "quoted"' })).id, 'ana');
    for (const entry of entries())
      expect(entry).toMatchObject({
        level: expect.any(Number),
        time: expect.stringMatching(/Z$/),
        msg: expect.any(String),
      });
  });

  it('has one line for each change, and one for each refusal, without what was said', async () => {
    const { id } = await bot.opened({ gate: 'deploy', context: { private: 'canary-context' } });
    await bot.vote(id, 'eve', 'approve', { reason: 'canary-reason' });
    await bot.vote(id, 'ana', 'approve', { reason: 'canary-reason' });
    const about = () => entries().filter(({ request }) => request === id);
    await eventually(() => about().length === 3, 'three lines');
    expect(about()).toMatchObject([
      { msg: 'committed', gate: 'deploy', status: 'pending', version: 1, events: ['opened'] },
      { msg: 'refused', refusal: 'not_an_approver', command: 'vote', by: 'eve' },
      { msg: 'committed', status: 'approved', events: ['voted', 'stagePassed', 'closed'] },
    ]);
    expect(bot.lines().join('')).not.toContain('canary-');
  });

  it('says who failed to authenticate from where, and not with what', async () => {
    await bot.call('GET', '/v1/requests?q=canary-query', undefined, { authorization: 'Bearer canary-guess' });
    expect(entries().at(-1)).toMatchObject({
      msg: 'refused: not authenticated',
      ip: '127.0.0.1',
      path: '/v1/requests',
    });
    expect(bot.lines().join('')).not.toContain('canary-');
  });

  it('shows no secret at trace level, whatever goes wrong', async () => {
    const sink = await startSink({ secrets: [CALLBACK_SECRET] });
    sink.script({ status: 500, body: CALLBACK_SECRET }, { status: 410 });
    try {
      const { id } = await bot.opened({ gate: 'deploy', callback: { url: `${sink.url}/x?token=canary-url-token` } });
      await bot.vote(id, 'ana');
      await eventually(() => sink.received.length === 1, 'the callback');
      await eventually(() => entries().some(({ msg }) => msg === 'delivery failed'), 'the failure in the log');
      await bot.call('POST', '/v1/requests', `{"gate": "${CI_TOKEN}", "title": "${SECRET}" oops`);
      await bot.call('POST', '/v1/requests', { gate: CI_TOKEN, title: CALLBACK_SECRET });
      await bot.call('GET', `/v1/nothing/${CI_TOKEN}?token=${CI_TOKEN}`);
      await bot.call('GET', '/requests/x', undefined, { cookie: `session=${SECRET}` });
      for (const head of [
        `NONSENSE / HTTP/1.1\r\nAuthorization: Bearer ${CI_TOKEN}`,
        `GET / HTTP/1.1\r\nAuthorization: Bearer ${CI_TOKEN}\r\n bad\u0000: x`,
      ])
        await sendRaw(bot.url, `${head}\r\nHost: x\r\n\r\n`);
      await bot.call('GET', `/v1/requests/${id}/receipt`);
    } finally {
      await sink.close();
    }
    const text = bot.lines().join('');
    for (const secret of [CI_TOKEN, OTHER_TOKEN, CALLBACK_SECRET, FILE_SECRET, SECRET, 'canary-url-token']) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('base64'));
      expect(text).not.toContain(JSON.stringify([...Buffer.from(secret)]).slice(1, -1)); // a Buffer as JSON
    }
    expect(bot.lines().length).toBeGreaterThan(5);
  });
});
