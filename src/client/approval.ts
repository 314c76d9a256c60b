/** src/client/approval.ts: the whole of it in one call: ask, wait, go on. */
import { type ClientOptions, createClient } from './client.ts';
import { NotApprovedError } from './errors.ts';
import { realSurroundings, type Surroundings } from './transport.ts';
import type { ApprovalOutcome, DecidedRequest, FinalStatus, OpenRequest } from './types.ts';
import type { WaitOptions } from './waiting.ts';

export type ApprovalOptions = OpenRequest & ClientOptions & WaitOptions & { readonly idempotencyKey?: string };

export interface Approval {
  readonly status: FinalStatus;
  readonly outcome: ApprovalOutcome;
  readonly request: DecidedRequest;
}

/**
 * Opens a request and waits until it is decided. Resolves whichever way it went: look at `status`.
 * It survives outages of the network and the server; give an `idempotencyKey` that names the run, and it survives a
 * restart of the pipeline as well. Aborting or `timeoutMs` ends the waiting; the request stays open.
 * @throws CountersignError, UnreachableError, UnexpectedAnswerError, StillPendingError: then nobody has approved.
 */
export async function approval(options: ApprovalOptions, around: Surroundings = realSurroundings): Promise<Approval> {
  const { url, token, patienceMs, idempotencyKey, timeoutMs, signal, onProgress, onRetry, ...asked } = options;
  const client = createClient(
    {
      ...(url !== undefined && { url }),
      ...(token !== undefined && { token }),
      ...(patienceMs !== undefined && { patienceMs }),
      ...(onRetry !== undefined && { onRetry }),
    },
    around,
  );
  const stopping = signal === undefined ? {} : { signal };
  const from = await client.open(asked, { ...stopping, ...(idempotencyKey !== undefined && { idempotencyKey }) });
  if (from.status === 'pending') onProgress?.(from);
  const request = await client.wait(from.id, {
    from,
    ...stopping,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(onProgress !== undefined && { onProgress }),
    ...(onRetry !== undefined && { onRetry }),
  });
  return { status: request.status, outcome: request.outcome, request };
}

/**
 * As `approval`, for pipelines that stop by an exception.
 * @throws NotApprovedError when it was rejected or cancelled
 */
export async function requireApproval(
  options: ApprovalOptions,
  around: Surroundings = realSurroundings,
): Promise<Approval> {
  const decided = await approval(options, around);
  if (decided.status !== 'approved') throw new NotApprovedError(decided.request, decided.outcome);
  return decided;
}
