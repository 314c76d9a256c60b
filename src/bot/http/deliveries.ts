/** src/bot/http/deliveries.ts: what went out for a pipeline's requests, and sending again by hand what did not arrive. */
import type { Delivery } from '../../store/port.ts';
import type { Api, App } from './api.ts';
import { pipelineOf } from './auth.ts';
import { notFound, ProblemError } from './problem.ts';
import { answers, DeliveriesQuery, DeliveryList, DeliveryParams, ProblemBody, Requeued } from './schemas.ts';

export function deliveryRoutes(app: App, api: Api): void {
  app.get(
    '/v1/deliveries',
    {
      schema: {
        summary: 'Deliveries of your requests, newest first',
        querystring: DeliveriesQuery,
        response: answers({ 200: DeliveryList, 400: ProblemBody }),
      },
    },
    async (request, reply) => {
      const { name: pipeline } = pipelineOf(request);
      const { state, request: of, limit } = request.query;
      const found = await api.store.deliveries({
        pipeline,
        limit,
        ...(state !== undefined && { state }),
        ...(of !== undefined && { request: of }),
      });
      return reply.send({ deliveries: found.map(deliveryJson) });
    },
  );
  app.post(
    '/v1/deliveries/:id/retry',
    {
      schema: {
        summary: 'Send a dead letter again',
        params: DeliveryParams,
        response: answers({ 202: Requeued, 404: ProblemBody, 409: ProblemBody }),
      },
    },
    async (request, reply) => {
      const { name: pipeline } = pipelineOf(request);
      const [own] = await api.store.deliveries({ pipeline, id: request.params.id, limit: 1 });
      if (own === undefined) throw notFound();
      if (!(await api.store.requeue(own.id, api.clock()))) {
        const detail = `This delivery is ${own.state}; only a failed or dead one can be sent again.`;
        throw new ProblemError({ status: 409, code: 'not-dead', title: 'Conflict', detail });
      }
      api.wakeDispatcher();
      return reply.code(202).send({ id: own.id, state: 'queued' });
    },
  );
}

/** Payloads stay inside: they hold addresses of people. */
function deliveryJson({
  id,
  request,
  kind,
  channel,
  target,
  state,
  attempts,
  createdAt,
  dueAt,
  lastError,
}: Delivery): object {
  const [created, due] = [createdAt, dueAt].map((at) => new Date(at).toISOString());
  return { id, request, kind, channel, target, state, attempts, createdAt: created, dueAt: due, lastError };
}
