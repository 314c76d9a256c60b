/**
 * src/bot/dispatch/payload.ts: what a delivery remembers of its errand, as JSON in the store. No secrets, and nothing
 * that the request itself knows: what is sent is made from the newest state when it is sent.
 */
import { z } from 'zod';
import { RefusedError } from '../../adapters/channel.ts';
import type { Delivery } from '../../store/port.ts';

const Address = z.strictObject({ kind: z.enum(['channel', 'person']), id: z.string() }).readonly();

/** A message that shows the request to everybody in a channel (`viewer: null`) or to one person. */
export const SurfacePayload = z.strictObject({ to: Address, viewer: z.string().nullable() }).readonly();
export type SurfacePayload = z.infer<typeof SurfacePayload>;

export const NoticePayload = z
  .strictObject({
    to: Address,
    viewer: z.string().nullable(),
    notice: z
      .strictObject({
        kind: z.enum([
          'reminder',
          'escalation',
          'slaWarning',
          'slaBreach',
          'outcome',
          'informationRequested',
          'informationReturned',
          'delegated',
          'bypass',
          'deadLetter',
          'nudge',
          'standIn',
          'history',
        ]),
        sentence: z.string(),
        people: z.array(z.string()).readonly().exactOptional(),
      })
      .readonly(),
  })
  .readonly();
export type NoticePayload = z.infer<typeof NoticePayload>;

export const CallbackPayload = z
  .strictObject({
    url: z.string(),
    type: z.enum(['request.approved', 'request.rejected', 'request.cancelled']),
    pipeline: z.string(),
  })
  .readonly();
export type CallbackPayload = z.infer<typeof CallbackPayload>;

/** Which of the pinned gate's actions for the request's outcome. */
export const ActionPayload = z.strictObject({ index: z.int().min(0) }).readonly();
export type ActionPayload = z.infer<typeof ActionPayload>;

/** A platform's own name of a message, as it was kept. */
const Receipt = z.record(z.string(), z.string()).readonly();

export function readPayload<Schema extends z.ZodType>(schema: Schema, delivery: Delivery): z.infer<Schema> {
  const read = schema.safeParse(delivery.payload);
  if (!read.success) throw new RefusedError('what is to be sent can’t be read');
  return read.data;
}

export function readReceipt(delivery: Delivery): Readonly<Record<string, string>> | null {
  if (delivery.receipt === null) return null;
  const read = Receipt.safeParse(delivery.receipt);
  if (!read.success) throw new RefusedError('the platform’s reference can’t be read');
  return read.data;
}

/**
 * Whether nothing more is said when it is given up: it is itself the news of another one that failed, or a line of the
 * history, which the page has as well, or asks nothing of anybody. Telling of it would only make another one.
 */
export function isQuiet(kind: Delivery['kind'], payload: Delivery['payload']): boolean {
  const notice = kind === 'notice' ? NoticePayload.safeParse(payload).data?.notice.kind : undefined;
  return notice === 'deadLetter' || notice === 'history' || notice === 'standIn';
}
