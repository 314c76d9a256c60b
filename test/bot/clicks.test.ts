/** test/bot/clicks.test.ts: whether somebody is waiting for the answer to a click. */
import { connect } from 'node:net';
import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { createClicks } from '../../src/bot/clicks.ts';
import { until } from './dispatch-parts.ts';

/** A door that answers when it is told to. */
async function openDoor() {
  const clicks = createClicks();
  const app = Fastify({ forceCloseConnections: true });
  let answer = () => {};
  const door = clicks.counted(async (scope) => {
    scope.get('/click', () => new Promise((resolve) => (answer = () => resolve('done'))));
  });
  await app.register(async (scope) => door(scope));
  app.get('/elsewhere', async () => clicks.areUnderWay());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  return { clicks, url, answer: () => answer() };
}

it('somebody is, from the call to its answer', async () => {
  const { clicks, url, answer } = await openDoor();
  expect(clicks.areUnderWay()).toBe(false);
  const call = fetch(`${url}/click`);
  await until(() => clicks.areUnderWay());
  answer();
  expect(await (await call).text()).toBe('done');
  await until(() => !clicks.areUnderWay());
});

it('nobody is, once they have hung up', async () => {
  const { clicks, url } = await openDoor();
  const caller = connect(Number(new URL(url).port), '127.0.0.1');
  caller.write('GET /click HTTP/1.1\r\nHost: door\r\n\r\n');
  await until(() => clicks.areUnderWay());
  caller.destroy();
  await until(() => !clicks.areUnderWay());
});

it('calls elsewhere are no clicks', async () => {
  const { url } = await openDoor();
  expect(await (await fetch(`${url}/elsewhere`)).text()).toBe('false');
});
