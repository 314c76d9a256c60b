/** src/cli/doctor/slack.ts: Slack’s part of the doctor: where it is set up at all, and what is wrong with it. */
import { type Config, ConfigError, loadConfig } from '../../bot/config/index.ts';
import type { Environment } from '../../bot/environment.ts';
import { checkSlack, type Finding } from '../../bot/slack-checkup.ts';
import { slackOptionsOf } from '../../bot/slack-options.ts';
import type { Terminal } from '../terminal.ts';

/** Nothing where Slack is not set up, and nothing about a config that can't be read: that is told elsewhere. */
export async function slack(environment: Environment, terminal: Terminal): Promise<readonly Finding[]> {
  const config = readable(environment, terminal);
  if (config === null) return [];
  try {
    const options = slackOptionsOf(environment, config);
    if (options === null) return absent(config);
    return await checkSlack(options, { config, publicUrl: environment.publicUrl, clock: () => terminal.now() });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((text) => ({ mark: 'bad', text }));
  }
}

function readable({ configPath }: Environment, terminal: Terminal): Config | null {
  try {
    return loadConfig(configPath, terminal.env, terminal.now());
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

function absent({ channels, sources, directory }: Config): readonly Finding[] {
  const wants =
    [...channels.values()].some(({ kind }) => kind === 'slack') ||
    [...sources.values()].some(({ platform }) => platform === 'slack');
  if (!wants && ![...directory.people.values()].some(({ slack: id }) => id !== null)) return [];
  return [
    {
      mark: 'look',
      text: 'the config names people, groups or channels of Slack, but Slack is not set up',
      advice: 'docs/slack.md says how: SLACK_BOT_TOKEN, and SLACK_APP_TOKEN or SLACK_SIGNING_SECRET.',
    },
  ];
}
