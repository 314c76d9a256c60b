// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the config are what is not filled in here
/** test/bot/gate-tests/problems.test.ts: files that can't be run say why, each thing at its place. */
import { describe, expect, it } from 'vitest';
import { problemsOf } from './tried.ts';

const one = (test: string) => problemsOf(`tests:\n  - name: it\n    gate: deploy\n${test.replace(/^(?=.)/gm, '    ')}`);

describe('a file', () => {
  it.each([
    ['', '1:1 tests: is required'],
    ['tests: []', '1:1 tests: must hold at least one test'],
    ['tests: 7', '1:1 tests: must be a list'],
    ['test: []\ntests: [{ name: x }]', '1:1 test: unknown key, did you mean "tests"?'],
    ['tests: [', '1:9 : Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['tests: &a [*a]', '1:1 tests: anchors and aliases are not supported here'],
    ['a: 1\na: 2', '2:1 : this key is there twice'],
    ['tests: !!js/function x', '1:8 : tags are not supported here'],
    [
      'at: soon\ntests: [{ name: x, gate: deploy, then: { status: pending } }]',
      '1:1 at: must be a moment like 2026-03-02T09:00:00Z',
    ],
    ['env: { a-b: x }\ntests: [{ name: x }]', '1:8 env.a-b: must be the name of a variable'],
    [
      'tests: [{ name: x, gate: deploy, then: { status: pending } }, { name: x, gate: deploy, then: { status: pending } }]',
      '1:65 tests[1].name: "x" is there twice',
    ],
    ['tests: [{ name: x, then: { status: pending } }]', '1:9 tests[0]: needs "gate": the config has several'],
    [
      'gate: deplyo\ntests: [{ name: x, then: {} }]',
      '1:1 gate: "deplyo" is not a gate of the config, did you mean "deploy"?',
    ],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)[0]).toBe(problem);
  });

  it('is not read into the environment: what stands in a test is what is tested', () => {
    expect(
      problemsOf('tests: [{ name: "${HOME}", gate: deploy, then: { title: "Deploy ${context.version}" } }]'),
    ).toEqual([]);
  });

  it('of a config with one gate need not name it', () => {
    const config = 'people: { ana: {} }\ngates: { only: { approvers: [ana] } }';
    expect(problemsOf('tests: [{ name: x, then: { status: pending } }]', config)).toEqual([]);
  });
});

describe('a test', () => {
  it.each([
    [
      'then: { status: aproved }',
      'then.status: must be pending, approved, rejected or cancelled; did you mean "approved"?',
    ],
    ['then: { statuss: approved }', 'then.statuss: unknown key, did you mean "status"?'],
    ['then: {}', ': checks nothing: add "then"'],
    ['when: [{ after: 1h }]', ': checks nothing: add "then"'],
    ['then: { asked: [bne] }', 'then.asked[0]: "bne" is not a person of the config, did you mean "ben"?'],
    [
      'then: { asked: { aproval: [ben] } }',
      'then.asked.aproval: "aproval" is not a stage of this gate, did you mean "approval"?',
    ],
    ['then: { asked: ben }', 'then.asked: must be a list of names, or a list for each stage'],
    ['then: { votes: { ana: yes } }', 'then.votes.ana: "yes" is not an option of this gate'],
    ['then: { told: [{}] }', 'then.told[0]: needs "at", "kind" or "to"'],
    [
      'then: { told: [{ kind: remainder }] }',
      /then\.told\[0\]\.kind: must be request, reminder, .*did you mean "reminder"\?$/,
    ],
    [
      'then: { told: [{ to: relases }] }',
      'then.told[0].to: "relases" is neither a person nor a channel of the config, did you mean "releases"?',
    ],
    ['then: { never: [{ kind: reminder, times: 2 }] }', 'then.never[0].times: belongs to "told"'],
    ['then: { at: later }', /then\.at: must be a time since the opening like "\+1h"/],
    [
      'then: { refused: no_aprovers }',
      'then.refused: "no_aprovers" is no reason for which something is refused, did you mean "no_approvers"?',
    ],
    ['then: { refused: no_approvers, status: pending }', 'then.status: cannot stand beside "refused": it never opens'],
    ['when: [{ after: 1h }]\nthen: { refused: no_approvers }', 'when: cannot stand beside "refused": it never opens'],
    ['at: 2026-13-01T00:00:00Z\nthen: { status: pending }', 'at: must be a moment like 2026-03-02T09:00:00Z'],
    [
      'given: { requester: bem }\nthen: { status: pending }',
      'given.requester: "bem" is not a person of the config, did you mean "ben"?',
    ],
    [
      'given: { requester: { email: x@y.z } }\nthen: { status: pending }',
      'given.requester: nobody of the config has the address x@y.z',
    ],
    [
      'given: { requester: 7 }\nthen: { status: pending }',
      'given.requester: must be the name of a person, { email }, or ~ for nobody',
    ],
    ['given: { context: { a: .inf } }\nthen: { status: pending }', /given\.context/],
    [
      'given: { people: { bem: {} } }\nthen: { status: pending }',
      'given.people.bem: "bem" is not a person of the config, did you mean "ben"?',
    ],
    [
      'given: { people: { ben: { manger: ana } } }\nthen: { status: pending }',
      'given.people.ben.manger: unknown key, did you mean "manager"?',
    ],
    [
      'given: { people: { ben: { manager: an } } }\nthen: { status: pending }',
      'given.people.ben.manager: "an" is not a person, did you mean "ana"?',
    ],
    [
      'given: { people: { ben: { timezone: Mars/Base } } }\nthen: { status: pending }',
      'given.people.ben.timezone: "Mars/Base" is not an IANA time zone',
    ],
    [
      'given: { people: { ben: { email: ana@example.com } } }\nthen: { status: pending }',
      /given\.people\.ben\.email: is the same as that of ana/,
    ],
    [
      'given: { people: { ben: { away: { from: 2026-02-30, to: 2026-03-01 } } } }\nthen: { status: pending }',
      /given\.people\.ben\.away\.from: must be a date/,
    ],
    [
      'given: { groups: { onkall: [ana] } }\nthen: { status: pending }',
      'given.groups.onkall: is not a group of the config, did you mean "oncall"?',
    ],
    [
      'given: { groups: { oncall: [anna] } }\nthen: { status: pending }',
      'given.groups.oncall[0]: "anna" is neither a person nor a group, did you mean "ana"?',
    ],
    [
      'given: { groups: { oncall: [reviewers], reviewers: [oncall] } }\nthen: { status: pending }',
      'given.groups.oncall: "oncall" contains itself',
    ],
    [
      'given: { pipeline: cd }\nthen: { status: pending }',
      'given.pipeline: "cd" is not a pipeline of the config, did you mean "ci"?',
    ],
    [
      'given: { timeout: 2h }\nthen: { status: pending }',
      /given\.timeout: the gate deploy does not let a request bring its own timeout/,
    ],
    [
      'given: { heartbeat: often }\nthen: { status: pending }',
      'given.heartbeat: must be a duration like "30s" or "5m"',
    ],
    ['given: { gate: deploy }\nthen: { status: pending }', 'given.gate: unknown key'],
    ['gate: adhoc\nthen: { status: pending }', /this key is there twice/],
  ])('%j', (test, problem) => {
    const problems = one(test);
    expect(problems).not.toEqual([]);
    const [, said] = /^\d+:\d+ (?:tests\[0\]\.?)?(.*)$/s.exec(problems[0] ?? '') ?? [];
    if (typeof problem === 'string') expect(said).toBe(problem);
    else expect(said).toMatch(problem);
  });
});

describe('a step', () => {
  it.each([
    ['{ after: 1x }', 'after: must be a time since the opening like "10m", "1d 4h" or 90 (seconds)'],
    ['{ after: -1h }', /^after: must be/],
    ['{ after: 1h, at: +1h }', 'at: cannot stand beside "after"'],
    ['{ at: 2026-03-02T08:59:59Z }', 'at: comes before the step above it'],
    ['{ after: 1h, person: ana }', 'person: does nothing: add "vote" or another action'],
    ['{ after: 1h, vote: approve }', 'vote: needs "person": who does it?'],
    [
      '{ after: 1h, person: ana, vote: aprove }',
      'vote: "aprove" is not an option of this gate, did you mean "approve"?',
    ],
    ['{ after: 1h, person: anna, vote: approve }', 'person: "anna" is not a person of the config, did you mean "ana"?'],
    [
      '{ after: 1h, person: ana, vote: approve, comment: Fine }',
      'comment: cannot stand beside "vote": a step does one thing',
    ],
    ['{ after: 1h, person: ana, heartbeat: true }', 'person: cannot do "heartbeat": only the pipeline does'],
    ['{ after: 1h, person: ana, comment: Fine, reason: x }', 'reason: belongs to "vote" and "delegate" and "reassign"'],
    ['{ after: 1h, person: ana, delegate: nobody-at-all }', 'delegate: "nobody-at-all" is not a person of the config'],
    ['{ after: 1h, person: ana, snooze: a while }', 'snooze: must be a duration from then on, or a moment'],
    [
      '{ after: 1h, person: ana, vote: approve, gone: [ben] }',
      'vote: cannot stand beside a change of people or groups: a step does one thing',
    ],
    ['{ after: 1h, gone: [bem] }', 'gone[0]: "bem" is not a person of the config, did you mean "ben"?'],
    ['{ after: 1h, refused: paused }', 'refused: needs something that is done'],
    [
      '{ after: 1h, person: ana, vote: approve, refused: not_allowd }',
      'refused: "not_allowd" is no reason for which something is refused, did you mean "not_allowed"?',
    ],
    ['{ after: 1h, person: ana, withdraw: false }', 'withdraw: must be true'],
    [
      '{ after: 1h, then: { refused: paused } }',
      'then.refused: is about the opening: write it into the "then" of the test',
    ],
    ['{ after: 1h, wait: true }', 'wait: unknown key'],
  ])('%s', (step, problem) => {
    const said = one(`when: [${step}]\nthen: { status: pending }`).map((line) =>
      line.replace(/^\d+:\d+ tests\[0\]\.when\[0\]\./, ''),
    );
    expect(said).not.toEqual([]);
    if (typeof problem === 'string') expect(said).toContain(problem);
    else expect(said[0]).toMatch(problem);
  });

  it('comes after the one above it', () => {
    expect(one('when: [{ after: 2h }, { after: 1h }]\nthen: { status: pending }')).toEqual([
      '4:29 tests[0].when[1].after: comes before the step above it',
    ]);
  });

  it('may be done by a stranger, or with an option that is not there, where that is what is tested', () => {
    const steps =
      '{ person: who, vote: approve, refused: unknown_person }, { person: ana, vote: maybe, refused: unknown_option }';
    expect(one(`when: [${steps}]\nthen: { status: pending }`)).toEqual([]);
  });
});

it('what is wrong at the top of a file is said once, and of many mistakes the first hundred', () => {
  const tests = (then: string) =>
    Array.from({ length: 300 }, (_, i) => `  - { name: t${i}, then: ${then} }`).join('\n');
  expect(problemsOf(`gate: deplyo\ntests:\n${tests('{ status: pending }')}`)).toHaveLength(1);
  const many = problemsOf(`gate: deploy\ntests:\n${tests('{ asked: [nobody] }')}`);
  expect(many).toHaveLength(100);
  expect(many[0]).toMatch(/^3:\d+ tests\[0\]/);
});

describe('bounds', () => {
  it('stop a file that is too long, a test with too many steps, and nesting', () => {
    const steps = Array.from({ length: 201 }, () => '{ after: 1h }').join(', ');
    expect(one(`when: [${steps}]\nthen: { status: pending }`)[0]).toContain('when: must be at most 200 entries');
    const tests = Array.from({ length: 5001 }, (_, i) => `{ name: t${i} }`).join(', ');
    expect(problemsOf(`tests: [${tests}]`)[0]).toContain('tests: must be at most 5000 entries');
    expect(problemsOf(`tests: ${'['.repeat(100)}${']'.repeat(100)}`)[0]).toContain('nests too deep');
    expect(problemsOf(`#${'x'.repeat(1024 * 1024)}`)[0]).toContain('is longer than 1048576 characters');
    expect(problemsOf(`tests: [{ name: ${'n'.repeat(301)}, then: {} }]`)[0]).toContain(
      'must be at most 300 characters',
    );
  });
});
