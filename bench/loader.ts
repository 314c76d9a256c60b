/** bench/loader.ts: the process in which load.ts runs: takes a job, answers with what came of it. */
import { type Job, load } from './load.ts';

process.on('message', (message: { readonly job?: Job }) => {
  if (message.job !== undefined)
    load(message.job).then(
      (loaded) => process.send?.({ loaded }),
      (error: unknown) => process.send?.({ broken: String(error) }),
    );
});
process.channel?.ref(); // nothing else keeps it running between jobs
process.send?.({ ready: 'loader' });
