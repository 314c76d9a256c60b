/**
 * src/bot/directory/source.ts: who is who now: the config's directory with the newest members of the groups that somebody
 * else keeps, and the newest absences. Deciding never waits for them: they are asked for in the background, and what is
 * known is a ready object.
 */
import type { PlatformUser } from '../../adapters/chat.ts';
import type { Instant, PersonId } from '../../engine/definition.ts';
import type { Absence, Directory, Group, Person } from '../../engine/directory.ts';
import { personOf } from '../chat/people.ts';
import { type Config, type GroupSource, type HttpSource, identify, type PlatformSource } from '../config/index.ts';
import type { Timers } from '../dispatch/timers.ts';
import { createComparison, type GroupChanges } from './changes.ts';
import { createFeed, type Feed } from './feed.ts';

/** How often a platform is asked for members again. */
const REFRESH_MS = 300_000;
/**
 * How long the last known members stand in for a platform that can't be asked; then the group is unavailable. The
 * platform's own memory of them may be five minutes old, so that nobody decides on more than fifteen minutes after they left.
 */
const STALE_MS = 600_000;
const NOBODY_KNOWN = 'it names nobody who is under people';
/** Members who are nobody here and are named in the log; after so many only their number is. */
const MAX_NAMED = 20;

export interface DirectoryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface DirectoryParts {
  /** The newest config; a reload replaces it. */
  readonly config: () => Pick<Config, 'directory' | 'sources'>;
  /** When people are away, in place of what the config says of them; the same object until something has changed. */
  readonly absences: () => ReadonlyMap<PersonId, readonly Absence[]>;
  /** The members of a group as the platform has them. @throws where it can't be asked, or says no */
  readonly members: (source: PlatformSource) => Promise<readonly PlatformUser[]>;
  /** Names, addresses and references as an HTTP directory has them. @throws where it can't be asked, or says no */
  readonly directory: (source: HttpSource, signal: AbortSignal) => Promise<readonly string[]>;
  /** Whether ids without a workspace or tenant are of this one. */
  readonly isHome: (platform: PlatformSource['platform'], scope: string) => boolean;
  readonly clock: () => Instant;
  readonly timers: Timers;
  readonly log: DirectoryLog;
  /** People came into groups or left them. */
  readonly onChange?: (changes: GroupChanges) => void;
  /** After each asking of a source: something may have become unavailable, or come back. */
  readonly onAsked?: () => void;
}

/** How a group's source is doing. */
export interface SourceState {
  readonly source: GroupSource;
  /** Whether gates that ask the group can go on. */
  readonly isUp: boolean;
  /** What is wrong with it; its last members may still count. */
  readonly trouble: string | null;
  /** Whether it has been asked at all: what is only not known yet is no trouble. */
  readonly wasAsked: boolean;
}

export interface DirectorySource {
  /** The newest: the same object until something has changed. */
  current(): Directory;
  /** Of each group that has a source, by the group's name. */
  sources(): ReadonlyMap<string, SourceState>;
  /** Asks every platform now, and every other source that is due; never rejects. Whoever comes while it runs waits for one more round. */
  refresh(): Promise<void>;
  /** Refreshes now and from then on; resolves after the first round. */
  start(): Promise<void>;
  stop(): void;
}

/** A chat platform's user, or what a directory calls somebody. */
type Member = PlatformUser | string;

interface Made {
  readonly from: Directory;
  readonly sources: Config['sources'];
  readonly absences: ReadonlyMap<PersonId, readonly Absence[]>;
  readonly directory: Directory;
  readonly states: ReadonlyMap<string, SourceState>;
  readonly until: Instant;
}

/** For whoever knows of no other absences than the config's. */
export const NO_ABSENCES: ReadonlyMap<PersonId, readonly Absence[]> = new Map();

export function createDirectory(parts: DirectoryParts): DirectorySource {
  const { config, absences, isHome, clock, timers, log } = parts;
  const feeds = new Map<string, Feed<Member>>();
  /** What was warned about, so that it is said once and not each time. */
  const told = new Set<string>();
  let made: Made | null = null;
  const compare = createComparison();
  let isStopped = false;

  function combined(): Made {
    const { directory, sources } = config();
    const away = absences();
    let until = Number.POSITIVE_INFINITY;
    const base = { from: directory, sources, absences: away };
    if (sources.size === 0 && away.size === 0) return { ...base, directory, states: new Map(), until };
    const groups = new Map<string, Group>(directory.groups);
    const states = new Map<string, SourceState>();
    for (const [name, source] of sources) {
      const feed = feeds.get(keyOf(source));
      const known = feed?.known() ?? null;
      const people = known === null ? null : peopleOf(name, source, known.members, directory);
      if (known !== null) until = Math.min(until, known.until);
      if (people !== null) groups.set(name, people);
      const trouble = known !== null && people === null ? NOBODY_KNOWN : (feed?.trouble() ?? null);
      states.set(name, { source, isUp: people !== null, trouble, wasAsked: known !== null || trouble !== null });
    }
    const people = away.size === 0 ? directory.people : laidOver(directory.people, away);
    return { ...base, directory: { ...directory, people, groups }, states, until };
  }

  /** null: a directory that names nobody we know has lost its data, or means others. A platform's group may be empty. */
  function peopleOf(
    group: string,
    source: GroupSource,
    members: readonly Member[],
    directory: Directory,
  ): readonly PersonId[] | null {
    const people = new Set<PersonId>();
    for (const member of members) {
      const person =
        typeof member === 'string'
          ? identify(member, directory)
          : source.platform === 'http'
            ? null
            : personOf(source.platform, member, isHome(source.platform, member.scope), directory);
      if (person !== null) people.add(person);
      else tellOnce(group, typeof member === 'string' ? member : `${member.scope}/${member.id}`);
    }
    return people.size === 0 && source.platform === 'http' ? null : [...people];
  }

  function tellOnce(group: string, user: string): void {
    const key = `${group} ${user}`;
    if (told.has(key) || told.size > 100 * MAX_NAMED) return;
    told.add(key);
    const ofGroup = [...told].filter((other) => other.startsWith(`${group} `)).length;
    if (ofGroup <= MAX_NAMED)
      log.warn({ group, user }, 'a member of the group is nobody under people, and is left out');
    else if (ofGroup === MAX_NAMED + 1) log.warn({ group }, 'more members of the group are nobody under people');
  }

  function feedOf(name: string, source: GroupSource): Feed<Member> {
    const isHttp = source.platform === 'http';
    let said = '';
    return createFeed<Member>({
      ask: (signal) => (isHttp ? parts.directory(source, signal) : parts.members(source)),
      everyMs: isHttp ? source.cacheMs : REFRESH_MS,
      keepMs: isHttp ? source.cacheMs + source.staleMs : STALE_MS,
      clock,
      timers,
      onAsked(trouble) {
        made = null;
        const isUp = feeds.get(keyOf(source))?.known() != null;
        // It is asked twice a minute: what has not changed is said once.
        if (trouble !== null && said !== `${isUp} ${trouble}`) {
          const fields = { group: name, source: isHttp ? 'http' : keyOf(source), error: trouble };
          log.warn(
            fields,
            isUp ? 'the group can’t be asked; its last members still count' : 'the group is unavailable',
          );
        }
        said = trouble === null ? '' : `${isUp} ${trouble}`;
        tellChanges();
        parts.onAsked?.();
      },
    });
  }

  function tellChanges(): void {
    const changes = compare(current());
    if (changes !== null) parts.onChange?.(changes);
  }

  function current(): Directory {
    return newest().directory;
  }

  function newest(): Made {
    const { directory, sources } = config();
    const isMade = made !== null && made.from === directory && made.sources === sources && made.absences === absences();
    if (made === null || !isMade || clock() >= made.until) made = combined();
    return made;
  }

  async function refresh(): Promise<void> {
    if (isStopped) return;
    const wanted = new Map([...config().sources].map(([name, source]) => [keyOf(source), { name, source }]));
    for (const [key, feed] of feeds) {
      if (wanted.has(key)) continue;
      feed.stop();
      feeds.delete(key);
    }
    for (const [key, { name, source }] of wanted) if (!feeds.has(key)) feeds.set(key, feedOf(name, source));
    await Promise.all([...wanted].map(([key, { source }]) => feeds.get(key)?.refresh(source.platform === 'http')));
    tellChanges();
  }

  return {
    current,
    sources: () => newest().states,
    refresh,
    start: refresh,
    stop() {
      isStopped = true;
      for (const feed of feeds.values()) feed.stop();
    },
  };
}

/** Where the same is asked. It may hold secrets where the source is not a platform. */
const keyOf = (source: GroupSource): string =>
  source.platform === 'http' ? JSON.stringify(source) : `${source.platform}:${source.id}`;

/** Of people with other absences than the config's, these count: the config's are among them where they still hold. */
function laidOver(
  people: ReadonlyMap<PersonId, Person>,
  absences: ReadonlyMap<PersonId, readonly Absence[]>,
): ReadonlyMap<PersonId, Person> {
  const all = new Map(people);
  for (const [id, away] of absences) {
    const person = people.get(id);
    if (person !== undefined) all.set(id, { ...person, away });
  }
  return all;
}
