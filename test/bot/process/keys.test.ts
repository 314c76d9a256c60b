import { statSync } from 'node:fs';
import { join } from 'node:path';
import { compactVerify, createLocalJWKSet } from 'jose';
import { expect, it } from 'vitest';
import { deriveKeys } from '../../../src/bot/keys.ts';
import { startTestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

it('without COUNTERSIGN_SECRET a secret is made once, kept beside the database for its owner alone, and never logged', async () => {
  const options = { config: GATES, env: { COUNTERSIGN_SECRET: '', LOG_LEVEL: 'trace' } };
  const first = await startTestBot(options);
  const { id } = await first.opened({ gate: 'deploy' });
  await first.vote(id, 'ana');
  const { receipt } = (await first.call('GET', `/v1/requests/${id}/receipt`)).json;
  const file = join(first.folder, 'countersign.db.secret');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await first.stop();
  const second = await startTestBot({ ...options, folder: first.folder });
  try {
    const keys = createLocalJWKSet((await second.call('GET', '/.well-known/jwks.json')).json);
    await expect(compactVerify(receipt, keys)).resolves.toBeDefined();
  } finally {
    await second.end();
  }
});

it('every use has a key of its own, and another secret gives other keys', () => {
  const [one, two] = [deriveKeys('a'.repeat(32)), deriveKeys('b'.repeat(32))];
  const publicPart = (keys: typeof one) =>
    keys.receiptPublicKeys[0].export({ format: 'der', type: 'spki' }).toString('hex');
  expect(publicPart(one)).toBe(publicPart(deriveKeys('a'.repeat(32))));
  expect(publicPart(one)).not.toBe(publicPart(two));
  expect(one.cookieSecret).not.toBe(two.cookieSecret);
  expect(one.checkpoints.verify('text', one.checkpoints.sign('text'))).toBe(true);
  expect(one.checkpoints.verify('text!', one.checkpoints.sign('text'))).toBe(false);
  expect(two.checkpoints.verify('text', one.checkpoints.sign('text'))).toBe(false);
});

it('after a change of the secret the old one still verifies, and signs nothing', () => {
  const [old, other] = ['a'.repeat(32), 'c'.repeat(32)];
  const before = deriveKeys(old);
  const after = deriveKeys('b'.repeat(32), [other, old]);
  expect(after.checkpoints.verify('text', before.checkpoints.sign('text'))).toBe(true);
  expect(before.checkpoints.verify('text', after.checkpoints.sign('text'))).toBe(false);
  expect(after.checkpoints.verify('text', deriveKeys('d'.repeat(32)).checkpoints.sign('text'))).toBe(false);
  expect(after.receiptPublicKeys).toHaveLength(3);
  expect(after.receiptPublicKeys.some((key) => key.equals(before.receiptPublicKeys[0]))).toBe(true);
  expect(after.cookieSecret).not.toBe(before.cookieSecret);
});
