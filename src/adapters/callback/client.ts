/**
 * src/adapters/callback/client.ts: the HTTP client that tells: callbacks and actions.
 *
 * It connects to the very addresses it has checked, follows no redirect, knows no proxy and no cookie, and reads of the
 * answer only its status. Which addresses it may reach is ../http/connect.ts's.
 */
import { Agent, errors, request } from 'undici';
import { RefusedError, UnavailableError } from '../channel.ts';
import { type AllowList, assertUsable } from '../http/addresses.ts';
import { AddressNotAllowedError, guardedConnector, type Resolve, resolveBySystem } from '../http/connect.ts';
import { checkUrl } from '../http/url.ts';
import {
  ANSWER_LIMIT_BYTES,
  ANSWER_TIMEOUT_MS,
  CALL_TIMEOUT_MS,
  CONNECTIONS_PER_HOST,
  HEADERS_TIMEOUT_MS,
  IDLE_CONNECTION_MS,
} from './limits.ts';

export interface Call {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Ends the call early; the client's own limits hold besides. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** The `Retry-After` header as it came. */
  readonly retryAfter: string | null;
}

export interface HttpClient {
  /**
   * Throws RefusedError for an address that may not be called or a call that HTTP can't carry, and UnavailableError
   * when no answer came. Neither says why in words that tell an open port from a closed one; `cause` does, for our log.
   */
  call(call: Call): Promise<Answer>;
  /** Ends every call under way and lets go of all connections. */
  close(): Promise<void>;
}

/** undici throws these before anything is sent: the call itself is wrong, and stays so. */
const isMalformed = (error: unknown) =>
  error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError;

/** @param resolve the system's resolver, unless a test brings its own. */
export function createHttpClient(allow: AllowList, resolve: Resolve = resolveBySystem): HttpClient {
  assertUsable(allow);
  const agent = new Agent({
    connect: guardedConnector(allow, resolve),
    connections: CONNECTIONS_PER_HOST,
    pipelining: 1,
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    keepAliveMaxTimeout: IDLE_CONNECTION_MS,
  });
  return {
    async call({ url: text, method, headers, body, signal }) {
      const checked = checkUrl(text, allow);
      if ('problem' in checked) throw new RefusedError('the address is not allowed');
      const timeout = new AbortController();
      const timer = setTimeout(() => timeout.abort(new Error('the call took too long')), CALL_TIMEOUT_MS);
      try {
        const {
          statusCode,
          headers: answered,
          body: answer,
        } = await request(checked.url, {
          dispatcher: agent,
          method,
          headers,
          body,
          signal: AbortSignal.any([signal, timeout.signal]),
        });
        // The status has decided; whatever happens to the rest changes nothing.
        answer.on('error', () => undefined);
        await answer
          .dump({ limit: ANSWER_LIMIT_BYTES, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
          .catch(() => undefined);
        const retryAfter = answered['retry-after'];
        return { status: statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : null };
      } catch (cause) {
        if (cause instanceof AddressNotAllowedError) throw new RefusedError('the address is not allowed');
        if (isMalformed(cause)) throw new RefusedError('the call is malformed');
        throw new UnavailableError('no answer', null, { cause });
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => agent.destroy(),
  };
}
