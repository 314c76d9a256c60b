/** bench/suites/clicks.ts: how soon a click in Slack is acknowledged, which is after its commit, and Bolt's share of it. */
import { join } from 'node:path';
import type { Clicked } from '../clicker.ts';
import { type Figure, spread } from '../figures.ts';
import { type Running, start, startBot } from '../processes.ts';
import type { Posted } from '../slack.ts';
import { CLICK_SECRET, clickGates } from '../traffic.ts';
import { openAtEach, type Suite } from './suite.ts';

/** One message a second goes into a channel, so each request has a channel of its own. */
const CHANNELS = 200;
const PEOPLE = ['U0ANA', 'U0BEN', 'U0CY'];
const WAIT_MS = 60_000;

interface Round {
  readonly clicked: Clicked;
  readonly cpuMicros: number;
}

export const clicks: Suite = async ({ effort, folder, nodeArgs, say }) => {
  const slack = await start({ script: 'slack' });
  const ours = await startBot({
    folder: join(folder, 'ours'),
    channel: 'none',
    gates: clickGates(
      CHANNELS,
      PEOPLE.map((id) => `slack: ${id}`),
      (i) => `slack: C0BENCH${i}`,
    ),
    env: {
      SLACK_BOT_TOKEN: 'xoxb-bench-0123456789',
      SLACK_SIGNING_SECRET: CLICK_SECRET,
      SLACK_API_URL: `${slack.url}/api/`,
    },
    nodeArgs,
  });
  const bolt = await start({ script: 'ceiling/bolt' });
  const clicker = await start({ script: 'clicker' });
  try {
    const figures: Figure[] = [];
    // V8 goes on compiling for the first thousands of calls.
    for (let calls = 0; calls < effort.warmUpCalls / 8; calls += CHANNELS * PEOPLE.length) {
      await round(ours, clicker, await shown(ours, slack), 32);
      await round(bolt, clicker, madeUp(), 32);
    }
    for (const connections of [1, 32]) {
      say(`clicks, ${connections} at once`);
      const rounds: { ours: Round; bolt: Round }[] = [];
      for (let i = 0; i < effort.rounds; i++) {
        const messages = await shown(ours, slack);
        rounds.push({
          ours: await round(ours, clicker, messages, connections),
          bolt: await round(bolt, clicker, madeUp(), connections),
        });
      }
      figures.push(...figuresOf(`${connections} at once`, rounds));
    }
    return figures;
  } finally {
    await Promise.all([ours, bolt, clicker, slack].map((side) => side.stop()));
  }
};

/** Opens one request for each channel and waits until each is posted. */
async function shown(ours: Running, slack: Running): Promise<readonly Posted[]> {
  const posted = slack.ask<readonly Posted[]>({ posted: CHANNELS }, 'posted', WAIT_MS);
  await openAtEach(ours, CHANNELS);
  return posted;
}

/** Bolt by itself looks nothing up. */
const madeUp = (): readonly Posted[] =>
  Array.from({ length: CHANNELS }, (_, i) => ({
    channel: `C0BENCH${i}`,
    ts: `1700000000.${String(i).padStart(6, '0')}`,
    button: { action_id: 'countersign.bench', block_id: 'bench', value: `vote|req_${'0'.repeat(32)}|1|approve|` },
  }));

async function round(side: Running, clicker: Running, on: readonly Posted[], connections: number): Promise<Round> {
  const before = await side.sample();
  const click = { url: side.url, on, by: PEOPLE, connections };
  const clicked = await clicker.ask<Clicked>({ click }, 'clicked', WAIT_MS);
  const after = await side.sample();
  if (clicked.failed > 0) throw new Error(`${clicked.failed} clicks failed: ${clicked.complaint}`);
  return { clicked, cpuMicros: (after.cpuMicros - before.cpuMicros) / clicked.latenciesMs.length };
}

function figuresOf(what: string, rounds: readonly { readonly ours: Round; readonly bolt: Round }[]): Figure[] {
  const at = (side: 'ours' | 'bolt', share: number) =>
    spread(
      rounds.map((each) => {
        const { latenciesMs } = each[side].clicked;
        return latenciesMs[Math.floor((latenciesMs.length - 1) * share)] ?? Number.NaN;
      }),
    );
  const cpu = (side: 'ours' | 'bolt') => spread(rounds.map((each) => each[side].cpuMicros)).value;
  const note = (share: number) => `${at('bolt', share).value.toFixed(1)} ms by Bolt alone, which decides nothing`;
  return [
    { suite: 'clicks', what: `${what}: click → ack, median`, ...at('ours', 0.5), unit: 'ms', note: note(0.5) },
    {
      suite: 'clicks',
      what: `${what}: click → ack, p99`,
      ...at('ours', 0.99),
      unit: 'ms',
      aim: { kind: 'atMost', value: 50 },
      note: note(0.99),
    },
    {
      suite: 'clicks',
      what: `${what}: Bolt’s share of the CPU`,
      ...spread(rounds.map((each) => each.bolt.cpuMicros / each.ours.cpuMicros)),
      unit: '×',
      note: `${Math.round(cpu('bolt'))} of ${Math.round(cpu('ours'))} µs a click, surfaces brought up to date included`,
    },
  ];
}
