/** src/store/sqlite.ts: opens a store on one SQLite file, or in memory. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Kysely, SqliteDialect } from 'kysely';
import type { Instant } from '../engine/definition.ts';
import { migrate, requireNewest } from './migrations.ts';
import type { Checkpoint, CheckpointSigner, Store } from './port.ts';
import type { Database } from './schema.ts';
import type { Fold } from './snapshot.ts';
import { type Connection, connect } from './sqlite/connection.ts';
import { lock } from './sqlite/lock.ts';
import { type SqliteParts, SqliteStore } from './sqlite/store.ts';

export { StoreVersionError } from './migrations.ts';
export { StoreLockedError } from './sqlite/lock.ts';

export interface SqliteOptions {
  /** A path in a folder that exists, or `:memory:`. */
  readonly file: string;
  readonly signer: CheckpointSigner;
  /** The engine's: what a request's events lead to. Its first state is folded from its opening, not stored. */
  readonly fold: Fold;
  readonly clock: () => Instant;
  /** One line each, for the log: a listener that threw, a row that can't be read. */
  readonly onWarning?: (message: string) => void;
  /** Told of each checkpoint after its commit, so that it can leave the database. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /** Takes no lock and never writes, so it works beside a running bot and when none runs. Not for `:memory:`. */
  readonly readOnly?: boolean;
}

/**
 * @throws StoreLockedError when another process has the file.
 * @throws StoreVersionError when a newer Countersign wrote it.
 */
export async function openSqlite(options: SqliteOptions): Promise<Store> {
  const { file, signer, fold, clock, onWarning: warn = () => {}, onCheckpoint = () => {}, readOnly = false } = options;
  const inMemory = file === ':memory:';
  const unlock = inMemory || readOnly ? () => {} : lock(file);
  let db: Kysely<Database> | null = null;
  try {
    const connection = connect(file, inMemory ? 'memory' : readOnly ? 'read' : 'write');
    db = kyselyOn(connection);
    if (readOnly) await requireNewest(db);
    else await migrate(db, clock());
    const opened = db;
    const parts: SqliteParts = {
      connection,
      db,
      readOnly,
      signer,
      fold,
      clock,
      warn,
      onCheckpoint,
      // In memory there is no second connection: reading without a pause lets no commit in between.
      snapshot: (read) => (inMemory ? read(opened, async () => {}) : readAside(file, read)),
      release: async () => {
        await opened.destroy();
        unlock();
      },
    };
    return new SqliteStore(parts);
  } catch (error) {
    await db?.destroy();
    unlock();
    throw error;
  }
}

function kyselyOn(connection: Connection): Kysely<Database> {
  return new Kysely<Database>({ dialect: new SqliteDialect({ database: connection }) });
}

/** A second connection that sees the file as it is now, while the first goes on committing. */
async function readAside<Result>(
  file: string,
  read: (db: Kysely<Database>, pause: () => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const db = kyselyOn(connect(file, 'read'));
  try {
    return await db.transaction().execute((transaction) => read(transaction, () => nextTurn()));
  } finally {
    await db.destroy();
  }
}
