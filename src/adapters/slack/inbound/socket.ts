/**
 * src/adapters/slack/inbound/socket.ts: Socket Mode: calls come through a connection that we open. Reconnecting is
 * done here, as Bolt's own gives up, with a rejection that nobody catches, when Slack can't be reached.
 */
import { SocketModeReceiver } from '@slack/bolt';
import { z } from 'zod';
import type { SlackLog } from '../options.ts';
import { boltLog, plain } from './bolt-log.ts';
import type { Inbox } from './inbox.ts';
import { GOODBYE_MS, SOCKET_BACKOFF_MS, SOCKET_SHORT_LIFE_MS, SOCKET_START_MS } from './limits.ts';

export interface SocketOptions {
  readonly appToken: string;
  /** null: Slack's own. */
  readonly apiUrl: string | null;
  readonly inbox: Inbox;
  readonly log: SlackLog;
  readonly firstBackoffMs?: number;
}

export interface Socket {
  start(): void;
  stop(): Promise<void>;
  /** Why there is no connection; null where there is one, or none was asked for. */
  problem(): string | null;
}

const Envelope = z.object({
  body: z.record(z.string(), z.unknown()),
  ack: z.custom<(response: unknown) => Promise<void>>((value) => typeof value === 'function'),
  retry_num: z.number().nullish(),
  retry_reason: z.string().nullish(),
});

export function createSocket({ appToken, apiUrl, inbox, log, firstBackoffMs }: SocketOptions): Socket {
  // The receiver is never given an app: it only brings the client, whose calls go to our inbox.
  const { client } = new SocketModeReceiver({
    appToken,
    logger: boltLog(log),
    autoReconnectEnabled: false,
    installerOptions: {
      clientOptions: {
        retryConfig: { retries: 0 },
        timeout: 10_000,
        ...(apiUrl !== null && { slackApiUrl: apiUrl }),
      },
    },
  });
  client.on('slack_event', (args: unknown) => {
    const envelope = Envelope.safeParse(args).data;
    if (envelope === undefined) return log.warn({}, 'what came by the socket can’t be read');
    const { body, ack, retry_num: count, retry_reason: reason } = envelope;
    const retry = count == null ? null : { count, reason: reason ?? '' };
    // A call that failed is not acked: Slack tells the person that it did not work.
    inbox
      .receive({ body, ack, retry, forTeams: null })
      .catch((error) => log.warn({ error: plain(error) }, 'a call by the socket was not acknowledged'));
  });
  let loop: Promise<void> | null = null;
  let trouble: string | null = null;
  const stopping = new AbortController();

  async function keepConnected(): Promise<void> {
    const first = firstBackoffMs ?? SOCKET_BACKOFF_MS.first;
    let pauseMs = first;
    while (!stopping.signal.aborted) {
      const gone = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
      try {
        await within(client.start(), SOCKET_START_MS);
        log.info({}, 'connected to Slack by socket');
        trouble = null;
        const connectedAt = performance.now();
        await gone;
        if (stopping.signal.aborted) return;
        log.info({}, 'the socket to Slack was closed; opening another');
        // Slack renews each connection now and then, which costs no time; one that never lasts must not spin.
        if (performance.now() - connectedAt >= SOCKET_SHORT_LIFE_MS) pauseMs = first;
        else pauseMs = await backOff(pauseMs);
      } catch (error) {
        trouble = `Slack’s Socket Mode: ${plain(error)}`;
        if (stopping.signal.aborted) return;
        log.warn({ error: plain(error), retryInMs: pauseMs }, 'no socket to Slack');
        await within(client.disconnect(), GOODBYE_MS).catch(() => undefined);
        pauseMs = await backOff(pauseMs);
      }
    }
  }

  /** Waits, and says how long to wait the next time. */
  async function backOff(ms: number): Promise<number> {
    await pause(ms, stopping.signal);
    return Math.min(ms * 2, SOCKET_BACKOFF_MS.most);
  }

  return {
    start() {
      loop ??= keepConnected();
    },
    async stop() {
      stopping.abort();
      if (loop === null) return;
      await within(client.disconnect(), GOODBYE_MS).catch(() => undefined);
      await within(loop, GOODBYE_MS).catch(() => undefined);
    },
    problem: () => trouble,
  };
}

/** Rejects when it takes longer; what it was waiting for goes on. */
async function within<Result>(work: Promise<Result>, mostMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${mostMs} ms`)), mostMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
