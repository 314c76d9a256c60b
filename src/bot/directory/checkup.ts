/**
 * src/bot/directory/checkup.ts: the directory as a running bot would have it now, for commands that work on the config
 * itself: HTTP directories are asked once. What chat platforms keep only the bot asks.
 */
import { askDirectory } from '../../adapters/directory/ask.ts';
import type { AllowList } from '../../adapters/http/addresses.ts';
import { createHttpReader } from '../../adapters/http/reader.ts';
import type { Directory } from '../../engine/directory.ts';
import type { Config } from '../config/index.ts';
import { systemTimers } from '../dispatch/timers.ts';
import { createDirectory, NO_ABSENCES, type SourceState } from './source.ts';

export interface CheckedDirectory {
  readonly directory: Directory;
  readonly sources: ReadonlyMap<string, SourceState>;
  /** Members whom a source names and nobody under people is, as far as they are listed, by the group's name. */
  readonly unknown: ReadonlyMap<string, readonly string[]>;
}

/** What is said of groups that only a running bot can ask for. */
const NEEDS_BOT = {
  slack: 'Slack keeps it, and only the bot asks Slack',
  teams: 'Teams keeps it, and only the bot asks Teams',
};

/** Never rejects because of a source: what is wrong with one stands in its state. */
export async function checkDirectory(
  config: Pick<Config, 'directory' | 'sources'>,
  allow: AllowList,
  clock: () => number,
): Promise<CheckedDirectory> {
  const reader = createHttpReader(allow);
  const unknown = new Map<string, string[]>();
  const note = (fields: object): void => {
    if (!('group' in fields && 'user' in fields)) return;
    const group = String(fields.group);
    unknown.set(group, [...(unknown.get(group) ?? []), String(fields.user)]);
  };
  const source = createDirectory({
    config: () => config,
    absences: () => NO_ABSENCES,
    members: ({ platform }) => Promise.reject(new Error(NEEDS_BOT[platform])),
    directory: ({ url, headers, members }, signal) => askDirectory(reader, { url, headers, members, signal }),
    isHome: () => false,
    clock,
    timers: systemTimers,
    log: { info: () => {}, warn: note },
  });
  try {
    await source.start();
    return { directory: source.current(), sources: source.sources(), unknown };
  } finally {
    source.stop();
    await reader.close();
  }
}
