/**
 * test/fake/teams/server.ts: a local Teams: the Bot Connector and the login service over HTTP. It keeps what a tenant
 * keeps, refuses what Microsoft refuses, fails as a test scripts it, and sends activities signed as Microsoft does.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TeamsEndpoints } from '../../../src/adapters/teams/options.ts';
import { type Activities, activities } from './activities.ts';
import { answer, type Operation, route } from './connector.ts';
import { type Flaw, ISSUER, Login, SCOPE } from './login.ts';
import { createRates } from './rates.ts';
import { ConnectorError, type Fields } from './wire.ts';
import { type FakeMessage, TENANT, World } from './world.ts';

/** How one call goes wrong. */
export type Fault =
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  /** A body that is no JSON, as gateways answer. */
  | { readonly kind: 'status'; readonly status: number; readonly accepted?: boolean }
  /** `retryAfter` null: it does not say how long. */
  | { readonly kind: 'rateLimited'; readonly retryAfter: number | null }
  /** Did what was asked, and says nothing. */
  | { readonly kind: 'empty' }
  /** Did what was asked, and says so when this resolves. */
  | { readonly kind: 'late'; readonly until: Promise<void> }
  /** Never answers; `accepted`: although it did what was asked. */
  | { readonly kind: 'hang'; readonly accepted?: boolean }
  /** Cuts the line; `accepted`: after it did what was asked. */
  | { readonly kind: 'drop'; readonly accepted?: boolean };

export type Call = 'token' | 'metadata' | 'keys' | Operation;

export interface TeamsCall {
  readonly operation: Call;
  readonly names: readonly string[];
  readonly body: unknown;
  /** null: none came with it. */
  readonly token: string | null;
  readonly at: number;
}

export interface FakeTeams {
  /** Where activities are answered, a slash at its end. */
  readonly serviceUrl: string;
  readonly origin: string;
  /** For the adapter's options. */
  readonly endpoints: TeamsEndpoints;
  readonly world: World;
  readonly login: Login;
  /** Activities as Teams sends them. */
  readonly says: Activities;
  /** Every call, the failed ones too. */
  readonly calls: readonly TeamsCall[];
  count(operation: Call): number;
  /** In their newest form, without the deleted ones. @param place without a thread */
  messages(place?: string): readonly FakeMessage[];
  /** Each fault serves one call; without any, those that are left are forgotten. */
  script(operation: Call, ...faults: readonly Fault[]): void;
  /** For each call that no script serves; null: it goes well. */
  trouble: (call: TeamsCall) => Fault | null;
  /** Sends an activity to a bot. @param token null: without; by default the right one for it */
  send(
    url: string,
    activity: unknown,
    about?: { readonly token?: string | null; readonly flaw?: Flaw },
  ): Promise<Response>;
  close(): Promise<void>;
}

export interface FakeTeamsOptions {
  readonly clock?: () => number;
  /** When the tokens of activities are signed, for checks that look at the real clock. */
  readonly signingClock?: () => number;
  /** false: it may be called as often as one likes. */
  readonly isRated?: boolean;
  /** An emulator: whoever calls, with a token or without. */
  readonly isOpen?: boolean;
}

export async function startTeams({
  clock = Date.now,
  signingClock = clock,
  isRated = true,
  isOpen = false,
}: FakeTeamsOptions = {}): Promise<FakeTeams> {
  const world = new World(clock);
  const login = new Login(clock, signingClock);
  const rates = isRated ? createRates(clock) : null;
  const calls: TeamsCall[] = [];
  const scripts = new Map<Call, Fault[]>();
  const unforeseen: unknown[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://teams');
    const text = await readBody(request);
    const found = whichCall(request.method ?? 'GET', url.pathname);
    if (found === null) throw new Error(`${request.method} ${url.pathname}`);
    const { operation, names } = found;
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
    const isForm = request.headers['content-type']?.includes('form') === true;
    const body: unknown = isForm
      ? Object.fromEntries(new URLSearchParams(text))
      : text === ''
        ? null
        : JSON.parse(text);
    const call: TeamsCall = { operation, names, body, token, at: clock() };
    calls.push(call);
    const fault = scripts.get(operation)?.shift() ?? teams.trouble(call);
    const isAccepted =
      fault === null ||
      fault.kind === 'empty' ||
      fault.kind === 'late' ||
      ('accepted' in fault && fault.accepted === true);
    const said = isAccepted ? attempt(() => act(call, text, url.searchParams)) : null;
    if (fault?.kind === 'late') await fault.until;
    if (fault !== null && fault.kind !== 'late') fail(request, response, fault);
    else if (said !== null) send(response, said.status, said.body, said.headers);
  }

  function whichCall(method: string, path: string): Pick<TeamsCall, 'operation' | 'names'> | null {
    if (path === '/login/openid') return { operation: 'metadata', names: [] };
    if (path === '/login/keys') return { operation: 'keys', names: [] };
    const tenant = /^\/login\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(path)?.[1];
    if (tenant !== undefined && method === 'POST') return { operation: 'token', names: [tenant] };
    return path.startsWith('/amer/v3/') ? route(method, path.slice('/amer/v3/'.length)) : null;
  }

  function act({ operation, names, body, token }: TeamsCall, text: string, query: URLSearchParams): Answer {
    if (operation === 'metadata') return { status: 200, body: { issuer: ISSUER, jwks_uri: `${origin}/login/keys` } };
    if (operation === 'keys') return { status: 200, body: login.jwks() };
    if (operation === 'token') return login.token(names[0] ?? '', Object.fromEntries(new URLSearchParams(text)));
    if (!isOpen && !login.knows(token))
      return { status: 401, body: { message: 'Authorization has been denied for this request.' } };
    return answer(world, rates, { operation, names, query, body });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      unforeseen.push(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The local Teams has no port.');
  const origin = `http://127.0.0.1:${address.port}`;
  const serviceUrl = `${origin}/amer/`;

  const teams: FakeTeams = {
    serviceUrl,
    origin,
    endpoints: {
      login: `${origin}/login/${TENANT}`,
      scope: SCOPE,
      issuer: ISSUER,
      openIdMetadata: `${origin}/login/openid`,
    },
    world,
    login,
    says: activities(world, serviceUrl),
    calls,
    trouble: () => null,
    count: (operation) => calls.filter((call) => call.operation === operation).length,
    messages: (place) => world.messages.filter((one) => !one.isDeleted && (place === undefined || one.place === place)),
    script: (operation, ...faults) =>
      void scripts.set(operation, faults.length === 0 ? [] : [...(scripts.get(operation) ?? []), ...faults]),
    send(url, activity, { token = login.sign(serviceUrl), flaw } = {}) {
      const shown = flaw === undefined ? token : login.sign(serviceUrl, flaw);
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      return fetch(url, {
        method: 'POST',
        headers: shown === null ? headers : { ...headers, authorization: `Bearer ${shown}` },
        body: JSON.stringify(activity),
      });
    },
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      if (unforeseen.length > 0)
        throw new Error('The local Teams met a call it does not know.', { cause: unforeseen[0] });
    },
  };
  return teams;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function attempt(act: () => Answer): Answer {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const headers = error.retryAfter === null ? {} : { 'retry-after': String(error.retryAfter) };
    return { status: error.status, body: wordsOf(error.code, error.message), headers };
  }
}

const wordsOf = (code: string, message: string): Fields => ({ error: { code, message } });

function fail(request: IncomingMessage, response: ServerResponse, fault: Exclude<Fault, { kind: 'late' }>): void {
  switch (fault.kind) {
    case 'error':
      send(response, fault.status, wordsOf(fault.code, `Scripted: ${fault.code}`));
      return;
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end('<h1>Something went wrong</h1>');
      return;
    case 'rateLimited': {
      const pause = fault.retryAfter === null ? {} : { 'retry-after': String(fault.retryAfter) };
      send(response, 429, wordsOf('ActivityRateLimited', 'API calls quota exceeded.'), pause);
      return;
    }
    case 'empty':
      response.writeHead(202).end();
      return;
    case 'drop':
      request.socket.destroy();
      return;
    case 'hang':
      return;
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(body === null ? '' : JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
