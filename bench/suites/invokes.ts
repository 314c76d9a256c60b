/** bench/suites/invokes.ts: how soon a click in Teams is answered, which is after its commit. */
import { join } from 'node:path';
import { type Figure, spread } from '../figures.ts';
import { start, startBot } from '../processes.ts';
import { clickGates, TEAMS } from '../traffic.ts';
import { openAtEach, type Suite } from './suite.ts';

/** A conversation gets one card a second, so each request has a channel of its own. */
const CHANNELS = 100;
const WAIT_MS = 60_000;

interface Pressed {
  /** In ascending order. */
  readonly latenciesMs: readonly number[];
  readonly complaint: string | null;
}

export const invokes: Suite = async ({ effort, folder, nodeArgs, say }) => {
  const teams = await start({ script: 'teams' });
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
  const pressed = async (connections: number): Promise<readonly number[]> => {
    const cards = teams.ask<number>({ cards: CHANNELS }, 'cards', WAIT_MS);
    await openAtEach(ours, CHANNELS);
    await cards;
    const press = { url: ours.url, connections };
    const { latenciesMs, complaint } = await teams.ask<Pressed>({ press }, 'pressed', WAIT_MS);
    if (complaint !== null) throw new Error(complaint);
    return latenciesMs;
  };
  try {
    await teams.ask({ greet: { url: ours.url } }, 'greeted'); // says where it answers
    const figures: Figure[] = [];
    // V8 goes on compiling for the first thousands of calls.
    for (let calls = 0; calls < effort.warmUpCalls / 8; calls += CHANNELS * TEAMS.people.length) await pressed(32);
    for (const connections of [1, 32]) {
      say(`clicks in Teams, ${connections} at once`);
      const rounds: (readonly number[])[] = [];
      for (let i = 0; i < effort.rounds; i++) rounds.push(await pressed(connections));
      const at = (share: number) =>
        spread(rounds.map((times) => times[Math.floor((times.length - 1) * share)] ?? Number.NaN));
      const what = `${connections} at once: invoke → answer`;
      figures.push({ suite: 'invokes', what: `${what}, median`, ...at(0.5), unit: 'ms' });
      figures.push({
        suite: 'invokes',
        what: `${what}, p99`,
        ...at(0.99),
        unit: 'ms',
        aim: { kind: 'atMost', value: 80 },
        note: `of ${CHANNELS * TEAMS.people.length} clicks a round`,
      });
    }
    return figures;
  } finally {
    await Promise.all([ours, teams].map((side) => side.stop()));
  }
};
