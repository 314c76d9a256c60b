/** test/adapters/web/samples.ts: requests as the presenter would show them, and pages on an in-memory process. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { ActionResult } from '../../../src/adapters/action.ts';
import { LIMITS, type WebAction, type WebLimits, type WebPorts } from '../../../src/adapters/web/ports.ts';
import type { StatsView } from '../../../src/adapters/web/stats.ts';
import { webPages } from '../../../src/adapters/web/web.tsx';
import type { ActionView, RequestView, VoteView } from '../../../src/engine/view.ts';

export const now = Date.UTC(2026, 10, 22, 9, 30);
const minute = 60_000;
const hour = 60 * minute;

const ana = { id: 'ana', name: 'Ana Silva', email: 'ana@acme.dev' };
const ben = { id: 'ben', name: 'Ben Okoye', email: 'ben@acme.dev' };
const mia = { id: 'mia', name: 'Mia Chen', email: 'mia@acme.dev' };
const people = [ana, ben, mia];

const person = ({ id, name }: { readonly id: string; readonly name: string }) => ({ id, name });

const approve: ActionView = {
  kind: 'vote',
  option: 'approve',
  label: 'Approve',
  style: 'primary',
  outcome: 'approved',
  form: { reason: 'optional', fields: [] },
  confirm: null,
  replaces: null,
};

const reject: ActionView = {
  kind: 'vote',
  option: 'reject',
  label: 'Reject',
  style: 'danger',
  outcome: 'rejected',
  form: { reason: 'required', fields: [] },
  confirm: null,
  replaces: null,
};

const canary: ActionView = {
  kind: 'vote',
  option: 'canary',
  label: 'Canary 10 %',
  style: null,
  outcome: 'approved',
  form: {
    reason: 'optional',
    fields: [
      {
        id: 'window',
        type: 'select',
        label: 'Window',
        help: 'When it goes out',
        required: true,
        when: null,
        options: ['now', 'tonight'],
      },
      {
        id: 'share',
        type: 'number',
        label: 'Share in percent',
        help: null,
        required: true,
        when: null,
        min: 1,
        max: 50,
      },
      {
        id: 'ticket',
        type: 'text',
        label: 'Ticket',
        help: 'As OPS-123',
        required: false,
        when: null,
        pattern: 'OPS-[0-9]+',
        multiline: false,
      },
      {
        id: 'regions',
        type: 'multiselect',
        label: 'Regions',
        help: null,
        required: false,
        when: null,
        options: ['eu', 'us', 'asia'],
      },
      { id: 'day', type: 'date', label: 'Day', help: null, required: false, when: null },
      { id: 'told', type: 'checkbox', label: 'Support has been told', help: null, required: false, when: null },
      { id: 'contact', type: 'email', label: 'Contact', help: null, required: false, when: null, pattern: null },
      { id: 'runbook', type: 'url', label: 'Runbook', help: null, required: false, when: null, pattern: null },
    ],
  },
  confirm: null,
  replaces: null,
};

const others: readonly ActionView[] = [
  { kind: 'comment', label: 'Comment' },
  { kind: 'requestInformation', label: 'Ask for information' },
  { kind: 'delegate', label: 'Delegate to somebody else' },
  { kind: 'snooze', label: 'Remind me later' },
  {
    kind: 'bypass',
    label: 'Bypass this gate',
    confirm: 'This lets the pipeline go on without the approvals it needs. Everybody concerned is told.',
  },
];

export const anasVote: VoteView = {
  person: person(ana),
  onBehalfOf: null,
  option: 'approve',
  optionLabel: 'Approve',
  outcome: 'approved',
  reason: 'Looks right: the migration is backwards compatible.',
  inputs: [{ label: 'Window', value: 'tonight' }],
  via: 'slack',
  pipeline: null,
  at: now - 12 * minute,
  counts: true,
};

export const pending: RequestView = {
  id: 'req_01jd8q',
  version: 3,
  gate: 'deploy-prod',
  title: 'Deploy payments 4.12.0 to production',
  status: 'pending',
  description:
    '## What changes\n\nThe **ledger** writes to the new partition. See the [plan](https://docs.acme.dev/plan).\n\n- backwards compatible\n- rollback takes *two minutes*\n\n```sh\nkubectl rollout undo deploy/payments\n```\n',
  requester: person(ben),
  pipeline: 'ci',
  facts: [
    { label: 'Service', value: 'payments' },
    { label: 'Version', value: '4.12.0' },
    { label: 'Risk', value: '7' },
  ],
  subject: {
    name: 'registry.acme.dev/payments',
    digest: `sha256:${'9f'.repeat(32)}`,
    url: 'https://registry.acme.dev/payments',
  },
  artifacts: [{ name: 'Test report', url: 'https://ci.acme.dev/runs/812/report', digest: null }],
  digest: `sha256:${'4c'.repeat(32)}`,
  openedAt: now - 40 * minute,
  expiresAt: now + 3 * hour,
  stages: [
    {
      name: 'peer review',
      state: 'passed',
      rules: [
        {
          needed: 1,
          approvals: 1,
          rejections: 0,
          state: 'passed',
          approvers: [person(ana), person(mia)],
          missing: [person(mia)],
        },
      ],
      votes: [anasVote],
    },
    {
      name: 'change board',
      state: 'open',
      rules: [
        {
          needed: 2,
          approvals: 1,
          rejections: 0,
          state: 'open',
          approvers: [person(ana), person(mia)],
          missing: [person(mia)],
        },
        { needed: 1, approvals: 0, rejections: 0, state: 'open', approvers: [person(mia)], missing: [person(mia)] },
      ],
      votes: [],
    },
    { name: 'finance', state: 'skipped', rules: [], votes: [] },
  ],
  progress: '1 of 2 approvals · waiting for Mia Chen',
  silence: { sentence: 'If nobody decides, it is rejected.', at: now + 3 * hour },
  paused: null,
  held: null,
  sla: 'warned',
  comments: [{ by: 'Ben Okoye', text: 'The dry run is green.', at: now - 20 * minute }],
  information: [
    {
      by: person(mia),
      question: 'Is there a way back after the migration?',
      at: now - 30 * minute,
      answer: { by: 'pipeline ci', text: 'Yes: the old partition stays for a week.', at: now - 25 * minute },
    },
  ],
  undelivered: [],
  escalations: [{ people: [person(mia)], mode: 'add', at: now - 10 * minute }],
  outcome: null,
  myVote: null,
  actions: [approve, canary, reject, ...others],
  notice: null,
  mustReview: false,
};

export const approved: RequestView = {
  ...pending,
  id: 'req_01jd8r',
  version: 6,
  status: 'approved',
  progress: '2 of 2 approvals',
  sla: 'met',
  silence: null,
  actions: [],
  outcome: {
    status: 'approved',
    cause: 'votes',
    sentence: 'Approved by Ana Silva and Mia Chen',
    optionLabel: 'Approve',
    decidedBy: [person(ana), person(mia)],
    reason: 'Go, but watch the queue.',
    inputs: [{ label: 'Window', value: 'tonight' }],
    at: now - minute,
    afterReview: null,
  },
};

export const bypassed: RequestView = {
  ...approved,
  id: 'req_01jd8s',
  title: 'Deploy search 1.3.1 to production',
  actions: [{ kind: 'reviewBypass', label: 'Review this bypass' }],
  outcome: {
    status: 'approved',
    cause: 'bypass',
    sentence: 'Bypassed by Ana Silva',
    optionLabel: null,
    decidedBy: [person(ana)],
    reason: 'Production is down.',
    inputs: [],
    at: now - minute,
    afterReview: 'due',
  },
};

export const rejected: RequestView = {
  ...approved,
  id: 'req_01jd8t',
  title: 'Drop the table customers_old',
  status: 'rejected',
  outcome: {
    status: 'rejected',
    cause: 'timeout',
    sentence: 'Rejected: nobody decided in time',
    optionLabel: null,
    decidedBy: [],
    reason: null,
    inputs: [],
    at: now - 26 * hour,
    afterReview: null,
  },
};

export const publicUrl = 'http://127.0.0.1:3000';

/** A process in memory: the requests it has, the actions that reached it, and its answer to them. */
const noStats: StatsView = {
  weeks: ['2026-W46', '2026-W47'],
  from: Date.UTC(2026, 10, 16),
  to: Date.UTC(2026, 10, 22),
  gates: [],
  more: 0,
  own: { asked: 0, votes: 0, missed: 0, medianMs: null },
  countedUntil: null,
};

export interface Process {
  readonly ports: WebPorts;
  readonly actions: { readonly id: string; readonly action: WebAction }[];
  readonly requests: Map<string, RequestView>;
  /** Answers the next actions; by default they are done and change nothing. */
  answer: (action: WebAction, id: string) => ActionResult;
  clock: number;
  people: WebPorts['people'] extends () => infer List ? List : never;
  stats: StatsView;
  /** Stores a newer version and tells whoever listens. */
  change(view: RequestView): void;
  listeners(): number;
}

export function processWith(views: readonly RequestView[], over: Partial<WebPorts> = {}): Process {
  const requests = new Map(views.map((view) => [view.id, view]));
  const listeners = new Map<() => void, string>();
  const process: Process = {
    actions: [],
    requests,
    answer: () => ({ kind: 'done' }),
    clock: now,
    people,
    stats: noStats,
    change(view) {
      requests.set(view.id, view);
      for (const [listener, id] of listeners) if (id === view.id) listener();
    },
    listeners: () => listeners.size,
    ports: {
      now: () => process.clock,
      publicUrl,
      secret: 'a secret for tests only, long enough',
      devLogin: true,
      people: () => process.people,
      view: async (id) => requests.get(id) ?? null,
      inbox: async (_, { q = '' }) => {
        const found = [...requests.values()].filter(({ title }) => title.toLowerCase().includes(q.toLowerCase()));
        return {
          waiting: found.filter(({ status }) => status === 'pending'),
          asked: found.filter(({ status, requester }) => status === 'pending' && requester?.id === 'ben'),
          recent: found.filter(({ status }) => status !== 'pending'),
          next: found.length > 3 ? (found.at(-1)?.id ?? null) : null,
        };
      },
      stats: async () => process.stats,
      gates: { list: () => [], simulate: () => null, next: async () => [] },
      pauses: {
        inForce: () => [],
        view: () => ({ inForce: [], ended: [], mayPause: [], clocks: 'stop' }),
        pause: async () => ({ kind: 'unavailable' }),
        resume: async () => ({ kind: 'unavailable' }),
      },
      away: {
        view: async () => ({
          facts: [
            { label: 'You', value: 'away until the end of Friday, 27 November 2026; Ben Okoye is asked in your place' },
          ],
          ending: 'back',
          timezone: 'Europe/Lisbon',
          today: '2026-11-22',
        }),
        announce: async () => ({ kind: 'unavailable' }),
        comeBack: async () => ({ kind: 'unavailable' }),
      },
      act: async (id, action) => {
        process.actions.push({ id, action });
        return process.answer(action, id);
      },
      subscribe(id, listener) {
        listeners.set(listener, id);
        return () => void listeners.delete(listener);
      },
      ...over,
    },
  };
  return process;
}

/** The pages on a server of their own. */
export async function pagesOf(process: Process, limits: Partial<WebLimits> = {}): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(webPages(process.ports, { ...LIMITS, ...limits }));
  return app;
}

export const sameOrigin = { origin: publicUrl, 'sec-fetch-site': 'same-origin' } as const;
const form = 'application/x-www-form-urlencoded';

/** A browser without a window: keeps cookies, sends forms with the token of the page they stand on. */
export class Visitor {
  readonly app: FastifyInstance;
  cookies: Record<string, string> = {};
  csrf = '';
  constructor(app: FastifyInstance) {
    this.app = app;
  }

  async get(url: string) {
    const answer = await this.app.inject({ url, cookies: this.cookies });
    this.keep(answer);
    return answer;
  }

  async post(url: string, fields: Record<string, string> | string, headers: Record<string, string> = sameOrigin) {
    const payload =
      typeof fields === 'string' ? fields : new URLSearchParams({ _csrf: this.csrf, ...fields }).toString();
    const answer = await this.app.inject({
      method: 'POST',
      url,
      cookies: this.cookies,
      headers: { 'content-type': form, ...headers },
      payload,
    });
    this.keep(answer);
    return answer;
  }

  private keep(answer: { cookies: readonly { name: string; value: string }[]; body: string }): void {
    for (const { name, value } of answer.cookies) {
      if (value === '') delete this.cookies[name];
      else this.cookies[name] = value;
    }
    this.csrf = /name="_csrf" value="([^"]+)"/.exec(answer.body)?.[1] ?? this.csrf;
  }
}

/** Signs in and opens the inbox, so that the form token is the session's. */
export async function signedIn(app: FastifyInstance, id = 'mia'): Promise<Visitor> {
  const visitor = new Visitor(app);
  await visitor.get('/login');
  await visitor.post('/login', { person: id });
  await visitor.get('/');
  return visitor;
}
