/** src/bot/http/commands.ts: what a pipeline may do to its own open request, and what it may do for people. */
import type { FastifyReply } from 'fastify';
import type { Actor, RequestId } from '../../engine/request.ts';
import { type Pipeline, parseDuration } from '../config/index.ts';
import type { Order } from '../handle.ts';
import { requestText } from '../request-json.ts';
import { type Api, type App, ownRequest } from './api.ts';
import { pipelineOf } from './auth.ts';
import { sendText } from './json.ts';
import { forbidden, invalid, notFound, refused } from './problem.ts';
import {
  AnswerBody,
  answers,
  BypassBody,
  CommentBody,
  EmptyBody,
  HandOverBody,
  IdParams,
  InformationBody,
  PauseBody,
  ProblemBody,
  ReasonBody,
  Request,
  ReviewBody,
  SnoozeBody,
  VoteBody,
  VoteParams,
} from './schemas.ts';

const response = answers({
  200: Request,
  400: ProblemBody,
  403: ProblemBody,
  404: ProblemBody,
  409: ProblemBody,
  422: ProblemBody,
});

export function commandRoutes(app: App, api: Api): void {
  const answer = async (
    pipeline: Pipeline,
    id: RequestId,
    order: Order,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    await ownRequest(api, pipeline, id);
    const decision = await api.handler.change(id, order);
    if (decision === null) throw notFound();
    if (decision.kind === 'refused') throw refused(decision.refusal, decision.errors);
    return sendText(reply, 200, requestText(decision.state, api.publicUrl));
  };
  const route = (path: string) => `/v1/requests/:id/${path}`;

  app.post(
    route('votes'),
    { schema: { summary: 'Vote for a person', params: IdParams, body: VoteBody, response } },
    (request, reply) => {
      const pipeline = permitted(pipelineOf(request), 'vote');
      const { person, option, reason, inputs, change } = request.body;
      return answer(
        pipeline,
        request.params.id,
        (directory) => ({
          type: 'vote',
          person,
          option,
          reason: reason ?? null,
          inputs: inputs ?? {},
          via: 'api',
          pipeline: pipeline.name,
          assurance: 'standard',
          replaces: change === true ? 'current' : null,
          directory,
        }),
        reply,
      );
    },
  );
  app.delete(
    route('votes/:person'),
    { schema: { summary: 'Withdraw a vote', params: VoteParams, response } },
    (request, reply) => {
      const pipeline = permitted(pipelineOf(request), 'vote');
      const { id, person } = request.params;
      return answer(pipeline, id, () => ({ type: 'withdrawVote', person, via: 'api', replaces: 'current' }), reply);
    },
  );
  app.post(
    route('cancel'),
    { schema: { summary: 'Cancel', params: IdParams, body: ReasonBody, response } },
    (request, reply) => {
      const pipeline = pipelineOf(request);
      const reason = request.body?.reason ?? null;
      return answer(pipeline, request.params.id, () => ({ type: 'cancel', by: itself(pipeline), reason }), reply);
    },
  );
  app.post(
    route('heartbeat'),
    { schema: { summary: 'The pipeline is alive', params: IdParams, body: EmptyBody, response } },
    (request, reply) => answer(pipelineOf(request), request.params.id, () => ({ type: 'heartbeat' }), reply),
  );
  app.post(
    route('pause'),
    { schema: { summary: 'Pause: nobody decides until it is resumed', params: IdParams, body: PauseBody, response } },
    (request, reply) => {
      const pipeline = pipelineOf(request);
      const { reason = null, clocks = api.config().pauseClocks } = request.body ?? {};
      const pause = { type: 'pause', by: itself(pipeline), reason } as const;
      return answer(pipeline, request.params.id, () => (clocks === 'run' ? { ...pause, clocks } : pause), reply);
    },
  );
  app.post(
    route('nudge'),
    { schema: { summary: 'Ask those who are missing again', params: IdParams, body: EmptyBody, response } },
    (request, reply) => {
      const pipeline = pipelineOf(request);
      return answer(pipeline, request.params.id, () => ({ type: 'nudge', by: itself(pipeline) }), reply);
    },
  );
  app.post(
    route('resume'),
    { schema: { summary: 'Let the clocks run again', params: IdParams, body: EmptyBody, response } },
    (request, reply) => {
      const pipeline = pipelineOf(request);
      return answer(pipeline, request.params.id, () => ({ type: 'resume', by: itself(pipeline) }), reply);
    },
  );
  app.post(
    route('comment'),
    { schema: { summary: 'Comment', params: IdParams, body: CommentBody, response } },
    (request, reply) => {
      const pipeline = pipelineOf(request);
      const { text, person } = request.body;
      const by = actor(api, pipeline, person);
      return answer(pipeline, request.params.id, () => ({ type: 'comment', by, text }), reply);
    },
  );
  app.post(
    route('information'),
    { schema: { summary: 'Ask for information', params: IdParams, body: InformationBody, response } },
    (request, reply) => {
      const pipeline = permitted(pipelineOf(request), 'vote');
      const { person: by, question } = request.body;
      return answer(pipeline, request.params.id, () => ({ type: 'requestInformation', by, question }), reply);
    },
  );
  app.post(
    route('answer'),
    { schema: { summary: 'Answer what was asked', params: IdParams, body: AnswerBody, response } },
    (request, reply) => {
      const pipeline = pipelineOf(request);
      const { answer: said, person } = request.body;
      const by = actor(api, pipeline, person);
      return answer(pipeline, request.params.id, () => ({ type: 'returnInformation', by, answer: said }), reply);
    },
  );
  app.post(
    route('snooze'),
    { schema: { summary: 'No reminders until then', params: IdParams, body: SnoozeBody, response } },
    (request, reply) => {
      const pipeline = permitted(pipelineOf(request), 'vote');
      const { person } = request.body;
      const until = snoozeEnd(request.body, api.clock());
      return answer(pipeline, request.params.id, () => ({ type: 'snooze', person, until }), reply);
    },
  );
  app.post(
    route('delegate'),
    { schema: { summary: 'Give a part away', params: IdParams, body: HandOverBody, response } },
    (request, reply) => {
      const pipeline = permitted(pipelineOf(request), 'vote');
      const { from, to, reason } = request.body;
      return answer(
        pipeline,
        request.params.id,
        (directory) => ({ type: 'delegate', from, to, reason: reason ?? null, directory }),
        reply,
      );
    },
  );
  app.post(
    route('reassign'),
    { schema: { summary: 'Ask somebody else instead', params: IdParams, body: HandOverBody, response } },
    (request, reply) => {
      const pipeline = permitted(pipelineOf(request), 'reassign');
      const { from, to, reason } = request.body;
      const by = itself(pipeline);
      const order: Order = (directory) => ({ type: 'reassign', by, from, to, reason: reason ?? null, directory });
      return answer(pipeline, request.params.id, order, reply);
    },
  );
  app.post(
    route('bypass'),
    { schema: { summary: 'Break the glass', params: IdParams, body: BypassBody, response } },
    (request, reply) => {
      const pipeline = permitted(pipelineOf(request), 'bypass');
      const { person, reason } = request.body;
      const order: Order = (directory) => ({ type: 'bypass', person, reason: reason ?? null, via: 'api', directory });
      return answer(pipeline, request.params.id, order, reply);
    },
  );
  app.post(
    route('review'),
    { schema: { summary: 'Acknowledge the review of a bypass', params: IdParams, body: ReviewBody, response } },
    (request, reply) => {
      const pipeline = permitted(pipelineOf(request), 'vote');
      const { person, note } = request.body;
      const order: Order = (directory) => ({ type: 'reviewBypass', person, note: note ?? null, directory });
      return answer(pipeline, request.params.id, order, reply);
    },
  );
}

const itself = (pipeline: Pipeline): Actor => ({ kind: 'pipeline', pipeline: pipeline.name });

/** What a pipeline does in a person's name needs its config's `may`. */
function permitted(pipeline: Pipeline, what: 'vote' | 'bypass' | 'reassign'): Pipeline {
  if (!pipeline.may.has(what))
    throw forbidden(`The pipeline ${pipeline.name} may not do this: its config needs "may: [${what}]".`);
  return pipeline;
}

/** A known person that the pipeline speaks for, or the pipeline itself. */
function actor(api: Api, pipeline: Pipeline, person: string | undefined): Actor {
  if (person === undefined) return itself(pipeline);
  permitted(pipeline, 'vote');
  if (!api.config().directory.people.has(person))
    throw refused('unknown_person', [{ path: 'person', message: 'is not in the directory' }]);
  return { kind: 'person', person, via: 'api', pipeline: pipeline.name };
}

function snoozeEnd(
  body: { readonly until?: string | undefined; readonly for?: string | number | undefined },
  now: number,
): number {
  if (body.until !== undefined && body.for === undefined) return Date.parse(body.until);
  const ms = body.for === undefined || body.until !== undefined ? null : parseDuration(body.for);
  if (ms === null) throw invalid([{ path: 'until', message: 'give either `until` (RFC 3339) or `for` (a duration)' }]);
  return now + ms;
}
