/**
 * src/client/waiting.ts: waits until a request is decided, by long-polling, over outages of any kind. It ends at the
 * latest when the request must have ended by itself.
 */
import { isDecided, requestFrom } from './answers.ts';
import { StillPendingError } from './errors.ts';
import { delayMs, isPassing, type OnRetry, type Surroundings, type Transport } from './transport.ts';
import type { ApprovalRequest, DecidedRequest } from './types.ts';

export interface WaitOptions {
  /** Ends the waiting, not the request. Default: until the request's own deadline has passed. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called with every answer while it is pending, at least about once a minute. */
  readonly onProgress?: (request: ApprovalRequest) => void;
  /** Called before each new try after a failure. */
  readonly onRetry?: OnRetry;
}

/** Proxies commonly cut silent connections after 60 s. */
const HOLD_SECONDS = 60;
/** What the server may take beyond the hold. */
const SLACK_MS = 15_000;
/** After its deadline a request is closed by the server's next tick; an outage may delay that. */
const GRACE_MS = 600_000;
/** Without a deadline: how long a server that has answered before may be away. */
const OUTAGE_MS = 24 * 3_600_000;
/** A server that answers at once instead of holding is asked more and more rarely, up to this. */
const MAX_PAUSE_MS = 5_000;
const QUICK_MS = 1_000;

/**
 * @param known what is known of the request already; null: only its id
 * @param patienceMs how long to try when nothing is known of the request yet
 * @throws StillPendingError at the end of the waiting; CountersignError or UnreachableError when it can't be told
 */
export async function waitUntilDecided(
  transport: Transport,
  around: Surroundings,
  id: string,
  known: ApprovalRequest | null,
  patienceMs: number,
  options: WaitOptions,
): Promise<DecidedRequest> {
  const { now, random, sleep } = around;
  const { signal } = options;
  const callersEnd = options.timeoutMs === undefined ? Number.POSITIVE_INFINITY : now() + options.timeoutMs;
  let request = known;
  let endsAt = request === null ? now() + patienceMs : endOf(request, now(), null);
  let failures = 0;
  let quickAnswers = 0;
  if (request !== null && isDecided(request)) return request;

  for (;;) {
    const askedAt = now();
    const holdSeconds = Math.max(0, Math.min(HOLD_SECONDS, Math.ceil((callersEnd - askedAt) / 1000)));
    try {
      const answer = await transport.once({
        method: 'GET',
        path: `/v1/requests/${id}`,
        headers: { prefer: `wait=${holdSeconds}` },
        timeoutMs: holdSeconds * 1000 + SLACK_MS,
        signal,
      });
      request = requestFrom(answer.body, id);
      if (isDecided(request)) return request;
      failures = 0;
      endsAt = endOf(request, now(), answer.headers.get('date'));
    } catch (error) {
      if (!isPassing(error)) throw error;
      failures += 1;
      const pause = delayMs(failures, error, random);
      const end = Math.min(endsAt, callersEnd);
      if (now() + pause >= end) throw request === null ? error : new StillPendingError(request, { cause: error });
      options.onRetry?.(error, pause);
      await sleep(pause, signal);
      continue;
    }
    options.onProgress?.(request);
    quickAnswers = now() - askedAt < QUICK_MS ? quickAnswers + 1 : 0;
    const pause = quickAnswers === 0 ? 0 : Math.min(MAX_PAUSE_MS, QUICK_MS * quickAnswers);
    if (now() + pause >= Math.min(endsAt, callersEnd)) throw new StillPendingError(request);
    if (pause > 0) await sleep(pause, signal);
  }
}

/**
 * When there is nothing left to wait for, on this machine's clock. The server's own clock counts (its Date header): a
 * runner whose clock is hours off must not give up early. A paused or held request has no such end.
 */
function endOf(request: ApprovalRequest, now: number, serverDate: string | null): number {
  if (request.expiresAt === null || request.paused) return now + OUTAGE_MS;
  const serverNow = serverDate === null ? now : Date.parse(serverDate);
  const skew = Number.isNaN(serverNow) ? 0 : serverNow - now;
  const effective = [request.expiresAt, request.heldUntil ?? request.expiresAt].map((time) => Date.parse(time));
  const latest = Math.max(...effective);
  return Number.isNaN(latest) ? now + OUTAGE_MS : latest - skew + GRACE_MS;
}
