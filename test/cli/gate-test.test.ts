// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the config are part of what is tested
/** test/cli/gate-test.test.ts: `gates test` from its arguments to its exit code. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { readXml } from '../bot/gate-tests/xml.ts';
import { testTerminal } from './test-terminal.ts';

const CONFIG = `
people: { ana: { name: Ana Silva, email: ana@example.com }, ben: { email: ben@example.com } }
pipelines: { ci: { token: "\${CI_TOKEN:-dev-only-token-change-me}", gates: ["*"] } }
gates: { deploy: { approvers: [ana, ben], timeout: 1h } }
`;
const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const PASSING = 'tests: [{ name: it opens, gate: deploy, then: { status: pending } }]';
const FAILING = 'tests: [{ name: it fails, gate: deploy, then: { status: approved, asked: [ana] } }]';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-gate-test-'));
  folders.push(folder);
  mkdirSync(join(folder, 'tests'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function gatesTest(args: readonly string[], env: Record<string, string> = {}) {
  const terminal = testTerminal(env);
  const exitCode = await run(['gates', 'test', ...args], terminal);
  return { exitCode, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

describe('countersign gates test', () => {
  it('runs what stands beside the config and in its folder "tests", and exits 0 when all is so', async () => {
    const folder = folderWith({
      'countersign.yaml': CONFIG,
      'countersign.test.yaml': PASSING,
      'other.test.yml': PASSING.replace('it opens', 'here too'),
      'tests/more.test.yaml': PASSING.replace('it opens', 'and there'),
      'notes.yaml': 'this: is no test',
    });
    const { exitCode, stdout, stderr } = await gatesTest(['--config', join(folder, 'countersign.yaml')]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/✓ it opens {2}[\d.]+ ms\n[\s\S]*✓ here too[\s\S]*✓ and there/);
    expect(stdout).toMatch(/✓ 3 tests passed in 3 files · \d+ ms\n$/);
    const fromEnvironment = await gatesTest([], { COUNTERSIGN_CONFIG: join(folder, 'countersign.yaml') });
    expect(fromEnvironment.exitCode).toBe(0);
  });

  it('exits 1 when something is not so, and says what was expected, what was got and what happened', async () => {
    const folder = folderWith({ 'a.yaml': CONFIG, 'a.test.yaml': FAILING });
    const { exitCode, stdout } = await gatesTest([join(folder, 'a.test.yaml')]);
    expect(exitCode).toBe(1);
    expect(stdout.replaceAll(folder, '').replace(/[\d.]+ ms/g, '# ms')).toBe(`/a.test.yaml · /a.yaml
  ✗ it fails  # ms
      /a.test.yaml:1 · − expected · + got
      status (line 1)
        − approved
        + pending
        The clock stands at +0, and what comes next by itself is due at +1h (Mon 2 Mar 2026 10:00 UTC); let time pass with { after: 1h }.
      asked (line 1)
          Ana Silva (ana)
        + ben
      What happened:
        +0  Mon 2 Mar 2026 09:00 UTC  Opens: “deploy”
        +0  Mon 2 Mar 2026 09:00 UTC  2 people are asked for one approval: Ana Silva, ben


✗ 1 of 1 test failed · # ms
`);
  });

  it('exits 3 when a file or its config is wrong, and runs the others all the same', async () => {
    const folder = folderWith({
      'a.yaml': CONFIG,
      'a.test.yaml': PASSING,
      'b.yaml': CONFIG.replace('[ana, ben]', '[ana, bne]'),
      'b.test.yaml': PASSING,
      'c.test.yaml': 'tests: [{ name: x, gaet: deploy }]',
      'd.test.yaml': `config: missing.yaml\n${PASSING}`,
    });
    const { exitCode, stdout } = await gatesTest([folder]);
    expect(exitCode).toBe(3);
    const lines = stdout.replaceAll(`${folder}/`, '');
    expect(lines).toContain(
      'b.yaml:4:37 gates.deploy.approvers[1] "bne" is neither a person nor a group, did you mean "ben"?',
    );
    expect(lines).toContain('c.test.yaml:1:20 tests[0].gaet unknown key, did you mean "gate"?');
    expect(lines).toContain('missing.yaml cannot be read (ENOENT)');
    expect(lines).toMatch(/✗ 3 files could not be run · ✓ 1 test passed in 1 file/);
  });

  it('exits 3 when there is nothing to run: a run of no tests is no proof', async () => {
    const folder = folderWith({ 'a.yaml': CONFIG, 'a.test.yaml': PASSING });
    const nothing = await gatesTest([join(folder, 'tests')]);
    expect(nothing).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('No tests beside') });
    const filtered = await gatesTest([folder, '--filter', 'nowhere']);
    expect(filtered).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('No test has "nowhere" in its name.'),
    });
    const missing = await gatesTest([join(folder, 'none.test.yaml')]);
    expect(missing).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('cannot be read (ENOENT)') });
  });

  it('runs only what the filter names, in whatever case', async () => {
    const folder = folderWith({ 'a.yaml': CONFIG, 'a.test.yaml': PASSING, 'b.yaml': CONFIG, 'b.test.yaml': FAILING });
    expect(await gatesTest([folder, '--filter', 'IT OPENS'])).toMatchObject({ exitCode: 0 });
    expect(await gatesTest([folder, '--filter', 'b.test'])).toMatchObject({ exitCode: 1 });
    expect((await gatesTest([folder, '--filter', 'deploy'])).stdout).toContain('1 of 2 tests failed');
  });

  it('runs files against the config that is named, whatever they say', async () => {
    const stricter = CONFIG.replace('approvers: [ana, ben]', 'approvers: [ana]');
    const folder = folderWith({
      'a.yaml': CONFIG,
      'a.test.yaml': PASSING.replace('status: pending', 'asked: [ana]'),
      'new.yaml': stricter,
    });
    const file = join(folder, 'a.test.yaml');
    expect(await gatesTest([file])).toMatchObject({ exitCode: 1 });
    expect(await gatesTest([file, '--config', join(folder, 'new.yaml')])).toMatchObject({ exitCode: 0 });
  });

  it('finds the config beside a file, above its folder "tests", or as COUNTERSIGN_CONFIG has it', async () => {
    const folder = folderWith({
      'countersign.yaml': CONFIG,
      'tests/any.test.yaml': PASSING,
      'some.test.yaml': PASSING,
    });
    for (const name of ['tests/any.test.yaml', 'some.test.yaml'])
      expect((await gatesTest([join(folder, name)])).stdout).toContain(` · ${join(folder, 'countersign.yaml')}`);
    writeFileSync(join(folder, 'other.yaml'), CONFIG);
    const named = await gatesTest([join(folder, 'some.test.yaml')], { COUNTERSIGN_CONFIG: join(folder, 'other.yaml') });
    expect(named.stdout).toContain(` · ${join(folder, 'other.yaml')}`);
  });

  it('prints nothing but JSON when asked for it', async () => {
    const folder = folderWith({ 'a.yaml': CONFIG, 'a.test.yaml': PASSING, 'b.yaml': CONFIG, 'b.test.yaml': FAILING });
    const { exitCode, stdout } = await gatesTest([folder, '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      files: 2,
      tests: 2,
      passed: 1,
      failed: 1,
      broken: 0,
      results: [
        {
          file: join(folder, 'a.test.yaml'),
          config: join(folder, 'a.yaml'),
          problems: [],
          tests: [{ passed: true, story: [] }],
        },
        {
          tests: [
            {
              name: 'it fails',
              line: 1,
              passed: false,
              mismatches: [
                { path: 'tests[0].then.status', expected: ['approved'], got: ['pending'] },
                { what: 'asked', got: ['Ana Silva (ana)', 'ben'] },
              ],
              story: [{ offset: '+0', clock: 'Mon 2 Mar 2026 09:00 UTC' }, {}],
            },
          ],
        },
      ],
    });
  });

  it('writes what a CI system reads, and says where it can’t', async () => {
    const folder = folderWith({ 'a.yaml': CONFIG, 'a.test.yaml': FAILING });
    const report = join(folder, 'out.xml');
    expect(await gatesTest([folder, '--junit', report])).toMatchObject({ exitCode: 1 });
    expect(readXml(readFileSync(report, 'utf8')).attributes).toMatchObject({ tests: '1', failures: '1' });
    const nowhere = await gatesTest([folder, '--junit', join(folder, 'no', 'out.xml')]);
    expect(nowhere).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('cannot be written') });
  });

  it('has colours where they are wanted, and only there', { timeout: 30_000 }, async () => {
    const folder = folderWith({ 'a.yaml': CONFIG, 'a.test.yaml': FAILING });
    const shown = async (env: Record<string, string>) => {
      const { PATH = '' } = process.env;
      const command = ['--import', 'tsx', MAIN, 'gates', 'test', folder];
      const running = promisify(execFile)(process.execPath, command, { env: { PATH, ...env } });
      return running.then(
        () => '',
        (error: { readonly stdout: string }) => error.stdout,
      );
    };
    const [piped, forced, neither] = await Promise.all([
      shown({}),
      shown({ FORCE_COLOR: '1' }),
      shown({ FORCE_COLOR: '1', NO_COLOR: '1' }),
    ]);
    expect(forced).toContain('\u001b[32m        − approved\u001b[39m');
    expect(forced).toContain('\u001b[31m        + pending\u001b[39m');
    for (const text of [piped, neither]) {
      expect(text).toContain('− approved');
      expect(text).toBe(stripVTControlCharacters(text));
    }
  });

  it('shows nothing that a terminal would act on, whatever a test is called', async () => {
    const name = '"a \\u001b[31m\\u202e\\u0007 b"';
    const folder = folderWith({ 'a.yaml': CONFIG, 'a.test.yaml': FAILING.replace('it fails', name) });
    const { stdout } = await gatesTest([folder]);
    expect(stdout).toContain('✗ a  b');
    for (const hidden of ['\u001b', '\u202e', '\u0007']) expect(stdout).not.toContain(hidden);
  });

  it('reads a config whose variables the file of tests has, and cares for no NODE_ENV', async () => {
    const folder = folderWith({
      'a.yaml': CONFIG.replace('${CI_TOKEN:-dev-only-token-change-me}', '${CI_TOKEN}'),
      'a.test.yaml': PASSING,
    });
    const file = join(folder, 'a.test.yaml');
    const missing = await gatesTest([file]);
    expect(missing).toMatchObject({ exitCode: 3 });
    expect(missing.stdout).toContain('the environment variable CI_TOKEN is not set');
    expect(await gatesTest([file], { CI_TOKEN: 'a-token-of-the-environment' })).toMatchObject({ exitCode: 0 });
    writeFileSync(file, `env: { CI_TOKEN: a-token-of-the-tests }\n${PASSING}`);
    expect(await gatesTest([file], { NODE_ENV: 'production' })).toMatchObject({ exitCode: 0 });
  });

  it('ends when it is interrupted', async () => {
    const folder = folderWith({ 'a.yaml': CONFIG, 'a.test.yaml': PASSING });
    const terminal = testTerminal({});
    terminal.interrupt.abort(new Error('stopped'));
    expect(await run(['gates', 'test', folder], terminal)).toBe(3);
    expect(terminal.stderr()).toContain('stopped');
  });

  it('is done with ten thousand tests in bounded time', { timeout: 60_000 }, async () => {
    const tests = (from: number) =>
      `gate: deploy\ntests:\n${Array.from(
        { length: 5000 },
        (_, i) =>
          `  - { name: t${from + i}, when: [{ after: 1m, person: ana, vote: approve }], then: { status: approved } }\n`,
      ).join('')}`;
    const folder = folderWith({
      'a.yaml': CONFIG,
      'a.test.yaml': tests(0),
      'b.yaml': CONFIG,
      'b.test.yaml': tests(5000),
    });
    const { exitCode, stdout } = await gatesTest([folder]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('✓ 10000 tests passed in 2 files');
  });
});
