/** src/bot/http/openapi.ts: the API's description at /openapi.json, made from the schemas that check the calls. */
import { STATUS_CODES } from 'node:http';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { ProblemBody } from './schemas.ts';

/** @param isLoopback on loopback the figures are open; elsewhere they need a token like the rest */
export function openapi(version: string, isLoopback: boolean): FastifyDynamicSwaggerOptions {
  const needsToken = (url: string) => url.startsWith('/v1/') || (url === '/metrics' && !isLoopback);
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Countersign',
        version,
        description: 'Approvals for pipelines: open a request, wait, get a signed answer.',
      },
      components: { securitySchemes: { pipeline: { type: 'http', scheme: 'bearer' } } },
      security: [{ pipeline: [] }],
    },
    transform: (route) => {
      // Pages for people and doors for chat platforms have no schema, and no place here.
      if (route.schema === undefined || route.schema.hide === true) return { schema: { hide: true }, url: route.url };
      const hasToken = needsToken(route.url);
      return jsonSchemaTransform({
        ...route,
        schema: {
          ...route.schema,
          ...(!hasToken && { security: [] }),
          response: answersOf(route.schema.response, hasToken),
        },
      });
    },
    transformObject: (document) => ({ ...jsonSchemaTransformObject(document), webhooks: WEBHOOKS }),
  };
}

/** Each status with its media type: errors are problem+json, also where another body shares their status (/gate). */
function answersOf(given: unknown, hasToken: boolean): Record<string, object> {
  const own = new Map(Object.entries(typeof given === 'object' && given !== null ? given : {}));
  if (hasToken) own.set('401', ProblemBody);
  own.set('default', ProblemBody);
  return Object.fromEntries(
    [...own].map(([status, schema]) => {
      const isProblem = schema === ProblemBody;
      const content = {
        ...(!isProblem && {
          [status === '200' && schema.type === 'string' ? 'text/plain' : 'application/json']: { schema },
        }),
        ...((isProblem || Number(status) >= 400) && { 'application/problem+json': { schema: ProblemBody } }),
      };
      return [status, { description: STATUS_CODES[status] ?? 'Any other error', content }];
    }),
  );
}

const header = (name: string, description: string) => ({
  in: 'header' as const,
  name,
  required: true,
  description,
  schema: { type: 'string' as const },
});

/** What `callback.url` receives: Standard Webhooks, readable as a CloudEvent too. */
const WEBHOOKS = Object.fromEntries(
  (['approved', 'rejected', 'cancelled'] as const).map((status) => [
    `request.${status}`,
    {
      post: {
        summary: `A request was ${status}`,
        security: [],
        parameters: [
          header('webhook-id', 'The same over all attempts'),
          header('webhook-timestamp', 'Seconds since the epoch, of this attempt'),
          header('webhook-signature', '`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`, one for each secret'),
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object' as const,
                required: ['type', 'timestamp', 'data'],
                properties: {
                  type: { type: 'string' as const, enum: [`request.${status}`] },
                  timestamp: { type: 'string' as const, format: 'date-time' },
                  data: { $ref: '#/components/schemas/Request' },
                },
              },
            },
          },
        },
        responses: {
          '2XX': { description: 'Received' },
          '410': { description: 'Never again' },
          default: { description: 'Tried again later, for about three days' },
        },
      },
    },
  ]),
);
