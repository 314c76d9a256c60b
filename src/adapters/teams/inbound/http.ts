/**
 * src/adapters/teams/inbound/http.ts: POST /api/messages: everything that Teams sends. Nothing reads a body before its
 * sender is proven but to see whether it is an activity at all.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { TeamsLog } from '../options.ts';
import type { Guard } from './guard.ts';
import type { Inbox } from './inbox.ts';
import { BODY_BYTES } from './limits.ts';
import { plain } from './plain.ts';

const PATH = '/api/messages';

interface Doors {
  readonly guard: Guard;
  readonly inbox: Inbox;
  readonly log: TeamsLog;
}

/** Registers in a scope of its own: nothing here changes how the rest of the server reads bodies. */
export function teamsRoutes({ guard, inbox, log }: Doors): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
      if (error.statusCode === 413)
        return refuse(reply, 413, 'too-large', 'Too large', `A call may have at most ${BODY_BYTES} bytes.`);
      if (error.statusCode !== undefined && error.statusCode < 500)
        return refuse(reply, error.statusCode, 'bad-request', 'Bad request', 'This is no call of Teams’.');
      log.error({ error: plain(error) }, 'a call from Teams failed');
      return refuse(reply, 500, 'internal', 'Internal error', 'Something went wrong here. The log has the cause.');
    });
    app.post(PATH, { bodyLimit: BODY_BYTES, schema: { hide: true } }, async (request, reply) => {
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
      const verdict = await guard.judge({
        rawHeaders: request.raw.rawHeaders,
        from: request.raw.socket.remoteAddress,
        body: jsonOf(request.body),
      });
      if (verdict.kind === 'refused') {
        const { cause, status } = verdict;
        log.warn({ cause, status, from: request.ip }, 'refused a call that is not proven to be Teams’, or not for us');
        const [code, title, detail] = ANSWERS[status];
        return refuse(reply, status, code, title, detail);
      }
      const answer = await inbox.receive(verdict);
      return answer === undefined ? reply.code(200).send() : reply.code(200).serializer(JSON.stringify).send(answer);
    });
  };
}

/** One for each status, whatever the cause. */
const ANSWERS = {
  400: ['bad-request', 'Bad request', 'This is no activity of Teams’.'],
  401: ['not-authenticated', 'Not authenticated', 'This is not proven to come from Teams.'],
  403: ['not-allowed', 'Not allowed', 'This is about another organisation.'],
} as const;

function refuse(reply: FastifyReply, status: number, code: string, title: string, detail: string): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ type: `urn:countersign:problem:${code}`, title, status, detail, instance: PATH });
}

function jsonOf(body: unknown): unknown {
  if (!Buffer.isBuffer(body)) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
