/** test/docs/examples.test.ts: everything in examples/ runs as it stands. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/bot/config/index.ts';
import { CALLBACK_SECRET, CI_TOKEN, startTestBot, type TestBot } from '../bot/bot.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const gates = readdirSync(`${examples}gates`)
  .filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''));
const textOf = (path: string): string => readFileSync(`${examples}${path}`, 'utf8');

const bots: TestBot[] = [];
const children: { kill(): unknown }[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill();
  await Promise.all(bots.splice(0).map((bot) => bot.end()));
});

async function botWith(gate: string): Promise<TestBot> {
  const bot = await startTestBot({ config: textOf(`gates/${gate}.yaml`) });
  bots.push(bot);
  return bot;
}

const has = (program: string, ...args: readonly string[]): boolean => spawnSync(program, args).status === 0;

describe('an example of a gate', () => {
  it.each(gates)('is a whole config, without warnings but for the tokens that are there to try it out: %s', (gate) => {
    const { warnings } = parseConfig(textOf(`gates/${gate}.yaml`), gate, {});
    expect(warnings.filter((warning) => !warning.includes('is the default written in the config'))).toEqual([]);
  });

  it.each(gates)('opens with the request beside it: %s', async (gate) => {
    const bot = await botWith(gate);
    const request = await bot.opened(JSON.parse(textOf(`gates/${gate}.json`)));
    expect(request.status).toBe('pending');
    expect(request.title).not.toContain('${');
  });

  it('is listed, each of them, where people look for it', () => {
    for (const gate of gates) expect(textOf('README.md')).toContain(`](gates/${gate}.yaml)`);
    for (const file of readdirSync(`${examples}pipelines`))
      expect(textOf('README.md')).toContain(`](pipelines/${file})`);
  });
});

/** What a program that asks and waits says once the person has answered. */
async function asked(bot: TestBot, program: string, args: readonly string[], answer: 'approve' | 'reject') {
  const env = { ...process.env, COUNTERSIGN_URL: bot.url, COUNTERSIGN_TOKEN: CI_TOKEN };
  const running = promisify(execFile)(program, [...args], { env });
  const ended = running.then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
  );
  const isOver = { value: false };
  void ended.then(() => {
    isOver.value = true;
  });
  const pending = async (): Promise<string> => {
    for (;;) {
      const id: string | undefined = (await bot.call('GET', '/v1/requests?status=pending')).json.requests[0]?.id;
      if (id !== undefined) return id;
      if (isOver.value) throw new Error(`ended without asking: ${JSON.stringify(await ended)}`);
    }
  };
  const voted = await bot.vote(await pending(), 'ana', answer, { reason: 'tried out' });
  expect(voted.status).toBe(200);
  return ended;
}

describe.runIf(has('bash', '-c', 'curl --version'))('deploy.sh', () => {
  const path = `${examples}pipelines/deploy.sh`;

  it('does not deploy what was rejected', async () => {
    const bot = await botWith('two-stages');
    const { code, stdout } = await asked(bot, 'bash', [path, 'deploy-prod', 'shop', '1.4.2', 'ben'], 'reject');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('deploys once it is approved, and takes the same request up again when it is run again', async () => {
    const bot = await startTestBot({
      config: textOf('gates/one-approver.yaml').replace('gates: [release]', 'gates: [release], may: [vote]'),
    });
    bots.push(bot);
    const run = ['release', 'shop', '1.4.2'];
    expect(await asked(bot, 'bash', [path, ...run], 'approve')).toEqual({
      code: 0,
      stdout: 'deploying shop 1.4.2\n',
    });
    const env = { ...process.env, COUNTERSIGN_URL: bot.url, COUNTERSIGN_TOKEN: CI_TOKEN };
    const again = await promisify(execFile)('bash', [path, ...run], { env });
    expect(again.stdout).toBe('deploying shop 1.4.2\n');
    expect((await bot.call('GET', '/v1/requests')).json.requests).toHaveLength(1);
  });

  it('does not deploy when it could not tell', async () => {
    const bot = await botWith('one-approver');
    const env = { ...process.env, COUNTERSIGN_URL: bot.url, COUNTERSIGN_TOKEN: 'not-the-token-of-anybody' };
    const failed = await promisify(execFile)('bash', [path, 'release', 'shop', '1'], { env }).catch((error) => error);
    expect(failed).toMatchObject({ code: 3, stdout: '' });
  });
});

describe.runIf(has('python3', '-c', 'import sys; assert sys.version_info >= (3, 9)'))('approve.py', () => {
  const path = `${examples}pipelines/approve.py`;

  it.each([
    ['approve', 0],
    ['reject', 1],
  ] as const)('prints the outcome, and its exit code says how it ended: %s', async (answer, code) => {
    const bot = await botWith('freeze');
    const freezeOver = textOf('gates/freeze.yaml').replace('mon-thu 09:00-17:00; fri 09:00-12:00', 'daily 00:00-24:00');
    bot.writeConfig(freezeOver.replace(', holidays: PT', ''));
    expect(bot.reload()).toBe(true);
    const ended = await asked(bot, 'python3', [path, 'deploy-billing', '{"version": "88"}'], answer);
    expect(ended.code).toBe(code);
    expect(JSON.parse(ended.stdout)).toMatchObject({ cause: 'votes', option: answer, decidedBy: ['ana'] });
  });

  it('could not tell when the gate is not there', async () => {
    const bot = await botWith('freeze');
    const env = { ...process.env, COUNTERSIGN_URL: bot.url, COUNTERSIGN_TOKEN: CI_TOKEN };
    const failed = await promisify(execFile)('python3', [path, 'nope', '{}'], { env }).catch((error) => error);
    expect(failed).toMatchObject({ code: 3, stdout: '' });
  });
});

describe.each([
  ['verify-callback.mjs', 'node', true],
  ['verify_callback.py', 'python3', has('python3', '-c', 'import sys; assert sys.version_info >= (3, 9)')],
] as const)('%s', (file, program, isThere) => {
  const receiver = async (secret: string) => {
    const env = { ...process.env, CALLBACK_SECRET: secret, PORT: '0' };
    const child = spawn(program, [`${examples}pipelines/${file}`], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const lines = createInterface(child.stdout);
    const [first] = await once(lines, 'line');
    return { lines, url: `http://127.0.0.1:${String(first).replace('port ', '')}/hooks/4711` };
  };

  it.runIf(isThere)('believes a callback that is signed with its secret', async () => {
    const { lines, url } = await receiver(CALLBACK_SECRET);
    const config = textOf('gates/actions.yaml').replace('callbacks:', 'may: [vote]\n    # callbacks:');
    const bot = await startTestBot({ config });
    bots.push(bot);
    const request = await bot.opened({ gate: 'migrate', context: { migration: '0042', run: '1' }, callback: { url } });
    const told = once(lines, 'line');
    expect((await bot.vote(request.id, 'ana', 'reject')).status).toBe(200);
    expect(await told).toEqual([`request.rejected ${request.id} votes`]);
  });

  it.runIf(isThere)('believes nothing else', async () => {
    const { url } = await receiver(CALLBACK_SECRET);
    const headers = { 'webhook-id': 'dlv_1', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) };
    const body = JSON.stringify({ type: 'request.approved', data: { id: 'req_1', outcome: { cause: 'votes' } } });
    for (const more of [
      {},
      { 'webhook-signature': 'v1,AAAA' },
      { 'webhook-signature': 'v1,', 'webhook-timestamp': '1' },
    ])
      expect((await fetch(url, { method: 'POST', body, headers: { ...headers, ...more } })).status).toBe(401);
  });
});
