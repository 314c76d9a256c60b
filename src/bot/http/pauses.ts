/** src/bot/http/pauses.ts: pausing a gate, a pipeline or everything, and letting it go on; what is paused, and what was. */
import { z } from 'zod';
import type { Actor as ActorWords } from '../../engine/request.ts';
import { type Pipeline, suggestion } from '../config/index.ts';
import { TEXT } from '../limits.ts';
import type { HousePause, HouseScope } from '../pauses/house-pause.ts';
import { isWithin } from '../pauses/rights.ts';
import type { Progress } from '../pauses/sweep.ts';
import type { Api, App } from './api.ts';
import { pipelineOf } from './auth.ts';
import { forbidden, invalid, ProblemError } from './problem.ts';
import { Actor, answers, ProblemBody } from './schemas.ts';

const name = z.string().trim().min(1).max(TEXT.label);
const reason = z.string().trim().max(TEXT.reason).optional();
const PauseBody = z
  .strictObject({
    gate: name.optional().describe('A gate of the config'),
    pipeline: name.optional().describe('A pipeline of the config'),
    everything: z.literal(true).optional(),
    reason,
    clocks: z
      .enum(['stop', 'run'])
      .optional()
      .describe('What deadlines and target times do meanwhile; by default what the config’s `pauseClocks` says'),
  })
  .meta({ id: 'Pause' });
type PauseBody = z.infer<typeof PauseBody>;
const ResumeBody = z.strictObject({ reason }).nullish();
const PauseParams = z.strictObject({ id: z.string().max(100) });
const PausesQuery = z.strictObject({
  all: z.enum(['true', 'false']).default('false').describe('`true`: those that ended in the last 400 days, too'),
});

const Instant = z.iso.datetime();
const ProgressJson = z.object({
  phase: z.enum(['pausing', 'resuming']),
  done: z.int(),
  left: z.int().nullable().describe('null: too many to count'),
});
const HousePauseJson = z
  .object({
    id: z.string(),
    scope: z.enum(['gate', 'pipeline', 'everything']),
    gate: z.string().nullable(),
    pipeline: z.string().nullable(),
    by: Actor,
    reason: z.string().nullable(),
    clocks: z.enum(['stop', 'run']),
    at: Instant,
    ended: z.object({ by: Actor, reason: z.string().nullable(), at: Instant }).nullable(),
    progress: ProgressJson.nullable().describe(
      'How far its requests have been brought in line, for their surfaces; decisions heed it at once. null: all of them',
    ),
  })
  .meta({ id: 'HousePause' });
const Ordered = HousePauseJson.extend({
  affected: z.int().nullable().describe('Its pending requests; null: too many to count'),
});
const PauseList = z.object({ pauses: z.array(HousePauseJson) });

export function pauseRoutes(app: App, api: Api): void {
  const { pauses } = api;
  const json = (pause: HousePause) => pauseJson(pause, pauses.progressOf(pause.id));

  app.post(
    '/v1/pauses',
    {
      schema: {
        summary: 'Pause a gate, a pipeline or everything',
        description: 'Also what is opened there later opens paused. The pipeline needs `may: [pause]`.',
        body: PauseBody,
        response: answers({ 201: Ordered, 400: ProblemBody, 403: ProblemBody, 409: ProblemBody, 422: ProblemBody }),
      },
    },
    async (request, reply) => {
      const pipeline = permitted(pipelineOf(request));
      const { body } = request;
      const scope = scopeOf(body);
      const ordered = await pauses.pause({
        scope,
        by: itself(pipeline),
        reason: body.reason || null,
        clocks: body.clocks,
      });
      switch (ordered.kind) {
        case 'unknown':
          throw unknown(scope, api);
        case 'notAllowed':
          throw notYours(pipeline);
        case 'alreadyPaused':
          throw conflict({
            code: 'already-paused',
            detail: `This is paused already, since ${iso(ordered.pause.at)} (${ordered.pause.id}).`,
          });
        case 'tooMany':
          throw conflict({
            code: 'too-many-pauses',
            detail: 'So many pauses are in force that no more can be kept apart. Resume some first.',
          });
        case 'paused':
          reply.header('location', `${api.publicUrl}/v1/pauses/${ordered.pause.id}`);
          return reply.code(201).send({ ...json(ordered.pause), affected: ordered.affected });
      }
    },
  );

  app.get(
    '/v1/pauses',
    {
      schema: {
        summary: 'What is paused that concerns you, newest first',
        querystring: PausesQuery,
        response: answers({ 200: PauseList, 400: ProblemBody }),
      },
    },
    async (request, reply) => {
      const pipeline = pipelineOf(request);
      const seen = pauses.list(request.query.all === 'true').filter(({ scope }) => concerns(scope, pipeline));
      return reply.send({ pauses: seen.slice(0, MOST_LISTED).map(json) });
    },
  );

  app.get(
    '/v1/pauses/:id',
    {
      schema: {
        summary: 'A pause',
        params: PauseParams,
        response: answers({ 200: HousePauseJson, 404: ProblemBody }),
      },
    },
    async (request, reply) => reply.send(json(found(request.params.id, pipelineOf(request)))),
  );

  const resume = async (id: string, pipeline: Pipeline, why: string | null): Promise<object> => {
    found(id, permitted(pipeline));
    const ordered = await pauses.resume({ id, by: itself(pipeline), reason: why });
    if (ordered.kind === 'unknown') throw noSuchPause();
    if (ordered.kind === 'notAllowed') throw notYours(pipeline);
    return { ...json(ordered.pause), affected: ordered.affected };
  };
  const response = answers({ 200: Ordered, 400: ProblemBody, 403: ProblemBody, 404: ProblemBody });

  app.delete(
    '/v1/pauses/:id',
    { schema: { summary: 'Let it go on', params: PauseParams, response } },
    async (request, reply) => reply.send(await resume(request.params.id, pipelineOf(request), null)),
  );
  app.post(
    '/v1/pauses/:id/resume',
    { schema: { summary: 'Let it go on, and say why', params: PauseParams, body: ResumeBody, response } },
    async (request, reply) =>
      reply.send(await resume(request.params.id, pipelineOf(request), request.body?.reason || null)),
  );

  /** A pause that does not concern the pipeline looks like one that isn't there. */
  function found(id: string, pipeline: Pipeline): HousePause {
    const pause = pauses.find(id);
    if (pause === undefined || !concerns(pause.scope, pipeline)) throw noSuchPause();
    return pause;
  }
}

/** Entries of a list; the history before them is in the log of decisions. */
const MOST_LISTED = 1_000;

const concerns = (scope: HouseScope, pipeline: Pipeline): boolean =>
  scope.kind === 'everything' || isWithin(scope, pipeline);

function scopeOf({ gate, pipeline, everything }: PauseBody): HouseScope {
  if ([gate, pipeline, everything].filter((given) => given !== undefined).length === 1) {
    if (gate !== undefined) return { kind: 'gate', gate };
    if (pipeline !== undefined) return { kind: 'pipeline', pipeline };
    return { kind: 'everything' };
  }
  throw invalid([{ path: 'gate', message: 'give exactly one of `gate`, `pipeline` and `everything: true`' }], 400);
}

const itself = ({ name: pipeline }: Pipeline): ActorWords => ({ kind: 'pipeline', pipeline });

function permitted(pipeline: Pipeline): Pipeline {
  if (!pipeline.may.has('pause'))
    throw forbidden(`The pipeline ${pipeline.name} may not do this: its config needs "may: [pause]".`);
  return pipeline;
}

const notYours = ({ name: pipeline }: Pipeline): ProblemError =>
  forbidden(
    `The pipeline ${pipeline} may pause itself and the gates that it may open; more than that only with gates: ["*"].`,
  );

const conflict = (about: { readonly code: string; readonly detail: string }): ProblemError =>
  new ProblemError({ status: 409, title: 'Conflict', ...about });

const noSuchPause = (): ProblemError =>
  new ProblemError({ status: 404, code: 'no-such-pause', title: 'Not found', detail: 'There is no such pause.' });

function unknown(scope: HouseScope, { config }: Api): ProblemError {
  const { gates, pipelines } = config();
  if (scope.kind === 'gate')
    return invalid([{ path: 'gate', message: `"${scope.gate}" is not a gate${suggestion(scope.gate, gates.keys())}` }]);
  const asked = scope.kind === 'pipeline' ? scope.pipeline : '';
  const names = pipelines.map((known) => known.name);
  return invalid([{ path: 'pipeline', message: `"${asked}" is not a pipeline${suggestion(asked, names)}` }]);
}

const iso = (at: number): string => new Date(at).toISOString();

function pauseJson({ id, scope, by, reason: why, clocks, at, ended }: HousePause, progress: Progress | null) {
  return {
    id,
    scope: scope.kind,
    gate: scope.kind === 'gate' ? scope.gate : null,
    pipeline: scope.kind === 'pipeline' ? scope.pipeline : null,
    by,
    reason: why,
    clocks,
    at: iso(at),
    ended: ended === null ? null : { by: ended.by, reason: ended.reason, at: iso(ended.at) },
    progress,
  };
}
