/** src/bot/gate-tests/suite.ts: files of gate tests, each read with its config, planned, played and compared. */
import type { Instant } from '../../engine/definition.ts';
import { type Config, ConfigError, type ConfigProblem, type Environ, loadConfig, pathText } from '../config/index.ts';
import { clockText, offsetText } from './moments.ts';
import { type Plan, plansOf } from './plan.ts';
import { configBeside, environOf, readTests, type TestFile } from './read.ts';
import { runTest } from './run.ts';
import { storyOf } from './story.ts';

export interface SuiteOptions {
  /** What every file is run against, whatever it says itself; null: each finds its own. */
  readonly config: string | null;
  /** For files that name none and have none of their name beside them; null: countersign.yaml. */
  readonly otherwise: string | null;
  readonly env: Environ;
  /** Only tests with this in their own, their gate's or their file's name, in whatever case. */
  readonly filter: string | null;
  /** Milliseconds since whenever, to say how long a test took. */
  readonly stopwatch: () => number;
  readonly signal: AbortSignal;
}

export interface MismatchResult {
  /** In the test's file, from 1. */
  readonly line: number;
  /** `tests[0].then.status`. */
  readonly path: string;
  readonly what: string;
  readonly expected: readonly string[];
  readonly got: readonly string[];
  readonly hint: string | null;
}

export interface StoryResult {
  /** "+1h" since the opening. */
  readonly offset: string;
  /** "Mon 2 Mar 2026 10:00 UTC" */
  readonly clock: string;
  readonly text: string;
}

export interface TestResult {
  readonly name: string;
  readonly gate: string;
  readonly line: number;
  readonly ms: number;
  readonly passed: boolean;
  readonly mismatches: readonly MismatchResult[];
  /** What happened; empty where it passed. */
  readonly story: readonly StoryResult[];
}

export interface FileResult {
  readonly file: string;
  readonly config: string | null;
  /** Why it could not be run; then it has no tests. */
  readonly problems: readonly ConfigProblem[];
  readonly tests: readonly TestResult[];
}

/** How long tests run before others (Ctrl-C among them) get their turn. */
const BREATH_MS = 50;

/** Each file's result as soon as it is there. @throws the signal's reason once it is aborted */
export async function* runSuite(files: readonly string[], options: SuiteOptions): AsyncGenerator<FileResult> {
  const configs = new Map<string, Config>();
  for (const path of files) yield await runFile(path, options, configs);
}

async function runFile(path: string, options: SuiteOptions, configs: Map<string, Config>): Promise<FileResult> {
  let config: string | null = null;
  try {
    const file = readTests(path);
    config = options.config ?? configBeside(file, options.otherwise);
    const plans = plansOf(file, configsFor(file, config, options.env, configs));
    return { file: path, config, problems: [], tests: await runPlans(plans, path, options) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file: path, config, problems: error.problems, tests: [] };
  }
}

/** Read once for each year that tests begin in. */
function configsFor(file: TestFile, path: string, env: Environ, configs: Map<string, Config>) {
  return (now: Instant): Config => {
    const year = new Date(now).getUTCFullYear();
    const key = JSON.stringify([path, year, file.shape.env ?? {}]);
    const config = configs.get(key) ?? loadConfig(path, environOf(file, env), Date.UTC(year, 0, 1));
    configs.set(key, config);
    return config;
  };
}

async function runPlans(plans: readonly Plan[], file: string, options: SuiteOptions): Promise<readonly TestResult[]> {
  const { filter, stopwatch, signal } = options;
  const wanted = filter?.toLowerCase() ?? '';
  const results: TestResult[] = [];
  let breath = stopwatch();
  for (const plan of plans) {
    if (![plan.name, plan.gate, file].some((text) => text.toLowerCase().includes(wanted))) continue;
    const began = stopwatch();
    if (began - breath > BREATH_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      breath = began;
    }
    signal.throwIfAborted();
    const result = resultOf(plan);
    results.push({ ...result, ms: stopwatch() - began });
  }
  return results;
}

/** Of one test, but for the time it took. */
export function resultOf(plan: Plan): Omit<TestResult, 'ms'> {
  const { mismatches, moments } = runTest(plan);
  const { from } = plan.scene;
  const passed = mismatches.length === 0;
  return {
    name: plan.name,
    gate: plan.gate,
    line: plan.lineOf(plan.path),
    passed,
    mismatches: mismatches.map(({ path, ...rest }) => ({ line: plan.lineOf(path), path: pathText(path), ...rest })),
    story: passed
      ? []
      : storyOf(plan, moments).map(({ at, text }) => ({ offset: offsetText(at, from), clock: clockText(at), text })),
  };
}
