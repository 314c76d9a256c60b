/** src/adapters/directory/ask.ts: asks an HTTP directory or an on-call schedule once who is in a group. */
import { RefusedError, UnavailableError } from '../channel.ts';
import type { HttpReader } from '../http/reader.ts';
import { DIRECTORY_ANSWER_BYTES, DIRECTORY_TIMEOUT_MS } from './limits.ts';
import { membersIn } from './members.ts';

export interface Asked {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** CEL over `body`; null: one of the usual shapes. */
  readonly members: string | null;
  readonly signal?: AbortSignal;
  /** Ten seconds, unless a test is less patient. */
  readonly timeoutMs?: number;
}

/**
 * Names, email addresses and references, as the directory has them.
 * @throws UnavailableError or RefusedError, in words for whoever looks after the gate: nothing of the address, the
 * headers or the answer is in them
 */
export async function askDirectory(reader: HttpReader, asked: Asked): Promise<readonly string[]> {
  const { url, headers, members, signal, timeoutMs = DIRECTORY_TIMEOUT_MS } = asked;
  const reading = {
    url,
    headers: { accept: 'application/json', ...headers },
    limitBytes: DIRECTORY_ANSWER_BYTES,
    timeoutMs,
    ...(signal !== undefined && { signal }),
  };
  const answer = await reader.read(reading).catch((error: unknown) => {
    if (!(error instanceof RefusedError)) throw error;
    const allowed = 'public https addresses are, and those that CALLBACK_ALLOW names';
    throw new RefusedError(`its address is not called: ${allowed}`, { cause: error });
  });
  if (answer.status !== 200) throw new UnavailableError(`answered ${answer.status}${HINTS[answer.status] ?? ''}`);
  const type = (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!/^application\/([a-z0-9.!#$&^_-]+\+)?json$/.test(type))
    throw new UnavailableError(`answered ${kindOf(type)}, not JSON`);
  if ((answer.headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new UnavailableError('answered compressed, which was not asked for');
  return membersIn(parsed(answer.body), members);
}

const HINTS: Readonly<Record<number, string>> = {
  301: ': it has moved; write its new address',
  302: ': it leads elsewhere, which is not followed',
  307: ': it leads elsewhere, which is not followed',
  308: ': it has moved; write its new address',
  401: ': the key in "headers" is missing or not valid',
  403: ': the key in "headers" may not read this',
  404: ': there is no such list or schedule',
  429: ': it is asked too often; a longer "cache" helps',
};

/** Only the two that are met in practice are named: the header is whatever the other side writes. */
const kindOf = (type: string): string =>
  type === 'text/html' ? 'a web page (HTML)' : type === 'text/plain' ? 'plain text' : 'something else';

function parsed(body: Buffer): unknown {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return json;
  } catch {
    // What the parser says quotes the answer.
    throw new UnavailableError('answered with what is not valid JSON');
  }
}
