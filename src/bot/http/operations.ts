/** src/bot/http/operations.ts: is it alive, is it ready, how is it doing. */
import type { FastifyRequest } from 'fastify';
import type { Api, App } from './api.ts';

export function operationRoutes(app: App, api: Api, guard: ((request: FastifyRequest) => Promise<void>) | null): void {
  app.get('/healthz', { schema: { summary: 'The process is alive' } }, async () => ({ status: 'ok' }));
  app.get('/readyz', { schema: { summary: 'It can commit' } }, async (request, reply) => {
    if (api.stopping.aborted) return reply.code(503).send({ status: 'stopping' });
    try {
      await api.store.probe();
      return { status: 'ready' };
    } catch (error) {
      request.log.error({ err: error }, 'not ready');
      return reply.code(503).send({ status: 'not ready', store: 'cannot commit' });
    }
  });
  app.get(
    '/metrics',
    { schema: { summary: 'Prometheus figures' }, ...(guard && { onRequest: guard }) },
    async (_request, reply) =>
      reply
        .type(api.metrics.contentType)
        .serializer(String)
        .send(await api.metrics.text(api.clock())),
  );
}
