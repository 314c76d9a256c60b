/** src/cli/connection.ts: the running bot that a command talks to, from COUNTERSIGN_URL and COUNTERSIGN_TOKEN. */
import { type Client, createClient } from '../client/index.ts';
import { CommandError } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { durationText, plain } from './text.ts';

/** For a command that a person waits for; opening and waiting have more. */
const SHORT_PATIENCE_MS = 3_000;
const LONG_PATIENCE_MS = 60_000;

export const urlOf = ({ env }: Pick<Terminal, 'env'>): string => env.COUNTERSIGN_URL || 'http://127.0.0.1:3000';

/** @throws CommandError when there is no token, or no usable address */
export function connect(terminal: Pick<Terminal, 'env' | 'say'>, patience: 'short' | 'long'): Client {
  const token = tokenOf(terminal);
  try {
    return createClient({
      url: urlOf(terminal),
      token,
      ...(patience === 'short'
        ? { patienceMs: SHORT_PATIENCE_MS }
        : {
            patienceMs: LONG_PATIENCE_MS,
            onRetry: (error: Error, delayMs: number) =>
              terminal.say(`${plain(error.message)} Trying again in ${durationText(delayMs)}.`),
          }),
    });
  } catch (error) {
    if (error instanceof TypeError)
      throw new CommandError(error.message, 'Set COUNTERSIGN_URL to the address of the bot.');
    throw error;
  }
}

export function tokenOf({ env }: Pick<Terminal, 'env'>): string {
  const token = env.COUNTERSIGN_TOKEN?.trim();
  if (!token)
    throw new CommandError(
      'There is no token.',
      'Set COUNTERSIGN_TOKEN to the token of a pipeline from the server’s config.',
    );
  // fetch refuses such a header with the value in its message
  if (!/^[\u0021-\u007e]+$/.test(token)) throw new CommandError('COUNTERSIGN_TOKEN has characters that no token has.');
  return token;
}

/** Who acts: `--as`, else COUNTERSIGN_PERSON. */
export function personOf({ env }: Pick<Terminal, 'env'>, as: string | undefined): string | null {
  return as || env.COUNTERSIGN_PERSON || null;
}
