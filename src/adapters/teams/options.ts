/** src/adapters/teams/options.ts: what Teams needs to be told: the bot, its tenant, and where Microsoft's servers are. */

/** How the bot is registered in Azure. New registrations are `SingleTenant` or a managed identity. */
export type TeamsAppType = 'SingleTenant' | 'MultiTenant' | 'UserAssignedMSI';

/** Where tokens come from, in both directions. One of them alone would leave the others undefined, so all go together. */
export interface TeamsEndpoints {
  /** `https://login.microsoftonline.com/<tenant>`: gives us tokens for the connector, at `/oauth2/v2.0/token` under it. */
  readonly login: string;
  /** Whom our tokens are for: `https://api.botframework.com`. */
  readonly scope: string;
  /** Who issues the tokens that come with activities: `https://api.botframework.com`. */
  readonly issuer: string;
  /** Where that issuer's keys are found. */
  readonly openIdMetadata: string;
}

export interface TeamsOptions {
  /** GUID of the Azure bot, in lower case. Where `insecureLocal`, any name will do. */
  readonly appId: string;
  /** Client secret; null with a managed identity, and where `insecureLocal`. */
  readonly appPassword: string | null;
  /** Whose people may come in (lower case); ids without a tenant belong to it. Null only where `insecureLocal`: whichever calls. */
  readonly tenantId: string | null;
  readonly appType: TeamsAppType;
  /**
   * For an emulator on this machine: calls carry no token and are answered at http://localhost; both go for loopback
   * alone. Nothing else switches authentication off.
   */
  readonly insecureLocal: boolean;
  /** Which of Microsoft's clouds, as the SDK knows them: the public one, or that of the US government. */
  readonly cloud: 'public' | 'usGovernment';
  /** Where activities may be answered beside Microsoft's own hosts: origins such as `https://proxy.acme.dev`. */
  readonly serviceOrigins: readonly string[];
  /** Instead of the cloud's own (another cloud, a local login service); null: the cloud's own. */
  readonly endpoints: TeamsEndpoints | null;
}

/** The part of pino that is used here. */
export interface TeamsLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** https://github.com/microsoft/botbuilder-js/tree/main/libraries/botframework-connector/src/auth (…Constants.ts) */
const CLOUDS = {
  public: {
    login: 'https://login.microsoftonline.com',
    scope: 'https://api.botframework.com',
    issuer: 'https://api.botframework.com',
    openIdMetadata: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    sharedTenant: 'botframework.com',
  },
  usGovernment: {
    login: 'https://login.microsoftonline.us',
    scope: 'https://api.botframework.us',
    issuer: 'https://api.botframework.us',
    openIdMetadata: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
    sharedTenant: 'MicrosoftServices.onmicrosoft.us',
  },
} as const;

/** A bot of several tenants gets its tokens from Microsoft's shared one. */
export function endpointsOf({ endpoints, cloud, appType, tenantId }: TeamsOptions): TeamsEndpoints {
  if (endpoints !== null) return endpoints;
  const { sharedTenant, login, ...rest } = CLOUDS[cloud];
  const tenant = appType === 'MultiTenant' ? sharedTenant : (tenantId ?? sharedTenant);
  return { ...rest, login: `${login}/${tenant}` };
}
