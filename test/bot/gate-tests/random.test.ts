/** test/bot/gate-tests/random.test.ts: properties: what a simulation shows can be written down as a test, and that test passes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../../src/bot/config/index.ts';
import { plansOf } from '../../../src/bot/gate-tests/plan.ts';
import { parseTests } from '../../../src/bot/gate-tests/read.ts';
import { type Moment, play } from '../../../src/bot/rehearsal/play.ts';
import { tried } from './tried.ts';

const PEOPLE = ['ana', 'ben', 'cy', 'dee', 'mia'];
const FROM = Date.UTC(2026, 2, 27, 15);

const people = fc.uniqueArray(fc.constantFrom(...PEOPLE, 'team'), { minLength: 1, maxLength: 4 });
const minutes = (most: number) => fc.integer({ min: 1, max: most }).map((count) => `${count}m`);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const anyGate = fc.record({
  stages: fc.array(
    fc.record({
      approvers: people,
      quorum: fc.constantFrom(1, 1, 2, 'all', 'majority', '50%'),
      when: optional(fc.constantFrom('context.risk > 3', 'context.missing')),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  rejection: fc.constantFrom('veto', 'threshold'),
  distinct: fc.constantFrom('stage', 'request', 'off'),
  selfApproval: optional(fc.constantFrom('forbid', 'allow')),
  autoApproveIf: optional(fc.constant('context.risk == 0')),
  requireReason: optional(fc.constant(['reject'])),
  remind: optional(fc.record({ after: minutes(90), every: minutes(300), max: fc.integer({ min: 2, max: 5 }) })),
  escalate: optional(
    fc.array(fc.record({ after: minutes(600), to: fc.constant(['mia']), mode: fc.constantFrom('add', 'replace') }), {
      maxLength: 2,
    }),
  ),
  sla: optional(fc.record({ target: minutes(500), calendar: optional(fc.constant('office')) })),
  freeze: optional(fc.constant({ calendar: 'office' })),
  timeout: fc.constantFrom('700m', '2d', '5d'),
  onTimeout: fc.constantFrom('reject', 'approve'),
});

const anyDoing = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ vote: fc.constantFrom('approve', 'approve', 'reject'), reason: fc.constant('so') }),
  },
  { weight: 1, arbitrary: fc.record({ vote: fc.constantFrom('approve', 'reject'), change: fc.constant(true) }) },
  fc.constant({ withdraw: true }),
  fc.constant({ comment: 'well' }),
  fc.record({ delegate: fc.constantFrom(...PEOPLE) }),
  fc.record({ snooze: minutes(300) }),
  fc.constant({ pause: 'wait' }),
  fc.constant({ resume: true }),
);
const anyCourse = fc.record({
  requester: fc.constantFrom(...PEOPLE),
  risk: fc.constantFrom(0, 2, 7),
  steps: fc.array(fc.record({ gap: fc.nat(400), person: fc.constantFrom(...PEOPLE), doing: anyDoing }), {
    maxLength: 8,
  }),
  rest: fc.nat(9000),
});
type Course = typeof anyCourse extends fc.Arbitrary<infer T> ? T : never;

const configOf = (gate: object): string =>
  stringify(
    JSON.parse(
      JSON.stringify({
        people: Object.fromEntries(
          PEOPLE.map((id) => [
            id,
            { name: id.toUpperCase(), email: `${id}@example.com`, ...(id !== 'mia' && { manager: 'mia' }) },
          ]),
        ),
        groups: { team: ['ana', 'ben'] },
        calendars: { office: { timezone: 'Europe/Lisbon', hours: 'mon-fri 09:00-17:00', holidays: '2026-03-30' } },
        gates: { g: gate },
      }),
    ),
  );

const rfc3339 = (at: number) => new Date(at).toISOString();

function whenOf({ steps, rest }: Course) {
  let passed = 0;
  const when: Record<string, unknown>[] = steps.map(({ gap, person, doing }) => {
    passed += gap;
    return { at: rfc3339(FROM + passed * 60_000), person, ...doing };
  });
  return [...when, { at: rfc3339(FROM + (passed + rest) * 60_000) }];
}

const fileOf = ({ requester, risk }: Course, when: readonly object[], then: object): string =>
  stringify({ tests: [{ name: 'made', at: rfc3339(FROM), given: { requester, context: { risk } }, when, then }] });

/** What happened, in the words of a test; none of it is looked up the way the tests look it up. */
function written(moments: readonly Moment[], when: readonly object[], until: number) {
  const first = moments[0];
  if (first?.refusal !== null) return { when: [], checks: { refused: first?.refusal } };
  const state = moments.at(-1)?.state;
  if (state === undefined || state === null) throw new Error('it has opened');
  const outcome = state.status === 'pending' ? null : state.outcome;
  const told = moments.flatMap(({ at, deliveries }) => {
    const kinds = new Map<string, Set<string>>();
    for (const { payload } of deliveries) {
      const { viewer, notice }: { viewer: string; notice?: { kind: string } } = JSON.parse(JSON.stringify(payload));
      const kind = notice?.kind ?? 'request';
      kinds.set(kind, new Set([...(kinds.get(kind) ?? []), viewer]));
    }
    return [...kinds].map(([kind, to]) => ({ at, kind, to }));
  });
  const merged = new Map<string, { at: number; kind: string; to: Set<string> }>();
  for (const { at, kind, to } of told) {
    const known = merged.get(`${at}${kind}`);
    merged.set(`${at}${kind}`, { at, kind, to: new Set([...(known?.to ?? []), ...to]) });
  }
  const refused = new Map(moments.map(({ by, refusal }) => [by, refusal]));
  return {
    when: when.map((step, i) => ({ ...step, ...(typeof refused.get(i) === 'string' && { refused: refused.get(i) }) })),
    checks: {
      status: state.status,
      ...(outcome === null
        ? {}
        : { at: rfc3339(outcome.decidedAt), cause: outcome.cause, by: [...outcome.decidedBy].reverse() }),
      stages: Object.fromEntries(state.stages.map(({ name, state: is }) => [name, is])),
      votes: Object.fromEntries(
        state.votes.flatMap(({ counts, person, option }) => (counts ? [[person, option]] : [])),
      ),
      paused: state.status === 'pending' && state.paused !== null,
      held: state.status === 'pending' && state.held !== null,
      ...(merged.size > 0 && {
        told: [...merged.values()]
          .filter(({ at }) => at <= until)
          .map(({ at, kind, to }) => ({ at: rfc3339(at), kind, to: [...to] })),
      }),
    },
  };
}

function simulated(gate: object, course: Course) {
  const config = configOf(gate);
  const when = whenOf(course);
  const [plan] = plansOf(parseTests(fileOf(course, when, { status: 'pending' }), 'x.test.yaml'), (now) =>
    parseConfig(config, 'x.yaml', {}, now),
  );
  if (plan === undefined) throw new Error('there is no test');
  const moments = play(plan.scene);
  return { config, moments, ...written(moments, when, plan.scene.until ?? FROM) };
}

/** Random gates may ask for what no config may: more approvals than people, an escalation after the end. */
const isConfig = (gate: object): boolean => {
  try {
    return parseConfig(configOf(gate), 'x.yaml', {}, FROM).gates.has('g');
  } catch {
    return false;
  }
};

describe('a test that is written from a simulation of a random gate', () => {
  it('passes', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyGate.filter(isConfig), anyCourse, (gate, course) => {
        const { config, when, checks } = simulated(gate, course);
        seen.add('refused' in checks ? 'refused' : checks.status);
        const [result] = tried(fileOf(course, when, checks), config);
        expect(result?.mismatches).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(seen.size).toBeGreaterThan(3);
  });

  it('fails as soon as one word of it is not so, and says which', () => {
    fc.assert(
      fc.property(anyGate.filter(isConfig), anyCourse, fc.nat(), (gate, course, pick) => {
        const { config, when, checks } = simulated(gate, course);
        const wrong = falsified(checks, pick);
        const [result] = tried(fileOf(course, 'refused' in wrong ? [] : when, wrong), config);
        expect(result?.passed).toBe(false);
        expect(result?.mismatches[0]?.expected).not.toEqual(result?.mismatches[0]?.got);
        expect(result?.story.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});

function falsified(checks: object, pick: number): object {
  const entries: [string, unknown][] = Object.entries(checks);
  const [key = '', value] = entries[pick % entries.length] ?? [];
  const other: Record<string, unknown> = {
    status: value === 'approved' ? 'rejected' : 'approved',
    refused: value === 'no_question' ? 'no_vote' : 'no_question',
    at: rfc3339(FROM - 1000),
    cause: value === 'orphaned' ? 'votes' : 'orphaned',
    by: Array.isArray(value) && value.includes('cy') ? value.filter((person) => person !== 'cy') : ['cy'],
    stages: { 'stage 1': isOpen(value) ? 'skipped' : 'open' },
    votes: { ...(typeof value === 'object' ? value : {}), mia: isApprove(value) ? 'reject' : 'approve' },
    paused: value !== true,
    held: value !== true,
    told: [{ kind: 'request', at: rfc3339(FROM - 1000) }],
  };
  return { ...checks, [key]: other[key] };
}

const isOpen = (value: unknown): boolean => JSON.stringify(value).includes('"stage 1":"open"');
const isApprove = (value: unknown): boolean => JSON.stringify(value).includes('"mia":"approve"');
