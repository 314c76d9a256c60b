/**
 * src/bot/directory.ts: who is who now: the config's directory with the newest members of the groups that somebody else
 * keeps. Deciding never waits for them: they are asked for in the background, and what is known is a ready object.
 */
import type { PlatformUser } from '../adapters/chat.ts';
import type { Instant } from '../engine/definition.ts';
import type { Directory, Group } from '../engine/directory.ts';
import { personOf } from './chat/people.ts';
import type { Config, GroupSource } from './config/index.ts';
import type { Timers } from './dispatch/timers.ts';

/** How often members are asked for again. */
const REFRESH_MS = 300_000;
/** And after a source could not be asked. */
const RETRY_MS = 30_000;
/**
 * How long the last known members stand in for a source that can't be asked; then the group is unavailable. The platform's
 * own memory of them may be five minutes old, so that nobody decides on more than fifteen minutes after they left.
 */
const STALE_MS = 600_000;

export interface DirectoryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface DirectoryParts {
  /** The newest config; a reload replaces it. */
  readonly config: () => Pick<Config, 'directory' | 'sources'>;
  /** The members of a group as the platform has them. @throws where it can't be asked, or says no */
  readonly members: (source: GroupSource) => Promise<readonly PlatformUser[]>;
  /** Whether ids without a workspace or tenant are of this one. */
  readonly isHome: (platform: GroupSource['platform'], scope: string) => boolean;
  readonly clock: () => Instant;
  readonly timers: Timers;
  readonly log: DirectoryLog;
}

export interface DirectorySource {
  /** The newest: the same object until something has changed. */
  current(): Directory;
  /** Asks every source now; never rejects. Whoever comes while it runs waits for one more round. */
  refresh(): Promise<void>;
  /** Refreshes now and from then on; resolves after the first round. */
  start(): Promise<void>;
  stop(): void;
}

interface Members {
  readonly users: readonly PlatformUser[];
  readonly at: Instant;
}

export function createDirectory({ config, members, isHome, clock, timers, log }: DirectoryParts): DirectorySource {
  const known = new Map<string, Members>();
  /** What was warned about, so that it is said once and not each time. */
  const told = new Set<string>();
  let made: { readonly from: Directory; readonly directory: Directory; readonly until: Instant } | null = null;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let isStopped = false;
  let cancel = () => {};

  const keyOf = ({ platform, id }: GroupSource): string => `${platform}:${id}`;

  function combined(): NonNullable<typeof made> {
    const { directory, sources } = config();
    if (sources.size === 0) return { from: directory, directory, until: Number.POSITIVE_INFINITY };
    const now = clock();
    let until = Number.POSITIVE_INFINITY;
    const groups = new Map<string, Group>(directory.groups);
    for (const [name, source] of sources) {
      const found = known.get(keyOf(source));
      if (found === undefined || now >= found.at + STALE_MS) continue; // unavailable, as the config has it
      until = Math.min(until, found.at + STALE_MS);
      const people = found.users.flatMap((user) => {
        const person = personOf(source.platform, user, isHome(source.platform, user.scope), directory);
        if (person === null) tellOnce(name, `${user.scope}/${user.id}`);
        return person ?? [];
      });
      groups.set(name, [...new Set(people)]);
    }
    return { from: directory, directory: { ...directory, groups }, until };
  }

  function tellOnce(group: string, user: string): void {
    if (told.has(`${group} ${user}`)) return;
    told.add(`${group} ${user}`);
    log.warn({ group, user }, 'a member of the group is nobody under people, and is left out');
  }

  async function ask(source: GroupSource): Promise<boolean> {
    try {
      const users = await members(source);
      known.set(keyOf(source), { users, at: clock() });
      return true;
    } catch (error) {
      const since = known.get(keyOf(source))?.at;
      const isStale = since === undefined || clock() >= since + STALE_MS;
      const fields = { source: keyOf(source), error: error instanceof Error ? error.message : typeof error };
      log.warn(fields, isStale ? 'the group is unavailable' : 'the group can’t be asked; its last members still count');
      return false;
    }
  }

  async function round(): Promise<void> {
    cancel();
    const sources = new Map([...config().sources.values()].map((source) => [keyOf(source), source]));
    for (const key of known.keys()) if (!sources.has(key)) known.delete(key);
    const answered = await Promise.all([...sources.values()].map(ask));
    made = null;
    if (sources.size === 0 || isStopped) return;
    cancel(); // of a round that overtook this one
    cancel = timers.after(answered.every(Boolean) ? REFRESH_MS : RETRY_MS, () => void refresh());
  }

  function refresh(): Promise<void> {
    if (isStopped) return Promise.resolve();
    if (running === null) {
      running = round().finally(() => {
        running = null;
      });
      return running;
    }
    next ??= running.then(() => {
      next = null;
      return refresh();
    });
    return next;
  }

  return {
    current() {
      if (made === null || made.from !== config().directory || clock() >= made.until) made = combined();
      return made.directory;
    },
    refresh,
    start: refresh,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
