/** src/bot/teams-options.ts: what the environment and the config together say about Teams. */
import type { TeamsOptions } from '../adapters/teams/options.ts';
import { type Config, ConfigError } from './config/index.ts';
import type { Environment } from './environment.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * null: Teams is not set up, and has no door.
 * @throws ConfigError with a line for each thing that is missing or doesn't fit
 */
export function teamsOptionsOf(
  { teams: { appId, appPassword, tenantId, appType, insecureLocal } }: Pick<Environment, 'teams'>,
  { teams }: Pick<Config, 'teams'>,
): TeamsOptions | null {
  if (insecureLocal)
    return {
      ...teams,
      appId: appId ?? 'local',
      appPassword: null,
      tenantId: tenantId?.toLowerCase() ?? null,
      appType: appType ?? 'SingleTenant',
      insecureLocal,
    };
  if (appId === null) return null;
  const problems: [name: string, message: string][] = [];
  if (!GUID.test(appId)) problems.push(['TEAMS_APP_ID', 'must be the GUID of the Azure bot']);
  if (tenantId === null) problems.push(['TEAMS_TENANT_ID', 'is required: only people of this tenant may decide']);
  else if (!GUID.test(tenantId)) problems.push(['TEAMS_TENANT_ID', 'must be the GUID of the tenant']);
  if (appType === 'UserAssignedMSI' && appPassword !== null)
    problems.push(['TEAMS_APP_PASSWORD', 'must not be set: a managed identity has none']);
  if (appType !== 'UserAssignedMSI' && appPassword === null)
    problems.push(['TEAMS_APP_PASSWORD', 'is required because TEAMS_APP_ID is set']);
  if (problems.length > 0)
    throw new ConfigError(
      problems.map(([path, message]) => ({ file: 'environment', line: null, column: null, path, message })),
    );
  return {
    ...teams,
    appId: appId.toLowerCase(),
    appPassword,
    tenantId: tenantId?.toLowerCase() ?? null,
    appType: appType ?? 'SingleTenant',
    insecureLocal,
  };
}
