/**
 * bench/world.ts: everybody around the bot for whole approvals, in one process: the pipeline that opens, the chat that
 * shows the message, the person who clicks on it, and the endpoint that is called back.
 */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { CLICK_SECRET, openBody, TOKEN, voteBody } from './traffic.ts';

export interface Approvals {
  readonly url: string;
  /** How many are under way at the same time. */
  readonly atOnce: number;
  /** Channels and endpoints that they are spread over. */
  readonly lanes: number;
  readonly seconds: number;
  readonly count: number;
}

export interface Approved {
  readonly approved: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What one side waits for and another brings, whichever comes first. */
class Moments {
  private readonly waiting = new Map<string, { readonly promise: Promise<void>; readonly resolve: () => void }>();

  reached(moment: string): void {
    this.at(moment).resolve();
  }

  async reach(moment: string): Promise<void> {
    await this.at(moment).promise;
    this.waiting.delete(moment);
  }

  private at(moment: string) {
    const known = this.waiting.get(moment);
    if (known !== undefined) return known;
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    const made = { promise, resolve };
    this.waiting.set(moment, made);
    return made;
  }
}

const moments = new Moments();
const origins: string[] = [];

function listen(answer: (text: string) => string): Promise<string> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = answer(Buffer.concat(chunks).toString());
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      response.end(text);
    });
  });
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    }),
  );
}

let posted = 0;
const chat = await listen((text) => {
  const { kind, request }: { readonly kind: string; readonly request: string } = JSON.parse(text);
  moments.reached(`${kind} ${request}`);
  return `{"ok":true,"ts":"${++posted}"}`;
});

async function callbacks(count: number): Promise<readonly string[]> {
  while (origins.length < count)
    origins.push(
      await listen((text) => {
        const { data }: { readonly data: { readonly id: string } } = JSON.parse(text);
        moments.reached(`callback ${data.id}`);
        return '{}';
      }),
    );
  return origins.slice(0, count);
}

async function approvals({ url, atOnce, lanes, seconds, count }: Approvals): Promise<Approved> {
  const pool = new Pool(url, { connections: 2 * atOnce, pipelining: 1, headersTimeout: 30_000 });
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const vote = voteBody('ana');
  const latencies: number[] = [];
  const updates: Promise<void>[] = [];
  const send = async (path: string, body: string, more: Readonly<Record<string, string>> = {}): Promise<string> => {
    const answer = await pool.request({ method: 'POST', path, headers: { ...headers, ...more }, body });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return text;
  };
  const began = performance.now();
  let started = 0;
  const caller = async (_: unknown, place: number): Promise<void> => {
    const lane = place % lanes;
    const body = openBody(`lane-${lane}`, `${origins[lane]}/callback`);
    while (started < count && performance.now() - began < seconds * 1000) {
      started += 1;
      const asked = performance.now();
      const { id }: { readonly id: string } = JSON.parse(await send('/v1/requests', body));
      await moments.reach(`post ${id}`);
      const at = String(Math.floor(Date.now() / 1000));
      const signature = `v0=${createHmac('sha256', CLICK_SECRET).update(`v0:${at}:${vote}`).digest('hex')}`;
      updates.push(moments.reach(`update ${id}`));
      await Promise.all([
        send(`/v1/requests/${id}/votes`, vote, {
          'x-slack-request-timestamp': at,
          'x-slack-signature': signature,
        }),
        moments.reach(`callback ${id}`),
      ]);
      latencies.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  // The last message must say how it ended, too; it is part of the work.
  await Promise.all(updates);
  const took = (performance.now() - began) / 1000;
  await pool.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { approved: latencies.length, seconds: took, p50Ms: at(0.5), p99Ms: at(0.99) };
}

process.on('message', (question: { readonly callbacks?: number; readonly approvals?: Approvals }) => {
  const broken = (error: unknown): void => void process.send?.({ broken: String(error) });
  if (question.callbacks !== undefined)
    callbacks(question.callbacks).then((found) => process.send?.({ origins: found }), broken);
  if (question.approvals !== undefined)
    approvals(question.approvals).then((approved) => process.send?.({ approved }), broken);
});
process.once('SIGTERM', () => process.exit(0));
process.send?.({ ready: chat });
