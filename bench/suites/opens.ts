/** bench/suites/opens.ts: durable opens and votes through HTTP, against ceiling/group.ts. */
import { join } from 'node:path';
import { WARM_UP_SECONDS } from '../effort.ts';
import type { Figure } from '../figures.ts';
import { type Loader, type Running, start, startBot, startLoader } from '../processes.ts';
import { gates, openBody, voteBody } from '../traffic.ts';
import { type Cell, compared, measured, type Suite } from './suite.ts';

interface Sides {
  readonly ours: Running;
  readonly ceiling: Running;
  readonly loader: Loader;
}

const OPEN = { call: 'open', body: openBody('deploy-prod'), remember: false } as const;
const ENOUGH = 1_000_000;

/** The channel holds its first message, so that the outbox only fills, as the ceiling's does. */
async function withSides<Result>(
  { folder, nodeArgs }: { readonly folder: string; readonly nodeArgs: readonly string[] },
  use: (sides: Sides) => Promise<Result>,
): Promise<Result> {
  const ours = await startBot({ folder: join(folder, 'ours'), channel: 'hold', gates: gates(), nodeArgs });
  const ceiling = await start({ script: 'ceiling/group', args: [join(folder, 'group.db')] });
  const loader = await startLoader();
  try {
    return await use({ ours, ceiling, loader });
  } finally {
    await Promise.all([ours.stop(), ceiling.stop(), loader.stop()]);
  }
}

export const opens: Suite = (bench) =>
  withSides(bench, async ({ ours, ceiling, loader }) => {
    const { effort, say } = bench;
    for (const side of [ours, ceiling])
      await measured(loader, side, { ...OPEN, connections: 32, seconds: WARM_UP_SECONDS, count: effort.warmUpCalls });
    const figures: Figure[] = [];
    for (const connections of effort.connections) {
      say(`opens at ${connections} connections`);
      const job = { ...OPEN, connections, seconds: effort.seconds, count: ENOUGH };
      const rounds: { ours: Cell; ceiling: Cell }[] = [];
      for (let round = 0; round < effort.rounds; round++)
        rounds.push({ ours: await measured(loader, ours, job), ceiling: await measured(loader, ceiling, job) });
      const aims = connections === 32 ? { rate: 0.7, cpu: 1.4 } : {};
      figures.push(...compared('opens', `${connections} connections`, rounds, aims));
    }
    return figures;
  });

/** Each vote is the first of two that its request needs: one event and the request's row on both sides. */
export const votes: Suite = (bench) =>
  withSides(bench, async ({ ours, ceiling, loader }) => {
    const { effort, say } = bench;
    const voted = async (side: Running, connections: number, count: number): Promise<Cell> => {
      await measured(loader, side, { ...OPEN, connections: 32, seconds: WARM_UP_SECONDS * 2, count, remember: true });
      const vote = { call: 'vote', body: voteBody('ana'), remember: false } as const;
      return measured(loader, side, { ...vote, connections, seconds: effort.seconds, count });
    };
    for (const side of [ours, ceiling]) await voted(side, 32, effort.warmUpCalls / 2);
    const figures: Figure[] = [];
    for (const connections of effort.connections) {
      say(`votes at ${connections} connections`);
      const count = connections === 1 ? 1_000 : 4_000;
      const rounds: { ours: Cell; ceiling: Cell }[] = [];
      for (let round = 0; round < effort.rounds; round++)
        rounds.push({ ours: await voted(ours, connections, count), ceiling: await voted(ceiling, connections, count) });
      figures.push(...compared('votes', `${connections} connections`, rounds));
    }
    return figures;
  });
