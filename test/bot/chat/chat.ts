/** test/bot/chat/chat.ts: the ports of a chat on a real store and the real handler, with time that a test moves. */
import { onTestFinished } from 'vitest';
import type { ChatPorts, ChatReply } from '../../../src/adapters/chat.ts';
import { type Absences, createAbsences } from '../../../src/bot/absence/absences.ts';
import { chatPorts } from '../../../src/bot/chat/ports.ts';
import { parseConfig } from '../../../src/bot/config/index.ts';
import { createDirectory } from '../../../src/bot/directory/source.ts';
import { createHandler } from '../../../src/bot/handle.ts';
import { newRequestId } from '../../../src/bot/ids.ts';
import { contentOf } from '../../../src/bot/open.ts';
import { joinPauses } from '../../../src/bot/pauses/join.ts';
import { createProjection } from '../../../src/bot/stats/projection.ts';
import { createFigures } from '../../../src/bot/stats/report.ts';
import type { Directory } from '../../../src/engine/directory.ts';
import { fold } from '../../../src/engine/evolve.ts';
import type { RequestId, RequestState } from '../../../src/engine/request.ts';
import type { Store } from '../../../src/store/port.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { signer } from '../../contract/requests.ts';
import { VirtualTime } from '../dispatch-parts.ts';

export const GATES = `
people:
  ana: { name: Ana Silva, email: ana@acme.dev, slack: U0ANA, teams: 6F1C0000-aaaa, manager: mia }
  ben: { name: Ben Okoye, email: ben@acme.dev, slack: U0BEN, manager: mia }
  cy:  { name: Cy Tan, email: cy@acme.dev, slack: U0CY }
  mia: { name: Mia Chen, email: mia@acme.dev, slack: U0MIA }
  dora: { name: Dora Partner, email: dora@partner.dev, slack: T0OTHER/U0DORA, teams: 99aa-tenant/77bb-user }
  eve: { name: Eve Stranger, email: eve@acme.dev, slack: U0EVE }
groups:
  release-managers: [ana, ben, cy]
channels:
  releases: { slack: C0RELEASES }
gates:
  deploy: { notify: [releases], approvers: [release-managers], timeout: 30d }
  deploy-two: { approvers: [release-managers], quorum: 2, timeout: 30d }
  ana-only: { approvers: [ana], timeout: 30d }
  chain:
    timeout: 30d
    stages:
      - { name: peers, approvers: [ana] }
      - { name: board, approvers: [ana, mia] }
  reasoned: { approvers: [ana], requireReason: [approve], timeout: 30d }
  formed:
    approvers: [ana]
    timeout: 30d
    form: [{ id: window, type: select, label: Window, options: [now, tonight], required: true }]
  optional:
    approvers: [ana]
    timeout: 30d
    options:
      - { id: canary, label: Canary 10 %, outcome: approved }
      - { id: full, label: Full, outcome: approved }
      - { id: stop, label: Stop, outcome: rejected }
  breakable: { approvers: [ana], bypass: { by: [mia] }, timeout: 30d }
  handed: { approvers: [ana, ben], quorum: 2, timeout: 30d }
  later: { approvers: [ana], timeout: 1h, escalate: [{ after: 10m, to: [mia] }] }
`;

export interface Chat {
  readonly ports: ChatPorts;
  readonly store: Store;
  readonly time: VirtualTime;
  readonly absences: Absences;
  /** The log's lines of absences. */
  said(): readonly object[];
  /** Opens through a pipeline; the request's id. */
  open(gate: string, about?: { readonly title?: string; readonly requester?: string | null }): Promise<RequestId>;
  read(id: RequestId): Promise<RequestState>;
  /** The types of what happened, oldest first. */
  happened(id: RequestId): Promise<readonly string[]>;
  /** Lets the figures catch up with the log. */
  count(most?: number): Promise<void>;
  /** What a person is answered to a line. */
  says(person: string, line: string): Promise<ChatReply>;
  /** The same, where the answer is text. */
  told(person: string, line: string): Promise<string>;
  /** Titles of the list that a line answers with. */
  titles(person: string, line: string): Promise<readonly string[]>;
  /** The config is edited and read again. */
  reload(text: string): void;
}

export async function startChat(
  options: {
    readonly kind?: 'slack' | 'teams';
    readonly home?: string | null;
    /** Stands between the ports and the store. */
    readonly around?: (store: Store) => Store;
  } = {},
): Promise<Chat> {
  const { kind = 'slack', home = 'T0HOME', around = (whole: Store) => whole } = options;
  const time = new VirtualTime(Date.parse('2026-03-02T09:00:00Z'));
  let config = parseConfig(GATES, 'countersign.yaml', {}, time.now);
  const store = await openSqlite({ file: ':memory:', signer, fold, clock: time.clock });
  onTestFinished(() => store.close());
  const quiet = { info() {}, warn() {}, error() {} };
  const pauses = joinPauses({
    store: around(store),
    clock: time.clock,
    config: () => config,
    log: quiet,
    decisions: quiet,
    handlerOf: (known) =>
      createHandler(around(store), {
        routes: () => ({
          channels: config.channels,
          reachable: new Set([kind]),
          threaded: new Set(),
          directory: directory(),
        }),
        clock: time.clock,
        pauses: known,
        onRefused: () => {},
      }),
  });
  const { handler } = pauses;
  onTestFinished(() => pauses.stop());
  const said: object[] = [];
  const absences = createAbsences({
    store: around(store),
    handler,
    config: () => config,
    directory: () => directory(),
    clock: time.clock,
    timers: time.timers,
    random: () => 0.5,
    read: async () => ({ away: [], note: null }),
    log: quiet,
    decisions: { info: (fields, message) => void said.push({ ...fields, message }) },
  });
  onTestFinished(() => absences.stop());
  const source = createDirectory({
    config: () => config,
    absences: absences.overlay,
    members: async () => [],
    directory: async () => [],
    isHome: () => true,
    clock: time.clock,
    timers: time.timers,
    log: quiet,
  });
  const directory = (): Directory => source.current();
  const projection = createProjection({ store, clock: time.clock, onTrouble: () => {} });
  const ports = chatPorts({
    kind,
    store: around(store),
    handler,
    clock: time.clock,
    config: () => config,
    directory,
    absences,
    figures: createFigures(projection, time.clock),
    pauses: pauses.house,
    publicUrl: () => 'https://approve.acme.dev',
    home: () => home,
    timers: time.timers,
  });
  const says: Chat['says'] = (person, line) => ports.command(person, line);
  return {
    ports,
    store,
    time,
    absences,
    said: () => said,
    async open(name, { title = `Deploy ${name}`, requester = null } = {}) {
      const gate = config.gates.get(name);
      if (gate === undefined) throw new Error(`There is no gate ${name}.`);
      const about = { description: null, context: {}, fields: [], artifacts: [], subject: null, callback: null };
      const asked = { ...about, title, requester, supersedes: null, heartbeatMs: null };
      const { content, text } = contentOf(newRequestId(), 'ci', gate, asked);
      const opened = await handler.open({ type: 'open', content, gate }, null, text);
      if (opened.kind !== 'decided' || opened.answer.kind !== 'accepted')
        throw new Error(`It did not open: ${JSON.stringify(opened)}`);
      return content.id;
    },
    async read(id) {
      const state = await store.load(id);
      if (state === null) throw new Error(`There is no ${id}.`);
      return state;
    },
    count: async (most = 1_000) => void (await projection.advance(most)),
    happened: async (id) => (await store.events(id)).map(({ type }) => type),
    says,
    async told(person, line) {
      const reply = await says(person, line);
      if (reply.kind !== 'text') throw new Error(`No text, but ${JSON.stringify(reply).slice(0, 300)}`);
      return reply.text;
    },
    async titles(person, line) {
      const reply = await says(person, line);
      if (reply.kind !== 'list') throw new Error(`No list, but ${JSON.stringify(reply).slice(0, 300)}`);
      return reply.page.requests.map(({ title }) => title);
    },
    reload(text) {
      config = parseConfig(text, 'countersign.yaml', {}, time.now);
    },
  };
}
