/**
 * test/e2e/crash.test.ts: what was acknowledged survives kill -9. A process that works a store with many loops at once
 * is killed at random moments, 200 times, at its start as well as under load; after every few restarts each
 * acknowledged fact must be there again and the audit must be whole. `CRASH_SEED` repeats the moments of a run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Checkpoint } from '../../src/store/port.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { fold, NOON, signer } from '../contract/requests.ts';

const LANES = 2;
const FILES = 5;
const KILLS_PER_FILE = 20;
const KILLS_PER_CHECK = 5;

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let compiled: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-crash-'));
  // Compiled once: a loader would cost each of the 200 starts half a second.
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  compiled = mkdtempSync(join(root, 'node_modules/.cache/crash-'));
  writeFileSync(join(compiled, 'package.json'), '{ "type": "module" }');
  const store = readdirSync(join(root, 'src/store'), { recursive: true, encoding: 'utf8' });
  const sources = store.filter((name) => name.endsWith('.ts')).map((name) => join('src/store', name));
  for (const source of [...sources, 'test/contract/requests.ts', 'test/e2e/crash-worker.ts']) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, source), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    const target = join(compiled, source.replace(/ts$/, 'js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(compiled, { recursive: true, force: true });
});

/** https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Everything the killed processes were promised about one file. */
class Promised {
  facts = 0;
  readonly versions = new Map<string, number>();
  readonly statuses = new Map<string, string>();
  readonly sent = new Map<string, string>();
  checkpoint: Checkpoint | null = null;

  /** A line that was cut by the kill is no promise. */
  take(output: string): void {
    for (const line of output.split('\n').slice(0, -1)) {
      const [fact, id = '', what = ''] = line.split(' ');
      this.facts += 1;
      if (fact === 'opened') this.versions.set(id, 1);
      else if (fact === 'version') this.versions.set(id, Number(what));
      else if (fact === 'status') this.statuses.set(id, what);
      else if (fact === 'sent') this.sent.set(id, what);
      else if (fact === 'checkpoint') this.checkpoint = JSON.parse(id);
    }
  }

  async check(file: string): Promise<void> {
    const store = await openSqlite({ file, signer, fold, clock: () => NOON });
    try {
      for (const [id, version] of this.versions) {
        const state = await store.load(id);
        expect(state?.version, `${id} lost a version`).toBeGreaterThanOrEqual(version);
        if (this.statuses.has(id)) expect(state?.status, id).toBe(this.statuses.get(id));
        const again = { pipeline: 'ci', key: id, bodyDigest: id };
        const reopened = await store.open({
          id: 'req_again',
          at: NOON,
          idempotency: again,
          decide: () => ({ kind: 'none', answer: 'forgotten' }),
          supersedes: null,
        });
        expect(reopened.kind, `the idempotency key of ${id}`).toBe('replayed');
      }
      for (const [id, request] of this.sent) {
        const deliveries = await store.deliveries({ request, limit: 10 });
        expect(deliveries.find((delivery) => delivery.id === id)?.state, id).toBe('sent');
      }
      const since = this.checkpoint;
      expect((await store.verify({ fold, ...(since && { since }) })).faults).toEqual([]);
    } finally {
      await store.close();
    }
    const shell = new Sqlite(file, { readonly: true });
    expect(shell.pragma('integrity_check', { simple: true })).toBe('ok');
    const tally = shell.prepare('select pending, queued, sent from tallies').get();
    const count = `select (select count(*) from requests where status = 'pending') as pending,
      (select count(*) from deliveries where state = 'queued') as queued,
      (select count(*) from deliveries where state = 'sent') as sent`;
    expect(tally).toEqual(shell.prepare(count).get());
    shell.close();
  }
}

/** Starts a worker and kills it: during its start, or up to 150 ms into its work. */
async function runAndKill(file: string, run: string, draw: () => number): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, [join(compiled, 'test/e2e/crash-worker.js'), file, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const closed = once(child, 'close');
  if (draw() < 0.85 && child.stdout !== null) {
    await once(child.stdout, 'data');
    await sleep(draw() * 150);
  } else await sleep(draw() * 300);
  child.kill('SIGKILL');
  const [, signal] = await closed;
  expect(signal).toBe('SIGKILL');
  return output;
}

it('finds every acknowledged fact after each of 200 kills', { timeout: 300_000 }, async () => {
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 2 ** 31);
  let kills = 0;
  let facts = 0;
  const lane = async (number: number): Promise<void> => {
    const draw = random(seed + number);
    for (let index = 0; index < FILES; index++) {
      const file = join(folder, `${number}-${index}.db`);
      const promised = new Promised();
      for (let kill = 1; kill <= KILLS_PER_FILE; kill++) {
        promised.take(await runAndKill(file, `${number}${index}${String(kill).padStart(2, '0')}`, draw));
        kills += 1;
        if (kill % KILLS_PER_CHECK === 0) await promised.check(file);
      }
      facts += promised.facts;
      for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(file + suffix, { force: true });
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  } finally {
    console.log(`CRASH_SEED=${seed}: ${kills} kills, ${facts} acknowledged facts`);
  }
  expect(kills).toBeGreaterThanOrEqual(200);
  expect(facts).toBeGreaterThan(kills);
});
