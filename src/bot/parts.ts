/**
 * src/bot/parts.ts: in which requests a person has a part, and the bounded look for them. Lists in every channel show
 * these and no others; what a person has no part in looks to them as if it did not exist.
 */
import type { Instant, PersonId } from '../engine/definition.ts';
import { type Directory, resolve } from '../engine/directory.ts';
import { currentApprovers } from '../engine/quorum.ts';
import type { RequestId, RequestState, RuleState } from '../engine/request.ts';
import type { RequestFilter, Store } from '../store/port.ts';
import { PAGE } from './limits.ts';

/** Against which people are looked up. */
export interface Today {
  readonly directory: Directory;
  readonly now: Instant;
}

/**
 * Whether the person asked for it; is, was or will be asked (also by delegation, escalation, or as whoever another
 * stands in for, and those who have joined a group since); has voted; or may bypass it.
 */
export function hasPart(state: RequestState, person: PersonId, today: Today): boolean {
  const { content, stages, votes, escalations } = state;
  return (
    content.requester === person ||
    votes.some((vote) => vote.person === person || vote.onBehalfOf === person) ||
    escalations.some(({ people }) => people.includes(person)) ||
    stages.some((stage) => stage.rules.some((rule) => wasAsked(rule, person))) ||
    isAskedToday(state, person, today) ||
    mayBypass(state, person, today)
  );
}

const wasAsked = ({ approvers, added, removed, standsFor }: RuleState, person: PersonId): boolean =>
  approvers.includes(person) ||
  added.includes(person) ||
  removed.includes(person) ||
  Object.values(standsFor).includes(person);

function isAskedToday(state: RequestState, person: PersonId, { directory, now }: Today): boolean {
  if (state.status !== 'pending') return false;
  return state.stages
    .filter((stage) => stage.state === 'open' || stage.state === 'waiting')
    .some((stage) =>
      stage.rules.some((rule) => currentApprovers(state, rule, directory, now)?.people.includes(person) === true),
    );
}

function mayBypass({ gate, content }: RequestState, person: PersonId, { directory, now }: Today): boolean {
  if (gate.bypass === null) return false;
  const facts = { requester: content.requester, approvers: [], exclude: null, now };
  const allowed = resolve(gate.bypass.by, directory, facts);
  return allowed.kind === 'people' && allowed.people.includes(person);
}

export interface Look {
  readonly filter: Omit<RequestFilter, 'after' | 'limit'>;
  /** Besides having a part in it. */
  readonly wanted?: (state: RequestState) => boolean;
  /** How many to find at most. */
  readonly size: number;
  /** How many of the newest to look at before giving up for now. */
  readonly most: number;
  readonly after?: RequestId | undefined;
}

export interface Found {
  /** Newest first. */
  readonly requests: readonly RequestState[];
  /** Where to look on; null: there is no more. */
  readonly next: RequestId | null;
}

/** Requests that the person has a part in, newest first. */
export async function withPart(
  store: Pick<Store, 'list'>,
  person: PersonId,
  today: Today,
  { filter, wanted = () => true, size, most, after }: Look,
): Promise<Found> {
  const found: RequestState[] = [];
  let from = after;
  for (let looked = 0; ; ) {
    const limit = Math.min(PAGE.max, most - looked);
    const page = await store.list({ ...filter, limit, ...(from !== undefined && { after: from }) });
    looked += page.requests.length;
    for (const state of page.requests) {
      if (!wanted(state) || !hasPart(state, person, today)) continue;
      const last = found.at(-1);
      if (found.length === size && last !== undefined) return { requests: found, next: last.content.id };
      found.push(state);
    }
    if (page.next === null) return { requests: found, next: null };
    if (looked >= most) return { requests: found, next: placeOf(page.next) };
    from = page.next;
  }
}

/** Hex digits at the end of an id that only chance has made. */
const RANDOM_DIGITS = 10;

/** Just before a request that may be a stranger's to the person: sorts where it does, and does not give its id away. */
const placeOf = (id: RequestId): RequestId => `${id.slice(0, -RANDOM_DIGITS)}${'0'.repeat(RANDOM_DIGITS)}`;
