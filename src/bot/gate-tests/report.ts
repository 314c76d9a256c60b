/** src/bot/gate-tests/report.ts: results as they are read: what was expected beside what was got, and the JUnit XML that CI systems read. */
import type { FileResult, MismatchResult, TestResult } from './suite.ts';

export interface DiffLine {
  /** `−`: expected and not there; `+`: there and not expected; a space: both. */
  readonly mark: '−' | '+' | ' ';
  readonly text: string;
}

export function diffOf({ expected, got }: Pick<MismatchResult, 'expected' | 'got'>): readonly DiffLine[] {
  const left = [...got];
  const lines = expected.map((text): DiffLine => {
    const i = left.indexOf(text);
    if (i === -1) return { mark: '−', text };
    left.splice(i, 1);
    return { mark: ' ', text };
  });
  return [...lines, ...left.map((text) => ({ mark: '+', text }) as const)];
}

export interface Totals {
  readonly files: number;
  readonly tests: number;
  readonly failed: number;
  /** Files that could not be run. */
  readonly broken: number;
}

export function totalsOf(files: readonly FileResult[]): Totals {
  const tests = files.flatMap((file) => file.tests);
  return {
    files: files.length,
    tests: tests.length,
    failed: tests.filter(({ passed }) => !passed).length,
    broken: files.filter(({ problems }) => problems.length > 0).length,
  };
}

/** A failed test as plain text, as it stands in the JUnit file. */
function failureText({ mismatches, story }: TestResult): string {
  const differences = mismatches.flatMap((mismatch) => [
    `line ${mismatch.line} · ${mismatch.what}`,
    ...diffOf(mismatch).map(({ mark, text }) => `  ${mark} ${text}`),
    ...(mismatch.hint === null ? [] : [`  ${mismatch.hint}`]),
  ]);
  const happened = story.map(({ offset, clock, text }) => `  ${offset}  ${clock}  ${text}`);
  return ['(− expected, + got)', ...differences, 'What happened:', ...happened].join('\n');
}

/** The shape that Jenkins, GitLab, GitHub's actions and others read. Times are in seconds. */
export function junitXml(files: readonly FileResult[]): string {
  const { tests, failed, broken } = totalsOf(files);
  const counts = `tests="${tests + broken}" failures="${failed}" errors="${broken}" time="${seconds(files.flatMap((file) => file.tests))}"`;
  const suites = files.map(suiteXml).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="countersign gates test" ${counts}>\n${suites}</testsuites>\n`;
}

function suiteXml({ file, problems, tests }: FileResult): string {
  const failed = tests.filter(({ passed }) => !passed).length;
  const errors = problems.length === 0 ? 0 : 1;
  const counts = `tests="${tests.length + errors}" failures="${failed}" errors="${errors}" skipped="0"`;
  const broken = problems.map(({ line, column, path, message }) =>
    [line === null ? '' : `${line}:${column ?? 1}`, path, message].filter((part) => part !== '').join(' '),
  );
  const error = `    <testcase name="can be run" classname="${attribute(file)}" time="0">\n      <error message="${attribute(broken[0] ?? '')}">${content(broken.join('\n'))}</error>\n    </testcase>\n`;
  const cases = tests.map((test) => caseXml(test, file)).join('');
  return `  <testsuite name="${attribute(file)}" ${counts} time="${seconds(tests)}">\n${errors === 0 ? '' : error}${cases}  </testsuite>\n`;
}

function caseXml(test: TestResult, file: string): string {
  const { name, gate, passed, mismatches } = test;
  const start = `    <testcase name="${attribute(name)}" classname="${attribute(`${file} › ${gate}`)}" time="${seconds([test])}"`;
  if (passed) return `${start}/>\n`;
  const [first] = mismatches;
  const message = `${first?.what ?? ''}: expected ${first?.expected.join(', ') ?? ''}, got ${first?.got.join(', ') ?? ''}`;
  return `${start}>\n      <failure message="${attribute(message)}" type="mismatch">${content(failureText(test))}</failure>\n    </testcase>\n`;
}

const seconds = (tests: readonly Pick<TestResult, 'ms'>[]): string =>
  (tests.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(6);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Without what XML 1.0 can't hold at all (https://www.w3.org/TR/xml/#charsets), and what would reorder or hide text. */
const content = (text: string): string =>
  text
    .replace(/(?![\t\n])[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}\ufffe\uffff]/gu, '')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');

const attribute = (text: string): string => content(text.replace(/\s+/g, ' '));
