/** src/bot/config/slack.ts: further Slack workspaces of the config, and the shapes of Slack's ids. */
import { type Path, pathText, type Report } from './problem.ts';
import type { SlackShape } from './shape.ts';

export interface WorkspaceTarget {
  /** `T…`. */
  readonly team: string;
  readonly botToken: string;
  /** null: that of the environment, which is the same where one app is installed in several workspaces. */
  readonly signingSecret: string | null;
}

/** `C…` of the home workspace, or `T…/C…`; `G…` are older private channels, `D…` conversations with one person. */
export const SLACK_CHANNEL = /^(T[A-Z0-9]{2,}\/)?[CGD][A-Z0-9]{2,}$/;
/** `S…` of the home workspace, or `T…/S…`. */
export const SLACK_USERGROUP = /^(T[A-Z0-9]{2,}\/)?S[A-Z0-9]{2,}$/;
/** What Slack calls a signing secret: 32 hex digits; a little room is left for what it may become. */
const SIGNING_SECRET = /^[\x21-\x7e]{16,200}$/;

export interface WorkspaceFacts {
  /** Paths whose value came from the default of a `${NAME:-default}`. */
  readonly defaulted: ReadonlySet<string>;
  readonly report: Report;
}

export function workspacesOf(shape: SlackShape | null | undefined, facts: WorkspaceFacts): readonly WorkspaceTarget[] {
  const owners = new Map<string, string>();
  return Object.entries(shape?.workspaces ?? {}).map(([team, { botToken, signingSecret }]) => {
    const path = ['slack', 'workspaces', team];
    if (!/^T[A-Z0-9]{2,}$/.test(team)) facts.report(path, `"${team}" must be a workspace’s id like T0123ABCD`);
    refuseDefault([...path, 'botToken'], facts);
    refuseDefault([...path, 'signingSecret'], facts);
    if (!/^xoxb-[\x21-\x7e]{4,}$/.test(botToken))
      facts.report([...path, 'botToken'], 'must be a bot token that begins with xoxb-');
    else if (owners.has(botToken))
      facts.report(
        [...path, 'botToken'],
        `is the token of ${owners.get(botToken)} already; each workspace has its own`,
      );
    else owners.set(botToken, team);
    if (signingSecret !== undefined && !SIGNING_SECRET.test(signingSecret))
      facts.report([...path, 'signingSecret'], 'must have 16 to 200 visible ASCII characters');
    return { team, botToken, signingSecret: signingSecret ?? null };
  });
}

/** These are secrets of somebody else's server: there is no default that would be good for trying out. */
function refuseDefault(path: Path, { defaulted, report }: WorkspaceFacts): void {
  if (defaulted.has(pathText(path)))
    report(path, 'must come from an environment variable without a default, or stand here');
}
