/** src/bot/web-ports.ts: what the web pages ask of the process: views, lists, and their actions as commands. */
import type { ActionResult, InboxPage, WebAction, WebPorts } from '../adapters/web/ports.ts';
import type { PersonId } from '../engine/definition.ts';
import { view } from '../engine/present.ts';
import { words } from '../engine/refusal.ts';
import type { Actor, RequestState } from '../engine/request.ts';
import type { RequestView } from '../engine/view.ts';
import { type Store, StoreUnavailableError } from '../store/port.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/index.ts';
import type { Handler, Order } from './handle.ts';
import { isRequestId } from './ids.ts';
import { PAGE } from './limits.ts';
import type { Waiters } from './waiters.ts';

export interface WebPortsOptions {
  readonly store: Store;
  readonly handler: Handler;
  readonly waiters: Waiters;
  readonly clock: Clock;
  readonly config: () => Config;
  /** Asked at each use: the port may be the system's choice. */
  readonly publicUrl: () => string;
  readonly secret: string;
  readonly devLogin: boolean;
}

export function webPorts({
  store,
  handler,
  waiters,
  clock,
  config,
  publicUrl,
  secret,
  devLogin,
}: WebPortsOptions): WebPorts {
  const shown = (states: readonly RequestState[], person: PersonId): RequestView[] =>
    states.map((state) => view(state, { kind: 'person', person }, config().directory));
  return {
    now: clock,
    get publicUrl() {
      return publicUrl();
    },
    secret,
    devLogin,
    people: () => [...config().directory.people.values()].map(({ id, name, email }) => ({ id, name, email })),
    async view(id, viewer) {
      const state = isRequestId(id) ? await store.load(id) : null;
      return state === null ? null : view(state, viewer, config().directory);
    },
    async inbox(person, { q, after }): Promise<InboxPage> {
      const search = q === undefined ? {} : { q };
      const page = after === undefined ? {} : { after };
      const [waiting, asked, newest] = await Promise.all([
        store.list({ status: 'pending', approver: person, ...search, ...page, limit: PAGE.default }),
        store.list({ status: 'pending', requester: person, ...search, limit: PAGE.default }),
        store.list({ ...search, limit: PAGE.max }),
      ]);
      const recent = newest.requests
        .filter((state) => state.status !== 'pending' && hasPart(state, person))
        .slice(0, 20);
      return {
        waiting: shown(waiting.requests, person),
        asked: shown(asked.requests, person),
        recent: shown(recent, person),
        next: waiting.next,
      };
    },
    async act(id, action): Promise<ActionResult> {
      if (!isRequestId(id)) return { kind: 'notFound' };
      try {
        const decision = await handler.change(id, orderOf(action));
        if (decision === null) return { kind: 'notFound' };
        if (decision.kind === 'accepted') return { kind: 'done' };
        return { kind: 'refused', words: words[decision.refusal], errors: decision.errors };
      } catch (error) {
        if (error instanceof StoreUnavailableError) return { kind: 'unavailable' };
        throw error;
      }
    },
    subscribe: (id, listener) => waiters.subscribe(id, null, () => listener()),
  };
}

function hasPart({ content, stages, votes }: RequestState, person: PersonId): boolean {
  return (
    content.requester === person ||
    votes.some((vote) => vote.person === person) ||
    stages.some((stage) => stage.rules.some((rule) => rule.approvers.includes(person)))
  );
}

function orderOf(action: WebAction): Order {
  const { person } = action;
  const by: Actor = { kind: 'person', person, via: 'web', pipeline: null };
  switch (action.kind) {
    case 'vote': {
      const { option, reason, inputs, replaces, shown } = action;
      const vote = { type: 'vote', person, option, reason, inputs, via: 'web', pipeline: null, replaces } as const;
      // Picking a person without a password is no proof of who it is.
      return (directory) => ({ ...vote, assurance: 'standard', ...(shown !== null && { shown }), directory });
    }
    case 'withdrawVote':
      return () => ({ type: 'withdrawVote', person, via: 'web', replaces: action.replaces });
    case 'comment':
      return () => ({ type: 'comment', by, text: action.text });
    case 'requestInformation':
      return () => ({ type: 'requestInformation', by: person, question: action.question });
    case 'returnInformation':
      return () => ({ type: 'returnInformation', by, answer: action.answer });
    case 'cancel':
      return () => ({ type: 'cancel', by, reason: action.reason });
    case 'delegate':
      return (directory) => ({ type: 'delegate', from: person, to: action.to, reason: action.reason, directory });
    case 'snooze':
      return () => ({ type: 'snooze', person, until: action.until });
    case 'bypass':
      return (directory) => ({ type: 'bypass', person, reason: action.reason, via: 'web', directory });
    case 'reviewBypass':
      return (directory) => ({ type: 'reviewBypass', person, note: action.note, directory });
  }
}
