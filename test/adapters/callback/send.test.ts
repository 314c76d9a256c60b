import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../../src/adapters/callback/client.ts';
import { type Callback, isSigningSecret, sendAction, sendCallback } from '../../../src/adapters/callback/send.ts';
import { RefusedError, UnavailableError } from '../../../src/adapters/channel.ts';
import type { HttpActionDefinition } from '../../../src/engine/definition.ts';
import { type Sink, startSink } from '../../fake/sink.ts';

const OLD = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const NEW = `whsec_${Buffer.alloc(24, 2).toString('base64')}`;
const now = Date.now();

let sink: Sink;
let client: HttpClient;
beforeAll(async () => {
  sink = await startSink({ secrets: [OLD], clock: () => now });
  client = createHttpClient({ hosts: [{ host: '127.0.0.1', port: sink.port }], cidrs: [] });
});
afterAll(async () => {
  await client.close();
  await sink.close();
});

const { signal } = new AbortController();
const callback = (about: Partial<Callback> = {}): Promise<unknown> =>
  sendCallback({
    url: `${sink.url}/hook`,
    id: 'dlv_1',
    secrets: [NEW, OLD],
    body: '{"type":"request.approved","note":"naïve ☑"}',
    source: 'https://approve.acme.dev/',
    type: 'request.approved',
    subject: 'req_1',
    at: Date.UTC(2026, 0, 5, 12),
    now,
    signal,
    client,
    ...about,
  });

const headersOf = ({ headers }: { readonly headers: object }) => Object.fromEntries(Object.entries(headers));

describe('a callback', () => {
  it('verifies with the official library under each secret of a rotation, over the bytes that were sent', async () => {
    await callback();
    const call = sink.received.at(-1);
    if (call === undefined) throw new Error('nothing came');
    expect(call.fault).toBeNull();
    for (const secret of [OLD, NEW]) new Webhook(secret).verify(call.body, headersOf(call));
    expect(() => new Webhook(OLD).verify(`${call.body} `, headersOf(call))).toThrow();
    const stranger = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
    expect(() => new Webhook(stranger).verify(call.body, headersOf(call))).toThrow();
  });

  it('is a CloudEvent in binary mode too', async () => {
    await callback({ subject: 'req_ü "1%"' });
    expect(sink.received.at(-1)?.headers).toMatchObject({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': 'dlv_1',
      'ce-source': 'https://approve.acme.dev/',
      'ce-type': 'request.approved',
      'ce-subject': 'req_%C3%BC%20%221%25%22',
      'ce-time': '2026-01-05T12:00:00.000Z',
    });
  });

  it.each([200, 201, 204, 299])('has arrived when %i is answered', async (status) => {
    sink.script({ status });
    expect(await callback()).toEqual({ status });
  });

  it.each([301, 302, 307, 400, 401, 404, 409, 418, 429, 500, 502, 503])('is tried again after %i', async (status) => {
    sink.script({ status, headers: { location: `${sink.url}/elsewhere` } });
    await expect(callback()).rejects.toMatchObject({ name: 'UnavailableError', message: `answered ${status}` });
    expect(sink.received.at(-1)?.path).toBe('/hook');
  });

  it('is never tried again after 410', async () => {
    sink.script({ status: 410 });
    await expect(callback()).rejects.toThrow(RefusedError);
  });

  it.each([
    ['120', 120_000],
    [new Date(now + 60_000).toUTCString(), Math.floor(now / 1000) * 1000 + 60_000 - now],
    [new Date(now - 60_000).toUTCString(), 0],
    ['-1', null],
    ['1.5', null],
    ['soon', null],
    ['99999999999', null],
  ])('passes on Retry-After: %s', async (text, retryAfterMs) => {
    sink.script({ status: 503, headers: { 'retry-after': text } });
    await expect(callback()).rejects.toMatchObject({ name: 'UnavailableError', retryAfterMs });
  });

  it('is never sent unsigned or with a key that could be guessed', async () => {
    const before = sink.received.length;
    const short = `whsec_${Buffer.alloc(23).toString('base64')}`;
    for (const secrets of [[], ['whsec_aaaa'], ['plain text'], [OLD, short], [OLD.slice(6)], [OLD, OLD, OLD, OLD, OLD]])
      await expect(callback({ secrets })).rejects.toThrow(RefusedError);
    expect(sink.received.length).toBe(before);
  });
});

describe('a signing secret', () => {
  it.each([
    [24, true],
    [64, true],
    [23, false],
    [65, false],
  ])('of %i bytes', (bytes, isUsable) => {
    expect(isSigningSecret(`whsec_${Buffer.alloc(bytes, 7).toString('base64')}`)).toBe(isUsable);
  });
});

describe('an action', () => {
  const action = (about: Partial<HttpActionDefinition> = {}) =>
    sendAction({
      id: 'dlv_2',
      call: { action: 'http', url: `${sink.url}/rollback`, method: 'POST', headers: {}, body: { run: '7' }, ...about },
      now,
      signal,
      client,
    });

  it('arrives as it was written, with a key against doing it twice', async () => {
    await action({ method: 'PUT', headers: { Authorization: 'Bearer x' } });
    const call = sink.received.at(-1);
    expect(call).toMatchObject({ method: 'PUT', path: '/rollback', body: '{"run":"7"}' });
    expect(call?.headers).toMatchObject({
      authorization: 'Bearer x',
      'content-type': 'application/json',
      'idempotency-key': 'dlv_2',
    });
  });

  it('may have no body', async () => {
    await action({ method: 'GET', body: null });
    expect(sink.received.at(-1)).toMatchObject({ method: 'GET', body: '' });
    expect(sink.received.at(-1)?.headers['content-type']).toBeUndefined();
  });

  it('is tried again until it worked', async () => {
    sink.script({ status: 409 });
    await expect(action()).rejects.toThrow(UnavailableError);
  });

  it.each(['Host', 'content-length', 'Transfer-Encoding', 'connection'])('can’t set %s', async (name) => {
    const before = sink.received.length;
    await expect(action({ headers: { [name]: 'x' } })).rejects.toThrow(RefusedError);
    expect(sink.received.length).toBe(before);
  });
});
