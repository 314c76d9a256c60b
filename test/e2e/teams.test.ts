/** test/e2e/teams.test.ts: the whole bot and a local Teams: what people see, press and are told, and who counts once. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CI_TOKEN, eventually, startTestBot, type TestBot } from '../bot/bot.ts';
import { controlOf } from '../fake/slack/controls.ts';
import { peopleOf, SIGNING_SECRET } from '../fake/slack/people.ts';
import { startSlack } from '../fake/slack/server.ts';
import { cardOf, wordsOf } from '../fake/teams/cards.ts';
import { PASSWORD } from '../fake/teams/login.ts';
import { type FakeTeams, startTeams } from '../fake/teams/server.ts';
import { APP, type FakeMessage, OID, RELEASES, TEAM, TENANT } from '../fake/teams/world.ts';

const config = ({ origin, endpoints }: FakeTeams): string => `
people:
  ana: { name: Ana Silva, teams: ${OID.ana}, slack: U0ANA }
  ben: { name: Ben Okoye, teams: ${TENANT}/${OID.ben} }
  eve: { name: Eve Stranger }
groups:
  managers: [ana, ben]
  platform: { teamsTeam: "${TEAM}" }
channels:
  releases: { teams: "${RELEASES}" }
  chat: { slack: C0RELEASES }
pipelines:
  ci: { token: "\${CI_TOKEN}", gates: ["*"] }
teams:
  serviceOrigins: ["${origin}"]
  endpoints: ${JSON.stringify(endpoints)}
gates:
  deploy: { title: "Deploy \${context.service}", notify: [releases], approvers: [managers] }
  both: { notify: [releases, chat], approvers: [managers], quorum: 2 }
  team: { notify: [releases], approvers: [platform] }
`;

interface Played {
  readonly teams: FakeTeams;
  readonly bot: TestBot;
  readonly say: (activity: unknown) => Promise<Response>;
}

async function play(env: Record<string, string> = {}): Promise<Played> {
  const teams = await startTeams();
  onTestFinished(() => teams.close());
  const bot = await startTestBot({
    config: config(teams),
    env: { TEAMS_APP_ID: APP, TEAMS_APP_PASSWORD: PASSWORD, TEAMS_TENANT_ID: TENANT, ...env },
  });
  onTestFinished(() => bot.end());
  const say = (activity: unknown) => teams.send(`${bot.url}/api/messages`, activity);
  // The app is added to the team: from then on it is known where Teams answers.
  const place = teams.world.places.get(RELEASES);
  if (place === undefined) throw new Error('there is no such channel');
  await say(teams.says.installation({ person: teams.world.person(OID.ana), place }, 'add'));
  return { teams, bot, say };
}

const cardIn = (teams: FakeTeams, id: string, place = RELEASES): Promise<FakeMessage> =>
  eventually(
    () => teams.messages(place).find((message) => JSON.stringify(cardOf(message.activity) ?? '').includes(id)),
    `a card about ${id}`,
  );

describe('a request in Teams', () => {
  it('is approved with one click on its card, which then says who and has no buttons for it', async () => {
    const { teams, bot, say } = await play();
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' } });
    const message = await cardIn(teams, id);
    expect(wordsOf(cardOf(message.activity))).toContain('Deploy billing');
    const refreshed = await (await say(teams.says.refresh({ message, person: teams.world.person(OID.ana) }))).json();
    const own = { ...message, activity: { attachments: [{ contentType: refreshed.type, content: refreshed.value }] } };
    const answer = await say(
      teams.says.execute({ message: own, person: teams.world.person(OID.ana), action: 'Approve' }),
    );
    expect(answer.status).toBe(200);
    const request = await bot.read(id);
    expect(request).toMatchObject({ status: 'approved', votes: [{ person: 'ana', via: 'teams' }] });
    const newest = () => teams.messages(RELEASES).find((each) => each.id === message.id)?.activity ?? {};
    await eventually(() => wordsOf(cardOf(newest())).includes('Approved by Ana Silva'), 'the card after the end');
    expect(JSON.stringify(newest())).not.toContain('Action.Execute');
  });

  it('counts a person who clicks in Slack and in Teams once', async () => {
    const slack = await startSlack();
    onTestFinished(() => slack.close());
    const { teams, bot, say } = await play({
      SLACK_BOT_TOKEN: slack.workspace().token,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_API_URL: slack.apiUrl,
    });
    const { id } = await bot.opened({ gate: 'both' });
    const card = await cardIn(teams, id);
    const message = await eventually(
      () => slack.messages('C0RELEASES').find((each) => JSON.stringify(each.blocks).includes(id)),
      'a message in Slack',
    );
    const people = peopleOf({ slack, url: bot.url });
    const ana = teams.world.person(OID.ana);
    const refreshed = await (await say(teams.says.refresh({ message: card, person: ana }))).json();
    const own = { ...card, activity: { attachments: [{ contentType: refreshed.type, content: refreshed.value }] } };
    const approve = controlOf(message, /approve/i);
    await Promise.all([
      ...Array.from({ length: 8 }, () => say(teams.says.execute({ message: own, person: ana, action: 'Approve' }))),
      ...Array.from({ length: 8 }, () => people.click('U0ANA', message, approve)),
    ]);
    const request = await bot.read(id);
    expect(request).toMatchObject({ status: 'pending', votes: [{ person: 'ana' }] });
    expect(request.votes).toHaveLength(1);
  });

  it('asks the people who are in a team', async () => {
    const { teams, bot, say } = await play();
    const [person, place] = [teams.world.person(OID.ben), teams.world.places.get(TEAM)];
    if (place === undefined) throw new Error('there is no such team');
    await say(teams.says.conversationUpdate({ person, place }, { membersAdded: [{ id: person.mri }] }));
    const request = await eventually(async () => {
      const answer = await bot.call('POST', '/v1/requests', { gate: 'team' });
      return answer.status === 201 && answer.json;
    }, 'the group to be known');
    expect(request.stages[0].rules[0].approvers.sort()).toEqual(['ana', 'ben']);
    await cardIn(teams, request.id);
  });
});

describe('the door of Teams', () => {
  it('lets in no call without its token, and says no more than that', async () => {
    const { teams, bot } = await play();
    const hello = teams.says.message({ person: teams.world.person(OID.ana) }, 'gates');
    for (const token of [null, 'abc', 'a.b.c']) {
      const answer = await teams.send(`${bot.url}/api/messages`, hello, { token });
      expect([answer.status, (await answer.text()).includes('token')]).toEqual([401, false]);
    }
    expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
  });

  it('is not there where Teams is not set up', async () => {
    const bot = await startTestBot({ config: 'people: { ana: {} }' });
    onTestFinished(() => bot.end());
    expect((await fetch(`${bot.url}/api/messages`, { method: 'POST', body: '{}' })).status).toBe(404);
  });
});

const BUILT = new URL('../../dist/cli/main.js', import.meta.url).pathname;

/** The server as it is installed, on plain Node. Resolves with its address. */
async function startBuilt(teams: FakeTeams): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-teams-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'countersign.yaml'), config(teams));
  const env = {
    PATH: process.env.PATH ?? '',
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'countersign.db')}`,
    COUNTERSIGN_CONFIG: join(folder, 'countersign.yaml'),
    COUNTERSIGN_SECRET: 'test-secret-0123456789abcdef0123456789abcdef',
    CI_TOKEN,
    TEAMS_APP_ID: APP,
    TEAMS_APP_PASSWORD: PASSWORD,
    TEAMS_TENANT_ID: TENANT,
  };
  const child = spawn(process.execPath, [BUILT, 'serve'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /"url":"([^"]+)".*"msg":"ready"/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the bot ended before it was ready');
}

describe('the built server', () => {
  it('answers words and clicks, refuses what is no activity, and goes on', async () => {
    const teams = await startTeams();
    onTestFinished(() => teams.close());
    const url = await startBuilt(teams);
    const door = `${url}/api/messages`;
    const ana = teams.world.person(OID.ana);
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(door, { method: 'POST', headers, body: '{}' })).status).toBe(400);
    expect((await teams.send(door, teams.says.message({ person: ana }, 'help'))).status).toBe(200);
    const { id: chat } = teams.world.personal(ana);
    await eventually(() => teams.messages(chat).some(({ activity }) => wordsOf(cardOf(activity)) !== ''), 'an answer');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});
