/**
 * test/e2e/crash-worker.ts: the process that crash.test.ts kills. Many loops open, change, deliver and sign at once;
 * each writes what it was promised to stdout, one line a fact, after the promise and not before.
 * Arguments: the database file, and a prefix that no other run uses.
 */
import { openSqlite } from '../../src/store/sqlite.ts';
import { closed, commented, delivery, fold, NOON, opening, recording, signer } from '../contract/requests.ts';

const LOOPS = 24;

const [file = '', run = ''] = process.argv.slice(2);
const store = await openSqlite({ file, signer, fold, clock: () => NOON });
// A pipe is written synchronously, so a line is with the parent when this returns.
const acknowledge = (...fact: (string | number)[]): void => {
  process.stdout.write(`${fact.join(' ')}\n`);
};
acknowledge('ready');

let count = 0;
async function hammer(): Promise<never> {
  for (;;) {
    const id = `req_${run}_${String(++count).padStart(6, '0')}`;
    const callback = { id: `dlv_${id}`, kind: 'callback', target: `callback:${count % 7}` } as const;
    const idempotency = { pipeline: 'ci', key: id, bodyDigest: id };
    const content = { supersedes: count % 3 === 0 ? `key-${count % 5}` : null };
    await store.open(opening(id, { idempotency, content, deliveries: [delivery(id, callback)] }));
    acknowledge('opened', id);
    const version = await store.change(id, (state) =>
      state.status === 'pending' ? recording([commented('a'), commented('b')])(state) : { kind: 'none', answer: 1 },
    );
    acknowledge('version', id, version ?? 0);
    const [claimed] = await store.claim(NOON, 1);
    if (claimed !== undefined) {
      await store.settle(claimed, { kind: 'sent', receipt: { status: 200 }, shownVersion: null });
      acknowledge('sent', claimed.id, claimed.request);
    }
    const status = await store.change(id, (state) => {
      if (state.status !== 'pending') return { kind: 'none', answer: state.status };
      const change = recording([closed('approved')])(state);
      return change.kind === 'none' ? { kind: 'none', answer: state.status } : { ...change, answer: 'approved' };
    });
    acknowledge('status', id, status ?? '');
    if (count % 50 === 0) {
      const signed = await store.checkpoint(NOON);
      if (signed !== null) acknowledge('checkpoint', JSON.stringify(signed));
    }
  }
}
await Promise.all(Array.from({ length: LOOPS }, hammer));
