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

export interface StoreOptions extends Omit<SqliteOptions, 'file'> {
  /** On PostgreSQL: how long a claim holds without being renewed. */
  readonly leaseMs?: number;
}

/**
 * @param databaseUrl `sqlite:./data/countersign.db` (its folder is made, closed to other users), `sqlite::memory:`, or
 *   `postgres://user:password@host/database`, whose own time then is the store's clock.
 * @throws DatabaseUrlError, and what openSqlite or openPostgres throws.
 */
export async function openStore(databaseUrl: string, options: StoreOptions): Promise<Store> {
  if (/^postgres(ql)?:/i.test(databaseUrl)) {
    // What is wrong with it is not told in detail: the URL may carry a password.
    if (!URL.canParse(databaseUrl))
      throw new DatabaseUrlError(
        'DATABASE_URL is no valid address; special characters in its password must be percent-encoded.',
      );
    const { openPostgres } = await import('./postgres.ts');
    const { clock: _own, ...others } = options;
    return openPostgres({ url: databaseUrl, ...others });
  }
  const file = sqliteFile(databaseUrl);
  if (file !== ':memory:' && options.readOnly !== true) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const { leaseMs: _claimsLiveInMemory, ...others } = options;
  return openSqlite({ ...others, file });
}

function sqliteFile(databaseUrl: string): string {
  const file = /^sqlite:(.+)$/.exec(databaseUrl)?.[1];
  // The URL itself may carry a password, so the message shows only its scheme.
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(databaseUrl)?.[0];
  if (file === undefined)
    throw new DatabaseUrlError(
      `DATABASE_URL must be sqlite:FILE, sqlite::memory: or postgres://…${scheme === undefined ? '' : `, not ${scheme}:…`}`,
    );
  return file;
}
