/**
 * test/adapters/slack/inbound/house.ts: a process with one Slack door: the local Slack, a real server, the adapter, and
 * requests decided by the real engine in memory. Time is virtual.
 */
import Fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished, vi } from 'vitest';
import type { ActionResult, PersonAction } from '../../../../src/adapters/action.ts';
import type { MessageRef } from '../../../../src/adapters/channel.ts';
import type { ChatPorts, ChatReply, ListName } from '../../../../src/adapters/chat.ts';
import type { SlackLog, SlackOptions } from '../../../../src/adapters/slack/options.ts';
import { createSlack, type Slack } from '../../../../src/adapters/slack/slack.ts';
import { decide } from '../../../../src/engine/decide.ts';
import type { GateDefinition, PersonId } from '../../../../src/engine/definition.ts';
import type { Directory } from '../../../../src/engine/directory.ts';
import { view } from '../../../../src/engine/present.ts';
import { words } from '../../../../src/engine/refusal.ts';
import type { Command, Content, RequestState } from '../../../../src/engine/request.ts';
import { content, directory, gate, T0 } from '../../../engine/house.ts';
import { type People, peopleOf, SIGNING_SECRET } from '../../../fake/slack/people.ts';
import { type FakeSlack, startSlack } from '../../../fake/slack/server.ts';
import type { FakeMessage, FakeView } from '../../../fake/slack/world.ts';
import type { SocketMode } from './socket-mode.ts';

/** Ana, Ben and Mia are known; Cy is known and has no part in anything; Eve is a stranger. */
const people: Directory = directory({
  people: {
    ana: { slack: 'U0ANA' },
    ben: { slack: 'U0BEN' },
    mia: { slack: 'U0MIA' },
    cy: { slack: 'U0CY', name: 'Cy Tan' },
    olga: { slack: 'T0OTHER/U0OLGA', name: 'Olga Other' },
    eve: { slack: null },
  },
});

/** Requests in memory. `hold` keeps every commit back until it is let go. */
export class Memory implements ChatPorts {
  readonly requests = new Map<string, RequestState>();
  readonly surfaces: { readonly id: string; readonly ref: MessageRef }[] = [];
  readonly acted: PersonAction[] = [];
  readonly lines: string[] = [];
  readonly clock: () => number;
  commits = 0;
  hold: Promise<void> = Promise.resolve();
  /** Thrown at every look. */
  trouble: Error | null = null;
  isStoreAway = false;
  answer: (line: string) => Promise<ChatReply> = async (line) => ({ kind: 'text', text: `You said: ${line}` });

  constructor(clock: () => number) {
    this.clock = clock;
  }

  now = (): number => this.clock();
  link = (id: string): string => `https://gates.acme.dev/requests/${id}`;
  nameOf = (person: PersonId): string => people.people.get(person)?.name ?? person;
  personMeant = (text: string): PersonId | null => people.people.get(text)?.id ?? null;
  addressOf = (person: PersonId): string | null => people.people.get(person)?.slack ?? null;

  personOf: ChatPorts['personOf'] = ({ scope, id }, isHome) =>
    [...people.people.values()].find(({ slack }) => slack === `${scope}/${id}` || (isHome && slack === id))?.id ?? null;

  open(definition: GateDefinition, more: Partial<Content> = {}): string {
    const id = `req_${String(this.requests.size + 1).padStart(12, '0')}`;
    const decision = this.decide(id, {
      type: 'open',
      content: content({ ...more, id }),
      gate: definition,
      directory: people,
    });
    if (decision !== null) throw new Error(decision);
    return id;
  }

  state(id: string): RequestState {
    const state = this.requests.get(id);
    if (state === undefined) throw new Error(`there is no ${id}`);
    return state;
  }

  /** The words of a refusal; null: done. */
  decide(id: string, command: Command): string | null {
    const decision = decide(this.requests.get(id) ?? null, command, this.clock());
    if (decision.kind === 'refused') return words[decision.refusal];
    if (decision.events.length > 0) this.commits += 1;
    if (decision.state !== null) this.requests.set(id, decision.state);
    return null;
  }

  private hasPart(state: RequestState, person: PersonId): boolean {
    return (
      state.content.requester === person ||
      state.stages.some(({ rules }) => rules.some(({ approvers }) => approvers.includes(person)))
    );
  }

  view: ChatPorts['view'] = async (id, viewer) => {
    if (this.trouble !== null) throw this.trouble;
    const state = this.requests.get(id);
    if (state === undefined || (viewer.kind === 'person' && !this.hasPart(state, viewer.person))) return null;
    return view(state, viewer, people);
  };

  carries: ChatPorts['carries'] = async (id, { team, channel, ts }) =>
    this.surfaces.some(({ id: of, ref }) => of === id && ref.team === team && ref.channel === channel && ref.ts === ts);

  list: ChatPorts['list'] = async (person, list: ListName, after) => {
    const mine = [...this.requests.values()].filter((state) => {
      if (!this.hasPart(state, person)) return false;
      if (list === 'recent') return state.status !== 'pending';
      return state.status === 'pending' && (list !== 'asked' || state.content.requester === person);
    });
    const from = after === undefined ? 0 : mine.findIndex(({ content: { id } }) => id === after) + 1;
    const page = mine.slice(from, from + 2);
    const more = mine.length > from + 2;
    return {
      requests: page.map((state) => view(state, { kind: 'person', person }, people)),
      next: more ? (page.at(-1)?.content.id ?? null) : null,
    };
  };

  act: ChatPorts['act'] = async (id, action): Promise<ActionResult> => {
    this.acted.push(action);
    await this.hold;
    if (this.isStoreAway) return { kind: 'unavailable' };
    const state = this.requests.get(id);
    if (state === undefined) return { kind: 'notFound' };
    const decision = decide(state, commandOf(action), this.clock());
    if (decision.kind === 'refused')
      return { kind: 'refused', words: words[decision.refusal], errors: decision.errors };
    if (decision.events.length > 0) this.commits += 1;
    this.requests.set(id, decision.state);
    return { kind: 'done' };
  };

  command: ChatPorts['command'] = async (person, line) => {
    this.lines.push(`${person}: ${line}`);
    return this.answer(line);
  };
}

function commandOf(action: PersonAction): Command {
  const { person } = action;
  const by = { kind: 'person', person, via: 'slack', pipeline: null } as const;
  switch (action.kind) {
    case 'vote': {
      const { option, reason, inputs, replaces, shown } = action;
      const vote = { type: 'vote', person, option, reason, inputs, via: 'slack', pipeline: null, replaces } as const;
      return { ...vote, assurance: 'standard', ...(shown !== null && { shown }), directory: people };
    }
    case 'withdrawVote':
      return { type: 'withdrawVote', person, via: 'slack', replaces: action.replaces };
    case 'comment':
      return { type: 'comment', by, text: action.text };
    case 'requestInformation':
      return { type: 'requestInformation', by: person, question: action.question };
    case 'returnInformation':
      return { type: 'returnInformation', by, answer: action.answer };
    case 'cancel':
      return { type: 'cancel', by, reason: action.reason };
    case 'nudge':
      return { type: 'nudge', by };
    case 'delegate':
      return { type: 'delegate', from: person, to: action.to, reason: action.reason, directory: people };
    case 'snooze':
      return { type: 'snooze', person, until: action.until };
    case 'bypass':
      return { type: 'bypass', person, reason: action.reason, via: 'slack', directory: people };
    case 'reviewBypass':
      return { type: 'reviewBypass', person, note: action.note, directory: people };
  }
}

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

export interface House {
  readonly slack: FakeSlack;
  readonly adapter: Slack;
  readonly app: FastifyInstance;
  readonly memory: Memory;
  readonly people: People;
  readonly url: string;
  readonly lines: readonly Line[];
  /** Moves the clock. */
  pass(ms: number): void;
  now(): number;
  /** A request with its message in #releases. */
  ask(definition?: GateDefinition, more?: Partial<Content>): Promise<{ id: string; message: FakeMessage }>;
  /** What somebody was told privately, as one text. */
  told(user: string): string;
  /** The newest modal that is open; throws where there is none. */
  modal(): FakeView;
}

interface Settings {
  readonly options?: Partial<SlackOptions>;
  readonly patience?: { readonly click: number; readonly command: number };
  /** Instead of HTTP. */
  readonly socketMode?: (webApiUrl: string) => Promise<SocketMode>;
}

/** Everything is taken down when the test ends. */
export async function openHouse({ options = {}, patience, socketMode }: Settings = {}): Promise<House> {
  let time = T0;
  const clock = (): number => time;
  const slack = await startSlack({ clock, isRated: false });
  const lines: Line[] = [];
  const say = (level: Line['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const log: SlackLog = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  const memory = new Memory(clock);
  const mode = await socketMode?.(slack.apiUrl);
  const { token } = slack.workspace();
  const adapter = createSlack(
    {
      workspaces: [{ team: null, botToken: token, signingSecret: SIGNING_SECRET }],
      appToken: mode?.appToken ?? null,
      apiUrl: mode?.apiUrl ?? slack.apiUrl,
      ...options,
    },
    { ports: memory, log, clock, ...(patience !== undefined && { patience }) },
  );
  const app = Fastify();
  await app.register(async (scope) => adapter.routes(scope));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    await adapter.stop();
    await app.close();
    await mode?.close();
    await slack.close();
  });
  await adapter.start();
  await vi.waitFor(() => {
    if (adapter.homeTeam() === null) throw new Error('home is not known yet');
  });
  return {
    slack,
    adapter,
    app,
    memory,
    people: peopleOf({ slack, url }),
    url,
    lines,
    now: clock,
    pass: (ms) => {
      time += ms;
    },
    async ask(definition = gate(), more = {}) {
      const id = memory.open(definition, more);
      const shown = view(memory.state(id), { kind: 'everyone' }, people);
      const ref = await adapter.channel.post({
        key: `delivery-of-${id}`,
        to: { kind: 'channel', id: 'C0RELEASES' },
        view: shown,
        link: memory.link(id),
        thread: null,
        signal: AbortSignal.timeout(5_000),
      });
      memory.surfaces.push({ id, ref });
      const message = slack.messages('C0RELEASES').find(({ ts }) => ts === ref.ts);
      if (message === undefined) throw new Error('it was not posted');
      return { id, message };
    },
    told: (user) =>
      JSON.stringify(
        slack.state.ephemerals.filter((one) => one.user === user).map(({ text, blocks }) => [text, blocks]),
      ),
    modal() {
      const shown = slack.state.views.findLast(({ isOpen }) => isOpen);
      if (shown === undefined) throw new Error('no modal is open');
      return shown;
    },
  };
}
