import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readEnvironment } from '../../../src/bot/environment.ts';
import { SCOPES } from '../../../src/bot/slack-checkup.ts';
import { slack as checkSlack } from '../../../src/cli/doctor/slack.ts';
import { type FakeSlack, startSlack } from '../../fake/slack/server.ts';
import { addPlace } from '../../fake/slack/world.ts';
import { testTerminal } from '../test-terminal.ts';

const CONFIG = `
people:
  ana: { slack: U0ANA }
  ben: { slack: U0BEN }
groups:
  release: { slackUsergroup: S0RELEASE }
channels:
  releases: { slack: C0RELEASES }
  secret: { slack: C0SECRET }
`;
const SECRET = 'b1946ac92492d2347c6235b4d2611184';

async function world(): Promise<FakeSlack> {
  const slack = await startSlack();
  onTestFinished(() => slack.close());
  for (const scope of Object.keys(SCOPES)) slack.workspace().scopes.add(scope);
  addPlace(slack.workspace(), 'C0SECRET', { name: 'secret', isPrivate: true });
  return slack;
}

async function told(slack: FakeSlack, env: Record<string, string> = {}, config = CONFIG): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'countersign.yaml');
  writeFileSync(file, config);
  const all = {
    COUNTERSIGN_CONFIG: file,
    PUBLIC_URL: 'https://approvals.acme.dev',
    SLACK_BOT_TOKEN: slack.workspace().token,
    SLACK_SIGNING_SECRET: SECRET,
    SLACK_API_URL: slack.apiUrl,
    ...env,
  };
  const findings = await checkSlack(readEnvironment(all), testTerminal(all));
  return findings.map(({ mark, text, advice }) => `${mark}: ${text}${advice === undefined ? '' : ` — ${advice}`}`);
}

const troubles = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('ok: '));

describe('the doctor', () => {
  it('finds nothing wrong where all is well, and posts nothing', async () => {
    const slack = await world();
    expect(await told(slack)).toEqual([
      'ok: Slack calls come in at https://approvals.acme.dev/slack/events',
      'ok: SLACK_SIGNING_SECRET has the form of one',
      'ok: Slack workspace T0ACME (Acme): its bot token is good',
      'ok: the app has all its scopes in T0ACME',
      'ok: channel releases (#releases) can be posted to',
      'ok: channel secret (#secret) can be posted to',
      'ok: group release (S0RELEASE) has 2 members',
    ]);
    expect(slack.messages()).toEqual([]);
  });

  it('says what a missing scope is for, and where to add it', async () => {
    const slack = await world();
    slack.workspace().scopes.delete('usergroups:read');
    const lines = troubles(await told(slack));
    expect(lines[0]).toMatch(
      /^bad: the app lacks the scope usergroups:read in T0ACME: user groups as approvers — Add it/,
    );
  });

  it('says of a bad token what to do, and nothing of channels that it can’t see', async () => {
    const slack = await world();
    slack.workspace().tokenProblem = 'token_revoked';
    const lines = troubles(await told(slack));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^bad: Slack workspace home: The bot token was revoked: install the app/);
  });

  it('says of each channel what is in the way', async () => {
    const slack = await world();
    const places = slack.workspace().places;
    const [releases, secret] = [places.get('C0RELEASES'), places.get('C0SECRET')];
    releases?.members.delete('U0BOT');
    secret?.members.delete('U0BOT');
    const [first, second] = troubles(await told(slack));
    expect(first).toBe(
      'bad: Countersign is not in channel releases (#releases) — Invite it: /invite @Countersign in #releases.',
    );
    expect(second).toMatch(/^bad: channel secret \(C0SECRET\): Slack does not show the channel C0SECRET.*\/invite/);
    if (releases !== undefined) releases.isArchived = true;
    expect(troubles(await told(slack))[0]).toMatch(/^bad: channel releases \(#releases\) is archived — Name another/);
  });

  it('takes chat:write.public for an invitation to public channels, with what that lacks', async () => {
    const slack = await world();
    slack.workspace().scopes.add('chat:write.public');
    slack.workspace().places.get('C0RELEASES')?.members.delete('U0BOT');
    expect(troubles(await told(slack))[0]).toMatch(/^look: .* can be posted to by chat:write.public, but not read/);
  });

  it('names members of groups who are nobody under people, and groups that are not there', async () => {
    const slack = await world();
    slack.workspace().usergroups.set('S0RELEASE', ['U0ANA', 'U0MIA']);
    expect(troubles(await told(slack))[0]).toContain('1 of its 2 members are nobody under people: U0MIA');
    slack.workspace().usergroups.delete('S0RELEASE');
    expect(troubles(await told(slack))[0]).toMatch(/^bad: group release \(S0RELEASE\): Slack knows no user group/);
  });

  it('doubts secrets that do not look like what they should be, without showing them', async () => {
    const slack = await world();
    const wrong = { SLACK_SIGNING_SECRET: 'not-hexadecimal-but-32-chars-lo' };
    const lines = troubles(await told(slack, wrong));
    expect(lines[0]).toMatch(/^look: SLACK_SIGNING_SECRET does not have the 32 hexadecimal digits/);
    const [socket] = troubles(await told(slack, { SLACK_APP_TOKEN: 'xapp-oops' }));
    expect(socket).toMatch(/^look: SLACK_APP_TOKEN does not look like an app-level token — .*connections:write/);
    expect([...lines, socket].join()).not.toMatch(/not-hexadecimal|xapp-oops/);
    const app = 'xapp-1-A0APP-123456-0123456789abcdef';
    expect(troubles(await told(slack, { SLACK_APP_TOKEN: app, PUBLIC_URL: '' }))).toEqual([]);
  });

  it('knows that Slack calls https addresses only', async () => {
    const [line] = troubles(await told(await world(), { PUBLIC_URL: 'http://127.0.0.1:3000' }));
    expect(line).toMatch(/^look: Slack can call https addresses only.*SLACK_APP_TOKEN/);
  });

  it('says so when Slack is away', async () => {
    const slack = await world();
    const lines = troubles(await told(slack, { SLACK_API_URL: 'http://127.0.0.1:9/api/' }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^bad: Slack workspace home: Slack cannot be reached.*SLACK_API_URL/);
  });

  it('has nothing to say where the config does not speak of Slack, and a hint where it does', async () => {
    const slack = await world();
    const off = { SLACK_BOT_TOKEN: '', SLACK_SIGNING_SECRET: '' };
    expect(await told(slack, off, 'people: { ana: {} }')).toEqual([]);
    expect(await told(slack, off)).toEqual([expect.stringMatching(/^look: the config names people.*docs\/slack.md/)]);
  });
});

it('the scopes that it asks for are those of manifest.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../../manifest.json', import.meta.url), 'utf8'));
  expect(manifest.oauth_config.scopes.bot).toEqual(Object.keys(SCOPES));
});
