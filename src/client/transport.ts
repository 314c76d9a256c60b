/**
 * src/client/transport.ts: one call to the server, and calls repeated until they are answered. Network failures, 408,
 * 429 and 5xx are passing; everything else is an answer.
 */
import { jsonFrom, problemFrom } from './answers.ts';
import { CountersignError, UnexpectedAnswerError, UnreachableError } from './errors.ts';
import type { JsonValue } from './types.ts';

/** What the client takes from its surroundings. */
export interface Surroundings {
  readonly fetch: typeof fetch;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Rejects with the signal's reason when that comes first. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

export interface Call {
  readonly method: 'GET' | 'POST';
  /** Beginning with `/`, already percent-encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonValue;
  /** For the whole answer, body included. 30 s when not given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Told before each new try: why, and in how many milliseconds. */
export type OnRetry = (error: Error, delayMs: number) => void;

const CALL_MS = 30_000;
/** More than any request the server stores; a stream that never ends is not an answer. */
const MAX_ANSWER_CHARS = 32 * 1024 * 1024;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 30_000;
/** A server that asks for more than this is asked again all the same. */
const MAX_RETRY_AFTER_MS = 300_000;
/** Longer timers fire at once: Node keeps the delay in 31 bits. */
const MAX_TIMER_MS = 2_147_483_647;
/** The connection never came about: nothing can have arrived. */
const NEVER_SENT: readonly unknown[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** The process's own network and clock. */
export const realSurroundings: Surroundings = {
  fetch: (input, init) => globalThis.fetch(input, init),
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        },
        Math.min(ms, MAX_TIMER_MS),
      );
      signal?.addEventListener('abort', stop, { once: true });
    }),
};

export const isPassing = (error: unknown): error is CountersignError | UnreachableError =>
  error instanceof UnreachableError ||
  (error instanceof CountersignError && (error.status === 408 || error.status === 429 || error.status >= 500));

/** Before try number `failures` + 1. Full jitter over the upper half, so that many waiting pipelines don't come back at once. */
export function delayMs(failures: number, error: unknown, random: () => number): number {
  const asked = error instanceof CountersignError ? error.retryAfterMs : null;
  if (asked !== null) return Math.min(asked, MAX_RETRY_AFTER_MS);
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 16));
  return ceiling / 2 + (ceiling / 2) * random();
}

export class Transport {
  readonly #base: string;
  readonly #token: string | undefined;
  readonly #around: Surroundings;

  /** @throws TypeError when `url` is not an http(s) address without credentials */
  constructor(url: string, token: string | undefined, around: Surroundings) {
    this.#base = baseOf(url);
    this.#token = token;
    this.#around = around;
  }

  /** @throws CountersignError for every answer that is not 2xx, UnreachableError, UnexpectedAnswerError, or the signal's reason */
  async once(call: Call): Promise<Answer> {
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), call.timeoutMs ?? CALL_MS);
    const forward = () => timer.abort();
    call.signal?.addEventListener('abort', forward, { once: true });
    try {
      call.signal?.throwIfAborted();
      const response = await this.connect(call, timer.signal);
      const text = await readText(response);
      return this.#judge(response, text);
    } catch (error) {
      if (call.signal?.aborted) throw call.signal.reason;
      throw timer.signal.aborted
        ? new UnreachableError('The server did not answer in time.', true)
        : unreachable(error);
    } finally {
      clearTimeout(timeout);
      call.signal?.removeEventListener('abort', forward);
    }
  }

  /** The bare response, for streams. Failures are as fetch throws them. */
  connect(call: Call, signal: AbortSignal): Promise<Response> {
    return this.#around.fetch(`${this.#base}${call.path}`, {
      method: call.method,
      headers: {
        accept: 'application/json, application/problem+json',
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      redirect: 'manual', // following one would turn the POST into a GET, or carry the token elsewhere
      signal,
    });
  }

  /**
   * Calls until there is an answer, for `patienceMs` at most.
   * @param isRepeatable what may be sent again although it may have arrived; else only what surely did not arrive is
   */
  async untilAnswered(
    call: Call,
    isRepeatable: boolean,
    { patienceMs, onRetry }: { readonly patienceMs: number; readonly onRetry?: OnRetry | undefined },
  ): Promise<Answer> {
    const { now, random, sleep } = this.#around;
    const giveUpAt = now() + patienceMs;
    for (let failures = 1; ; failures++) {
      try {
        return await this.once(call);
      } catch (error) {
        const mayTryAgain = isPassing(error) && (isRepeatable || !mayHaveArrived(error));
        if (!mayTryAgain) throw error;
        const delay = delayMs(failures, error, random);
        if (now() + delay > giveUpAt) throw error;
        onRetry?.(error, delay);
        await sleep(delay, call.signal);
      }
    }
  }

  #judge(response: Response, text: string): Answer {
    if (response.status >= 300 && response.status < 400)
      throw new UnexpectedAnswerError(
        `The server redirects to ${response.headers.get('location') ?? 'somewhere else'}: use that address instead.`,
      );
    const body = text === '' ? undefined : jsonFrom(text);
    if (!response.ok)
      throw new CountersignError(
        response.status,
        problemFrom(body),
        retryAfterMs(response.headers, this.#around.now()),
      );
    if (text !== '' && body === undefined)
      throw new UnexpectedAnswerError('The answer is not JSON: is this the address of a Countersign server?');
    return { status: response.status, headers: response.headers, body };
  }
}

/** 429 and 503 are said before anything is done; other passing answers leave it open. */
const mayHaveArrived = (error: CountersignError | UnreachableError): boolean =>
  error instanceof UnreachableError ? error.mayHaveArrived : error.status !== 429 && error.status !== 503;

function baseOf(url: string): string {
  if (!URL.canParse(url)) throw new TypeError(`Not an address of a server: ${url}`);
  const { protocol, origin, pathname, username, password } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`Not an http or https address: ${url}`);
  if (username !== '' || password !== '')
    throw new TypeError('The address carries credentials: give the token by itself.');
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

function retryAfterMs(headers: Headers, now: number): number | null {
  const said = headers.get('retry-after');
  if (said === null) return null;
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - now;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunksOf(response.body)) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER_CHARS) throw new UnexpectedAnswerError('The answer is too long to be a request.');
  }
  return text + decoder.decode();
}

/** The bytes of a body as they come; lets go of the connection when the reader stops early. */
export async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // already broken: then there is nothing to let go of
  }
}

/** What fetch throws, as ours. A bug (no `cause` from the network) stays what it is. */
export function unreachable(error: unknown): unknown {
  const isFetchFailure = error instanceof TypeError && error.cause !== undefined;
  const isCut = error instanceof Error && (error.message === 'terminated' || codeOf(error) !== undefined);
  if (!isFetchFailure && !isCut) return error;
  const code = codeOf(error.cause) ?? codeOf(error);
  const arrived = !NEVER_SENT.includes(code);
  const reason = code ?? (error.cause instanceof Error ? error.cause.message : error.message);
  return new UnreachableError(wordsFor(code, reason), arrived, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]); // one per address that was tried
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

function wordsFor(code: string | undefined, reason: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'The server cannot be reached: nothing listens there (ECONNREFUSED).';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The server cannot be reached: its name does not resolve (${code}).`;
    default:
      return `The connection to the server broke (${reason}).`;
  }
}
