/**
 * bench/serve.ts: the built bot as `npm start` runs it, with a channel that posts to a chat over HTTP or, for
 * measurements of the webhook alone, holds its first message so that the outbox only fills. Its clock can be put
 * forward, its ticks be timed, and the moments of its commits be asked for.
 */
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { Pool } from 'undici';
import type { Channel, MessageRef, Outgoing } from '../src/adapters/channel.ts';

interface Question {
  /** Put the clock to this instant, if given, and tick so often. */
  readonly tick?: { readonly at: number | null; readonly times: number };
  /** Note from now on when each request was committed as decided. */
  readonly watch?: true;
  /** What was noted. */
  readonly commits?: true;
}

/** When a request's end was committed: by the machine's monotonic clock, and by the bot's own. */
export interface Ended {
  readonly request: string;
  readonly monotonicMs: number;
  readonly wallMs: number;
}

const [entry = '', mode = 'none'] = process.argv.slice(2);
const { startBot }: typeof import('../src/bot/main.ts') = await import(pathToFileURL(entry).href);

const held = (): Promise<never> => new Promise(() => {});

function channel(): Channel {
  if (mode === 'hold') return { ...ends, post: held, update: held, notify: held };
  const pool = new Pool(mode, { connections: 64, pipelining: 1 });
  const call = async (kind: string, { key, to, view, link }: Outgoing): Promise<MessageRef> => {
    const body = JSON.stringify({ kind, request: link.slice(link.lastIndexOf('/') + 1), channel: to.id, key, view });
    const headers = { 'content-type': 'application/json' };
    const answer = await pool.request({ method: 'POST', path: '/', headers, body });
    const { ts }: { readonly ts: string } = JSON.parse(await answer.body.text());
    return { ts };
  };
  return {
    ...ends,
    post: (message) => call('post', message),
    update: (message) => call('update', message),
    notify: (message) => call('notice', message),
  };
}

const ends = { kind: 'slack', minIntervalMs: 0, find: async () => null };

let ahead = 0;
const wall = (): number => Date.now() + ahead;
const bot = await startBot({ env: process.env, channels: mode === 'none' ? [] : [channel()], wall });
const ended: Ended[] = [];

process.on('message', (question: Question) => {
  if (question.tick !== undefined) void ticked(question.tick).then((tookMs) => process.send?.({ ticked: tookMs }));
  if (question.watch) {
    bot.store.subscribe(({ state }) => {
      if (state.status === 'pending') return;
      const monotonicMs = Number(process.hrtime.bigint()) / 1e6;
      ended.push({ request: state.content.id, monotonicMs, wallMs: wall() });
    });
    process.send?.({ watching: true });
  }
  if (question.commits) process.send?.({ commits: ended.splice(0) });
});

async function ticked({ at, times }: { readonly at: number | null; readonly times: number }): Promise<number[]> {
  if (at !== null) ahead = at - Date.now();
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    await bot.tick();
    took.push(performance.now() - began);
  }
  return took;
}

process.once('SIGTERM', () => void bot.stop().then(() => process.exit(0)));
process.send?.({ ready: bot.url });
