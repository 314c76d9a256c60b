/**
 * src/adapters/teams/inbound/guard.ts: whether a call comes from Teams, for our bot, about our tenant: botbuilder's own
 * check of the token, and what it leaves open (4.23.3: tokens without an end, other issuers, bodies without an address
 * to answer at, any tenant, refusals that are thrown or hang).
 */
import { isLoopback } from '../loopback.ts';
import { endpointsOf, type TeamsLog, type TeamsOptions } from '../options.ts';
import { within } from '../send/patience.ts';
import { isServiceUrl } from '../service-url.ts';
import { type Activity, readActivity, tenantOf } from './activity.ts';
import type { Claims, Framework, Proven } from './framework.ts';
import { AUTHENTICATION_MS, CLOCK_SKEW_SECONDS, LONGEST_TOKEN_MS } from './limits.ts';
import { plain } from './plain.ts';
import { type Bearer, readBearer } from './token.ts';

export interface Call {
  readonly rawHeaders: readonly string[];
  /** Of the connection itself, whatever headers say. */
  readonly from: string | undefined;
  readonly body: unknown;
}

export type Verdict =
  | {
      readonly kind: 'admitted';
      readonly activity: Activity;
      readonly proven: Proven;
      /** Where the person is; lower case. */
      readonly tenant: string;
      /** How long the same token could bring the same activity again, in milliseconds. */
      readonly replayableMs: number;
    }
  /** The cause is for the log alone: whoever calls hears the same answer for each of a status. */
  | { readonly kind: 'refused'; readonly status: 400 | 401 | 403; readonly cause: Cause };

export type Cause =
  | 'no activity'
  | 'not local'
  | 'no answer goes there'
  | 'no token'
  | 'another issuer'
  | 'keys not reached'
  | 'forged'
  | 'claims missing'
  | 'for another bot'
  | 'another address'
  | 'no tenant'
  | 'another tenant';

export interface Guard {
  judge(call: Call): Promise<Verdict>;
  /** Why nobody can come in; null: nothing is known to be wrong. */
  problem(): string | null;
}

interface GuardParts {
  readonly options: TeamsOptions;
  readonly framework: Framework;
  readonly log: TeamsLog;
  /** Wall clock, in milliseconds: tokens end by it. */
  readonly clock: () => number;
  readonly authenticationMs?: number;
}

/** A refused token must not look like keys that can't be had, or whoever sends one could keep everybody out for a while. */
const FORGERIES: ReadonlySet<string> = new Set(['JsonWebTokenError', 'NotBeforeError', 'TokenExpiredError']);
const isForgery = (error: unknown): boolean =>
  error instanceof Error && (FORGERIES.has(error.name) || ('statusCode' in error && error.statusCode === 401));

export function createGuard({
  options,
  framework,
  log,
  clock,
  authenticationMs = AUTHENTICATION_MS,
}: GuardParts): Guard {
  const { issuer } = endpointsOf(options);
  const home = options.tenantId;
  let noKeysUntil = Number.NEGATIVE_INFINITY;
  let trouble: string | null = null;

  async function authenticate(body: unknown, bearer: Bearer): Promise<Proven | Cause> {
    if (performance.now() < noKeysUntil) return 'keys not reached';
    try {
      const proven = await within(
        framework.authenticate(body, bearer),
        authenticationMs,
        () => new Error(`no answer within ${authenticationMs} ms`),
      );
      trouble = null;
      return proven;
    } catch (error) {
      if (isForgery(error)) return 'forged';
      noKeysUntil = performance.now() + authenticationMs; // nobody makes us ask again sooner
      trouble = `the keys of Microsoft’s login service: ${plain(error)}`;
      log.error({ error: plain(error) }, 'the keys that Teams’ calls are checked by could not be had');
      return 'keys not reached';
    }
  }

  function faultOf(claims: Claims | null, serviceUrl: string): Cause | null {
    if (claims === null) return 'claims missing';
    if (claims.iss !== issuer) return 'another issuer';
    if (claims.aud !== options.appId) return 'for another bot';
    return claims.serviceurl === serviceUrl ? null : 'another address';
  }

  return {
    problem: () => trouble,
    async judge({ rawHeaders, from, body }) {
      const activity = readActivity(body);
      if (activity === null) return refused(400, 'no activity');
      const { serviceUrl } = activity.is;
      if (!isServiceUrl(serviceUrl, options)) return refused(401, 'no answer goes there');
      const told = tenantOf(activity.is);
      if (options.insecureLocal) {
        if (!isLocal(rawHeaders, from)) return refused(401, 'not local');
        const tenant = told ?? home;
        if (tenant === null) return refused(403, 'no tenant');
        if (home !== null && tenant !== home) return refused(403, 'another tenant');
        const proven = await framework.withoutToken(body);
        return { kind: 'admitted', activity, proven, tenant, replayableMs: LONGEST_TOKEN_MS };
      }
      const bearer = readBearer(rawHeaders);
      if (bearer === null) return refused(401, 'no token');
      if (bearer.issuer !== issuer) return refused(401, 'another issuer');
      const proven = await authenticate(body, bearer);
      if (typeof proven === 'string') return refused(401, proven);
      const fault = faultOf(proven.claims, serviceUrl);
      if (fault !== null) return refused(401, fault);
      if (told === null) return refused(403, 'no tenant');
      if (told !== home) return refused(403, 'another tenant');
      const leftMs = (proven.claims?.exp ?? 0) * 1_000 - clock();
      return { kind: 'admitted', activity, proven, tenant: told, replayableMs: replayable(leftMs) };
    },
  };
}

const refused = (status: 400 | 401 | 403, cause: Cause): Verdict => ({ kind: 'refused', status, cause });

const replayable = (leftMs: number): number =>
  Math.min(Math.max(leftMs, 0) + 2 * CLOCK_SKEW_SECONDS * 1_000, LONGEST_TOKEN_MS);

/** From this machine, and from no page in a browser on it that was brought here under another name. */
function isLocal(rawHeaders: readonly string[], from: string | undefined): boolean {
  const values = (name: string) =>
    rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
  const [host, ...more] = values('host');
  if (host === undefined || more.length > 0 || !URL.canParse(`http://${host}`)) return false;
  if (!isLoopback(new URL(`http://${host}`).hostname) || values('origin').length > 0) return false;
  return from !== undefined && isLoopback(from);
}
