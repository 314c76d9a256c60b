/** src/bot/clicks.ts: whether somebody is waiting for the answer to a click in a chat right now. */
import type { FastifyInstance } from 'fastify';

type Door = (app: FastifyInstance) => Promise<void>;

export interface Clicks {
  /** The same door, whose calls are counted while they are under way. */
  counted(door: Door): Door;
  areUnderWay(): boolean;
}

export function createClicks(): Clicks {
  let underWay = 0;
  return {
    counted: (door) => async (app) => {
      app.addHook('onRequest', (_request, reply, done) => {
        underWay += 1;
        reply.raw.once('close', () => {
          underWay -= 1;
        });
        done();
      });
      await door(app);
    },
    areUnderWay: () => underWay > 0,
  };
}
