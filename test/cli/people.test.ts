/** `people show` and `people list`, on a config of their own with an HTTP directory beside it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { type DirectoryServer, startDirectoryServer } from '../fake/directory-server.ts';
import { testTerminal } from './test-terminal.ts';

const KEY = 'k3y-0123456789';
const CONFIG = (url: string) => `
directory: { noManager: [board] }
people:
  ana: { name: Ana Silva, email: ana@acme.dev, manager: mia, timezone: Europe/Lisbon, quietHours: "daily 22:00-07:00", calendar: "https://cal.acme.dev/s3cret-0123/a.ics" }
  ben: { name: Ben Okoye, slack: U0BEN, manager: mia, away: { from: 2026-03-01, to: 2026-03-02, delegate: cy } }
  cy:  { name: "Cy\\u001b[31m", away: [{ from: 2026-04-01, to: 2026-04-02, delegate: ana }] }
  mia: { name: Mia Chen }
groups:
  board: [mia]
  release: [ana, ben]
  oncall: { http: { url: "${url}/on?key=\${KEY}", headers: { X-Key: "\${KEY}" } } }
  crowd: { slackUsergroup: S0CROWD }
  all: [release, oncall, release, "manager-of(2):requester"]
pipelines: { ci: { token: tok_0123456789abcdef, gates: ["*"] } }
gates:
  deploy: { approvers: [all] }
  pay: { approvers: [mia], escalate: [{ after: 1h, to: [release] }] }
`;

let folder = '';
let server: DirectoryServer;
beforeAll(async () => {
  server = await startDirectoryServer({ json: [] });
  folder = mkdtempSync(join(tmpdir(), 'countersign-people-'));
  writeFileSync(join(folder, 'countersign.yaml'), CONFIG(server.url));
});
beforeEach(() => {
  server.answer = { json: ['ana@acme.dev', 'who@acme.dev'] };
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

async function people(...argv: string[]) {
  const terminal = testTerminal({
    COUNTERSIGN_CONFIG: join(folder, 'countersign.yaml'),
    CALLBACK_ALLOW: `127.0.0.1:${server.port}`,
    KEY,
  });
  const exitCode = await run(['people', ...argv], terminal);
  return { exitCode, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

describe('people show', () => {
  it('draws what a group is made of, who is away, and what it comes to', async () => {
    const { exitCode, stdout } = await people('show', 'all', '--requester', 'ana');
    expect(stdout).toBe(`all  group
├ release  group
│ ├ ana  Ana Silva
│ └ ben  Ben Okoye  away until 2026-03-03 00:00 UTC, cy stands in
├ oncall  group  kept by http, asked just now; left out: who@acme.dev
│ └ ana  Ana Silva
├ release  group  as above
└ manager-of(2):requester  2 managers up from requester
  └ board  group  instead of a manager: ana → mia → nobody
    └ mia  Mia Chen

Asked by  deploy
Comes to  Ana Silva (ana), Cy (cy) for ben, Mia Chen (mia)
`);
    expect(exitCode).toBe(0);
  });

  it('has a card for a person, by name or by address, without the address of their calendar', async () => {
    const { exitCode, stdout } = await people('show', 'ANA@acme.dev', '--at', '2026-03-01T23:00:00Z');
    expect(stdout).toBe(`Ana Silva (ana)
  Reached by   email ana@acme.dev
  Managers     mia
  Time zone    Europe/Lisbon
  Quiet hours  daily 22:00-07:00, quiet now until 2026-03-02 07:00 UTC
  Calendar     read for absences
  Now          here
  In groups    release, oncall

Asked by  deploy, pay
Comes to  Ana Silva (ana)
`);
    expect(exitCode).toBe(0);
  });

  it('says who stands in when', async () => {
    expect((await people('show', 'ben')).stdout).toContain('Now         away until 2026-03-03 00:00 UTC, cy stands in');
    expect((await people('show', 'cy', '--at', '2026-03-15')).stdout).toContain(
      'Later       away 2026-04-01 00:00 UTC to 2026-04-03 00:00 UTC, ana stands in',
    );
    expect((await people('show', 'ben', '--at', '2026-03-09')).stdout).toContain('Comes to  Ben Okoye (ben)');
  });

  it('says why nothing comes of it, with exit code 1', async () => {
    server.answer = { text: '<html>', type: 'text/html' };
    const closed = await people('show', 'all');
    expect(closed.exitCode).toBe(1);
    expect(closed.stdout).toContain('├ oncall  unavailable: answered a web page (HTML), not JSON');
    expect(closed.stdout).toContain('└ manager-of(2):requester  depends on who asks: --requester NAME says who');
    expect(closed.stdout).toContain('Comes to  unavailable: “oncall” can’t be asked, so gates that ask it stay closed');
    expect((await people('show', 'crowd')).stdout).toContain(
      'unavailable: Slack keeps it, and only the bot asks Slack',
    );
    const nobody = await people('show', 'manager-of:requester');
    expect(nobody).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('Comes to  nobody') });
    const unknown = await people('show', 'relaese');
    expect(unknown).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('did you mean "release"?'),
    });
  });

  it('as JSON is the same for programs, and holds no secret', async () => {
    const { exitCode, stdout } = await people('show', 'all', '--requester', 'ben', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      ref: 'all',
      at: '2026-03-01T10:00:00.000Z',
      people: ['ana', 'cy', 'mia'],
      standsFor: { cy: 'ben' },
      unavailable: null,
      gates: ['deploy'],
      sources: [
        { group: 'oncall', keptBy: 'http', isUp: true, trouble: null, leftOut: ['who@acme.dev'] },
        { group: 'crowd', keptBy: 'slack', isUp: false },
      ],
    });
    expect(exitCode).toBe(0);
    const person = await people('show', 'ana', '--json');
    expect(JSON.parse(person.stdout)).toMatchObject({ person: { id: 'ana', hasCalendar: true } });
    for (const secret of [KEY, 's3cret', server.url]) expect(stdout + person.stdout).not.toContain(secret);
  });

  it('ends with 3 and a line where it could not tell', async () => {
    for (const argv of [
      ['show', 'ana', '--at', 'tomorrow'],
      ['show', 'ana', '--at', '2026-02-30'],
      ['show', 'ana', '--config', join(folder, 'none.yaml')],
      ['show'],
    ]) {
      const { exitCode, stderr } = await people(...argv);
      expect([argv, exitCode]).toEqual([argv, 3]);
      expect(stderr).toMatch(/Error:/);
    }
    expect((await people('show', 'ana', '--requester', 'who')).exitCode).toBe(1);
  });

  it('lets nothing of a name reach the terminal', async () => {
    expect((await people('show', 'cy')).stdout).not.toContain('\u001b');
  });
});

describe('people list', () => {
  it('has everybody and every group, with who is meant now', async () => {
    const { exitCode, stdout } = await people('list');
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`PERSON  NAME       REACHED BY  MANAGER  NOW
ana     Ana Silva  email       mia
ben     Ben Okoye  slack       mia      away, cy stands in
cy      Cy         web only    –
mia     Mia Chen   web only    –

GROUP    KEPT BY  WHO NOW
board    config   mia
release  config   ana, cy
oncall   http     ana
crowd    slack    unavailable: Slack keeps it, and only the bot asks Slack
all      config   ana, cy
`);
  });

  it('as JSON says the same', async () => {
    const { stdout } = await people('list', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      people: [{ id: 'ana', standIn: null }, { id: 'ben', standIn: 'cy' }, { id: 'cy' }, { id: 'mia' }],
      groups: [
        { name: 'board', people: ['mia'] },
        {},
        { name: 'oncall', source: 'http' },
        { people: null, unavailable: 'crowd' },
        {},
      ],
    });
  });
});

describe('doctor', () => {
  it('asks each HTTP directory once', async () => {
    const terminal = testTerminal({
      COUNTERSIGN_CONFIG: join(folder, 'countersign.yaml'),
      CALLBACK_ALLOW: `127.0.0.1:${server.port}`,
      DATABASE_URL: `sqlite:${join(folder, 'none.db')}`,
      PORT: '0',
      KEY,
    });
    server.answer = { json: {}, status: 403 };
    const before = server.asked.length;
    expect(await run(['doctor'], terminal)).toBe(1);
    expect(server.asked).toHaveLength(before + 1);
    expect(terminal.stdout()).toContain('✗ group oncall: answered 403: the key in "headers" may not read this');
  });
});
