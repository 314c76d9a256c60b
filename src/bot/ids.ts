/**
 * src/bot/ids.ts: ids whose text sorts by the time they were made (UUIDv7, RFC 9562), so that indices grow at their
 * end. One process never makes two that sort the other way round; 42 random bits and a random start of the counter in
 * each millisecond keep them from being guessed.
 */
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import type { RequestId } from '../engine/request.ts';

/** Asked of the system in one go: a call for each id cost 13 us. */
const pool = new Uint8Array(4096);
let used = pool.length;
let latestMs = 0;
let counter = 0;

function random16(): Uint8Array {
  if (used + 16 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}

export function newRequestId(): RequestId {
  const random = random16();
  const now = Date.now();
  if (now > latestMs) {
    latestMs = now;
    // Half of the counter's 32 bits are left to count up within the millisecond.
    counter = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1;
  } else counter += 1;
  return `req_${v7({ random, msecs: latestMs, seq: counter }).replaceAll('-', '')}`;
}

/** Whether a text could be a request's id; anything else is answered like an unknown one. */
export const isRequestId = (text: string): boolean => /^req_[0-9a-f]{32}$/.test(text);
