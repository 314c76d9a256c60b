/** src/bot/http/receipts.ts: signed outcomes that anybody can verify offline (JWS, EdDSA), and the key to do it with. */
import type { KeyObject } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint, exportJWK } from 'jose';
import { receiptClaims } from '../request-json.ts';
import { type Api, type App, ownRequest } from './api.ts';
import { pipelineOf } from './auth.ts';
import { ProblemError } from './problem.ts';
import { answers, IdParams, Keys, ProblemBody, Receipt } from './schemas.ts';

export function receiptRoutes(app: App, api: Api): void {
  app.get(
    '/v1/requests/:id/receipt',
    {
      schema: {
        summary: 'The signed outcome',
        description: 'A compact JWS whose keys are at /.well-known/jwks.json.',
        params: IdParams,
        response: answers({ 200: Receipt, 404: ProblemBody, 409: ProblemBody }),
      },
    },
    async (request, reply) => {
      const state = await ownRequest(api, pipelineOf(request), request.params.id);
      if (state.status === 'pending') {
        const detail = 'There is no receipt before the request is decided.';
        throw new ProblemError({ status: 409, code: 'not-decided', title: 'Conflict', detail });
      }
      const claims = receiptClaims(state, api.publicUrl);
      const kid = await keyId(api.receiptPublicKeys[0]);
      const receipt = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'EdDSA', typ: 'countersign-receipt+jws', kid })
        .sign(api.receiptKey);
      return reply.send({ receipt, claims });
    },
  );
}

/** Public, like the key itself. */
export function keyRoute(app: App, api: Api): void {
  app.get(
    '/.well-known/jwks.json',
    { schema: { summary: 'The keys that receipts are signed with', response: answers({ 200: Keys }) } },
    async (_request, reply) => {
      const keys = api.receiptPublicKeys.map(async (key) => ({
        ...(await exportJWK(key)),
        alg: 'EdDSA',
        use: 'sig',
        kid: await keyId(key),
      }));
      return reply.header('cache-control', 'public, max-age=300').send({ keys: await Promise.all(keys) });
    },
  );
}

const keyId = async (key: KeyObject): Promise<string> => calculateJwkThumbprint(await exportJWK(key));
