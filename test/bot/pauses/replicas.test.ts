/** Two bots on one PostgreSQL: what one is told, the other heeds, and neither undoes what the other did. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../fake/postgres-database.ts';
import { CI_TOKEN, eventually, startTestBot, type TestBot } from '../bot.ts';
import { PAUSE_GATES } from './house.ts';

let database: TestDatabase;
let one: TestBot;
let two: TestBot;
beforeAll(async () => {
  database = await createDatabase();
  const env = { DATABASE_URL: database.url };
  one = await startTestBot({ config: PAUSE_GATES, env });
  two = await startTestBot({ config: PAUSE_GATES, env });
});
afterAll(async () => {
  await Promise.all([one.end(), two.end()]);
  await database.drop();
});

it('sweep one pause together, each request once', async () => {
  const ids = (await Promise.all(Array.from({ length: 250 }, () => one.opened({ gate: 'deploy' })))).map(
    ({ id }) => id,
  );
  const { json } = await one.call('POST', '/v1/pauses', { gate: 'deploy', reason: 'freeze' });
  await two.tick();
  const all = async (paused: boolean) =>
    (await Promise.all(ids.map((id) => two.store.load(id)))).every(
      (state) => state?.status === 'pending' && (state.paused !== null) === paused,
    );
  await eventually(() => all(true), 'all to be paused');
  await eventually(
    async () => (await two.call('GET', '/v1/pauses')).json.pauses[0]?.id === json.id,
    'the other to hear',
  );
  expect((await two.opened({ gate: 'deploy' })).paused).toBe(true);
  expect((await two.vote(ids[0] ?? '', 'ana')).status).toBe(409);

  // The other one lets it go on; the first hears of it on its next turn.
  expect((await two.call('DELETE', `/v1/pauses/${json.id}`)).status).toBe(200);
  await one.tick();
  await two.tick();
  await eventually(() => all(false), 'all to be resumed');
  await eventually(async () => (await one.call('GET', '/v1/pauses')).json.pauses.length === 0, 'the first to hear');
  const trails = await Promise.all(ids.map(async (id) => (await one.store.events(id)).map(({ type }) => type).join()));
  expect(new Set(trails)).toEqual(new Set(['opened,paused,resumed']));
  expect((await one.vote(ids[0] ?? '', 'ana')).json.status).toBe('approved');
  // The second look comes with a turn of the tick after the first has ended.
  const settled = async () => JSON.parse((await one.store.recall(`pause:${json.id}`)) ?? '{}').settled;
  await eventually(async () => {
    await one.tick();
    return settled();
  }, 'the record');
}, 30_000);

it('agree after both have heard, also on what the slower one still paused in good faith', async () => {
  const { json } = await one.call('POST', '/v1/pauses', { gate: 'never' });
  await two.tick();
  await eventually(async () => (await two.call('GET', '/v1/pauses')).json.pauses.length === 1, 'the other to hear');
  await one.call('DELETE', `/v1/pauses/${json.id}`);
  const { id, paused } = await two.opened({ gate: 'never' });
  expect(paused).toBe(true);
  await two.tick();
  await eventually(async () => !(await two.read(id)).paused, 'the other’s own sweep');
  const headers = { authorization: `Bearer ${CI_TOKEN}` };
  expect(
    (await one.call('POST', `/v1/requests/${id}/votes`, { person: 'ana', option: 'approve' }, headers)).json.status,
  ).toBe('approved');
});
