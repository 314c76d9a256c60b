/**
 * src/adapters/web/web.tsx: the web channel as a fastify plugin: routes, sessions and the headers of every page. What it
 * sets up (cookies, form bodies, error pages) stays inside: register it as it is, without fastify-plugin.
 */
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { assets } from './assets.ts';
import { awayRoutes } from './away-routes.tsx';
import { MalformedFormError, textOf } from './forms.ts';
import { liveStreams } from './live.ts';
import { isFromOurPage, isLoopback, ownPath } from './origin.ts';
import { pauseRoutes } from './pauses-routes.tsx';
import { LIMITS, type WebLimits, type WebPorts } from './ports.ts';
import { formIn, queryOf, requestRoutes } from './request-routes.tsx';
import { deriveKey, isSame } from './session.ts';
import { simulateRoutes } from './simulate-routes.tsx';
import { statsRoutes } from './stats-routes.tsx';
import { createVisitors, NOT_FOUND, pageHeaders, STALE_FORM, sendMessage, type Visitors } from './visitor.tsx';

/** The web pages. Throws when registered with a secret of fewer than 16 characters. */
export function webPages(ports: WebPorts, limits: WebLimits = LIMITS): FastifyPluginAsync {
  return async (app) => {
    if (ports.secret.length < 16) throw new Error('The web pages need a secret of at least 16 characters.');
    const headers = pageHeaders(ports.publicUrl);
    const visitors = createVisitors(ports, limits);
    const streams = liveStreams(ports, limits);

    app.addHook('onRequest', async (request, reply) => {
      reply.headers(headers);
      return refuseForeign(request, reply, ports);
    });
    await app.register(cookie, { secret: deriveKey(ports.secret, 'cookie') });
    app.removeAllContentTypeParsers();
    await app.register(formbody, {
      bodyLimit: limits.formBytes,
      parser: (text) => ({ form: new URLSearchParams(text) }),
    });
    app.setErrorHandler((error, request, reply) => answerError(error, request, reply, visitors));
    app.addHook('preClose', async () => streams.close());

    assetRoutes(app);
    signInRoutes(app, ports, limits, visitors);
    requestRoutes(app, { ports, limits, visitors, streams });
    statsRoutes(app, { ports, visitors });
    pauseRoutes(app, { ports, limits, visitors });
    awayRoutes(app, { ports, limits, visitors });
    simulateRoutes(app, { ports, limits, visitors });
  };
}

/** Answers a browser that asked for an address nobody serves: for the server's own not-found handler. */
export function sendNotFoundPage(reply: FastifyReply, publicUrl: string): FastifyReply {
  return sendMessage(reply.headers(pageHeaders(publicUrl)), 404, { ...NOT_FOUND, session: null });
}

/** Refuses forms of other sites before they are read, and other names for this host while anybody may be anybody. */
async function refuseForeign(request: FastifyRequest, reply: FastifyReply, ports: WebPorts): Promise<unknown> {
  // Without this a page elsewhere could point its own name at this computer (DNS rebinding) and sign itself in.
  if (ports.devLogin && !isLoopback(request.hostname) && request.host !== new URL(ports.publicUrl).host)
    return sendMessage(reply, 421, {
      title: 'Wrong address',
      words: `Please open this page at ${new URL(ports.publicUrl).origin}.`,
      session: null,
    });
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const { origin } = request.headers;
  const secFetchSite = request.headers['sec-fetch-site'];
  const caller = { origin, secFetchSite: Array.isArray(secFetchSite) ? secFetchSite.join() : secFetchSite };
  if (isFromOurPage(caller, ports.publicUrl)) return undefined;
  request.log.warn({ cause: 'foreignOrigin' }, 'form refused');
  return sendMessage(reply, 403, {
    title: 'Not from here',
    words:
      'This form did not come from a page of this server, so nothing was done. Please open the page and try again.',
    session: null,
  });
}

function assetRoutes(app: FastifyInstance): void {
  for (const asset of Object.values(assets))
    app.get(asset.path, async (_request, reply) =>
      reply
        .header('cache-control', 'public, max-age=31536000, immutable')
        .header('referrer-policy', 'no-referrer')
        .type(asset.type)
        .send(asset.content),
    );
}

function signInRoutes(app: FastifyInstance, ports: WebPorts, limits: WebLimits, visitors: Visitors): void {
  app.get('/login', async (request, reply) => {
    const next = ownPath(queryOf(request, ports.publicUrl, 'next'), ports.publicUrl);
    return visitors.askToSignIn(request, reply, 200, next);
  });

  app.post('/login', async (request, reply) => {
    if (!ports.devLogin) return visitors.askToSignIn(request, reply, 401, '/');
    const form = formIn(request.body, limits);
    const next = ownPath(textOf(form, 'next'), ports.publicUrl);
    if (!visitors.isOurSignInForm(request, textOf(form, '_csrf')))
      return visitors.askToSignIn(request, reply, 403, next, STALE_FORM);
    const chosen = textOf(form, 'person');
    const person = ports.people().find(({ id }) => id === chosen);
    if (person === undefined) return visitors.askToSignIn(request, reply, 422, next, 'Please choose who you are.');
    visitors.signIn(request, reply, person.id);
    return reply.redirect(next, 303);
  });

  app.post('/logout', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return reply.redirect('/login', 303);
    if (!isSame(textOf(formIn(request.body, limits), '_csrf') ?? '', session.csrf))
      return sendMessage(reply, 403, { title: 'Not signed out', words: STALE_FORM, session });
    visitors.signOut(request, reply);
    return reply.redirect('/login', 303);
  });
}

const titles: Readonly<Record<number, string>> = {
  400: 'This did not fit',
  413: 'Too long',
  415: 'Not a form',
  429: 'Too fast',
};

/** Generic words outside; what happened goes to the log under the reference that the page shows. */
function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, visitors: Visitors): FastifyReply {
  const session = visitors.sessionOf(request);
  if (error instanceof MalformedFormError)
    return sendMessage(reply, 400, { title: 'This did not fit', words: `${error.message} Nothing was done.`, session });
  const status = statusOf(error);
  if (status < 500)
    return sendMessage(reply, status, {
      title: titles[status] ?? 'This did not work',
      words: 'What was sent could not be read, so nothing was done. Please go back and try again.',
      session,
    });
  request.log.error({ err: error }, 'page failed');
  return sendMessage(reply, 500, {
    title: 'Something went wrong',
    words: 'This is our fault, not yours. Please try again; if it stays, tell whoever runs this server.',
    session,
    reference: request.id,
  });
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : 500;
}
