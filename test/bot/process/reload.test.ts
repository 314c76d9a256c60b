// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of the config, not of ours
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CI_TOKEN, eventually, HOUR, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let bot: TestBot;
beforeEach(async () => {
  bot = await startTestBot({ config: GATES });
});
afterEach(() => bot.end());

const errors = () =>
  bot
    .lines()
    .map((line) => JSON.parse(line))
    .filter(({ level }) => level === 50)
    .map(({ msg }) => msg);

describe('reading the config again', () => {
  it('lets new gates, people and tokens count from then on', async () => {
    const fresh = 'fresh-token-0123456789abcdef0123456789';
    const asFresh = { authorization: `Bearer ${fresh}` };
    expect((await bot.call('POST', '/v1/requests', { gate: 'added' })).status).toBe(422);
    bot.writeConfig(`${GATES.replace('"${CI_TOKEN}"', `"${fresh}"`)}  added:\n    approvers: [eve]\n`);
    expect(bot.reload()).toBe(true);
    expect((await bot.call('POST', '/v1/requests', { gate: 'added' }, asFresh)).status).toBe(201);
    expect((await bot.call('GET', '/v1/whoami')).status).toBe(401);
    expect((await bot.call('GET', '/v1/whoami', undefined, asFresh)).status).toBe(200);
  });

  it('leaves open requests with the gate they began with', async () => {
    const { id, expiresAt } = await bot.opened({ gate: 'deploy', context: { service: 'a' } });
    bot.writeConfig(
      GATES.replace(
        '    approvers: [release-managers]\n    timeout: 1h',
        '    approvers: [mia]\n    quorum: 1\n    timeout: 9h',
      ),
    );
    expect(bot.reload()).toBe(true);
    const request = await bot.read(id);
    expect(request.expiresAt).toBe(expiresAt);
    expect((await bot.vote(id, 'mia')).status).toBe(403);
    expect((await bot.vote(id, 'ana')).json.status).toBe('approved');
    const next = await bot.opened({ gate: 'deploy' });
    expect(Date.parse(next.expiresAt) - Date.parse(next.openedAt)).toBe(9 * HOUR);
    expect(next.stages[0].rules[0].approvers).toEqual(['mia']);
  });

  it('takes the vote from whoever has left the group meanwhile', async () => {
    const { id } = await bot.opened({ gate: 'deploy-two' });
    await bot.vote(id, 'ana');
    bot.writeConfig(GATES.replace('release-managers: [ana, ben, cy]', 'release-managers: [ben, cy]'));
    expect(bot.reload()).toBe(true);
    const after = await bot.vote(id, 'ben');
    expect(after.json.status).toBe('pending');
    expect(after.json.votes).toMatchObject([
      { person: 'ana', counts: false },
      { person: 'ben', counts: true },
    ]);
    expect((await bot.vote(id, 'cy')).json).toMatchObject({
      status: 'approved',
      outcome: { decidedBy: ['ben', 'cy'] },
    });
  });

  it('keeps the running config when the new one is broken, with a line for each problem', async () => {
    for (const [broken, problems] of [
      [`${GATES}  broken:\n    aprovers: [ana]\n    quorun: 1\n`, ['broken.aprovers', 'broken.quorun']],
      [
        `${GATES.replace('approvers: [mia]', 'approvers: [mai]')}  broken:\n    approvers: [ana]\n    timeout: soon\n`,
        ['chain', 'broken.timeout'],
      ],
    ] as const) {
      const before = errors().length;
      bot.writeConfig(broken);
      expect(bot.reload()).toBe(false);
      await eventually(() => errors().length === before + problems.length, 'a line for each problem');
      for (const [i, line] of errors().slice(before).entries()) {
        expect(line).toMatch(/^config not reloaded: .*countersign\.yaml:\d+:\d+ /);
        expect(line).toContain(`gates.${problems[i]}`);
      }
    }
    expect((await bot.call('POST', '/v1/requests', { gate: 'broken' })).status).toBe(422);
    expect((await bot.call('POST', '/v1/requests', { gate: 'deploy' })).status).toBe(201);
  });

  it('keeps the running config when the file is empty, as while it is written, no YAML, no mapping or gone', async () => {
    for (const text of [
      '',
      '# nothing\n',
      'people:\n',
      'defaults: { timeout: 1h }\n',
      'people: [',
      '- 1\n- 2\n',
      'a: 1\n---\nb: 2\n',
    ]) {
      bot.writeConfig(text);
      expect(bot.reload(), text).toBe(false);
    }
    rmSync(join(bot.folder, 'countersign.yaml'));
    expect(bot.reload()).toBe(false);
    expect((await bot.call('POST', '/v1/requests', { gate: 'deploy' })).status).toBe(201);
    bot.writeConfig(GATES);
    expect(bot.reload()).toBe(true);
  });

  it('lets the log show no callback secret that the file holds only now', async () => {
    const secret = `whsec_${Buffer.from('written into the file by the reload!').toString('base64')}`;
    bot.writeConfig(GATES.replace('"${CI_CALLBACK_SECRET}"', `"${secret}"`));
    expect(bot.reload()).toBe(true);
    bot.log.warn(`a careless line about ${secret}`);
    const careless = await eventually(() => bot.lines().find((line) => line.includes('careless')), 'the line');
    expect(careless).toContain('about [redacted]');
  });

  it('never shows a secret that the file holds, not even when it is the problem', async () => {
    const secret = 'whsec_dG9vLXNob3J0LXNlY3JldA==';
    bot.writeConfig(GATES.replace('"${CI_CALLBACK_SECRET}"', `"${secret}"`));
    expect(bot.reload()).toBe(false);
    await eventually(() => errors().join('\n').includes('callbackSecret'), 'the problem in the log');
    expect(bot.lines().join('')).not.toContain(secret);
    expect(bot.lines().join('')).not.toContain(CI_TOKEN);
  });
});
