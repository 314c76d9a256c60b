/** src/bot/chat/many.ts: commands about many requests at once, and handing over all that waits for oneself. */
import type { ChatReply } from '../../adapters/chat.ts';
import { type Refusal, words } from '../../engine/refusal.ts';
import type { RequestState } from '../../engine/request.ts';
import { StoreUnavailableError } from '../../store/port.ts';
import type { Order } from '../handle.ts';
import { announce, stranger } from './away.ts';
import { BATCH } from './limits.ts';
import { firstOf, unquoted } from './line.ts';
import { nameOf, personMeant } from './people.ts';
import { type Asking, counted, text, usage } from './speaking.ts';

interface Tally {
  readonly done: number;
  /** In words, with how often. */
  readonly refused: ReadonlyMap<Refusal, number>;
  readonly unavailable: number;
}

/** Each by itself: one that is refused stops no other. They share commits where the store lets them. */
export async function orderAll({ handler }: Asking, states: readonly RequestState[], order: Order): Promise<Tally> {
  const results = await Promise.all(
    states.map(async ({ content }) => {
      try {
        const decision = await handler.change(content.id, order);
        if (decision === null) return 'not_found';
        return decision.kind === 'accepted' ? null : decision.refusal;
      } catch (error) {
        if (error instanceof StoreUnavailableError) return 'unavailable';
        throw error;
      }
    }),
  );
  const refused = new Map<Refusal, number>();
  for (const result of results)
    if (result !== null && result !== 'unavailable') refused.set(result, (refused.get(result) ?? 0) + 1);
  return {
    done: results.filter((result) => result === null).length,
    refused,
    unavailable: results.filter((result) => result === 'unavailable').length,
  };
}

/** What of it was refused or could not be reached, and whether there is more. */
export function leftOut({ refused, unavailable }: Tally, isMore: boolean): string {
  const parts = [...refused].map(([refusal, count]) => ` ${counted(count)} stayed as before: ${words[refusal]}`);
  if (unavailable > 0) parts.push(` ${counted(unavailable)} could not be reached right now; please try again.`);
  if (isMore) parts.push(' There are more; please run it again.');
  return parts.join('');
}

/** The name as the config writes it. */
export function gateMeant({ config }: Asking, name: string): string | null {
  const { gates } = config();
  if (gates.has(name)) return name;
  const alike = [...gates.keys()].filter((known) => known.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? (alike[0] ?? null) : null;
}

/**
 * `delegate PERSON [until WHEN]`: everything that waits for the person now, for good; with `until` also what comes by
 * then, and nothing for longer: an absence.
 */
export async function delegateAll(asking: Asking, rest: string): Promise<ChatReply> {
  const { kind, store, person, directory, home } = asking;
  const [whom, more] = firstOf(rest);
  const until = /^(?:until|till) (.+)$/i.exec(more)?.[1] ?? null;
  if (whom === '' || (more !== '' && until === null)) return usage(kind, 'delegate');
  const to = personMeant(whom, directory(), home());
  if (to === null) return stranger(asking, whom, 'Nothing was handed over.');
  if (to === person) return text('That is you: nothing was handed over.');
  if (until !== null) return announce(asking, { from: null, until: unquoted(until), delegate: to });
  const { requests, next } = await store.list({ status: 'pending', approver: person, limit: BATCH });
  if (requests.length === 0) return text('Nothing waits for you, so nothing was handed over.');
  const tally = await orderAll(asking, requests, (newest) => ({
    type: 'delegate',
    from: person,
    to,
    reason: null,
    directory: newest,
  }));
  const name = nameOf(to, directory());
  return text(`Handed ${counted(tally.done)} to ${name}.${leftOut(tally, next !== null)}`);
}
