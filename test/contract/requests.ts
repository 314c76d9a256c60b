/**
 * test/contract/requests.ts: requests and events for store tests, with a fold of their own. They satisfy the engine's
 * types and nothing more: a store keeps what it is given and knows no rule.
 */
import { createHmac } from 'node:crypto';
import type { GateDefinition, PersonId } from '../../src/engine/definition.ts';
import type { Content, Event, Pending, RequestState } from '../../src/engine/request.ts';
import type { Change, CheckpointSigner, NewDelivery, OpenWork, Write } from '../../src/store/port.ts';

export const NOON = Date.UTC(2026, 0, 5, 12);

export const gate: GateDefinition = {
  name: 'deploy-prod',
  title: null,
  description: null,
  notify: ['releases'],
  autoApproveIf: null,
  stages: [{ name: 'review', when: null, rules: [{ approvers: ['ana', 'ben'], quorum: { kind: 'count', count: 1 } }] }],
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
  timeoutMs: 86_400_000,
  onTimeout: 'reject',
  bypass: null,
  actions: { approved: [], rejected: [], cancelled: [] },
  retentionMs: null,
  overrides: [],
};

export const signer: CheckpointSigner = {
  sign: (text) => createHmac('sha256', 'a key of the tests').update(text).digest('hex'),
  verify(text, signature) {
    return this.sign(text) === signature;
  },
};

let lastId = 0;
/** Ids in the order of their making, as the bot's are. */
export const nextId = (prefix: 'req' | 'dlv'): string => `${prefix}_${String(++lastId).padStart(12, '0')}`;

function opened(id: string, content: Partial<Content> = {}, pinned: GateDefinition = gate, at = NOON): Event {
  return {
    type: 'opened',
    at,
    content: {
      id,
      pipeline: 'ci',
      title: 'Deploy shop 1.4.2',
      description: null,
      requester: 'mia',
      context: { service: 'shop', version: '1.4.2' },
      fields: [],
      artifacts: [],
      subject: null,
      callback: null,
      supersedes: null,
      heartbeatMs: null,
      digest: 'sha256:0',
      ...content,
    },
    gate: pinned,
    expiresAt: at + 86_400_000,
    stages: [
      {
        name: 'review',
        skipped: false,
        rules: [{ refs: ['ana', 'ben'], needed: 1, approvers: ['ana', 'ben'], standsFor: {} }],
      },
    ],
  };
}

export const commented = (text: string, at = NOON + 1_000): Event => ({
  type: 'commented',
  at,
  by: { kind: 'pipeline', pipeline: 'ci' },
  text,
});

export const closed = (status: 'approved' | 'rejected' | 'cancelled', at = NOON + 2_000): Event => ({
  type: 'closed',
  at,
  outcome: {
    status,
    cause: status === 'cancelled' ? 'superseded' : 'votes',
    option: null,
    inputs: {},
    reason: null,
    decidedBy: ['ana'],
    decidedAt: at,
  },
});

/** Understands the three events above. */
export function fold(events: readonly Event[]): RequestState {
  let state: RequestState | null = null;
  for (const event of events) state = apply(state, event);
  if (state === null) throw new Error('No events to fold.');
  return state;
}

function apply(state: RequestState | null, event: Event): RequestState {
  if (event.type === 'opened') return begin(event);
  if (state === null) throw new Error(`The first event is ${event.type}.`);
  const version = state.version + 1;
  switch (event.type) {
    case 'commented': {
      const { by, text, at } = event;
      return { ...state, version, comments: [...state.comments, { by, text, at }] };
    }
    case 'closed': {
      if (state.status !== 'pending') throw new Error('It is closed already.');
      const {
        paused: _paused,
        held: _held,
        snoozed: _snoozed,
        slaFrom: _slaFrom,
        lastBeatAt: _lastBeatAt,
        ...base
      } = state;
      const { outcome } = event;
      return { ...base, version, status: outcome.status, outcome, afterReview: null };
    }
    default:
      throw new Error(`The tests' fold does not know ${event.type}.`);
  }
}

function begin(event: Event & { type: 'opened' }): Pending {
  return {
    status: 'pending',
    content: event.content,
    gate: event.gate,
    version: 1,
    openedAt: event.at,
    expiresAt: event.expiresAt,
    stages: [],
    votes: [],
    withdrawals: {},
    comments: [],
    information: [],
    escalations: [],
    undelivered: [],
    paused: null,
    held: null,
    snoozed: {},
    slaFrom: event.at,
    slaWarned: false,
    slaBreached: false,
    lastBeatAt: null,
  };
}

interface Caused {
  readonly deliveries?: readonly NewDelivery[];
  readonly asked?: readonly PersonId[];
  readonly dueAt?: number | null;
  readonly refreshSurfaces?: boolean;
}

function writeOf(before: RequestState | null, events: readonly Event[], caused: Caused = {}): Write {
  let state = before;
  for (const event of events) state = apply(state, event);
  if (state === null) throw new Error('No events to fold.');
  const isPending = state.status === 'pending';
  return {
    events,
    state,
    dueAt: caused.dueAt === undefined ? state.expiresAt : caused.dueAt,
    asked: caused.asked ?? (isPending ? ['ana', 'ben'] : []),
    deliveries: caused.deliveries ?? [],
    refreshSurfaces: caused.refreshSurfaces ?? false,
  };
}

/** A change that always happens, and answers with the new version. */
export const recording =
  (events: readonly Event[], caused: Caused = {}) =>
  (state: RequestState): Change<number> => {
    const write = writeOf(state, events, caused);
    return { kind: 'write', answer: write.state.version, write };
  };

type Opening = Caused & {
  readonly content?: Partial<Content>;
  readonly gate?: GateDefinition;
  readonly idempotency?: OpenWork<string>['idempotency'];
  readonly at?: number;
};

/** Work that opens a request and answers with its id. */
export function opening(id: string, what: Opening = {}): OpenWork<string> {
  const at = what.at ?? NOON;
  const supersedes = what.content?.supersedes ?? null;
  return {
    id,
    at,
    idempotency: what.idempotency ?? null,
    decide: () => ({
      kind: 'write',
      answer: id,
      write: writeOf(null, [opened(id, what.content, what.gate, at)], what),
    }),
    supersedes:
      supersedes === null
        ? null
        : {
            pipeline: what.content?.pipeline ?? 'ci',
            key: supersedes,
            decide: recording([closed('cancelled')]),
          },
  };
}

export function delivery(request: string, about: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id: nextId('dlv'),
    request,
    kind: 'surface',
    channel: 'slack',
    target: 'slack:C0RELEASES',
    payload: { to: 'C0RELEASES' },
    dueAt: NOON,
    ...about,
  };
}
