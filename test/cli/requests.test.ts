import { afterEach, describe, expect, it } from 'vitest';
import { buildProgram, run } from '../../src/cli/program.ts';
import { Interruption } from '../../src/cli/terminal.ts';
import {
  decided,
  hangUp,
  json,
  pending,
  problem,
  type Scene,
  type ScriptedServer,
  scripted,
} from '../client/scripted-server.ts';
import { testTerminal } from './test-terminal.ts';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function play(argv: string[], script: readonly Scene[] | Scene, env: Record<string, string> = {}) {
  const server = await scripted(script);
  servers.push(server);
  const terminal = testTerminal({ COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: 'secret-token', ...env });
  const exitCode = await run(argv, terminal);
  return { exitCode, stdout: terminal.stdout(), stderr: terminal.stderr(), seen: server.seen };
}

describe('wait', () => {
  it.each([
    ['approved', 0],
    ['rejected', 1],
    ['cancelled', 2],
  ] as const)('ends %s with exit code %i and the outcome alone on stdout', async (status, code) => {
    const { exitCode, stdout } = await play(['wait', 'req_1', '--json'], [json(200, decided(status))]);
    expect(exitCode).toBe(code);
    expect(JSON.parse(stdout)).toEqual({ id: 'req_1', gate: 'deploy-prod', ...decided(status).outcome });
  });

  it('says in words how it ended', async () => {
    const { stdout } = await play(['wait', 'req_1'], [json(200, decided('rejected'))]);
    expect(stdout).toBe('✗ Rejected by ana: Not on a Friday\n');
  });

  it('says meanwhile how things stand, once for each change', async () => {
    const first = pending();
    const scenes = [json(200, first), json(200, first), json(200, decided('approved'))];
    const { stderr } = await play(['wait', 'req_1'], scenes);
    expect(stderr).toBe('peer review: 0 of 1 approval, waiting for ana, mia\n');
  });

  it('goes on over a dropped connection', async () => {
    const { exitCode, stderr } = await play(['wait', 'req_1'], [hangUp, json(200, decided('approved'))]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Trying again');
  });

  it.each<[string, Scene]>([
    ['the token is wrong', problem(401, 'Unknown token.')],
    ['the request is unknown', problem(404, 'There is no such request.')],
    ['something else answers', (response) => response.writeHead(200).end('<html>')],
    ['an approval has no outcome', json(200, { ...pending(), status: 'approved' })],
  ])('exits 3, and leaves stdout empty, when %s', async (_name, scene) => {
    const { exitCode, stdout, stderr } = await play(['wait', 'req_1', '--json'], scene);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain('Error: ');
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect(stderr).not.toContain('secret-token');
  });

  it('tells what to set when the token is wrong', async () => {
    const { stderr } = await play(['wait', 'req_1'], problem(401, 'Unknown token.'));
    expect(stderr).toContain('COUNTERSIGN_TOKEN');
  });

  it('waits no longer than it is told, and says how to come back', async () => {
    const { exitCode, stderr } = await play(['wait', 'req_1', '--wait-for', '1s'], json(200, pending()));
    expect(exitCode).toBe(3);
    expect(stderr).toContain('countersign wait req_1');
  });

  it('says on Ctrl-C that the request stays open and how to come back', async () => {
    const server = await scripted(() => terminal.interrupt.abort(new Interruption('SIGINT')));
    servers.push(server);
    const terminal = testTerminal({ COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: 'x' });
    expect(await run(['wait', 'req_1'], terminal)).toBe(130);
    expect(terminal.stderr()).toContain('The request stays open. Come back with: countersign wait req_1');
    expect(terminal.stdout()).toBe('');
  });
});

describe('open', () => {
  it('prints the id on stdout, and where to decide elsewhere', async () => {
    const { exitCode, stdout, stderr, seen } = await play(
      ['open', 'deploy-prod', '--title', 'Deploy', '--context', 'risk:=7', '--idempotency-key', 'run-1'],
      [json(201, pending())],
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'req_1\n' });
    expect(stderr).toContain('http://127.0.0.1:3000/requests/req_1');
    expect(seen[0]).toMatchObject({
      body: { gate: 'deploy-prod', title: 'Deploy', context: { risk: 7 } },
      headers: { 'idempotency-key': 'run-1', authorization: 'Bearer secret-token' },
    });
  });

  it('prints the whole request with --json', async () => {
    const { stdout } = await play(['open', 'deploy-prod', '--json'], [json(201, pending())]);
    expect(JSON.parse(stdout)).toEqual(pending());
  });

  it('waits with --wait, and its exit code is the outcome', async () => {
    const scenes = [json(201, pending()), json(200, decided('rejected'))];
    const { exitCode, stdout } = await play(['open', 'deploy-prod', '--wait', '--json'], scenes);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'rejected', reason: 'Not on a Friday' });
  });

  it('exits 3, not 1, when the server refuses to open: nobody has rejected anything', async () => {
    const scene = problem(422, 'Not acceptable.', {}, [{ path: 'gate', message: 'is not a gate of this service' }]);
    const { exitCode, stderr } = await play(['open', 'nope', '--wait'], scene);
    expect(exitCode).toBe(3);
    expect(stderr).toBe('Error: Not acceptable. (gate: is not a gate of this service)\n');
  });

  it('waits without asking where there is no terminal to ask at', async () => {
    const scenes = [json(201, pending()), json(200, decided('approved'))];
    const { exitCode, stderr } = await play(['open', 'deploy-prod', '--interactive', '--as', 'ana'], scenes);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('no terminal to ask at');
  });
});

describe('list and show', () => {
  it('lists what is pending, with the time left', async () => {
    const request = pending({ expiresAt: '2026-03-01T11:30:00.000Z' });
    const { exitCode, stdout, seen } = await play(['list'], json(200, { requests: [request], cursor: null }));
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')[1]).toBe('req_1  pending  deploy-prod  1h 30m left  Deploy shop 1.4.2 to production');
    expect(seen[0]?.url).toBe('/v1/requests?status=pending&limit=50');
  });

  it('prints the page as JSON, and the way to the next beside it', async () => {
    const scene = json(200, { requests: [pending()], cursor: 'req_1' });
    const { stdout, stderr, seen } = await play(['list', '--status', 'any', '--gate', 'x', '--json'], scene);
    expect(JSON.parse(stdout)).toEqual({ requests: [pending()], cursor: 'req_1' });
    expect(stderr).toBe('More: --cursor req_1\n');
    expect(seen[0]?.url).toBe('/v1/requests?gate=x&limit=50');
  });

  it('shows facts, stages, votes and how it ended', async () => {
    const request = decided('approved', {
      context: { service: 'shop' },
      votes: [
        { person: 'ana', option: 'approve', via: 'slack', reason: 'fine', inputs: {}, at: '2026-03-01T10:05:00.000Z' },
      ],
    });
    const { stdout } = await play(['show', 'req_1'], json(200, request));
    expect(stdout).toContain('requested by  ben');
    expect(stdout).toContain('service       shop');
    expect(stdout).toContain('ana · approve · 2026-03-01 10:05 UTC via slack: fine');
    expect(stdout).toContain('✓ Approved by ana');
  });

  it('lets nothing from outside act on the terminal', async () => {
    const evil = '\u001b[2J\u001b]0;owned\u0007\u202eevil';
    const request = decided('rejected', {
      title: evil,
      description: evil,
      requester: evil,
      context: { [evil]: { deep: evil } },
      fields: [{ label: evil, value: evil }],
      votes: [{ person: evil, option: evil, via: evil, reason: evil, inputs: {}, at: evil }],
    });
    for (const argv of [
      ['show', 'req_1'],
      ['wait', 'req_1'],
      ['show', 'req_1', '--json'],
    ]) {
      const { stdout, stderr } = await play(argv, json(200, request));
      expect(`${stdout}${stderr}`).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
    }
  });
});

describe('approve and reject', () => {
  it('votes for the person, with reason and inputs', async () => {
    const { exitCode, stdout, seen } = await play(
      ['approve', 'req_1', '--as', 'ana', '--reason', 'fine', '--input', 'window=now', '--input', 'regions:=["eu"]'],
      [json(200, pending()), json(200, decided('approved'))],
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '✓ Approved by ana\n' });
    expect(seen[1]).toMatchObject({
      url: '/v1/requests/req_1/votes',
      body: { person: 'ana', option: 'approve', reason: 'fine', inputs: { window: 'now', regions: ['eu'] } },
    });
  });

  it('says how many are still missing', async () => {
    const { stdout } = await play(['approve', 'req_1'], json(200, pending()), { COUNTERSIGN_PERSON: 'mia' });
    expect(stdout).toBe('Counted. peer review: 0 of 1 approval, waiting for ana, mia\n');
  });

  it('takes the gate’s only option with that outcome, and asks which one where there are several', async () => {
    const options = [
      { id: 'canary', label: 'Canary', outcome: 'approved' as const },
      { id: 'full', label: 'Full', outcome: 'approved' as const },
      { id: 'stop', label: 'Stop', outcome: 'rejected' as const },
    ];
    const scene = json(200, pending({ options }));
    const rejected = await play(['reject', 'req_1', '--as', 'ana'], scene);
    expect(rejected.seen[1]?.body).toMatchObject({ option: 'stop' });
    const several = await play(['approve', 'req_1', '--as', 'ana'], scene);
    expect(several).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('--option: canary, full') });
    const chosen = await play(['approve', 'req_1', '--as', 'ana', '--option', 'full'], scene);
    expect(chosen.seen[1]?.body).toMatchObject({ option: 'full' });
    const wrong = await play(['approve', 'req_1', '--as', 'ana', '--option', 'stop'], scene);
    expect(wrong.exitCode).toBe(3);
  });

  it.each([403, 409, 422])('exits 1 with the server’s words when it refuses with %i', async (status) => {
    const scenes = [json(200, pending()), problem(status, 'You have voted already.')];
    const { exitCode, stdout, stderr } = await play(['approve', 'req_1', '--as', 'ana'], scenes);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Error: You have voted already.\n',
    });
  });

  it('exits 3 when nobody is named', async () => {
    const { exitCode, stderr, seen } = await play(['approve', 'req_1'], json(200, pending()));
    expect({ exitCode, calls: seen.length }).toEqual({ exitCode: 3, calls: 0 });
    expect(stderr).toContain('--as PERSON');
  });
});

describe('cancel and bypass', () => {
  it('cancels with a reason', async () => {
    const { exitCode, stdout, seen } = await play(
      ['cancel', 'req_1', '--reason', 'obsolete'],
      json(200, decided('cancelled')),
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '⊘ Cancelled\n' });
    expect(seen[0]?.body).toEqual({ reason: 'obsolete' });
  });

  it('does not break the glass without a reason', async () => {
    const { exitCode, seen } = await play(['bypass', 'req_1', '--as', 'ana'], json(200, pending()));
    expect({ exitCode, calls: seen.length }).toEqual({ exitCode: 3, calls: 0 });
  });
});

describe('wrong use', () => {
  it.each([
    [['opne'], 'Did you mean open?'],
    [['open'], "missing required argument 'gate'"],
    [['wait', '../etc'], 'Not the id of a request'],
    [['list', '--stauts', 'x'], 'Did you mean --status?'],
    [['list', '--status', 'x'], 'No such status: x'],
    [['list', '--limit', '0'], 'Not a number from 1 to 200'],
    [['wait', 'req_1', '--wait-for', 'soon'], 'Not a duration: soon'],
    [['approve', 'req_1', '--as', 'ana', '--input', 'x'], '--input wants NAME=VALUE'],
  ])('%j exits 3 and says what is wrong', async (argv, words) => {
    const { exitCode, stdout, stderr } = await play(argv, json(200, pending()));
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(words);
  });

  it('says that a token is missing', async () => {
    const terminal = testTerminal({});
    expect(await run(['list'], terminal)).toBe(3);
    expect(terminal.stderr()).toContain('COUNTERSIGN_TOKEN');
  });

  it.each(['nowhere', 'ftp://x'])('refuses %s as an address', async (url) => {
    const terminal = testTerminal({ COUNTERSIGN_URL: url, COUNTERSIGN_TOKEN: 'x' });
    expect(await run(['list'], terminal)).toBe(3);
    expect(terminal.stderr()).toContain('COUNTERSIGN_URL');
  });

  it('never shows a broken token', async () => {
    const terminal = testTerminal({ COUNTERSIGN_TOKEN: 'sécret\nx' });
    expect(await run(['list'], terminal)).toBe(3);
    expect(terminal.stderr()).not.toContain('sécret');
  });
});

describe('help', () => {
  it('goes to stdout, and is no failure', async () => {
    const terminal = testTerminal({});
    expect(await run(['--help'], terminal)).toBe(0);
    expect(terminal.stdout()).toContain('COUNTERSIGN_TOKEN');
    expect(terminal.stdout()).toContain('Examples:');
    expect(terminal.stderr()).toBe('');
  });

  it('explains each command in a line, and the exit codes where they matter', () => {
    const program = buildProgram(testTerminal({}), () => undefined);
    for (const command of program.commands) expect(command.summary() || command.description()).not.toBe('');
    for (const name of ['open', 'wait']) {
      const command = program.commands.find((candidate) => candidate.name() === name);
      const parts: string[] = [];
      command?.configureOutput({ writeOut: (part) => parts.push(part) }).outputHelp();
      expect(parts.join('')).toContain('0 approved · 1 rejected · 2 cancelled · 3 could not tell');
    }
  });

  it('knows its version', async () => {
    const terminal = testTerminal({});
    expect(await run(['--version'], terminal)).toBe(0);
    expect(terminal.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
