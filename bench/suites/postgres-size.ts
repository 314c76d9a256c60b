/**
 * bench/suites/postgres-size.ts: what a million pending and a million decided requests make of a tick, a list and
 * somebody's own inbox on PostgreSQL, against a store that has little more than a page of them.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startServer } from '../../test/fake/postgres.ts';
import { type Figure, median, spread } from '../figures.ts';
import { type Running, startBot } from '../processes.ts';
import { type Seeded, seedPostgres } from '../seed-postgres.ts';
import { gates, TOKEN } from '../traffic.ts';
import { databaseOn } from './postgres.ts';
import type { Suite } from './suite.ts';

/** A page of each list is full on both sides, so that both render the same. */
const SMALL = 1_000;
const BY_HAND = { TICK_CRON: '0 0 1 1 *' };
const DUE = 100;
const CALLS = 200;

const LISTS: readonly (readonly [what: string, path: string])[] = [
  ['list, newest', '/v1/requests?limit=50'],
  ['list, pending', '/v1/requests?status=pending&limit=50'],
  ['list, of one gate and pending', '/v1/requests?status=pending&gate=deploy-staging&limit=50'],
  ['list, my pending', '/v1/requests?status=pending&approver=ana&limit=50'],
];

interface Side {
  readonly bot: Running;
  readonly seeded: Seeded;
}

export const postgresSize: Suite = async ({ folder, nodeArgs, effort, say }) => {
  const server = await startServer();
  const sides: Side[] = [];
  const side = async (name: string, count: number): Promise<Side> => {
    const url = await databaseOn(server.url, name);
    const place = join(folder, name);
    const seeded = await seedPostgres({ folder: place, url, count, groups: effort.rounds + 1, groupSize: DUE });
    const bot = await startBot({
      folder: place,
      channel: 'none',
      gates: gates(),
      env: { DATABASE_URL: url, ...BY_HAND },
      nodeArgs,
    });
    const made = { bot, seeded };
    sides.push(made);
    return made;
  };
  try {
    const small = await side('small', SMALL);
    const began = performance.now();
    const name = effort.pending.toLocaleString('en-US');
    say(`making ${name} pending and ${name} decided requests`);
    const large = await side('large', effort.pending);
    say(`made within ${((performance.now() - began) / 1000).toFixed(0)} s`);
    const figures: Figure[] = [];
    const compare = async (what: string, took: (side: Side, round: number) => Promise<number>): Promise<void> => {
      for (const each of sides) await took(each, 0); // warms up
      const rounds: { readonly small: number; readonly large: number }[] = [];
      for (let round = 1; round <= effort.rounds; round++)
        rounds.push({ small: await took(small, round), large: await took(large, round) });
      const ms = (which: 'small' | 'large') => median(rounds.map((round) => round[which])).toFixed(2);
      figures.push({
        suite: 'postgres-size',
        what: `${what}: times a small store`,
        ...spread(rounds.map((round) => round.large / round.small)),
        unit: '×',
        aim: { kind: 'atMost', value: 1.5 },
        note: `${ms('large')} against ${ms('small')} ms, with ${name} pending and ${name} decided`,
      });
    };
    say('ticks');
    await compare('tick, none due', async ({ bot }) => median(await ticked(bot, CALLS)));
    await compare(`tick, ${DUE} due`, async ({ bot, seeded }, round) => {
      await seeded.expire(round);
      const [took = Number.NaN] = await ticked(bot, 1);
      return took;
    });
    for (const [what, path] of LISTS) {
      say(what);
      await compare(what, ({ bot }) => listed(bot, path));
    }
    return figures;
  } finally {
    await Promise.all(sides.map(({ bot }) => bot.stop()));
    await Promise.all(sides.map(({ seeded }) => seeded.close()));
    await server.remove();
  }
};

const ticked = (bot: Running, times: number): Promise<readonly number[]> =>
  bot.ask<readonly number[]>({ tick: { at: null, times } }, 'ticked', 120_000);

/** Milliseconds for one call, the median of many, one after another. */
async function listed(bot: Running, path: string): Promise<number> {
  const took: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const began = performance.now();
    const answer = await fetch(bot.url + path, { headers: { authorization: `Bearer ${TOKEN}` } });
    const text = await answer.text();
    took.push(performance.now() - began);
    const { requests }: { readonly requests?: readonly unknown[] } = JSON.parse(text);
    if (requests?.length !== 50) throw new Error(`${path}: ${answer.status} ${text.slice(0, 200)}`);
  }
  return median(took);
}
