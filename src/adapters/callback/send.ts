/**
 * src/adapters/callback/send.ts: one attempt at telling a pipeline (a callback, signed as Standard Webhooks and
 * readable as a CloudEvent) or at calling an action. Retries are the dispatcher's.
 */
import { Webhook } from 'standardwebhooks';
import type { HttpActionDefinition, Instant } from '../../engine/definition.ts';
import type { RequestId } from '../../engine/request.ts';
import { RefusedError, UnavailableError } from '../channel.ts';
import type { Answer, HttpClient } from './client.ts';
import { SECRET_BYTES, SECRETS } from './limits.ts';

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** `whsec_` and base64 of 24 to 64 bytes. The library itself would take any base64, even of three bytes. */
export function isSigningSecret(text: string): boolean {
  const base64 = SECRET.exec(text)?.[1];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const { length } = Buffer.from(base64, 'base64');
  return length >= SECRET_BYTES.least && length <= SECRET_BYTES.most;
}

export interface Callback {
  readonly url: string;
  /** The delivery's id: the same over all attempts. */
  readonly id: string;
  /** Of the pipeline; all of them sign, so that the receiver can change over from one to the next. */
  readonly secrets: readonly string[];
  /** JSON text: signed and sent byte for byte. */
  readonly body: string;
  /** Who says it: this service's public address. */
  readonly source: string;
  /** `request.approved`, `request.rejected`, `request.cancelled`. */
  readonly type: string;
  readonly subject: RequestId;
  /** When what it tells of happened. */
  readonly at: Instant;
  /** When this attempt is made. */
  readonly now: Instant;
  readonly signal: AbortSignal;
  readonly client: HttpClient;
}

export interface Sent {
  readonly status: number;
}

/**
 * As CloudEvents puts text into HTTP headers: space, quote, percent and everything that is not printable ASCII is
 * percent-encoded (CloudEvents 1.0.2, HTTP binding, 3.1.3.2).
 */
function encodeHeader(text: string): string {
  return text.replace(/[^\x21\x23\x24\x26-\x7e]+/g, (part) =>
    Array.from(Buffer.from(part, 'utf8'), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** Throws UnavailableError (try again) or RefusedError (never again). Without a usable secret nothing is sent unsigned. */
export async function sendCallback(callback: Callback): Promise<Sent> {
  const { id, secrets, body, now } = callback;
  if (secrets.length === 0 || secrets.length > SECRETS || !secrets.every(isSigningSecret))
    throw new RefusedError('the pipeline has no usable callback secret');
  const stamp = new Date(now);
  const answer = await callback.client.call({
    url: callback.url,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'countersign',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, stamp, body)).join(' '),
      'ce-specversion': '1.0',
      'ce-id': encodeHeader(id),
      'ce-source': encodeHeader(callback.source),
      'ce-type': encodeHeader(callback.type),
      'ce-subject': encodeHeader(callback.subject),
      'ce-time': new Date(callback.at).toISOString(),
    },
    body,
    signal: callback.signal,
  });
  return judge(answer, now);
}

export interface Action {
  /** The delivery's id, sent as `Idempotency-Key`: an action may arrive twice, and the receiver can tell. */
  readonly id: string;
  /** Its templates already filled in; `body` is sent as JSON. */
  readonly call: HttpActionDefinition;
  readonly now: Instant;
  readonly signal: AbortSignal;
  readonly client: HttpClient;
}

/** Headers that are HTTP's own, or that would make the call look like one to another host. */
const RESERVED = new Set(
  'connection content-length expect host keep-alive proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);

/** Throws UnavailableError (try again) or RefusedError (never again). */
export async function sendAction({ id, call, now, signal, client }: Action): Promise<Sent> {
  const own = new Map(Object.entries(call.headers).map(([name, value]) => [name.toLowerCase(), value]));
  for (const name of own.keys()) if (RESERVED.has(name)) throw new RefusedError(`the header ${name} can't be set`);
  const headers = new Map([
    ['user-agent', 'countersign'],
    ['idempotency-key', id],
  ]);
  if (call.body !== null) headers.set('content-type', 'application/json');
  for (const [name, value] of own) headers.set(name, value);
  const answer = await client.call({
    url: call.url,
    method: call.method,
    headers: Object.fromEntries(headers),
    body: call.body === null ? null : JSON.stringify(call.body),
    signal,
  });
  return judge(answer, now);
}

/**
 * Standard Webhooks: 2xx is delivered, 410 says "never again", everything else, redirects included, is tried again.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
function judge({ status, retryAfter }: Answer, now: Instant): Sent {
  if (status >= 200 && status < 300) return { status };
  if (status === 410) throw new RefusedError('answered 410');
  throw new UnavailableError(`answered ${status}`, retryAfter === null ? null : parseRetryAfter(retryAfter, now));
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3) as milliseconds from now; null for anything else. */
function parseRetryAfter(text: string, now: Instant): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
