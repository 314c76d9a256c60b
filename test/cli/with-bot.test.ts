/** The commands against a real bot: what the scripted server can only claim. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { approval, createClient } from '../../src/client/index.ts';
import { type RealBot, realBot, TOKEN } from './real-bot.ts';
import { testTerminal } from './test-terminal.ts';

let real: RealBot;
beforeAll(async () => {
  real = await realBot();
});
afterAll(() => real.remove());

async function countersign(argv: string[], env: Record<string, string> = {}) {
  const terminal = testTerminal({ ...real.client, ...env });
  const exitCode = await run(argv, terminal);
  return { exitCode, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

const open = async (gate = 'deploy', ...more: string[]) =>
  (await countersign(['open', gate, '--context', 'version=1.10', ...more])).stdout.trim();

const serverEnv = () => ({ ...real.server });

describe('a request from open to outcome', () => {
  it('is opened, listed, shown, approved, and waited for', async () => {
    const id = await open();
    expect((await countersign(['list'])).stdout).toContain(`${id}  pending  deploy`);
    expect((await countersign(['show', id])).stdout).toMatch(/version +1\.10/);
    const waiting = countersign(['wait', id, '--json']);
    const approved = await countersign(['approve', id, '--as', 'ana', '--reason', 'fine']);
    expect(approved).toMatchObject({ exitCode: 0, stdout: '✓ Approved by ana: fine\n' });
    const { exitCode, stdout } = await waiting;
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      id,
      status: 'approved',
      cause: 'votes',
      decidedBy: ['ana'],
      reason: 'fine',
    });
  });

  it('is opened once for one idempotency key', async () => {
    const first = await open('deploy', '--idempotency-key', 'run-1');
    expect(await open('deploy', '--idempotency-key', 'run-1')).toBe(first);
    const other = await countersign(['open', 'both', '--idempotency-key', 'run-1']);
    expect(other).toMatchObject({ exitCode: 3, stdout: '' });
    expect(other.stderr).toContain('Idempotency-Key');
  });

  it('counts a vote and says what is missing; a second one changes nothing', async () => {
    const id = await open('both');
    const counted = 'Counted. review: 1 of 2 approvals, waiting for mia\n';
    expect(await countersign(['approve', id, '--as', 'ana'])).toMatchObject({ exitCode: 0, stdout: counted });
    expect(await countersign(['approve', id, '--as', 'ana'])).toMatchObject({ exitCode: 0, stdout: counted });
    expect((await countersign(['reject', id, '--as', 'ana'])).exitCode).toBe(1);
    expect(await countersign(['reject', id, '--as', 'ana', '--change'])).toMatchObject({
      exitCode: 0,
      stdout: '✗ Rejected by ana\n',
    });
    expect((await countersign(['wait', id])).exitCode).toBe(1);
  });

  it('refuses strangers, late votes and tokens that may not vote, and changes nothing', async () => {
    const id = await open();
    const stranger = await countersign(['approve', id, '--as', 'ben']);
    expect(stranger).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('not among the people') });
    const reader = { COUNTERSIGN_TOKEN: real.readerToken };
    const foreign = await countersign(['approve', id, '--as', 'ana'], reader);
    expect(foreign).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no such request') });
    const own = (await countersign(['open', 'deploy', '--context', 'version=1'], reader)).stdout.trim();
    const mayNot = await countersign(['approve', own, '--as', 'ana'], reader);
    expect(mayNot).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('may: [vote]') });
    expect(
      await countersign(['approve', id, '--as', 'ana'], { COUNTERSIGN_TOKEN: 'wrong-token-altogether' }),
    ).toMatchObject({ exitCode: 3 });
    expect((await countersign(['cancel', id, '--reason', 'obsolete'])).exitCode).toBe(0);
    expect((await countersign(['approve', id, '--as', 'ana'])).exitCode).toBe(1);
    expect((await countersign(['wait', id])).exitCode).toBe(2);
  });

  it('takes one of several options, with the answers to its form', async () => {
    const id = await open('careful');
    expect((await countersign(['approve', id, '--as', 'ana'])).stderr).toContain('--option: canary, full');
    const missing = await countersign(['approve', id, '--as', 'ana', '--option', 'canary']);
    expect(missing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Window is required') });
    const done = await countersign(['approve', id, '--as', 'ana', '--option', 'canary', '--input', 'window=now']);
    expect(done).toMatchObject({ exitCode: 0, stdout: '✓ Approved by ana · canary\n' });
  });

  it('is bypassed only by those whom the gate names', async () => {
    const id = await open();
    const bypass = (person: string) => countersign(['bypass', id, '--as', person, '--reason', 'site is down']);
    expect((await bypass('ana')).exitCode).toBe(1);
    expect(await bypass('mia')).toMatchObject({ exitCode: 0, stdout: '✓ Approved by mia (BYPASSED): site is down\n' });
  });

  it('is asked for again, once in a while', async () => {
    const id = await open();
    expect(await countersign(['nudge', id])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Asked again\. .*waiting for /),
    });
    expect(await countersign(['nudge', id])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('once in 15 minutes'),
    });
  });

  it('is not opened at a gate that nobody knows', async () => {
    const refused = await countersign(['open', 'nope', '--wait', '--json']);
    expect(refused).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringContaining('not a gate') });
  });
});

describe('the TypeScript client', () => {
  it('asks, waits and is told', async () => {
    const { COUNTERSIGN_URL: url } = real.client;
    const client = createClient({ url: url ?? '', token: TOKEN });
    const { status, outcome } = await approval({
      url: url ?? '',
      token: TOKEN,
      gate: 'deploy',
      context: { version: '2' },
      onProgress: ({ id }) => void client.vote(id, { person: 'mia', option: 'reject', reason: 'no' }),
    });
    expect({ status, by: outcome.decidedBy }).toEqual({ status: 'rejected', by: ['mia'] });
  });

  it('follows the trail of a request until it ends', async () => {
    const client = createClient({ url: real.bot.url, token: TOKEN });
    const { id } = await client.open({ gate: 'deploy', context: { version: '3' } });
    const types: string[] = [];
    for await (const { type } of client.events(id)) {
      types.push(type);
      if (type === 'opened') await client.vote(id, { person: 'ana', option: 'approve' });
    }
    expect(types[0]).toBe('opened');
    expect(types).toContain('voted');
    expect(types.at(-1)).toBe('closed');
  });

  it('knows whose token it has', async () => {
    const identity = await createClient({ url: real.bot.url, token: TOKEN }).whoami();
    expect(identity).toMatchObject({ pipeline: 'ci', may: expect.arrayContaining(['vote', 'bypass']) });
  });
});

describe('audit', () => {
  it('verifies beside the running bot, against a checkpoint kept elsewhere too', async () => {
    await open();
    await real.bot.store.checkpoint(Date.now());
    const whole = await countersign(['audit', 'verify', '--json'], serverEnv());
    const said: { events: number; checkpoint: unknown } = JSON.parse(whole.stdout);
    expect(whole.exitCode).toBe(0);
    expect(said).toMatchObject({ faults: [], checkpoint: { signature: expect.any(String) } });
    const kept = join(real.folder, 'kept.json');
    writeFileSync(kept, whole.stdout);
    await open();
    const since = await countersign(['audit', 'verify', '--since', kept], serverEnv());
    expect(since).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/✓ \d+ events, \d+ checkpoints, head [0-9a-f]{64}/),
    });
  });

  it('takes the newest of the checkpoints that stand line by line, as CHECKPOINT_FILE and the log have them', async () => {
    await open();
    const checkpoint = await real.bot.store.checkpoint(Date.now());
    const kept = join(real.folder, 'kept.jsonl');
    const lines = [
      { ...checkpoint, size: 1, head: 'older' },
      { level: 30, ...checkpoint, msg: 'checkpoint' },
    ];
    writeFileSync(kept, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"size":9,"he`);
    expect(await countersign(['audit', 'verify', '--since', kept], serverEnv())).toMatchObject({ exitCode: 0 });
    writeFileSync(kept, JSON.stringify({ ...checkpoint, size: 1_000_000 }));
    const forged = await countersign(['audit', 'verify', '--since', kept], serverEnv());
    expect(forged).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('its signature is not ours') });
    writeFileSync(kept, 'nothing\n[]\n');
    expect(await countersign(['audit', 'verify', '--since', kept], serverEnv())).toMatchObject({ exitCode: 3 });
  });

  it('verifies what an older secret has signed where COUNTERSIGN_OLD_SECRETS names it', async () => {
    await open();
    await real.bot.store.checkpoint(Date.now());
    const changed = { ...serverEnv(), COUNTERSIGN_SECRET: 'a-new-secret-of-at-least-32-characters' };
    const alone = await countersign(['audit', 'verify'], changed);
    expect(alone).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('its signature is not ours') });
    const both = { ...changed, COUNTERSIGN_OLD_SECRETS: real.server.COUNTERSIGN_SECRET ?? '' };
    expect(await countersign(['audit', 'verify'], both)).toMatchObject({ exitCode: 0 });
  });

  it('exports the whole log in each format, with the very text that was hashed', async () => {
    const jsonl = await countersign(['audit', 'export'], serverEnv());
    const lines = jsonl.stdout.trim().split('\n');
    const events = lines.map((line) => JSON.parse(line));
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
    const [first] = await real.bot.store.log(0, 1);
    expect(lines[0]).toContain(`"data":${first?.data}}`);

    const json = await countersign(['audit', 'export', '--format', 'json'], serverEnv());
    expect(JSON.parse(json.stdout)).toEqual(events);

    const file = join(real.folder, 'audit.csv');
    const csv = await countersign(['audit', 'export', '--format', 'csv', '--out', file], serverEnv());
    expect(csv).toMatchObject({ exitCode: 0, stdout: '' });
    expect(readFileSync(file, 'utf8').split('\r\n')).toHaveLength(events.length + 2);
    expect(existsSync(`${file}.partial`)).toBe(false);
  });

  it.each([
    [['audit', 'export', '--format', 'xml'], 'No such format'],
    [['audit', 'export', '--out', '/no/such/folder/x'], "can't be written"],
    [['audit', 'verify', '--since', '/no/such/file'], "can't be read"],
  ])('%j exits 3 in a line', async (argv, words) => {
    const { exitCode, stderr } = await countersign(argv, serverEnv());
    expect(exitCode).toBe(3);
    expect(stderr).toContain(words);
  });

  it('says so when there is no database, or no secret to check with', async () => {
    const missing = await countersign(['audit', 'verify'], { ...serverEnv(), DATABASE_URL: 'sqlite:/no/such/file.db' });
    expect(missing).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('There is no database') });
    const { COUNTERSIGN_SECRET: _, ...withoutSecret } = serverEnv();
    const unsigned = await countersign(['audit', 'verify'], withoutSecret);
    expect(unsigned).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('COUNTERSIGN_SECRET') });
  });
});

describe('receipt verify', () => {
  /** A receipt as the API answers it, in a file. */
  const receipt = async (option: 'approve' | 'reject'): Promise<{ file: string; text: string }> => {
    const id = await open();
    await countersign([option, id, '--as', 'ana']);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const text = await (await fetch(`${real.bot.url}/v1/requests/${id}/receipt`, { headers })).text();
    const file = join(real.folder, `${id}.json`);
    writeFileSync(file, text);
    return { file, text };
  };

  it('says what a genuine receipt says, with the keys of the bot', async () => {
    const { file } = await receipt('reject');
    const { exitCode, stdout } = await countersign(['receipt', 'verify', file], { COUNTERSIGN_TOKEN: '' });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^✓ Genuine: rejected \(votes\) by ana, \d{4}-.*Z\n {2}req_\w+ at deploy, http:.*\n {2}Deploy 1\.10\n/,
    );
  });

  it('needs no bot where the keys are kept, and reads stdin', async () => {
    const { text } = await receipt('approve');
    const jwks = join(real.folder, 'jwks.json');
    writeFileSync(jwks, await (await fetch(`${real.bot.url}/.well-known/jwks.json`)).text());
    const alone: { receipt: string; claims: unknown } = JSON.parse(text);
    const terminal = testTerminal({});
    Object.assign(terminal, { input: Readable.from([`${alone.receipt}\n`]) });
    expect(await run(['receipt', 'verify', '-', '--jwks', jwks, '--json'], terminal)).toBe(0);
    expect(JSON.parse(terminal.stdout())).toEqual({ genuine: true, claims: alone.claims });
  });

  it('exits 1 for what was changed, signed by another, or is no receipt', async () => {
    const { file, text } = await receipt('reject');
    const alone: { receipt: string } = JSON.parse(text);
    const [head = '', body = '', signature = ''] = alone.receipt.split('.');
    const forged = Buffer.from(Buffer.from(body, 'base64url').toString().replaceAll('rejected', 'approved'));
    for (const [receipt, words] of [
      [`${head}.${forged.toString('base64url')}.${signature}`, 'its signature does not fit'],
      [`${head}.${body}.`, 'its signature does not fit'],
      ['hello', 'it is no receipt'],
    ] as const) {
      writeFileSync(file, receipt);
      const answer = await countersign(['receipt', 'verify', file]);
      expect(answer, receipt).toMatchObject({ exitCode: 1, stdout: expect.stringContaining(words) });
    }
    writeFileSync(file, text);
    const foreign = join(real.folder, 'foreign.json');
    writeFileSync(foreign, '{"keys": []}');
    const answer = await countersign(['receipt', 'verify', file, '--jwks', foreign]);
    expect(answer).toMatchObject({ exitCode: 1, stdout: '✗ Not genuine: none of the keys has signed it.\n' });
  });

  it('exits 3 when it could not tell', async () => {
    const { file } = await receipt('approve');
    for (const argv of [
      ['/no/such/file'],
      [file, '--jwks', '/no/such/file'],
      [file, '--jwks', `${real.bot.url}/nothing`],
      [file, '--jwks', 'http://127.0.0.1:1/'],
      [file, '--jwks', file],
    ])
      expect((await countersign(['receipt', 'verify', ...argv])).exitCode, argv.join(' ')).toBe(3);
  });
});

describe('gates validate', () => {
  it('says of each gate who decides, by when, and what silence does', async () => {
    const { exitCode, stdout, stderr } = await countersign(['gates', 'validate'], serverEnv());
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^both +2h +rejected +2 of managers$/m);
    expect(stdout).toMatch(/^careful +1d +rejected +1 of managers$/m);
    expect(stderr).toContain('✓');
  });

  it('prints each problem with its place, and exits 1', async () => {
    const file = join(real.folder, 'broken.yaml');
    writeFileSync(file, 'gates:\n  deploy:\n    approvers: [nobody]\n    quorums: 2\n');
    const { exitCode, stdout, stderr } = await countersign(['gates', 'validate', file]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/broken\.yaml:4:\d+ gates\.deploy\.quorums: unknown key/);
    const asJson = await countersign(['gates', 'validate', file, '--json']);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ problems: [{ line: 4, path: 'gates.deploy.quorums' }] });
  });
});

describe('deliveries', () => {
  it('lists through the bot, and says when there are none', async () => {
    expect(await countersign(['deliveries', 'list', '--state', 'dead'])).toMatchObject({
      exitCode: 0,
      stderr: 'There are none.\n',
    });
    expect(await countersign(['deliveries', 'retry', '--all-dead'])).toMatchObject({
      exitCode: 0,
      stdout: '0 queued again.\n',
    });
  });

  it.each([
    [['deliveries', 'retry'], 3],
    [['deliveries', 'retry', 'dlv_1', '--all-dead'], 3],
    [['deliveries', 'retry', '../x'], 3],
    [['deliveries', 'retry', 'dlv_unknown'], 1],
    [['deliveries', 'list', '--state', 'lost'], 3],
  ])('%j exits %i', async (argv, code) => {
    expect((await countersign(argv)).exitCode).toBe(code);
  });

  it('does not write to the database of a running bot', async () => {
    const { exitCode, stderr } = await countersign(['deliveries', 'retry', '--all-dead', '--offline'], serverEnv());
    expect(exitCode).toBe(3);
    expect(stderr).toContain('leave out --offline');
  });
});

describe('doctor', () => {
  it('finds a bot that runs, its database, and the token', async () => {
    const { exitCode, stdout } = await countersign(['doctor'], { ...serverEnv(), PORT: new URL(real.bot.url).port });
    expect(stdout).toContain('and is ready');
    expect(stdout).toMatch(/countersign\.db: \d+ pending/);
    expect(stdout).toContain('is the pipeline ci');
    expect(exitCode).toBe(0);
  });

  it('says what is in the way, and what to do', async () => {
    const terminal = testTerminal({
      HOST: '0.0.0.0',
      PORT: '0',
      COUNTERSIGN_CONFIG: '/no/such.yaml',
      DATABASE_URL: `sqlite:${join(real.folder, 'countersign.yaml', 'x.db')}`,
    });
    expect(await run(['doctor'], terminal)).toBe(1);
    expect(terminal.stdout()).toContain('✗ /no/such.yaml cannot be read');
    expect(terminal.stdout()).toContain('✗ PUBLIC_URL is not set');
    expect(terminal.stdout()).toContain("countersign.yaml/x.db can't be made");
  });

  it('repeats what the environment gets wrong, without its secrets', async () => {
    const terminal = testTerminal({
      PORT: 'http',
      COUNTERSIGN_SECRET: 'too-short-secret',
      WEB_DEV_LOGIN: '1',
      NODE_ENV: 'production',
    });
    expect(await run(['doctor'], terminal)).toBe(1);
    expect(terminal.stdout()).toMatch(/✗ .*PORT/);
    expect(terminal.stdout()).toMatch(/✗ .*WEB_DEV_LOGIN/);
    expect(terminal.stdout()).not.toContain('too-short-secret');
  });
});

describe('after the bot has stopped', () => {
  it('finds what was changed in the database behind its back, and exits 1', async () => {
    const own = await realBot();
    try {
      const client = createClient({ url: own.bot.url, token: TOKEN });
      await client.open({ gate: 'deploy', context: { version: '1' } });
      await own.stop();
      const file = join(own.folder, 'countersign.db');
      const db = new Sqlite(file);
      // Whatever keeps the log from being changed, somebody with the file can take away.
      for (const { name } of db
        .prepare<[], { name: string }>("select name from sqlite_master where type = 'trigger'")
        .all())
        db.exec(`drop trigger "${name}"`);
      db.exec('update events set data = replace(data, \'"version":"1"\', \'"version":"2"\')');
      db.close();
      const terminal = testTerminal({ ...own.server });
      expect(await run(['audit', 'verify'], terminal)).toBe(1);
      expect(terminal.stdout()).toMatch(/✗ event 1 .*does not match its hash/);
      const offline = testTerminal({ ...own.server });
      expect(await run(['deliveries', 'list', '--offline', '--json'], offline)).toBe(0);
      expect(JSON.parse(offline.stdout())).toEqual({ deliveries: [] });
    } finally {
      await own.remove();
    }
  });
});
