/** test/fake/postgres-database.ts: an empty database on the run's server, gone when the caller is done with it. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export interface TestDatabase {
  readonly url: string;
  /** One statement as its superuser, on a connection of its own. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** @param options as `CREATE DATABASE` takes them: `encoding 'LATIN1' …` */
export async function createDatabase(options = '', server = inject('postgresUrl')): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await run(server, `create database ${name} ${options}`);
  return {
    url: url.href,
    sql: (text, values) => run(url.href, text, values),
    drop: async () => void (await run(server, `drop database ${name} with (force)`)),
  };
}

async function run<Row extends pg.QueryResultRow>(url: string, text: string, values?: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the statement's own promise tells
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
