/** src/bot/gate-tests/plan.ts: a test with its config at hand: what is played, and what is looked for in it. */
import type { Instant } from '../../engine/definition.ts';
import { type Config, ConfigError, type ConfigProblem, type Path, type Report } from '../config/index.ts';
import type { Routes } from '../outgoing.ts';
import type { Scene } from '../rehearsal/play.ts';
import { type Expectation, expectationOf } from './expect.ts';
import { castOf, openingOf } from './given.ts';
import { instantOf } from './moments.ts';
import type { TestFile } from './read.ts';
import type { FileShape, TestShape } from './shape.ts';
import { courseOf, type Step } from './steps.ts';

/** When a test begins that does not say: a Monday morning. */
const MONDAY: Instant = Date.UTC(2026, 2, 2, 9);
/** Every kind of place counts as reachable: a test is about whom the gate tells, not about what is set up here. */
const KINDS = new Set(['slack', 'teams', 'email']);

/** Of one file, the first that are said. */
const MAX_PROBLEMS = 100;

export interface Plan {
  readonly name: string;
  readonly gate: string;
  readonly path: Path;
  readonly scene: Scene;
  readonly steps: readonly Step[];
  /** Of what is so at the end. */
  readonly expected: Expectation | null;
  /** The line in the test's file of what stands at a path, from 1. */
  readonly lineOf: (path: Path) => number;
}

/**
 * The tests of a file.
 * @param configFor the config as it is when a test begins: public holidays depend on the year
 * @throws ConfigError with every problem of the file at once
 */
export function plansOf(file: TestFile, configFor: (now: Instant) => Config): readonly Plan[] {
  const problems: ConfigProblem[] = [];
  const report: Report = (path, message) => problems.push(file.problemAt(path, message));
  const { shape } = file;
  const begin = beginningOf(shape.at, ['at'], MONDAY, report);
  const names = new Set<string>();
  const plans = shape.tests.flatMap((test, i) => {
    const path = ['tests', i];
    if (names.has(test.name)) report([...path, 'name'], `"${test.name}" is there twice`);
    names.add(test.name);
    const from = beginningOf(test.at, [...path, 'at'], begin, report);
    return planOf(test, path, shape, from, configFor(from), file, report) ?? [];
  });
  if (problems.length > 0) throw new ConfigError(inOrder(problems));
  return plans;
}

/** From the top of the file to its end; what stands at its top and is wrong for every test is said once. */
function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const once = new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem]));
  return [...once.values()]
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
    .slice(0, MAX_PROBLEMS);
}

function beginningOf(text: string | undefined, path: Path, otherwise: Instant, report: Report): Instant {
  const at = text === undefined ? otherwise : instantOf(text);
  if (at === null) report(path, 'must be a moment like 2026-03-02T09:00:00Z');
  return at ?? otherwise;
}

function planOf(
  test: TestShape,
  path: Path,
  file: FileShape,
  from: Instant,
  config: Config,
  { problemAt }: Pick<TestFile, 'problemAt'>,
  report: Report,
): Plan | null {
  const given = { ...file.given, ...test.given };
  const givenPath = [...(test.given === undefined ? [] : path), 'given'];
  const gateName = test.gate ?? file.gate ?? onlyGate(config);
  if (gateName === null) {
    report(path, 'needs "gate": the config has several');
    return null;
  }
  const gatePath = test.gate === undefined && file.gate !== undefined ? ['gate'] : [...path, 'gate'];
  const directory = castOf(config.directory, given, givenPath, report);
  const opening = openingOf(gateName, given, config, directory, { gate: gatePath, given: givenPath }, report);
  if (opening === null) return null;
  const { gate, content } = opening;
  const facts = { gate, directory, channels: config.channels, from, pipeline: content.pipeline };
  const course = courseOf(test.when ?? [], [...path, 'when'], facts, report);
  const expected = test.then === undefined ? null : expectationOf(test.then, [...path, 'then'], facts, report);
  if (!isAnythingChecked(test)) report(path, 'checks nothing: add "then"');
  reportRefused(test, path, report);
  const routes: Routes = { channels: config.channels, reachable: KINDS, threaded: new Set(), directory };
  return {
    name: test.name,
    gate: gateName,
    path,
    scene: { gate, content, directory: course.directory, routes, from, until: course.until, acts: course.acts },
    steps: course.steps,
    expected,
    lineOf: (at) => problemAt(at, '').line ?? 1,
  };
}

/** The gate of a config that has one besides `adhoc`. */
function onlyGate({ gates }: Config): string | null {
  const [only, ...others] = [...gates.keys()].filter((name) => name !== 'adhoc');
  return only === undefined || others.length > 0 ? null : only;
}

/** A request that does not open has no steps, and nothing else is so of it. */
function reportRefused({ then = {}, when = [] }: TestShape, path: Path, report: Report): void {
  for (const [i, step] of when.entries())
    if (step.then?.refused !== undefined)
      report([...path, 'when', i, 'then', 'refused'], 'is about the opening: write it into the "then" of the test');
  if (then.refused === undefined) return;
  for (const key of Object.keys(then))
    if (key !== 'refused') report([...path, 'then', key], 'cannot stand beside "refused": it never opens');
  if (when.length > 0) report([...path, 'when'], 'cannot stand beside "refused": it never opens');
}

const isAnythingChecked = ({ then, when = [] }: TestShape): boolean =>
  [then, ...when.map((step) => step.then)].some((checks) => checks !== undefined && Object.keys(checks).length > 0) ||
  when.some((step) => step.refused !== undefined);
