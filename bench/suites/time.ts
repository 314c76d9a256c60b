/** bench/suites/time.ts: with a million pending: how soon it is ready, what a tick costs, how many expire a second. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type Figure, median, spread } from '../figures.ts';
import { type Running, start, startBot } from '../processes.ts';
import { type Deadlines, seed } from '../seed.ts';
import type { Ended } from '../serve.ts';
import { gates } from '../traffic.ts';
import type { Bench, Suite } from './suite.ts';

const HOUR_MS = 3_600_000;
/** Ticks come by `npm start`'s default this often. */
const TICK_MS = 5_000;
/** Never, as far as a measurement is concerned: ticks are then made by hand. */
const BY_HAND = { TICK_CRON: '0 0 1 1 *' };
const FEW = 10;
const MANY = 10_000;
/** Requests whose deadlines pass while real ticks go by, 50 ms apart. */
const TIMED: Omit<Deadlines, 'at'> = { stepMs: 50, count: 240 };

export const time: Suite = async (bench) => {
  const { effort, folder, say } = bench;
  const name = effort.pending.toLocaleString('en-US');
  const ours = join(folder, 'ours');
  say(`making ${name} pending requests`);
  const hour = (n: number): number => Date.now() + n * HOUR_MS;
  const rounds = Array.from({ length: effort.rounds + 1 }, (_, i) => ({ at: hour(2 + i), stepMs: 0, count: MANY }));
  const few = { at: hour(1), stepMs: 0, count: FEW };
  const least = { at: hour(3 + rounds.length), stepMs: 0, count: MANY };
  const timed = { ...TIMED, at: hour(2 + rounds.length) };
  const groups = await seed({ folder: ours, pending: effort.pending, deadlines: [few, ...rounds, timed, least] });
  const size = statSync(join(ours, 'countersign.db')).size / 2 ** 30;

  const figures: Figure[] = [];
  say('starts');
  figures.push(await readiness(bench, 'ready, with none pending', (i) => join(folder, `empty-${i}`)));
  figures.push(await readiness(bench, `ready, with ${name} pending`, () => ours));

  say('ticks');
  const bot = await startBot({ folder: ours, channel: 'none', gates: gates(), nodeArgs: bench.nodeArgs, env: BY_HAND });
  const tick = (at: number | null, times = 1) => bot.ask<readonly number[]>({ tick: { at, times } }, 'ticked', 120_000);
  await tick(null, 100);
  const idle = await tick(null, 500);
  const [few10 = Number.NaN] = await tick(few.at);
  const after = await bot.sample();
  const expired: number[] = [];
  const cpu: number[] = [];
  for (const [i, { at }] of rounds.entries()) {
    const before = await bot.sample();
    const [ms = Number.NaN] = await tick(at);
    const now = await bot.sample();
    if (i === 0) continue; // warms up
    expired.push((MANY / ms) * 1000);
    cpu.push((now.cpuMicros - before.cpuMicros) / MANY);
  }
  await bot.stop();

  say('lateness');
  const late = await lateness(ours, timed.at, groups[rounds.length + 1] ?? []);

  const ceiling = await start({ script: 'ceiling/expire', args: [join(ours, 'countersign.db')] });
  const raw = await ceiling.ask<{ readonly count: number; readonly ms: number }>({ expire: least.at }, 'expired');
  await ceiling.stop();
  const rawPerSecond = (raw.count / raw.ms) * 1000;

  const suite = 'time';
  const made = `of ${name} pending (${size.toFixed(1)} GiB)`;
  return [
    ...figures,
    {
      suite,
      what: 'tick, none due',
      value: median(idle),
      unit: 'ms',
      aim: { kind: 'atMost', value: 1 },
      note: `${made}, p99 ${quantile(idle, 0.99).toFixed(2)} ms`,
    },
    { suite, what: `tick, ${FEW} due`, value: few10, unit: 'ms', note: `${made}, the first that expire` },
    {
      suite,
      what: `tick, ${MANY.toLocaleString('en-US')} due: expiries`,
      ...spread(expired),
      unit: '/s',
      aim: { kind: 'atLeast', value: 20_000 },
      note: `${made}, ${median(cpu).toFixed(0)} µs CPU each`,
    },
    {
      suite,
      what: `tick, ${MANY.toLocaleString('en-US')} due: share of the ceiling`,
      ...spread(expired.map((perSecond) => perSecond / rawPerSecond)),
      unit: '×',
      note: `bare rows: ${rawPerSecond.toFixed(0)}/s`,
    },
    {
      suite,
      what: 'latest expiry',
      value: Math.max(...late),
      unit: 'ms',
      aim: { kind: 'atMost', value: TICK_MS },
      note: `of ${late.length}, with a tick each ${TICK_MS / 1000} s; median ${median(late).toFixed(0)} ms`,
    },
    {
      suite,
      what: `resident with ${name} pending`,
      value: after.rssBytes / 2 ** 20,
      unit: 'MiB',
      note: 'after idle ticks',
    },
  ];
};

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN;

/** From the process's start to its first 200 of /readyz. */
async function readiness({ effort }: Bench, what: string, folder: (start: number) => string): Promise<Figure> {
  const took: number[] = [];
  for (let i = 0; i < effort.starts; i++) {
    const began = performance.now();
    const bot = await startBot({ folder: folder(i), channel: 'none', gates: gates() });
    const { status } = await fetch(`${bot.url}/readyz`);
    took.push(performance.now() - began);
    await bot.stop();
    if (status !== 200) throw new Error(`/readyz answered ${status}`);
  }
  return { suite: 'time', what, ...spread(took), unit: 'ms', aim: { kind: 'atMost', value: 1_500 } };
}

/** How much later than its deadline each request was closed, with the bot's own ticks. */
async function lateness(folder: string, at: number, requests: readonly string[]): Promise<readonly number[]> {
  const bot: Running = await startBot({ folder, channel: 'none', gates: gates() });
  await bot.ask({ watch: true }, 'watching');
  await bot.ask({ tick: { at: at - 500, times: 1 } }, 'ticked');
  const wanted = new Map(requests.map((id, i) => [id, at + i * TIMED.stepMs]));
  const late: number[] = [];
  for (let waited = 0; late.length < wanted.size && waited < 40; waited++) {
    await pause(1_000);
    for (const { request, wallMs } of await bot.ask<readonly Ended[]>({ commits: true }, 'commits')) {
      const dueAt = wanted.get(request);
      if (dueAt !== undefined) late.push(wallMs - dueAt);
    }
  }
  await bot.stop();
  if (late.length < wanted.size) throw new Error(`${wanted.size - late.length} requests never expired`);
  return late;
}
