/**
 * src/bot/slack-checkup.ts: is everything there that Slack needs? Looks at tokens, scopes, secrets, channels and groups,
 * posts nothing, and says what to do.
 */
import { z } from 'zod';
import { RefusedError, UnavailableError } from '../adapters/channel.ts';
import type { SlackOptions, SlackWorkspace } from '../adapters/slack/options.ts';
import { readAddress } from '../adapters/slack/send/address.ts';
import { SlackRefusedError } from '../adapters/slack/send/errors.ts';
import { createWorkspaces, type Workspaces } from '../adapters/slack/send/workspaces.ts';
import { personOf } from './chat/people.ts';
import type { Config } from './config/index.ts';

export interface Finding {
  readonly mark: 'ok' | 'look' | 'bad';
  readonly text: string;
  readonly advice?: string;
}

/** What the app asks for in manifest.json, and why. */
export const SCOPES: Readonly<Record<string, string>> = {
  'channels:history': 'finding a message again after a crash, so that it is not posted twice',
  'channels:read': 'looking whether a channel is there and has Countersign in it',
  'chat:write': 'posting and updating messages',
  commands: 'the command /gates',
  'groups:history': 'finding a message again in a private channel',
  'groups:read': 'looking whether a private channel has Countersign in it',
  'im:history': 'finding a direct message again',
  'im:write': 'direct messages to approvers',
  'usergroups:read': 'user groups as approvers',
  'users:read': 'telling Countersign’s own calls from those of other apps',
};
const POST_ANYWHERE = 'chat:write.public';
const WHERE_SCOPES =
  'Add it at api.slack.com/apps under OAuth & Permissions, then install the app again; or update the app from manifest.json.';

const Auth = z.object({
  team: z.string().optional(),
  team_id: z.string(),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});
const Info = z.object({
  channel: z.object({
    name: z.string().optional(),
    is_archived: z.boolean().optional(),
    is_member: z.boolean().optional(),
    is_private: z.boolean().optional(),
  }),
});
const Members = z.object({ users: z.array(z.string()) });

export interface CheckupParts {
  readonly config: Pick<Config, 'channels' | 'sources' | 'directory'>;
  /** null: derived from host and port. */
  readonly publicUrl: string | null;
  readonly clock: () => number;
}

/** Never rejects for what Slack says or does not say. */
export async function checkSlack(options: SlackOptions, parts: CheckupParts): Promise<readonly Finding[]> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const workspaces = createWorkspaces(options, { log, clock: parts.clock });
  try {
    const found: Finding[] = [...doors(options, parts.publicUrl)];
    const granted = new Map<string, ReadonlySet<string> | null>();
    for (const workspace of options.workspaces) {
      const [findings, known] = await identity(workspace, workspaces);
      found.push(...findings);
      if (known !== null) granted.set(known.team, known.scopes);
    }
    const reached = (address: string): boolean => granted.has(readAddress(address).team ?? workspaces.homeTeam() ?? '');
    // What a token that is no good can't see says nothing about the channel.
    for (const { name, kind, id } of parts.config.channels.values())
      if (kind === 'slack' && reached(id)) found.push(await channel(name, id, workspaces, granted));
    for (const [name, source] of parts.config.sources)
      if (source.platform === 'slack' && reached(source.id))
        found.push(await group(name, source.id, workspaces, parts.config.directory));
    return found;
  } finally {
    workspaces.stop();
  }
}

/** How Slack's calls reach us, and by what they are known. */
function doors({ workspaces, appToken }: SlackOptions, publicUrl: string | null): readonly Finding[] {
  if (appToken !== null)
    return [
      /^xapp-\d+-A[A-Z0-9]+-\d+-[0-9a-f]+$/.test(appToken)
        ? ok('Slack calls come in by Socket Mode')
        : look(
            'SLACK_APP_TOKEN does not look like an app-level token',
            'Make one under Basic Information, App-Level Tokens, with the scope connections:write.',
          ),
    ];
  const secrets = workspaces.map(({ team, signingSecret }) => signing(team, signingSecret));
  if (publicUrl?.startsWith('https:')) return [ok(`Slack calls come in at ${publicUrl}/slack/events`), ...secrets];
  return [
    look(
      'Slack can call https addresses only, and PUBLIC_URL is not one',
      'Set PUBLIC_URL to where Slack reaches this bot, or set SLACK_APP_TOKEN: Socket Mode needs no address.',
    ),
    ...secrets,
  ];
}

function signing(team: string | null, secret: string | null): Finding {
  const name = team === null ? 'SLACK_SIGNING_SECRET' : `the signing secret of ${team}`;
  if (/^[0-9a-f]{32}$/.test(secret ?? '')) return ok(`${name} has the form of one`);
  return look(
    `${name} does not have the 32 hexadecimal digits of a signing secret`,
    'Copy it from Basic Information, App Credentials; it is neither the client secret nor the verification token.',
  );
}

async function identity(
  workspace: SlackWorkspace,
  workspaces: Workspaces,
): Promise<readonly [readonly Finding[], { team: string; scopes: ReadonlySet<string> | null } | null]> {
  const name = workspace.team ?? 'home';
  try {
    const auth = Auth.safeParse(await workspaces.call(workspace.team, 'auth.test', {}));
    if (!auth.success) return [[bad(`Slack (${name}): its answer makes no sense`, 'Check SLACK_API_URL.')], null];
    const { team, team_id: id, response_metadata: meta } = auth.data;
    const scopes = meta?.scopes === undefined ? null : new Set(meta.scopes);
    const fine = ok(`Slack workspace ${id}${team === undefined ? '' : ` (${team})`}: its bot token is good`);
    return [[fine, ...scopesOf(id, scopes)], { team: id, scopes }];
  } catch (error) {
    return [[failed(`Slack workspace ${name}`, error)], null];
  }
}

function scopesOf(team: string, granted: ReadonlySet<string> | null): readonly Finding[] {
  if (granted === null)
    return [look(`Slack does not say which scopes the app has in ${team}`, 'Compare with manifest.json.')];
  const missing = Object.entries(SCOPES).filter(([scope]) => !granted.has(scope));
  if (missing.length === 0) return [ok(`the app has all its scopes in ${team}`)];
  return missing.map(([scope, purpose]) =>
    bad(`the app lacks the scope ${scope} in ${team}: ${purpose}`, WHERE_SCOPES),
  );
}

async function channel(
  name: string,
  address: string,
  workspaces: Workspaces,
  granted: ReadonlyMap<string, ReadonlySet<string> | null>,
): Promise<Finding> {
  const { team, id } = readAddress(address);
  const label = `channel ${name} (${address})`;
  try {
    const info = Info.safeParse(await workspaces.call(team, 'conversations.info', { channel: id }));
    if (!info.success) return look(`${label}: Slack’s answer makes no sense`, 'Nothing is known about it.');
    const { name: title, is_archived: isArchived, is_member: isMember, is_private: isPrivate } = info.data.channel;
    const known = title === undefined ? label : `channel ${name} (#${title})`;
    if (isArchived === true)
      return bad(`${known} is archived`, 'Name another channel in the config, or take it out of the archive.');
    if (isMember !== false) return ok(`${known} can be posted to`);
    const mayPost = granted.get(team ?? workspaces.homeTeam() ?? '')?.has(POST_ANYWHERE) === true && isPrivate !== true;
    const invite = `Invite it: /invite @Countersign in ${title === undefined ? 'the channel' : `#${title}`}.`;
    if (mayPost)
      return look(
        `${known} can be posted to by ${POST_ANYWHERE}, but not read: a crash may post a message twice`,
        invite,
      );
    return bad(`Countersign is not in ${known}`, invite);
  } catch (error) {
    if (error instanceof SlackRefusedError && error.code === 'missing_scope')
      return look(`${label} can’t be looked at`, error.message);
    return failed(label, error);
  }
}

async function group(
  name: string,
  address: string,
  workspaces: Workspaces,
  directory: Config['directory'],
): Promise<Finding> {
  const { team, id } = readAddress(address);
  const label = `group ${name} (${address})`;
  try {
    const answer = Members.safeParse(await workspaces.call(team, 'usergroups.users.list', { usergroup: id }));
    if (!answer.success) return look(`${label}: Slack’s answer makes no sense`, 'Nothing is known about it.');
    const home = workspaces.homeTeam();
    const scope = team ?? home ?? '';
    const { users } = answer.data;
    const strangers = users.filter(
      (user) => personOf('slack', { scope, id: user }, scope === home, directory) === null,
    );
    if (users.length === strangers.length)
      return bad(
        `${label} has nobody who is under people`,
        'Gates that ask it refuse to open. Add its members under people, each with their slack id.',
      );
    if (strangers.length > 0)
      return look(
        `${label}: ${strangers.length} of its ${users.length} members are nobody under people: ${strangers.slice(0, 10).join(', ')}`,
        'They are not asked. Add them under people, each with their slack id.',
      );
    return ok(`${label} has ${users.length} ${users.length === 1 ? 'member' : 'members'}`);
  } catch (error) {
    return failed(label, error);
  }
}

function failed(label: string, error: unknown): Finding {
  if (error instanceof UnavailableError)
    return bad(
      `${label}: ${error.message}`,
      'Slack has to be reachable from here: check the network and SLACK_API_URL.',
    );
  if (!(error instanceof RefusedError)) throw error;
  return bad(`${label}: ${error.message}`);
}

const ok = (text: string): Finding => ({ mark: 'ok', text });
const look = (text: string, advice: string): Finding => ({ mark: 'look', text, advice });
const bad = (text: string, advice?: string): Finding => ({
  mark: 'bad',
  text,
  ...(advice !== undefined && { advice }),
});
