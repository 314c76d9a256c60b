/** src/store/open.ts: the store that `DATABASE_URL` names. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Store } from './port.ts';
import { openSqlite, type SqliteOptions } from './sqlite.ts';

/** The value of `DATABASE_URL` names no store that this program has. */
export class DatabaseUrlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DatabaseUrlError';
  }
}

/**
 * @param databaseUrl `sqlite:./data/countersign.db` (its folder is made, closed to other users) or `sqlite::memory:`.
 * @throws DatabaseUrlError, and what openSqlite throws.
 */
export async function openStore(databaseUrl: string, options: Omit<SqliteOptions, 'file'>): Promise<Store> {
  const file = sqliteFile(databaseUrl);
  if (file !== ':memory:' && options.readOnly !== true) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return openSqlite({ ...options, file });
}

function sqliteFile(databaseUrl: string): string {
  const file = /^sqlite:(.+)$/.exec(databaseUrl)?.[1];
  // The URL itself may carry a password, so the message shows only its scheme.
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(databaseUrl)?.[0];
  if (file === undefined)
    throw new DatabaseUrlError(
      `DATABASE_URL must be sqlite:FILE or sqlite::memory:${scheme === undefined ? '' : `, not ${scheme}:…`}`,
    );
  return file;
}
