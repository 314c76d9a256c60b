/** test/store/postgres.test.ts: the contract on PostgreSQL, with LISTEN and by reading the log. */
import { openPostgres } from '../../src/store/postgres.ts';
import { fold, NOON, signer } from '../contract/requests.ts';
import { storeContract } from '../contract/store.ts';
import { createDatabase } from '../fake/postgres-database.ts';

for (const listen of [true, false])
  storeContract(listen ? 'PostgreSQL' : 'PostgreSQL without LISTEN', async () => {
    const database = await createDatabase();
    const open = () => openPostgres({ url: database.url, signer, fold, clock: () => NOON, listen });
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
        await database.drop();
      },
    };
  });
