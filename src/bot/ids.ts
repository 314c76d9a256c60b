/**
 * src/bot/ids.ts: ids whose text sorts by the time they were made (UUIDv7), so that indices grow at their end. One
 * process never makes two that sort the other way round. 74 random bits keep them from being guessed.
 */
import { v7 } from 'uuid';
import type { RequestId } from '../engine/request.ts';

const compact = (): string => v7().replaceAll('-', '');

export const newRequestId = (): RequestId => `req_${compact()}`;
export const newDeliveryId = (): string => `dlv_${compact()}`;

/** Whether a text could be a request's id; anything else is answered like an unknown one. */
export const isRequestId = (text: string): boolean => /^req_[0-9a-f]{32}$/.test(text);
