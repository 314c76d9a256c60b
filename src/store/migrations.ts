/**
 * src/store/migrations.ts: the schema of both databases, step by step. Forward only: a step that was released is never
 * edited, and only adds, so that older replicas go on beside newer ones. Each runs in a transaction of its own together
 * with its record.
 */
import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely';
import { GENESIS } from './chain.ts';
import type { Database } from './schema.ts';

export type Dialect = 'sqlite' | 'postgres';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly up: (db: Kysely<Database>, dialect: Dialect) => Promise<void>;
}

const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'first schema', up: firstSchema },
  { version: 2, name: 'what channels keep', up: whatChannelsKeep },
];

/** Of one process among many that begin at once. */
const TRIES = 10;

export const NEWEST_VERSION = MIGRATIONS.length;

/** The database was written by a newer Countersign, or (read-only) by an older one that was never started since. */
export class StoreVersionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StoreVersionError';
  }
}

/**
 * Where several processes begin at once, the record's primary key decides: it is written first, so the others wait for
 * that transaction, fail on the key and look again.
 * @param isTaken says whether an error means that somebody else was faster
 * @throws StoreVersionError when the database is newer than this program.
 */
export async function migrate(
  db: Kysely<Database>,
  now: number,
  dialect: Dialect = 'sqlite',
  isTaken: (error: unknown) => boolean = () => false,
): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      return await bringUpToDate(db, now, dialect);
    } catch (error) {
      if (tries === TRIES || !isTaken(error)) throw error;
    }
}

async function bringUpToDate(db: Kysely<Database>, now: number, dialect: Dialect): Promise<void> {
  await db.schema
    .createTable('migrations')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
  const version = await versionOf(db);
  refuseNewer(version);
  for (const migration of MIGRATIONS.slice(version))
    await db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('migrations')
        .values({ version: migration.version, name: migration.name, applied_at: now })
        .execute();
      await migration.up(transaction, dialect);
    });
}

/** For read-only use: nothing is migrated, so the version must be the newest. */
export async function requireNewest(db: Kysely<Database>): Promise<void> {
  const tables = await db.introspection.getTables();
  const version = tables.some((table) => table.name === 'migrations') ? await versionOf(db) : 0;
  refuseNewer(version);
  if (version < NEWEST_VERSION)
    throw new StoreVersionError(
      `The database has version ${version} and needs ${NEWEST_VERSION}: start the bot once to bring it up to date.`,
    );
}

async function versionOf(db: Kysely<Database>): Promise<number> {
  const newest = await db.selectFrom('migrations').select(db.fn.max('version').as('version')).executeTakeFirst();
  return newest?.version ?? 0;
}

function refuseNewer(version: number): void {
  if (version > NEWEST_VERSION)
    throw new StoreVersionError(
      `The database has version ${version}, this program knows up to ${NEWEST_VERSION}: it was written by a newer Countersign.`,
    );
}

async function firstSchema(db: Kysely<Database>, dialect: Dialect): Promise<void> {
  const { schema } = db;
  const onPostgres = dialect === 'postgres';
  // Ids and keys are compared byte by byte, whatever language the database was made for.
  const text = onPostgres ? sql`text collate "C"` : sql`text`;
  const number = onPostgres ? 'bigint' : 'integer';
  // On PostgreSQL each reference is looked up row by row, a fifth of what an opening costs there; what writes these rows
  // writes them together, and `verify` finds what does not belong together.
  const references =
    (column: 'definitions.digest' | 'requests.id') =>
    (builder: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
      onPostgres ? builder.notNull() : builder.notNull().references(column);
  const withoutRowid = onPostgres ? sql`` : sql`without rowid`;
  await schema
    .createTable('meta')
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('value', text, (column) => column.notNull())
    .modifyEnd(withoutRowid)
    .execute();
  await schema
    .createTable('definitions')
    .addColumn('digest', text, (column) => column.primaryKey())
    .addColumn('json', text, (column) => column.notNull())
    .execute();
  // Short columns first: a filter then never reads the overflow pages of the long one.
  await schema
    .createTable('requests')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('pipeline', text, (column) => column.notNull())
    .addColumn('gate', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('version', number, (column) => column.notNull())
    .addColumn('title', text, (column) => column.notNull())
    .addColumn('requester', text)
    .addColumn('supersedes_key', text)
    .addColumn('opened_at', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint')
    .addColumn('definition', text, references('definitions.digest'))
    .addColumn('asked', text, (column) => column.notNull())
    .addColumn('hash', text, (column) => column.notNull())
    .addColumn('progress', text, (column) => column.notNull())
    .execute();
  await sql`create index requests_pending on requests (id) where status = 'pending'`.execute(db);
  await sql`create index requests_due on requests (due_at, id) where due_at is not null`.execute(db);
  await sql`create index requests_superseding on requests (pipeline, supersedes_key)
    where supersedes_key is not null and status = 'pending'`.execute(db);
  await schema
    .createTable('events')
    .addColumn('seq', number, (column) => column.primaryKey())
    .addColumn('request_id', text, references('requests.id'))
    .addColumn('version', number, (column) => column.notNull())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('data', text, (column) => column.notNull())
    .addColumn('hash', text, (column) => column.notNull())
    .addUniqueConstraint('events_of_request', ['request_id', 'version'])
    .execute();
  await schema
    .createTable('asked')
    .addColumn('person', text, (column) => column.notNull())
    .addColumn('request_id', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('asked_key', ['person', 'request_id'])
    .modifyEnd(withoutRowid)
    .execute();
  await schema
    .createTable('idempotency_keys')
    .addColumn('pipeline', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('body_digest', text, (column) => column.notNull())
    .addColumn('request_id', text, references('requests.id'))
    .addPrimaryKeyConstraint('idempotency_keys_key', ['pipeline', 'key'])
    .modifyEnd(withoutRowid)
    .execute();
  await schema
    .createTable('deliveries')
    .addColumn('seq', number, (column) => column.primaryKey())
    .addColumn('id', text, (column) => column.notNull().unique())
    .addColumn('request_id', text, references('requests.id'))
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('channel', text, (column) => column.notNull())
    .addColumn('target', text, (column) => column.notNull())
    .addColumn('payload', text, (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('attempts', number, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('shown_version', number)
    .addColumn('receipt', text)
    .addColumn('last_error', text)
    .execute();
  await sql`create index deliveries_of_request on deliveries (request_id)`.execute(db);
  await sql`create index deliveries_waiting on deliveries (target, due_at, seq, state)
    where state in ('queued', 'failed')`.execute(db);
  await sql`create index deliveries_dead on deliveries (seq) where state = 'dead'`.execute(db);
  await schema
    .createTable('checkpoints')
    .addColumn('size', number, (column) => column.primaryKey())
    .addColumn('head', text, (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('signature', text, (column) => column.notNull())
    .execute();
  await schema
    .createTable('tallies')
    .addColumn('id', number, (column) => column.primaryKey())
    .addColumn('pending', number, (column) => column.notNull())
    .addColumn('queued', number, (column) => column.notNull())
    .addColumn('failed', number, (column) => column.notNull())
    .addColumn('sent', number, (column) => column.notNull())
    .addColumn('dead', number, (column) => column.notNull())
    .execute();
  await db.insertInto('tallies').values({ id: 1, pending: 0, queued: 0, failed: 0, sent: 0, dead: 0 }).execute();
  if (onPostgres) await replicaSchema(db);
}

async function whatChannelsKeep(db: Kysely<Database>, dialect: Dialect): Promise<void> {
  const text = dialect === 'postgres' ? sql`text collate "C"` : sql`text`;
  await db.schema
    .createTable('kept')
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('value', text, (column) => column.notNull())
    .addColumn('until', 'bigint')
    .execute();
  await sql`create index kept_until on kept (until) where until is not null`.execute(db);
}

/** What only replicas need: SQLite's one process keeps the end of the log and who is sending in its memory. */
async function replicaSchema(db: Kysely<Database>): Promise<void> {
  const { schema } = db;
  // One row, locked last by every transaction that writes events or counts: positions have no gaps, in commit order.
  await schema
    .createTable('log_end')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('delivery', 'bigint', (column) => column.notNull())
    .addColumn('checkpoint_size', 'bigint', (column) => column.notNull())
    .addColumn('checkpoint_head', 'text', (column) => column.notNull())
    .execute();
  await sql`insert into log_end (id, position, delivery, checkpoint_size, checkpoint_head)
    values (1, 0, 0, 0, ${sql.lit(GENESIS)})`.execute(db);
  // A claim: until when (milliseconds by the database's clock), and its fence.
  await schema.alterTable('deliveries').addColumn('leased_until', 'bigint').execute();
  await schema
    .alterTable('deliveries')
    .addColumn('fence', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  // At most one delivery of a target is under way, whatever two replicas believe.
  await sql`create unique index deliveries_leased on deliveries (target) where leased_until is not null`.execute(db);
}
