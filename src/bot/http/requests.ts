/** src/bot/http/requests.ts: opening, reading and listing requests. */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { GateDefinition, Json } from '../../engine/definition.ts';
import type { FieldError, RequestState } from '../../engine/request.ts';
import { applyOverrides, type Overrides, type Pipeline, parseDuration } from '../config/index.ts';
import { isRequestId, newRequestId } from '../ids.ts';
import { KEY_LENGTH, WAIT_SECONDS } from '../limits.ts';
import { type Asked, contentOf, requesterOf } from '../open.ts';
import { requestJson, requestText } from '../request-json.ts';
import { type Api, type App, ownRequest } from './api.ts';
import { pipelineOf } from './auth.ts';
import { sendText } from './json.ts';
import { forbidden, invalid, ProblemError, refused } from './problem.ts';
import { answers, GateQuery, IdParams, ListQuery, OpenBody, ProblemBody, Request, RequestList } from './schemas.ts';
import { decided } from './waiting.ts';

export function requestRoutes(app: App, api: Api): void {
  const json = (state: RequestState) => requestJson(state, api.publicUrl);
  const text = (state: RequestState, shown?: string) => requestText(state, api.publicUrl, shown);

  app.route({
    method: 'POST',
    url: '/v1/requests',
    schema: {
      summary: 'Open a request',
      description: 'With an `Idempotency-Key`, the same key and body give the same request (200); another body is 422.',
      body: OpenBody,
      response: answers({ 201: Request, 200: Request, 400: ProblemBody, 422: ProblemBody }),
    },
    handler: async (request, reply) => {
      const pipeline = pipelineOf(request);
      const { body } = request;
      const idempotency = idempotencyOf(request, pipeline, body);
      const order = await orderOrReplay(api, pipeline, body, idempotency);
      const opened = order.kind === 'open' ? await api.handler.open(order.command, idempotency, order.text) : order;
      if (opened.kind === 'conflict') {
        throw new ProblemError({
          status: 422,
          code: 'idempotency-key-reused',
          title: 'Not acceptable as it is',
          detail: 'This Idempotency-Key was used before with another body; nothing was opened.',
          errors: [{ path: 'Idempotency-Key', message: 'was used before with another body' }],
        });
      }
      if (opened.kind === 'replayed')
        return sendText(reply.header('idempotent-replay', 'true'), 200, text(opened.state));
      if (opened.answer.kind === 'refused') throw refused(opened.answer.refusal, opened.answer.errors);
      const { state } = opened.answer;
      reply.header('location', `${api.publicUrl}/v1/requests/${state.content.id}`);
      return sendText(reply, 201, text(state, order.kind === 'open' ? order.shown : undefined));
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/requests',
    schema: {
      summary: 'List requests, newest first',
      querystring: ListQuery,
      response: answers({ 200: RequestList, 400: ProblemBody }),
    },
    handler: async (request, reply) => {
      const { cursor, limit, ...filter } = request.query;
      if (cursor !== undefined && !isRequestId(cursor))
        throw invalid([{ path: 'cursor', message: 'is not a cursor of ours' }], 400);
      const { requests, next } = await api.store.list({
        ...defined(filter),
        pipeline: pipelineOf(request).name,
        limit,
        ...(cursor !== undefined && { after: cursor }),
      });
      return reply.send({ requests: requests.map(json), cursor: next });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/requests/:id',
    schema: {
      summary: 'The request',
      description: `\`Prefer: wait=60\` holds the answer until it is decided or the time is over (at most ${WAIT_SECONDS}).`,
      params: IdParams,
      response: answers({ 200: Request, 404: ProblemBody }),
    },
    handler: async (request, reply) => {
      const state = await ownRequest(api, pipelineOf(request), request.params.id);
      const seconds = preferredWait(request.headers.prefer);
      if (seconds === null) return sendText(reply, 200, text(state));
      reply.header('preference-applied', `wait=${seconds}`);
      return sendText(reply, 200, text(await decided(api, state, seconds, request)));
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/requests/:id/gate',
    schema: {
      summary: 'The answer as a status code',
      description: 'Approved 200, rejected 403, cancelled 410, pending 202; for `curl -f --retry` and sensors.',
      params: IdParams,
      querystring: GateQuery,
      response: answers({ 200: Request, 202: Request, 403: Request, 404: Request, 410: Request, 503: Request }),
    },
    handler: async (request, reply) => {
      const own = await ownRequest(api, pipelineOf(request), request.params.id);
      const { wait, pending, rejected } = request.query;
      const state = wait === 0 ? own : await decided(api, own, wait, request);
      if (state.status === 'pending') reply.header('retry-after', '5');
      const code = { approved: 200, rejected: Number(rejected), cancelled: 410, pending: Number(pending) }[
        state.status
      ];
      return sendText(reply, code, text(state));
    },
  });
}

/** The value may be a structured-field string in quotes, as the IETF draft has it, or plain. */
function idempotencyOf(request: FastifyRequest, pipeline: Pipeline, body: OpenBody) {
  const given = request.headers['idempotency-key'];
  if (given === undefined) return null;
  const key = /^"(.*)"$/.exec(String(given))?.[1] ?? String(given);
  if (!/^[\x20-\x7e]+$/.test(key) || key.length > KEY_LENGTH)
    throw invalid([{ path: 'Idempotency-Key', message: `must be 1 to ${KEY_LENGTH} printable ASCII characters` }], 400);
  return { pipeline: pipeline.name, key, bodyDigest: createHash('sha256').update(JSON.stringify(body)).digest('hex') };
}

/**
 * What to open. Where the config lets it open no more (its gate is gone, its overrides or callback are refused), a key
 * that is taken still gives its request; a key that is new costs nothing for that.
 */
async function orderOrReplay(
  api: Api,
  pipeline: Pipeline,
  body: OpenBody,
  idempotency: ReturnType<typeof idempotencyOf>,
) {
  try {
    const gate = gateFor(api, pipeline, body);
    const { content, text, shown } = contentOf(newRequestId(), pipeline.name, gate, askedOf(api, pipeline, body));
    return { kind: 'open', command: { type: 'open', content, gate }, text, shown } as const;
  } catch (error) {
    const replay = error instanceof ProblemError && idempotency !== null && (await api.store.replayed(idempotency));
    if (!replay) throw error;
    return replay;
  }
}

function gateFor(api: Api, pipeline: Pipeline, body: OpenBody): GateDefinition {
  const gate = ownGate(api, pipeline, body.gate);
  const overrides = overridesIn(body);
  if (Object.keys(overrides).length === 0) return withPeople(gate);
  const overridden = applyOverrides(gate, overrides, api.config());
  if ('problems' in overridden) throw invalid(overridden.problems);
  return withPeople(overridden.gate);
}

/** As the config has it. @throws ProblemError where there is none, or the pipeline may not open it */
export function ownGate(api: Api, pipeline: Pipeline, name: string): GateDefinition {
  const gate = api.config().gates.get(name);
  if (gate === undefined) throw invalid([{ path: 'gate', message: `"${name}" is not a gate of this service` }]);
  if (!pipeline.mayOpen(gate.name))
    throw forbidden(`The pipeline ${pipeline.name} may not open the gate ${gate.name}.`);
  return gate;
}

export const overridesIn = ({
  approvers,
  quorum,
  stages,
  timeout,
  onTimeout,
  form,
  options,
  notify,
}: OpenBody): Overrides => defined({ approvers, quorum, stages, timeout, onTimeout, form, options, notify });

/** `adhoc` asks nobody by itself, so a request has to say whom. */
function withPeople(gate: GateDefinition): GateDefinition {
  if (gate.stages.length > 0) return gate;
  throw invalid([{ path: 'approvers', message: `the gate ${gate.name} asks nobody by itself; bring approvers` }]);
}

/** @throws ProblemError with all that is wrong with it */
export function askedOf(api: Api, pipeline: Pipeline, body: OpenBody): Asked {
  const errors: FieldError[] = [];
  const requester = body.requester === undefined ? null : requesterOf(body.requester, api.config().directory);
  if (body.requester !== undefined && requester === null)
    errors.push({ path: 'requester', message: 'is not a person in the directory' });
  if (body.callback !== undefined) {
    const problem = api.checkCallback(body.callback.url);
    if (problem !== null) errors.push({ path: 'callback.url', message: problem });
    else if (!pipeline.mayCall(new URL(body.callback.url)))
      errors.push({ path: 'callback.url', message: 'is not among the callbacks that the config allows this pipeline' });
    else if (pipeline.callbackSecrets.length === 0)
      errors.push({
        path: 'callback',
        message: 'needs a callbackSecret of the pipeline in the config, to sign it with',
      });
  }
  for (const [i, { url }] of (body.artifacts ?? []).entries())
    if (!isWebAddress(url)) errors.push({ path: `artifacts.${i}.url`, message: 'must be an http(s) URL' });
  if (body.subject?.url !== undefined && !isWebAddress(body.subject.url))
    errors.push({ path: 'subject.url', message: 'must be an http(s) URL' });
  const heartbeatMs = body.heartbeat === undefined ? null : parseDuration(body.heartbeat);
  if (body.heartbeat !== undefined && heartbeatMs === null)
    errors.push({ path: 'heartbeat', message: 'must be a duration such as "30s", "5m" or "PT5M"' });
  if (errors.length > 0) throw invalid(errors);
  const { subject } = body;
  return {
    title: body.title ?? null,
    description: body.description ?? null,
    requester,
    context: jsonOf(body.context),
    fields: body.fields ?? [],
    artifacts: (body.artifacts ?? []).map(({ name, url, digest }) => ({ name, url, digest: digest ?? null })),
    subject:
      subject === undefined ? null : { name: subject.name, digest: subject.digest ?? null, url: subject.url ?? null },
    callback: body.callback ?? null,
    supersedes: body.supersedes ?? null,
    heartbeatMs,
  };
}

/** The body was JSON, so whatever is in it is; the check tells the compiler. */
function isJson(value: unknown): value is Json {
  return value !== undefined && typeof value !== 'function';
}

export const jsonOf = (value: unknown): Json => (isJson(value) ? value : {});

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** The given entries that are there; what is missing stays missing instead of becoming undefined. */
function defined<T extends object>(entries: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in entries) {
    const value = entries[key];
    if (isDefined(value)) kept[key] = value;
  }
  return kept;
}

const isDefined = <T>(value: T): value is Exclude<T, undefined> => value !== undefined;

/** RFC 7240: `Prefer: wait=60`, in seconds, at most what we hold. */
function preferredWait(prefer: string | string[] | undefined): number | null {
  const wait = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(String(prefer ?? ''))?.[1];
  return wait === undefined ? null : Math.min(Number(wait), WAIT_SECONDS);
}
