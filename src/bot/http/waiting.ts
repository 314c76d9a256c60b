/** src/bot/http/waiting.ts: holding an answer until a request is decided. The commit wakes it; it costs no query. */
import type { FastifyRequest } from 'fastify';
import type { RequestState } from '../../engine/request.ts';
import type { Api } from './api.ts';
import { unavailable } from './problem.ts';

/**
 * The request once it is decided, or as it is when the time is over, the caller hangs up or the process stops.
 * @throws 503 when too many wait already
 */
export async function decided(
  api: Api,
  state: RequestState,
  seconds: number,
  request: FastifyRequest,
): Promise<RequestState> {
  if (state.status !== 'pending' || api.stopping.aborted) return state;
  const { waiters, stopping, store } = api;
  const { id, pipeline } = state.content;
  if (waiters.isFullFor(pipeline)) throw unavailable('Too many callers wait already.', 10);
  return new Promise((resolve) => {
    let newest: RequestState = state;
    const done = (): void => {
      clearTimeout(timer);
      unsubscribe();
      stopping.removeEventListener('abort', done);
      request.raw.socket.removeListener('close', done);
      resolve(newest);
    };
    const timer = setTimeout(done, seconds * 1000);
    const unsubscribe = waiters.subscribe(id, pipeline, (committed) => {
      newest = committed.state;
      if (newest.status !== 'pending') done();
    });
    stopping.addEventListener('abort', done);
    request.raw.socket.once('close', done);
    if (request.raw.socket.destroyed) return done(); // hung up while the request was loaded
    // What was committed between the caller's load and the subscription has woken nobody.
    store.load(id).then((current) => {
      if (current === null || current.version <= newest.version) return;
      newest = current;
      if (newest.status !== 'pending') done();
    }, done);
  });
}
