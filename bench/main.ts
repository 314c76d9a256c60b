/**
 * bench/main.ts: `npm run bench`: runs the suites, prints each figure beside its aim, and never fails because of one.
 *
 *   npm run bench -- [--quick] [--only opens,votes] [--json FILE] [--profile FOLDER]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FULL, QUICK } from './effort.ts';
import { type Figure, isReached, table } from './figures.ts';
import { buildProcesses, stopAll } from './processes.ts';
import { approvals } from './suites/approvals.ts';
import { clicks } from './suites/clicks.ts';
import { invokes } from './suites/invokes.ts';
import { memory } from './suites/memory.ts';
import { opens, votes } from './suites/opens.ts';
import { postgres } from './suites/postgres.ts';
import { postgresSize } from './suites/postgres-size.ts';
import type { Suite } from './suites/suite.ts';
import { time } from './suites/time.ts';
import { waits } from './suites/waits.ts';

const SUITES: Readonly<Record<string, Suite>> = {
  opens,
  votes,
  clicks,
  invokes,
  approvals,
  waits,
  memory,
  time,
  postgres,
  'postgres-size': postgresSize,
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'string' },
    profile: { type: 'string' },
  },
});
const wanted = values.only?.split(',') ?? Object.keys(SUITES);
const unknown = wanted.filter((name) => SUITES[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}; there are ${Object.keys(SUITES).join(', ')}.`);
  process.exit(2);
}

const machine = {
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()} ${arch()}`,
  node: process.version,
};
const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const began = Date.now();
let isInterrupted = false;
const clear = async (): Promise<void> => {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    isInterrupted = true;
    void clear().then(() => process.exit(130));
  });

const figures: Figure[] = [];
const broken: { readonly suite: string; readonly why: string }[] = [];
try {
  buildProcesses();
  const profile = values.profile === undefined ? null : resolve(values.profile);
  for (const name of wanted) {
    const suite = SUITES[name];
    if (suite === undefined || isInterrupted) continue;
    const own = join(folder, name);
    mkdirSync(own);
    try {
      figures.push(
        ...(await suite({
          effort: values.quick ? QUICK : FULL,
          folder: own,
          nodeArgs: profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profile, name)}`],
          say: (line) => console.error(`… ${line}`),
        })),
      );
    } catch (error) {
      broken.push({ suite: name, why: error instanceof Error ? error.message : String(error) });
    }
    await stopAll();
    rmSync(own, { recursive: true, force: true });
  }
} finally {
  await clear();
}

console.log(`${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}\n`);
console.log(table(figures));
for (const { suite, why } of broken) console.log(`\n${suite} could not be measured: ${why}`);
console.log(`\n${Math.round((Date.now() - began) / 1000)} s. Figures are medians (least–most) of alternating rounds.`);
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine, at: new Date(began).toISOString(), figures: figures.map((figure) => ({ ...figure, reached: isReached(figure) })), broken }, null, 2)}\n`,
  );
