/**
 * src/bot/waiters.ts: who waits for a request to change: long-polls, event streams, live pages. They are woken by the
 * commit itself; nothing polls.
 */
import type { RequestId } from '../engine/request.ts';
import type { Committed, Store } from '../store/port.ts';

type Listener = (committed: Committed) => void;

export class Waiters {
  readonly #byRequest = new Map<RequestId, Set<Listener>>();
  readonly #limit: number;
  #count = 0;

  /** @param limit how many may wait at once, of all kinds together */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= this.#limit;
  }

  /** Passes on what the store commits, until the function returned is called. */
  listenTo(store: Store): () => void {
    return store.subscribe((committed) => {
      const listeners = this.#byRequest.get(committed.state.content.id);
      if (listeners !== undefined) for (const listener of [...listeners]) listener(committed);
    });
  }

  subscribe(id: RequestId, listener: Listener): () => void {
    const listeners = this.#byRequest.get(id) ?? new Set();
    this.#byRequest.set(id, listeners);
    listeners.add(listener);
    this.#count += 1;
    return () => {
      if (!listeners.delete(listener)) return;
      this.#count -= 1;
      if (listeners.size === 0 && this.#byRequest.get(id) === listeners) this.#byRequest.delete(id);
    };
  }
}
