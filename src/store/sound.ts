/** src/store/sound.ts: what a write must be before any store takes it. */
import type { RequestId } from '../engine/request.ts';
import type { Write } from './port.ts';

/** A caller's mistake must never reach the log. @throws Error when the events, the id or the version don't fit together */
export function requireSound(write: Write, id: RequestId, before: number): void {
  if (write.events.length === 0) throw new Error(`A write without events: ${id}`);
  if (write.state.content.id !== id) throw new Error(`The state of ${write.state.content.id} was written to ${id}.`);
  if (write.state.version !== before + write.events.length)
    throw new Error(
      `${id} is at version ${before}: ${write.events.length} more events do not make ${write.state.version}.`,
    );
}
