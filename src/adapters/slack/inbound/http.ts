/**
 * src/adapters/slack/inbound/http.ts: POST /slack/events: events, interactivity and commands. The call is verified over
 * its bytes as they came, before anything reads them.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { SlackLog } from '../options.ts';
import type { Inbox } from './inbox.ts';
import { BODY_BYTES } from './limits.ts';
import { MalformedCallError } from './payloads.ts';
import type { Verify } from './verify.ts';

const PATH = '/slack/events';

interface Doors {
  readonly inbox: Inbox;
  readonly verify: Verify;
  readonly log: SlackLog;
}

/** Registers in a scope of its own: nothing here changes how the rest of the server reads bodies. */
export function slackRoutes({ inbox, verify, log }: Doors): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
      if (error instanceof MalformedCallError) {
        log.warn({}, error.message);
        return refuse(reply, 400, 'bad-request', 'Bad request', 'The call lacks what its kind always has.');
      }
      if (error.statusCode === 413)
        return refuse(reply, 413, 'too-large', 'Too large', `A call may have at most ${BODY_BYTES} bytes.`);
      if (error.statusCode !== undefined && error.statusCode < 500)
        return refuse(reply, error.statusCode, 'bad-request', 'Bad request', 'This is no call of Slack’s.');
      return refuse(reply, 500, 'internal', 'Internal error', 'Something went wrong here. The log has the cause.');
    });
    app.post(PATH, { bodyLimit: BODY_BYTES, schema: { hide: true } }, async (request, reply) => {
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
      const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const isForm = /^application\/x-www-form-urlencoded(\s*;|$)/i.test(request.headers['content-type'] ?? '');
      if (isForm && isSslCheck(raw)) return reply.code(200).send();
      const verdict = verify({ rawHeaders: request.raw.rawHeaders, body: raw });
      if (verdict.kind === 'refused') {
        log.warn({ cause: verdict.cause, from: request.ip }, 'refused a call that is not proven to be Slack’s');
        return refuse(reply, 401, 'not-authenticated', 'Not authenticated', 'The signature does not hold.');
      }
      const body = isForm ? formOf(verdict.body) : objectOf(verdict.body);
      if (body === null) return refuse(reply, 400, 'bad-request', 'Bad request', 'The body can’t be read.');
      if (body.type === 'url_verification') {
        const { challenge } = body;
        if (typeof challenge !== 'string') return refuse(reply, 400, 'bad-request', 'Bad request', 'No challenge.');
        return reply.send({ challenge });
      }
      const retry = retryOf(request.headers['x-slack-retry-num'], request.headers['x-slack-retry-reason']);
      const response = await new Promise<unknown>((resolve, reject) => {
        const ack = async (answer: unknown): Promise<void> => resolve(answer);
        inbox.receive({ body, ack, retry, forTeams: verdict.forTeams }).then(() => resolve(undefined), reject);
      });
      return response === undefined || response === '' ? reply.code(200).send() : reply.code(200).send(response);
    });
  };
}

function refuse(reply: FastifyReply, status: number, code: string, title: string, detail: string): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ type: `urn:countersign:problem:${code}`, title, status, detail, instance: PATH });
}

/** Slack's test of the certificate: unsigned, and nothing comes of it. */
const isSslCheck = (raw: Buffer): boolean =>
  raw.length < 500 && new URLSearchParams(raw.toString('utf8')).get('ssl_check') === '1';

/** A command's fields, or the JSON in `payload`; null where it is neither, or says something twice. */
function formOf(text: string): Record<string, unknown> | null {
  const form = new URLSearchParams(text);
  const names = [...form.keys()];
  if (new Set(names).size !== names.length) return null;
  const payload = form.get('payload');
  if (payload !== null) return objectOf(payload);
  return form.has('command') ? Object.fromEntries(form) : null;
}

const AnyObject = z.record(z.string(), z.unknown());

function objectOf(text: string): Record<string, unknown> | null {
  try {
    return AnyObject.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function retryOf(num: unknown, reason: unknown): { readonly count: number; readonly reason: string } | null {
  if (typeof num !== 'string' || !/^\d{1,3}$/.test(num)) return null;
  return { count: Number(num), reason: typeof reason === 'string' ? reason.slice(0, 100) : '' };
}
