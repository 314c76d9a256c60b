/**
 * test/e2e/slack.test.ts: the whole bot and a local Slack: what people see, press and are told, and what outlives a
 * kill -9 between a post and the note of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CI_TOKEN, eventually, startTestBot, type TestBot } from '../bot/bot.ts';
import { controlOf, controlsOf } from '../fake/slack/controls.ts';
import { type People, peopleOf, SIGNING_SECRET } from '../fake/slack/people.ts';
import { type FakeSlack, startSlack } from '../fake/slack/server.ts';
import { addPlace, addUser, type FakeMessage } from '../fake/slack/world.ts';

const CONFIG = `
people:
  ana: { name: Ana Silva, slack: U0ANA, manager: mia }
  ben: { name: Ben Okoye, slack: U0BEN }
  cy:  { name: Cy Tan, slack: U0CY }
  mia: { name: Mia Chen, slack: T0ACME/U0MIA }
  eve: { name: Eve Stranger, slack: U0EVE }
groups:
  managers: [ana, ben]
  release: { slackUsergroup: S0RELEASE }
channels:
  releases: { slack: C0RELEASES }
  lost: { slack: C0LOST }
  ops: { slack: C0OPS }
pipelines:
  ci: { token: "\${CI_TOKEN}", gates: ["*"], may: [vote] }
gates:
  deploy: { title: "Deploy \${context.service}", notify: [releases], approvers: [managers] }
  both: { notify: [releases], approvers: [managers], quorum: 2 }
  careful:
    notify: [releases]
    approvers: [ana]
    requireReason: [approve]
    form: [{ id: percent, type: number, label: Percent, min: 1, max: 100, required: true }]
  group: { notify: [releases], approvers: [release] }
  nudge:
    notify: [releases]
    approvers: [ana]
    remind: { after: 1s }
    escalate: [{ after: 2s, to: ["manager-of:approvers"] }]
    timeout: 4s
  astray: { notify: [lost], fallback: [ops], approvers: [eve] }
  unheard: { notify: [lost], approvers: [eve] }
`;

interface Played {
  readonly slack: FakeSlack;
  readonly bot: TestBot;
  readonly people: People;
}

async function play(env: Record<string, string> = {}): Promise<Played> {
  const slack = await startSlack();
  onTestFinished(() => slack.close());
  addPlace(slack.workspace(), 'C0OPS', { name: 'ops' });
  const bot = await startTestBot({
    config: CONFIG,
    env: {
      SLACK_BOT_TOKEN: slack.workspace().token,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_API_URL: slack.apiUrl,
      ...env,
    },
  });
  onTestFinished(() => bot.end());
  return { slack, bot, people: peopleOf({ slack, url: bot.url }) };
}

const textOf = (message: unknown): string => JSON.stringify(message);
const surfaceIn = (slack: FakeSlack, channel: string, id: string): Promise<FakeMessage> =>
  eventually(
    () => slack.messages(channel).find((message) => message.threadTs === null && textOf(message.blocks).includes(id)),
    `a message about ${id} in ${channel}`,
  );
const threadOf = (slack: FakeSlack, { channel, ts }: FakeMessage): readonly FakeMessage[] =>
  slack.messages(channel).filter(({ threadTs }) => threadTs === ts);

describe('a request in Slack', () => {
  it('is approved with one click, loses its buttons, and says who in the thread', async () => {
    const { slack, bot, people } = await play();
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' }, requester: 'eve' });
    const message = await surfaceIn(slack, 'C0RELEASES', id);
    const clicked = await people.click('U0ANA', message, controlOf(message, /approve/i));
    expect(clicked).toMatchObject({ status: 200 });
    expect(clicked.ms).toBeLessThan(1_000);
    expect(await bot.read(id)).toMatchObject({ status: 'approved', votes: [{ person: 'ana', via: 'slack' }] });
    await eventually(() => message.updates > 0, 'the message to be brought up to date');
    expect(controlsOf(message).filter(({ label }) => /approve|reject/i.test(label))).toEqual([]);
    expect(textOf(message)).toMatch(/Ana Silva/);
    const line = await eventually(() => threadOf(slack, message).at(0), 'a line');
    expect(line.text).toContain('Ana Silva decided: Approve, in Slack');
    expect(line.text).toContain('Approved by Ana Silva');
    const outcome = await surfaceIn(slack, 'D0EVE', id);
    expect(outcome.text).toContain('Approved by Ana Silva');
  });

  it('asks for a reason and a form in a modal, and loses nothing of it over a mistake', async () => {
    const { slack, bot, people } = await play();
    const { id } = await bot.opened({ gate: 'careful' });
    const message = await surfaceIn(slack, 'C0RELEASES', id);
    await people.click('U0ANA', message, controlOf(message, /approve/i));
    const modal = await eventually(() => slack.lastView(), 'a modal');
    const fill = (percent: string) => (label: string) => (/percent/i.test(label) ? percent : 'it is time');
    expect((await people.submit('U0ANA', modal, fill('500'))).json).toMatchObject({ response_action: 'errors' });
    expect((await bot.read(id)).status).toBe('pending');
    await people.submit('U0ANA', modal, fill('25'));
    expect(await bot.read(id)).toMatchObject({
      status: 'approved',
      outcome: { inputs: { percent: 25 }, reason: 'it is time' },
    });
  });

  it('is kept up with by direct messages too, and a click there counts', async () => {
    const { slack, bot, people } = await play();
    const { id } = await bot.opened({ gate: 'both' });
    const [channel, toAna, toBen] = await Promise.all(
      ['C0RELEASES', 'D0ANA', 'D0BEN'].map((place) => surfaceIn(slack, place, id)),
    );
    if (channel === undefined || toAna === undefined || toBen === undefined) throw new Error('Not all were asked.');
    await people.click('U0ANA', toAna, controlOf(toAna, /approve/i));
    await people.click('U0BEN', toBen, controlOf(toBen, /approve/i));
    expect((await bot.read(id)).status).toBe('approved');
    const all = [channel, toAna, toBen];
    await eventually(
      () => all.every((message) => controlsOf(message).every(({ label }) => !/approve/i.test(label))),
      'every message to lose its buttons',
    );
    expect(Math.max(...all.map(({ updates }) => updates))).toBeLessThanOrEqual(2);
  });

  it('counts nothing of strangers, and tells them so alone', async () => {
    const { slack, bot, people } = await play();
    addUser(slack.workspace(), 'U0GUEST');
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'x' } });
    const message = await surfaceIn(slack, 'C0RELEASES', id);
    for (const user of ['U0GUEST', 'U0MIA'])
      expect((await people.click(user, message, controlOf(message, /approve/i))).status).toBe(200);
    await eventually(() => slack.state.responses.length + slack.state.ephemerals.length >= 2, 'both to be told');
    expect(await bot.read(id)).toMatchObject({ status: 'pending', votes: [] });
  });

  it('is found by /gates by those who are asked, and by nobody else', async () => {
    const { slack, bot, people } = await play();
    await bot.opened({ gate: 'deploy', context: { service: 'the-listed-one' } });
    await people.slash('U0ANA', '');
    await people.slash('U0EVE', '');
    const said = (user: string) =>
      textOf([
        slack.state.ephemerals.filter((one) => one.user === user),
        slack.state.responses.filter((one) => one.user === user),
      ]);
    await eventually(() => said('U0ANA').includes('the-listed-one'), 'the list');
    expect(said('U0EVE')).not.toContain('the-listed-one');
  });
});

describe('as time passes', () => {
  it('people are reminded, escalated to and told of the end, alone and in the thread', {
    timeout: 20_000,
  }, async () => {
    const { slack, bot } = await play({ TICK_CRON: '* * * * * *' });
    const { id } = await bot.opened({ gate: 'nudge', requester: 'eve' });
    const message = await surfaceIn(slack, 'C0RELEASES', id);
    const isOver = async () => (await bot.read(id)).status === 'rejected';
    for (let second = 0; second < 10 && !(await isOver()); second++) await sleep(1_000);
    expect(await bot.read(id)).toMatchObject({ status: 'rejected', outcome: { cause: 'timeout' } });
    const lines = () =>
      threadOf(slack, message)
        .map(({ text }) => text)
        .join('\n');
    await eventually(() => /nobody decided in time/.test(lines()), 'the end of the thread');
    expect(lines()).toMatch(/Reminded: Ana Silva.*\n<@U0ANA>/);
    expect(lines()).toMatch(/Escalated: Mia Chen may decide as well.*\n<@U0MIA>/);
    const told = (place: string) => slack.messages(place).map(({ text }) => text);
    expect(told('D0ANA').filter((text) => /Reminder: “nudge”/.test(text))).toHaveLength(1);
    expect(told('D0MIA').filter((text) => /escalated to you/.test(text))).toHaveLength(1);
    await eventually(() => told('D0EVE').some((text) => /nobody decided in time/.test(text)), 'Eve to be told');
    await eventually(() => controlsOf(message).every(({ label }) => !/approve/i.test(label)), 'the buttons to go');
  });
});

describe('a user group', () => {
  it('is asked for its members, and gates follow when they change', async () => {
    const { slack, bot, people } = await play();
    const first = await bot.opened({ gate: 'group' });
    expect(first.stages[0].rules[0].approvers).toEqual(['ana', 'ben']);
    slack.workspace().usergroups.set('S0RELEASE', ['U0MIA', 'U0GONE']);
    await people.event({ type: 'subteam_members_changed', subteam_id: 'S0RELEASE', team_id: 'T0ACME' });
    const approvers = async () => (await bot.opened({ gate: 'group' })).stages[0].rules[0].approvers;
    await eventually(async () => (await approvers()).join() === 'mia', 'the new members');
    expect((await bot.vote(first.id, 'ana')).status).toBe(403); // whoever left the group decides nothing any more
    expect(bot.lines().join()).toContain('T0ACME/U0GONE');
  });

  it('that can’t be asked lets nothing be opened', async () => {
    const slack = await startSlack();
    onTestFinished(() => slack.close());
    slack.workspace().usergroups.clear();
    const env = { SLACK_BOT_TOKEN: slack.workspace().token, SLACK_SIGNING_SECRET: SIGNING_SECRET };
    const bot = await startTestBot({ config: CONFIG, env: { ...env, SLACK_API_URL: slack.apiUrl } });
    onTestFinished(() => bot.end());
    const refused = await bot.call('POST', '/v1/requests', { gate: 'group' });
    expect([refused.status, refused.json.type]).toEqual([503, 'urn:countersign:problem:directory-unavailable']);
  });
});

describe('a channel that can’t be posted to', () => {
  it('gives way to the fallback, which gets the buttons and the history', async () => {
    const { slack, bot, people } = await play();
    const { id } = await bot.opened({ gate: 'astray' });
    const message = await surfaceIn(slack, 'C0OPS', id);
    await people.click('U0EVE', message, controlOf(message, /approve/i));
    expect((await bot.read(id)).status).toBe('approved');
    await eventually(() => threadOf(slack, message).length > 0, 'the history');
    expect((await bot.read(id)).undelivered).toMatchObject([{ kind: 'surface', channel: 'slack' }]);
    expect((await bot.call('GET', '/readyz')).json).toMatchObject({ status: 'ready', unheard: 0 });
  });

  it('makes the request unheard where nobody else could be told, for everybody to see', async () => {
    const { slack, bot } = await play();
    slack.workspace().users.delete('U0EVE');
    const { id } = await bot.opened({ gate: 'unheard' });
    const undelivered = await eventually(async () => {
      const found = (await bot.read(id)).undelivered;
      return found.some(({ unheard }: { unheard?: boolean }) => unheard) && found;
    }, 'the request to be unheard');
    expect(undelivered).toHaveLength(2);
    expect((await bot.call('GET', '/readyz')).json).toMatchObject({ status: 'ready', unheard: 1 });
    expect((await bot.call('GET', '/metrics')).text).toContain('\ncountersign_requests_unheard 1\n');
  });
});

describe('a workspace whose token is revoked', () => {
  it('is told by /readyz and a metric, and makes nobody unready', async () => {
    const { slack, bot } = await play();
    slack.workspace().tokenProblem = 'token_revoked';
    await bot.opened({ gate: 'deploy', context: { service: 'x' } });
    const ready = await eventually(async () => {
      const { status, json } = await bot.call('GET', '/readyz');
      return json.channels.slack === 'ok' ? null : { status, json };
    }, 'the trouble to be known');
    expect(ready.status).toBe(200);
    expect(ready.json.channels.slack).toContain('revoked');
    expect((await bot.call('GET', '/metrics')).text).toContain('countersign_channel_up{channel="slack"} 0');
  });
});

describe('several workspaces', () => {
  const BETA = { team: 'T0BETA', token: 'xoxb-beta-0123456789', secret: 'fedcba9876543210fedcba9876543210' };
  const text = `
people:
  ana: { name: Ana Silva, slack: U0ANA }
  cy: { name: Cy Tan, slack: T0BETA/U0ANA }
channels:
  beta: { slack: T0BETA/C0RELEASES }
pipelines:
  ci: { token: "\${CI_TOKEN}", gates: ["*"] }
slack:
  workspaces: { T0BETA: { botToken: "\${BETA_TOKEN}", signingSecret: "\${BETA_SECRET}" } }
gates:
  deploy: { notify: [beta], approvers: [ana, cy], quorum: 2 }
`;

  it('each have their token and their people: the same id means somebody else in each', async () => {
    const bots = { userId: 'U0BETABOT', botId: 'B0BETA', appId: 'A0BETA' };
    const slack = await startSlack({ workspaces: [{}, { team: BETA.team, token: BETA.token, bot: bots }] });
    onTestFinished(() => slack.close());
    const { token } = slack.workspace();
    const bot = await startTestBot({
      config: text,
      env: {
        SLACK_BOT_TOKEN: token,
        SLACK_SIGNING_SECRET: SIGNING_SECRET,
        SLACK_API_URL: slack.apiUrl,
        BETA_TOKEN: BETA.token,
        BETA_SECRET: BETA.secret,
        LOG_LEVEL: 'trace',
      },
    });
    onTestFinished(() => bot.end());
    const { id } = await bot.opened({ gate: 'deploy' });
    const message = await surfaceIn(slack, 'C0RELEASES', id);
    expect(message.team).toBe('T0BETA');
    const [home, beta] = [
      peopleOf({ slack, url: bot.url }),
      peopleOf({ slack, url: bot.url, team: BETA.team, secret: BETA.secret }),
    ];
    await home.click('U0ANA', message, controlOf(message, /approve/i)); // of another workspace than the message's
    expect((await bot.read(id)).votes).toEqual([]);
    await beta.click('U0ANA', message, controlOf(message, /approve/i));
    expect((await bot.read(id)).votes).toMatchObject([{ person: 'cy' }]);
    const log = bot.lines().join('\n');
    for (const secret of [token, BETA.token, BETA.secret, SIGNING_SECRET]) expect(log).not.toContain(secret);
  });
});

const BUILT = new URL('../../dist/cli/main.js', import.meta.url).pathname;

describe.runIf(existsSync(BUILT))('kill -9 between a post and the note of it', () => {
  it('posts once', { timeout: 40_000 }, async () => {
    const slack = await startSlack();
    onTestFinished(() => slack.close());
    const folder = mkdtempSync(join(tmpdir(), 'countersign-slack-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'countersign.yaml'), CONFIG);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = {
      PATH: process.env.PATH ?? '',
      PORT: String(port),
      DATABASE_URL: `sqlite:${join(folder, 'countersign.db')}`,
      COUNTERSIGN_CONFIG: join(folder, 'countersign.yaml'),
      COUNTERSIGN_SECRET: 'test-secret-0123456789abcdef0123456789abcdef',
      CI_TOKEN,
      SLACK_BOT_TOKEN: slack.workspace().token,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_API_URL: slack.apiUrl,
    };
    const start = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, [BUILT, 'serve'], { cwd: folder, env, stdio: 'ignore' });
      onTestFinished(() => void child.kill('SIGKILL'));
      for (let tries = 0; tries < 200; tries++) {
        if ((await fetch(`${url}/readyz`).catch(() => null))?.ok) return child;
        await sleep(100);
      }
      throw new Error('The bot did not start.');
    };
    const first = await start();
    // Slack takes all three messages and never says so.
    for (let post = 0; post < 3; post++) slack.script('chat.postMessage', { kind: 'hang', accepted: true });
    const headers = { authorization: `Bearer ${CI_TOKEN}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ gate: 'deploy', context: { service: 'billing' } });
    expect((await fetch(`${url}/v1/requests`, { method: 'POST', headers, body })).status).toBe(201);
    await eventually(() => slack.messages().length === 3, 'three messages');
    first.kill('SIGKILL');
    await once(first, 'close');
    await start();
    const states = async (): Promise<string[]> => {
      const answer = await fetch(`${url}/v1/deliveries`, { headers });
      const { deliveries }: { deliveries: { state: string }[] } = JSON.parse(await answer.text());
      return deliveries.map(({ state }) => state);
    };
    await eventually(async () => (await states()).every((state) => state === 'sent'), 'everything to be sent');
    expect(slack.messages()).toHaveLength(3);
    expect(slack.count('chat.postMessage')).toBe(3);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}
