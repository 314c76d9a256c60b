/**
 * src/adapters/teams/inbound/inbox.ts: where every admitted activity goes in: a turn of the framework, and in it the handler of its
 * kind. What is under way is counted, so that a stop can wait for it.
 */
import { inTime } from '../../patience.ts';
import { onArrival } from './arrivals.ts';
import { failure, onExecute } from './clicks.ts';
import type { Verdict } from './guard.ts';
import { onMessage } from './messages.ts';
import type { At, Parts } from './parts.ts';
import { plain } from './plain.ts';
import { FAILED } from './words.ts';

type Admitted = Extract<Verdict, { kind: 'admitted' }>;

export interface Inbox {
  /** What HTTP answers with 200; undefined: nothing. Never rejects, and never takes long. */
  receive(call: Admitted): Promise<unknown>;
  /** Resolves when nothing is under way any more, or after so many milliseconds. */
  drain(mostMs: number): Promise<void>;
}

export function createInbox(given: Omit<Parts, 'afterwards'>): Inbox {
  const underWay = new Set<Promise<unknown>>();
  const count = <Result>(work: Promise<Result>): Promise<Result> => {
    const counted = work.finally(() => underWay.delete(counted));
    underWay.add(counted);
    return counted;
  };
  const parts: Parts = { ...given, afterwards: (work) => void count(work).catch(() => undefined) };
  const handle = handler(parts);
  const { log, patienceMs } = parts;

  return {
    async receive(call) {
      const { activity, proven, tenant, replayableMs } = call;
      const isInvoke = activity.kind === 'invoke';
      const work = count(
        proven
          .turn(() => handle(activity, { tenant, replayableMs }))
          .catch((error) => {
            log.error({ error: plain(error), type: activity.is.type }, 'a turn failed');
            return isInvoke ? failure(FAILED) : undefined;
          }),
      );
      if (isInvoke) return work;
      // A message is answered by messages: Teams need not wait for them, and would deliver it again.
      const answer = await inTime(work, patienceMs);
      return answer === 'late' ? undefined : answer;
    },
    async drain(mostMs) {
      await inTime(Promise.allSettled(underWay), mostMs);
    },
  };
}

function handler(parts: Parts): (activity: Admitted['activity'], at: At) => Promise<object | undefined> {
  const execute = onExecute(parts);
  const message = onMessage(parts);
  const arrival = onArrival(parts);
  const { voice } = parts;

  return async (activity, at) => {
    switch (activity.kind) {
      case 'invoke':
        parts.afterwards(voice.learn(activity.is, at.tenant)); // where people are moves now and then
        return activity.is.name === 'adaptiveCard/action' ? execute(activity.is, at) : undefined;
      case 'message':
        await voice.learn(activity.is, at.tenant); // the answer goes where it says
        return void (await message(activity.is, at));
      case 'arrival':
        return void (await arrival(activity.is, at));
      case 'other':
        return undefined;
    }
  };
}
