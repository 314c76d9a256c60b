/** pause, resume and pauses against a real bot. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { type RealBot, realBot, TOKEN } from './real-bot.ts';
import { testTerminal } from './test-terminal.ts';

const MEEK = 'token-of-a-pipeline-that-may-not-pause';
const CONFIG = `
people: { ana: { name: Ana Silva } }
pipelines:
  ci: { token: ${TOKEN}, gates: ["*"], may: [vote, pause] }
  meek: { token: ${MEEK}, gates: ["*"] }
gates:
  deploy: { approvers: [ana] }
  other: { approvers: [ana] }
`;

let real: RealBot;
beforeAll(async () => {
  real = await realBot(CONFIG);
});
afterAll(() => real.remove());

async function countersign(line: string, env: Record<string, string> = {}) {
  const terminal = testTerminal({ ...real.client, ...env });
  const exitCode = await run(line.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', '')) ?? [], terminal);
  return { exitCode, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

it('pauses a gate, shows it, and lets it go on', async () => {
  const id = (await countersign('open deploy')).stdout.trim();
  expect(await countersign('pauses')).toMatchObject({ exitCode: 0, stderr: 'Nothing is paused.\n' });
  expect(await countersign('pause gate deploy --reason "Release freeze"')).toMatchObject({
    exitCode: 0,
    stdout: 'Paused the gate deploy: 1 pending request, and what is opened there from now on. Deadlines stand still.\n',
  });
  expect((await countersign('pauses')).stdout).toMatch(
    /^the gate deploy · paused by pipeline ci since .*: Release freeze · deadlines stand still/,
  );
  expect((await countersign(`approve ${id} --as ana`)).exitCode).toBe(1);
  expect(await countersign('pause gate deploy')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('paused already'),
  });
  expect(await countersign(`resume request ${id}`)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('along with'),
  });
  expect(await countersign('resume gate deploy --reason thawed')).toMatchObject({
    exitCode: 0,
    stdout: 'Resumed the gate deploy: 1 pending request.\n',
  });
  expect((await countersign('pauses --all')).stdout).toMatch(/ended by pipeline ci .*: thawed/);
  expect((await countersign(`approve ${id} --as ana`)).exitCode).toBe(0);
});

it('pauses everything, a pipeline and one request, with the clocks as asked for', async () => {
  const id = (await countersign('open other')).stdout.trim();
  expect((await countersign('pause everything --reason Incident --clocks run --json')).stdout).toContain(
    '"clocks": "run"',
  );
  expect((await countersign('pause pipeline ci')).exitCode).toBe(0);
  expect((await countersign(`pause request ${id}`)).stdout).toBe('Paused: other\n');
  expect((await countersign('resume everything')).stdout).toMatch(/^Resumed everything: 1 pending request/);
  expect((await countersign('resume pipeline ci')).exitCode).toBe(0);
  expect((await countersign(`resume request ${id}`)).stdout).toMatch(/^Resumed\. approval: 0 of 1 approval/);
  expect((await countersign(`approve ${id} --as ana`)).exitCode).toBe(0);
});

it.each([
  ['pause nonsense', 3, 'That can’t be paused: nonsense'],
  ['pause gate', 3, 'Which gate?'],
  ['pause everything now', 3, 'Everything has no name: now'],
  ['pause request 4711', 3, 'Not the id of a request'],
  ['pause gate deploy --clocks fast', 3, '--clocks wants stop or run'],
  ['pause gate nowhere', 1, '"nowhere" is not a gate'],
  ['resume gate other', 1, 'The gate other is not paused.'],
])('%s ends with %i and says why', async (line, exitCode, words) => {
  expect(await countersign(line)).toMatchObject({ exitCode, stderr: expect.stringContaining(words) });
});

it('is refused to a pipeline that may not', async () => {
  expect(await countersign('pause gate deploy', { COUNTERSIGN_TOKEN: MEEK })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('may: [pause]'),
  });
});
