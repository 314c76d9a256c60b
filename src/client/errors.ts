/** src/client/errors.ts: what can go wrong between a pipeline and the server, as classes with the facts a caller needs. */
import type { ApprovalOutcome, ApprovalRequest, FinalStatus, Problem } from './types.ts';

/** The server said no. `problem` is what it said, when it was problem+json. Only 408, 429 and 5xx are worth another try. */
export class CountersignError extends Error {
  readonly status: number;
  readonly problem: Problem | null;
  /** As the server asked for (Retry-After), null where it did not. */
  readonly retryAfterMs: number | null;
  constructor(status: number, problem: Problem | null, retryAfterMs: number | null = null) {
    super(sentenceOf(status, problem));
    this.name = 'CountersignError';
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer came: refused, cut, timed out, no such host. What was sent may or may not have arrived. */
export class UnreachableError extends Error {
  /** False when the connection never came about, so the server can't have done anything. */
  readonly mayHaveArrived: boolean;
  constructor(message: string, mayHaveArrived: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreachableError';
    this.mayHaveArrived = mayHaveArrived;
  }
}

/** Something answered that is not a Countersign server: a proxy's page, a redirect, another service. */
export class UnexpectedAnswerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnexpectedAnswerError';
  }
}

/** Waiting came to its end and nobody has decided, as far as is known. The request stays as it is. */
export class StillPendingError extends Error {
  readonly request: ApprovalRequest;
  constructor(request: ApprovalRequest, options?: ErrorOptions) {
    super(`Request ${request.id} is still pending; waiting has ended.`, options);
    this.name = 'StillPendingError';
    this.request = request;
  }
}

/** `requireApproval` only: it was decided, and not approved. */
export class NotApprovedError extends Error {
  readonly status: FinalStatus;
  readonly outcome: ApprovalOutcome;
  readonly request: ApprovalRequest;
  constructor(request: ApprovalRequest, outcome: ApprovalOutcome) {
    super(
      `Request ${request.id} was ${outcome.status} (${outcome.cause})${outcome.reason ? `: ${outcome.reason}` : ''}`,
    );
    this.name = 'NotApprovedError';
    this.status = outcome.status;
    this.outcome = outcome;
    this.request = request;
  }
}

function sentenceOf(status: number, problem: Problem | null): string {
  const said = problem?.detail ?? problem?.title ?? `The server answered ${status}.`;
  const fields = (problem?.errors ?? [])
    .filter(({ message }) => !said.includes(message))
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return fields.length === 0 ? said : `${said} (${fields.join('; ')})`;
}
