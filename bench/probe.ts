/** bench/probe.ts: preloaded into each measured process: tells over IPC what it has used so far. Costs nothing unasked. */

export interface Sample {
  /** CPU time of all threads since the start, in microseconds. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

process.on('message', (message) => {
  if (message !== 'sample') return;
  const { user, system } = process.cpuUsage();
  process.send?.({ sample: { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() } });
});
process.channel?.unref();
// Whoever started us is gone: nothing may be left running.
process.once('disconnect', () => process.exit(1));
