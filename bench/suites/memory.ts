/** bench/suites/memory.ts: resident memory with a thousand and with many pending, after they came and at rest. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Figure } from '../figures.ts';
import { startBot, startLoader } from '../processes.ts';
import { seed } from '../seed.ts';
import { gates, openBody } from '../traffic.ts';
import { measured, type Suite } from './suite.ts';

/** The last of them are opened through HTTP, as all of them were. */
const OPENED = 1_000;
const REST_MS = 3_000;

export const memory: Suite = async ({ effort, folder, nodeArgs, say }) => {
  const loader = await startLoader();
  const figures: Figure[] = [];
  try {
    for (const pending of [OPENED, effort.remembered]) {
      const name = pending.toLocaleString('en-US');
      say(`memory with ${name} pending`);
      const own = join(folder, String(pending));
      if (pending > OPENED) await seed({ folder: own, pending: pending - OPENED });
      const bot = await startBot({ folder: own, channel: 'hold', gates: gates(), nodeArgs });
      const started = await bot.sample();
      await measured(loader, bot, {
        call: 'open',
        body: openBody('deploy-prod'),
        remember: false,
        connections: 32,
        seconds: 60,
        count: OPENED,
      });
      const busy = await bot.sample();
      await pause(REST_MS);
      const rested = await bot.sample();
      await bot.stop();
      const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
      figures.push({
        suite: 'memory',
        what: `resident with ${name} pending`,
        value: Math.max(busy.rssBytes, rested.rssBytes) / 2 ** 20,
        unit: 'MiB',
        aim: { kind: 'atMost', value: pending === OPENED ? 150 : 170 },
        note: `${mib(started.rssBytes)} when ready, ${mib(busy.rssBytes)} after ${OPENED} opens, ${mib(rested.rssBytes)} at rest`,
      });
    }
    return figures;
  } finally {
    await loader.stop();
  }
};
