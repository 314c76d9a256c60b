/**
 * src/bot/platforms.ts: the chat platforms that are set up here. Each is loaded only then: its libraries take tens of
 * MiB and a good part of a second, which a bot without it doesn't pay.
 */
import type { FastifyInstance } from 'fastify';
import type { Channel } from '../adapters/channel.ts';
import type { ChatPorts, PlatformUser } from '../adapters/chat.ts';
import type { SlackLog, SlackOptions } from '../adapters/slack/options.ts';
import type { TeamsOptions } from '../adapters/teams/options.ts';
import type { Store } from '../store/port.ts';
import type { Clock } from './clock.ts';

export interface Platform {
  readonly channel: Channel;
  /** Its door, for a scope of its own. */
  readonly routes: (app: FastifyInstance) => Promise<void>;
  /** The workspace or tenant that ids without one belong to; null while it is not known. */
  home(): string | null;
  /** The members of a group that the platform keeps. @throws where it can't be asked, or says no */
  members(group: string): Promise<readonly PlatformUser[]>;
  /** What keeps it from working, in words for an operator; null: nothing. */
  problem(): string | null;
  /** Begins to connect; a platform that is away is no failure. */
  start(): Promise<void>;
  /** Takes no more, and lets what is under way end. */
  stop(): Promise<void>;
}

export interface PlatformParts {
  /** @param home see `Platform.home` */
  readonly ports: (kind: 'slack' | 'teams', home: () => string | null) => ChatPorts;
  readonly clock: Clock;
  readonly log: SlackLog;
  /** Somebody came into a group or left it. */
  readonly onGroupChange: () => void;
}

export async function openSlack(
  options: SlackOptions,
  { ports, clock, log, onGroupChange }: PlatformParts,
): Promise<Platform> {
  const { createSlack } = await import('../adapters/slack/slack.ts');
  const home = (): string | null => slack.homeTeam();
  const slack = createSlack(options, { ports: ports('slack', home), log, clock, onGroupChange });
  return {
    channel: slack.channel,
    routes: slack.routes,
    home,
    members: (group) => slack.usergroups.members(group),
    problem: () => slack.ready(),
    start: () => slack.start(),
    stop: () => slack.stop(),
  };
}

export async function openTeams(
  options: TeamsOptions,
  store: Pick<Store, 'recall' | 'remember'>,
  { ports, clock, log, onGroupChange }: PlatformParts,
): Promise<Platform> {
  const { createTeams } = await import('../adapters/teams/teams.ts');
  const home = (): string | null => options.tenantId;
  const teams = createTeams(options, {
    ports: ports('teams', home),
    log,
    clock,
    remember: {
      get: (key) => store.recall(`teams:${key}`),
      put: (key, value, keepMs) => store.remember(`teams:${key}`, value, keepMs === null ? null : clock() + keepMs),
      remove: (key) => store.remember(`teams:${key}`, null, null),
    },
    onGroupChange,
  });
  return {
    channel: teams.channel,
    routes: teams.routes,
    home,
    members: (team) => teams.members.members(team),
    problem: () => teams.problem(),
    start: async () => teams.start(),
    stop: () => teams.stop(),
  };
}
