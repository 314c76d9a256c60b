/** src/bot/http/api.ts: what the routes share. */

import type { KeyObject } from 'node:crypto';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { PersonId } from '../../engine/definition.ts';
import type { RequestId, RequestState } from '../../engine/request.ts';
import type { Store } from '../../store/port.ts';
import type { Clock } from '../clock.ts';
import type { Config, Pipeline } from '../config/index.ts';
import type { Handler } from '../handle.ts';
import type { Metrics } from '../metrics.ts';
import type { HousePauses } from '../pauses/house-pauses.ts';
import type { Figures } from '../stats/report.ts';
import type { Waiters } from '../waiters.ts';
import { notFound } from './problem.ts';

export interface Api {
  readonly store: Store;
  readonly handler: Handler;
  readonly waiters: Waiters;
  /** Pauses of gates, pipelines and everything. */
  readonly pauses: HousePauses;
  /** The newest config; a reload replaces it. */
  readonly config: () => Config;
  /** What is wrong with a callback's address, or null. */
  readonly checkCallback: (url: string) => string | null;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly receiptKey: KeyObject;
  /** The one in use first. */
  readonly receiptPublicKeys: readonly [KeyObject, ...KeyObject[]];
  readonly metrics: Metrics;
  /** What is counted of gates and people. */
  readonly figures: Figures;
  /** Pending requests that nobody could be told of. */
  readonly unheard: () => Promise<number>;
  /** What is wrong with a channel, by kind; null: nothing. */
  readonly channelProblems: () => Readonly<Record<string, string | null>>;
  /** What is wrong with groups that somebody else keeps, by name; null: their members are known. */
  readonly groupProblems: () => Readonly<Record<string, string | null>>;
  /** Whether the config is what its files say: a broken one was refused, and the last good one goes on to count. */
  readonly isConfigNewest: () => boolean;
  /** What is wrong with people's calendars, by person; only where something is. */
  readonly calendarProblems: () => ReadonlyMap<PersonId, string>;
  /** Wakes the dispatcher after a delivery was put back into the queue. */
  readonly wakeDispatcher: () => void;
  /** Aborted when the process stops: whoever waits is answered with what is known. */
  readonly stopping: AbortSignal;
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** A pipeline sees its own requests; others and unknown ids look alike. */
export async function ownRequest(api: Api, pipeline: Pipeline, id: RequestId): Promise<RequestState> {
  const state = await api.store.load(id);
  if (state === null || state.content.pipeline !== pipeline.name) throw notFound();
  return state;
}
