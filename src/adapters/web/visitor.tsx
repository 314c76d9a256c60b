/**
 * src/adapters/web/visitor.tsx: who stands before a page: the session cookie, the token of a form, and the answers for
 * those who may not pass.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { documentOf } from './layout.tsx';
import { ownPath, referrerPolicy } from './origin.ts';
import { MessagePage, type MessagePageProps, SignInPage } from './plain-pages.tsx';
import type { WebLimits, WebPorts } from './ports.ts';
import { createSessions, isSame, newToken, type Session, type Sessions } from './session.ts';

/** The headers of every page: https://owasp.org/www-project-secure-headers/ */
export function pageHeaders(publicUrl: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'referrer-policy': referrerPolicy(publicUrl),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

export function sendPage(reply: FastifyReply, status: number, page: VNode): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(documentOf(page));
}

export const sendMessage = (reply: FastifyReply, status: number, message: MessagePageProps): FastifyReply =>
  sendPage(reply, status, <MessagePage {...message} />);

export const NOT_FOUND = {
  title: 'Not found',
  words: 'There is nothing here, or nothing that you may see. The link may be incomplete.',
} as const;

export const STALE_FORM =
  'This page was open for too long, or you signed in again meanwhile, so nothing was done. Please send it once more.';

export interface Visitors {
  readonly sessions: Sessions;
  sessionOf(request: FastifyRequest): Session | null;
  /** Starts a session for the person and sets its cookie; an older session of this browser ends. */
  signIn(request: FastifyRequest, reply: FastifyReply, person: string): void;
  signOut(request: FastifyRequest, reply: FastifyReply): void;
  /** The sign-in page. `next` is where to go on to afterwards. */
  askToSignIn(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    next: string,
    message?: string,
  ): FastifyReply;
  /** Whether a form carries the token of the sign-in page that this browser was given. */
  isOurSignInForm(request: FastifyRequest, token: string | null): boolean;
}

/** `__Host-` binds a cookie to this very host; browsers take it with Secure only. */
const cookieName = (isSecure: boolean, name: string): string => (isSecure ? `__Host-${name}` : name);

export function createVisitors(ports: WebPorts, limits: WebLimits): Visitors {
  const isSecure = new URL(ports.publicUrl).protocol === 'https:';
  const sessionCookie = cookieName(isSecure, 'countersign');
  /** Ties the sign-in form to the browser, as a session's token does with the other forms. */
  const signInCookie = cookieName(isSecure, 'countersign-sign-in');
  const sessions = createSessions({
    secret: ports.secret,
    sessionMs: limits.sessionMs,
    most: limits.sessions,
    people: () => ports.people(),
  });

  const cookie = (seconds: number) =>
    ({ path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure, signed: true, maxAge: seconds }) as const;

  const read = (request: FastifyRequest, name: string): string | null => {
    const signed = request.cookies[name];
    return signed === undefined ? null : request.unsignCookie(signed).value;
  };

  return {
    sessions,
    sessionOf(request) {
      const token = read(request, sessionCookie);
      return token === null ? null : sessions.find(token, ports.now());
    },
    signIn(request, reply, person) {
      const old = read(request, sessionCookie);
      if (old !== null) sessions.close(old);
      const seconds = Math.floor(limits.sessionMs / 1000);
      reply.setCookie(sessionCookie, sessions.open(person, ports.now()), cookie(seconds));
      reply.clearCookie(signInCookie, cookie(0));
    },
    signOut(request, reply) {
      const token = read(request, sessionCookie);
      if (token !== null) sessions.close(token);
      reply.clearCookie(sessionCookie, cookie(0));
    },
    askToSignIn(request, reply, status, next, message) {
      if (!ports.devLogin)
        return sendPage(reply, status, <SignInPage pick={null} next="/" message={message ?? null} />);
      const known = read(request, signInCookie);
      const token = known ?? newToken();
      // The token is not stored: its signature says that it is ours, and it opens nothing by itself.
      if (known === null) reply.setCookie(signInCookie, token, cookie(3600));
      const pick = { people: ports.people(), csrf: sessions.csrfOf(token) };
      return sendPage(
        reply,
        status,
        <SignInPage pick={pick} next={ownPath(next, ports.publicUrl)} message={message ?? null} />,
      );
    },
    isOurSignInForm(request, token) {
      const given = read(request, signInCookie);
      return given !== null && token !== null && isSame(token, sessions.csrfOf(given));
    },
  };
}
