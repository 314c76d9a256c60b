/**
 * src/bot/unheard.ts: requests that nobody could be told of: every message that was to show them was given up. Counted
 * for /readyz and /metrics, so that whoever runs the bot hears of them.
 */
import type { Instant } from '../engine/definition.ts';
import type { RequestId, RequestState } from '../engine/request.ts';
import type { Delivery, Store } from '../store/port.ts';

/** Dead letters that are looked through, the newest first. */
const LOOKED_AT = 1_000;
/** How long a count is good for. */
const COUNTED_MS = 15_000;

/** Whether all of a request's surfaces are dead; one that has none is shown on the web pages, as it was meant to be. */
async function allSurfacesDead(store: Pick<Store, 'deliveries'>, request: RequestId): Promise<boolean> {
  const surfaces = await store.deliveries({ request, kind: 'surface', limit: LOOKED_AT });
  return surfaces.length > 0 && surfaces.every(({ state }) => state === 'dead');
}

/** What the trail is told of a dead letter: that it is one, and whether it was the last that could be heard. */
export async function reportOf(
  store: Pick<Store, 'load' | 'deliveries'>,
  { request, kind, channel, lastError }: Delivery,
  fallbackLeft: (state: RequestState) => boolean,
): Promise<{
  readonly kind: Delivery['kind'];
  readonly channel: string;
  readonly error: string;
  readonly unheard: boolean;
}> {
  const report = { kind, channel, error: lastError ?? 'unknown' };
  const state = kind === 'surface' ? await store.load(request) : null;
  if (state === null || state.undelivered.some(({ unheard }) => unheard)) return { ...report, unheard: false };
  return { ...report, unheard: !fallbackLeft(state) && (await allSurfacesDead(store, request)) };
}

export interface Unheard {
  /** Pending requests that nobody was told of. */
  count(): Promise<number>;
}

export function createUnheard(store: Pick<Store, 'load' | 'deliveries'>, clock: () => Instant): Unheard {
  let counted: { readonly at: Instant; readonly count: Promise<number> } | null = null;

  async function recount(): Promise<number> {
    const dead = await store.deliveries({ state: 'dead', kind: 'surface', limit: LOOKED_AT });
    const requests = [...new Set(dead.map(({ request }) => request))];
    let count = 0;
    for (const request of requests) {
      const state = await store.load(request);
      if (state?.status === 'pending' && (await allSurfacesDead(store, request))) count += 1;
    }
    return count;
  }

  return {
    count() {
      const now = clock();
      if (counted === null || now >= counted.at + COUNTED_MS || now < counted.at) {
        const count = recount();
        counted = { at: now, count };
        count.catch(() => {
          counted = null;
        });
      }
      return counted.count;
    },
  };
}
