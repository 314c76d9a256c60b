/** test/engine/house.ts: the people, gates, requests and commands that the engine's specifications speak of. */
import type {
  ApproverRef,
  CalendarDefinition,
  GateDefinition,
  Quorum,
  RuleDefinition,
  StageDefinition,
} from '../../src/engine/definition.ts';
import type { Directory, Group, Person } from '../../src/engine/directory.ts';
import type { Command, Content } from '../../src/engine/request.ts';

/** Monday 5 January 2026, 09:00 UTC: when every request opens. */
export const T0 = Date.UTC(2026, 0, 5, 9);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

type QuorumText = number | 'all' | 'majority' | `${number}%`;

function quorum(text: QuorumText): Quorum {
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

const person = (id: string, more: Partial<Person> = {}): Person => ({
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
    case 'resolveApprovers':
    case 'tick':
      return { ...act, directory: people };
    default:
      return act;
  }
}
