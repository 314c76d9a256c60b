/**
 * src/store/sqlite/connection.ts: a connection whose settings are what the promises rest on, set and read back each
 * time, because a build or a version may default otherwise (better-sqlite3 drops to synchronous=NORMAL in WAL).
 */
import { closeSync, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';

export type Connection = Sqlite.Database;

interface Setting {
  readonly name: string;
  readonly set: string;
  readonly is: string | number;
}

/** A lock held by a backup or a shell stops the event loop for this long at most; then callers are told to retry. */
const BUSY_TIMEOUT_MS = 500;

const SETTINGS: readonly Setting[] = [
  { name: 'synchronous', set: 'FULL', is: 2 },
  { name: 'foreign_keys', set: 'ON', is: 1 },
  { name: 'busy_timeout', set: String(BUSY_TIMEOUT_MS), is: BUSY_TIMEOUT_MS },
  { name: 'trusted_schema', set: 'OFF', is: 0 },
  // macOS: a plain fsync there does not reach the disk.
  { name: 'fullfsync', set: 'ON', is: 1 },
  { name: 'checkpoint_fullfsync', set: 'ON', is: 1 },
  // 16 MiB of pages, and a WAL of up to 40 MB: at SQLite's 1,000 pages a busy store checkpoints all the time (p99 +50 %).
  { name: 'cache_size', set: '-16384', is: -16_384 },
  { name: 'wal_autocheckpoint', set: '10000', is: 10_000 },
];

/**
 * @param mode `memory` has no file and so no WAL; `read` never writes.
 * @throws Error with one line when a setting does not hold.
 */
export function connect(file: string, mode: 'write' | 'read' | 'memory'): Connection {
  if (mode === 'write') closeToOthers(file);
  const connection = new Sqlite(mode === 'memory' ? ':memory:' : file, {
    readonly: mode === 'read',
    fileMustExist: mode === 'read',
    timeout: BUSY_TIMEOUT_MS,
  });
  try {
    const settings = mode === 'write' ? [{ name: 'journal_mode', set: 'WAL', is: 'wal' }, ...SETTINGS] : SETTINGS;
    for (const { name, set, is } of settings) {
      connection.pragma(`${name} = ${set}`);
      const held = connection.pragma(name, { simple: true });
      if (held !== is) throw new Error(`SQLite did not keep ${name} = ${set} (it says ${String(held)}): ${file}`);
    }
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Made before SQLite makes it, since -wal and -shm take over its permissions. */
export function closeToOthers(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
}

/** SQLite's result codes that say "not now": the disk is full or gone, the file read-only, locked or damaged. */
const UNAVAILABLE = /^SQLITE_(FULL|IOERR|READONLY|BUSY|LOCKED|CANTOPEN|CORRUPT|NOTADB|NOMEM|PROTOCOL|PERM|AUTH)(_|$)/;

export function saysUnavailable(error: unknown): error is Error {
  return error instanceof Sqlite.SqliteError && UNAVAILABLE.test(error.code);
}
