/** src/bot/rehearsal/routes.ts: where messages would go by the config alone, whatever is set up in this process. */
import type { Config } from '../config/index.ts';
import type { Routes } from '../outgoing.ts';

/** Platforms whose messages can have others under them. */
const THREADED = ['slack', 'teams'];

/**
 * Every kind that the config names a channel of counts as reachable, and every chat platform that it names a person
 * on. An email address alone also tells who somebody is, so it counts only where there is a channel of that kind.
 */
export function rehearsalRoutes({ channels, directory }: Pick<Config, 'channels' | 'directory'>): Routes {
  const people = [...directory.people.values()];
  const reachable = new Set<string>([...channels.values()].map(({ kind }) => kind));
  if (people.some(({ slack }) => slack !== null)) reachable.add('slack');
  if (people.some(({ teams }) => teams !== null)) reachable.add('teams');
  return { channels, reachable, threaded: new Set(THREADED.filter((kind) => reachable.has(kind))), directory };
}
