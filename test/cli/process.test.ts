/** The command as a process: signals, pipes, and a person at a terminal (through `script`, where the system has it). */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { decided, json, pending, type ScriptedServer, scripted } from '../client/scripted-server.ts';
import { type RealBot, realBot, TOKEN } from './real-bot.ts';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const COMMAND = [process.execPath, '--import', 'tsx', MAIN];
/** From util-linux: runs a command in a pseudo-terminal. */
const PTY = 'script';
const hasPty = spawnSync(PTY, ['--version']).status === 0;

let real: RealBot;
const running: ChildProcess[] = [];
const servers: ScriptedServer[] = [];
beforeAll(async () => {
  real = await realBot();
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
afterAll(() => real.remove());

interface Played {
  readonly child: ChildProcess;
  /** Resolves once the text stands on stdout or stderr. */
  saw(text: string): Promise<void>;
  readonly ended: Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
}

function play(command: readonly string[], env: Readonly<Record<string, string>>): Played {
  const [program = '', ...args] = command;
  const { PATH = '' } = process.env;
  const child = spawn(program, args, { env: { PATH, TERM: 'xterm', ...env }, stdio: 'pipe' });
  running.push(child);
  const texts = { stdout: '', stderr: '' };
  const waiting: { text: string; resolve: () => void }[] = [];
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk) => {
      texts[name] += chunk;
      for (const { text, resolve } of waiting) if (shown().includes(text)) resolve();
    });
  const shown = () => stripVTControlCharacters(texts.stdout + texts.stderr);
  return {
    child,
    saw: (text) =>
      new Promise((resolve, reject) => {
        if (shown().includes(text)) return resolve();
        waiting.push({ text, resolve });
        child.once('close', () => reject(new Error(`It ended without saying "${text}":\n${shown()}`)));
      }),
    ended: new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, ...texts }))),
  };
}

const countersign = (argv: readonly string[], env: Readonly<Record<string, string>> = real.client) =>
  play([...COMMAND, ...argv], env);

/** In a pseudo-terminal; keys go to stdin. */
const atTerminal = (argv: readonly string[], env: Readonly<Record<string, string>> = real.client) =>
  play([PTY, '-qec', [...COMMAND, ...argv].map((part) => `'${part}'`).join(' '), '/dev/null'], env);

const press = ({ child }: Played, keys: string) => child.stdin?.write(keys);

async function fake(...scenes: Parameters<typeof scripted>): Promise<Record<string, string>> {
  const server = await scripted(...scenes);
  servers.push(server);
  return { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: 'x' };
}

describe('the process', () => {
  it('exits by the outcome, with nothing but JSON on stdout', async () => {
    const env = await fake([json(201, pending()), json(200, decided('rejected'))]);
    const { exitCode, stdout } = await countersign(['open', 'deploy-prod', '--wait', '--json'], env).ended;
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'rejected' });
  });

  it('says on Ctrl-C how to come back, and exits 130', async () => {
    const env = await fake([json(200, pending()), () => waiting.child.kill('SIGINT')]);
    const waiting = countersign(['wait', 'req_1', '--json'], env);
    const { exitCode, stdout, stderr } = await waiting.ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(stderr).toContain('The request stays open. Come back with: countersign wait req_1');
  });

  it('takes it as no failure that nobody reads on', async () => {
    const many = Array.from({ length: 200 }, () => pending({ title: 'x'.repeat(1000) }));
    const env = await fake(json(200, { requests: many, cursor: null }));
    const listing = countersign(['list', '--json'], env);
    listing.child.stdout?.destroy();
    const { exitCode, stderr } = await listing.ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('serves until it is told to stop', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-serve-'));
    try {
      const env = { ...real.server, DATABASE_URL: `sqlite:${join(folder, 'own.db')}`, LOG_LEVEL: 'info' };
      const serving = countersign(['serve'], env);
      await serving.saw('"msg":"ready"');
      serving.child.kill('SIGTERM');
      const { exitCode, stdout } = await serving.ended;
      expect(exitCode).toBe(0);
      expect(stdout).toContain('"msg":"stopped"');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('does not serve on a database that another process has, and says so in one line', async () => {
    const { exitCode, stdout, stderr } = await countersign(['serve'], real.server).ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(/^Error: Another Countersign process uses .*countersign\.db: stop it first, or .*\n$/);
  });

  it('does not serve with a broken environment, and says each thing in a line', async () => {
    const { exitCode, stdout, stderr } = await countersign(['serve'], { PORT: 'http', LOG_LEVEL: 'loud' }).ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(/Error: environment PORT: .*\n.*LOG_LEVEL/);
  });
});

describe.skipIf(!hasPty)('a person at a terminal', () => {
  const open = ['open', '--wait', '--interactive', '--as', 'ana', '--context', 'version=1.4.2'];

  it('is asked, says yes, and the pipeline goes on', async () => {
    const asking = atTerminal([...open, 'deploy']);
    await asking.saw('Approve? [y/N]');
    press(asking, 'y');
    const { exitCode, stdout } = await asking.ended;
    expect(stripVTControlCharacters(stdout)).toContain('✓ Approved by ana');
    expect(exitCode).toBe(0);
  });

  it('says no by just pressing Enter', async () => {
    const asking = atTerminal([...open, 'deploy']);
    await asking.saw('Approve? [y/N]');
    press(asking, '\r');
    expect((await asking.ended).exitCode).toBe(1);
  });

  it('goes on waiting for the others, with a line that says for whom', async () => {
    const asking = atTerminal([...open, 'both']);
    await asking.saw('Approve? [y/N]');
    press(asking, 'y');
    await asking.saw('review: 1 of 2 approvals, waiting for mia');
    const client = createClient({ url: real.bot.url, token: TOKEN });
    const [request] = (await client.list({ status: 'pending', gate: 'both' })).requests;
    await client.vote(request?.id ?? '', { person: 'mia', option: 'approve' });
    const { exitCode, stdout } = await asking.ended;
    expect(exitCode).toBe(0);
    expect(stripVTControlCharacters(stdout)).toContain('✓ Approved by ana, mia');
  });

  it('is asked no longer once somebody else has decided', async () => {
    const asking = atTerminal([...open, 'deploy']);
    await asking.saw('Approve? [y/N]');
    const client = createClient({ url: real.bot.url, token: TOKEN });
    const [request] = (await client.list({ status: 'pending', gate: 'deploy' })).requests;
    await client.vote(request?.id ?? '', { person: 'mia', option: 'reject', reason: 'too late' });
    const { exitCode, stdout } = await asking.ended;
    expect(exitCode).toBe(1);
    expect(stripVTControlCharacters(stdout)).toContain('✗ Rejected by mia: too late');
  });

  it('chooses among the gate’s options, and is asked for what the server misses', async () => {
    const asking = atTerminal([...open, 'careful']);
    await asking.saw('Your decision?');
    press(asking, '\r'); // Canary
    await asking.saw('Not counted:');
    await asking.saw('tonight'); // the choices of the form, which came with the refusal
    press(asking, '\r'); // now
    const { exitCode, stdout } = await asking.ended;
    expect(exitCode).toBe(0);
    expect(stripVTControlCharacters(stdout)).toContain('✓ Approved by ana · canary');
  });

  it('is asked for the reason that a rejection needs', async () => {
    const asking = atTerminal([...open, 'careful']);
    await asking.saw('Your decision?');
    press(asking, '\u001b[B');
    press(asking, '\u001b[B');
    press(asking, '\r'); // Stop
    await asking.saw('Reason');
    press(asking, 'not today\r');
    const { exitCode, stdout } = await asking.ended;
    expect(exitCode).toBe(1);
    expect(stripVTControlCharacters(stdout)).toContain('✗ Rejected by ana · stop: not today');
  });

  it('may leave the question with Ctrl-C: the request stays open', async () => {
    const asking = atTerminal([...open, 'deploy']);
    await asking.saw('Approve? [y/N]');
    press(asking, '\u0003');
    const { exitCode, stdout } = await asking.ended;
    expect(exitCode).toBe(130);
    expect(stripVTControlCharacters(stdout)).toContain('The request stays open. Come back with: countersign wait req_');
  });

  it('is not asked when the token may not vote, and is told so', async () => {
    const asking = atTerminal([...open, 'deploy'], { ...real.client, COUNTERSIGN_TOKEN: real.readerToken });
    await asking.saw('this token may not vote');
    await asking.saw('waiting for ana, mia');
    press(asking, '\u0003');
    expect((await asking.ended).exitCode).toBe(130);
  });

  it('sees no colours where NO_COLOR is set', async () => {
    const env = await fake(json(200, decided('approved')));
    const { stdout } = await atTerminal(['wait', 'req_1'], { ...env, NO_COLOR: '1' }).ended;
    expect(stdout).toContain('✓ Approved by ana');
    expect(stdout).not.toContain('\u001b[3');
  });

  it('plays the demo', async () => {
    const demo = atTerminal(['demo'], {});
    await demo.saw('Approve? [y/N]');
    press(demo, 'y');
    const { exitCode, stdout } = await demo.ended;
    expect(exitCode).toBe(0);
    expect(stripVTControlCharacters(stdout)).toContain('signature valid');
  });
});

describe('demo', () => {
  it.each([
    ['approve', '✓ Approved by ana', 'request.approved'],
    ['reject', '✗ Rejected by ana', 'request.rejected'],
  ])('plays %s to the end, shows what was received, and leaves nothing behind', async (answer, outcome, type) => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-tmp-'));
    try {
      const { exitCode, stdout } = await countersign(['demo', '--answer', answer], { TMPDIR: folder }).ended;
      expect(exitCode).toBe(0);
      expect(stdout).toContain(outcome);
      expect(stdout).toContain(`{"type":"${type}"`);
      expect(stdout).toMatch(/webhook-signature: v1,/);
      expect(stdout).toContain('✓ signature valid');
      expect(stdout).toContain('✓ audit log whole');
      expect(readdirSync(folder).filter((name) => name.startsWith('countersign'))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('needs an answer where there is no terminal', async () => {
    const { exitCode, stdout, stderr } = await countersign(['demo'], {}).ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('--answer approve');
  });
});
