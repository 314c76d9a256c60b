/** src/store/postgres.ts: opens a store on one PostgreSQL database, beside as many other processes as one likes. */
import { randomBytes } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { Instant } from '../engine/definition.ts';
import { Definitions, LiveRequests } from './memory.ts';
import { migrate, requireNewest } from './migrations.ts';
import { type Checkpoint, type CheckpointSigner, UnsuitableDatabaseError } from './port.ts';
import { DatabaseClock } from './postgres/clock.ts';
import { createListener, createPool, POOL_MAX, saysMade, told } from './postgres/connection.ts';
import { IN_FLIGHT } from './postgres/group-commit.ts';
import { LEASE_MS } from './postgres/outbox.ts';
import * as statements from './postgres/statements.ts';
import { PostgresStore } from './postgres/store.ts';
import { Tail } from './postgres/tail.ts';
import type { Database } from './schema.ts';
import type { Fold } from './snapshot.ts';

/** Characters of JSON kept as live requests: a few thousand usual ones, some 20 MiB. */
const LIVE_LIMIT = 4_000_000;
/** https://www.postgresql.org/support/versioning/ */
export const OLDEST_VERSION = 13;

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database?sslmode=…` Never shown anywhere. */
  readonly url: string;
  readonly signer: CheckpointSigner;
  /** The engine's: what a request's events lead to. */
  readonly fold: Fold;
  /** By default the database's own time, which all replicas share. */
  readonly clock?: () => Instant;
  readonly onWarning?: (message: string) => void;
  /** Told of each checkpoint that this process wrote, after its commit. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /** Never writes, nor migrates. */
  readonly readOnly?: boolean;
  /** false: other replicas are followed by reading the log, as on a database without NOTIFY. */
  readonly listen?: boolean;
  /** How long a claim holds without being renewed. */
  readonly leaseMs?: number;
}

/**
 * @throws StoreUnavailableError when the database can't be reached or used.
 * @throws UnsuitableDatabaseError when it is too old, or not in UTF-8.
 * @throws StoreVersionError when a newer Countersign wrote it.
 */
export async function openPostgres(options: PostgresOptions): Promise<PostgresStore> {
  const {
    url,
    signer,
    fold,
    onWarning: warn = () => {},
    readOnly = false,
    listen = true,
    leaseMs = LEASE_MS,
  } = options;
  const onIdleError = (error: Error): void => warn(`A connection to the database was lost: ${error.message}`);
  const commits = createPool(url, IN_FLIGHT, onIdleError);
  const reads = createPool(url, POOL_MAX - IN_FLIGHT, onIdleError);
  // Kysely would end the pool itself; it is ours.
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: reads }) });
  const release = async (): Promise<void> => void (await Promise.all([commits.end(), reads.end()]));
  try {
    const hasNotify = await requireSuitable(reads, warn);
    const databaseClock = options.clock === undefined ? new DatabaseClock(() => timeOf(reads)) : null;
    await databaseClock?.measure();
    const clock = options.clock ?? databaseClock?.now ?? Date.now;
    if (readOnly) await requireNewest(db);
    else await migrate(db, clock(), 'postgres', saysMade);
    const position = await endOf(reads, warn);
    return new PostgresStore({
      shared: {
        commits,
        reads,
        signer,
        fold,
        clock,
        warn,
        live: new LiveRequests(LIVE_LIMIT),
        definitions: new Definitions(() => undefined),
        tail: new Tail(),
        origin: randomBytes(9).toString('base64url'),
      },
      db,
      onCheckpoint: options.onCheckpoint ?? (() => {}),
      readOnly,
      listener: listen && hasNotify ? () => createListener(url) : null,
      position,
      leaseMs,
      databaseClock,
      release,
    });
  } catch (error) {
    await release();
    throw told(error);
  }
}

async function timeOf(pool: pg.Pool): Promise<Instant> {
  const { rows } = await pool.query<{ now: Instant }>(statements.time());
  const now = rows[0]?.now;
  if (now === undefined) throw new Error('The database told no time.');
  return now;
}

/** Returns whether replicas can tell each other by NOTIFY; some that speak PostgreSQL's protocol have none. */
async function requireSuitable(pool: pg.Pool, warn: (message: string) => void): Promise<boolean> {
  const { rows } = await pool.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings where name in ('server_version_num', 'server_encoding', 'fsync')`,
  );
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  const version = Math.trunc(Number(settings.get('server_version_num') ?? OLDEST_VERSION * 10_000) / 10_000);
  if (version < OLDEST_VERSION)
    throw new UnsuitableDatabaseError(`PostgreSQL ${OLDEST_VERSION} or newer is needed; this is ${version}.`);
  const encoding = settings.get('server_encoding') ?? 'UTF8';
  if (encoding !== 'UTF8')
    throw new UnsuitableDatabaseError(
      `The database must be in UTF-8, and is in ${encoding}: it can't hold every text.`,
    );
  if (settings.get('fsync') === 'off')
    warn('The database runs with fsync off: what it says is kept does not survive a power failure.');
  const found = await pool.query<{ has_notify: boolean }>(
    `select exists (select 1 from pg_proc where proname = 'pg_notify') as has_notify`,
  );
  return found.rows[0]?.has_notify === true;
}

async function endOf(pool: pg.Pool, warn: (message: string) => void): Promise<number> {
  const { rows } = await pool.query<{ position: number; checkpoint_size: number }>(statements.logEnd());
  const end = rows[0];
  if (end === undefined) throw new UnsuitableDatabaseError('The end of the log is missing in the database.');
  const last = await pool.query<{ seq: number }>('select seq from events order by seq desc limit 1');
  const position = last.rows[0]?.seq ?? 0;
  if (end.checkpoint_size > position)
    warn(
      `The log ends at event ${position}, but ${end.checkpoint_size} were signed: events were removed. Run \`countersign audit verify\`.`,
    );
  return end.position;
}
