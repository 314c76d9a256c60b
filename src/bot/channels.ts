/**
 * src/bot/channels.ts: the channels of this process and what hangs on them: the chat platforms that are set up, whatever
 * was handed in besides, and the people whom the platforms' groups name.
 */
import type { FastifyInstance } from 'fastify';
import type { Channel } from '../adapters/channel.ts';
import { askDirectory } from '../adapters/directory/ask.ts';
import type { AllowList } from '../adapters/http/addresses.ts';
import { createHttpReader } from '../adapters/http/reader.ts';
import type { SlackOptions } from '../adapters/slack/options.ts';
import type { TeamsOptions } from '../adapters/teams/options.ts';
import type { Store } from '../store/port.ts';
import type { Config } from './config/index.ts';
import { createAlarm } from './directory/alarm.ts';
import type { GroupChanges } from './directory/changes.ts';
import { createDirectory, type DirectoryParts, type DirectorySource } from './directory/source.ts';
import { systemTimers } from './dispatch/timers.ts';
import { STOP_MS } from './limits.ts';
import type { Routes } from './outgoing.ts';
import { openSlack, openTeams, type Platform, type PlatformParts } from './platforms.ts';

/** How long a start waits for the platforms to say who is in their groups. */
const FIRST_MEMBERS_MS = 5_000;

export interface Channels {
  readonly byKind: ReadonlyMap<string, Channel>;
  readonly kinds: Pick<Routes, 'reachable' | 'threaded'>;
  /** The doors of chat platforms, each for a scope of its own. */
  readonly doors: readonly ((app: FastifyInstance) => Promise<void>)[];
  readonly directory: DirectorySource;
  /** What is wrong with a platform, by kind, in words; null: nothing. Platforms that can't tell are left out. */
  problems(): Readonly<Record<string, string | null>>;
  /** What is wrong with groups that somebody else keeps, by name; null: their members are known. */
  groupProblems(): Readonly<Record<string, string | null>>;
  /** Resolves when what can be known of the groups is known, or after a while. Never rejects: a platform may be away. */
  start(): Promise<void>;
  /** Takes no more from the platforms, and lets what is under way end. */
  stop(): Promise<void>;
}

export interface ChannelsParts extends Omit<PlatformParts, 'onGroupChange'> {
  /** null: not set up. */
  readonly slack: SlackOptions | null;
  readonly teams: TeamsOptions | null;
  readonly store: Pick<Store, 'recall' | 'remember'>;
  readonly extra: readonly Channel[];
  /** As it stands in the file. */
  readonly config: () => Pick<Config, 'directory' | 'sources' | 'gates' | 'admins'>;
  readonly absences: DirectoryParts['absences'];
  /** Which addresses directories may have besides public ones. */
  readonly allow: AllowList;
  /** People came into groups or left them. */
  readonly onGroups?: (changes: GroupChanges) => void;
}

export async function openChannels({
  slack,
  teams,
  store,
  extra,
  config,
  absences,
  allow,
  onGroups,
  ...rest
}: ChannelsParts): Promise<Channels> {
  const { clock, log } = rest;
  const parts: PlatformParts = { ...rest, onGroupChange: () => void directory.refresh() };
  const platforms = new Map<string, Platform>();
  if (slack !== null) platforms.set('slack', await openSlack(slack, parts));
  if (teams !== null) platforms.set('teams', await openTeams(teams, store, parts));
  const all = [...platforms.values()];
  const channels = [...extra, ...all.map(({ channel }) => channel)];
  const reader = createHttpReader(allow);
  const directory = createDirectory({
    config,
    absences,
    members({ platform, id }) {
      const asked = platforms.get(platform);
      return asked === undefined ? Promise.reject(new Error(`${platform} is not set up here`)) : asked.members(id);
    },
    directory: ({ url, headers, members }, signal) => askDirectory(reader, { url, headers, members, signal }),
    isHome: (platform, scope) => scope === platforms.get(platform)?.home(),
    clock,
    timers: systemTimers,
    log,
    ...(onGroups !== undefined && { onChange: onGroups }),
    onAsked: () => void alarm.look(),
  });
  const byKind = new Map(channels.map((channel) => [channel.kind, channel]));
  const alarm = createAlarm({
    sources: () => directory.sources(),
    config: () => ({ ...config(), directory: directory.current() }),
    channels: byKind,
    store,
    clock,
    timers: systemTimers,
    log,
  });
  return {
    byKind,
    kinds: {
      reachable: new Set(channels.map(({ kind }) => kind)),
      threaded: new Set(channels.filter(({ hasThreads }) => hasThreads === true).map(({ kind }) => kind)),
    },
    doors: all.map(({ routes }) => routes),
    directory,
    problems: () => Object.fromEntries([...platforms].map(([kind, platform]) => [kind, platform.problem()])),
    groupProblems: () =>
      Object.fromEntries(
        [...directory.sources()].map(([name, { isUp, trouble }]) => [name, isUp ? null : (trouble ?? 'not asked yet')]),
      ),
    async start() {
      await Promise.all(all.map((platform) => platform.start()));
      await within(directory.start(), FIRST_MEMBERS_MS);
    },
    async stop() {
      directory.stop();
      alarm.stop();
      await reader.close();
      await Promise.all(all.map((platform) => within(platform.stop(), STOP_MS * 0.4)));
    },
  };
}

function within(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = systemTimers.after(ms, resolve);
    void work.finally(() => {
      cancel();
      resolve();
    });
  });
}

/** What is in the config and nothing is done with here, a line for each. */
export function unreachable(
  { channels, sources }: Pick<Config, 'channels' | 'sources'>,
  { reachable }: Pick<Routes, 'reachable'>,
): readonly string[] {
  const places = [...channels.values()]
    .filter(({ kind }) => !reachable.has(kind))
    .map(
      ({ name, kind }) =>
        `channel ${name}: ${kind} is not set up here, so nothing is posted there; the web inbox shows every request`,
    );
  const groups = [...sources]
    .filter(([, { platform }]) => platform !== 'http' && !reachable.has(platform))
    .map(
      ([name, { platform }]) => `group ${name}: ${platform} is not set up here, so gates that ask it refuse to open`,
    );
  return [...places, ...groups];
}
