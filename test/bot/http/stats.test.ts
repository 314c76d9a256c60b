import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { createClient } from '../../../src/client/index.ts';
import { testTerminal } from '../../cli/test-terminal.ts';
import { CI_TOKEN, eventually, HOUR, handClock, MINUTE, OTHER_TOKEN, startTestBot, type TestBot } from '../bot.ts';

const AUDITOR_TOKEN = 'auditor-token-0123456789abcdef0123456789';
const CONFIG = `
people:
  ana: { email: ana@acme.dev }
  ben: { email: ben@acme.dev }
pipelines:
  ci: { token: "${CI_TOKEN}", gates: ["*"], may: [vote] }
  other: { token: "${OTHER_TOKEN}", gates: [docs] }
  auditor: { token: ${AUDITOR_TOKEN}, gates: ["*"], may: [stats] }
gates:
  deploy: { approvers: [ana, ben], sla: { target: 1h, warnAt: 50% }, timeout: 4h, remind: { after: 30m } }
  docs: { approvers: [ben], timeout: 4h }
`;

/** Sunday of 2026-W52: the next day is in the 53rd week. */
const clock = handClock(Date.parse('2026-12-27T20:00:00Z'));
let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config: CONFIG, wall: clock.wall });
  const fast = await bot.opened({ gate: 'deploy' });
  clock.advance(10 * MINUTE);
  await bot.vote(fast.id, 'ana');
  clock.advance(4 * HOUR);
  await bot.opened({ gate: 'deploy' });
  const docs = await bot.opened({ gate: 'docs' });
  clock.advance(40 * MINUTE);
  await bot.tick();
  await bot.vote(docs.id, 'ben', 'reject');
  clock.advance(4 * HOUR);
  await bot.tick();
  await eventually(async () => (await stats()).gates[0]?.total.timeouts === 1, 'the figures');
});
afterAll(() => bot.end());

const as = (token: string, more: Record<string, string> = {}) => ({ authorization: `Bearer ${token}`, ...more });
const get = (query = '', token = CI_TOKEN, more: Record<string, string> = {}) =>
  bot.call('GET', `/v1/stats${query}`, undefined, as(token, more));
const stats = async (query = '', token = CI_TOKEN) => (await get(query, token)).json;

describe('GET /v1/stats', () => {
  it('has the figures of each gate, week by week and in all', async () => {
    const answer = await stats();
    expect(answer).toMatchObject({ from: '2026-W50', to: '2026-W53', timezone: 'UTC', complete: true, people: null });
    expect(answer.upTo).toBe('2026-12-28T04:50:00.000Z');
    expect(answer.gates.map(({ gate }: { gate: string }) => gate)).toEqual(['deploy', 'docs']);
    const [deploy, docs] = answer.gates;
    expect(deploy.total).toMatchObject({
      opened: 2,
      outcomes: { approved: { votes: 1 }, rejected: { votes: 0, timeout: 1 } },
      timeouts: 1,
      sla: { met: 1, warned: 0, breached: 1, compliance: 0.5 },
      timeToDecision: { count: 1 },
      reminders: 1,
    });
    expect(deploy.weeks.map(({ week, opened }: { week: string; opened: number }) => [week, opened])).toEqual([
      ['2026-W52', 1],
      ['2026-W53', 1],
    ]);
    expect(docs.weeks).toMatchObject([{ week: '2026-W53', outcomes: { rejected: { votes: 1 } }, sla: { without: 1 } }]);
  });

  it('shows a pipeline the gates that it may open, and no others', async () => {
    const { gates, people } = await stats('', OTHER_TOKEN);
    expect(gates.map(({ gate }: { gate: string }) => gate)).toEqual(['docs']);
    expect(people).toBeNull();
    const refused = await get('?gate=deploy', OTHER_TOKEN);
    expect([refused.status, refused.json.type]).toEqual([403, 'urn:countersign:problem:not-allowed']);
    expect(refused.text).toBe((await get('?gate=nowhere', OTHER_TOKEN)).text);
    expect((await get('', 'nobody-0123456789abcdef')).status).toBe(401);
  });

  it('shows people only to a pipeline that may see them', async () => {
    expect((await get('?person=ana')).status).toBe(403);
    const { people } = await stats('', AUDITOR_TOKEN);
    expect(people).toMatchObject([
      { person: 'ana', total: { asked: 2, votes: 1, missed: 1, quick: 0, timeToVote: { count: 1 } } },
      { person: 'ben', total: { asked: 3, votes: 1, missed: 1 } },
    ]);
    expect(await stats('?person=ben', AUDITOR_TOKEN)).toMatchObject({ gates: [], people: [{ person: 'ben' }] });
    expect(await stats('?gate=docs', AUDITOR_TOKEN)).toMatchObject({ gates: [{ gate: 'docs' }], people: [] });
    expect(await stats('?gate=docs&person=ben', AUDITOR_TOKEN)).toMatchObject({
      gates: [{ gate: 'docs' }],
      people: [{ person: 'ben' }],
    });
  });

  it('takes ISO weeks, and says what is wrong with others', async () => {
    expect(await stats('?from=2026-W52&to=2026-W52')).toMatchObject({ gates: [{ gate: 'deploy' }] });
    expect((await stats('?to=2026-W52')).from).toBe('2026-W49');
    expect(await stats('?from=2027-W01&to=2027-W02')).toMatchObject({ gates: [] });
    for (const [query, path] of [
      ['?from=2025-W53', 'from'],
      ['?to=2026-W54', 'to'],
      ['?to=today', 'to'],
      ['?from=2026-W53&to=2026-W52', 'from'],
      ['?from=2025-W50', 'from'],
      ['?gate=nowhere', 'gate'],
    ] as const) {
      const answer = await get(query);
      expect([query, answer.status, answer.json.errors[0].path]).toEqual([query, 422, path]);
    }
    expect((await get('?person=nobody', AUDITOR_TOKEN)).json.errors[0].path).toBe('person');
    expect((await get('?week=2026-W52')).status).toBe(400);
  });

  it('is a table for a spreadsheet with Accept: text/csv', async () => {
    const { status, headers, text } = await get('', AUDITOR_TOKEN, { accept: 'text/csv' });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(headers.get('content-disposition')).toContain('stats-2026-W50-2026-W53.csv');
    const [head = '', ...rows] = text.trimEnd().split('\r\n');
    const columns = head.split(',');
    const of = (row: string) => Object.fromEntries(row.split(',').map((value, i) => [columns[i], value]));
    expect(rows.every((row) => row.split(',').length === columns.length)).toBe(true);
    expect(rows.map(of)).toMatchObject([
      { week: '2026-W52', kind: 'gate', name: 'deploy', opened: '1', approved_by_votes: '1', sla_compliance: '1' },
      { week: '2026-W53', kind: 'gate', name: 'deploy', rejected_by_timeout: '1', sla_breached: '1', asked: '' },
      { week: '2026-W53', kind: 'gate', name: 'docs', rejected_by_votes: '1', sla_compliance: '' },
      { week: '2026-W52', kind: 'person', name: 'ana', asked: '1', votes: '1', opened: '' },
      { week: '2026-W53', kind: 'person', name: 'ana', asked: '1', votes: '0', missed: '1' },
      { week: '2026-W52', kind: 'person', name: 'ben', asked: '1', votes: '0', missed: '0' },
      { week: '2026-W53', kind: 'person', name: 'ben', asked: '2', votes: '1', missed: '1' },
    ]);
    expect((await get('', CI_TOKEN, { accept: 'text/csv' })).text).not.toContain('person');
  });

  it('is counted on after a restart, with nothing counted twice', async () => {
    const before = await stats('', AUDITOR_TOKEN);
    const { folder } = bot;
    await bot.stop();
    bot = await startTestBot({ config: CONFIG, wall: clock.wall, folder });
    expect(await stats('', AUDITOR_TOKEN)).toEqual({ ...before, complete: false }); // known before anything is read
    const id = (await bot.opened({ gate: 'docs' })).id;
    clock.advance(MINUTE);
    await bot.vote(id, 'ben');
    await bot.tick();
    const docs = await eventually(async () => {
      const { complete, gates } = await stats('?gate=docs');
      return complete && gates[0].total.outcomes.approved.votes === 1 ? gates[0].total : null;
    }, 'the new vote');
    expect(docs).toMatchObject({ opened: 2, outcomes: { rejected: { votes: 1 } } });
  });
});

describe('the client and the command', () => {
  it('read the same figures', async () => {
    const client = createClient({ url: bot.url, token: AUDITOR_TOKEN });
    const all = await client.stats();
    expect(all.gates.map(({ gate }) => gate)).toEqual(['deploy', 'docs']);
    expect(all.people?.map(({ person }) => person)).toEqual(['ana', 'ben']);
    expect((await client.stats({ gate: 'deploy', from: '2026-W52', to: '2026-W52' })).gates[0]?.total.opened).toBe(1);
    await expect(createClient({ url: bot.url, token: CI_TOKEN }).stats({ person: 'ana' })).rejects.toMatchObject({
      status: 403,
    });
  });

  async function countersign(...argv: string[]) {
    const env = { COUNTERSIGN_URL: bot.url, COUNTERSIGN_TOKEN: AUDITOR_TOKEN };
    const terminal = { ...testTerminal(env), now: clock.wall };
    const exitCode = await run(['stats', ...argv], terminal);
    return { exitCode, stdout: terminal.stdout(), stderr: terminal.stderr() };
  }

  it('draw a table of all gates and people, and the weeks of one', async () => {
    const { exitCode, stdout, stderr } = await countersign();
    expect([exitCode, stderr]).toEqual([0, '2026-W50 to 2026-W53 (ISO weeks, UTC)\n']);
    expect(stdout).toMatch(/^GATE +OPENED +APPROVED +REJECTED +SLA +MEDIAN/);
    expect(stdout).toMatch(/^deploy +2 +1 +1 +50% \(1\/2\) +9m 54s +9m 54s +1 +0 +1 +0$/m);
    expect(stdout).toMatch(/^PERSON +ASKED +VOTES/m);
    expect(stdout).toMatch(/^ben +4 +2 +0 +1/m);
    const one = await countersign('--gate', 'deploy', '--weeks', '2');
    expect(one.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'WEEK',
      '2026-W52',
      '2026-W53',
      'all',
      '',
    ]);
  });

  it('print JSON, and say what can’t be', async () => {
    expect(JSON.parse((await countersign('--json', '--weeks', '1')).stdout)).toMatchObject({ from: '2026-W53' });
    expect(await countersign('--weeks', '54')).toMatchObject({ exitCode: 3 });
    const unknown = await countersign('--gate', 'nowhere');
    expect(unknown.exitCode).not.toBe(0);
    expect(unknown.stderr).toContain('no gate of the config');
  });
});

describe('/metrics', () => {
  it('count SLA, reminders and escalations by gate as they happen', async () => {
    const own = handClock();
    const metrics = await startTestBot({
      config: `${CONFIG}  up: { approvers: [ana], escalate: [{ after: 30m, to: [ben] }], timeout: 4h }\n`,
      wall: own.wall,
    });
    try {
      const [kept] = [await metrics.opened({ gate: 'deploy' }), await metrics.opened({ gate: 'deploy' })];
      await metrics.opened({ gate: 'up' });
      await metrics.vote(kept.id, 'ana');
      own.advance(31 * MINUTE);
      await metrics.tick();
      own.advance(30 * MINUTE);
      await metrics.tick();
      own.advance(4 * HOUR);
      await metrics.tick();
      const { text } = await metrics.call('GET', '/metrics');
      for (const line of [
        'countersign_sla_met_total{gate="deploy"} 1',
        'countersign_sla_breached_total{gate="deploy"} 1',
        'countersign_reminders_total{gate="deploy"} 1',
        'countersign_escalations_total{gate="up"} 1',
      ])
        expect(text).toContain(`\n${line}\n`);
    } finally {
      await metrics.end();
    }
  });
});
