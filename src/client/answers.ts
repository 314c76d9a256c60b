/**
 * src/client/answers.ts: checks that what came back is what it should be. An approval is believed only when the whole
 * answer agrees with itself: a proxy's page or half a body never counts as one.
 */
import { UnexpectedAnswerError } from './errors.ts';
import type {
  ApprovalOutcome,
  ApprovalRequest,
  DecidedRequest,
  HousePause,
  Identity,
  JsonValue,
  OrderedPause,
  OutgoingDelivery,
  Problem,
  RequestPage,
} from './types.ts';

type Fields = Readonly<Record<string, unknown>>;

const FINAL: readonly unknown[] = ['approved', 'rejected', 'cancelled'];

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);

const isOutcome = (value: unknown): value is ApprovalOutcome =>
  isFields(value) &&
  FINAL.includes(value.status) &&
  typeof value.cause === 'string' &&
  isTexts(value.decidedBy) &&
  typeof value.decidedAt === 'string';

const isRule = (value: unknown): boolean =>
  isFields(value) &&
  isTexts(value.approvers) &&
  typeof value.needed === 'number' &&
  typeof value.approvals === 'number' &&
  typeof value.rejections === 'number' &&
  typeof value.state === 'string';

const isStage = (value: unknown): boolean =>
  isFields(value) && typeof value.name === 'string' && typeof value.state === 'string' && isListOf(value.rules, isRule);

const isVote = (value: unknown): boolean =>
  isFields(value) &&
  typeof value.person === 'string' &&
  typeof value.option === 'string' &&
  typeof value.via === 'string' &&
  typeof value.at === 'string';

/** True for a whole request whose status and outcome agree. */
function isRequest(value: unknown): value is ApprovalRequest {
  if (!isFields(value)) return false;
  const isDecidedOrPending =
    value.status === 'pending'
      ? value.outcome === null
      : isOutcome(value.outcome) && value.outcome.status === value.status;
  return (
    isDecidedOrPending &&
    typeof value.id === 'string' &&
    typeof value.gate === 'string' &&
    typeof value.version === 'number' &&
    typeof value.title === 'string' &&
    isTextOrNull(value.requester) &&
    typeof value.openedAt === 'string' &&
    isTextOrNull(value.expiresAt) &&
    typeof value.paused === 'boolean' &&
    isListOf(value.stages, isStage) &&
    isListOf(value.votes, isVote) &&
    isFields(value.links)
  );
}

export const isDecided = (request: ApprovalRequest): request is DecidedRequest =>
  request.status !== 'pending' && request.outcome !== null;

/** @param id the request that was asked for; null right after opening, when it is not known yet. */
export function requestFrom(body: unknown, id: string | null): ApprovalRequest {
  if (!isRequest(body)) throw new UnexpectedAnswerError('The answer is not a Countersign request.');
  if (id !== null && body.id !== id)
    throw new UnexpectedAnswerError(`Asked for ${id}, but the answer is about another request.`);
  return body;
}

export function pageFrom(body: unknown): RequestPage {
  if (isFields(body) && Array.isArray(body.requests) && body.requests.every(isRequest))
    return { requests: body.requests, cursor: typeof body.cursor === 'string' ? body.cursor : null };
  throw new UnexpectedAnswerError('The answer is not a list of Countersign requests.');
}

export function identityFrom(body: unknown): Identity {
  if (isFields(body) && typeof body.pipeline === 'string' && isTexts(body.gates) && isTexts(body.may))
    return { pipeline: body.pipeline, gates: body.gates, may: body.may };
  throw new UnexpectedAnswerError('The answer does not say whose token this is.');
}

const DELIVERY_STATES: readonly unknown[] = ['queued', 'sending', 'sent', 'failed', 'dead'];

const isDelivery = (value: unknown): value is OutgoingDelivery =>
  isFields(value) &&
  [value.id, value.request, value.kind, value.channel, value.target, value.createdAt, value.dueAt].every(
    (text) => typeof text === 'string',
  ) &&
  DELIVERY_STATES.includes(value.state) &&
  typeof value.attempts === 'number' &&
  isTextOrNull(value.lastError);

export function deliveriesFrom(body: unknown): readonly OutgoingDelivery[] {
  if (isFields(body) && Array.isArray(body.deliveries) && body.deliveries.every(isDelivery)) return body.deliveries;
  throw new UnexpectedAnswerError('The answer is not a list of deliveries.');
}

const isActor = (value: unknown): boolean =>
  isFields(value) && (typeof value.person === 'string' || typeof value.pipeline === 'string');

const isPause = (value: unknown): value is HousePause =>
  isFields(value) &&
  typeof value.id === 'string' &&
  (value.scope === 'gate' || value.scope === 'pipeline' || value.scope === 'everything') &&
  [value.gate, value.pipeline, value.reason].every(isTextOrNull) &&
  isActor(value.by) &&
  (value.clocks === 'stop' || value.clocks === 'run') &&
  typeof value.at === 'string' &&
  (value.ended === null || (isFields(value.ended) && isActor(value.ended.by) && typeof value.ended.at === 'string'));

export function pausesFrom(body: unknown): readonly HousePause[] {
  if (isFields(body) && Array.isArray(body.pauses) && body.pauses.every(isPause)) return body.pauses;
  throw new UnexpectedAnswerError('The answer is not a list of pauses.');
}

const isOrdered = (value: unknown): value is OrderedPause =>
  isPause(value) && 'affected' in value && (value.affected === null || typeof value.affected === 'number');

export function orderedPauseFrom(body: unknown): OrderedPause {
  if (isOrdered(body)) return body;
  throw new UnexpectedAnswerError('The answer is not a pause.');
}

export function jsonFrom(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a problem+json says, as far as it has the right shape; null where it is none. */
export function problemFrom(body: unknown): Problem | null {
  if (!isFields(body)) return null;
  const errors = Array.isArray(body.errors)
    ? body.errors.flatMap((error: unknown) =>
        isFields(error) && typeof error.path === 'string' && typeof error.message === 'string'
          ? [{ path: error.path, message: error.message }]
          : [],
      )
    : [];
  return {
    ...(typeof body.type === 'string' && { type: body.type }),
    ...(typeof body.title === 'string' && { title: body.title }),
    ...(typeof body.status === 'number' && { status: body.status }),
    ...(typeof body.detail === 'string' && { detail: body.detail }),
    ...(errors.length > 0 && { errors }),
  };
}
