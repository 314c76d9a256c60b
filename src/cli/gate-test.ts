/** src/cli/gate-test.ts: `gates test`: the tests that stand beside the gates, played in virtual time. */
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isFolder, testFilesIn } from '../bot/gate-tests/read.ts';
import { diffOf, junitXml, totalsOf } from '../bot/gate-tests/report.ts';
import { type FileResult, type MismatchResult, runSuite, type TestResult } from '../bot/gate-tests/suite.ts';
import { CommandError, EXIT } from './failure.ts';
import { hasColors, painted, type Terminal } from './terminal.ts';
import { jsonText, plain } from './text.ts';

export interface GateTestFlags {
  readonly config?: string;
  readonly filter?: string;
  readonly junit?: string;
  readonly json?: true;
}

type Paint = Terminal['paint'];

/**
 * @param given files and folders; none: what stands beside the config
 * @throws CommandError where there is nothing to run
 */
export async function testGates(terminal: Terminal, given: readonly string[], flags: GateTestFlags): Promise<number> {
  const otherwise = flags.config ?? (terminal.env.COUNTERSIGN_CONFIG || null);
  const config = otherwise ?? './countersign.yaml';
  const files = given.length === 0 ? testFilesIn(dirname(config)) : given.flatMap(filesAt);
  if (files.length === 0)
    throw new CommandError(
      `No tests beside ${given.join(', ') || config}.`,
      'They stand in files like countersign.test.yaml, or in a folder "tests"; docs/gate-tests.md says how they are written.',
    );
  const results: FileResult[] = [];
  const paint: Paint = hasColors(terminal.env, isTerminal(terminal.output)) ? painted : (_style, text) => text;
  const began = performance.now();
  const suite = runSuite(files, {
    config: given.length > 0 ? (flags.config ?? null) : null,
    otherwise,
    env: terminal.env,
    filter: flags.filter ?? null,
    stopwatch: () => performance.now(),
    signal: terminal.interrupted,
  });
  for await (const result of suite) {
    if (flags.filter !== undefined && result.tests.length === 0 && result.problems.length === 0) continue;
    results.push(result);
    if (!flags.json) terminal.out(fileLines(result, paint).join('\n'));
  }
  const totals = totalsOf(results);
  if (totals.tests + totals.broken === 0) throw new CommandError(`No test has "${flags.filter ?? ''}" in its name.`);
  if (flags.junit !== undefined) writeReport(flags.junit, junitXml(results));
  const ms = performance.now() - began;
  if (flags.json) terminal.out(jsonText({ ...totals, passed: totals.tests - totals.failed, ms, results }));
  else terminal.out(summaryText(totals, ms, paint));
  return totals.broken > 0 ? EXIT.unknown : totals.failed > 0 ? EXIT.no : EXIT.done;
}

const filesAt = (path: string): readonly string[] => (isFolder(path) ? testFilesIn(path) : [path]);

const isTerminal = (output: Terminal['output']): boolean => 'isTTY' in output && output.isTTY === true;

function writeReport(path: string, xml: string): void {
  try {
    writeFileSync(path, xml);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw new CommandError(`The report cannot be written to ${path}${code}.`);
  }
}

function fileLines({ file, config, problems, tests }: FileResult, paint: Paint): readonly string[] {
  const about = config === null ? '' : paint('dim', ` · ${plain(config)}`);
  return [
    `${paint('bold', plain(file))}${about}`,
    ...problems.map(({ file: place, line, column, path, message }) => {
      const where = line === null ? place : `${place}:${line}:${column ?? 1}`;
      return `  ${paint('red', '✗')} ${plain([where, path, message].filter((part) => part !== '').join(' '))}`;
    }),
    ...tests.flatMap((test) => testLines(test, file, paint)),
    '',
  ];
}

function testLines(test: TestResult, file: string, paint: Paint): readonly string[] {
  const { name, ms, passed, line, mismatches, story } = test;
  const took = paint('dim', `${ms.toFixed(1)} ms`);
  if (passed) return [`  ${paint('green', '✓')} ${plain(name)}  ${took}`];
  const offset = Math.max(...story.map((entry) => entry.offset.length), 0);
  const clock = Math.max(...story.map((entry) => entry.clock.length), 0);
  return [
    `  ${paint('red', '✗')} ${paint('bold', plain(name))}  ${took}`,
    paint('dim', `      ${plain(file)}:${line} · `) +
      paint('green', '− expected') +
      paint('dim', ' · ') +
      paint('red', '+ got'),
    ...mismatches.flatMap((mismatch) => mismatchLines(mismatch, paint)),
    paint('dim', '      What happened:'),
    ...story.map(
      (entry) =>
        `        ${paint('cyan', entry.offset.padEnd(offset))}  ${paint('dim', entry.clock.padEnd(clock))}  ${plain(entry.text)}`,
    ),
    '',
  ];
}

function mismatchLines(mismatch: MismatchResult, paint: Paint): readonly string[] {
  const style = { '−': 'green', '+': 'red', ' ': 'dim' } as const;
  return [
    `      ${paint('bold', plain(mismatch.what))} ${paint('dim', `(line ${mismatch.line})`)}`,
    ...diffOf(mismatch).map(({ mark, text }) => paint(style[mark], `        ${mark} ${plain(text)}`)),
    ...(mismatch.hint === null ? [] : [`        ${paint('yellow', plain(mismatch.hint))}`]),
  ];
}

function summaryText({ files, tests, failed, broken }: ReturnType<typeof totalsOf>, ms: number, paint: Paint): string {
  const took = paint('dim', `${Math.round(ms)} ms`);
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  const parts: string[] = [];
  if (broken > 0) parts.push(`${paint('red', '✗')} ${counted(broken, 'file')} could not be run`);
  if (failed > 0) parts.push(`${paint('red', '✗')} ${failed} of ${counted(tests, 'test')} failed`);
  else if (tests > 0)
    parts.push(`${paint('green', '✓')} ${counted(tests, 'test')} passed in ${counted(files - broken, 'file')}`);
  return [...parts, took].join(' · ');
}
