/** bench/suites/postgres.ts: durable opens through HTTP on PostgreSQL, with one and two replicas, against ceiling/batch.ts. */
import { join } from 'node:path';
import pg from 'pg';
import { startServer } from '../../test/fake/postgres.ts';
import { WARM_UP_SECONDS } from '../effort.ts';
import { type Figure, spread } from '../figures.ts';
import { type Loader, type Running, start, startBot, startLoader } from '../processes.ts';
import { gates, openBody } from '../traffic.ts';
import { type Cell, compared, measured, type Suite } from './suite.ts';

const OPEN = { call: 'open', body: openBody('deploy-prod'), remember: false } as const;
const ENOUGH = 1_000_000;

export const postgres: Suite = async ({ folder, nodeArgs, effort, say }) => {
  const server = await startServer();
  const running: { stop(): Promise<void> }[] = [];
  const keep = async <Kept extends { stop(): Promise<void> }>(starting: Promise<Kept>): Promise<Kept> => {
    const kept = await starting;
    running.push(kept);
    return kept;
  };
  try {
    const [ours, bare] = [await databaseOn(server.url, 'ours'), await databaseOn(server.url, 'bare')];
    const replica = (name: string): Promise<Running> => {
      const env = { DATABASE_URL: ours };
      return keep(startBot({ folder: join(folder, name), channel: 'hold', gates: gates(), env, nodeArgs }));
    };
    const first = await replica('first');
    const ceiling = await keep(start({ script: 'ceiling/batch', args: [bare] }));
    const loaders: [Loader, Loader] = [await keep(startLoader()), await keep(startLoader())];
    for (const side of [first, ceiling])
      await measured(loaders[0], side, {
        ...OPEN,
        connections: 32,
        seconds: WARM_UP_SECONDS,
        count: effort.warmUpCalls,
      });
    const figures: Figure[] = [];
    for (const connections of effort.connections) {
      say(`opens on PostgreSQL at ${connections} connections`);
      const job = { ...OPEN, connections, seconds: effort.seconds, count: ENOUGH };
      const rounds: { ours: Cell; ceiling: Cell }[] = [];
      for (let round = 0; round < effort.rounds; round++)
        rounds.push({
          ours: await measured(loaders[0], first, job),
          ceiling: await measured(loaders[0], ceiling, job),
        });
      figures.push(
        ...compared('postgres', `opens, ${connections} connections`, rounds, connections === 32 ? { rate: 0.6 } : {}),
      );
    }
    say('opens through two replicas on one PostgreSQL');
    const second = await replica('second');
    const warmUp = { ...OPEN, connections: 32, seconds: WARM_UP_SECONDS, count: effort.warmUpCalls };
    await measured(loaders[1], second, warmUp);
    const shares: number[] = [];
    for (let round = 0; round < effort.rounds; round++) {
      const job = { ...OPEN, seconds: effort.seconds, count: ENOUGH };
      const alone = await measured(loaders[0], first, { ...job, connections: 32 });
      const both = await Promise.all([
        measured(loaders[0], first, { ...job, connections: 16 }),
        measured(loaders[1], second, { ...job, connections: 16 }),
      ]);
      shares.push((both[0].perSecond + both[1].perSecond) / alone.perSecond);
    }
    figures.push({
      suite: 'postgres',
      what: 'opens, 32 connections: two replicas, share of one',
      ...spread(shares),
      unit: '×',
      aim: { kind: 'atLeast', value: 0.9 },
      note: 'callers, both replicas and the server share this machine',
    });
    return figures;
  } finally {
    await Promise.all(running.map((each) => each.stop()));
    await server.remove();
  }
};

export async function databaseOn(server: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
