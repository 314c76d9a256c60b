/** src/bot/chat/lists.ts: a person's requests, page by page, and the one that an id given in part means. */
import type { ListName, RequestPage } from '../../adapters/chat.ts';
import type { PersonId } from '../../engine/definition.ts';
import { view } from '../../engine/present.ts';
import type { RequestId, RequestState } from '../../engine/request.ts';
import type { Store } from '../../store/port.ts';
import { isRequestId } from '../ids.ts';
import { hasPart, type Today, withPart } from '../parts.ts';
import { CANDIDATES, CHAT_PAGE, LEAST_OF_ID, LOOKED_AT } from './limits.ts';

/** Through whose eyes. */
export interface Looking {
  readonly store: Pick<Store, 'list' | 'load'>;
  readonly person: PersonId;
  readonly today: Today;
}

/** @param words only those whose title or gate has them, without regard to case */
export async function listFor(
  looking: Looking,
  list: ListName,
  after?: RequestId,
  words: string = '',
): Promise<RequestPage> {
  const { person, today } = looking;
  const from = after !== undefined && isRequestId(after) ? after : undefined;
  const { requests, next } = await found(looking, list, from, words.toLowerCase());
  return {
    requests: requests.map((state) => view(state, { kind: 'person', person }, today.directory, today.now)),
    next,
  };
}

function found({ store, person, today }: Looking, list: ListName, after: RequestId | undefined, words: string) {
  const fits = ({ content, gate }: RequestState): boolean =>
    words === '' || content.title.toLowerCase().includes(words) || gate.name.toLowerCase().includes(words);
  const page = { limit: CHAT_PAGE, ...(after !== undefined && { after }) };
  const look = { size: CHAT_PAGE, most: LOOKED_AT, after };
  switch (list) {
    case 'waiting':
      return store.list({ status: 'pending', approver: person, ...page });
    case 'asked':
      return store.list({ status: 'pending', requester: person, ...page });
    case 'all':
      return withPart(store, person, today, { filter: { status: 'pending' }, wanted: fits, ...look });
    case 'recent':
      return withPart(store, person, today, {
        filter: {},
        wanted: (state) => isDecided(state) && fits(state),
        ...look,
      });
  }
}

const isDecided = ({ status }: RequestState): boolean => status !== 'pending';

export type Meant =
  | { readonly kind: 'one'; readonly state: RequestState }
  /** There is none such, or none that the person has a part in. */
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly states: readonly RequestState[] }
  /** Too few characters to mean one. */
  | { readonly kind: 'short' }
  /** More is pending than could be looked at, so that it may not be the only one. */
  | { readonly kind: 'unsure' };

/**
 * The request that the person means by an id in full, by a link that ends with it, or by at least six characters of its
 * beginning or end, among those they have a part in.
 */
export async function requestMeant(looking: Looking, text: string): Promise<Meant> {
  const { store, person, today } = looking;
  const word = text.toLowerCase();
  const whole = /(?<![0-9a-z])req_[0-9a-f]{32}(?![0-9a-z])/.exec(word)?.[0];
  if (whole !== undefined) {
    const state = await store.load(whole);
    return state !== null && hasPart(state, person, today) ? { kind: 'one', state } : { kind: 'none' };
  }
  const part = /^(req_)?([0-9a-f]*)$/.exec(word.replace(/^(…|\.\.\.)|(…|\.\.\.)$/g, ''));
  if (part === null) return { kind: 'none' };
  const [, prefix, digits = ''] = part;
  if (digits.length < LEAST_OF_ID) return { kind: 'short' };
  const fits = ({ content: { id } }: RequestState): boolean =>
    id.startsWith(`req_${digits}`) || (prefix === undefined && id.endsWith(digits));
  const look = { size: CANDIDATES, most: LOOKED_AT };
  const pending = await withPart(store, person, today, { filter: { status: 'pending' }, wanted: fits, ...look });
  const decided = await withPart(store, person, today, {
    filter: {},
    wanted: (state) => isDecided(state) && fits(state),
    ...look,
  });
  const states = [...pending.requests, ...decided.requests].slice(0, CANDIDATES);
  const [state] = states;
  if (states.length > 1) return { kind: 'several', states };
  if (pending.next !== null) return { kind: 'unsure' };
  return state === undefined ? { kind: 'none' } : { kind: 'one', state };
}
