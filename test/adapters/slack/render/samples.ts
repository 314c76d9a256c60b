/** test/adapters/slack/render/samples.ts: requests as the presenter would show them, at each turn of their lives. */
import type { FieldDefinition } from '../../../../src/engine/definition.ts';
import type { ActionView, RequestView, RuleView, VoteView } from '../../../../src/engine/view.ts';

export const now = Date.UTC(2026, 10, 22, 9, 30);
const minute = 60_000;
export const hour = 60 * minute;
export const link = (id: string): string => `https://gates.acme.dev/requests/${id}`;

const ana = { id: 'ana', name: 'Ana Silva' };
const ben = { id: 'ben', name: 'Ben Okoye' };
const cy = { id: 'cy', name: 'Cy Tan' };
const mia = { id: 'mia', name: 'Mia Chen' };

type Vote = Extract<ActionView, { kind: 'vote' | 'changeVote' }>;

export const approve: Vote = {
  kind: 'vote',
  option: 'approve',
  label: 'Approve',
  style: 'primary',
  outcome: 'approved',
  form: { reason: 'optional', fields: [] },
  confirm: null,
  replaces: null,
};

export const reject: Vote = {
  ...approve,
  option: 'reject',
  label: 'Reject',
  style: 'danger',
  outcome: 'rejected',
  form: { reason: 'required', fields: [] },
  confirm: 'Reject “Deploy payments 4.12.0 to production”? This ends the request.',
};

/** One click would end it, so it asks back. */
export const vetoed: Vote = { ...reject, form: { reason: 'optional', fields: [] } };

const base = { help: null, required: false, when: null } as const;

/** One field of every type. */
const fields: readonly FieldDefinition[] = [
  {
    ...base,
    id: 'window',
    type: 'select',
    label: 'Window',
    help: 'When it goes out',
    required: true,
    options: ['now', 'tonight'],
  },
  {
    ...base,
    id: 'region',
    type: 'select',
    label: 'First region',
    options: ['eu-west', 'eu-north', 'us-east', 'us-west', 'asia', 'africa'],
  },
  { ...base, id: 'share', type: 'number', label: 'Share in percent', required: true, min: 1, max: 50 },
  {
    ...base,
    id: 'ticket',
    type: 'text',
    label: 'Ticket',
    help: 'As OPS-123',
    pattern: 'OPS-[0-9]+',
    multiline: false,
  },
  { ...base, id: 'plan', type: 'text', label: 'How to go back', pattern: null, multiline: true },
  { ...base, id: 'teams', type: 'multiselect', label: 'Told beforehand', options: ['support', 'sales', 'finance'] },
  { ...base, id: 'day', type: 'date', label: 'Day' },
  { ...base, id: 'told', type: 'checkbox', label: 'Support has been told' },
  { ...base, id: 'contact', type: 'email', label: 'Contact', pattern: null },
  { ...base, id: 'runbook', type: 'url', label: 'Runbook', pattern: null },
];

export const canary: Vote = {
  ...approve,
  option: 'canary',
  label: 'Canary 10 %',
  style: null,
  form: { reason: 'optional', fields },
};

export const steps: readonly ActionView[] = [
  { kind: 'comment', label: 'Comment' },
  { kind: 'requestInformation', label: 'Ask for information' },
  { kind: 'delegate', label: 'Delegate' },
  { kind: 'snooze', label: 'Snooze' },
  {
    kind: 'bypass',
    label: 'Bypass',
    confirm: 'Approve without the usual approvals? It is announced, and somebody else reviews it.',
  },
];

const anasVote: VoteView = {
  person: ana,
  onBehalfOf: null,
  option: 'approve',
  optionLabel: 'Approve',
  outcome: 'approved',
  reason: 'The migration is backwards compatible, and the dry run is green.',
  inputs: [],
  via: 'slack',
  pipeline: null,
  at: now - 12 * minute,
  counts: true,
};

const miasVote: VoteView = {
  ...anasVote,
  person: mia,
  reason: 'Go, but watch the queue.',
  via: 'web',
  at: now - minute,
};

const rule: RuleView = {
  needed: 2,
  approvals: 0,
  rejections: 0,
  state: 'open',
  approvers: [ana, cy, mia],
  missing: [ana, cy, mia],
};

/** Nobody has voted yet; one stage of one rule. As a channel's message shows it. */
export const pending: RequestView = {
  id: 'req_01JD8QZ6V3M0F7',
  version: 1,
  gate: 'deploy-prod',
  title: 'Deploy payments 4.12.0 to production',
  status: 'pending',
  description:
    'The **ledger** writes to the new partition. See the [plan](https://docs.acme.dev/plan).\n\n- backwards compatible\n- rollback takes two minutes: `kubectl rollout undo deploy/payments`\n',
  requester: ben,
  pipeline: 'ci',
  facts: [
    { label: 'Service', value: 'payments' },
    { label: 'Version', value: '4.12.0' },
    { label: 'Environment', value: 'production' },
    { label: 'Risk', value: '7' },
  ],
  subject: {
    name: 'registry.acme.dev/payments',
    digest: `sha256:${'9f86d081884c7d65'.repeat(4)}`,
    url: 'https://registry.acme.dev/payments',
  },
  artifacts: [
    { name: 'Test report', url: 'https://ci.acme.dev/runs/812/report', digest: null },
    { name: 'Changes since 4.11.3', url: 'https://git.acme.dev/payments/compare/4.11.3...4.12.0', digest: null },
  ],
  digest: `sha256:${'4c'.repeat(32)}`,
  openedAt: now - 40 * minute,
  expiresAt: now + 3 * hour,
  stages: [{ name: 'release managers', state: 'open', rules: [rule], votes: [] }],
  progress: '0 of 2 approvals · waiting for Ana Silva, Cy Tan or Mia Chen',
  silence: { sentence: 'Without a decision it is rejected automatically', at: now + 3 * hour },
  paused: null,
  held: null,
  sla: 'met',
  comments: [],
  information: [],
  escalations: [],
  undelivered: [],
  outcome: null,
  myVote: null,
  actions: [approve, reject, ...steps],
  notice: null,
  mustReview: false,
};

/** In the second of three stages, with a vote, an escalation and an open question. */
export const afterVotes: RequestView = {
  ...pending,
  version: 4,
  stages: [
    {
      name: 'peer review',
      state: 'passed',
      rules: [{ ...rule, needed: 1, approvals: 1, state: 'passed', approvers: [ana, cy], missing: [cy] }],
      votes: [anasVote],
    },
    {
      name: 'change board',
      state: 'open',
      rules: [
        { ...rule, approvals: 1, approvers: [cy, mia, ben], missing: [mia, ben] },
        { ...rule, needed: 1, approvers: [mia], missing: [mia] },
      ],
      votes: [{ ...miasVote, person: cy, reason: 'Fine by me.', at: now - 4 * minute, via: 'teams' }],
    },
    { name: 'finance', state: 'skipped', rules: [], votes: [] },
  ],
  progress: 'Stage 2 of 2, change board: 1 of 3 approvals · waiting for Mia Chen or Ben Okoye',
  sla: 'warned',
  escalations: [{ people: [mia], mode: 'add', at: now - 10 * minute, step: { number: 1, of: 2 } }],
  information: [{ by: mia, question: 'Is there a way back after the migration?', at: now - 3 * minute, answer: null }],
  comments: [{ by: 'Ben Okoye', text: 'The dry run is green.', at: now - 20 * minute }],
};

export const approved: RequestView = {
  ...pending,
  version: 3,
  status: 'approved',
  progress: '',
  silence: null,
  actions: [],
  stages: [
    {
      name: 'release managers',
      state: 'passed',
      rules: [{ ...rule, approvals: 2, state: 'passed', missing: [cy] }],
      votes: [anasVote, miasVote],
    },
  ],
  outcome: {
    status: 'approved',
    cause: 'votes',
    sentence: 'Approved by Ana Silva and Mia Chen',
    optionLabel: 'Approve',
    decidedBy: [ana, mia],
    reason: 'Go, but watch the queue.',
    inputs: [],
    at: now - minute,
    afterReview: null,
  },
};

const miasNo: VoteView = {
  ...miasVote,
  option: 'reject',
  optionLabel: 'Reject',
  outcome: 'rejected',
  reason: 'The rollback was not rehearsed. Ask again after Thursday.',
  via: 'slack',
};

export const rejected: RequestView = {
  ...approved,
  status: 'rejected',
  stages: [
    {
      name: 'release managers',
      state: 'rejected',
      rules: [{ ...rule, approvals: 1, rejections: 1, state: 'rejected', missing: [cy] }],
      votes: [anasVote, miasNo],
    },
  ],
  outcome: {
    status: 'rejected',
    cause: 'votes',
    sentence: 'Rejected by Mia Chen',
    optionLabel: 'Reject',
    decidedBy: [mia],
    reason: miasNo.reason,
    inputs: [],
    at: now - minute,
    afterReview: null,
  },
};

export const timedOut: RequestView = {
  ...rejected,
  stages: pending.stages,
  outcome: {
    status: 'rejected',
    cause: 'timeout',
    sentence: 'Rejected automatically: nobody decided in time',
    optionLabel: null,
    decidedBy: [],
    reason: null,
    inputs: [],
    at: now,
    afterReview: null,
  },
};

export const bypassed: RequestView = {
  ...approved,
  stages: pending.stages,
  actions: [{ kind: 'reviewBypass', label: 'Acknowledge the review' }],
  outcome: {
    status: 'approved',
    cause: 'bypass',
    sentence: 'Bypassed by Ana Silva: approved without the usual approvals',
    optionLabel: null,
    decidedBy: [ana],
    reason: 'Production is down.',
    inputs: [],
    at: now,
    afterReview: 'due',
  },
};

/** The same as Mia sees it in a direct message, having voted. */
export const minesVoted: RequestView = {
  ...afterVotes,
  myVote: miasVote,
  actions: [
    { ...reject, kind: 'changeVote', label: 'Change my vote to Reject', replaces: 4 },
    { kind: 'withdrawVote', label: 'Withdraw my vote', replaces: 4 },
    { kind: 'comment', label: 'Comment' },
    { kind: 'requestInformation', label: 'Ask for information' },
  ],
};
