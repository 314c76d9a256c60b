/**
 * bench/suites/invokes.ts: how soon a click in Teams is answered, which is after its commit, and what it costs. Once
 * more over connections that are all new: Node takes in one of them in each turn of its loop, so the last ones wait.
 */
import { join } from 'node:path';
import { type Figure, spread } from '../figures.ts';
import type { Pressed } from '../presser.ts';
import { start, startBot } from '../processes.ts';
import type { Posted } from '../teams.ts';
import { clickGates, TEAMS } from '../traffic.ts';
import { openAtEach, type Suite } from './suite.ts';

/** A conversation gets one card a second, so each request has a channel of its own. */
const CHANNELS = 100;
const WAIT_MS = 60_000;

interface Round {
  readonly latenciesMs: readonly number[];
  /** Of the bot, for each click. */
  readonly cpuMicros: number;
}

export const invokes: Suite = async ({ effort, folder, nodeArgs, say }) => {
  const teams = await start({ script: 'teams' });
  const presser = await start({ script: 'presser' });
  const endpoints = {
    login: `${teams.url}/login`,
    scope: 'https://api.botframework.com',
    issuer: 'https://api.botframework.com',
    openIdMetadata: `${teams.url}/openid`,
  };
  const ours = await startBot({
    folder: join(folder, 'ours'),
    channel: 'none',
    gates: clickGates(
      CHANNELS,
      TEAMS.people.map((id) => `teams: ${id}`),
      (i) => `teams: "19:bench-${i}@thread.tacv2"`,
      `teams: { serviceOrigins: ["${teams.url}"], endpoints: ${JSON.stringify(endpoints)} }\n`,
    ),
    env: { TEAMS_APP_ID: TEAMS.bot, TEAMS_TENANT_ID: TEAMS.tenant, TEAMS_APP_PASSWORD: 'bench-password' },
    nodeArgs,
  });
  const pressed = async (connections: number, areOpen = true): Promise<Round> => {
    const posted = teams.ask<Posted>({ cards: CHANNELS }, 'cards', WAIT_MS);
    await openAtEach(ours, CHANNELS);
    const press = { url: ours.url, connections, areOpen, ...(await posted) };
    const before = await ours.sample();
    const { latenciesMs, complaint } = await presser.ask<Pressed>({ press }, 'pressed', WAIT_MS);
    const after = await ours.sample();
    if (complaint !== null) throw new Error(complaint);
    return { latenciesMs, cpuMicros: (after.cpuMicros - before.cpuMicros) / latenciesMs.length };
  };
  try {
    await teams.ask({ greet: { url: ours.url } }, 'greeted'); // says where it answers
    const figures: Figure[] = [];
    // V8 goes on compiling for the first thousands of calls.
    for (let calls = 0; calls < effort.warmUpCalls / 8; calls += CHANNELS * TEAMS.people.length) await pressed(32);
    for (const connections of [1, 32]) {
      say(`clicks in Teams, ${connections} at once`);
      const rounds: Round[] = [];
      // The p99 of a round is four clicks: a full garbage collection in it is all that one round would show.
      const times = connections === 1 ? effort.rounds : Math.max(3, effort.rounds);
      for (let i = 0; i < times; i++) rounds.push(await pressed(connections));
      const what = `${connections} at once: invoke → answer`;
      const cpu = Math.round(spread(rounds.map(({ cpuMicros }) => cpuMicros)).value);
      figures.push({
        suite: 'invokes',
        what: `${what}, median`,
        ...at(rounds, 0.5),
        unit: 'ms',
        note: `${cpu} µs of CPU a click, cards brought up to date included`,
      });
      figures.push({
        suite: 'invokes',
        what: `${what}, p99`,
        ...at(rounds, 0.99),
        unit: 'ms',
        aim: { kind: 'atMost', value: 80 },
        note: `of ${CHANNELS * TEAMS.people.length} clicks a round`,
      });
    }
    const strangers: Round[] = [];
    for (let i = 0; i < effort.rounds; i++) strangers.push(await pressed(32, false));
    const what = '32 at once over new connections: invoke → answer, p99';
    figures.push({ suite: 'invokes', what, ...at(strangers, 0.99), unit: 'ms' });
    return figures;
  } finally {
    await Promise.all([ours, presser, teams].map((side) => side.stop()));
  }
};

const at = (rounds: readonly Round[], share: number) =>
  spread(rounds.map(({ latenciesMs: times }) => times[Math.floor((times.length - 1) * share)] ?? Number.NaN));
