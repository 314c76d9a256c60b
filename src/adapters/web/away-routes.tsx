/** src/adapters/web/away-routes.tsx: the page of one's own absences and its two forms. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AwayResult } from './away.ts';
import { AwayPage, type AwayPageProps } from './away-page.tsx';
import { expectOnly, textOf } from './forms.ts';
import type { WebLimits, WebPorts } from './ports.ts';
import { formIn } from './request-routes.tsx';
import { isSame, type Session } from './session.ts';
import { STALE_FORM, sendMessage, sendPage, type Visitors } from './visitor.tsx';

export interface AwayRooms {
  readonly ports: WebPorts;
  readonly limits: WebLimits;
  readonly visitors: Visitors;
}

const UNAVAILABLE = 'This can’t be reached right now, so nothing was done. Please try again.';
/** Characters of a day or a moment; a date has ten. */
const MOMENT_LENGTH = 40;

export function awayRoutes(app: FastifyInstance, { ports, limits, visitors }: AwayRooms): void {
  const { away } = ports;

  const show = async (reply: FastifyReply, status: number, props: Omit<AwayPageProps, 'view' | 'people'>) => {
    const { session } = props;
    const view = await away.view(session.person.id);
    if (view !== null) return sendPage(reply, status, <AwayPage {...props} view={view} people={ports.people()} />);
    reply.header('retry-after', '5');
    const words = props.message?.kind === 'refused' ? props.message.words : UNAVAILABLE;
    return sendMessage(reply, 503, { title: 'Away', words, session });
  };

  app.get('/away', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, '/away');
    const words = request.method === 'HEAD' ? null : visitors.sessions.takeWords(session);
    const message = words === null ? null : { kind: 'done' as const, words };
    return show(reply, 200, { session, message, typed: null });
  });

  /** A page that answered a form has the form's address: asking for it again shows how one stands. */
  app.get('/away/back', async (_request, reply) => reply.redirect('/away', 303));

  app.post('/away', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, '/away');
    const form = formIn(request.body, limits);
    expectOnly(form, ['from', 'until', 'to']);
    const [from, until, to] = [textOf(form, 'from'), textOf(form, 'until'), textOf(form, 'to')];
    const refuse = (status: number, words: string) =>
      show(reply, status, { session, message: { kind: 'refused', words }, typed: { from, until, to } });
    if (isForged(request, form, session)) return refuse(403, STALE_FORM);
    if (until === null) return refuse(422, 'Please say which day is the last one.');
    if (Math.max(until.length, from?.length ?? 0) > MOMENT_LENGTH)
      return refuse(422, 'A day is written like 2026-12-24. Nothing was changed.');
    return answer(reply, session, await away.announce(session.person.id, { from, until, delegate: to }), refuse);
  });

  app.post('/away/back', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, '/away');
    const form = formIn(request.body, limits);
    expectOnly(form, []);
    const refuse = (status: number, words: string) =>
      show(reply, status, { session, message: { kind: 'refused', words }, typed: null });
    if (isForged(request, form, session)) return refuse(403, STALE_FORM);
    return answer(reply, session, await away.comeBack(session.person.id), refuse);
  });

  function isForged(request: FastifyRequest, form: URLSearchParams, session: Session): boolean {
    if (isSame(textOf(form, '_csrf') ?? '', session.csrf)) return false;
    request.log.warn({ cause: 'formToken', person: session.person.id, page: 'away' }, 'form refused');
    return true;
  }

  function answer(
    reply: FastifyReply,
    session: Session,
    result: AwayResult,
    refuse: (status: number, words: string) => Promise<FastifyReply>,
  ): FastifyReply | Promise<FastifyReply> {
    switch (result.kind) {
      case 'done':
        visitors.sessions.leaveWords(session, result.words);
        return reply.redirect('/away', 303);
      case 'refused':
        return refuse(422, result.words);
      case 'unavailable':
        reply.header('retry-after', '5');
        return refuse(503, UNAVAILABLE);
    }
  }
}
