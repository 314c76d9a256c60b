/** test/docs/readme.test.ts: the README's five minutes, run as they are written, but for the address and the token. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { CI_TOKEN, startTestBot } from '../bot/bot.ts';
import { codeBlocks, fileText } from './documents.ts';

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const remove of leftovers.splice(0).reverse()) await remove();
});

const blocks = codeBlocks('README.md');
const textWith = (words: string): string => blocks.find(({ text }) => text.includes(words))?.text ?? '';

describe.runIf(spawnSync('bash', ['-c', 'curl --version']).status === 0)('the five minutes of the README', () => {
  it('lead to an approval', async () => {
    const bot = await startTestBot({ config: fileText('countersign.yaml') });
    leftovers.push(() => bot.end());
    const folder = mkdtempSync(join(tmpdir(), 'countersign-readme-'));
    leftovers.push(() => rmSync(folder, { recursive: true, force: true }));
    const steps = ['/v1/requests \\', 'Prefer: wait=300', '/gate?wait=300'].map(textWith);
    expect(steps.every((step) => step !== '')).toBe(true);
    const script = steps
      .join('')
      .replaceAll('http://127.0.0.1:3000', bot.url)
      .replace('dev-only-token-change-me', CI_TOKEN);
    const shell: ChildProcess = spawn('bash', ['-eu', '-c', script], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    leftovers.push(() => shell.kill());
    let output = '';
    shell.stdout?.on('data', (part) => {
      output += String(part);
    });
    const ended = new Promise((resolve) => shell.once('exit', resolve));

    let id: string | undefined;
    while (id === undefined) id = (await bot.call('GET', '/v1/requests')).json.requests[0]?.id;
    expect((await bot.vote(id, 'ben')).status).toBe(403); // he asked for it
    expect((await bot.vote(id, 'ana')).status).toBe(200);

    expect(await ended).toBe(0);
    expect(output).toContain(`${bot.url}/requests/${id}\n`);
    const time = /\d{4}-\d\d-\d\dT[\d:.]+Z/;
    expect(output.replace(time, 'then')).toContain(textWith("status: 'approved'").replace(time, 'then'));
    expect(output.endsWith('deploy\n')).toBe(true);
  });
});
