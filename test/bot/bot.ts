/** test/bot/bot.ts: a whole bot on a port of its own and an embedded store, for tests that speak HTTP to it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Channel } from '../../src/adapters/channel.ts';
import { type Bot, startBot } from '../../src/bot/main.ts';

export const CI_TOKEN = 'ci-token-0123456789abcdef0123456789abcdef';
export const OTHER_TOKEN = 'other-token-0123456789abcdef0123456789';
export const CALLBACK_SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read foreign JSON
  readonly json: any;
}

export interface TestBot extends Bot {
  readonly folder: string;
  readonly log: Bot['log'];
  /** Every log line so far. */
  lines(): readonly string[];
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Answer>;
  /** Opens, and expects 201. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read foreign JSON
  opened(body: object): Promise<any>;
  vote(id: string, person: string, option?: string, more?: object): Promise<Answer>;
  /** The request as it is now. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read foreign JSON
  read(id: string): Promise<any>;
  /** The audit trail, oldest first. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read foreign JSON
  trail(id: string): Promise<any[]>;
  /** The types of what happened, oldest first. */
  happened(id: string): Promise<string[]>;
  writeConfig(text: string): void;
  /** Stops, and removes the folder. */
  end(): Promise<void>;
}

export interface TestBotOptions {
  readonly config: string;
  readonly env?: Record<string, string>;
  readonly channels?: readonly Channel[];
  /** The wall clock; tests that move time pass their own, and tick by hand. */
  readonly wall?: () => number;
  /** Takes over a folder, to start again on the same file. */
  readonly folder?: string;
}

/** Ticks come by hand (`bot.tick()`): cron is set to once a year. */
export async function startTestBot({
  config,
  env = {},
  channels = [],
  wall,
  folder,
}: TestBotOptions): Promise<TestBot> {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'countersign-'));
  const file = join(home, 'countersign.yaml');
  writeFileSync(file, config);
  const lines: string[] = [];
  const logTo = new Writable({
    write(chunk, _encoding, done) {
      lines.push(
        ...String(chunk)
          .split('\n')
          .filter((line) => line !== ''),
      );
      done();
    },
  });
  const bot = await startBot({
    env: {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: `sqlite:${join(home, 'countersign.db')}`,
      COUNTERSIGN_CONFIG: file,
      COUNTERSIGN_SECRET: 'test-secret-0123456789abcdef0123456789abcdef',
      TICK_CRON: '0 0 0 1 1 *',
      CALLBACK_ALLOW: '127.0.0.1',
      CI_TOKEN,
      OTHER_TOKEN,
      CI_CALLBACK_SECRET: CALLBACK_SECRET,
      ...env,
    },
    channels,
    logTo,
    ...(wall && { wall }),
  }).catch((error: unknown) => {
    if (folder === undefined) rmSync(home, { recursive: true, force: true });
    throw error;
  });
  const call: TestBot['call'] = async (method, path, body, headers = {}, signal) => {
    const response = await fetch(bot.url + path, {
      method,
      ...(signal && { signal }),
      headers: {
        authorization: `Bearer ${CI_TOKEN}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && {
        body: typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body),
      }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: text.startsWith('{') ? JSON.parse(text) : null,
    };
  };
  const trail: TestBot['trail'] = async (id) => (await call('GET', `/v1/requests/${id}/events`)).json.events;
  return {
    ...bot,
    folder: home,
    lines: () => lines,
    call,
    read: async (id) => (await call('GET', `/v1/requests/${id}`)).json,
    trail,
    happened: async (id) => (await trail(id)).map(({ type }) => type),
    opened: async (body) => {
      const answer = await call('POST', '/v1/requests', body);
      if (answer.status !== 201) throw new Error(`open answered ${answer.status}: ${answer.text}`);
      return answer.json;
    },
    vote: (id, person, option = 'approve', more = {}) =>
      call('POST', `/v1/requests/${id}/votes`, { person, option, ...more }),
    writeConfig: (text) => writeFileSync(file, text),
    end: async () => {
      await bot.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A wall clock that only moves when it is told to. It begins on a Monday at nine in UTC. */
export function handClock(start = Date.parse('2026-03-02T09:00:00Z')) {
  let now = start;
  return {
    wall: () => now,
    advance(ms: number) {
      now += ms;
    },
  };
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Waits for what happens outside of the test's own calls; throws with `what` after five seconds. */
export async function eventually<T>(probe: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  const end = performance.now() + 5_000;
  for (;;) {
    const found = await probe();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Sends bytes as they are and reads until the server closes; for what no HTTP client would send. */
export function sendRaw(url: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(parts).toString('utf8')));
  });
}
