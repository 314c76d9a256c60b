/**
 * src/store/copy.ts: moves a whole store from SQLite to PostgreSQL. Every text goes over as it is, so the hashes and
 * signatures of the trail hold there as they did here; both trails are verified, and compared.
 */
import { Kysely, PostgresDialect, SqliteDialect, sql, type Transaction } from 'kysely';
import type { Event, RequestState } from '../engine/request.ts';
import { GENESIS } from './chain.ts';
import { requireNewest } from './migrations.ts';
import type { CheckpointSigner, Verification } from './port.ts';
import { createPool, saysUnavailable, told } from './postgres/connection.ts';
import { openPostgres } from './postgres.ts';
import type { Database } from './schema.ts';
import { connect } from './sqlite/connection.ts';
import { lock } from './sqlite/lock.ts';
import { verifyLog } from './verify.ts';

/** Rows in one statement: below 65,535 bound values for the widest table. */
const PAGE = 500;

/** In the order in which rows refer to each other, each with the columns that tell its rows apart. */
const TABLES = [
  ['definitions', ['digest']],
  ['requests', ['id']],
  ['events', ['seq']],
  ['asked', ['person', 'request_id']],
  ['kept', ['name']],
  ['idempotency_keys', ['pipeline', 'key']],
  ['deliveries', ['seq']],
  ['checkpoints', ['size']],
] as const;

type TableName = (typeof TABLES)[number][0];

/** Nothing was copied, and why. */
export class CopyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CopyError';
  }
}

export interface CopyOptions {
  /** A SQLite file that no process has open. */
  readonly file: string;
  /** A PostgreSQL database that holds no requests yet. */
  readonly url: string;
  readonly signer: CheckpointSigner;
  readonly fold: (events: readonly Event[]) => RequestState;
  readonly onWarning?: (message: string) => void;
  /** Told of each table when it is done. */
  readonly onTable?: (name: string, rows: number) => void;
}

export interface Copied {
  readonly rows: Readonly<Record<TableName, number>>;
  /** Of the copy; without faults. */
  readonly verification: Verification;
}

/**
 * In one transaction: a copy that is broken off leaves the target as empty as it was.
 * @throws CopyError when the target is not empty, or either trail is not whole.
 * @throws StoreLockedError when a process uses the file.
 * @throws StoreUnavailableError when PostgreSQL can't be used.
 */
export async function copyStore(options: CopyOptions): Promise<Copied> {
  const { file, url, signer, fold, onWarning: warn = () => {} } = options;
  const unlock = lock(file);
  const source = new Kysely<Database>({ dialect: new SqliteDialect({ database: connect(file, 'read') }) });
  try {
    await requireNewest(source);
    const before = await verifyLog({ db: source, pause: async () => {}, signer, fold });
    requireWhole(before, 'The trail of the source is not whole, so it is not copied');
    // Brings the tables up to date, and checks that this database can hold what is kept.
    const target = await openPostgres({ url, signer, fold, onWarning: warn });
    try {
      const rows = await copyRows(source, options);
      const verification = await target.verify({ fold });
      requireWhole(verification, 'The copy is not whole');
      if (verification.head !== before.head || verification.events !== before.events)
        throw new CopyError('The copy differs from its source. Empty the target and copy again.');
      return { rows, verification };
    } finally {
      await target.close();
    }
  } finally {
    await source.destroy();
    unlock();
  }
}

function requireWhole({ faults }: Verification, what: string): void {
  const first = faults[0];
  if (first === undefined) return;
  const more = faults.length === 1 ? '' : ` and ${faults.length - 1} more`;
  throw new CopyError(`${what}: ${first.where}: ${first.fault}${more}.`);
}

async function copyRows(source: Kysely<Database>, { url, onTable = () => {} }: CopyOptions): Promise<Copied['rows']> {
  const pool = createPool(url, 1, () => {}); // the transaction's own promise tells
  const target = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const rows = {
    definitions: 0,
    requests: 0,
    events: 0,
    asked: 0,
    idempotency_keys: 0,
    kept: 0,
    deliveries: 0,
    checkpoints: 0,
  };
  try {
    await target.transaction().execute(async (transaction) => {
      // Whoever wants to write waits here, so nothing can come in beside the copy.
      await sql`select 1 from log_end where id = 1 for update`.execute(transaction);
      for (const [name] of TABLES)
        if ((await transaction.selectFrom(name).select(sql`1`.as('one')).limit(1).execute()).length > 0)
          throw new CopyError(`The target is not empty: it has ${name}. Nothing was changed.`);
      for (const [name, order] of TABLES) {
        rows[name] = await copyTable(source, transaction, name, order);
        onTable(name, rows[name]);
      }
      await copyEnds(source, transaction);
    });
    return rows;
  } catch (error) {
    throw saysUnavailable(error) ? told(error) : error;
  } finally {
    await target.destroy();
  }
}

async function copyTable(
  source: Kysely<Database>,
  target: Transaction<Database>,
  name: TableName,
  order: readonly string[],
): Promise<number> {
  let copied = 0;
  let page: object[] = [];
  const write = async (): Promise<void> => {
    if (page.length > 0) await target.insertInto(name).values(page).execute();
    copied += page.length;
    page = [];
  };
  for await (const row of source
    .selectFrom(name)
    .selectAll()
    .orderBy(sql.raw(order.join(', ')))
    .stream()) {
    page.push(row);
    if (page.length === PAGE) await write();
  }
  await write();
  return copied;
}

/** What SQLite's process knows from its tables, and replicas read from one row. */
async function copyEnds(source: Kysely<Database>, target: Transaction<Database>): Promise<void> {
  const { pending, queued, failed, sent, dead } = await source
    .selectFrom('tallies')
    .selectAll()
    .executeTakeFirstOrThrow();
  await target.updateTable('tallies').set({ pending, queued, failed, sent, dead }).where('id', '=', 1).execute();
  const last = await source.selectFrom('events').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst();
  const delivery = await source
    .selectFrom('deliveries')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const signed = await source.selectFrom('checkpoints').selectAll().orderBy('size', 'desc').limit(1).executeTakeFirst();
  await sql`update log_end set position = ${last?.seq ?? 0}, delivery = ${delivery?.seq ?? 0},
    checkpoint_size = ${signed?.size ?? 0}, checkpoint_head = ${signed?.head ?? GENESIS} where id = 1`.execute(target);
}
