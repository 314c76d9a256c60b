/**
 * src/cli/failure.ts: how a command ends when it does not end well: one clear line, what to do, and an exit code.
 * 1 is kept for a decided "no", so that a pipeline never takes a typo or an outage for a rejection.
 */
import { CountersignError, StillPendingError, UnexpectedAnswerError, UnreachableError } from '../client/index.ts';
import { plain, plainLines } from './text.ts';

/** What scripts read. 130 and 143 besides: interrupted. */
export const EXIT = { done: 0, approved: 0, no: 1, cancelled: 2, unknown: 3 } as const;

/** A command calls it with its exit code. */
export type Finish = (exitCode: number) => void;

/** A command that can't go on: wrong use, bad input, missing settings. */
export class CommandError extends Error {
  readonly exitCode: number;
  /** What to do about it, if there is something to say. */
  readonly advice: string | null;
  constructor(message: string, advice: string | null = null, exitCode: number = EXIT.unknown) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.advice = advice;
  }
}

/** `message` may have several lines. null for what is none of the known failures: a bug. */
export function explain(
  error: unknown,
  url: string,
): { message: string; advice: string | null; exitCode: number } | null {
  const failure = (message: string, advice: string | null = null, exitCode: number = EXIT.unknown) => ({
    message: plainLines(message),
    advice: advice === null ? null : plain(advice),
    exitCode,
  });
  if (error instanceof CommandError) return failure(error.message, error.advice, error.exitCode);
  if (error instanceof CountersignError) {
    if (error.status === 401)
      return failure(
        `The server does not accept this token. ${error.message}`,
        'Set COUNTERSIGN_TOKEN to the token of a pipeline from the server’s config.',
      );
    return failure(
      error.message,
      error.status >= 500 ? 'The server is in trouble; its log and /readyz say more.' : null,
    );
  }
  if (error instanceof UnreachableError)
    return failure(error.message, `Is a bot running at ${url}? Set COUNTERSIGN_URL to its address.`);
  if (error instanceof UnexpectedAnswerError) return failure(error.message, `COUNTERSIGN_URL is ${url}.`);
  if (error instanceof StillPendingError) {
    const { cause } = error;
    const why = cause instanceof Error ? ` ${cause.message}` : '';
    return failure(`${error.message}${why}`, `Come back with: countersign wait ${error.request.id}`);
  }
  return null;
}
