/**
 * bench/load.ts: the callers, in a process of their own: so many connections, each sending its next call when the last
 * was answered, for so long or so many. Remembers the ids of what it opened, to vote on them later.
 */
import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { TOKEN } from './traffic.ts';

export interface Job {
  readonly url: string;
  readonly call: 'open' | 'vote';
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
  /** Ends earlier once this many were answered; votes end when every remembered id has one. */
  readonly count: number;
  /** Opens: keep the ids for votes. */
  readonly remember: boolean;
  /** Votes: on these instead of what was kept. */
  readonly ids?: readonly string[];
}

export interface Loaded {
  readonly answered: number;
  /** Answers other than 2xx, and calls that failed. */
  readonly failed: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The first failure's text, for the reader. */
  readonly complaint: string | null;
}

const remembered = new Map<string, string[]>();

export async function load({
  url,
  call,
  body,
  connections,
  seconds,
  count,
  remember,
  ids: named,
}: Job): Promise<Loaded> {
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 30_000 });
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const ids = named === undefined ? (remembered.get(url) ?? []) : [...named];
  if (named === undefined) remembered.set(url, ids);
  const latencies: number[] = [];
  let started = 0;
  let failed = 0;
  let complaint: string | null = null;
  const began = performance.now();
  const end = began + seconds * 1000;
  const caller = async (): Promise<void> => {
    while (started < count && performance.now() < end) {
      started += 1;
      const id = call === 'vote' ? ids.pop() : undefined;
      if (call === 'vote' && id === undefined) return;
      const path = id === undefined ? '/v1/requests' : `/v1/requests/${id}/votes`;
      const sent = performance.now();
      const answer = await pool.request({ method: 'POST', path, headers, body });
      const text = await answer.body.text();
      latencies.push(performance.now() - sent);
      if (answer.statusCode >= 300) {
        failed += 1;
        complaint ??= `${answer.statusCode} ${text.slice(0, 300)}`;
      } else if (remember) {
        const opened = /^\{"id":"([^"]+)"/.exec(text)?.[1];
        if (opened !== undefined) ids.push(opened);
      }
    }
  };
  const callers = await Promise.allSettled(Array.from({ length: connections }, caller));
  const took = (performance.now() - began) / 1000;
  for (const result of callers)
    if (result.status === 'rejected') {
      failed += 1;
      complaint ??= String(result.reason);
    }
  await pool.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { answered: latencies.length - failed, failed, seconds: took, p50Ms: at(0.5), p99Ms: at(0.99), complaint };
}
