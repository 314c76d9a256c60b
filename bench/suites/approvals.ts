/** bench/suites/approvals.ts: whole approvals (open, message, vote, callback, message update) against ceiling/skeleton.ts. */
import { join } from 'node:path';
import { type Figure, spread } from '../figures.ts';
import { type Running, start, startBot } from '../processes.ts';
import { laneGates } from '../traffic.ts';
import type { Approvals, Approved } from '../world.ts';
import type { Suite } from './suite.ts';

interface Cell extends Approved {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

interface Round {
  readonly ours: Cell;
  readonly ceiling: Cell;
}

const LANES = 32;
const ENOUGH = 1_000_000;

async function measured(world: Running, side: Running, job: Omit<Approvals, 'url'>): Promise<Cell> {
  const before = await side.sample();
  const question = { approvals: { ...job, url: side.url } };
  const approved = await world.ask<Approved>(question, 'approved', (job.seconds + 60) * 1000);
  const after = await side.sample();
  return {
    ...approved,
    perSecond: approved.approved / approved.seconds,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / approved.approved,
  };
}

export const approvals: Suite = async ({ effort, folder, nodeArgs, say }) => {
  const world = await start({ script: 'world' });
  const origins = await world.ask<readonly string[]>({ callbacks: LANES }, 'origins');
  const ours = await startBot({
    folder: join(folder, 'ours'),
    channel: world.url,
    gates: laneGates(origins),
    nodeArgs,
  });
  const ceiling = await start({ script: 'ceiling/skeleton', args: [join(folder, 'skeleton.db'), world.url] });
  try {
    for (const side of [ours, ceiling])
      await measured(world, side, { atOnce: 32, lanes: LANES, seconds: 6, count: effort.warmUpCalls / 2 });
    const figures: Figure[] = [];
    for (const atOnce of effort.atOnce)
      for (const lanes of atOnce === 1 ? [1] : [LANES, 1]) {
        const what = `${atOnce} at once${atOnce === 1 ? '' : lanes === 1 ? ', one channel and endpoint' : `, ${lanes} channels and endpoints`}`;
        say(`whole approvals, ${what}`);
        const job = { atOnce, lanes, seconds: effort.seconds, count: ENOUGH };
        const rounds: Round[] = [];
        for (let round = 0; round < effort.rounds; round++)
          rounds.push({ ours: await measured(world, ours, job), ceiling: await measured(world, ceiling, job) });
        figures.push(...compared(what, rounds, atOnce));
      }
    return figures;
  } finally {
    await Promise.all([ours.stop(), ceiling.stop(), world.stop()]);
  }
};

function compared(what: string, rounds: readonly Round[], atOnce: number): Figure[] {
  const ratio = (field: 'perSecond' | 'cpuMicros' | 'p50Ms' | 'p99Ms') =>
    spread(rounds.map(({ ours, ceiling }) => ours[field] / ceiling[field]));
  const against = (field: 'perSecond' | 'cpuMicros' | 'p50Ms' | 'p99Ms', digits: number): string => {
    const [ours, ceiling] = (['ours', 'ceiling'] as const).map((side) =>
      spread(rounds.map((round) => round[side][field])).value.toFixed(digits),
    );
    return `${ours} against ${ceiling}`;
  };
  const suite = 'approvals';
  return [
    {
      suite,
      what: `${what}: rate, share of the ceiling`,
      ...ratio('perSecond'),
      unit: '×',
      note: `${against('perSecond', 0)} a second`,
      ...(atOnce > 1 && { aim: { kind: 'atLeast', value: 0.5 } }),
    },
    {
      suite,
      what: `${what}: CPU, times the ceiling`,
      ...ratio('cpuMicros'),
      unit: '×',
      note: `${against('cpuMicros', 0)} µs`,
      ...(atOnce > 1 && { aim: { kind: 'atMost', value: 2 } }),
    },
    {
      suite,
      what: `${what}: time from open to callback, times the ceiling`,
      ...ratio('p50Ms'),
      unit: '×',
      note: `median ${against('p50Ms', 1)} ms, p99 ${against('p99Ms', 0)} ms`,
      ...(atOnce === 1 && { aim: { kind: 'atMost', value: 2 } }),
    },
  ];
}
