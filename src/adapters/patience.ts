/** src/adapters/patience.ts: chat platforms wait a few seconds for an answer; what takes longer is told afterwards. */

/** Resolves to what `work` resolves to, or to 'late' when that takes longer; the work goes on. */
export async function inTime<Result>(work: Promise<Result>, patienceMs: number): Promise<Result | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
