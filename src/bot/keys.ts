/**
 * src/bot/keys.ts: what is derived from COUNTERSIGN_SECRET. Each use has a key of its own (HKDF-SHA256, RFC 5869), so
 * that none can stand in for another: Ed25519 for receipts and checkpoints, a text key for cookies.
 */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CheckpointSigner } from '../store/port.ts';

export interface Keys {
  readonly receiptKey: KeyObject;
  /** That of `receiptKey`, then those of older secrets. */
  readonly receiptPublicKeys: readonly [KeyObject, ...KeyObject[]];
  readonly cookieSecret: string;
  readonly checkpoints: CheckpointSigner;
}

/** The DER frame of an Ed25519 private key (RFC 8410), which the 32 bytes of the seed follow. */
const ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

const derive = (secret: string, use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, 'countersign', use, 32));

const ed25519 = (secret: string, use: string): KeyObject =>
  createPrivateKey({ key: Buffer.concat([ED25519_PREFIX, derive(secret, use)]), format: 'der', type: 'pkcs8' });

/** @param old what the secret was before: with them checkpoints and receipts from then are still verified */
export function deriveKeys(secret: string, old: readonly string[] = []): Keys {
  const receiptKey = ed25519(secret, 'receipts');
  const checkpointKey = ed25519(secret, 'checkpoints');
  const before = (use: string): KeyObject[] => old.map((each) => createPublicKey(ed25519(each, use)));
  const checkpointPublicKeys = [createPublicKey(checkpointKey), ...before('checkpoints')];
  return {
    receiptKey,
    receiptPublicKeys: [createPublicKey(receiptKey), ...before('receipts')],
    cookieSecret: derive(secret, 'cookies').toString('base64url'),
    checkpoints: {
      sign: (text) => sign(null, Buffer.from(text), checkpointKey).toString('base64url'),
      verify: (text, signature) =>
        checkpointPublicKeys.some((key) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))),
    },
  };
}

/** The file of a `sqlite:` URL; null where the database is no file. */
export function databaseFileOf(databaseUrl: string): string | null {
  const file = /^sqlite:(.+)$/.exec(databaseUrl)?.[1] ?? ':memory:';
  return file === ':memory:' ? null : file;
}

/**
 * The configured secret, or for development one that is made once and kept beside the database (mode 0600). Production
 * never comes here without a secret: the environment refuses it.
 */
export function secretFor(configured: string | null, databaseFile: string | null): string {
  if (configured !== null) return configured;
  if (databaseFile === null) return randomBytes(32).toString('base64url');
  const file = `${databaseFile}.secret`;
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  }
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8').trim();
}
