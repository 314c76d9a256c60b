/** src/bot/chat/many.ts: commands about many requests at once: pause and resume of a gate's, and handing over one's own. */
import type { ChatReply } from '../../adapters/chat.ts';
import { type Refusal, words } from '../../engine/refusal.ts';
import type { Actor, RequestState } from '../../engine/request.ts';
import { StoreUnavailableError } from '../../store/port.ts';
import { suggestion } from '../config/index.ts';
import type { Order } from '../handle.ts';
import { TEXT } from '../limits.ts';
import { withPart } from '../parts.ts';
import { shortened } from '../shortened.ts';
import { BATCH, LOOKED_AT } from './limits.ts';
import { firstOf, unquoted } from './line.ts';
import { nameOf, personMeant } from './people.ts';
import { type Asking, counted, looking, text, usage } from './speaking.ts';

interface Tally {
  readonly done: number;
  /** In words, with how often. */
  readonly refused: ReadonlyMap<Refusal, number>;
  readonly unavailable: number;
}

/** Each by itself: one that is refused stops no other. They share commits where the store lets them. */
async function orderAll({ handler }: Asking, states: readonly RequestState[], order: Order): Promise<Tally> {
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

function leftOut({ refused, unavailable }: Tally, isMore: boolean): string {
  const parts = [...refused].map(([refusal, count]) => ` ${counted(count)} stayed as before: ${words[refusal]}`);
  if (unavailable > 0) parts.push(` ${counted(unavailable)} could not be reached right now; please try again.`);
  if (isMore) parts.push(' There are more; please run it again.');
  return parts.join('');
}

/** `pause GATE [REASON]`, `resume GATE`: of its pending requests those that the person has a part in, as the engine has it. */
export async function pauseGate(asking: Asking, verb: 'pause' | 'resume', rest: string): Promise<ChatReply> {
  const { kind, store, person, config } = asking;
  const [name, why] = firstOf(rest);
  const reason = unquoted(why);
  if (name === '' || (verb === 'resume' && reason !== '')) return usage(kind, verb);
  if (reason.length > TEXT.reason)
    return text(`A reason may have at most ${TEXT.reason} characters. Nothing was done.`);
  const isPausing = verb === 'pause';
  const { today } = looking(asking);
  // A request keeps its gate when the config is edited, so that a gate may be gone from it and still have requests.
  const known = gateMeant(asking, name);
  const gate = known ?? name;
  const { requests, next } = await withPart(store, person, today, {
    filter: { status: 'pending', gate },
    wanted: (state) => state.status === 'pending' && (state.paused === null) === isPausing,
    size: BATCH,
    most: LOOKED_AT,
  });
  if (requests.length === 0) {
    const hint = known === null ? suggestion(name, config().gates.keys()).replace(/^, d/, ' D') : '';
    const state = isPausing ? 'pending' : 'paused';
    return text(`Nothing is ${state} at “${shortened(name, 64)}” that you have a part in.${hint}`);
  }
  const by: Actor = { kind: 'person', person, via: kind, pipeline: null };
  const tally = await orderAll(asking, requests, () =>
    isPausing ? { type: 'pause', by, reason: reason === '' ? null : reason } : { type: 'resume', by },
  );
  return text(`${isPausing ? 'Paused' : 'Resumed'} ${counted(tally.done)} at ${gate}.${leftOut(tally, next !== null)}`);
}

/** The name as the config writes it. */
export function gateMeant({ config }: Asking, name: string): string | null {
  const { gates } = config();
  if (gates.has(name)) return name;
  const alike = [...gates.keys()].filter((known) => known.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? (alike[0] ?? null) : null;
}

/**
 * `delegate PERSON [until WHEN]`: everything that waits for the person now. Nothing comes back by itself and nothing of
 * what comes later is handed over: that is an absence, which only the config has; the reply says so.
 */
export async function delegateAll(asking: Asking, rest: string): Promise<ChatReply> {
  const { kind, store, person, directory, home } = asking;
  const [whom, more] = firstOf(rest);
  const until = /^until (.+)$/i.exec(more)?.[1] ?? null;
  if (whom === '' || (more !== '' && until === null)) return usage(kind, 'delegate');
  const to = personMeant(whom, directory(), home());
  if (to === null) {
    const hint = suggestion(whom, directory().people.keys()).replace(/^, d/, ' D');
    return text(`Nobody in the directory is called “${shortened(whom, 64)}”.${hint} Nothing was handed over.`);
  }
  if (to === person) return text('That is you: nothing was handed over.');
  const note =
    until === null
      ? ''
      : ` This is about what waits now: it does not come back by itself, and “until ${shortened(until, 40)}” can’t be kept here. For an absence, have “away” set for you in the config.`;
  const { requests, next } = await store.list({ status: 'pending', approver: person, limit: BATCH });
  if (requests.length === 0) return text(`Nothing waits for you, so nothing was handed over.${note}`);
  const tally = await orderAll(asking, requests, (newest) => ({
    type: 'delegate',
    from: person,
    to,
    reason: null,
    directory: newest,
  }));
  const name = nameOf(to, directory());
  return text(`Handed ${counted(tally.done)} to ${name}.${leftOut(tally, next !== null)}${note}`);
}
