/**
 * src/adapters/http/reader.ts: the HTTP client that reads: directories and calendars that the config names.
 *
 * It goes only where ../http/connect.ts lets it, follows no redirect, knows no proxy and no cookie, asks for no
 * compression, and reads a bounded answer in a bounded time, however slowly it drips.
 */
import { Agent, errors, request } from 'undici';
import { RefusedError, UnavailableError } from '../channel.ts';
import { type AllowList, assertUsable } from './addresses.ts';
import { AddressNotAllowedError, guardedConnector, type Resolve, resolveBySystem } from './connect.ts';
import { READINGS_PER_HOST } from './limits.ts';
import { checkUrl } from './url.ts';

export interface Reading {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest answer, in bytes; a longer one is a failure and is not read to its end. */
  readonly limitBytes: number;
  /** The whole of it, from the first lookup to the last byte, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the reading early. */
  readonly signal?: AbortSignal;
}

export interface Page {
  readonly status: number;
  /** Names in lower case; of a header that came twice the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpReader {
  /**
   * Whatever the status. Throws RefusedError for an address that may not be called or a call that HTTP can't carry, and
   * UnavailableError where no whole answer came. Their messages say nothing of the address.
   */
  read(reading: Reading): Promise<Page>;
  /** Ends every reading under way and lets go of all connections. */
  close(): Promise<void>;
}

class TooLateError extends Error {}

/** @param resolve the system's resolver, unless a test brings its own. */
export function createHttpReader(allow: AllowList, resolve: Resolve = resolveBySystem): HttpReader {
  assertUsable(allow);
  const agent = new Agent({
    connect: guardedConnector(allow, resolve),
    connections: READINGS_PER_HOST,
    pipelining: 1,
    // The whole reading has its time; nothing of it has another.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 1_000,
    keepAliveMaxTimeout: 1_000,
  });
  return {
    async read({ url, headers, limitBytes, timeoutMs, signal }) {
      const checked = checkUrl(url, allow);
      if ('problem' in checked) throw new RefusedError('the address is not allowed');
      const ending = new AbortController();
      const late = setTimeout(() => ending.abort(new TooLateError()), timeoutMs);
      try {
        const answer = await request(checked.url, {
          dispatcher: agent,
          method: 'GET',
          headers: { 'user-agent': 'countersign', 'accept-encoding': 'identity', ...headers },
          signal: signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]),
        });
        const chunks: Buffer[] = [];
        let length = 0;
        for await (const chunk of answer.body) {
          chunks.push(chunk);
          length += chunk.length;
          if (length > limitBytes) throw new UnavailableError(`the answer is longer than ${limitBytes} bytes`);
        }
        return { status: answer.statusCode, headers: firstOf(answer.headers), body: Buffer.concat(chunks) };
      } catch (cause) {
        if (cause instanceof UnavailableError) throw cause;
        if (cause instanceof AddressNotAllowedError) throw new RefusedError('the address is not allowed');
        if (cause instanceof errors.InvalidArgumentError || cause instanceof errors.NotSupportedError)
          throw new RefusedError('the call is malformed');
        const seconds = Math.round(timeoutMs / 1000);
        const words = ending.signal.aborted ? `no whole answer within ${seconds} s` : 'no answer';
        throw new UnavailableError(words, null, { cause });
      } finally {
        clearTimeout(late);
      }
    },
    close: () => agent.destroy(),
  };
}

function firstOf(headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name, first]];
    }),
  );
}
