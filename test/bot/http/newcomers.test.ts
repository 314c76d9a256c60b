/** test/bot/http/newcomers.test.ts: callers who come at once are all let in before the first of them is worked for. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { letNewcomersIn } from '../../../src/bot/http/newcomers.ts';
import { NEWCOMER_TURNS } from '../../../src/bot/limits.ts';

/** A server whose every answer takes as long as work does, and what it was asked, in order. */
async function openShop() {
  const heard: string[] = [];
  const app = Fastify({ forceCloseConnections: true });
  letNewcomersIn(app);
  app.get('/:caller', async ({ params }) => {
    heard.push(JSON.stringify(params));
    const until = performance.now() + 2;
    while (performance.now() < until); // nobody is let in meanwhile
    return 'done';
  });
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  const callers: Socket[] = [];
  onTestFinished(async () => {
    for (const caller of callers) caller.destroy();
    await app.close();
  });
  const come = (name: string): Socket => {
    const caller = connect(port, '127.0.0.1');
    caller.write(ask(name));
    callers.push(caller);
    return caller;
  };
  return { heard, come };
}

const ask = (name: string) => `GET /${name} HTTP/1.1\r\nHost: shop\r\n\r\n`;
const nameOf = (line: string | undefined): unknown => JSON.parse(line ?? '{}').caller;

it('lets in everybody who comes at once before anybody is heard a second time', async () => {
  const { heard, come } = await openShop();
  const size = 20;
  const names = Array.from({ length: size }, (_, i) => `caller-${i}`);
  const callers = names.map((name) => {
    const caller = come(name);
    let left = 4;
    // Asks again as soon as it is answered: whoever is in keeps the server busy.
    caller.on('data', () => void (--left > 0 && caller.write(ask(name))));
    return caller;
  });
  await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(size * 4);
  expect(new Set(heard.slice(0, size).map(nameOf))).toEqual(new Set(names));
  expect(callers.every(({ destroyed }) => !destroyed)).toBe(true);
});

it('goes on working while ever more come', async () => {
  const { heard, come } = await openShop();
  const first = come('first');
  // A newcomer for each one that is let in, so that there is always one at the door.
  let left = NEWCOMER_TURNS * 3;
  const another = (): void => {
    left -= 1;
    if (left > 0) come('next').once('connect', another);
  };
  another();
  another();
  await once(first, 'data');
  expect(nameOf(heard[0])).toBe('first');
  expect(left).toBeGreaterThan(0);
});
