/**
 * src/bot/handle.ts: the one path by which anything changes: load, decide, commit. The store runs the decision on the
 * newest state inside its transaction and answers after the commit, so whoever is answered can rely on it.
 */
import { missingApprovers } from '../engine/asked.ts';
import { decide } from '../engine/decide.ts';
import type { Instant } from '../engine/definition.ts';
import type { Directory } from '../engine/directory.ts';
import type { Refusal } from '../engine/refusal.ts';
import type { Command, Decision, Event, RequestId, RequestState } from '../engine/request.ts';
import { dueAt } from '../engine/timers.ts';
import type { Change, Opened, OpenWork, Store } from '../store/port.ts';
import type { Clock } from './clock.ts';
import { changesSurfaces, deliveriesOf, type Routes } from './outgoing.ts';
import { decideInLine, inLine, type KnownPauses, NO_PAUSES, pausesFor } from './pauses/standing.ts';

type OpenCommand = Extract<Command, { readonly type: 'open' }>;
/** A command that is still to be told who is who; asked when it is decided, which may be more than once. */
export type Order<C extends Command = Exclude<Command, { readonly type: 'open' }>> = (directory: Directory) => C;

export interface Surroundings {
  /** As it is now: it changes when the config is reloaded. */
  readonly routes: () => Routes;
  readonly clock: Clock;
  /** Of gates, pipelines and everything, as far as this process knows. None by default. */
  readonly pauses?: KnownPauses;
  /** Told of every command that was refused, once it is certain. */
  readonly onRefused: (refusal: Refusal, command: Command, id: RequestId) => void;
}

export interface Handler {
  /**
   * null: there is no such request. What the house's pauses mean for it is decided first, and recorded with it: such
   * events come along in an accepted decision. The state in an accepted decision is the committed one. */
  change(id: RequestId, order: Order): Promise<Decision | null>;
  open(
    order: Omit<OpenCommand, 'directory'>,
    idempotency: OpenWork<Decision>['idempotency'],
    /** The content as JSON. */
    contentText: string,
  ): Promise<Opened<Decision>>;
  /** Gives the request what the house's pauses mean for it now. Whether that was anything. */
  bringInLine(id: RequestId): Promise<boolean>;
}

export function createHandler(store: Store, { routes, clock, pauses = NO_PAUSES, onRefused }: Surroundings): Handler {
  const changeOf = <Answer>(
    answer: Answer,
    state: RequestState,
    events: readonly Event[],
    now: Instant,
  ): Change<Answer> => {
    if (events.length === 0) return { kind: 'none', answer };
    return {
      kind: 'write',
      answer,
      write: {
        events,
        state,
        dueAt: dueAt(state),
        asked: missingApprovers(state),
        deliveries: deliveriesOf(state, events, routes(), now),
        refreshSurfaces: changesSurfaces(events),
      },
    };
  };
  const decideNow = (before: RequestState, order: Order): Change<Decision> => {
    const now = clock();
    const { decision, state, events } = decideInLine(before, order(routes().directory), pauses, now);
    return changeOf(decision, state, events, now);
  };
  const decideOpening = (order: Omit<OpenCommand, 'directory'>): Change<Decision> => {
    const now = clock();
    const standing = pausesFor(order, pauses, now);
    const { directory } = routes();
    const command = { ...order, directory, ...(standing.length > 0 && { pauses: standing }) };
    const decision = decide(null, command, now);
    if (decision.kind === 'refused') return { kind: 'none', answer: decision };
    return changeOf(decision, decision.state, decision.events, now);
  };
  return {
    change: async (id, order) => {
      const decision = await store.change(id, (state) => decideNow(state, order));
      if (decision?.kind === 'refused') onRefused(decision.refusal, order(routes().directory), id);
      return decision;
    },
    open: async (order, idempotency, contentText) => {
      const { id, pipeline, supersedes } = order.content;
      const opened = await store.open({
        id,
        at: clock(),
        contentText,
        idempotency,
        decide: () => decideOpening(order),
        supersedes:
          supersedes === null
            ? null
            : { pipeline, key: supersedes, decide: (older) => decideNow(older, () => ({ type: 'supersede', by: id })) },
      });
      if (opened.kind === 'decided' && opened.answer.kind === 'refused')
        onRefused(opened.answer.refusal, { ...order, directory: routes().directory }, id);
      return opened;
    },
    bringInLine: async (id) => {
      const changed = await store.change(id, (before) => {
        const now = clock();
        const { state, events } = inLine(before, pauses, now);
        return changeOf(events.length > 0, state, events, now);
      });
      return changed ?? false;
    },
  };
}
