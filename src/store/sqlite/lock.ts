/**
 * src/store/sqlite/lock.ts: one process per database file. The lock is an exclusive transaction on a small database
 * beside it, which is to say an operating system's file lock: it dies with the process, even at kill -9, so a stale
 * one can never block a restart.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { closeToOthers, saysUnavailable } from './connection.ts';

/** Another process has the file open. Nothing was touched. */
export class StoreLockedError extends Error {
  readonly file: string;
  constructor(file: string, options?: ErrorOptions) {
    super(`Another Countersign process uses ${file}: stop it first, or point DATABASE_URL at another file.`, options);
    this.name = 'StoreLockedError';
    this.file = file;
  }
}

/**
 * Links are followed first, so that two names of one file make one lock.
 * @returns what lets go of the lock.
 * @throws StoreLockedError
 */
export function lock(file: string): () => void {
  const path = existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
  closeToOthers(`${path}.lock`);
  const holder = new Sqlite(`${path}.lock`, { timeout: 0 });
  try {
    holder.pragma('journal_mode = MEMORY');
    holder.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    holder.close();
    if (saysUnavailable(error)) throw new StoreLockedError(file, { cause: error });
    throw error;
  }
  return () => holder.close();
}
