/** src/adapters/slack/inbound/memory.ts: what has been seen before, for a while: signatures of calls, ids of events. */

export interface Memory {
  /** Whether the key is new; from then on it is not, until it is forgotten. */
  isNew(key: string): boolean;
}

/**
 * Holds at most `size` keys; when it is full the oldest makes room, as the engine takes no harm from a repetition.
 * @param forMs how long a key is remembered
 */
export function createMemory(forMs: number, size: number, clock: () => number): Memory {
  const until = new Map<string, number>(); // a Map keeps the order of insertion, and all live equally long
  return {
    isNew(key) {
      const now = clock();
      if ((until.get(key) ?? now) > now) return false;
      until.delete(key);
      for (const [oldest, end] of until) {
        if (end > now && until.size < size) break;
        until.delete(oldest);
      }
      until.set(key, now + forMs);
      return true;
    },
  };
}
