/**
 * src/adapters/callback/client.ts: the one HTTP client for every address that comes from the config or a request.
 *
 * It connects to the very addresses it has checked, follows no redirect, knows no proxy and no cookie, and reads of the
 * answer only its status. The check sits in `connect`, because undici asks no lookup for literal addresses.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, errors, request } from 'undici';
import { RefusedError, UnavailableError } from '../channel.ts';
import { type AllowList, assertUsable, isNamed, mayConnect } from './addresses.ts';
import {
  ANSWER_LIMIT_BYTES,
  ANSWER_TIMEOUT_MS,
  CALL_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  CONNECTIONS_PER_HOST,
  HEADERS_TIMEOUT_MS,
  IDLE_CONNECTION_MS,
} from './limits.ts';
import { checkUrl } from './url.ts';

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

/** All addresses of a name, as the system's resolver gives them. */
export type Resolve = (
  host: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

const resolveBySystem: Resolve = (host, callback) => systemLookup(host, { all: true, verbatim: true }, callback);

class AddressNotAllowedError extends Error {
  constructor() {
    super('the address is not allowed');
    this.name = 'AddressNotAllowedError';
  }
}

/** A lookup that hands out a name's addresses only if the call may connect to each of them. */
function guardedLookup(
  resolve: Resolve,
  call: { readonly named: boolean; readonly plain: boolean },
  allow: AllowList,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) callback(error, '', 0);
      else if (first === undefined || !addresses.every(({ address }) => mayConnect(address, call, allow)))
        callback(new AddressNotAllowedError(), '', 0);
      else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
}

/** How a socket is opened. It trusts no check that came before it: each connection is checked by itself. */
export function guardedConnector(allow: AllowList, resolve: Resolve): buildConnector.connector {
  const connectorFor = (call: { readonly named: boolean; readonly plain: boolean }) =>
    buildConnector({
      timeout: CONNECT_TIMEOUT_MS,
      lookup: guardedLookup(resolve, call, allow),
      rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
    });
  const connectors = {
    named: { http: connectorFor({ named: true, plain: true }), https: connectorFor({ named: true, plain: false }) },
    other: { http: connectorFor({ named: false, plain: true }), https: connectorFor({ named: false, plain: false }) },
  };
  return (options, callback) => {
    const { hostname, protocol } = options;
    const plain = protocol !== 'https:';
    const port = options.port === '' ? (plain ? 80 : 443) : Number(options.port);
    const named = isNamed(hostname, port, allow);
    const isAllowed = isIP(hostname) === 0 || named || mayConnect(hostname, { named, plain }, allow);
    // Never in the same turn: undici is still putting the call into its queue.
    if (!isAllowed) queueMicrotask(() => callback(new AddressNotAllowedError(), null));
    else connectors[named ? 'named' : 'other'][plain ? 'http' : 'https'](options, callback);
  };
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
