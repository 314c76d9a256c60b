/** test/bot/gate-tests/shipped.test.ts: the tests that ship beside the gates pass, and notice when a gate changes. */
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigShape, loadConfig, parseConfig } from '../../../src/bot/config/index.ts';
import { plansOf } from '../../../src/bot/gate-tests/plan.ts';
import { configBeside, parseTests, readTests, testFilesIn } from '../../../src/bot/gate-tests/read.ts';
import { FileShape, MESSAGE_KINDS } from '../../../src/bot/gate-tests/shape.ts';
import { resultOf } from '../../../src/bot/gate-tests/suite.ts';
import { codeBlocks, fileText } from '../../docs/documents.ts';

/** What may stand in a person is the configuration's to describe. */
const PEOPLES_OWN = Object.keys(ConfigShape.shape.people.unwrap().unwrap().valueType.shape);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const files = [...testFilesIn(root), ...testFilesIn(`${root}examples/gates`)];

function resultsOf(path: string, change = (config: string) => config) {
  const file = readTests(path);
  const config = configBeside(file, null);
  const text = change(readFileSync(config, 'utf8'));
  return plansOf(file, (now) => parseConfig(text, config, {}, now)).map(resultOf);
}

describe('the tests of', () => {
  it.each(files.map((path) => [basename(path), path]))('%s all pass', (_name, path) => {
    const failures = resultsOf(path).filter(({ passed }) => !passed);
    expect(failures.map(({ name, mismatches }) => ({ name, mismatches }))).toEqual([]);
  });

  it('the sample and each example cover every gate there is', () => {
    expect(files.map((path) => basename(path))).toEqual(
      ['countersign', 'actions', 'agent', 'canary', 'expense', 'freeze', 'one-approver', 'two-stages'].map(
        (name) => `${name}.test.yaml`,
      ),
    );
    for (const path of files) {
      const file = readTests(path);
      const config = configBeside(file, null);
      expect(dirname(config)).toBe(dirname(path));
      const gates = [...loadConfig(config, {}, 0).gates.keys()].filter((name) => name !== 'adhoc');
      const tested = new Set(resultsOf(path).map(({ gate }) => gate));
      expect([...tested].sort()).toEqual(gates.sort());
    }
  });
});

describe('a change of a gate that nobody meant is noticed', () => {
  it.each([
    ['countersign', 'requireReason: [reject]', 'requireReason: []'],
    ['countersign', 'remind: { after: 1h,', 'remind: { after: 2h,'],
    ['countersign', 'to: ["manager-of:approvers"] }]', 'to: [fay] }]'],
    ['countersign', 'onTimeout: reject', 'onTimeout: approve'],
    ['countersign', 'autoApproveIf: context.amount < 50', 'autoApproveIf: context.amount < 5000'],
    ['countersign', 'distinct: request', 'distinct: stage'],
    ['countersign', 'hours: "mon-fri 09:00-18:00"', 'hours: "daily 09:00-18:00"'],
    ['countersign', 'bypass: { by: [mia] }', 'bypass: { by: [ben] }'],
    ['countersign', 'release-managers: [ana, ben, cy]', 'release-managers: [ana, ben]'],
    ['examples/gates/actions', 'quorum: all', 'quorum: 1'],
    ['examples/gates/actions', '/rollback', '/resume'],
    ['examples/gates/agent', 'timeout: 15m', 'timeout: 20m'],
    ['examples/gates/canary', 'quorum: majority', 'quorum: 1'],
    ['examples/gates/canary', 'rejection: threshold', 'rejection: veto'],
    ['examples/gates/canary', ', required: true, when: option != "reject"', ', when: option != "reject"'],
    ['examples/gates/expense', 'context.amount >= 1000', 'context.amount >= 2000'],
    ['examples/gates/expense', 'warnAt: 75%', 'warnAt: 50%'],
    ['examples/gates/expense', 'holidays: [PT, 2026-12-24]', 'holidays: [2026-12-24]'],
    ['examples/gates/expense', 'remind: { after: 1d, every: 1d }', 'remind: { after: 1d }'],
    ['examples/gates/freeze', 'freeze: {', '# freeze: {'],
    ['examples/gates/freeze', 'timezone: Europe/Lisbon', 'timezone: UTC'],
    ['examples/gates/freeze', 'mode: replace', 'mode: add'],
    ['examples/gates/freeze', 'holidays: PT', 'holidays: []'],
    ['examples/gates/one-approver', 'approvers: [ana, ben]', 'approvers: [ana, ben]\n    quorum: 2'],
    ['examples/gates/one-approver', 'timeout: 24h', 'timeout: 25h'],
    ['examples/gates/two-stages', 'when: context.risk >= 7', 'when: context.risk >= 9'],
    ['examples/gates/two-stages', 'selfApproval: forbid ', 'selfApproval: allow '],
    ['examples/gates/two-stages', 'max: 3', 'max: 2'],
    ['examples/gates/two-stages', 'requireReason: [reject, bypass]', 'requireReason: [bypass]'],
  ])('%s: %s becomes %s', (name, before, after) => {
    const changed = resultsOf(`${root}${name}.test.yaml`, (config) => {
      expect(config).toContain(before);
      return config.replace(before, after);
    });
    expect(changed.some(({ passed }) => !passed)).toBe(true);
  });
});

it('the test that the documentation shows passes against the sample config', () => {
  const shown = codeBlocks('docs/gate-tests.md').filter(({ text }) => /^tests:/m.test(text));
  expect(shown).not.toEqual([]);
  for (const { text } of shown) {
    const config = fileText('countersign.yaml');
    const plans = plansOf(parseTests(text, 'shown'), (now) => parseConfig(config, 'countersign.yaml', {}, now));
    expect(plans.map(resultOf).flatMap(({ mismatches }) => mismatches)).toEqual([]);
  }
});

it('the documentation has every word that a test may hold', () => {
  const text = fileText('docs/gate-tests.md');
  const words = new Set<string>(MESSAGE_KINDS);
  const collect = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, inner] of Object.entries(schema)) {
      if (key === 'properties') for (const word of Object.keys(inner)) words.add(word);
      collect(inner);
    }
  };
  const { tests, ...rest } = FileShape.shape;
  const test = tests.element;
  for (const word of [...Object.keys(rest), ...Object.keys(test.shape)]) words.add(word);
  for (const part of [test.shape.when, test.shape.then]) collect(z.toJSONSchema(part, { io: 'input' }));
  for (const word of PEOPLES_OWN) words.delete(word);
  expect(words.size).toBeGreaterThan(60);
  expect([...words].filter((word) => !new RegExp(`\\b${word}\\b`).test(text))).toEqual([]);
});
