/** test/bot/gate-tests/report.test.ts: what CI systems read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffOf, junitXml, totalsOf } from '../../../src/bot/gate-tests/report.ts';
import type { FileResult } from '../../../src/bot/gate-tests/suite.ts';
import { triedOne } from './tried.ts';
import { type Element, readXml } from './xml.ts';

const fileWith = (more: Partial<FileResult>): FileResult => ({
  file: 'gates/a.test.yaml',
  config: 'gates/a.yaml',
  problems: [],
  tests: [],
  ...more,
});

const passed = { ...triedOne('then: { status: pending }'), ms: 2 };
const failed = { ...triedOne('then: { status: approved, asked: [ana] }'), ms: 1.5 };

/** The attributes that the schemas of Jenkins and of GitLab's reader know. */
const KNOWN: Readonly<Record<string, { readonly attributes: readonly string[]; readonly inside: readonly string[] }>> =
  {
    testsuites: { attributes: ['name', 'tests', 'failures', 'errors', 'time'], inside: ['testsuite'] },
    testsuite: { attributes: ['name', 'tests', 'failures', 'errors', 'skipped', 'time'], inside: ['testcase'] },
    testcase: { attributes: ['name', 'classname', 'time'], inside: ['failure', 'error'] },
    failure: { attributes: ['message', 'type'], inside: [] },
    error: { attributes: ['message'], inside: [] },
  };

function checkShape({ name, attributes, children }: Element): void {
  const known = KNOWN[name];
  expect(known, name).toBeDefined();
  expect(Object.keys(attributes).filter((key) => !known?.attributes.includes(key))).toEqual([]);
  for (const child of children) {
    expect(known?.inside).toContain(child.name);
    checkShape(child);
  }
}

describe('the JUnit file', () => {
  it('has a suite for each file and a case for each test, with times in seconds', () => {
    const xml = readXml(junitXml([fileWith({ tests: [passed, failed] })]));
    checkShape(xml);
    expect(xml.attributes).toEqual({
      name: 'countersign gates test',
      tests: '2',
      failures: '1',
      errors: '0',
      time: '0.003500',
    });
    const [suite] = xml.children;
    expect(suite?.attributes).toMatchObject({ name: 'gates/a.test.yaml', tests: '2', failures: '1', skipped: '0' });
    expect(suite?.children.map(({ attributes }) => attributes)).toEqual([
      { name: 'the test', classname: 'gates/a.test.yaml › deploy', time: '0.002000' },
      { name: 'the test', classname: 'gates/a.test.yaml › deploy', time: '0.001500' },
    ]);
  });

  it('says what differs and what happened', () => {
    const [failure] = readXml(junitXml([fileWith({ tests: [failed] })])).children[0]?.children[0]?.children ?? [];
    expect(failure?.attributes.message).toBe('status: expected approved, got pending');
    expect(failure?.text).toContain('line 4 · asked\n    Ana Silva (ana)\n  + Ben Okoye (ben)');
    expect(failure?.text).toContain('What happened:\n  +0  Mon 2 Mar 2026 09:00 UTC  Opens: “Deploy');
  });

  it('counts a file that could not be run as an error', () => {
    const problem = { file: 'a', line: 3, column: 7, path: 'tests[0].gate', message: 'is <not> "a" gate' };
    const xml = readXml(junitXml([fileWith({ problems: [problem] })]));
    checkShape(xml);
    expect(xml.attributes).toMatchObject({ tests: '1', errors: '1' });
    expect(xml.children[0]?.children[0]?.children[0]).toMatchObject({
      name: 'error',
      attributes: { message: '3:7 tests[0].gate is <not> "a" gate' },
    });
  });

  it('is well formed whatever anything is called', () => {
    const nasty = fc.string({ unit: 'binary', maxLength: 60 });
    const more = fc.constantFrom(
      ']]>',
      '<!--',
      '&#0;',
      '\u001b[31m',
      '\u0000',
      '\ud800',
      '\u202e',
      '"\'><x a="',
      '\ufffe',
      '\n\n',
      '',
    );
    fc.assert(
      fc.property(nasty, more, nasty, (name, middle, text) => {
        const hostile = `${name}${middle}${text}`;
        const mismatch = {
          line: 1,
          path: '',
          what: hostile,
          expected: [hostile],
          got: [hostile, hostile],
          hint: hostile,
        };
        const story = [{ offset: '+0', clock: hostile, text: hostile }];
        const test = { ...failed, name: hostile, gate: hostile, mismatches: [mismatch], story };
        const problem = { file: hostile, line: null, column: null, path: hostile, message: hostile };
        const text1 = junitXml([
          fileWith({ file: hostile, tests: [test, { ...test, passed: true }] }),
          fileWith({ problems: [problem] }),
        ]);
        const xml = readXml(text1);
        checkShape(xml);
        expect(xml.children).toHaveLength(2);
        expect(xml.children[0]?.children).toHaveLength(2);
        expect(text1).not.toMatch(/(?![\t\n])[\p{Cc}\p{Cs}\u202e\ufffe\uffff]/u);
      }),
    );
  });
});

describe('the difference', () => {
  it('has what both sides have once, and the rest with its side', () => {
    expect(diffOf({ expected: ['a', 'b', 'b'], got: ['b', 'c', 'a'] })).toEqual([
      { mark: ' ', text: 'a' },
      { mark: ' ', text: 'b' },
      { mark: '−', text: 'b' },
      { mark: '+', text: 'c' },
    ]);
  });
});

it('the totals tell tests that failed from files that could not be run', () => {
  const problem = { file: 'a', line: null, column: null, path: '', message: 'cannot be read' };
  expect(totalsOf([fileWith({ tests: [passed, failed] }), fileWith({ problems: [problem, problem] })])).toEqual({
    files: 2,
    tests: 2,
    failed: 1,
    broken: 1,
  });
});
