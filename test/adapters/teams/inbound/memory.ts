/** test/adapters/teams/inbound/memory.ts: requests decided by the real engine in memory, as Teams asks for them. */
import type { ActionResult, PersonAction } from '../../../../src/adapters/action.ts';
import type { MessageRef } from '../../../../src/adapters/channel.ts';
import type { ChatPorts, ChatReply } from '../../../../src/adapters/chat.ts';
import { decide } from '../../../../src/engine/decide.ts';
import type { GateDefinition, PersonId } from '../../../../src/engine/definition.ts';
import type { Directory } from '../../../../src/engine/directory.ts';
import { view } from '../../../../src/engine/present.ts';
import { words } from '../../../../src/engine/refusal.ts';
import type { Command, Content, RequestState } from '../../../../src/engine/request.ts';
import { content, directory } from '../../../engine/house.ts';
import { OID, OTHER_TENANT, TENANT } from '../../../fake/teams/world.ts';

/** Ana, Ben and Mia are known; Cy is known and has no part in anything; Gus and everybody else is a stranger. */
export const people: Directory = directory({
  people: {
    ana: { teams: OID.ana },
    ben: { teams: `${TENANT}/${OID.ben}` },
    mia: { teams: OID.mia },
    cy: { teams: OID.cy, name: 'Cy Tan' },
    // As in the recorded payloads.
    alex: { teams: '33333333-aaaa-4bbb-8ccc-000000000010', name: 'Alex Approver' },
    olga: { teams: `${OTHER_TENANT}/${OID.gus}`, name: 'Olga Other' },
  },
});

/** `hold` keeps every commit back until it is let go. */
export class Memory implements ChatPorts {
  readonly requests = new Map<string, RequestState>();
  readonly surfaces: { readonly id: string; readonly ref: MessageRef }[] = [];
  readonly acted: PersonAction[] = [];
  readonly lines: string[] = [];
  readonly clock: () => number;
  commits = 0;
  looks = 0;
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
  addressOf = (person: PersonId): string | null => people.people.get(person)?.teams ?? null;
  personMeant = (text: string): PersonId | null => people.people.get(text)?.id ?? null;

  personOf: ChatPorts['personOf'] = ({ scope, id }, isHome) =>
    [...people.people.values()].find(({ teams }) => teams === `${scope}/${id}` || (isHome && teams === id))?.id ?? null;

  open(definition: GateDefinition, more: Partial<Content> = {}): string {
    const id = `req_${String(this.requests.size + 1).padStart(12, '0')}`;
    const opening = { type: 'open', content: content({ ...more, id }), gate: definition, directory: people } as const;
    const decision = decide(null, opening, this.clock());
    if (decision.kind === 'refused' || decision.state === null) throw new Error('it was not opened');
    this.requests.set(id, decision.state);
    return id;
  }

  state(id: string): RequestState {
    const state = this.requests.get(id);
    if (state === undefined) throw new Error(`there is no ${id}`);
    return state;
  }

  private hasPart({ content: { requester }, stages }: RequestState, person: PersonId): boolean {
    return (
      requester === person || stages.some(({ rules }) => rules.some(({ approvers }) => approvers.includes(person)))
    );
  }

  view: ChatPorts['view'] = async (id, viewer) => {
    this.looks += 1;
    if (this.trouble !== null) throw this.trouble;
    const state = this.requests.get(id);
    if (state === undefined || (viewer.kind === 'person' && !this.hasPart(state, viewer.person))) return null;
    return view(state, viewer, people);
  };

  carries: ChatPorts['carries'] = async (id, { tenant, conversation, activity }) =>
    this.surfaces.some(
      ({ id: of, ref }) =>
        of === id && ref.tenant === tenant && ref.conversation === conversation && ref.activity === activity,
    );

  list: ChatPorts['list'] = async (person, _list, after) => {
    const mine = [...this.requests.values()].filter((state) => this.hasPart(state, person));
    const from = after === undefined ? 0 : mine.findIndex(({ content: { id } }) => id === after) + 1;
    const page = mine.slice(from, from + 2);
    return {
      requests: page.map((state) => view(state, { kind: 'person', person }, people)),
      next: mine.length > from + 2 ? (page.at(-1)?.content.id ?? null) : null,
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
    await this.hold;
    return this.answer(line);
  };
}

function commandOf(action: PersonAction): Command {
  const { person } = action;
  const by = { kind: 'person', person, via: 'teams', pipeline: null } as const;
  switch (action.kind) {
    case 'vote': {
      const { option, reason, inputs, replaces, shown } = action;
      const vote = { type: 'vote', person, option, reason, inputs, via: 'teams', pipeline: null, replaces } as const;
      return { ...vote, assurance: 'standard', ...(shown !== null && { shown }), directory: people };
    }
    case 'withdrawVote':
      return { type: 'withdrawVote', person, via: 'teams', replaces: action.replaces };
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
      return { type: 'bypass', person, reason: action.reason, via: 'teams', directory: people };
    case 'reviewBypass':
      return { type: 'reviewBypass', person, note: action.note, directory: people };
  }
}
