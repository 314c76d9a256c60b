/**
 * src/adapters/teams/send/posts.ts: which messages were posted, for whoever has to know before posting again. Teams has no
 * idempotency key and lets no bot look through a conversation, so this is all there is to look at.
 *
 * What is written down after Teams has answered covers a process that dies before the dispatcher could write it down,
 * and an answer that came after nobody waited for it. What it cannot cover: Teams took a post and its answer never came
 * (a cut line, a 5xx of a gateway, a process killed in between). Then the message is posted again. An approval that
 * nobody hears of is worse than two cards; the first one is nobody's surface any more, and clicks on it change nothing.
 */
import { z } from 'zod';
import { type MessageRef, UnavailableError } from '../../channel.ts';
import type { TeamsLog } from '../options.ts';
import type { ConversationMemory } from './conversations.ts';
import { CALL_TIMEOUT_MS, REMEMBER_POST_MS, REMEMBERED } from './limits.ts';
import { within } from './patience.ts';

export interface Posts {
  /**
   * Posts, and remembers it under this name.
   * @throws UnavailableError when it takes too long; it goes on all the same
   */
  once(name: string, signal: AbortSignal, post: () => Promise<MessageRef>): Promise<MessageRef>;
  /** An earlier attempt that nobody waits for any more, waited for once more; null: there is none. */
  underWay(name: string, signal: AbortSignal): Promise<MessageRef> | null;
  /** What was posted under this name; null: nothing, as far as Teams has told. */
  found(name: string): Promise<MessageRef | null>;
}

export interface PostsParts {
  readonly memory: ConversationMemory;
  readonly log: TeamsLog;
  /** How long one is waited for; a test makes it short. */
  readonly timeoutMs?: number;
}

const keyOf = (name: string) => `posted:${name}`;
const Ref = z.record(z.string(), z.string());

export function createPosts({ memory, log, timeoutMs = CALL_TIMEOUT_MS }: PostsParts): Posts {
  const flights = new Map<string, Promise<MessageRef>>();
  /** What this process has posted: known although it could not be kept. */
  const done = new Map<string, MessageRef>();

  async function remember(name: string, ref: MessageRef): Promise<void> {
    const oldest = done.keys().next().value;
    if (done.size >= REMEMBERED && oldest !== undefined) done.delete(oldest);
    done.set(name, ref);
    try {
      await memory.put(keyOf(name), JSON.stringify(ref), REMEMBER_POST_MS);
    } catch (error) {
      // The dispatcher writes it down too; only if that fails as well, and the process ends, is it forgotten.
      log.warn({ error: error instanceof Error ? error.name : typeof error }, 'a Teams message cannot be remembered');
    }
  }

  async function fly(name: string, post: () => Promise<MessageRef>): Promise<MessageRef> {
    try {
      const ref = await post();
      await remember(name, ref);
      return ref;
    } finally {
      flights.delete(name);
    }
  }

  const patiently = (flight: Promise<MessageRef>, signal: AbortSignal): Promise<MessageRef> =>
    within(flight, timeoutMs, () => new UnavailableError('no answer from Teams in time'), signal);

  return {
    once(name, signal, post) {
      const flight = fly(name, post);
      flight.catch(() => undefined); // nobody may be waiting any more
      flights.set(name, flight);
      return patiently(flight, signal);
    },
    underWay(name, signal) {
      const flight = flights.get(name);
      return flight === undefined ? null : patiently(flight, signal);
    },
    found: async (name) => done.get(name) ?? readKept(await memory.get(keyOf(name))),
  };
}

function readKept(text: string | null): MessageRef | null {
  if (text === null) return null;
  try {
    return Ref.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
