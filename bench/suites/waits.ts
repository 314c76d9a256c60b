/** bench/suites/waits.ts: how soon a commit answers who waits for it, and thousands who wait at once (ceiling/parked.ts). */
import { join } from 'node:path';
import { type Figure, spread } from '../figures.ts';
import { type Loader, type Running, start, startBot, startLoader } from '../processes.ts';
import type { Ended } from '../serve.ts';
import { gates, openBody, TOKEN, voteBody } from '../traffic.ts';
import type { Answered } from '../waiter.ts';
import type { Suite } from './suite.ts';

/** Processes that hold the waiting connections. */
const WAITERS = 4;
/** Files that a measured process opens beside its connections, with room. */
const OTHER_FILES = 500;

export const waits: Suite = async ({ effort, folder, nodeArgs, say }) => {
  const figures: Figure[] = [];
  const waiters = await Promise.all(Array.from({ length: WAITERS }, () => start({ script: 'waiter' })));
  const loader = await startLoader();
  const bot = (name: string): Promise<Running> =>
    startBot({ folder: join(folder, name), channel: 'none', gates: gates(), nodeArgs });
  try {
    const ours = await bot('answers');
    await ours.ask({ watch: true }, 'watching');
    await answerTimes(ours, waiters, loader, 32, effort.timed); // warms up
    for (const connections of [1, 32]) {
      say(`commit → long-poll, ${connections} voting at once`);
      figures.push(...answered(connections, await answerTimes(ours, waiters, loader, connections, effort.timed)));
    }
    await ours.stop();

    const limit = openFiles();
    const count = Math.min(effort.parked, limit - OTHER_FILES);
    const fewer = count < effort.parked ? `; the limit of ${limit} open files allows no more` : '';
    say(`${count} parked long-polls`);
    const parked = { ours: await bot('parked'), ceiling: await start({ script: 'ceiling/parked' }) };
    const request = await opened(parked.ours);
    const mine = await wakeAll(parked.ours, waiters, count, request);
    const least = await wakeAll(parked.ceiling, waiters, count, request);
    const name = `${count.toLocaleString('en-US')} parked`;
    const kib = (bytes: number): number => bytes / count / 1024;
    figures.push(
      {
        suite: 'waits',
        what: `${name}: resident memory for each`,
        value: kib(mine.bytes),
        unit: 'KiB',
        aim: { kind: 'atMost', value: 24 },
        note: `${kib(least.bytes).toFixed(1)} KiB by bare Node${fewer}`,
      },
      {
        suite: 'waits',
        what: `${name}: vote sent → all answered`,
        value: mine.allMs,
        unit: 'ms',
        aim: { kind: 'atMost', value: 1_000 },
        note: `${least.allMs.toFixed(0)} ms by bare Node (${(mine.allMs / least.allMs).toFixed(1)} ×)${fewer}`,
      },
    );
    return figures;
  } finally {
    await Promise.all(waiters.map((waiter) => waiter.stop()));
    await loader.stop();
  }
};

async function call(side: Running, path: string, body: string): Promise<string> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const answer = await fetch(`${side.url}${path}`, { method: 'POST', headers, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text.slice(0, 300)}`);
  return text;
}

async function opened(side: Running): Promise<string> {
  const { id }: { readonly id: string } = JSON.parse(await call(side, '/v1/requests', openBody('deploy-staging')));
  return id;
}

/** Milliseconds from each commit to the answer of the long-poll that waited for it, in ascending order. */
async function answerTimes(
  ours: Running,
  waiters: readonly Running[],
  loader: Loader,
  connections: number,
  count: number,
): Promise<readonly number[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await opened(ours));
  await parkedIn(ours, waiters, ids);
  const vote = { url: ours.url, call: 'vote', body: voteBody('ana'), remember: false, ids } as const;
  const loaded = await loader.run({ ...vote, connections, seconds: 60, count });
  if (loaded.failed > 0) throw new Error(`${loaded.failed} votes failed: ${loaded.complaint}`);
  const commits = await ours.ask<readonly Ended[]>({ commits: true }, 'commits');
  const committedAt = new Map(commits.map(({ request, monotonicMs }) => [request, monotonicMs]));
  const answers = await collected(waiters);
  return answers
    .map(({ request, monotonicMs }) => monotonicMs - (committedAt.get(request) ?? Number.NaN))
    .sort((a, b) => a - b);
}

function answered(connections: number, times: readonly number[]): Figure[] {
  const at = (share: number): number => times[Math.floor((times.length - 1) * share)] ?? Number.NaN;
  const what = `commit → long-poll, ${connections} voting at once`;
  const note = `of ${times.length}`;
  return [
    { suite: 'waits', what: `${what}: median`, value: at(0.5), unit: 'ms', aim: { kind: 'atMost', value: 5 }, note },
    { suite: 'waits', what: `${what}: p99`, value: at(0.99), unit: 'ms', note },
  ];
}

/** Parks one long-poll for each request, shared out among the waiting processes, and waits until the side has them all. */
async function parkedIn(side: Running, waiters: readonly Running[], requests: readonly string[]): Promise<void> {
  await Promise.all(
    waiters.map((waiter, place) => {
      const own = requests.filter((_, i) => i % waiters.length === place);
      return waiter.ask({ park: { url: side.url, requests: own } }, 'parked', 120_000);
    }),
  );
  for (let tries = 0; tries < 300; tries++) {
    const text = await (await fetch(`${side.url}/metrics`)).text();
    if (Number(/^countersign_waiters (\d+)/m.exec(text)?.[1]) === requests.length) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not all of ${requests.length} long-polls came to wait`);
}

async function collected(waiters: readonly Running[]): Promise<readonly Answered[]> {
  const all = await Promise.all(
    waiters.map((waiter) => waiter.ask<readonly Answered[]>({ collect: true }, 'answered')),
  );
  const answers = all.flat();
  const lost = answers.filter(({ isApproved }) => !isApproved).length;
  if (lost > 0) throw new Error(`${lost} of ${answers.length} long-polls were not told of the approval`);
  return answers;
}

async function wakeAll(
  side: Running,
  waiters: readonly Running[],
  count: number,
  request: string,
): Promise<{ readonly bytes: number; readonly allMs: number }> {
  const before = await side.sample();
  await parkedIn(
    side,
    waiters,
    Array.from({ length: count }, () => request),
  );
  const after = await side.sample();
  const sentAt = Number(process.hrtime.bigint()) / 1e6;
  await call(side, `/v1/requests/${request}/votes`, voteBody('ana'));
  const answers = await collected(waiters);
  await side.stop();
  const lastAt = spread(answers.map(({ monotonicMs }) => monotonicMs)).most;
  return { bytes: after.rssBytes - before.rssBytes, allMs: lastAt - sentAt };
}

/** Node raises its own limit of open files to the hard one when it starts. */
function openFiles(): number {
  const report: unknown = process.report.getReport();
  const text = typeof report === 'string' ? report : JSON.stringify(report);
  const { userLimits }: { readonly userLimits?: { readonly open_files?: { readonly hard: number | string } } } =
    JSON.parse(text);
  const hard = Number(userLimits?.open_files?.hard);
  return Number.isNaN(hard) ? Number.MAX_SAFE_INTEGER : hard;
}
