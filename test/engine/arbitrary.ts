/**
 * test/engine/arbitrary.ts: whatever could happen to a request: any gate, any directory that changes on the way, any
 * commands by anybody, at times that jump ahead and sometimes back. And `play`, which lets it happen.
 */
import fc from 'fast-check';
import { decide } from '../../src/engine/decide.ts';
import type { GateDefinition, Quorum } from '../../src/engine/definition.ts';
import type { Absence, Directory } from '../../src/engine/directory.ts';
import type { Actor, Content, Decision, Event, PauseScope, RequestState } from '../../src/engine/request.ts';
import {
  type Act,
  byPerson,
  byPipeline,
  content,
  DAY,
  directory,
  gate,
  HOUR,
  MINUTE,
  neverOpen,
  officeHours,
  stage,
  T0,
  withDirectory,
} from './house.ts';

const PEOPLE = ['ana', 'ben', 'mia', 'dan', 'eve', 'kim'] as const;
/** None of these is ever exactly true. */
export const NEVER_TRUE = ['false', 'context.nope', '((', '1', '"true"', 'context.risk > 100.0', 'null'] as const;

/** The plain options and one more, so that a vote for `approve` fits every gate. */
const THREE: GateDefinition['options'] = [
  { id: 'canary', label: 'Canary', outcome: 'approved', style: null },
  ...gate().options,
];

const person = fc.constantFrom(...PEOPLE);
const somebody = fc.oneof({ weight: 12, arbitrary: person }, { weight: 1, arbitrary: fc.constant('zoe') });
/** One of some, the first most often. */
const mostly = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>, weight = 7): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });

const ref = mostly(
  fc.oneof({ weight: 2, arbitrary: person }, { weight: 1, arbitrary: fc.constantFrom('g1', 'g2') }),
  fc.constantFrom('manager-of:requester', 'manager-of:approvers', 'email:ana@acme.dev', 'zoe'),
);
const refs = fc.uniqueArray(ref, { minLength: 2, maxLength: 5, size: 'max' });
const quorum: fc.Arbitrary<Quorum> = mostly(
  fc.constantFrom(1, 1, 1, 2).map((count) => ({ kind: 'count', count }) as const),
  fc.oneof(
    fc.constantFrom<Quorum>({ kind: 'all' }, { kind: 'majority' }, { kind: 'count', count: 3 }),
    fc.integer({ min: 1, max: 100 }).map((percent) => ({ kind: 'percent', percent }) as const),
  ),
  3,
);
const duration = mostly(fc.constantFrom(HOUR, 2 * HOUR, 5 * HOUR, DAY, 3 * DAY), fc.constantFrom(1, 30 * MINUTE));
const calendar = fc.constantFrom(officeHours(), officeHours(['2026-01-05', '2026-01-06']), neverOpen);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const anyGate = (autoApproveIf: fc.Arbitrary<string | null>): fc.Arbitrary<GateDefinition> =>
  fc
    .record({
      stages: fc.array(
        fc.record({
          when: fc.oneof(
            { weight: 3, arbitrary: fc.constant(null) },
            fc.constantFrom('true', 'false', 'context.nope', '(('),
          ),
          rules: fc.array(fc.record({ approvers: refs, quorum }), { minLength: 1, maxLength: 2, size: 'max' }),
        }),
        { minLength: 1, maxLength: 3, size: 'max' },
      ),
      autoApproveIf,
      rejection: fc.constantFrom('veto', 'threshold'),
      selfApproval: fc.constantFrom('forbid', 'forbidIfKnown', 'allow'),
      distinct: fc.constantFrom('stage', 'request', 'off'),
      assurance: mostly(fc.constant('standard'), fc.constant('high')),
      freeze: mostly<GateDefinition['freeze']>(
        fc.constant(null),
        fc.record({ calendar, outside: fc.constant('hold' as const) }),
        3,
      ),
      requireReason: fc.subarray(['reject', 'canary']),
      options: fc.constantFrom(gate().options, THREE),
      form: mostly<GateDefinition['form']>(
        fc.constant([]),
        fc.subarray<GateDefinition['form'][number]>([
          {
            id: 'n',
            label: 'N',
            help: null,
            required: true,
            when: 'option == "canary"',
            type: 'number',
            min: 0,
            max: 5,
          },
          {
            id: 't',
            label: 'T',
            help: null,
            required: false,
            when: null,
            type: 'text',
            pattern: '(',
            multiline: false,
          },
        ]),
      ),
      remind: maybe(fc.record({ afterMs: duration, everyMs: maybe(duration), max: fc.integer({ min: 0, max: 4 }) })),
      escalate: fc.array(
        fc.record({ afterMs: duration, to: refs, mode: fc.constantFrom('add' as const, 'replace' as const) }),
        { maxLength: 3 },
      ),
      sla: fc.option(
        fc
          .record({ targetMs: duration, warnAtMs: maybe(duration), calendar: maybe(calendar), to: maybe(refs) })
          .map(({ to, ...sla }) => ({ ...sla, ...(to !== null && { escalateTo: to }) })),
        { nil: null, freq: 2 },
      ),
      timeoutMs: maybe(fc.constantFrom(5 * HOUR, DAY, 3 * DAY)),
      onTimeout: fc.constantFrom('reject', 'approve', 'canary', 'nonsense'),
      bypass: mostly<GateDefinition['bypass']>(fc.record({ by: refs }), fc.constant(null), 1),
    })
    .map(({ stages, ...rest }) =>
      gate([], 1, { ...rest, stages: stages.map(({ when, rules }, i) => stage(`stage ${i}`, rules, when)) }),
    );

const absence: fc.Arbitrary<Absence> = fc.record({
  from: fc.constantFrom(T0 - DAY, T0 + HOUR),
  to: fc.constantFrom(T0 + 2 * HOUR, T0 + 9 * DAY),
  delegate: maybe(somebody),
});
const members = mostly<readonly string[]>(
  fc.uniqueArray(fc.constantFrom(...PEOPLE, 'g1', 'g2'), { minLength: 2, maxLength: 5, size: 'max' }),
  fc.constant([]),
  12,
);

/** @param group what a group may be: members, or members and `unavailable` */
const directoryOf = (group: fc.Arbitrary<readonly string[] | 'unavailable'>): fc.Arbitrary<Directory> =>
  fc
    .record({
      groups: fc.record({ g1: group, g2: group }),
      away: fc.dictionary(person, absence, { maxKeys: 2 }),
      managers: fc.dictionary(person, person, { maxKeys: 3 }),
      without: mostly(fc.constant<readonly string[]>([]), fc.uniqueArray(person, { maxLength: 2 })),
    })
    .map(({ groups, away, managers, without }) => {
      const people = Object.fromEntries(
        PEOPLE.map((id) => [id, { manager: managers[id] ?? null, away: away[id] === undefined ? [] : [away[id]] }]),
      );
      return directory({ groups, people, without });
    });

export const reachableDirectory = directoryOf(members);
const anyDirectory = directoryOf(mostly<readonly string[] | 'unavailable'>(members, fc.constant('unavailable'), 12));

const actor: fc.Arbitrary<Actor> = fc.oneof(
  somebody.map(byPerson),
  fc.constantFrom(byPipeline(), byPipeline(), byPipeline('other')),
);
const replaces = fc.oneof(fc.constant('current' as const), fc.integer({ min: 1, max: 12 }));
const note = mostly<string | null>(fc.constant('because'), fc.constantFrom(' ', null));
const option = mostly(fc.constant('approve'), fc.constantFrom('canary', 'reject', 'nonsense'), 4);
const anyVote: fc.Arbitrary<Act> = fc.record({
  type: fc.constant('vote' as const),
  person: somebody,
  option,
  reason: mostly(fc.constant('because'), fc.constant(null)),
  inputs: mostly<Readonly<Record<string, unknown>>>(
    fc.constant({}),
    fc.constantFrom({ n: 3 }, { n: 99 }, { t: 'x' }, { other: [] }),
  ),
  via: fc.constantFrom('slack', 'web', 'api'),
  pipeline: fc.constant(null),
  assurance: mostly<'high' | 'standard'>(fc.constant('high'), fc.constant('standard')),
  replaces: mostly<number | 'current' | null>(fc.constant(null), replaces),
});

const scope: fc.Arbitrary<PauseScope> = fc.constantFrom(
  { kind: 'gate', id: 'p1' },
  { kind: 'pipeline', id: 'p2' },
  { kind: 'everything', id: 'p3' },
);

export const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 30, arbitrary: anyVote },
  { weight: 8, arbitrary: fc.constant({ type: 'tick' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('withdrawVote'), person: somebody, via: fc.constant('web'), replaces }),
  },
  fc.record({ type: fc.constant('comment'), by: actor, text: fc.constantFrom('hm', ' ') }),
  fc.record({ type: fc.constant('requestInformation'), by: somebody, question: fc.constantFrom('why?', '') }),
  fc.record({ type: fc.constant('returnInformation'), by: actor, answer: fc.constantFrom('so', '') }),
  fc.record({ type: fc.constant('snooze'), person: somebody, until: duration.map((ms) => T0 + ms) }),
  fc.record({ type: fc.constant('pause'), by: actor, reason: note }),
  fc.tuple(fc.boolean(), scope).map(([isRunning, of]) => ({
    type: 'pause' as const,
    by: byPerson('kim'),
    reason: null,
    scope: of,
    ...(isRunning && { clocks: 'run' as const }),
  })),
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('resume'), by: mostly(fc.constant<Actor>(byPipeline()), actor, 2) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('resume'), by: fc.constant(byPerson('kim')), scope }) },
  fc.record({ type: fc.constant('nudge'), by: actor }),
  fc.constant({ type: 'resolveApprovers' } as const),
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delegate'), from: somebody, to: somebody, reason: note }) },
  fc.record({ type: fc.constant('reassign'), by: actor, from: somebody, to: somebody, reason: note }),
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('bypass'),
      person: somebody,
      reason: note,
      via: fc.constant('cli'),
      assurance: mostly<'high' | 'standard'>(fc.constant('high'), fc.constant('standard')),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('reviewBypass'), person: somebody, note }) },
  fc.constant({ type: 'heartbeat' } as const),
  fc.constant({ type: 'reportUndelivered', kind: 'notice', channel: 'slack', error: 'gone' } as const),
  mostly<Act>(
    fc.constant({ type: 'tick' }),
    fc.constantFrom<Act>(
      { type: 'cancel', by: byPipeline(), reason: null },
      { type: 'cancel', by: byPerson('dan'), reason: 'mine' },
      { type: 'supersede', by: 'req_2' },
    ),
  ),
);

/** How far the clock moves before a command; it may have been set back. */
const jump = fc.oneof(
  { weight: 16, arbitrary: fc.constantFrom(0, 0, 1, MINUTE, 20 * MINUTE) },
  { weight: 2, arbitrary: fc.constantFrom(HOUR, 7 * HOUR, DAY) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -HOUR) },
);

export interface Life {
  readonly gate: GateDefinition;
  readonly content: Content;
  readonly directories: readonly [Directory, ...Directory[]];
  readonly acts: readonly { readonly act: Act; readonly jump: number; readonly directory: number }[];
}

interface Wishes {
  readonly autoApproveIf?: fc.Arbitrary<string | null>;
  readonly act?: fc.Arbitrary<Act>;
}

export const anyLife = ({ autoApproveIf, act = anyAct }: Wishes = {}): fc.Arbitrary<Life> =>
  fc.record({
    gate: anyGate(
      autoApproveIf ??
        fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, fc.constantFrom('context.risk < 100.0', ...NEVER_TRUE)),
    ),
    content: fc
      .record({
        requester: mostly<string | null>(person, fc.constant(null), 4),
        heartbeatMs: mostly<number | null>(fc.constant(null), duration),
      })
      .map((more) => content({ ...more, context: { risk: 5 } })),
    directories: fc.tuple(reachableDirectory, anyDirectory),
    acts: fc.array(
      fc.record({ act, jump, directory: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.constant(1)) }),
      { maxLength: 40, size: 'max' },
    ),
  });

interface Step {
  readonly before: RequestState | null;
  readonly act: Act | { readonly type: 'open' };
  readonly now: number;
  readonly directory: Directory;
  readonly decision: Decision;
}

export interface Played {
  readonly steps: readonly Step[];
  readonly events: readonly Event[];
  /** null when it did not open. */
  readonly state: RequestState | null;
}

/** Lets it happen. States are frozen: whoever changes one instead of making the next throws. */
export function play(life: Life): Played {
  const steps: Step[] = [];
  const events: Event[] = [];
  let state: RequestState | null = null;
  let now = T0;
  const step = (act: Step['act'], people: Directory, decision: Decision): void => {
    steps.push({ before: state, act, now, directory: people, decision });
    if (decision.kind === 'refused') return;
    events.push(...decision.events);
    state = frozen(decision.state);
  };
  const [first] = life.directories;
  const open = { type: 'open', content: life.content, gate: life.gate, directory: first } as const;
  step({ type: 'open' }, first, decide(null, open, now));
  for (const { act, jump, directory } of life.acts) {
    if (state === null) break;
    now += jump;
    const people = life.directories[directory] ?? first;
    step(act, people, decide(state, withDirectory(act, people), now));
  }
  return { steps, events, state };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
}
