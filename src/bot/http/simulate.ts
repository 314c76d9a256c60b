/** src/bot/http/simulate.ts: POST /v1/simulate: what opening a request would come to. Nothing is kept, nothing is sent. */
import type { FieldError } from '../../engine/request.ts';
import type { Pipeline } from '../config/index.ts';
import { SIMULATIONS_PER_MINUTE } from '../limits.ts';
import { type Asked, plainlyAsked } from '../open.ts';
import { pauseNotes } from '../rehearsal/pauses.ts';
import { type RehearsedVote, simulate } from '../rehearsal/simulate.ts';
import { momentOf, TIME_FORM } from '../rehearsal/time.ts';
import { BEFORE } from '../rehearsal/votes.ts';
import type { Api, App } from './api.ts';
import { pipelineOf } from './auth.ts';
import { invalid, ProblemError } from './problem.ts';
import { askedOf, jsonOf, overridesIn, ownGate } from './requests.ts';
import { answers, ProblemBody } from './schemas.ts';
import { SimulateBody, SimulationBody } from './simulation-schemas.ts';

export function simulateRoutes(app: App, api: Api): void {
  const limit = app.createRateLimit({
    max: SIMULATIONS_PER_MINUTE,
    timeWindow: 60_000,
    keyGenerator: (request) => request.pipeline?.name ?? '',
  });

  app.route({
    method: 'POST',
    url: '/v1/simulate',
    schema: {
      summary: 'Play a request through before it is opened',
      description:
        'Takes what `POST /v1/requests` takes, and says what would come of it: stages, people, messages, times and the end. Also 200 where the request would be refused: `opens` is false then, and `problem` says why. Nothing is kept and nothing is sent.',
      body: SimulateBody,
      response: answers({
        200: SimulationBody,
        400: ProblemBody,
        403: ProblemBody,
        422: ProblemBody,
        429: ProblemBody,
      }),
    },
    handler: async (request, reply) => {
      const pipeline = pipelineOf(request);
      const { body } = request;
      const used = await limit(request);
      if (!used.isAllowed && used.isExceeded) throw tooMany(used.ttlInSeconds);
      const gate = ownGate(api, pipeline, body.gate);
      const now = api.clock();
      const at = body.at === undefined ? now : momentOf(body.at, now);
      if (at === null) throw invalid([{ path: 'at', message: TIME_FORM }]);
      const { asked, problems } = askedIn(api, pipeline, body);
      return reply.send(
        simulate(api.config(), {
          gate,
          overrides: overridesIn(body),
          asked,
          pipeline: pipeline.name,
          at,
          votes: votesIn(body, at),
          explain: body.explain ?? null,
          problems,
          notes: pauseNotes(api.pauses.list(false), gate.name, pipeline.name),
        }),
      );
    },
  });
}

const tooMany = (retryAfterSeconds: number): ProblemError =>
  new ProblemError({
    status: 429,
    code: 'too-many-simulations',
    title: 'Too many requests',
    detail: `A pipeline may simulate ${SIMULATIONS_PER_MINUTE} times a minute.`,
    retryAfterSeconds,
  });

/** What would be asked, and what opening it would be refused for. */
function askedIn(
  api: Api,
  pipeline: Pipeline,
  body: SimulateBody,
): { readonly asked: Asked; readonly problems: readonly FieldError[] } {
  try {
    return { asked: askedOf(api, pipeline, body), problems: [] };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.errors === undefined) throw error;
    const title = body.title ?? null;
    const asked = {
      ...plainlyAsked({ title, requester: null, context: jsonOf(body.context) }),
      description: body.description ?? null,
    };
    return { asked, problems: error.problem.errors };
  }
}

function votesIn({ votes = [] }: SimulateBody, opened: number): readonly RehearsedVote[] {
  const errors: FieldError[] = [];
  const read = votes.flatMap(({ person, option, at: when, reason, inputs }, i): RehearsedVote[] => {
    const at = momentOf(when, opened);
    if (at !== null && at >= opened) return [{ person, option, at, reason: reason ?? null, inputs: inputs ?? null }];
    const message = at === null ? TIME_FORM : BEFORE;
    errors.push({ path: `votes.${i}.at`, message });
    return [];
  });
  if (errors.length > 0) throw invalid(errors);
  return read;
}
