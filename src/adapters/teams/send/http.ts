/**
 * src/adapters/teams/send/http.ts: one HTTP call to Microsoft: once, to where it is told, with an end. No redirect, no
 * cookie, no proxy, no second try.
 */
import { Agent, request } from 'undici';
import { UnavailableError } from '../../channel.ts';
import { ANSWER_BYTES, CONNECTIONS } from './limits.ts';

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Ends the call; it may have been taken all the same. */
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Parsed JSON; null where it is none. */
  readonly body: unknown;
  readonly retryAfter: string | null;
}

export interface Http {
  /** @throws UnavailableError where no answer came; what was asked may be done all the same */
  call(call: HttpCall): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export function createHttp(): Http {
  const agent = new Agent({ connections: CONNECTIONS, pipelining: 1, connect: { rejectUnauthorized: true } });
  return {
    async call({ method, url, headers, body, signal }) {
      try {
        const answer = await request(url, { dispatcher: agent, method, headers, body, signal });
        const retryAfter = answer.headers['retry-after'];
        return {
          status: answer.statusCode,
          body: jsonOf(await readSome(answer.body)),
          retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
        };
      } catch (cause) {
        throw new UnavailableError('no answer from Microsoft', null, { cause });
      }
    },
    close: () => agent.destroy(),
  };
}

async function readSome(body: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    if (!Buffer.isBuffer(part)) continue;
    length += part.length;
    if (length > ANSWER_BYTES) throw new Error('the answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
