/** Groups and people that somebody else keeps, in the whole process. */
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../../src/adapters/channel.ts';
import { type DirectoryServer, startDirectoryServer } from '../../fake/directory-server.ts';
import { CI_TOKEN, eventually, startTestBot, type TestBot } from '../bot.ts';

const KEY = 'k3y-0123456789abcdef';
const ending: { end?: () => Promise<void>; close?: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of ending.splice(0).reverse()) await (one.end?.() ?? one.close?.());
});

async function withDirectory(answer: DirectoryServer['answer'], channels: readonly Channel[] = []) {
  const server = await startDirectoryServer(answer);
  ending.push(server);
  const bot = await startTestBot({
    config: `
people: { ana: { email: ana@acme.dev, slack: U0ANA }, ben: {} }
groups: { oncall: { http: { url: "${server.url}/on?key=\${KEY}", headers: { Authorization: "Token token=\${KEY}" } } } }
pipelines: { ci: { token: ${CI_TOKEN}, gates: ["*"], may: [vote] } }
gates: { deploy: { approvers: [oncall], owners: [ana] } }
`,
    env: { CALLBACK_ALLOW: `127.0.0.1:${server.port}`, KEY },
    channels,
  });
  ending.push(bot);
  return { server, bot };
}
const ready = async (bot: TestBot) => (await bot.call('GET', '/readyz')).json;
const up = async (bot: TestBot) =>
  /countersign_directory_source_up\{group="oncall"\} (\d)/.exec((await bot.call('GET', '/metrics')).text)?.[1];

describe('a gate that asks an HTTP directory', () => {
  it('asks whoever is in it', async () => {
    const { bot, server } = await withDirectory({ json: [{ email: 'ana@acme.dev' }] });
    const request = await bot.opened({ gate: 'deploy' });
    expect(request.stages[0].rules[0].approvers).toEqual(['ana']);
    expect((await bot.vote(request.id, 'ben')).status).toBe(403);
    expect((await bot.vote(request.id, 'ana')).json.status).toBe('approved');
    expect(await ready(bot)).toMatchObject({ status: 'ready', groups: { oncall: 'ok' } });
    expect(await up(bot)).toBe('1');
    expect(server.asked[0]?.headers.authorization).toBe(`Token token=${KEY}`);
    expect(bot.lines().join('\n')).not.toContain(KEY);
  });

  it('opens nothing while it can’t be asked, tells its owner, says so everywhere, and opens again', async () => {
    const said: string[] = [];
    const nothing = () => Promise.reject(new Error('only what belongs to no request'));
    const slack: Channel = {
      kind: 'slack',
      minIntervalMs: 0,
      post: nothing,
      update: nothing,
      find: async () => null,
      notify: nothing,
      tell: async ({ to, text }) => {
        said.push(`${to.id}: ${text}`);
        return {};
      },
    };
    const { bot, server } = await withDirectory({ json: { error: KEY }, status: 500 }, [slack]);
    const refused = await bot.call('POST', '/v1/requests', { gate: 'deploy' });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(await ready(bot)).toMatchObject({ status: 'ready', groups: { oncall: 'answered 500' } });
    expect(await up(bot)).toBe('0');
    await eventually(() => said.length === 1, 'the owner to be told');
    expect(said[0]).toMatch(/^U0ANA: Who is in the group “oncall” can’t be found out \(answered 500\)\./);
    expect(bot.lines().join('\n')).toContain('a group is unavailable');
    server.answer = { json: ['ben'] };
    bot.reload();
    await eventually(async () => (await up(bot)) === '1', 'the group to be back');
    expect((await bot.opened({ gate: 'deploy' })).stages[0].rules[0].approvers).toEqual(['ben']);
    await eventually(() => said.at(-1)?.includes('can be asked again'), 'the owner to be told again');
    expect(bot.lines().join('\n')).not.toContain(KEY);
  });
});

describe('people in a file', () => {
  it('come and go while the bot runs; a broken file is reported and changes nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
    const put = (csv: string) => {
      writeFileSync(join(folder, 'new.csv'), csv);
      renameSync(join(folder, 'new.csv'), join(folder, 'people.csv'));
    };
    put('id,groups\nana,release\nben,\n');
    const bot = await startTestBot({
      folder,
      config: `directory: { file: people.csv }\npipelines: { ci: { token: ${CI_TOKEN}, gates: ["*"], may: [vote] } }\ngates: { deploy: { approvers: [release] } }\n`,
    });
    ending.push(bot);
    const asked = async () => (await bot.opened({ gate: 'deploy' })).stages[0].rules[0].approvers;
    expect(await asked()).toEqual(['ana']);
    put('id,groups\nana,\nben,release\n');
    await eventually(async () => (await asked()).join() === 'ben', 'ben to be asked');
    put('id,groups\nana,"rel');
    await eventually(
      () => bot.lines().some((line) => line.includes('people.csv:2:1 a quote is opened and never closed')),
      'the broken file to be reported',
    );
    expect(await asked()).toEqual(['ben']);
    expect(await ready(bot)).toMatchObject({ status: 'ready', config: expect.stringContaining('not reloaded') });
    expect((await bot.call('GET', '/metrics')).text).toContain('countersign_config_newest 0');
    put('id,groups\nana,release\nben,release\n');
    await eventually(async () => (await asked()).join() === 'ana,ben', 'both to be asked');
    expect(await ready(bot)).not.toHaveProperty('config');
  });
});
