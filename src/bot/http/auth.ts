/** src/bot/http/auth.ts: which pipeline calls. Tokens are compared as SHA-256 digests, so time tells nothing about them. */
import { hash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Pipeline } from '../config/index.ts';
import { FAILED_AUTH_PER_MINUTE } from '../limits.ts';
import { ProblemError } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requirePipeline` before any handler of /v1 runs. */
    pipeline: Pipeline | null;
  }
}

const BEARER = /^Bearer ([\x21-\x7e]{1,500})$/i;

/** One answer for every cause: no header, another scheme, an unknown token. */
const unauthenticated = (): ProblemError =>
  new ProblemError({
    status: 401,
    code: 'not-authenticated',
    title: 'Not authenticated',
    detail: 'Send the token of a pipeline as "Authorization: Bearer …".',
  });

/** A hook that lets only known pipelines pass, and slows down whoever guesses. Needs @fastify/rate-limit. */
export function requirePipeline(app: FastifyInstance, pipelines: () => readonly Pipeline[]) {
  const failures = app.createRateLimit({ max: FAILED_AUTH_PER_MINUTE, timeWindow: 60_000 });
  let known: readonly Pipeline[] = [];
  let byDigest = new Map<string, Pipeline>();
  const find = (token: string): Pipeline | null => {
    if (known !== pipelines()) {
      known = pipelines();
      byDigest = new Map(known.flatMap((pipeline) => pipeline.tokenDigests.map((digest) => [digest, pipeline])));
    }
    return byDigest.get(hash('sha256', token)) ?? null;
  };
  return async (request: FastifyRequest): Promise<void> => {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    request.pipeline = token === undefined ? null : find(token);
    if (request.pipeline !== null) return;
    request.log.warn({ ip: request.ip, path: request.routeOptions.url }, 'refused: not authenticated');
    const limit = await failures(request);
    if (!limit.isAllowed && limit.isExceeded) {
      throw new ProblemError({
        status: 429,
        code: 'too-many-failures',
        title: 'Too many requests',
        detail: 'Too many failed authentications from this address.',
        retryAfterSeconds: limit.ttlInSeconds,
      });
    }
    throw unauthenticated();
  };
}

/** The caller of a route behind `requirePipeline`. */
export function pipelineOf(request: FastifyRequest): Pipeline {
  if (request.pipeline === null) throw unauthenticated();
  return request.pipeline;
}
