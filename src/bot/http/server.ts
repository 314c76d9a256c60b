/** src/bot/http/server.ts: the one HTTP server: doors, errors, OpenAPI, and the routes behind them. */
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifySchemaCompiler,
  LogController,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { FieldError } from '../../engine/request.ts';
import { StoreUnavailableError } from '../../store/port.ts';
import { reportIssues } from '../config/index.ts';
import { BODY_BYTES, JSON_DEPTH } from '../limits.ts';
import type { Api } from './api.ts';
import { requirePipeline } from './auth.ts';
import { commandRoutes } from './commands.ts';
import { deliveryRoutes } from './deliveries.ts';
import { eventRoutes } from './events.ts';
import { JsonError, parseJson } from './json.ts';
import { answerBadAddress, answerNoHttp } from './malformed.ts';
import { letNewcomersIn } from './newcomers.ts';
import { openapi } from './openapi.ts';
import { operationRoutes } from './operations.ts';
import { pauseRoutes } from './pauses.ts';
import { invalid, type Problem, ProblemError, sendProblem, unavailable } from './problem.ts';
import { keyRoute, receiptRoutes } from './receipts.ts';
import { requestRoutes } from './requests.ts';
import { answers, WhoAmI } from './schemas.ts';
import { simulateRoutes } from './simulate.ts';
import { statsRoutes } from './stats.ts';

export interface ServerOptions {
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** Off loopback, /metrics and /docs need a pipeline's token. */
  readonly isLoopback: boolean;
  /** Proxies whose X-Forwarded-For says who calls; none: whoever connects is the caller. */
  readonly trustProxy: readonly string[];
  /** Registered last, each in a scope of its own: the pages of the web channel, the doors of chat platforms. */
  readonly plugins: readonly ((app: FastifyInstance) => Promise<void>)[];
}

export async function createServer(
  api: Api,
  { logger, version, isLoopback, trustProxy, plugins }: ServerOptions,
): Promise<FastifyInstance> {
  const root = Fastify({
    loggerInstance: logger,
    // One line for each decision says more than two for each call.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES,
    trustProxy: trustProxy.length > 0 && [...trustProxy],
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    genReqId: () => '',
    // A logger of its own for each call would carry nothing: one line for each decision names the request.
    childLoggerFactory: (logger) => logger,
    frameworkErrors: answerBadAddress,
    clientErrorHandler: (error, socket) => answerNoHttp(logger, error, socket),
    return503OnClosing: false, // who comes while we stop is answered like everybody before
  });
  letNewcomersIn(root);
  const app = root.withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => JSON.stringify); // our own types say what we send; checking it again at run time is waste
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    if (!Buffer.isBuffer(body) || body.length === 0) return done(null, undefined);
    try {
      done(null, parseJson(body, JSON_DEPTH));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)), undefined);
    }
  });
  app.decorateRequest('pipeline', null);
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500 && !(error instanceof ProblemError))
      request.log.error({ err: error, path: request.routeOptions.url }, 'failed');
    return sendProblem(reply, problem, request.url.split('?')[0] ?? '/');
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      {
        status: 404,
        code: 'no-such-page',
        title: 'Not found',
        detail: `There is nothing at ${request.method} ${request.url.split('?')[0]}.`,
      },
      request.url.split('?')[0] ?? '/',
    ),
  );
  await app.register(rateLimit, { global: false });
  await app.register(swagger, openapi(version, isLoopback));
  const guard = requirePipeline(root, () => api.config().pipelines);
  await app.register(async (v1) => {
    const routes = v1.withTypeProvider<ZodTypeProvider>();
    routes.addHook('onRequest', guard);
    routes.addHook('onRequest', (_request, reply, done) => {
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
      done();
    });
    requestRoutes(routes, api);
    commandRoutes(routes, api);
    eventRoutes(routes, api);
    receiptRoutes(routes, api);
    deliveryRoutes(routes, api);
    pauseRoutes(routes, api);
    simulateRoutes(routes, api);
    statsRoutes(routes, api);
    routes.get(
      '/v1/whoami',
      { schema: { summary: 'What this token may do', response: answers({ 200: WhoAmI }) } },
      async (request) => {
        const { pipeline } = request;
        return {
          pipeline: pipeline?.name,
          may: [...(pipeline?.may ?? [])],
          gates: [...api.config().gates.keys()].filter((gate) => pipeline?.mayOpen(gate)),
        };
      },
    );
  });
  await app.register(async (open) => {
    keyRoute(open.withTypeProvider<ZodTypeProvider>(), api);
    operationRoutes(open.withTypeProvider<ZodTypeProvider>(), api, isLoopback ? null : guard);
  });
  await app.register(async (docs) => {
    if (!isLoopback) docs.addHook('onRequest', guard);
    docs.get('/openapi.json', { schema: { hide: true } }, async () => root.swagger());
    await docs.register(swaggerUi, { routePrefix: '/docs' });
  });
  for (const plugin of plugins) await app.register(async (scope) => plugin(scope));
  return root;
}

/** Checks a part of a call by its zod schema; what is wrong is said in the same words as in the config. */
const validatorCompiler: FastifySchemaCompiler<unknown> = ({ schema }) => {
  if (!(schema instanceof z.ZodType)) throw new TypeError('routes are described in zod');
  return (input) => {
    const checked = schema.safeParse(input);
    if (checked.success) return { value: checked.data };
    const errors: FieldError[] = [];
    reportIssues(checked.error.issues, schema, input, (path, message) =>
      errors.push({ path: path.join('.'), message }),
    );
    return { error: invalid(errors, 400) };
  };
};

/** What is answered for an error. Nothing of an unexpected one reaches the outside but that it happened. */
function problemOf(error: FastifyError): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof JsonError) return invalid([{ path: error.path, message: error.message }], 400).problem;
  if (error instanceof StoreUnavailableError) {
    const detail = error.isOutcomeUnknown
      ? 'The database went away while this was being committed, so whether it was kept is not known. Look first, or send it again with the same Idempotency-Key.'
      : 'The store can’t commit right now; nothing was changed. Please try again.';
    return unavailable(detail).problem;
  }
  const status = error.statusCode ?? 500;
  switch (status) {
    case 413:
      return { status, code: 'too-large', title: 'Too large', detail: `A body may have at most ${BODY_BYTES} bytes.` };
    case 415:
      return {
        status,
        code: 'unsupported-media-type',
        title: 'Unsupported media type',
        detail: 'Send JSON with "content-type: application/json".',
      };
    default:
      return status >= 400 && status < 500
        ? { status, code: 'bad-request', title: 'Bad request', detail: error.message }
        : {
            status: 500,
            code: 'internal',
            title: 'Internal error',
            detail: 'Something went wrong here; nothing was decided. The log has the cause.',
          };
  }
}
