/** src/cli/doctor/calendars.ts: can the calendars be read in which people write that they are away? */
import { checkCalendars } from '../../bot/absence/checkup.ts';
import { ConfigError, loadConfig } from '../../bot/config/index.ts';
import type { Environment } from '../../bot/environment.ts';
import type { Terminal } from '../terminal.ts';
import { type Finding, look, ok } from './finding.ts';

/** Reads each once. Nothing about a config that can't be read: that is told elsewhere. */
export async function calendars(
  { configPath, callbackAllow }: Environment,
  terminal: Terminal,
): Promise<readonly Finding[]> {
  try {
    const config = loadConfig(configPath, terminal.env, terminal.now());
    const checked = await checkCalendars(config, callbackAllow, terminal.now());
    return checked.map(({ person, away, trouble }) => {
      if (away === null)
        return look(`calendar of ${person} can’t be read: ${trouble}`, 'Until it can be, they count as here.');
      if (trouble !== null) return look(`calendar of ${person}: ${trouble}`, 'The rest of it counts.');
      return ok(`calendar of ${person}: ${away} ${away === 1 ? 'time' : 'times'} away in the coming two months`);
    });
  } catch (error) {
    if (error instanceof ConfigError) return [];
    throw error;
  }
}
