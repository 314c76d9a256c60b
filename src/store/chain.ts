/**
 * src/store/chain.ts: what makes the log tell on its editor. Each event's hash covers the one before it in the same
 * request; a checkpoint's head covers the hashes of the whole log in order, and is signed.
 */
import { hash } from 'node:crypto';
import type { Checkpoint } from './port.ts';

/** What the first event of a request, and the first checkpoint, chain to. */
export const GENESIS = '0'.repeat(64);

/** After this many events the store writes a checkpoint by itself. */
export const EVENTS_PER_CHECKPOINT = 1_000;

export interface Link {
  readonly position: number;
  readonly request: string;
  readonly version: number;
  readonly type: string;
  readonly at: number;
  readonly data: string;
}

/** Texts carry their length, so no two different events are framed alike. */
export function eventHash(previous: string, link: Link): string {
  const { position, request, version, type, at, data } = link;
  return hash(
    'sha256',
    `${previous}\n${position}\n${request.length}:${request}\n${version}\n${type.length}:${type}\n${at}\n${data.length}:${data}`,
  );
}

/** The head of the log after `hashes`, which are those since the checkpoint whose head is `previous`, in order. */
export function headOf(previous: string, hashes: readonly string[]): string {
  return hashes.length === 0 ? previous : hash('sha256', `${previous}\n${hashes.join('\n')}`);
}

/** What a checkpoint's signature covers. */
export function checkpointText(checkpoint: Omit<Checkpoint, 'signature'>): string {
  return `countersign checkpoint 1\nsize ${checkpoint.size}\nhead ${checkpoint.head}\nat ${checkpoint.at}`;
}

/** `sha256:` and the digest of a JSON text, by which gate definitions are stored. */
export function digestOf(json: string): string {
  return `sha256:${hash('sha256', json)}`;
}
