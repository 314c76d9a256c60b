/** src/bot/http/problem.ts: every error as RFC 9457 `application/problem+json`, and which status a refusal has. */
import type { FastifyReply } from 'fastify';
import type { Refusal } from '../../engine/refusal.ts';
import { words } from '../../engine/refusal.ts';
import type { FieldError } from '../../engine/request.ts';

export interface Problem {
  readonly status: number;
  /** A stable word for programs; part of `type`. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
}

/** Thrown by handlers; the server's error handler answers it. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

export const problemJson = ({ status, code, title, detail, errors }: Problem, instance: string): object => ({
  type: `urn:countersign:problem:${code}`,
  title,
  status,
  detail,
  instance,
  ...(errors && { errors }),
});

export function sendProblem(reply: FastifyReply, problem: Problem, instance: string): FastifyReply {
  const { status, retryAfterSeconds } = problem;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="countersign"');
  return reply
    .code(status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemJson(problem, instance));
}

const STATUS: Readonly<Record<Refusal, number>> = {
  not_found: 404,
  already_open: 409,
  already_closed: 409,
  past_deadline: 409,
  paused: 409,
  not_paused: 409,
  paused_elsewhere: 409,
  nudged_lately: 409,
  nobody_missing: 409,
  own_request: 403,
  not_an_approver: 403,
  not_allowed: 403,
  already_voted: 409,
  another_person_needed: 403,
  no_vote: 409,
  stale_vote: 409,
  unknown_person: 422,
  unknown_option: 422,
  reason_required: 422,
  invalid_inputs: 422,
  assurance_needed: 403,
  directory_unavailable: 503,
  requester_required: 422,
  no_stage_applies: 422,
  no_approvers: 422,
  unreachable_quorum: 422,
  already_an_approver: 409,
  no_bypass: 403,
  no_question: 409,
  no_heartbeat: 409,
  no_review_due: 409,
  not_in_future: 422,
  text_required: 422,
  too_many: 409,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  422: 'Not acceptable as it is',
  503: 'Not available right now',
};

export function refused(refusal: Refusal, errors: readonly FieldError[] = []): ProblemError {
  const status = STATUS[refusal];
  return new ProblemError({
    status,
    code: refusal.replaceAll('_', '-'),
    title: TITLES[status] ?? 'Error',
    detail: words[refusal],
    ...(errors.length > 0 && { errors }),
    ...(status === 503 && { retryAfterSeconds: 5 }),
  });
}

export const notFound = (): ProblemError => refused('not_found');

export const forbidden = (detail: string): ProblemError =>
  new ProblemError({ status: 403, code: 'not-allowed', title: 'Not allowed', detail });

/** @param status 400 for what can't be understood, 422 for what is understood and doesn't fit */
export const invalid = (errors: readonly FieldError[], status: 400 | 422 = 422): ProblemError =>
  new ProblemError({
    status,
    code: 'invalid-input',
    title: status === 400 ? 'Bad request' : 'Not acceptable as it is',
    detail: errors.map(({ path, message }) => (path === '' ? `The body ${message}` : `${path}: ${message}`)).join('; '),
    errors,
  });

export const unavailable = (detail: string, retryAfterSeconds = 5): ProblemError =>
  new ProblemError({ status: 503, code: 'unavailable', title: 'Not available right now', detail, retryAfterSeconds });
