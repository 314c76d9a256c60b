/** src/bot/http/events.ts: a request's trail, as JSON or as server-sent events that go on while it lives. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Content } from '../../engine/request.ts';
import { KEEP_ALIVE_MS, STREAM_BACKLOG } from '../limits.ts';
import { eventJson } from '../request-json.ts';
import { type Api, type App, ownRequest } from './api.ts';
import { pipelineOf } from './auth.ts';
import { unavailable } from './problem.ts';
import { answers, IdParams, ProblemBody, Trail } from './schemas.ts';

export function eventRoutes(app: App, api: Api): void {
  app.get(
    '/v1/requests/:id/events',
    {
      exposeHeadRoute: false, // a stream without a body would hold its caller for nothing
      schema: {
        summary: 'The audit trail, or a live stream of it',
        description:
          '`Accept: text/event-stream` streams, from after `Last-Event-ID` if given, until the request has ended.',
        params: IdParams,
        response: answers({ 200: Trail, 404: ProblemBody }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { content } = await ownRequest(api, pipelineOf(request), id);
      if (request.headers.accept?.includes('text/event-stream') === true) return stream(api, content, request, reply);
      return reply.send({ events: (await api.store.events(id)).map(eventJson) });
    },
  );
}

async function stream(
  api: Api,
  { id, pipeline }: Pick<Content, 'id' | 'pipeline'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (api.waiters.isFullFor(pipeline)) throw unavailable('Too many callers wait already.', 10);
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  let seen = lastSeen(request.headers['last-event-id']);
  let sending: Promise<void> = Promise.resolve();
  let isOver = false;
  const end = (): void => {
    isOver = true;
    clearInterval(keepAlive);
    unsubscribe();
    api.stopping.removeEventListener('abort', end);
    raw.end();
  };
  /** Sends what is new; one after another, so that the order is the log's. */
  const catchUp = async (): Promise<void> => {
    const news = await api.store.events(id, seen);
    const state = await api.store.load(id);
    if (isOver) return; // while we read; writing after the end would be an error nobody hears
    for (const event of news) {
      seen = event.version;
      raw.write(`id: ${event.version}\nevent: ${event.type}\ndata: ${JSON.stringify(eventJson(event))}\n\n`);
    }
    const isDecided = state !== null && state.status !== 'pending' && state.version <= seen;
    if (isDecided || raw.writableLength > STREAM_BACKLOG) end();
  };
  const next = (): void => {
    sending = sending.then(catchUp).catch((error: unknown) => {
      request.log.warn({ err: error }, 'an event stream ended early');
      end();
    });
  };
  const keepAlive = setInterval(() => raw.write(': still here\n\n'), KEEP_ALIVE_MS);
  const unsubscribe = api.waiters.subscribe(id, pipeline, next);
  api.stopping.addEventListener('abort', end);
  raw.once('close', end);
  next();
  return reply;
}

const lastSeen = (header: string | string[] | undefined): number =>
  typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : 0;
