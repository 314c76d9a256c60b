/**
 * src/bot/http/newcomers.ts: whoever is just connecting is let in before calls are worked on. Node takes in one
 * connection in each turn of its loop (libuv since 1.45). When 32 callers come at once, each turn works for all who are
 * in already, who then ask again, and the last one in waited for a third of a second; letting all in first takes a few
 * milliseconds. It also lets the calls of callers who connect anew each time share their commits.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { NEWCOMER_TURNS } from '../limits.ts';

/** Calls wait while the last turn let somebody in, for `NEWCOMER_TURNS` at most; mostly nobody comes, and none waits. */
export function letNewcomersIn(app: FastifyInstance): void {
  let arrivals = 0;
  let untilQuiet: Promise<void> | null = null;

  async function watch(): Promise<void> {
    await nextTurn(); // what is left of the turn in which somebody came
    let before: number;
    let turns = 0;
    do {
      before = arrivals;
      await nextTurn();
      turns += 1;
    } while (arrivals !== before && turns < NEWCOMER_TURNS);
    untilQuiet = null;
  }

  app.server.on('connection', () => {
    arrivals += 1;
    untilQuiet ??= watch();
  });
  app.addHook('onRequest', (_request, _reply, done) => {
    if (untilQuiet === null) done();
    else void untilQuiet.then(() => done());
  });
}
