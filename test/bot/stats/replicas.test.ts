import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fold } from '../../../src/engine/evolve.ts';
import type { PostgresStore } from '../../../src/store/postgres/store.ts';
import { openPostgres } from '../../../src/store/postgres.ts';
import { signer } from '../../contract/requests.ts';
import { createDatabase, type TestDatabase } from '../../fake/postgres-database.ts';
import { House, MINUTE, weeksOf } from './house.ts';

const MONDAY = '2026-03-02T09:00:00Z';

let database: TestDatabase;
let stores: readonly PostgresStore[];
beforeEach(async () => {
  database = await createDatabase();
  const clock = () => Date.parse(MONDAY);
  stores = await Promise.all([0, 1, 2].map(() => openPostgres({ url: database.url, signer, fold, clock })));
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

describe('replicas on one PostgreSQL', () => {
  it('all come to the same figures while all of them open, vote, count and write', async () => {
    const houses = await Promise.all(stores.map((store) => House.open(MONDAY, store)));
    const projections = houses.map((house) => house.projection());
    for (let round = 0; round < 6; round++) {
      await Promise.all(
        houses.map(async (house, i) => {
          const ids = await Promise.all(['plain', 'two', 'chain'].map((gate) => house.ask(gate)));
          house.now += (i + 1) * 5 * MINUTE;
          for (const id of ids) await house.vote(id, 'ana');
          await projections[i]?.advance(7);
          await projections[i]?.save();
        }),
      );
    }
    const [house] = houses;
    const latest = Math.max(...houses.map(({ now }) => now));
    const expected = (await house?.report())?.gates.map(({ name, total }) => [name, total.opened]);
    expect(expected).toEqual([
      ['chain', 18],
      ['plain', 18],
      ['two', 18],
    ]);
    const texts = [];
    for (const projection of [...projections, house?.projection()]) {
      if (projection === undefined) continue;
      while (await projection.advance(1_000));
      await projection.save();
      while (await projection.advance(1_000));
      texts.push(await weeksOf(projection, latest));
    }
    expect(new Set(texts.map((text) => JSON.stringify(text))).size).toBe(1);
    expect(JSON.stringify(texts[0])).toContain('approved.votes');
  });
});
