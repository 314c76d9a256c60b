/**
 * bench/processes.ts: the processes that are measured and those that call them. Each is plain JavaScript on plain
 * Node, as in production: what is TypeScript here is stripped of its types first.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Job, Loaded } from './load.ts';
import type { Sample } from './probe.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Inside the checkout, so that packages are found from there. */
const BUILT = join(ROOT, 'node_modules/.cache/countersign-bench');
const SOURCES = [
  'probe',
  'serve',
  'load',
  'loader',
  'traffic',
  'waiter',
  'clicker',
  'presser',
  'slack',
  'teams',
  'world',
  'ceiling/batch',
  'ceiling/bolt',
  'ceiling/expire',
  'ceiling/group',
  'ceiling/parked',
  'ceiling/skeleton',
];

/** Writes the bench's own processes as JavaScript. */
export function buildProcesses(): void {
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  };
  mkdirSync(BUILT, { recursive: true });
  writeFileSync(join(BUILT, 'package.json'), '{"type":"module"}');
  for (const name of SOURCES) {
    const to = join(BUILT, `${name}.js`);
    mkdirSync(dirname(to), { recursive: true });
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, 'bench', `${name}.ts`), 'utf8'), {
      compilerOptions,
    });
    writeFileSync(to, outputText);
  }
}

export interface Running {
  /** Where it listens. */
  readonly url: string;
  readonly pid: number;
  sample(): Promise<Sample>;
  /** Sends a question and takes what it tells under `key`. @throws when it ends or says nothing for `withinMs` */
  ask<Told>(question: object, key: string, withinMs?: number): Promise<Told>;
  /** Asks it to end, and ends it by force when it does not. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

export interface Start {
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  /** Takes standard output and error. */
  readonly log?: string;
}

/** Starts one of SOURCES and resolves once it says where it listens. */
export async function start(what: Start): Promise<Running> {
  const child = forked(what);
  const url = await told<string>(child, 'ready', 60_000);
  return {
    url,
    pid: child.pid ?? 0,
    async sample() {
      const sample = told<Sample>(child, 'sample', 60_000);
      child.send('sample');
      return sample;
    },
    ask<Told>(question: object, key: string, withinMs = 60_000) {
      const answer = told<Told>(child, key, withinMs);
      child.send(question);
      return answer;
    },
    stop: () => ended(child),
  };
}

function forked({ script, args = [], env = {}, nodeArgs = [], log }: Start): ChildProcess {
  const out = log === undefined ? 'inherit' : openSync(log, 'a');
  const child = fork(join(BUILT, `${script}.js`), args, {
    env: { PATH: process.env.PATH, ...env },
    execArgv: ['--import', join(BUILT, 'probe.js'), ...nodeArgs],
    stdio: ['ignore', out, out, 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

function told<Told>(child: ChildProcess, key: string, withinMs: number): Promise<Told> {
  return new Promise((resolve, reject) => {
    const done = (act: () => void): void => {
      clearTimeout(timer);
      child.off('message', hear);
      child.off('exit', gone);
      act();
    };
    const hear = (message: Readonly<Record<string, Told>> & { readonly broken?: unknown }): void => {
      const value = message[key];
      if (value !== undefined) done(() => resolve(value));
      else if (message.broken !== undefined) done(() => reject(new Error(String(message.broken))));
    };
    const gone = (code: number | null): void =>
      done(() => reject(new Error(`process ${child.pid} ended with ${code} instead of telling "${key}"`)));
    const timer = setTimeout(() => done(() => reject(new Error(`no "${key}" within ${withinMs} ms`))), withinMs);
    child.on('message', hear);
    child.once('exit', gone);
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/** Whatever is left, on the way out. */
export const stopAll = async (): Promise<void> => void (await Promise.all([...running].map(ended)));

export interface Loader {
  run(job: Job): Promise<Loaded>;
  stop(): Promise<void>;
}

export async function startLoader(): Promise<Loader> {
  const child = forked({ script: 'loader' });
  await told<string>(child, 'ready', 20_000);
  return {
    async run(job) {
      const loaded = told<Loaded>(child, 'loaded', (job.seconds + 60) * 1000);
      child.send({ job });
      return loaded;
    },
    stop: () => ended(child),
  };
}

export interface BotPlace {
  /** Of the database, the config and the log. */
  readonly folder: string;
  /** `hold`: the channel keeps its first message for ever; `none`: no channel; else the address of a chat. */
  readonly channel: string;
  readonly gates: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}

/** The bot from `dist`, with the defaults of `npm start`: log level info, a tick every five seconds. */
export function startBot({ folder, channel, gates, env = {}, nodeArgs = [] }: BotPlace): Promise<Running> {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'countersign.yaml');
  writeFileSync(config, gates);
  return start({
    script: 'serve',
    args: [process.env.BENCH_ENTRY ?? join(ROOT, 'dist/bot/main.js'), channel],
    nodeArgs: ['--enable-source-maps', ...nodeArgs],
    log: join(folder, 'log'),
    env: {
      PORT: '0',
      DATABASE_URL: `sqlite:${join(folder, 'countersign.db')}`,
      COUNTERSIGN_CONFIG: config,
      COUNTERSIGN_SECRET: 'bench-secret-0123456789abcdef0123456789abcdef',
      CALLBACK_ALLOW: '127.0.0.1',
      ...env,
    },
  });
}
