// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of countersign.yaml are what is tested here
import { describe, expect, it } from 'vitest';
import { type Environment, readEnvironment } from '../../../src/bot/environment.ts';
import { slackOptionsOf } from '../../../src/bot/slack-options.ts';
import { load, problems, somebody } from './given.ts';

const env = { BETA_TOKEN: 'xoxb-beta-0123456789', BETA_SECRET: '0123456789abcdef0123456789abcdef' };
const workspaces = (text: string) => `people: { ana: {} }\nslack: { workspaces: ${text} }`;

describe('Slack workspaces', () => {
  it('are read with their secrets from the environment', () => {
    const text = workspaces('{ T0BETA: { botToken: "${BETA_TOKEN}", signingSecret: "${BETA_SECRET}" } }');
    expect(load(text, env).workspaces).toEqual([
      { team: 'T0BETA', botToken: env.BETA_TOKEN, signingSecret: env.BETA_SECRET },
    ]);
    expect(load('people: { ana: {} }').workspaces).toEqual([]);
  });

  it.each([
    ['{ beta: { botToken: "xoxb-beta-1" } }', 'slack.workspaces.beta: "beta" must be a workspace’s id like T0123ABCD'],
    ['{ T0BETA: {} }', 'slack.workspaces.T0BETA.botToken: is required'],
    [
      '{ T0BETA: { botToken: "xoxp-s3cret" } }',
      'slack.workspaces.T0BETA.botToken: must be a bot token that begins with xoxb-',
    ],
    [
      '{ T0BETA: { botToken: "xoxb-beta-1", signingSecret: "s3cret" } }',
      'slack.workspaces.T0BETA.signingSecret: must have 16 to 200 visible ASCII characters',
    ],
    [
      '{ T0A: { botToken: "xoxb-beta-1" }, T0B: { botToken: "xoxb-beta-1" } }',
      'slack.workspaces.T0B.botToken: is the token of T0A already; each workspace has its own',
    ],
    [
      '{ T0BETA: { botToken: "${NONE:-xoxb-s3cret}" } }',
      'slack.workspaces.T0BETA.botToken: must come from an environment variable without a default, or stand here',
    ],
    ['{ T0BETA: { botToken: "xoxb-beta-1", token: x } }', 'slack.workspaces.T0BETA.token: unknown key'],
  ])('are refused, without saying the secret: %s', (text, problem) => {
    const found = problems(workspaces(text)).map((line) => line.replace(/^\d+:\d+ /, ''));
    expect(found.join('\n')).toContain(problem);
    expect(found.join('\n')).not.toContain('s3cret');
  });
});

describe('Slack’s ids', () => {
  it('may name another workspace', () => {
    const config = load(
      'people: { ana: {} }\nchannels: { a: { slack: T0BETA/C0OPS }, b: { slack: C0OPS } }\ngroups: { g: { slackUsergroup: T0BETA/S0OPS } }',
    );
    expect([...config.channels.values()].map(({ id }) => id)).toEqual(['T0BETA/C0OPS', 'C0OPS']);
    expect(config.sources.get('g')).toEqual({ platform: 'slack', id: 'T0BETA/S0OPS' });
  });

  it('of user groups are checked for their shape, and the group counts as unavailable until it was asked', () => {
    expect(problems('people: { ana: {} }\ngroups: { g: { slackUsergroup: "@ops" } }')).toEqual([
      '2:16 groups.g.slackUsergroup: must be a user group’s id like S0123ABCD or T0TEAM/S0123ABCD',
    ]);
    expect(load(somebody).directory.groups.get('oncall')).toBe('unavailable');
  });
});

describe('fallback channels', () => {
  const fallbackOf = (text: string) => load(`${somebody}${text}`).gates.get('g')?.fallback;

  it('are those of the gate, or else the default ones', () => {
    expect(fallbackOf('gates: { g: { approvers: [ana], fallback: [releases] } }')).toEqual(['releases']);
    expect(fallbackOf('defaults: { fallback: [releases] }\ngates: { g: { approvers: [ana] } }')).toEqual(['releases']);
    expect(
      fallbackOf('defaults: { fallback: [releases] }\ngates: { g: { approvers: [ana], fallback: [] } }'),
    ).toBeUndefined();
  });

  it('must be channels', () => {
    expect(problems(`${somebody}defaults: { fallback: [relases] }`).join()).toContain(
      'defaults.fallback[0]: "relases" is not a channel, did you mean "releases"?',
    );
  });
});

describe('what Slack is told', () => {
  const home = { SLACK_BOT_TOKEN: 'xoxb-home-1', SLACK_SIGNING_SECRET: 'home-secret-0123456789' };
  const slackOf = (environ: Record<string, string>): Pick<Environment, 'slack'> => readEnvironment(environ);
  const beta = load(workspaces('{ T0BETA: { botToken: "${BETA_TOKEN}" } }'), env);
  const none = load('people: { ana: {} }');

  it('is nothing where nobody has set it up', () => {
    expect(slackOptionsOf(slackOf({}), none)).toBeNull();
  });

  it('is the environment’s workspace first, then those of the config, which share its signing secret unless they have one', () => {
    const options = slackOptionsOf(slackOf({ ...home, SLACK_API_URL: 'http://127.0.0.1:9/api' }), beta);
    expect(options).toEqual({
      workspaces: [
        { team: null, botToken: home.SLACK_BOT_TOKEN, signingSecret: home.SLACK_SIGNING_SECRET },
        { team: 'T0BETA', botToken: env.BETA_TOKEN, signingSecret: home.SLACK_SIGNING_SECRET },
      ],
      appToken: null,
      apiUrl: 'http://127.0.0.1:9/api/',
    });
  });

  it('must let every workspace’s calls be verified', () => {
    expect(() => slackOptionsOf(slackOf({}), beta)).toThrow(/T0BETA\.signingSecret: is required/);
    const socket = slackOf({ SLACK_BOT_TOKEN: 'xoxb-home-1', SLACK_APP_TOKEN: 'xapp-1' });
    expect(slackOptionsOf(socket, beta)?.workspaces).toHaveLength(2);
  });
});
