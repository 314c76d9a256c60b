/** src/cli/doctor/directories.ts: are the directories and on-call schedules that groups are asked from there? */
import { type Config, ConfigError, loadConfig } from '../../bot/config/index.ts';
import { checkDirectory } from '../../bot/directory/checkup.ts';
import type { Environment } from '../../bot/environment.ts';
import type { Terminal } from '../terminal.ts';
import { bad, type Finding, look, ok } from './finding.ts';

const MOST_NAMED = 5;

/** Asks each HTTP source once. Nothing about a config that can't be read: that is told elsewhere. */
export async function directories(
  { configPath, callbackAllow }: Environment,
  terminal: Terminal,
): Promise<readonly Finding[]> {
  const config = readable(configPath, terminal);
  if (config === null) return [];
  const sources = new Map([...config.sources].filter(([, { platform }]) => platform === 'http'));
  if (sources.size === 0) return [];
  const checked = await checkDirectory({ directory: config.directory, sources }, callbackAllow, terminal.now);
  return [...checked.sources].flatMap(([name, { isUp, trouble }]) => {
    if (!isUp)
      return [
        bad(`group ${name}: ${trouble ?? 'no answer'}`, 'Until it answers, gates that ask this group stay closed.'),
      ];
    const group = checked.directory.groups.get(name);
    const found = [ok(`group ${name}: ${group === undefined || group === 'unavailable' ? 0 : group.length} people`)];
    const left = checked.unknown.get(name) ?? [];
    if (left.length > 0)
      found.push(
        look(
          `group ${name} names somebody who is nobody under people: ${left.slice(0, MOST_NAMED).join(', ')}${left.length > MOST_NAMED ? ', …' : ''}`,
          'They are left out. Add them to people, with the address that the directory has.',
        ),
      );
    return found;
  });
}

function readable(path: string, terminal: Terminal): Config | null {
  try {
    return loadConfig(path, terminal.env, terminal.now());
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}
