/**
 * src/adapters/teams/send/connector.ts: the Bot Connector, and every call we make of it: once, within a deadline, with
 * our token, and to nobody but those hosts that may see it.
 *
 * A thin client of our own. botbuilder's has no timeout, and repeats a POST up to three times when the answer was lost or
 * a gateway failed, so that people would see a card twice and nobody could tell why. Here the dispatcher alone tries
 * again, and it looks first. https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
 */
import { setTimeout as wait } from 'node:timers/promises';
import { RefusedError } from '../../channel.ts';
import type { TeamsLog, TeamsOptions } from '../options.ts';
import { isServiceUrl } from '../service-url.ts';
import { type CallFacts, isTokenRefused, refusalOf } from './errors.ts';
import { createHttp } from './http.ts';
import { CALL_TIMEOUT_MS, CALLS_PER_SECOND } from './limits.ts';
import { createPace } from './pace.ts';
import { createTokens, type TokensParts } from './tokens.ts';

export interface ConnectorCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Where Teams said that this tenant's calls go. */
  readonly serviceUrl: string;
  /** Below `v3`, one segment each, as plain text. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly facts: CallFacts;
  /** How long it may take instead of the usual time. */
  readonly timeoutMs?: number;
  /** Ends the call; Teams may have taken it all the same. */
  readonly signal?: AbortSignal;
}

export interface Connector {
  /**
   * The answer's JSON; null where it has none.
   * @throws UnavailableError where another try may go better, RefusedError where it will not
   */
  call(call: ConnectorCall): Promise<unknown>;
  /** What keeps the bot from speaking at all, in words for an operator; null: nothing that is known of. */
  problem(): string | null;
  /** Ends what is under way. */
  close(): Promise<void>;
}

export interface ConnectorParts {
  readonly log: TeamsLog;
  readonly clock: () => number;
  /** Of one call; a test makes it short. */
  readonly timeoutMs?: number;
  readonly pause?: (ms: number) => Promise<void>;
  readonly identity?: NonNullable<TokensParts['identity']>;
}

export function createConnector(options: TeamsOptions, parts: ConnectorParts): Connector {
  const { log, clock, timeoutMs = CALL_TIMEOUT_MS, pause = (ms) => wait(ms) } = parts;
  const http = createHttp();
  const pace = createPace(CALLS_PER_SECOND, clock, pause);
  const tokens = createTokens(options, {
    http,
    clock,
    timeoutMs,
    ...(parts.identity === undefined ? {} : { identity: parts.identity }),
  });
  let problem: string | null = null;

  async function token(refused?: string): Promise<string | null> {
    try {
      return await tokens.token(refused);
    } catch (error) {
      if (error instanceof RefusedError) note(error.message);
      throw error;
    }
  }

  function note(words: string): void {
    if (problem === null) log.error({ problem: words }, 'Microsoft does not take the bot for what it is');
    problem = words;
  }

  async function once(call: ConnectorCall, url: URL, bearer: string | null): Promise<unknown> {
    const { method, body, facts, signal } = call;
    const timeout = AbortSignal.timeout(call.timeoutMs ?? timeoutMs);
    const answer = await http.call({
      method,
      url,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw refusalOf(answer, facts);
  }

  return {
    async call(call) {
      const { signal } = call;
      const url = addressOf(call, options);
      await pace.turn();
      signal?.throwIfAborted();
      const bearer = await token();
      signal?.throwIfAborted();
      try {
        const answer = await once(call, url, bearer).catch(async (error: unknown) => {
          if (bearer === null || !isTokenRefused(error)) throw error;
          return once(call, url, await token(bearer)); // refused, so nothing was done with it
        });
        problem = null;
        return answer;
      } catch (error) {
        signal?.throwIfAborted();
        if (isTokenRefused(error) && error instanceof Error) note(error.message);
        throw error;
      }
    },
    problem: () => problem,
    close: () => http.close(),
  };
}

/** Checked where it is used: whatever was remembered or configured, the token goes to no other host. */
function addressOf({ serviceUrl, path, query = {} }: ConnectorCall, options: TeamsOptions): URL {
  if (!isServiceUrl(serviceUrl, options))
    throw new RefusedError('the service URL that Teams gave is none of Microsoft’s: nothing is sent there');
  const url = new URL(serviceUrl);
  const segments = ['v3', ...path].map(encodeURIComponent);
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    throw new RefusedError('the id is none that Teams could have given');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${segments.join('/')}`;
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  return url;
}
