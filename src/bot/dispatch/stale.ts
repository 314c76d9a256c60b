/**
 * src/bot/dispatch/stale.ts: notices that are of no use any more by the time they could be sent: after an outage, or
 * when somebody's quiet hours are over. They end without a message, and their receipt says why.
 */
import type { Notice } from '../../adapters/channel.ts';
import { missingApprovers } from '../../engine/asked.ts';
import type { RequestState } from '../../engine/request.ts';
import type { Delivery, Store } from '../../store/port.ts';
import { NoticePayload, readPayload } from './payload.ts';

/** Notices that ask for a decision, or warn that there is none. */
const ASKING: ReadonlySet<Notice['kind']> = new Set(['reminder', 'escalation', 'nudge', 'slaWarning', 'slaBreach']);
/** A request's notices that are looked through for a newer one. */
const LOOKED_AT = 200;

/** Why it is not sent; null: it is. */
export async function whyDropped(
  delivery: Delivery,
  state: RequestState,
  store: Pick<Store, 'deliveries'>,
): Promise<'decided' | 'paused' | 'answered' | 'newer' | null> {
  const payload = readPayload(NoticePayload, delivery);
  if (!isAsking(payload)) return null;
  return whyUseless(payload, state) ?? ((await hasNewer(delivery, payload.viewer, store)) ? 'newer' : null);
}

export const isAsking = ({ notice }: NoticePayload): boolean => ASKING.has(notice.kind);

/** Why a notice that asks says nothing that is still so; null: it does. */
export function whyUseless(
  { viewer, notice }: NoticePayload,
  state: RequestState,
): 'decided' | 'paused' | 'answered' | null {
  if (state.status !== 'pending') return 'decided';
  if (state.paused !== null) return 'paused';
  const isTold = notice.kind === 'slaBreach' && viewer === state.content.requester;
  return viewer !== null && !isTold && !missingApprovers(state).includes(viewer) ? 'answered' : null;
}

/** Of several that waited for the same morning only the last says what is so; ten reminders would say it ten times. */
async function hasNewer(delivery: Delivery, viewer: string | null, store: Pick<Store, 'deliveries'>): Promise<boolean> {
  if (viewer === null || delivery.dueAt <= delivery.createdAt) return false;
  const newest = await store.deliveries({ request: delivery.request, kind: 'notice', limit: LOOKED_AT });
  const itself = newest.findIndex(({ id }) => id === delivery.id);
  return newest.slice(0, itself === -1 ? newest.length : itself).some(({ target, state, payload }) => {
    if (target !== delivery.target || state !== 'queued') return false;
    const kind = NoticePayload.safeParse(payload).data?.notice.kind;
    return kind !== undefined && ASKING.has(kind);
  });
}
