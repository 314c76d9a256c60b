/** src/adapters/web/request-routes.tsx: the inbox, the page of a request, its forms and its live stream. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestId } from '../../engine/request.ts';
import type { ActionResult } from '../action.ts';
import { checkForm, formOf, isActionKind, MalformedFormError, readAction, type Typed, textOf } from './forms.ts';
import { InboxPage } from './inbox-page.tsx';
import type { LiveStreams } from './live.ts';
import type { WebLimits, WebPorts } from './ports.ts';
import { RequestPage, type RequestPageProps } from './request-page.tsx';
import { isSame, type Session } from './session.ts';
import { NOT_FOUND, pageHeaders, STALE_FORM, sendMessage, sendPage, type Visitors } from './visitor.tsx';
import { doneWords } from './words.ts';

export interface Rooms {
  readonly ports: WebPorts;
  readonly limits: WebLimits;
  readonly visitors: Visitors;
  readonly streams: LiveStreams;
}

interface ById {
  readonly Params: { readonly id: string };
}
interface ByAction {
  readonly Params: { readonly id: string; readonly action: string };
}

/** What an id of ours can look like; anything else is not worth a look into the store. */
const REQUEST_ID = /^[\w-]{1,80}$/;

/** The form that was sent, within its bounds. */
export function formIn(body: unknown, limits: WebLimits): URLSearchParams {
  if (typeof body !== 'object' || body === null || !('form' in body) || !(body.form instanceof URLSearchParams))
    throw new MalformedFormError('This form was empty.');
  checkForm(body.form, limits);
  return body.form;
}

/** One value of the address; an address that gives it twice is no address of ours. */
export function queryOf(request: FastifyRequest, publicUrl: string, name: string): string | null {
  const values = new URL(request.url, publicUrl).searchParams.getAll(name);
  if (values.length > 1) throw new MalformedFormError('This address says the same thing twice.');
  return values[0] ?? null;
}

export function requestRoutes(app: FastifyInstance, rooms: Rooms): void {
  const { ports, limits, visitors, streams } = rooms;

  const viewFor = (id: RequestId, session: Session) =>
    REQUEST_ID.test(id) ? ports.view(id, { kind: 'person', person: session.person.id }) : Promise.resolve(null);

  const notFound = (reply: FastifyReply, session: Session) => sendMessage(reply, 404, { ...NOT_FOUND, session });

  const show = async (
    reply: FastifyReply,
    status: number,
    props: Omit<RequestPageProps, 'people' | 'next' | 'paused'>,
  ) => {
    const next = await ports.gates.next(props.view.id);
    const { status: state, gate, pipeline } = props.view;
    const paused = state === 'pending' ? ports.pauses.inForce({ gate, pipeline }) : [];
    return sendPage(reply, status, <RequestPage {...props} people={ports.people()} next={next} paused={paused} />);
  };

  app.get('/', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, request.url);
    const search = (queryOf(request, ports.publicUrl, 'q') ?? '').trim();
    const after = queryOf(request, ports.publicUrl, 'after');
    if (search.length > limits.searchLength || search.includes('\0'))
      throw new MalformedFormError(`A search may have at most ${limits.searchLength} characters.`);
    if (after !== null && !REQUEST_ID.test(after))
      throw new MalformedFormError('This page of the list does not exist.');
    const lists = await ports.inbox(session.person.id, {
      ...(search === '' ? {} : { q: search }),
      ...(after === null ? {} : { after }),
    });
    return sendPage(
      reply,
      200,
      <InboxPage
        session={session}
        lists={lists}
        paused={ports.pauses.inForce(null)}
        search={search}
        isFurther={after !== null}
      />,
    );
  });

  app.get<ById>('/requests/:id', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, request.url);
    const { id } = request.params;
    const view = await viewFor(id, session);
    if (view === null) return notFound(reply, session);
    const flash = request.method === 'HEAD' ? null : visitors.sessions.takeFlash(session, id);
    const message = flash === null ? null : { kind: 'done' as const, words: doneWords[flash.kind] };
    return show(reply, 200, { view, session, message, typed: null });
  });

  app.get<ById>('/requests/:id/live', { exposeHeadRoute: false }, async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, `/requests/${request.params.id}`);
    const { id } = request.params;
    if ((await viewFor(id, session)) === null) return notFound(reply, session);
    if (!streams.hasRoom(session.id)) {
      reply.header('retry-after', '30');
      return sendMessage(reply, 503, {
        title: 'Too many open pages',
        words: 'Live updates are busy. The page works without them.',
        session,
      });
    }
    reply.hijack();
    const look = async () => {
      const current = visitors.sessionOf(request);
      return current === null ? null : viewFor(id, current);
    };
    streams.open({ request: id, sessionId: session.id, look }, reply.raw, pageHeaders(ports.publicUrl));
    return reply;
  });

  // A page that answered a form has the form's address: asking for it again shows the request.
  app.get<ByAction>('/requests/:id/:action', async (request, reply) => {
    const { id, action } = request.params;
    if (isActionKind(action) && REQUEST_ID.test(id)) return reply.redirect(`/requests/${id}`, 303);
    return sendMessage(reply, 404, { ...NOT_FOUND, session: visitors.sessionOf(request) });
  });

  app.post<ByAction>('/requests/:id/:action', async (request, reply) => {
    const { id, action: kind } = request.params;
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, `/requests/${id}`);
    const form = formIn(request.body, limits);
    const view = isActionKind(kind) ? await viewFor(id, session) : null;
    if (view === null || !isActionKind(kind)) return notFound(reply, session);

    const typed: Typed = { action: kind, form: formOf(kind, form), values: form, errors: [] };
    const refuse = async (status: number, words: string, errors: Typed['errors']) => {
      // Looked at again: what was refused may be so because of what happened meanwhile.
      const now = await viewFor(id, session);
      if (now === null) return notFound(reply, session);
      const message = { kind: 'refused' as const, words };
      return show(reply, status, { view: now, session, message, typed: { ...typed, errors } });
    };

    if (!isSame(textOf(form, '_csrf') ?? '', session.csrf)) {
      request.log.warn({ cause: 'formToken', person: session.person.id, request: id }, 'form refused');
      return refuse(403, STALE_FORM, []);
    }
    const people = ports.people();
    const read = readAction(kind, form, {
      view,
      session,
      now: ports.now(),
      isPerson: (person) => people.some((candidate) => candidate.id === person),
    });
    if (read.kind === 'invalid')
      return refuse(422, 'Nothing was recorded yet: please look at this again.', read.errors);

    const result: ActionResult = await ports.act(id, read.action);
    switch (result.kind) {
      case 'done':
        visitors.sessions.leaveFlash(session, { request: id, kind });
        return reply.redirect(`/requests/${id}`, 303);
      case 'refused':
        return refuse(result.errors.length > 0 ? 422 : 409, result.words, result.errors);
      case 'notFound':
        return notFound(reply, session);
      case 'unavailable':
        reply.header('retry-after', '5');
        return refuse(503, 'This could not be recorded right now, so nothing was done. Please try again.', []);
    }
  });
}
