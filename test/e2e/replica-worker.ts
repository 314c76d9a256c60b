/** test/e2e/replica-worker.ts: one replica of the real bot, until replicas.test.ts kills it. */
import { startBot } from '../../src/bot/main.ts';

/** A killed replica's claims are taken over after this; 30 s would make the test wait for nothing else. */
const CLAIM_LEASE_MS = 4_000;

await startBot({ env: process.env, claimLeaseMs: CLAIM_LEASE_MS });
process.stdout.write('ready\n');
