/**
 * src/adapters/teams/inbound/once.ts: what has been delivered before. Teams delivers again what was not answered in time,
 * sometimes under another id, and a token that was overheard could be used again as long as it lives.
 */
export interface Once {
  /**
   * Runs `work` unless something with one of these keys was done, or is being done: then it resolves to what that came
   * to, or to 'again' where it is over. What was not done (`isDone` false, or a rejection) may be tried again.
   */
  do<Result>(
    keys: readonly Key[],
    work: () => Promise<Result>,
    isDone: (result: Result) => boolean,
  ): Promise<Result | 'again'>;
}

export interface Key {
  readonly name: string;
  readonly forMs: number;
}

/**
 * Remembers at most `size` keys; when it is full the oldest makes room, as the engine counts no vote twice.
 * @param clock monotonic, in milliseconds
 */
export function createOnce(size: number, clock: () => number): Once {
  const doneUntil = new Map<string, number>();
  const underWay = new Map<string, Promise<unknown>>();

  function remember({ name, forMs }: Key): void {
    const now = clock();
    doneUntil.delete(name);
    for (const [oldest, end] of doneUntil) {
      if (end > now && doneUntil.size < size) break;
      doneUntil.delete(oldest);
    }
    doneUntil.set(name, now + forMs);
  }

  return {
    async do(keys, work, isDone) {
      const now = clock();
      for (const { name } of keys) {
        if ((doneUntil.get(name) ?? now) > now) return 'again';
        const same = underWay.get(name);
        if (same !== undefined) {
          await same.catch(() => undefined);
          return this.do(keys, work, isDone);
        }
      }
      const running = work();
      for (const { name } of keys) underWay.set(name, running);
      try {
        const result = await running;
        if (isDone(result)) for (const key of keys) remember(key);
        return result;
      } finally {
        for (const { name } of keys) underWay.delete(name);
      }
    },
  };
}
