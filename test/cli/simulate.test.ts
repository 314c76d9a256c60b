/** test/cli/simulate.test.ts: `gates simulate`, on a config alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { YAML } from '../bot/rehearsal/house.ts';
import { testTerminal } from './test-terminal.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  file = join(folder, 'countersign.yaml');
  writeFileSync(file, YAML);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function simulate(argv: string[]) {
  const terminal = testTerminal({ COUNTERSIGN_CONFIG: file });
  const exitCode = await run(['gates', 'simulate', ...argv], terminal);
  return { exitCode, stdout: terminal.stdout(), stderr: terminal.stderr() };
}
const CONTEXT = ['--context', 'service=shop', '--context', 'version=1.4', '--context', '{"risk":9,"region":"us"}'];
const FRIDAY = ['--requester', 'ben', '--at', '2026-11-20T16:30:00Z'];

describe('gates simulate', () => {
  it('prints the stages, the timeline in local time, and what silence does', async () => {
    const { exitCode, stdout, stderr } = await simulate(['deploy-prod', ...CONTEXT, ...FRIDAY]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines.slice(0, 2)).toEqual([
      'Deploy shop 1.4 to production · deploy-prod',
      'at Fri 20 Nov 2026 16:30 Europe/Lisbon, asked for by Ben Okoye',
    ]);
    for (const line of [
      '  ● change board: applies; context.risk >= 7 is true (context.risk is 9)',
      '  – legal: left out; context.region == "eu" && context.personalData is false (context.region is "us")',
      '        Gil Moreau ← release-managers, standing in for Cy Tan until Mon 23 Nov 2026 00:00',
      '        not Ben Okoye: asks for it, and nobody approves their own request here',
      '  Fri 20 Nov 2026 17:30       +1h  ↻ Reminded: Ana Silva and Gil Moreau',
      '                                     → # releases (slack thread)',
      '  Mon 23 Nov 2026 11:30   +2d 19h  ! It has missed its target time',
      '  Mon 23 Nov 2026 16:30       +3d  ■ Rejected automatically: nobody decided in time',
      '  Without a decision it is rejected automatically, Mon 23 Nov 2026 16:30 (+3d)',
    ])
      expect(lines).toContain(line);
    expect(lines.some((line) => /Escalated.*Mia Chen may decide as well/.test(line))).toBe(true);
  });

  it('shows the way after votes, and why somebody may not vote', async () => {
    const votes = ['--vote', 'gil=approve@+1h', '--vote', 'fay=approve@2026-11-20T18:00:00Z'];
    const { exitCode, stdout } = await simulate(['deploy-prod', ...CONTEXT, ...FRIDAY, ...votes, '--explain', 'ben']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('✎ Gil Moreau decided for Cy Tan: Approve');
    expect(stdout).toContain('✓ Approved by Gil Moreau and Fay Ward');
    expect(stdout).toContain('Ben Okoye may not vote on this.');
    expect(stdout).toContain('would be told: You asked for this, so somebody else has to decide it.');
  });

  it('prints the same as JSON', async () => {
    const { stdout, stderr } = await simulate(['deploy-prod', ...CONTEXT, ...FRIDAY, '--json']);
    expect(stderr).toBe('');
    const simulation = JSON.parse(stdout);
    expect(simulation).toMatchObject({ gate: 'deploy-prod', opens: true, timezone: 'Europe/Lisbon' });
    expect(simulation.asked[0]).toEqual({
      person: { id: 'ana', name: 'Ana Silva' },
      at: '2026-11-20T16:30:00Z',
      where: ['slack', 'web'],
    });
  });

  it('reads the context from a file, with pairs laid over it', async () => {
    const path = join(folder, 'context.json');
    writeFileSync(path, '{"service":"shop","version":"1","risk":9}');
    const { stdout } = await simulate(['deploy-prod', '--context-file', path, '--context', 'risk:=1', ...FRIDAY]);
    expect(stdout).toContain('change board: left out; context.risk >= 7 is false (context.risk is 1)');
  });

  it('exits 1 where the request would be refused, and names the group that can’t be asked', async () => {
    const { exitCode, stdout } = await simulate(['guarded']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('✗ It would not open: The directory of approvers cannot be reached right now');
    expect(stdout).toContain('! oncall can’t be asked here, and while that is so the gate refuses to open');
    expect(stdout).toMatch(/oncall: .*only the bot asks Slack/);
  });

  it.each([
    [['nonsense'], 'nonsense is not a gate of this config'],
    [['deploy-prdo'], 'did you mean'],
    [['auto', '--at', 'tomorrow'], '--at must be a time like'],
    [['auto', '--vote', 'ana'], '--vote must be PERSON=OPTION@WHEN'],
    [['auto', '--vote', 'zoe=approve@+1h'], '--vote: zoe is not a person in the directory'],
    [['auto', '--requester', 'nobody@acme.dev'], '--requester: nobody@acme.dev is not a person'],
    [['auto', '--context', '{'], '--context'],
    [['auto', '--config', '/nowhere.yaml'], 'cannot be read'],
  ])('exits 3 for %j', async (argv, words) => {
    const { exitCode, stdout, stderr } = await simulate(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(words);
  });

  it('lets nothing of a context move the cursor', async () => {
    const { stdout } = await simulate(['deploy-prod', '--context', 'service=\u001b[2Jx', ...FRIDAY]);
    expect(stdout).not.toContain('\u001b');
  });
});
