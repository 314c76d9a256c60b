/** test/store/sqlite.test.ts: the contract on SQLite. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../src/store/sqlite.ts';
import { fold, NOON, signer } from '../contract/requests.ts';
import { storeContract } from '../contract/store.ts';

const clock = () => NOON;

storeContract('SQLite in memory', async () => {
  const store = await openSqlite({ file: ':memory:', signer, fold, clock });
  return { store, close: () => store.close() };
});

storeContract('SQLite on a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  const open = () => openSqlite({ file: join(folder, 'a.db'), signer, fold, clock });
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
