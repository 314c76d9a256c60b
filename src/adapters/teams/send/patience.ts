/** src/adapters/teams/send/patience.ts: waiting for something no longer than it is worth; what it is about goes on. */

/** @throws what `tooLate` makes when `ms` are over, the signal's reason when it is aborted, and what `work` rejects with */
export async function within<Result>(
  work: Promise<Result>,
  ms: number,
  tooLate: () => Error,
  signal?: AbortSignal,
): Promise<Result> {
  let end = () => {};
  const ended = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(tooLate()), ms);
    const abort = () => reject(signal?.reason);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    end();
  }
}
