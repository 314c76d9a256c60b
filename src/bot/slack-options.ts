/** src/bot/slack-options.ts: what the environment and the config together say about Slack. */
import type { SlackOptions, SlackWorkspace } from '../adapters/slack/options.ts';
import { type Config, ConfigError } from './config/index.ts';
import type { Environment } from './environment.ts';

/**
 * null: Slack is not set up. The environment's workspace is home; without one it is the first of the config's.
 * @throws ConfigError for a workspace whose calls could not be verified, or that is there twice
 */
export function slackOptionsOf(
  { slack: { botToken, signingSecret, appToken, apiUrl } }: Pick<Environment, 'slack'>,
  { workspaces }: Pick<Config, 'workspaces'>,
): SlackOptions | null {
  const further = workspaces.map((workspace) => ({
    ...workspace,
    // One app in several workspaces has one signing secret.
    signingSecret: workspace.signingSecret ?? signingSecret,
  }));
  const all: readonly SlackWorkspace[] =
    botToken === null ? further : [{ team: null, botToken, signingSecret }, ...further];
  const [home, ...others] = all;
  if (home === undefined) return null;
  for (const { team, botToken: token, signingSecret: secret } of further) {
    if (token === botToken) throw problem(team, 'botToken', 'is SLACK_BOT_TOKEN already; that workspace is home');
    if (secret === null && appToken === null)
      throw problem(team, 'signingSecret', 'is required: neither SLACK_SIGNING_SECRET nor SLACK_APP_TOKEN is set');
  }
  return { workspaces: [home, ...others], appToken, apiUrl: apiUrl === null ? null : apiUrl.replace(/\/*$/, '/') };
}

function problem(team: string, key: string, message: string): ConfigError {
  const path = `slack.workspaces.${team}.${key}`;
  return new ConfigError([{ file: 'environment and config', line: null, column: null, path, message }]);
}
