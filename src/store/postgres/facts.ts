/**
 * src/store/postgres/facts.ts: what a PostgreSQL is like, for whoever sets it up. One connection, a few reads, nothing
 * changed. What a server that only speaks the protocol doesn't know is null.
 */
import pg from 'pg';
import type { Instant } from '../../engine/definition.ts';
import { StoreUnavailableError } from '../port.ts';
import { clientConfig, POOL_MAX, told, troubleOf } from './connection.ts';

/** What one bot opens at most: its pool, and LISTEN. */
export const CONNECTIONS = POOL_MAX + 1;

export interface PostgresFacts {
  /** As the server words it: `PostgreSQL 17.2 on …`. */
  readonly name: string;
  /** `170002`. */
  readonly version: number | null;
  readonly encoding: string | null;
  /** It replays another server's log. */
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  readonly fsync: string | null;
  /** The newest step of the schema that is there; null: none. */
  readonly schema: number | null;
  /** Whether the user may make tables. */
  readonly mayCreate: boolean;
  /** The server's clock minus ours, in milliseconds. */
  readonly clockAheadMs: number;
  readonly roundTripMs: number;
  /** Of all that may come in, how many more can; null: it doesn't say. This connection counts as free. */
  readonly freeConnections: number | null;
  readonly maxConnections: number | null;
  readonly hasNotify: boolean;
}

export interface PostgresTrouble {
  readonly message: string;
  readonly advice: string;
}

/**
 * @param now our own wall clock
 * @returns a trouble where it can't be asked. No text has the password.
 */
export async function lookAtPostgres(url: string, now: () => Instant): Promise<PostgresFacts | PostgresTrouble> {
  const client = new pg.Client(clientConfig(url));
  client.on('error', () => {}); // the statement under way tells
  try {
    await client.connect();
    return await look(client, now);
  } catch (error) {
    const known = told(error);
    if (!(known instanceof StoreUnavailableError) || !(error instanceof Error)) throw error;
    return { message: known.message, advice: troubleOf(error).advice };
  } finally {
    client.end().catch(() => {}); // it never came up
  }
}

async function look(client: pg.Client, now: () => Instant): Promise<PostgresFacts> {
  /** The first column of the first row; null where the server has no such thing. */
  const one = async (text: string): Promise<unknown> => {
    try {
      const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
      return rows[0]?.[0] ?? null;
    } catch (error) {
      if (error instanceof pg.DatabaseError && /^(42|0A)/.test(error.code ?? '')) return null;
      throw error;
    }
  };
  const number = async (text: string): Promise<number | null> => {
    const value = await one(text);
    return value === null || Number.isNaN(Number(value)) ? null : Number(value);
  };
  const setting = (name: string): Promise<unknown> => one(`select setting from pg_settings where name = '${name}'`);
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

  const name = text(await one('select version()')) ?? 'a server without a name';
  const asked = now();
  const there = await number('select (extract(epoch from clock_timestamp()) * 1000)::bigint');
  const answered = now();
  const hasTables =
    (await one(`select 1 from information_schema.tables where table_name = 'migrations'
    and table_schema = current_schema()`)) !== null;
  const maxConnections = await number(`select setting from pg_settings where name = 'max_connections'`);
  return {
    name,
    version: await number(`select setting from pg_settings where name = 'server_version_num'`),
    encoding: text(await setting('server_encoding')),
    isStandby: (await one('select pg_is_in_recovery()')) === true,
    isReadOnly: (await one('show transaction_read_only')) === 'on',
    fsync: text(await setting('fsync')),
    schema: hasTables ? await number('select max(version) from migrations') : null,
    mayCreate: (await one(`select has_schema_privilege(current_schema(), 'CREATE')`)) !== false,
    clockAheadMs: there === null ? 0 : there - (asked + answered) / 2,
    roundTripMs: answered - asked,
    maxConnections,
    freeConnections: await freeOf(number, maxConnections),
    hasNotify: (await one(`select 1 from pg_proc where proname = 'pg_notify'`)) !== null,
  };
}

/** The least of what the server, the database and the role leave. */
async function freeOf(
  number: (text: string) => Promise<number | null>,
  maxConnections: number | null,
): Promise<number | null> {
  if (maxConnections === null) return null;
  const reserved =
    (await number(`select sum(setting::int) from pg_settings
    where name in ('superuser_reserved_connections', 'reserved_connections')`)) ?? 0;
  const left = async (limit: number | null, whose: string): Promise<number> => {
    if (limit === null || limit < 0) return Number.POSITIVE_INFINITY;
    const taken =
      (await number(`select count(*) from pg_stat_activity where ${whose} and pid <> pg_backend_pid()`)) ?? 0;
    return limit - taken;
  };
  const ofServer = await left(maxConnections - reserved, `backend_type = 'client backend'`);
  const ofDatabase = await left(
    await number('select datconnlimit from pg_database where datname = current_database()'),
    'datname = current_database()',
  );
  const ofRole = await left(
    await number('select rolconnlimit from pg_roles where rolname = current_user'),
    'usename = current_user',
  );
  return Math.max(0, Math.min(ofServer, ofDatabase, ofRole));
}
