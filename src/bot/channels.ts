/**
 * src/bot/channels.ts: the channels of this process and what hangs on them: the chat platforms that are set up, whatever
 * was handed in besides, and the people whom the platforms' groups name.
 */
import type { FastifyInstance } from 'fastify';
import type { Channel } from '../adapters/channel.ts';
import type { SlackOptions } from '../adapters/slack/options.ts';
import type { TeamsOptions } from '../adapters/teams/options.ts';
import type { Store } from '../store/port.ts';
import type { Config } from './config/index.ts';
import { createDirectory, type DirectorySource } from './directory.ts';
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
  readonly config: () => Pick<Config, 'directory' | 'sources'>;
}

export async function openChannels({ slack, teams, store, extra, config, ...rest }: ChannelsParts): Promise<Channels> {
  const { clock, log } = rest;
  const parts: PlatformParts = { ...rest, onGroupChange: () => void directory.refresh() };
  const platforms = new Map<string, Platform>();
  if (slack !== null) platforms.set('slack', await openSlack(slack, parts));
  if (teams !== null) platforms.set('teams', await openTeams(teams, store, parts));
  const all = [...platforms.values()];
  const channels = [...extra, ...all.map(({ channel }) => channel)];
  const directory = createDirectory({
    config,
    members({ platform, id }) {
      const asked = platforms.get(platform);
      return asked === undefined ? Promise.reject(new Error(`${platform} is not set up here`)) : asked.members(id);
    },
    isHome: (platform, scope) => scope === platforms.get(platform)?.home(),
    clock,
    timers: systemTimers,
    log,
  });
  return {
    byKind: new Map(channels.map((channel) => [channel.kind, channel])),
    kinds: {
      reachable: new Set(channels.map(({ kind }) => kind)),
      threaded: new Set(channels.filter(({ hasThreads }) => hasThreads === true).map(({ kind }) => kind)),
    },
    doors: all.map(({ routes }) => routes),
    directory,
    problems: () => Object.fromEntries([...platforms].map(([kind, platform]) => [kind, platform.problem()])),
    async start() {
      await Promise.all(all.map((platform) => platform.start()));
      await within(directory.start(), FIRST_MEMBERS_MS);
    },
    async stop() {
      directory.stop();
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
    .filter(([, { platform }]) => !reachable.has(platform))
    .map(
      ([name, { platform }]) => `group ${name}: ${platform} is not set up here, so gates that ask it refuse to open`,
    );
  return [...places, ...groups];
}
