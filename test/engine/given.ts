/**
 * test/engine/given.ts: how a specification of the engine is written: `given` a gate, `when` somebody does something,
 * `then` this is recorded. Time is virtual and starts on a Monday morning; every step also proves that the events
 * alone, as they come back from disk, lead to the same state.
 */
import { expect } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import type {
  ApproverRef,
  CalendarDefinition,
  GateDefinition,
  Quorum,
  RuleDefinition,
  StageDefinition,
} from '../../src/engine/definition.ts';
import type { Directory, Group, Person } from '../../src/engine/directory.ts';
import { fold } from '../../src/engine/evolve.ts';
import { type Refusal, words } from '../../src/engine/refusal.ts';
import type { Command, Content, Decision, Event, RequestState } from '../../src/engine/request.ts';

/** Monday 5 January 2026, 09:00 UTC: when every request opens. */
export const T0 = Date.UTC(2026, 0, 5, 9);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

type QuorumText = number | 'all' | 'majority' | `${number}%`;

export function quorum(text: QuorumText): Quorum {
  if (typeof text === 'number') return { kind: 'count', count: text };
  if (text === 'all' || text === 'majority') return { kind: text };
  return { kind: 'percent', percent: Number.parseFloat(text) };
}

export const rule = (approvers: readonly ApproverRef[], needed: QuorumText = 1): RuleDefinition => ({
  approvers,
  quorum: quorum(needed),
});

export const stage = (name: string, rules: readonly RuleDefinition[], when: string | null = null): StageDefinition => ({
  name,
  when,
  rules,
});

/** A gate of one stage with one rule, as `countersign.yaml` writes it, unless `more` says otherwise. */
export function gate(
  approvers: readonly ApproverRef[] = ['ana', 'ben'],
  needed: QuorumText = 1,
  more: Partial<GateDefinition> = {},
): GateDefinition {
  return {
    name: 'deploy-prod',
    title: null,
    description: null,
    notify: [],
    autoApproveIf: null,
    stages: [stage('review', [rule(approvers, needed)])],
    rejection: 'veto',
    selfApproval: 'forbidIfKnown',
    distinct: 'stage',
    assurance: 'standard',
    freeze: null,
    requireReason: [],
    options: [
      { id: 'approve', label: 'Approve', outcome: 'approved', style: 'primary' },
      { id: 'reject', label: 'Reject', outcome: 'rejected', style: 'danger' },
    ],
    form: [],
    remind: null,
    escalate: [],
    sla: null,
    timeoutMs: DAY,
    onTimeout: 'reject',
    bypass: null,
    actions: { approved: [], rejected: [], cancelled: [] },
    retentionMs: null,
    overrides: [],
    ...more,
  };
}

export const staged = (stages: readonly StageDefinition[], more: Partial<GateDefinition> = {}): GateDefinition =>
  gate([], 1, { stages, ...more });

export const canaryOptions: GateDefinition['options'] = [
  { id: 'canary', label: 'Canary 10 %', outcome: 'approved', style: null },
  { id: 'full', label: 'Full', outcome: 'approved', style: 'primary' },
  { id: 'stop', label: 'Stop', outcome: 'rejected', style: 'danger' },
];

export const officeHours = (holidays: readonly string[] = []): CalendarDefinition => ({
  name: 'office',
  timezone: 'UTC',
  hours: [{ days: [1, 2, 3, 4, 5], fromMinute: 9 * 60, toMinute: 18 * 60 }],
  holidays,
});

export const neverOpen: CalendarDefinition = { name: 'never', timezone: 'UTC', hours: [], holidays: [] };

const NAMES = {
  ana: 'Ana Silva',
  ben: 'Ben Okoye',
  mia: 'Mia Chen',
  dan: 'Dan Roth',
  eve: 'Eve Moss',
  kim: 'Kim Lund',
};

export const person = (id: string, more: Partial<Person> = {}): Person => ({
  id,
  name: Object.entries(NAMES).find(([known]) => known === id)?.[1] ?? id,
  email: `${id}@acme.dev`,
  slack: `T1/U${id.toUpperCase()}`,
  teams: null,
  manager: null,
  timezone: null,
  away: [],
  ...more,
});

/** Everybody of the house, Mia being the manager of Ana and Ben; `people` changes or adds some, `without` lets some go. */
export function directory(
  more: {
    readonly people?: Readonly<Record<string, Partial<Person>>>;
    readonly groups?: Readonly<Record<string, Group>>;
    readonly without?: readonly string[];
  } = {},
): Directory {
  const managers: Readonly<Record<string, Partial<Person>>> = { ana: { manager: 'mia' }, ben: { manager: 'mia' } };
  const ids = [...new Set([...Object.keys(NAMES), ...Object.keys(more.people ?? {})])];
  return {
    people: new Map(
      ids
        .filter((id) => more.without?.includes(id) !== true)
        .map((id) => [id, person(id, { ...managers[id], ...more.people?.[id] })]),
    ),
    groups: new Map(Object.entries(more.groups ?? {})),
  };
}

export const content = (more: Partial<Content> = {}): Content => ({
  id: 'req_1',
  pipeline: 'ci',
  title: 'Deploy shop 1.4 to production',
  description: null,
  requester: null,
  context: {},
  fields: [],
  artifacts: [],
  subject: null,
  callback: null,
  supersedes: null,
  heartbeatMs: null,
  digest: 'sha256:0',
  ...more,
});

export const byPerson = (id: string) => ({ kind: 'person', person: id, via: 'web', pipeline: null }) as const;
export const byPipeline = (pipeline = 'ci') => ({ kind: 'pipeline', pipeline }) as const;

type WithoutDirectory<C> = C extends { readonly directory: Directory } ? Omit<C, 'directory'> : C;
/** A command as a specification writes it: the directory is the story's. */
export type Act = WithoutDirectory<Exclude<Command, { type: 'open' }>>;
type VoteAct = Extract<Act, { type: 'vote' }>;

export const vote = (id: string, option = 'approve', more: Partial<VoteAct> = {}): VoteAct => ({
  type: 'vote',
  person: id,
  option,
  reason: null,
  inputs: {},
  via: 'web',
  pipeline: null,
  assurance: 'standard',
  replaces: null,
  ...more,
});

export const changeVote = (id: string, option: string, more: Partial<VoteAct> = {}): VoteAct =>
  vote(id, option, { replaces: 'current', ...more });

export const withdraw = (id: string, replaces: number | 'current' = 'current') =>
  ({ type: 'withdrawVote', person: id, via: 'web', replaces }) as const;

export const delegate = (from: string, to: string) => ({ type: 'delegate', from, to, reason: null }) as const;
export const bypass = (id: string, reason: string | null = 'production is down') =>
  ({ type: 'bypass', person: id, reason, via: 'web' }) as const;

export function withDirectory(act: Act, people: Directory): Exclude<Command, { type: 'open' }> {
  switch (act.type) {
    case 'vote':
    case 'delegate':
    case 'reassign':
    case 'bypass':
    case 'reviewBypass':
    case 'tick':
      return { ...act, directory: people };
    default:
      return act;
  }
}

/** What an event is expected to say: its type alone, or some of its facts. */
type Expected = Event['type'] | ({ readonly type: Event['type'] } & Readonly<Record<string, unknown>>);

/** One request from its opening on. Each step answers a new story; the one before stays as it was. */
export class Story {
  readonly #history: readonly Event[];
  readonly #decision: Decision;
  readonly #state: RequestState | null;
  readonly #people: Directory;
  readonly now: number;

  constructor(
    history: readonly Event[],
    decision: Decision,
    state: RequestState | null,
    people: Directory,
    now: number,
  ) {
    this.#history = history;
    this.#decision = decision;
    this.#state = state;
    this.#people = people;
    this.now = now;
  }

  get state(): RequestState {
    if (this.#state === null) throw new Error('the request did not open');
    return this.#state;
  }

  get history(): readonly Event[] {
    return this.#history;
  }

  get decision(): Decision {
    return this.#decision;
  }

  get people(): Directory {
    return this.#people;
  }

  /** Sets the clock to so many ms after the opening. */
  at(ms: number): Story {
    return new Story(this.#history, this.#decision, this.#state, this.#people, T0 + ms);
  }

  /** From now on the directory says something else. */
  whenDirectory(people: Directory): Story {
    return new Story(this.#history, this.#decision, this.#state, people, this.now);
  }

  when(act: Act): Story {
    const decision = decide(this.state, withDirectory(act, this.#people), this.now);
    if (decision.kind === 'refused') {
      expect(words[decision.refusal]).toMatch(/\.$/);
      return new Story(this.#history, decision, this.state, this.#people, this.now);
    }
    const history = [...this.#history, ...decision.events];
    expect(fold(JSON.parse(JSON.stringify(history)))).toEqual(decision.state);
    return new Story(history, decision, decision.state, this.#people, this.now);
  }

  whenAll(...acts: readonly Act[]): Story {
    return acts.reduce((story: Story, act) => story.when(act).thenAccepts(), this);
  }

  tick(): Story {
    return this.when({ type: 'tick' });
  }

  thenAccepts(): this {
    expect(this.#decision).toMatchObject({ kind: 'accepted' });
    return this;
  }

  /** Exactly these events came of the last step. */
  thenRecords(...expected: readonly Expected[]): this {
    this.thenAccepts();
    const events = this.#decision.kind === 'accepted' ? this.#decision.events : [];
    expect(events.map(({ type }) => type)).toEqual(expected.map((e) => (typeof e === 'string' ? e : e.type)));
    expect(events).toMatchObject(expected.map((e) => (typeof e === 'string' ? { type: e } : e)));
    return this;
  }

  thenRecordsNothing(): this {
    return this.thenRecords();
  }

  thenRefuses(refusal: Refusal, ...paths: readonly string[]): this {
    expect(this.#decision).toMatchObject({ kind: 'refused', refusal });
    const errors = this.#decision.kind === 'refused' ? this.#decision.errors : [];
    if (paths.length > 0) expect(errors.map(({ path }) => path)).toEqual(paths);
    return this;
  }

  thenIs(expected: Readonly<Record<string, unknown>>): this {
    expect(this.state).toMatchObject(expected);
    return this;
  }

  thenIsPending(): this {
    return this.thenIs({ status: 'pending' });
  }

  /** The request ended so; `outcome` names what matters of it. */
  thenEnds(status: 'approved' | 'rejected' | 'cancelled', outcome: Readonly<Record<string, unknown>> = {}): this {
    return this.thenIs({ status, outcome: { status, ...outcome } });
  }
}

interface Given {
  readonly content?: Partial<Content>;
  readonly people?: Directory;
}

/** A request is asked for; it may be refused. */
export function opening(definition: GateDefinition, { content: more, people = directory() }: Given = {}): Story {
  const decision = decide(null, { type: 'open', content: content(more), gate: definition, directory: people }, T0);
  if (decision.kind === 'refused') return new Story([], decision, null, people, T0);
  expect(fold(JSON.parse(JSON.stringify(decision.events)))).toEqual(decision.state);
  return new Story(decision.events, decision, decision.state, people, T0);
}

/** A request that opened. */
export const given = (definition: GateDefinition, more: Given = {}): Story => opening(definition, more).thenAccepts();
