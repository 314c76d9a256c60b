/** src/adapters/web/pauses-routes.tsx: the page of pauses and its two forms. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MalformedFormError, textOf } from './forms.ts';
import type { PauseResult, PauseScopeName } from './pauses.ts';
import { PausesPage, type PausesPageProps } from './pauses-page.tsx';
import type { WebLimits, WebPorts } from './ports.ts';
import { formIn } from './request-routes.tsx';
import { isSame, type Session } from './session.ts';
import { NOT_FOUND, STALE_FORM, sendMessage, sendPage, type Visitors } from './visitor.tsx';

interface ById {
  readonly Params: { readonly id: string };
}

export interface PauseRooms {
  readonly ports: WebPorts;
  readonly limits: WebLimits;
  readonly visitors: Visitors;
}

const PAUSE_ID = /^pau_[\w-]{1,80}$/;

export function pauseRoutes(app: FastifyInstance, { ports, limits, visitors }: PauseRooms): void {
  const { pauses } = ports;

  const show = (reply: FastifyReply, status: number, props: Omit<PausesPageProps, 'view'>) =>
    sendPage(reply, status, <PausesPage {...props} view={pauses.view(props.session.person.id)} />);

  app.get('/pauses', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, '/pauses');
    const words = request.method === 'HEAD' ? null : visitors.sessions.takeWords(session);
    const message = words === null ? null : { kind: 'done' as const, words };
    return show(reply, 200, { session, message, typed: null });
  });

  /** A page that answered a form has the form's address: asking for it again shows the list. */
  app.get<ById>('/pauses/:id/resume', async (_request, reply) => reply.redirect('/pauses', 303));

  app.post('/pauses', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, '/pauses');
    const form = formIn(request.body, limits);
    expectOnly(form, ['what', 'reason', 'clocks']);
    const [what, reason, clocks] = [textOf(form, 'what'), textOf(form, 'reason'), textOf(form, 'clocks')];
    const typed = { what, reason, clocks };
    const refuse = (status: number, words: string) =>
      show(reply, status, { session, message: { kind: 'refused', words }, typed });
    if (isForged(request, form, session)) return refuse(403, STALE_FORM);
    const scope = scopeFrom(what);
    if (scope === null) return refuse(422, 'Please choose what is to be paused.');
    if (scope.kind === 'everything' && reason === null)
      return refuse(422, 'Please say why: everybody who waits for a decision will ask.');
    if (clocks !== null && clocks !== 'stop' && clocks !== 'run')
      throw new MalformedFormError('This form has a field that the page does not offer any more.');
    return answer(reply, session, await pauses.pause(session.person.id, { scope, reason, clocks }), refuse);
  });

  app.post<ById>('/pauses/:id/resume', async (request, reply) => {
    const { id } = request.params;
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, '/pauses');
    const form = formIn(request.body, limits);
    expectOnly(form, ['reason']);
    const refuse = (status: number, words: string) =>
      show(reply, status, { session, message: { kind: 'refused', words }, typed: null });
    if (isForged(request, form, session)) return refuse(403, STALE_FORM);
    if (!PAUSE_ID.test(id)) return sendMessage(reply, 404, { ...NOT_FOUND, session });
    return answer(reply, session, await pauses.resume(session.person.id, id, textOf(form, 'reason')), refuse);
  });

  function isForged(request: FastifyRequest, form: URLSearchParams, session: Session): boolean {
    if (isSame(textOf(form, '_csrf') ?? '', session.csrf)) return false;
    request.log.warn({ cause: 'formToken', person: session.person.id, page: 'pauses' }, 'form refused');
    return true;
  }

  function answer(
    reply: FastifyReply,
    session: Session,
    result: PauseResult,
    refuse: (status: number, words: string) => FastifyReply,
  ): FastifyReply {
    switch (result.kind) {
      case 'done':
        visitors.sessions.leaveWords(session, result.words);
        return reply.redirect('/pauses', 303);
      case 'refused':
        return refuse(409, result.words);
      case 'notFound':
        return sendMessage(reply, 404, { ...NOT_FOUND, session });
      case 'unavailable':
        reply.header('retry-after', '5');
        return refuse(503, 'This could not be recorded right now, so nothing was done. Please try again.');
    }
  }
}

function scopeFrom(what: string | null): PauseScopeName | null {
  if (what === 'everything') return { kind: 'everything' };
  const [, kind, name = ''] = /^(gate|pipeline):(.{1,200})$/.exec(what ?? '') ?? [];
  if (kind === 'gate') return { kind, gate: name };
  return kind === 'pipeline' ? { kind, pipeline: name } : null;
}

function expectOnly(form: URLSearchParams, names: readonly string[]): void {
  for (const name of form.keys())
    if (name !== '_csrf' && !names.includes(name))
      throw new MalformedFormError('This form has a field that the page does not offer any more.');
}
