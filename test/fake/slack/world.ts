/**
 * test/fake/slack/world.ts: what a workspace holds: people, channels, groups, messages, views. Tests change it as
 * an administrator would (archive a channel, revoke a token, take a scope away).
 */
import type { Fields } from './wire.ts';

export interface FakeUser {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  deleted: boolean;
  readonly isBot: boolean;
  /** A guest. */
  readonly isRestricted: boolean;
}

export interface FakePlace {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  isArchived: boolean;
  /** Nobody but administrators may post. */
  isReadOnly: boolean;
  /** Users who are in it; the bot among them or not. */
  readonly members: Set<string>;
}

export interface FakeMessage {
  readonly team: string;
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  /** Whose it is. */
  readonly user: string;
  readonly botId: string | null;
  readonly appId: string | null;
  readonly isBroadcast: boolean;
  text: string;
  blocks: readonly Fields[];
  metadata: Fields | null;
  updates: number;
  isDeleted: boolean;
  readonly postedAt: number;
}

export interface FakeView {
  readonly id: string;
  readonly team: string;
  readonly user: string;
  readonly rootId: string;
  readonly previousId: string | null;
  readonly externalId: string | null;
  /** Newest form. */
  view: Fields;
  hash: string;
  updates: number;
  isOpen: boolean;
}

export interface Ephemeral {
  readonly team: string;
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Fields[];
}

export interface FakeWorkspace {
  readonly team: string;
  readonly token: string;
  readonly bot: { readonly userId: string; readonly botId: string; readonly appId: string };
  /** What the app was granted. */
  readonly scopes: Set<string>;
  /** What Slack says of the token; null: it is good. */
  tokenProblem: 'invalid_auth' | 'token_revoked' | 'account_inactive' | null;
  readonly users: Map<string, FakeUser>;
  readonly places: Map<string, FakePlace>;
  readonly usergroups: Map<string, string[]>;
}

/** Granted unless a test says otherwise: what the app needs, posting uninvited into public channels not among it. */
const SCOPES = [
  'chat:write',
  'commands',
  'usergroups:read',
  'users:read',
  'users:read.email',
  'channels:history',
  'groups:history',
  'im:history',
  'im:write',
] as const;

const PEOPLE: readonly (readonly [string, string])[] = [
  ['U0ANA', 'Ana Silva'],
  ['U0BEN', 'Ben Okoye'],
  ['U0CY', 'Cy Tan'],
  ['U0MIA', 'Mia Chen'],
  ['U0EVE', 'Eve Stranger'],
];

export interface WorkspaceSpec {
  readonly team?: string;
  readonly token?: string;
  readonly bot?: FakeWorkspace['bot'];
}

/** Acme: ana, ben, cy, mia and eve, all in #releases with the bot, and the group S0RELEASE of ana and ben. */
export function newWorkspace({
  team = 'T0ACME',
  token = 'xoxb-acme-bot-token',
  bot = { userId: 'U0BOT', botId: 'B0BOT', appId: 'A0APP' },
}: WorkspaceSpec = {}): FakeWorkspace {
  const workspace: FakeWorkspace = {
    team,
    token,
    bot,
    scopes: new Set(SCOPES),
    tokenProblem: null,
    users: new Map(),
    places: new Map(),
    usergroups: new Map([['S0RELEASE', ['U0ANA', 'U0BEN']]]),
  };
  for (const [id, name] of PEOPLE) addUser(workspace, id, { name });
  addUser(workspace, bot.userId, { name: 'Countersign', isBot: true });
  addPlace(workspace, 'C0RELEASES', { name: 'releases' });
  return workspace;
}

export function addUser(workspace: FakeWorkspace, id: string, about: Partial<FakeUser> = {}): void {
  const email = `${id.slice(2).toLowerCase()}@acme.dev`;
  workspace.users.set(id, { id, name: id, email, deleted: false, isBot: false, isRestricted: false, ...about });
}

/** The bot and everybody known are in it unless `members` says otherwise. */
export function addPlace(workspace: FakeWorkspace, id: string, about: Partial<FakePlace> = {}): void {
  const members = new Set(workspace.users.keys());
  workspace.places.set(id, { id, name: id, isPrivate: false, isArchived: false, isReadOnly: false, members, ...about });
}

/** The id of the conversation between the bot and one user. */
export const directMessageOf = (user: string): string => `D${user.slice(1)}`;
export const userOfDirectMessage = (place: string): string => `U${place.slice(1)}`;
