/**
 * src/bot/checkpoints.ts: checkpoints leave the database: to the log, and to a file that may lie where whoever can
 * write the database can't. Only a checkpoint kept elsewhere shows a cut tail or a restored backup.
 */
import { appendFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Checkpoint } from '../store/port.ts';
import { ConfigError } from './config/index.ts';
import { CHECKPOINT_WAIT_MS } from './limits.ts';

export interface Checkpoints {
  readonly tell: (checkpoint: Checkpoint) => void;
  /** Resolves once what was told is in the file, or soon: a disk that hangs does not hold up a stop. */
  readonly written: () => Promise<void>;
}

/**
 * @param file gets each checkpoint as a line of JSON that `audit verify --since` takes; null: none
 * @throws ConfigError when nothing can be written there
 */
export function checkpointsTo(log: Logger, file: string | null): Checkpoints {
  if (file !== null) requireWritable(file);
  let writing: Promise<void> = Promise.resolve();
  return {
    tell(checkpoint) {
      const { size, head, at, signature } = checkpoint;
      log.info({ size, head, at, signature }, 'checkpoint');
      if (file === null) return;
      // One after another, so that the newest is the last; the bot does not wait for a slow disk.
      writing = writing
        .then(() => appendFile(file, `${JSON.stringify({ size, head, at, signature })}\n`, { flush: true }))
        .catch((error: unknown) => log.error({ err: error, size }, 'a checkpoint was not written to CHECKPOINT_FILE'));
    },
    async written() {
      let timer: NodeJS.Timeout | undefined;
      const waited = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CHECKPOINT_WAIT_MS);
      });
      await Promise.race([writing, waited]);
      clearTimeout(timer);
    },
  };
}

function requireWritable(file: string): void {
  try {
    appendFileSync(file, '', { mode: 0o600 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    const message = `can't be written${code}`;
    throw new ConfigError([{ file: 'environment', line: null, column: null, path: 'CHECKPOINT_FILE', message }]);
  }
}
