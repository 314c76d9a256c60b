/** src/store/postgres/changes.ts: the statements that write a plan, each for all of its rows. */
import type pg from 'pg';
import type { Instant } from '../../engine/definition.ts';
import type { RequestId } from '../../engine/request.ts';
import { AS_OPENED, progressText } from '../snapshot.ts';
import type { Plan } from './plan.ts';
import * as statements from './statements.ts';

export type Links = ReturnType<Plan['link']>;

export interface Changes {
  /** Each writes another table, so they may go in one statement. */
  readonly together: readonly pg.QueryConfig[];
  /** In this order, after those. */
  readonly after: readonly pg.QueryConfig[];
}

/** @param delivery the number of the last delivery before this plan's */
export function changesOf(plan: Plan, links: Links, delivery: number, now: Instant): Changes {
  const { opened, changed } = requestsOf(plan);
  const { added, gone } = askedOf(plan);
  const refreshed = refreshedBy(plan);
  const isMixed = opened.length > 0 && changed.length > 0;
  return {
    together: [
      ...definitionsOf(plan),
      ...(isMixed ? opened : [...opened, ...changed]),
      ...eventsOf(links),
      ...(gone.length > 0 ? [] : added),
      ...keysOf(plan),
      ...deliveriesOf(plan, delivery),
    ],
    after: [
      ...(isMixed ? changed : []),
      ...(gone.length > 0 ? [...gone, ...added] : []),
      // After the requests: a settled surface is compared with their newest version. Then what is sent is refreshed.
      ...settlementsOf(plan, now),
      ...(refreshed.length > 0 ? [statements.refreshSurfaces(refreshed, now)] : []),
    ],
  };
}

function definitionsOf({ definitions }: Plan): pg.QueryConfig[] {
  if (definitions.size === 0) return [];
  const jsons = [...definitions.values()].map((gate) => JSON.stringify(gate));
  return [statements.insertDefinitions([...definitions.keys()], jsons)];
}

function eventsOf(links: Links): pg.QueryConfig[] {
  if (links.length === 0) return [];
  return [
    statements.insertEvents(
      links.map(({ position }) => position),
      links.map(({ event }) => event.request),
      links.map(({ event }) => event.version),
      links.map(({ event }) => event.type),
      links.map(({ event }) => event.at),
      links.map(({ event }) => event.data),
      links.map(({ hash }) => hash),
    ),
  ];
}

function keysOf(plan: Plan): pg.QueryConfig[] {
  if (plan.keys.size === 0) return [];
  const keys = [...plan.keys.values()];
  return [
    statements.insertKeys(
      keys.map(({ idempotency }) => idempotency.pipeline),
      keys.map(({ idempotency }) => idempotency.key),
      keys.map(({ idempotency }) => idempotency.bodyDigest),
      keys.map(({ request }) => request),
    ),
  ];
}

function deliveriesOf({ deliveries }: Plan, last: number): pg.QueryConfig[] {
  if (deliveries.length === 0) return [];
  return [
    statements.insertDeliveries(
      deliveries.map((_, index) => last + index + 1),
      deliveries.map(({ delivery }) => delivery.id),
      deliveries.map(({ delivery }) => delivery.request),
      deliveries.map(({ delivery }) => delivery.kind),
      deliveries.map(({ delivery }) => delivery.channel),
      deliveries.map(({ delivery }) => delivery.target),
      deliveries.map(({ delivery }) => JSON.stringify(delivery.payload)),
      deliveries.map(({ delivery }) => delivery.dueAt),
      deliveries.map(({ createdAt }) => createdAt),
    ),
  ];
}

/** Requests whose surfaces are behind by this plan. */
export const refreshedBy = (plan: Plan): RequestId[] =>
  [...plan.touched].filter(([, { refresh }]) => refresh).map(([id]) => id);

function requestsOf(plan: Plan): Record<'opened' | 'changed', pg.QueryConfig[]> {
  const queries: Record<'opened' | 'changed', pg.QueryConfig[]> = { opened: [], changed: [] };
  const all = [...plan.touched.values()].map((touched) => ({ ...touched, state: touched.live.state }));
  const opened = all.filter(({ isNew }) => isNew);
  const changed = all.filter(({ isNew }) => !isNew);
  if (opened.length > 0)
    queries.opened.push(
      statements.insertRequests(
        opened.map(({ state }) => state.content.id),
        opened.map(({ state }) => state.content.pipeline),
        opened.map(({ state }) => state.gate.name),
        opened.map(({ state }) => state.status),
        opened.map(({ state }) => state.version),
        opened.map(({ state }) => state.content.title),
        opened.map(({ state }) => state.content.requester),
        opened.map(({ state }) => state.content.supersedes),
        opened.map(({ state }) => state.openedAt),
        opened.map(({ live }) => live.dueAt),
        opened.map(({ live }) => live.definition),
        opened.map(({ live }) => JSON.stringify(live.asked)),
        opened.map(({ live }) => live.hash),
        opened.map(({ state }) => (state.version === 1 ? AS_OPENED : progressText(state))),
      ),
    );
  if (changed.length > 0)
    queries.changed.push(
      statements.updateRequests(
        changed.map(({ state }) => state.content.id),
        changed.map(({ state }) => state.status),
        changed.map(({ state }) => state.version),
        changed.map(({ live }) => live.dueAt),
        changed.map(({ live }) => JSON.stringify(live.asked)),
        changed.map(({ live }) => live.hash),
        changed.map(({ state }) => progressText(state)),
      ),
    );
  return queries;
}

function askedOf(plan: Plan): Record<'added' | 'gone', pg.QueryConfig[]> {
  const gone: { person: string; id: RequestId }[] = [];
  const added: { person: string; id: RequestId }[] = [];
  for (const [id, { live, before }] of plan.touched) {
    const earlier = new Set(before?.asked);
    const now = new Set(live.asked);
    for (const person of earlier) if (!now.has(person)) gone.push({ person, id });
    for (const person of now) if (!earlier.has(person)) added.push({ person, id });
  }
  const columns = (pairs: typeof gone): [string[], string[]] => [
    pairs.map(({ person }) => person),
    pairs.map(({ id }) => id),
  ];
  return {
    gone: gone.length > 0 ? [statements.deleteAsked(...columns(gone))] : [],
    added: added.length > 0 ? [statements.insertAsked(...columns(added))] : [],
  };
}

function settlementsOf(plan: Plan, now: Instant): pg.QueryConfig[] {
  const all = [...plan.settlements].flatMap(([id, ends]) => ends.map((end) => ({ id, ...end })));
  if (all.length === 0) return [];
  return [
    statements.settle(
      all.map(({ id }) => id),
      all.map(({ fence }) => fence),
      all.map(({ settlement }) => settlement.kind),
      all.map(({ settlement }) => (settlement.kind === 'retry' ? settlement.at : null)),
      all.map(({ settlement }) => (settlement.kind === 'sent' ? settlement.shownVersion : null)),
      all.map(({ settlement }) => (settlement.kind === 'sent' ? JSON.stringify(settlement.receipt) : null)),
      all.map(({ settlement }) => (settlement.kind === 'sent' ? null : settlement.error)),
      now,
    ),
  ];
}
