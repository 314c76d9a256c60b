/**
 * src/bot/waiters.ts: who waits for a request to change: long-polls, event streams, live pages. They are woken by the
 * commit itself; nothing polls.
 */
import type { RequestId } from '../engine/request.ts';
import type { Committed, Store } from '../store/port.ts';

type Listener = (committed: Committed) => void;

export class Waiters {
  readonly #byRequest = new Map<RequestId, Set<Listener>>();
  readonly #byPipeline = new Map<string, number>();
  readonly #limit: number;
  readonly #perPipeline: number;
  #count = 0;

  /**
   * @param limit how many may wait at once, of all kinds together
   * @param perPipeline how many of them may be one pipeline's, so that none keeps the others out
   */
  constructor(limit: number, perPipeline: number = limit) {
    this.#limit = limit;
    this.#perPipeline = perPipeline;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether this pipeline has to come back later. */
  isFullFor(pipeline: string): boolean {
    return this.#count >= this.#limit || (this.#byPipeline.get(pipeline) ?? 0) >= this.#perPipeline;
  }

  /** Passes on what the store commits, until the function returned is called. */
  listenTo(store: Store): () => void {
    const pass = (committed: Committed): void => {
      const listeners = this.#byRequest.get(committed.state.content.id);
      if (listeners !== undefined) for (const listener of [...listeners]) listener(committed);
    };
    return store.subscribe(pass, (id) => this.#byRequest.has(id));
  }

  /** @param pipeline who waits; null: a page, which the pages themselves keep count of */
  subscribe(id: RequestId, pipeline: string | null, listener: Listener): () => void {
    const listeners = this.#byRequest.get(id) ?? new Set();
    this.#byRequest.set(id, listeners);
    listeners.add(listener);
    this.#add(pipeline, 1);
    return () => {
      if (!listeners.delete(listener)) return;
      this.#add(pipeline, -1);
      if (listeners.size === 0 && this.#byRequest.get(id) === listeners) this.#byRequest.delete(id);
    };
  }

  #add(pipeline: string | null, change: 1 | -1): void {
    this.#count += change;
    if (pipeline === null) return;
    const waiting = (this.#byPipeline.get(pipeline) ?? 0) + change;
    if (waiting === 0) this.#byPipeline.delete(pipeline);
    else this.#byPipeline.set(pipeline, waiting);
  }
}
