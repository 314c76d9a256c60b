/**
 * src/bot/chat/surfaces.ts: whether a message is one that shows a request. A click counts only for the request whose
 * surface carries it, whatever the button says.
 */
import type { MessageRef } from '../../adapters/channel.ts';
import type { RequestId } from '../../engine/request.ts';
import type { Delivery, Store } from '../../store/port.ts';
import type { Timers } from '../dispatch/timers.ts';
import { isRequestId } from '../ids.ts';
import { POSTING_STEP_MS, POSTING_WAIT_MS } from './limits.ts';
import type { ChatKind } from './people.ts';

/** What names a message on the platform, and the scope that both sides may leave out. */
const IDENTITY = {
  slack: { keys: ['channel', 'ts'], scope: 'team' },
  teams: { keys: ['conversation', 'activity'], scope: 'tenant' },
} as const satisfies Record<ChatKind, object>;
/** More surfaces than a request can have places. */
const SURFACES = 1_000;

/**
 * A person may click faster than the platform's answer to our post is written down, so that while a post is under way
 * a message we don't know yet is waited for a moment.
 */
export async function carries(
  store: Pick<Store, 'deliveries'>,
  kind: ChatKind,
  timers: Timers,
  id: RequestId,
  message: MessageRef,
): Promise<boolean> {
  if (!isRequestId(id)) return false;
  for (let waitedMs = 0; ; waitedMs += POSTING_STEP_MS) {
    const all = await store.deliveries({ request: id, kind: 'surface', limit: SURFACES });
    const surfaces = all.filter(({ channel }) => channel === kind);
    if (surfaces.some((surface) => isSame(surface.receipt, message, kind))) return true;
    if (waitedMs >= POSTING_WAIT_MS || !surfaces.some(isBeingPosted)) return false;
    await new Promise<void>((resolve) => timers.after(POSTING_STEP_MS, resolve));
  }
}

const isBeingPosted = ({ receipt, state }: Delivery): boolean => receipt === null && state !== 'dead';

function isSame(receipt: Delivery['receipt'], message: MessageRef, kind: ChatKind): boolean {
  const { keys, scope } = IDENTITY[kind];
  const [ours, theirs] = [textAt(receipt, scope), textAt(message, scope)];
  if (ours !== null && theirs !== null && ours !== theirs) return false;
  return keys.every((key) => {
    const text = textAt(message, key);
    return text !== null && text === textAt(receipt, key);
  });
}

function textAt(reference: Delivery['receipt'] | MessageRef, key: string): string | null {
  if (typeof reference !== 'object' || reference === null || !Object.hasOwn(reference, key)) return null;
  const value = Object.entries(reference).find(([name]) => name === key)?.[1];
  return typeof value === 'string' && value !== '' ? value : null;
}
