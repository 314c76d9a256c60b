import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../../src/adapters/callback/client.ts';
import { RefusedError, UnavailableError } from '../../../src/adapters/channel.ts';
import type { AllowList } from '../../../src/adapters/http/addresses.ts';
import { guardedConnector, type Resolve } from '../../../src/adapters/http/connect.ts';
import { checkUrl } from '../../../src/adapters/http/url.ts';
import { type Sink, startSink } from '../../fake/sink.ts';

const NOTHING: AllowList = { hosts: [], cidrs: [] };

let sink: Sink;
beforeAll(async () => {
  sink = await startSink();
});
afterAll(() => sink.close());

const clients: HttpClient[] = [];
afterAll(() => Promise.all(clients.map((client) => client.close())));
function clientOf(allow: AllowList, resolve?: Resolve): HttpClient {
  const client = createHttpClient(allow, resolve);
  clients.push(client);
  return client;
}

const get = (client: HttpClient, url: string) =>
  client.call({ url, method: 'GET', headers: {}, body: null, signal: new AbortController().signal });

/** A resolver that knows one answer for every name. */
const always =
  (...addresses: readonly string[]): Resolve =>
  (_, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

/** Every spelling that we know of for places that are not public, or that hide one that is not. */
const PRIVATE_HOSTS = [
  ...['127.0.0.1', '127.1', '0x7f.0.0.1', '0x7f000001', '0177.0.0.1', '2130706433', '127.0.0.1.', '127.255.255.254'],
  ...['１２７.０.０.１', '127。0。0。1', '①②⑦.⓪.⓪.①', '%31%32%37.0.0.1', '0', '0.0.0.0', '0.1.2.3'],
  ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.100.100.200', '169.254.169.254'],
  ...['169.254.170.2', '192.0.0.1', '192.0.0.192', '192.0.2.1', '192.88.99.1', '198.18.0.1', '198.19.255.255'],
  ...['198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '168.63.129.16'],
  ...['[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::127.0.0.1]', '[::10.0.0.1]', '[::8.8.8.8]', '[::ffff:127.0.0.1]'],
  ...['[::ffff:7f00:1]', '[::ffff:0:127.0.0.1]', '[::ffff:a9fe:a9fe]', '[::ffff:168.63.129.16]', '[64:ff9b::7f00:1]'],
  ...['[64:ff9b::10.0.0.1]', '[64:ff9b:1::a00:1]', '[2002:7f00:1::]', '[2002:a00:1::1]', '[2002:808:808::1]'],
  ...['[2001::1]', '[2001:0:a00:1::]', '[2001:10::1]', '[2001:20::1]', '[2001:db8::1]', '[3fff::1]', '[3ffe::1]'],
  ...[
    '[fe80::1]',
    '[febf::1]',
    '[fec0::1]',
    '[fc00::1]',
    '[fd00::1]',
    '[fd00:ec2::254]',
    '[fd20:ce::254]',
    '[ff02::1]',
  ],
  ...['[100::1]', '[5f00::1]', '[4000::1]', '[2606:4700::5efe:10.0.0.1]', '[2606:4700::200:5efe:a00:1]'],
];

const publicAddresses = ['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.1', '172.32.0.1', '[2606:4700::1111]'];

describe('an address from a request or the config', () => {
  it.each(publicAddresses)('may be public: %s', (host) => {
    expect(checkUrl(`https://${host}/hook?x=1`, NOTHING)).toHaveProperty('url');
  });

  it.each([
    ['http://ci.acme.dev/hook', 'https'],
    ['ftp://ci.acme.dev/hook', 'https'],
    ['file:///etc/passwd', 'https'],
    ['javascript:alert(1)', 'https'],
    ['gopher://ci.acme.dev', 'https'],
    ['https://user@ci.acme.dev', 'user name'],
    ['https://user:word@ci.acme.dev', 'user name'],
    ['https://@ci.acme.dev', 'user name'],
    ['https://ci.acme.dev/#part', 'fragment'],
    ['https://ci.acme.dev/#', 'fragment'],
    ['https:ci.acme.dev', 'valid'],
    ['https:///ci.acme.dev', 'valid'],
    ['//ci.acme.dev', 'valid'],
    ['https://', 'valid'],
    ['ci.acme.dev', 'valid'],
    ['', 'valid'],
    ['https://[[::1]]/', 'valid'],
    ['https://ci.acme.dev\\@10.0.0.1', 'valid'],
    [' https://ci.acme.dev', 'valid'],
    ['https://ci.acme.dev/\n', 'valid'],
    ['https://ci.acme\t.dev/', 'valid'],
    ['https://ci.acme.dev:99999/', 'valid'],
    ['https://localhost/', 'not public'],
    ['https://LOCALHOST./', 'not public'],
    ['https://a.localhost:8443/', 'not public'],
    [`https://ci.acme.dev/${'x'.repeat(2_048)}`, 'longer'],
  ])('is refused at the door: %s', (text, word) => {
    expect(checkUrl(text, NOTHING)).toEqual({ problem: expect.stringContaining(word) });
  });

  it('may be private or plain http exactly where CALLBACK_ALLOW names it', () => {
    const allow: AllowList = {
      hosts: [
        { host: 'ci.internal', port: null },
        { host: '127.0.0.1', port: 8080 },
        { host: '::1', port: 8080 },
      ],
      cidrs: ['10.1.0.0/16', 'fd00:1::/32'],
    };
    const isOpen = (text: string) => 'url' in checkUrl(text, allow);
    const named = ['http://ci.internal', 'https://ci.internal:99', 'http://127.0.0.1:8080/x', 'http://127.1:8080'];
    const inRange = ['http://10.1.2.3', 'https://10.1.2.3:1', 'http://[fd00:1::5]', 'http://[::ffff:10.1.0.1]'];
    expect([...named, 'http://[::1]:8080', ...inRange].filter((text) => !isOpen(text))).toEqual([]);
    const others = [
      'http://127.0.0.1',
      'https://127.0.0.1:8081',
      'http://[::1]',
      'http://10.2.0.1',
      'https://[fd00:2::5]',
    ];
    expect([...others, 'http://1.1.1.1', 'https://localhost'].filter(isOpen)).toEqual([]);
  });
});

describe('the outgoing client', () => {
  it.each(PRIVATE_HOSTS)('makes no connection to %s', async (host) => {
    const client = clientOf(NOTHING, always('127.0.0.1'));
    const before = sink.connections;
    for (const scheme of ['https', 'http'])
      await expect(get(client, `${scheme}://${host}:${sink.port}/`)).rejects.toThrow(RefusedError);
    expect(sink.connections).toBe(before);
  });

  it.each(PRIVATE_HOSTS.filter((host) => host.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(host)))(
    'makes no connection for a name that is looked up to %s, not even beside a public address',
    async (host) => {
      const address = host.replace(/[[\]]/g, '');
      const before = sink.connections;
      for (const addresses of [[address], ['93.184.215.14', address]]) {
        const client = clientOf({ hosts: [], cidrs: ['10.250.0.0/16'] }, always(...addresses));
        await expect(get(client, `https://ci.acme.dev:${sink.port}/`)).rejects.toThrow(RefusedError);
        await expect(get(client, `http://ci.acme.dev:${sink.port}/`)).rejects.toThrow(RefusedError);
      }
      expect(sink.connections).toBe(before);
    },
  );

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '10.0.0.1', '168.63.129.16', 'localhost'])(
    'opens no socket to %s even if the door let it in',
    async (hostname) => {
      const before = sink.connections;
      const connect = guardedConnector({ hosts: [], cidrs: ['10.250.0.0/16'] }, always('127.0.0.1'));
      for (const protocol of ['https:', 'http:']) {
        const error = await new Promise((resolve) =>
          connect({ hostname, protocol, port: String(sink.port) }, (...args) => resolve(args[0])),
        );
        expect(error).toMatchObject({ message: 'the address is not allowed' });
      }
      expect(sink.connections).toBe(before);
    },
  );

  it('reaches a private host that is named, by address, by name and by range (the control)', async () => {
    const { port } = sink;
    const byAddress = clientOf({ hosts: [{ host: '127.0.0.1', port }], cidrs: [] });
    const byName = clientOf({ hosts: [{ host: 'ci.internal', port: null }], cidrs: [] }, always('127.0.0.1'));
    const byRange = clientOf({ hosts: [], cidrs: ['127.0.0.0/8'] }, always('127.0.0.1'));
    expect(await get(byAddress, `http://127.0.0.1:${port}/`)).toEqual({ status: 204, retryAfter: null });
    expect(await get(byName, `http://ci.internal:${port}/`)).toEqual({ status: 204, retryAfter: null });
    expect(await get(byRange, `http://anything.dev:${port}/`)).toEqual({ status: 204, retryAfter: null });
  });

  it('opens a named host on its port only, and never a cloud’s metadata behind a name', async () => {
    const { port } = sink;
    const before = sink.connections;
    const otherPort = clientOf({ hosts: [{ host: '127.0.0.1', port: port + 1 }], cidrs: [] });
    await expect(get(otherPort, `http://127.0.0.1:${port}/`)).rejects.toThrow(RefusedError);
    const otherName = clientOf({ hosts: [{ host: 'ci.internal', port }], cidrs: [] }, always('127.0.0.1'));
    await expect(get(otherName, `http://ci.internal.:${port}/`)).rejects.toThrow(RefusedError);
    const metadata = clientOf({ hosts: [{ host: 'ci.internal', port: null }], cidrs: [] }, always('169.254.169.254'));
    await expect(get(metadata, 'http://ci.internal/latest')).rejects.toThrow(RefusedError);
    expect(sink.connections).toBe(before);
  });

  it('refuses plain http to a public address even where ranges are allowed', async () => {
    const client = clientOf({ hosts: [], cidrs: ['10.0.0.0/8'] }, always('93.184.215.14'));
    await expect(get(client, 'http://ci.acme.dev/')).rejects.toThrow(RefusedError);
  });

  it('asks the resolver once and connects to that answer, so that a second answer can’t slip in', async () => {
    let asked = 0;
    const rebinding: Resolve = (host, callback) => {
      asked += 1;
      always(asked === 1 ? '127.0.0.2' : '127.0.0.1')(host, callback);
    };
    const client = clientOf({ hosts: [], cidrs: ['127.0.0.2/32'] }, rebinding);
    // Nobody listens on 127.0.0.2: a connection to the sink would show that another address was used.
    await expect(get(client, `http://ci.acme.dev:${sink.port}/`)).rejects.toThrow(UnavailableError);
    expect(asked).toBe(1);
  });

  const open = () => clientOf({ hosts: [{ host: '127.0.0.1', port: null }], cidrs: [] });

  it('says the same of a closed port, a cut line and an unknown name', async () => {
    const closed = await startSink();
    await closed.close();
    const unknown: Resolve = (_, callback) =>
      callback(Object.assign(new Error('not known'), { code: 'ENOTFOUND' }), []);
    sink.script('cut');
    const told = await Promise.all([
      get(open(), `${closed.url}/secret?token=1`).catch((error: Error) => error),
      get(open(), `${sink.url}/secret?token=1`).catch((error: Error) => error),
      get(clientOf(NOTHING, unknown), 'https://ci.acme.dev/secret?token=1').catch((error: Error) => error),
    ]);
    for (const error of told) {
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ message: 'no answer', retryAfterMs: null });
    }
  });

  it('follows no redirect', async () => {
    sink.script({ status: 302, headers: { location: `${sink.url}/elsewhere` } });
    const before = sink.received.length;
    expect(await get(open(), `${sink.url}/here`)).toMatchObject({ status: 302 });
    expect(sink.received.slice(before).map(({ path }) => path)).toEqual(['/here']);
  });

  it('keeps no cookies', async () => {
    const client = open();
    sink.script({ status: 200, headers: { 'set-cookie': 'a=b' } });
    await get(client, `${sink.url}/first`);
    await get(client, `${sink.url}/second`);
    expect(sink.received.at(-1)?.headers.cookie).toBeUndefined();
  });

  it('reads a huge or stalled answer only so far', async () => {
    sink.script({ status: 200, body: 'x'.repeat(50_000_000) }, 'stallBody');
    expect(await get(open(), sink.url)).toMatchObject({ status: 200 });
    expect(await get(open(), sink.url)).toMatchObject({ status: 200 });
  });

  it('ends with the caller’s signal', async () => {
    sink.script('hang');
    const ending = new AbortController();
    const before = sink.received.length;
    const call = open().call({ url: sink.url, method: 'GET', headers: {}, body: null, signal: ending.signal });
    const failed = expect(call).rejects.toThrow(UnavailableError);
    while (sink.received.length === before) await new Promise(setImmediate);
    ending.abort(new Error('enough'));
    await failed;
  });

  it('refuses a header that would break out of its line', async () => {
    const headers = { 'x-note': 'a\r\nx-evil: 1' };
    const call = { url: sink.url, method: 'POST', headers, body: '{}', signal: new AbortController().signal } as const;
    await expect(open().call(call)).rejects.toThrow(RefusedError);
  });
});
