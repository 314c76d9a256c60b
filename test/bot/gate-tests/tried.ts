/** test/bot/gate-tests/tried.ts: gate tests out of a text, run against a config out of a text. */
import { ConfigError, parseConfig } from '../../../src/bot/config/index.ts';
import { plansOf } from '../../../src/bot/gate-tests/plan.ts';
import { parseTests } from '../../../src/bot/gate-tests/read.ts';
import { resultOf, type TestResult } from '../../../src/bot/gate-tests/suite.ts';

/** ana and ben decide, mia is their manager; reachable in the channel and by address. */
export const CONFIG = `
people:
  ana: { name: Ana Silva, email: ana@example.com, manager: mia }
  ben: { name: Ben Okoye, email: ben@example.com, manager: mia }
  cy: { name: Cy Tan, email: cy@example.com }
  mia: { name: Mia Chen, email: mia@example.com }
  zed: {}
groups:
  reviewers: [ana, ben]
  oncall: { slackUsergroup: S0ONCALL }
channels:
  releases: { slack: C0RELEASES }
pipelines:
  ci: { token: a-token-for-tests-only, gates: ["*"] }
gates:
  deploy:
    title: "Deploy \${context.version}"
    notify: [releases]
    approvers: [reviewers]
    remind: { after: 1h, every: 1h, max: 3 }
    escalate: [{ after: 2h 30m, to: [mia] }]
    timeout: 4h
  paged: { approvers: [oncall] }
  both: { approvers: [reviewers], quorum: all }
`.replace('2h 30m', '150m');

export type Tried = Omit<TestResult, 'ms'>;

/** @throws ConfigError with what is wrong with the tests */
export function tried(tests: string, config: string = CONFIG): readonly Tried[] {
  const file = parseTests(tests, 'x.test.yaml');
  const parsed = parseConfig(config, 'x.yaml', {}, Date.UTC(2026, 0, 1));
  return plansOf(file, () => parsed).map(resultOf);
}

/** The one test of `tests`, whose YAML stands under `- name: …`. */
export function triedOne(test: string, config?: string): Tried {
  const indented = test.replace(/^(?=.)/gm, '    ');
  const [only] = tried(`gate: deploy\ntests:\n  - name: the test\n${indented}`, config);
  if (only === undefined) throw new Error('there is no test');
  return only;
}

/** What is said instead of running: `line:column path: message`. */
export function problemsOf(tests: string, config?: string): readonly string[] {
  try {
    tried(tests, config);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
}
