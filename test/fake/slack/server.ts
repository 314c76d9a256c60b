/**
 * test/fake/slack/server.ts: a local Slack. It speaks the Web API over HTTP, keeps what a workspace keeps, refuses
 * what Slack refuses, and fails as a test scripts it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { chat } from './chat.ts';
import { conversations } from './conversations.ts';
import { directory } from './directory.ts';
import type { Method } from './method.ts';
import { RateLimited } from './rates.ts';
import { takeResponse } from './response-url.ts';
import { State } from './state.ts';
import { views } from './views.ts';
import { type Fields, readArgs, SlackError } from './wire.ts';
import type { FakeMessage, FakeView, FakeWorkspace } from './world.ts';
import { newWorkspace, type WorkspaceSpec } from './world.ts';

const METHODS: Readonly<Record<string, Method>> = { ...chat, ...conversations, ...views, ...directory };

/** How one call goes wrong. */
export type Fault =
  | { readonly kind: 'rateLimited'; readonly retryAfter: number }
  | { readonly kind: 'status'; readonly status: number }
  /** `ok: false`, without doing anything. */
  | { readonly kind: 'error'; readonly error: string; readonly extra?: Fields }
  /** Never answers; `accepted`: although it did what was asked. */
  | { readonly kind: 'hang'; readonly accepted?: boolean }
  /** Cuts the line; `accepted`: after it did what was asked. */
  | { readonly kind: 'drop'; readonly accepted?: boolean };

export interface SlackCall {
  readonly method: string;
  readonly args: Fields;
  /** Of the token it came with; null: no token that is known. */
  readonly team: string | null;
  readonly at: number;
}

export interface FakeSlack {
  /** What SLACK_API_URL is set to: the Web API's base, a slash at its end. */
  readonly apiUrl: string;
  readonly state: State;
  /** Every call of a method, the failed ones too. */
  readonly calls: readonly SlackCall[];
  /** The one of T0ACME unless another is named. */
  workspace(team?: string): FakeWorkspace;
  /** In their newest form, without the deleted ones; threads included. */
  messages(channel?: string): readonly FakeMessage[];
  /** The newest view of whatever kind that was opened or pushed. */
  lastView(): FakeView | undefined;
  count(method: string): number;
  /** Each fault serves one call of the method; without any, those that are left are forgotten. */
  script(method: string, ...faults: readonly Fault[]): void;
  /** For each call that no script serves; null: it goes well. */
  trouble: (call: SlackCall) => Fault | null;
  /** An absolute response_url. */
  responseUrl(about: Parameters<State['newResponseUrl']>[0]): string;
  close(): Promise<void>;
}

export interface FakeSlackOptions {
  /** Milliseconds; triggers, response_urls and rates go by it. */
  readonly clock?: () => number;
  readonly workspaces?: readonly WorkspaceSpec[];
  /** false: it may be called as often as one likes (benchmarks). */
  readonly isRated?: boolean;
}

export async function startSlack({
  clock = Date.now,
  workspaces = [{}],
  isRated = true,
}: FakeSlackOptions = {}): Promise<FakeSlack> {
  const state = new State(clock, workspaces.map(newWorkspace), isRated);
  const calls: SlackCall[] = [];
  const scripts = new Map<string, Fault[]>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://slack');
    const body = await readBody(request);
    if (url.pathname.startsWith('/response/')) {
      const { status, text } = takeResponse(state, url.pathname.slice('/response/'.length), body);
      response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
      return;
    }
    const method = url.pathname.replace(/^\/api\//, '');
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
    const workspace = state.workspaces.find((one) => one.token === token) ?? null;
    let args: Fields = {};
    let refused: unknown = null;
    try {
      args = readArgs(request.headers['content-type'] ?? '', body, url.searchParams);
    } catch (error) {
      refused = error;
    }
    const call: SlackCall = { method, args, team: workspace?.team ?? null, at: clock() };
    calls.push(call);
    const fault = scripts.get(method)?.shift() ?? slack.trouble(call);
    if (fault?.kind === 'rateLimited') return send(response, 429, NO_RATE, { 'retry-after': String(fault.retryAfter) });
    if (fault?.kind === 'status') return void response.writeHead(fault.status).end('Something went wrong.');
    if (fault?.kind === 'error') return send(response, 200, { ok: false, error: fault.error, ...fault.extra });
    if (fault !== null && fault !== undefined && fault.accepted !== true) return fail(request, fault);
    const answer = attempt(() => {
      if (refused !== null) throw refused;
      return run(method, args, token, workspace);
    });
    if (fault !== null && fault !== undefined) return fail(request, fault);
    const granted = workspace === null ? {} : { 'x-oauth-scopes': [...workspace.scopes].join(',') };
    send(response, answer.status, answer.body, { ...granted, ...answer.headers });
  }

  function run(method: string, args: Fields, token: string | null, workspace: FakeWorkspace | null): Fields {
    const spec = METHODS[method];
    if (spec === undefined) throw new SlackError('unknown_method', { req_method: method });
    if (token === null) throw new SlackError('not_authed');
    if (workspace === null) throw new SlackError('invalid_auth');
    if (workspace.tokenProblem !== null) throw new SlackError(workspace.tokenProblem);
    const call = { state, workspace, args };
    const needed = spec.scopes?.(call) ?? [];
    if (needed.length > 0 && !needed.some((scope) => workspace.scopes.has(scope)))
      throw new SlackError('missing_scope', { needed: needed.join(','), provided: [...workspace.scopes].join(',') });
    state.rates?.call(workspace.team, method, spec.tier);
    return spec.run(call);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      unforeseen.push(error);
      response.destroy();
    });
  });
  const unforeseen: unknown[] = [];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The local Slack has no port.');
  const base = `http://127.0.0.1:${address.port}`;

  const slack: FakeSlack = {
    apiUrl: `${base}/api/`,
    state,
    calls,
    trouble: () => null,
    workspace: (team = 'T0ACME') => state.workspace(team),
    messages: (channel) =>
      state.messages.filter((one) => !one.isDeleted && (channel === undefined || one.channel === channel)),
    lastView: () => state.views.at(-1),
    count: (method) => calls.filter((call) => call.method === method).length,
    script: (method, ...faults) =>
      void scripts.set(method, faults.length === 0 ? [] : [...(scripts.get(method) ?? []), ...faults]),
    responseUrl: (about) => `${base}/response/${state.newResponseUrl(about)}`,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      if (unforeseen.length > 0)
        throw new Error('The local Slack met a call it does not know.', { cause: unforeseen[0] });
    },
  };
  return slack;
}

const NO_RATE = { ok: false, error: 'ratelimited' };

interface Answer {
  readonly status: number;
  readonly body: Fields;
  readonly headers: Readonly<Record<string, string>>;
}

function attempt(act: () => Fields): Answer {
  try {
    return { status: 200, body: { ok: true, ...act() }, headers: {} };
  } catch (error) {
    if (error instanceof RateLimited)
      return { status: 429, body: NO_RATE, headers: { 'retry-after': String(error.retryAfter) } };
    if (error instanceof SlackError)
      return { status: 200, body: { ok: false, error: error.error, ...error.extra }, headers: {} };
    throw error;
  }
}

function fail(request: IncomingMessage, fault: Extract<Fault, { kind: 'hang' | 'drop' }>): void {
  if (fault.kind === 'drop') request.socket.destroy();
}

function send(response: ServerResponse, status: number, body: Fields, headers: Readonly<Record<string, string>> = {}) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
