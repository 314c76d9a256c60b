/** src/bot/request-json.ts: a request as the API, the callback and the CLI show it (DESIGN §5.4), and its receipt's claims. */
import type { GateDefinition, Instant, PersonId } from '../engine/definition.ts';
import { pausesOf } from '../engine/pauses.ts';
import { tally } from '../engine/quorum.ts';
import type { Content, Outcome, Pause, RequestId, RequestState, StageState } from '../engine/request.ts';
import type { StoredEvent } from '../store/port.ts';

const rfc3339 = (at: Instant): string => new Date(at).toISOString();

/** As an object: where it becomes a part of a larger answer. */
export function requestJson(state: RequestState, publicUrl: string) {
  const { content, gate } = state;
  const { digest } = content;
  return {
    ...shownJson(content),
    digest,
    ...gateJson(gate),
    ...progressJson(state),
    links: linksJson(content.id, publicUrl),
  };
}

/**
 * The same as text, in about half the time: what belongs to the gate is written once for all its requests.
 * @param shown `shownText` of its content, where that is known already
 */
export function requestText(state: RequestState, publicUrl: string, shown?: string): string {
  const { content, gate } = state;
  const { id, digest } = content;
  const links = linksText(id, publicUrl);
  const progress = inner(JSON.stringify(progressJson(state)));
  return `{${shown ?? shownText(content)},"digest":"${digest}",${gateText(gate)},${progress},"links":{${links}}}`;
}

type Shown = Omit<Content, 'callback' | 'supersedes' | 'heartbeatMs' | 'digest'>;

/** What people are shown of the content, without braces: a part of the request's JSON, and of what its digest covers. */
export const shownText = (content: Shown): string => inner(JSON.stringify(shownJson(content)));

/** The members of an object's JSON text without its braces. */
const inner = (text: string): string => text.slice(1, -1);

function shownJson(content: Shown): Shown {
  const { id, pipeline, title, description, requester, context, fields, artifacts, subject } = content;
  return { id, pipeline, title, description, requester, context, fields, artifacts, subject };
}

function gateJson({ name: gate, options, form, requireReason, onTimeout }: GateDefinition) {
  return { gate, options, form, requireReason, onTimeout };
}

const gateTexts = new WeakMap<GateDefinition, string>();

function gateText(gate: GateDefinition): string {
  let text = gateTexts.get(gate);
  if (text === undefined) {
    text = inner(JSON.stringify(gateJson(gate)));
    gateTexts.set(gate, text);
  }
  return text;
}

function linksJson(id: RequestId, publicUrl: string) {
  const self = `${publicUrl}/v1/requests/${id}`;
  return {
    self,
    gate: `${self}/gate`,
    events: `${self}/events`,
    web: `${publicUrl}/requests/${id}`,
    receipt: `${self}/receipt`,
  };
}

/** Ids and the public address, which `new URL` has written, need no escapes. */
function linksText(id: RequestId, publicUrl: string): string {
  const self = `${publicUrl}/v1/requests/${id}`;
  const web = `${publicUrl}/requests/${id}`;
  return `"self":"${self}","gate":"${self}/gate","events":"${self}/events","web":"${web}","receipt":"${self}/receipt"`;
}

function progressJson(state: RequestState) {
  const pending = state.status === 'pending' ? state : null;
  return {
    status: state.status,
    version: state.version,
    openedAt: rfc3339(state.openedAt),
    expiresAt: state.expiresAt === null ? null : rfc3339(state.expiresAt),
    paused: pending !== null && pending.paused !== null,
    pauses: pending === null ? [] : pausesOf(pending).map(pauseJson),
    heldUntil: pending === null || pending.held === null ? null : rfc3339(Math.min(pending.held.until, FAR_FUTURE)),
    stages: state.stages.map((stage, i) => stageJson(state, stage, i)),
    votes: state.votes.map(
      ({ person, stage, option, outcome, via, pipeline, reason, inputs, onBehalfOf, counts, at }) => ({
        person,
        stage: state.stages[stage]?.name ?? null,
        option,
        outcome,
        via,
        pipeline,
        reason,
        inputs,
        onBehalfOf,
        counts,
        at: rfc3339(at),
      }),
    ),
    comments: state.comments.map(({ by, text, at }) => ({ by, text, at: rfc3339(at) })),
    information: state.information.map(({ by, question, at, answer }) => ({
      by,
      question,
      at: rfc3339(at),
      answer: answer === null ? null : { ...answer, at: rfc3339(answer.at) },
    })),
    escalations: state.escalations.map(({ stage, people, mode, at, step, cause }) => ({
      stage: state.stages[stage]?.name ?? null,
      people,
      mode,
      step: step ?? null,
      cause: cause ?? null,
      at: rfc3339(at),
    })),
    undelivered: state.undelivered.map((failed) => ({ ...failed, at: rfc3339(failed.at) })),
    outcome: state.status === 'pending' ? null : outcomeJson(state.outcome),
    afterReview: afterReviewJson(state),
  };
}

const pauseJson = ({ scope, by, reason, at, clocks }: Pause) => ({
  scope: scope?.kind ?? 'request',
  by,
  reason,
  at: rfc3339(at),
  clocks: clocks ?? 'stop',
});

/** The last moment that RFC 3339 can write with four digits: a freeze that never ends. */
const FAR_FUTURE = Date.UTC(9999, 11, 31);

function stageJson(state: RequestState, stage: StageState, index: number) {
  const counted = tally(state.gate, stage, state.votes, index);
  const voted = new Set(state.votes.filter((vote) => vote.stage === index && vote.counts).map((vote) => vote.person));
  return {
    name: stage.name,
    state: stage.state,
    rules: stage.rules.map((rule, i) => ({
      approvers: rule.approvers,
      needed: rule.needed,
      approvals: counted.approvals[i] ?? 0,
      rejections: counted.rejections[i] ?? 0,
      missing: rule.approvers.filter((person) => !voted.has(person)),
      state: rule.state === 'open' && counted.met[i] === true ? 'passed' : rule.state,
    })),
  };
}

export function outcomeJson({ status, cause, option, inputs, reason, decidedBy, decidedAt }: Outcome) {
  return { status, cause, option, inputs, reason, decidedBy, decidedAt: rfc3339(decidedAt) };
}

function afterReviewJson(
  state: RequestState,
): 'due' | { readonly by: PersonId; readonly note: string | null; readonly at: string } | null {
  if (state.status === 'pending') return null;
  const { afterReview } = state;
  if (afterReview === null || afterReview === 'due') return afterReview;
  const { by, note, at } = afterReview;
  return { by, note, at: rfc3339(at) };
}

/** An event of the trail, with its place in the chain. The gate's pinned definition is named by its digest. */
export function eventJson({ version, data, hash }: Pick<StoredEvent, 'version' | 'data' | 'hash'>): object {
  const { at, ...event }: { at: Instant } & Timed = JSON.parse(data);
  return { version, ...event, ...timesOf(event), at: rfc3339(at), hash };
}

/** The moments inside events; everything else in them is shown as it was recorded. */
interface Timed {
  readonly expiresAt?: Instant | null;
  readonly until?: Instant;
  readonly outcome?: Outcome;
  readonly pauses?: readonly Pause[];
}

function timesOf({ expiresAt, until, outcome, pauses }: Timed): object {
  return {
    ...(pauses !== undefined && { pauses: pauses.map((pause) => ({ ...pause, at: rfc3339(pause.at) })) }),
    ...(typeof expiresAt === 'number' && { expiresAt: rfc3339(expiresAt) }),
    ...(until !== undefined && { until: rfc3339(Math.min(until, FAR_FUTURE)) }),
    ...(outcome !== undefined && { outcome: outcomeJson(outcome) }),
  };
}

/** What the pipeline is told, byte for byte what is signed. */
export function callbackBody(state: RequestState, publicUrl: string): string {
  const timestamp = rfc3339(state.status === 'pending' ? state.openedAt : state.outcome.decidedAt);
  return `{"type":"request.${state.status}","timestamp":"${timestamp}","data":${requestText(state, publicUrl)}}`;
}

/** What a receipt vouches for: the outcome, and by digest everything that was shown. */
export function receiptClaims(state: RequestState & { readonly outcome: Outcome }, publicUrl: string) {
  const { content, gate }: { content: RequestState['content']; gate: GateDefinition } = state;
  return {
    iss: publicUrl,
    sub: content.id,
    gate: gate.name,
    pipeline: content.pipeline,
    requester: content.requester,
    title: content.title,
    subject: content.subject,
    digest: content.digest,
    outcome: outcomeJson(state.outcome),
    version: state.version,
  };
}
