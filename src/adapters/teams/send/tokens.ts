/**
 * src/adapters/teams/send/tokens.ts: the bot's own tokens, kept until shortly before they end and asked for once, however
 * many want one.
 *
 * With a managed identity they are botbuilder's to get. With a client secret we ask ourselves: the SDK's way has no
 * deadline, asks an extra service first, shares its tokens process-wide without regard to the tenant, and can be pointed
 * at no login service but Microsoft's.
 */
import { ConfigurationServiceClientCredentialFactory } from 'botbuilder';
import { z } from 'zod';
import { RefusedError, UnavailableError } from '../../channel.ts';
import { endpointsOf, type TeamsOptions } from '../options.ts';
import type { Http } from './http.ts';
import { CALL_TIMEOUT_MS, TOKEN_LIFE_MS, TOKEN_MARGIN_MS } from './limits.ts';
import { within } from './patience.ts';

export interface Tokens {
  /**
   * null: calls carry none (a local emulator).
   * @param refused the token that was given last and that the connector does not take
   * @throws UnavailableError, or RefusedError where the credentials are wrong
   */
  token(refused?: string): Promise<string | null>;
}

export interface TokensParts {
  readonly http: Http;
  readonly clock: () => number;
  readonly timeoutMs?: number;
  /** botbuilder's, with a managed identity; a test brings its own. */
  readonly identity?: (options: TeamsOptions) => Promise<Identity>;
}

/** What botbuilder's credentials can do, as far as it is needed here. */
export interface Identity {
  getToken(forceRefresh: boolean): Promise<string>;
}

interface Given {
  readonly text: string;
  /** When another one is asked for. */
  readonly until: number;
}

export function createTokens(options: TeamsOptions, parts: TokensParts): Tokens {
  if (options.insecureLocal) return { token: () => Promise.resolve(null) };
  const ask = options.appType === 'UserAssignedMSI' ? askIdentity(options, parts) : askLogin(options, parts);
  let given: Given | null = null;
  let asking: Promise<Given> | null = null;

  return {
    async token(refused) {
      if (given !== null && given.text !== refused && parts.clock() < given.until) return given.text;
      asking ??= ask(refused !== undefined).finally(() => {
        asking = null;
      });
      given = await asking;
      return given.text;
    },
  };
}

const Answer = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().catch(0) });
const Refusal = z.object({ error: z.string(), error_codes: z.array(z.number().int()).catch([]) });

/** Client credentials: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
function askLogin(options: TeamsOptions, { http, clock, timeoutMs = CALL_TIMEOUT_MS }: TokensParts) {
  const { login, scope } = endpointsOf(options);
  const url = new URL(`${login.replace(/\/+$/, '')}/oauth2/v2.0/token`);
  return async (): Promise<Given> => {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: options.appId,
      client_secret: options.appPassword ?? '',
      scope: `${scope}/.default`,
    });
    const answer = await http.call({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: body.toString(),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const given = answer.status === 200 ? Answer.safeParse(answer.body).data : undefined;
    if (given !== undefined) {
      const lifeMs = Math.min(TOKEN_LIFE_MS.most, given.expires_in * 1_000 - TOKEN_MARGIN_MS);
      return { text: given.access_token, until: clock() + Math.max(TOKEN_LIFE_MS.least, lifeMs) };
    }
    const refusal = answer.status >= 400 && answer.status < 500 ? Refusal.safeParse(answer.body).data : undefined;
    if (refusal === undefined || answer.status === 429)
      throw new UnavailableError(`Microsoft’s login service is not able right now (${answer.status})`);
    throw new RefusedError(refusedWords(refusal.error_codes[0] ?? null));
  };
}

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
function refusedWords(code: number | null): string {
  if (code === 7000215 || code === 7000222)
    return `Microsoft refuses TEAMS_APP_PASSWORD (AADSTS${code}): make a new client secret for the app, and use its value`;
  if (code === 700016) return 'Microsoft knows no app TEAMS_APP_ID in the tenant TEAMS_TENANT_ID (AADSTS700016)';
  if (code === 90002) return 'Microsoft knows no tenant TEAMS_TENANT_ID (AADSTS90002)';
  return `Microsoft gives the bot no token${code === null ? '' : ` (AADSTS${code})`}: check TEAMS_APP_ID, TEAMS_APP_PASSWORD and TEAMS_TENANT_ID`;
}

const Credentials = z.custom<Identity>(
  (value) => typeof value === 'object' && value !== null && 'getToken' in value && typeof value.getToken === 'function',
);

/** botbuilder keeps these until five minutes before their end, and knows when that is. */
async function identityOf(options: TeamsOptions): Promise<Identity> {
  const factory = new ConfigurationServiceClientCredentialFactory({
    MicrosoftAppId: options.appId,
    MicrosoftAppType: options.appType,
    ...(options.tenantId === null ? {} : { MicrosoftAppTenantId: options.tenantId }),
  });
  const { scope, login } = endpointsOf(options);
  return Credentials.parse(await factory.createCredentials(options.appId, scope, login, true));
}

function askIdentity(
  options: TeamsOptions,
  { clock, timeoutMs = CALL_TIMEOUT_MS, identity = identityOf }: TokensParts,
): (isRefused: boolean) => Promise<Given> {
  let credentials: Promise<Identity> | null = null;
  return async (isRefused) => {
    try {
      credentials ??= identity(options);
      const asked = credentials.then((known) => known.getToken(isRefused));
      const text = await within(asked, timeoutMs, () => new UnavailableError('no answer in time'));
      return { text, until: clock() + TOKEN_LIFE_MS.least };
    } catch (cause) {
      credentials = null;
      // What the SDK says may name more than an operator's log should hold.
      throw new UnavailableError('the managed identity gives the bot no token', null, { cause });
    }
  };
}
