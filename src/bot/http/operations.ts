/** src/bot/http/operations.ts: is it alive, is it ready, how is it doing. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { StoreUnavailableError } from '../../store/port.ts';
import type { Api, App } from './api.ts';
import { answers, Health } from './schemas.ts';

export function operationRoutes(app: App, api: Api, guard: ((request: FastifyRequest) => Promise<void>) | null): void {
  app.get(
    '/healthz',
    { schema: { summary: 'The process is alive', response: answers({ 200: Health }) } },
    async () => ({ status: 'ok' }),
  );
  app.get(
    '/readyz',
    { schema: { summary: 'It can commit', response: answers({ 200: Health, 503: Health }) } },
    async (request, reply) => {
      if (api.stopping.aborted) return reply.code(503).send({ status: 'stopping' });
      try {
        await api.store.probe();
        const { deliveries } = await api.store.stats();
        // A channel or a group in trouble makes nobody unready: the pages and the API go on.
        const troubles = Object.entries(api.channelProblems()).map(([kind, problem]) => [kind, problem ?? 'ok']);
        const groups = Object.entries(api.groupProblems()).map(([name, problem]) => [name, problem ?? 'ok']);
        const calendars = api.calendarProblems();
        return {
          status: 'ready',
          deadLetters: deliveries.dead,
          unheard: await api.unheard(),
          ...(troubles.length > 0 && { channels: Object.fromEntries(troubles) }),
          ...(groups.length > 0 && { groups: Object.fromEntries(groups) }),
          ...(!api.isConfigNewest() && { config: 'not reloaded: it has mistakes, which the log names' }),
          ...(calendars.size > 0 && { calendars: Object.fromEntries(calendars) }),
        };
      } catch (error) {
        request.log.error({ err: error }, 'not ready');
        const reason =
          error instanceof StoreUnavailableError ? error.reason : 'Something went wrong; the log has the cause.';
        return reply.code(503).send({ status: 'not ready', store: 'cannot commit', reason });
      }
    },
  );
  app.get(
    '/metrics',
    {
      schema: { summary: 'Prometheus figures', response: answers({ 200: z.string() }) },
      ...(guard && { onRequest: guard }),
    },
    async (_request, reply) =>
      reply
        .type(api.metrics.contentType)
        .serializer(String)
        .send(await api.metrics.text(api.clock())),
  );
}
