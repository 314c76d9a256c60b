/**
 * src/adapters/slack/inbound/inbox.ts: where every verified call goes in, by HTTP or by socket: through one Bolt app to
 * its listener. What is under way is counted, so that a stop can wait for it.
 */
import { App, type Context, type Receiver } from '@slack/bolt';
import { z } from 'zod';
import type { SlackLog } from '../options.ts';
import type { Workspaces } from '../send/workspaces.ts';
import { boltLog, plain } from './bolt-log.ts';
import { EVENT_MEMORY_MS, REMEMBERED } from './limits.ts';
import { createMemory } from './memory.ts';
import { checkOutline } from './payloads.ts';

export interface Call {
  readonly body: Readonly<Record<string, unknown>>;
  /** Answers Slack; only the first answer goes out. */
  readonly ack: (response: unknown) => Promise<void>;
  readonly retry: { readonly count: number; readonly reason: string } | null;
  /** The workspaces whose secret vouches for it (null: home); null: all, as it came by the app's own socket. */
  readonly forTeams: readonly (string | null)[] | null;
}

export interface Inbox {
  readonly app: App;
  /**
   * Resolves when everything about the call is done, later than its ack; rejects where nothing was acked, with a
   * MalformedCallError where the call itself is at fault.
   */
  receive(call: Call): Promise<void>;
  /** Resolves when nothing is under way any more, or after so many milliseconds. */
  drain(mostMs: number): Promise<void>;
}

export function createInbox(workspaces: Workspaces, { log, clock }: { log: SlackLog; clock: () => number }): Inbox {
  const receiver: Receiver = { init: () => undefined, start: async () => undefined, stop: async () => undefined };
  const app = new App({
    receiver,
    // Without a token in it Bolt has nothing to verify at the start, and its own client nothing to leak.
    authorize: async ({ teamId }) => {
      const bot = teamId === undefined ? null : workspaces.bot(teamId);
      return bot === null ? {} : { botId: bot.botId, botUserId: bot.userId };
    },
    convoStore: false,
    logger: boltLog(log),
  });
  app.error((error) => Promise.reject(error)); // an error before the ack must not look like one
  const events = createMemory(EVENT_MEMORY_MS, REMEMBERED, clock);
  const underWay = new Set<Promise<void>>();

  async function process({ body, ack, retry, forTeams }: Call): Promise<void> {
    let isAcked = false;
    const ackOnce = async (response?: unknown): Promise<void> => {
      if (isAcked) return;
      isAcked = true;
      await ack(response).catch((error) => log.warn({ error: plain(error) }, 'an answer did not reach Slack'));
    };
    checkOutline(body);
    const { event_id: eventId } = body;
    if (typeof eventId === 'string' && !events.isNew(eventId)) return ackOnce();
    try {
      await app.processEvent({
        body,
        ack: ackOnce,
        ...(retry !== null && { retryNum: retry.count, retryReason: retry.reason }),
        customProperties: { forTeams },
      });
    } catch (error) {
      log.error({ error: plain(error), acked: isAcked }, 'a call from Slack failed');
      if (!isAcked) throw error;
    }
    await ackOnce(); // what nobody listens to: buttons that are links, events of no interest
  }

  return {
    app,
    receive(call) {
      const work = process(call).finally(() => underWay.delete(work));
      underWay.add(work);
      return work;
    },
    async drain(mostMs) {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, mostMs);
      });
      await Promise.race([Promise.allSettled(underWay), patience]);
      clearTimeout(timer);
    },
  };
}

const Vouched = z.object({ forTeams: z.array(z.string().nullable()).nullable() });

/** The workspaces that a listener's call is vouched for, as `receive` got them. */
export const forTeamsOf = (context: Context): readonly (string | null)[] | null => Vouched.parse(context).forTeams;
