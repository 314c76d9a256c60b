/** bench/suites/suite.ts: what every suite is given, and the alternation that makes ratios fair. */
import type { Effort } from '../effort.ts';
import { type Figure, spread } from '../figures.ts';
import type { Job, Loaded } from '../load.ts';
import type { Loader, Running } from '../processes.ts';
import { openBody, TOKEN } from '../traffic.ts';

export interface Bench {
  readonly effort: Effort;
  /** A folder of the suite's own; removed at the end. */
  readonly folder: string;
  /** Extra flags of Node for the bot, such as a profiler's. */
  readonly nodeArgs: readonly string[];
  readonly say: (line: string) => void;
}

export type Suite = (bench: Bench) => Promise<readonly Figure[]>;

export interface Cell {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly loaded: Loaded;
}

/** One measured run of the callers against one side. @throws when a call was not answered as it should be */
export async function measured(loader: Loader, side: Running, job: Omit<Job, 'url'>): Promise<Cell> {
  const before = await side.sample();
  const loaded = await loader.run({ ...job, url: side.url });
  const after = await side.sample();
  if (loaded.failed > 0 || loaded.answered === 0)
    throw new Error(`${loaded.failed} of ${loaded.answered + loaded.failed} calls failed: ${loaded.complaint}`);
  return {
    perSecond: loaded.answered / loaded.seconds,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / loaded.answered,
    loaded,
  };
}

/** Ratios of paired rounds: round by round, since the machine's mood changes between them. */
export function compared(
  suite: string,
  what: string,
  rounds: readonly { readonly ours: Cell; readonly ceiling: Cell }[],
  aims: { readonly rate?: number; readonly cpu?: number } = {},
): Figure[] {
  const rate = spread(rounds.map(({ ours, ceiling }) => ours.perSecond / ceiling.perSecond));
  const cpu = spread(rounds.map(({ ours, ceiling }) => ours.cpuMicros / ceiling.cpuMicros));
  const of = (side: 'ours' | 'ceiling', field: 'perSecond' | 'cpuMicros') =>
    Math.round(spread(rounds.map((r) => r[side][field])).value);
  const p99 = spread(rounds.map(({ ours }) => ours.loaded.p99Ms)).value.toFixed(0);
  return [
    {
      suite,
      what: `${what}: rate, share of the ceiling`,
      ...rate,
      unit: '×',
      note: `${of('ours', 'perSecond')} against ${of('ceiling', 'perSecond')} a second, p99 ${p99} ms`,
      ...(aims.rate !== undefined && { aim: { kind: 'atLeast', value: aims.rate } }),
    },
    {
      suite,
      what: `${what}: CPU, times the ceiling`,
      ...cpu,
      unit: '×',
      note: `${of('ours', 'cpuMicros')} against ${of('ceiling', 'cpuMicros')} µs`,
      ...(aims.cpu !== undefined && { aim: { kind: 'atMost', value: aims.cpu } }),
    },
  ];
}

/** One request at each of the gates of `clickGates`. */
export async function openAtEach(side: Running, gates: number): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const opens = Array.from({ length: gates }, async (_, i) => {
    const answer = await fetch(`${side.url}/v1/requests`, { method: 'POST', headers, body: openBody(`gate-${i}`) });
    const text = await answer.text();
    if (answer.status !== 201) throw new Error(`${answer.status} ${text.slice(0, 300)}`);
  });
  await Promise.all(opens);
}
