/** src/client/client.ts: the calls of the HTTP API, each as a function. Dependency-free; needs a global `fetch` (Node 18+). */
import {
  deliveriesFrom,
  identityFrom,
  isDecided,
  orderedPauseFrom,
  pageFrom,
  pausesFrom,
  requestFrom,
} from './answers.ts';
import { CountersignError, UnexpectedAnswerError } from './errors.ts';
import { type SimulateRequest, type Simulation, simulationFrom } from './simulation.ts';
import { type Stats, type StatsFilter, statsFrom } from './stats.ts';
import { eventsOf } from './stream.ts';
import {
  type Call,
  chunksOf,
  delayMs,
  isPassing,
  type OnRetry,
  realSurroundings,
  type Surroundings,
  Transport,
  unreachable,
} from './transport.ts';
import type {
  ApprovalRequest,
  CastVote,
  DecidedRequest,
  DeliveryFilter,
  HousePause,
  Identity,
  JsonValue,
  ListFilter,
  OpenRequest,
  OrderedPause,
  OutcomeCause,
  OutgoingDelivery,
  PauseOptions,
  PauseTarget,
  RequestPage,
  TrailEvent,
} from './types.ts';
import { type WaitOptions, waitUntilDecided } from './waiting.ts';

export interface ClientOptions {
  /** Where the server is. Default: COUNTERSIGN_URL, else http://127.0.0.1:3000. */
  readonly url?: string;
  /** The pipeline's token. Default: COUNTERSIGN_TOKEN. */
  readonly token?: string;
  /** How long a call is repeated over network failures, 429 and 5xx before it fails. 60 s when not given. */
  readonly patienceMs?: number;
  /** Told before a call is tried again. */
  readonly onRetry?: OnRetry;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface OpenOptions extends CallOptions {
  /** The same key and request give the same approval, however often it is opened. Made up when not given. */
  readonly idempotencyKey?: string;
}

export interface Client {
  /** Opens a request. Repeating is safe: it always carries an idempotency key. */
  open(request: OpenRequest, options?: OpenOptions): Promise<ApprovalRequest>;
  get(id: string, options?: CallOptions): Promise<ApprovalRequest>;
  /** Resolves when the request is decided, whichever way. `from`: what is known of it already. */
  wait(id: string, options?: WaitOptions & { readonly from?: ApprovalRequest }): Promise<DecidedRequest>;
  list(filter?: ListFilter, options?: CallOptions): Promise<RequestPage>;
  /** What opening the request would come to: nothing is kept, nothing is sent. Also where it would be refused. */
  simulate(request: SimulateRequest, options?: CallOptions): Promise<Simulation>;
  /** Whose token this is. */
  whoami(options?: CallOptions): Promise<Identity>;
  /** Votes for a person; the pipeline needs `may: [vote]`. Casting the same vote again changes nothing. */
  vote(id: string, vote: CastVote, options?: CallOptions): Promise<ApprovalRequest>;
  cancel(id: string, reason?: string, options?: CallOptions): Promise<ApprovalRequest>;
  comment(id: string, text: string, options?: CallOptions): Promise<ApprovalRequest>;
  /** Asks those who are missing again; refused (409) more often than once in 15 minutes. */
  nudge(id: string, options?: CallOptions): Promise<ApprovalRequest>;
  /** Break-glass: approves without votes. Only people whom the gate names may. */
  bypass(
    id: string,
    by: { readonly person: string; readonly reason: string },
    options?: CallOptions,
  ): Promise<ApprovalRequest>;
  /** Nobody decides this request until it is resumed. */
  pauseRequest(id: string, how?: PauseOptions, options?: CallOptions): Promise<ApprovalRequest>;
  /** Ends the request's own pause, not that of its gate, its pipeline or everything. */
  resumeRequest(id: string, options?: CallOptions): Promise<ApprovalRequest>;
  /** Pauses a gate, a pipeline or everything; the pipeline needs `may: [pause]`. What is paused already is refused (409). */
  pause(target: PauseTarget, how?: PauseOptions, options?: CallOptions): Promise<OrderedPause>;
  /** Ends such a pause. Repeating is safe. */
  resume(id: string, reason?: string, options?: CallOptions): Promise<OrderedPause>;
  /** What is paused that concerns this pipeline, newest first; with `all` what was paused in the last 400 days, too. */
  pauses(filter?: { readonly all?: boolean }, options?: CallOptions): Promise<readonly HousePause[]>;
  /** What went out, or could not, for this pipeline's requests; newest first. */
  deliveries(filter?: DeliveryFilter, options?: CallOptions): Promise<readonly OutgoingDelivery[]>;
  /** Puts a failed or dead delivery back into the queue. */
  retryDelivery(id: string, options?: CallOptions): Promise<void>;
  /** Figures of the gates that this pipeline may open, and of people where it may see them, week by week. */
  stats(filter?: StatsFilter, options?: CallOptions): Promise<Stats>;
  /** What happens to the request, as it happens; reconnects by itself and ends with the request. */
  events(id: string, options?: CallOptions): AsyncGenerator<TrailEvent>;
}

const PATIENCE_MS = 60_000;
const PAUSE_ID = /^pau_[A-Za-z0-9_-]{1,64}$/;
const DELIVERY_ID = /^dlv_[A-Za-z0-9_-]{1,64}$/;
const REQUEST_ID = /^req_[A-Za-z0-9_-]{1,64}$/;

/** Whether `text` can be a request's id. */
export const isRequestId = (text: string): boolean => REQUEST_ID.test(text);

/** @throws TypeError when the address can't be one */
export function createClient(options: ClientOptions = {}, around: Surroundings = realSurroundings): Client {
  const url = options.url ?? environment('COUNTERSIGN_URL') ?? 'http://127.0.0.1:3000';
  const transport = new Transport(url, options.token ?? environment('COUNTERSIGN_TOKEN'), around);
  const patienceMs = options.patienceMs ?? PATIENCE_MS;
  const call = (request: Call, isRepeatable: boolean) =>
    transport.untilAnswered(request, isRepeatable, { patienceMs, onRetry: options.onRetry });

  const get = async (id: string, { signal }: CallOptions = {}) =>
    requestFrom((await call({ method: 'GET', path: pathOf(id), signal }, true)).body, id);

  const post = async (
    id: string,
    verb: string,
    body: JsonValue,
    signal: AbortSignal | undefined,
    isRepeatable: boolean,
  ) =>
    requestFrom((await call({ method: 'POST', path: `${pathOf(id)}/${verb}`, body, signal }, isRepeatable)).body, id);

  /** Ends the request. When the answer to a first try was lost, the next one meets a closed request: that is no failure. */
  const end = async (
    id: string,
    verb: string,
    body: JsonValue,
    signal: AbortSignal | undefined,
    cause: OutcomeCause,
  ) => {
    try {
      return await post(id, verb, body, signal, true);
    } catch (error) {
      if (!(error instanceof CountersignError && error.status === 409)) throw error;
      const request = await get(id, signal === undefined ? {} : { signal });
      if (request.outcome?.cause === cause) return request;
      throw error;
    }
  };

  return {
    async open(request, { idempotencyKey, signal } = {}) {
      const answer = await call(
        {
          method: 'POST',
          path: '/v1/requests',
          headers: { 'idempotency-key': idempotencyKey ?? crypto.randomUUID() },
          body: bodyOf(request),
          signal,
        },
        true,
      );
      return requestFrom(answer.body, null);
    },
    async simulate(request, { signal } = {}) {
      const body = bodyOf(request);
      return simulationFrom((await call({ method: 'POST', path: '/v1/simulate', body, signal }, true)).body);
    },
    get,
    wait: async (id, { from, ...waiting } = {}) => {
      pathOf(id); // refuses what is no id, before it becomes part of an address
      return waitUntilDecided(transport, around, id, from ?? null, patienceMs, waiting);
    },
    async list(filter = {}, { signal } = {}) {
      const path = `/v1/requests?${queryOf(filter)}`;
      return pageFrom((await call({ method: 'GET', path, signal }, true)).body);
    },
    async whoami({ signal } = {}) {
      return identityFrom((await call({ method: 'GET', path: '/v1/whoami', signal }, true)).body);
    },
    vote: (id, vote, { signal } = {}) => post(id, 'votes', toJson({ ...vote }), signal, true),
    cancel: (id, reason, { signal } = {}) =>
      end(id, 'cancel', reason === undefined ? {} : { reason }, signal, 'cancelled'),
    nudge: (id, { signal } = {}) => post(id, 'nudge', {}, signal, false),
    comment: (id, text, { signal } = {}) => post(id, 'comment', { text }, signal, false),
    bypass: (id, { person, reason }, { signal } = {}) => end(id, 'bypass', { person, reason }, signal, 'bypass'),
    pauseRequest: (id, how = {}, { signal } = {}) => post(id, 'pause', toJson({ ...how }), signal, true),
    resumeRequest: (id, { signal } = {}) => post(id, 'resume', {}, signal, false),
    async pause(target, how = {}, { signal } = {}) {
      const body = toJson({ ...target, ...how });
      return orderedPauseFrom((await call({ method: 'POST', path: '/v1/pauses', body, signal }, false)).body);
    },
    async resume(id, reason, { signal } = {}) {
      if (!PAUSE_ID.test(id)) throw new TypeError(`Not the id of a pause: ${JSON.stringify(id)}`);
      const body = reason === undefined ? {} : { reason };
      return orderedPauseFrom(
        (await call({ method: 'POST', path: `/v1/pauses/${id}/resume`, body, signal }, true)).body,
      );
    },
    async pauses({ all = false } = {}, { signal } = {}) {
      return pausesFrom((await call({ method: 'GET', path: `/v1/pauses?all=${all}`, signal }, true)).body);
    },
    async deliveries(filter = {}, { signal } = {}) {
      const path = `/v1/deliveries?${queryOf(filter)}`;
      return deliveriesFrom((await call({ method: 'GET', path, signal }, true)).body);
    },
    async retryDelivery(id, { signal } = {}) {
      if (!DELIVERY_ID.test(id)) throw new TypeError(`Not the id of a delivery: ${JSON.stringify(id)}`);
      await call({ method: 'POST', path: `/v1/deliveries/${id}/retry`, signal }, true);
    },
    async stats(filter = {}, { signal } = {}) {
      const path = `/v1/stats?${queryOf(filter)}`;
      return statsFrom((await call({ method: 'GET', path, signal }, true)).body);
    },
    async *events(id, { signal } = {}) {
      const stop = signal ?? new AbortController().signal;
      let lastId: string | null = null;
      let giveUpAt = around.now() + patienceMs;
      for (let failures = 1; ; failures++) {
        try {
          const response = await transport.connect(
            {
              method: 'GET',
              path: `${pathOf(id)}/events`,
              headers: { accept: 'text/event-stream', ...(lastId !== null && { 'last-event-id': lastId }) },
            },
            stop,
          );
          if (!response.ok) throw new CountersignError(response.status, null);
          if (response.body === null || !response.headers.get('content-type')?.startsWith('text/event-stream'))
            throw new UnexpectedAnswerError('The answer is not a stream of events.');
          for await (const event of eventsOf(chunksOf(response.body))) {
            failures = 0;
            giveUpAt = around.now() + patienceMs;
            lastId = event.id ?? lastId;
            yield event;
          }
          // A stream ends with its request, or because something between here and there cut it.
          if (isDecided(await get(id, { signal: stop }))) return;
        } catch (error) {
          stop.throwIfAborted();
          const known = unreachable(error);
          if (!isPassing(known) || around.now() > giveUpAt) throw known;
        }
        await around.sleep(delayMs(Math.max(1, failures), null, around.random), stop);
      }
    },
  };
}

function pathOf(id: string): string {
  if (!isRequestId(id)) throw new TypeError(`Not the id of a request: ${JSON.stringify(id)}`);
  return `/v1/requests/${id}`;
}

const bodyOf = ({ requester, ...rest }: OpenRequest): JsonValue =>
  toJson({ ...rest, ...(requester !== undefined && { requester: personOf(requester) }) });

const personOf = (requester: string | { readonly email: string }): JsonValue =>
  typeof requester === 'string' && requester.includes('@')
    ? { email: requester }
    : typeof requester === 'string'
      ? requester
      : { email: requester.email };

function queryOf(filter: ListFilter | DeliveryFilter | StatsFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value));
  return query.toString();
}

/** Leaves out what is undefined. */
function toJson(body: Readonly<Record<string, unknown>>): JsonValue {
  return JSON.parse(JSON.stringify(body));
}

const environment = (name: string): string | undefined => globalThis.process?.env[name] || undefined;
