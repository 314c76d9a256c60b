/** src/bot/config/teams.ts: which of Microsoft's clouds Teams is in, and the shape of its ids. */
import type { TeamsOptions } from '../../adapters/teams/options.ts';
import type { Report } from './problem.ts';
import type { TeamsShape } from './shape.ts';

export type TeamsCloud = Pick<TeamsOptions, 'cloud' | 'serviceOrigins' | 'endpoints'>;

/** A channel or a group chat, as Teams' links to it have it. */
export const TEAMS_CONVERSATION = /^19:[A-Za-z0-9_@.-]{2,280}$/;

export function teamsCloudOf(shape: TeamsShape | null | undefined, report: Report): TeamsCloud {
  const { cloud = 'public', serviceOrigins = [], endpoints } = shape ?? {};
  for (const [i, origin] of serviceOrigins.entries())
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      report(['teams', 'serviceOrigins', i], `"${origin}" must be an origin like https://proxy.acme.dev`);
  for (const [name, url] of Object.entries(endpoints ?? {}))
    if (!/^https:\/\/[^/]|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(url) || !URL.canParse(url))
      report(['teams', 'endpoints', name], 'must be an address that begins with https:// (http:// on loopback only)');
  return { cloud, serviceOrigins, endpoints: endpoints ?? null };
}
