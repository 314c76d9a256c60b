/**
 * src/store/postgres/connection.ts: connections whose settings are what the promises rest on, and what their failures
 * mean. No message here ever shows the URL: it carries a password.
 */
import pg from 'pg';
import { StoreUnavailableError } from '../port.ts';

/** Commands, claims and reads of one process share these; LISTEN has one of its own. */
export const POOL_MAX = 10;
/** To reach the server, or to get a connection of an exhausted pool. */
const CONNECT_TIMEOUT_MS = 5_000;
/** One statement, by the server's watch. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** For a row that another replica holds. A batch holds its rows for milliseconds. */
const LOCK_TIMEOUT_MS = 5_000;
/** A process that was stopped in mid-transaction lets go of its locks after this. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** One statement, by our watch: the network is gone, since the server would have answered. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
/** int8; positions and instants stay below 2^53. */
const INT8 = 20;

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
};

/**
 * Durability is this service's promise; a server told to be careless is told otherwise on our connections. And the
 * planner: every statement here has its index, whatever the statistics of a young table say, so that one plan is made
 * for good instead of one for each call (0.4 ms for a claim), and without machine code, which would cost more than it saves.
 */
const SETTINGS = `
  set statement_timeout = ${STATEMENT_TIMEOUT_MS};
  set lock_timeout = ${LOCK_TIMEOUT_MS};
  set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS};
  set default_transaction_isolation = 'read committed';
  select set_config(name, case name when 'synchronous_commit' then 'on' when 'enable_seqscan' then 'off'
      when 'jit' then 'off' else 'force_generic_plan' end, false)
    from pg_settings
    where name in ('plan_cache_mode', 'enable_seqscan', 'jit') or name = 'synchronous_commit' and setting in ('off', 'local')`;

export function clientConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'countersign',
    // Statements of one transaction go out together: COMMIT costs no round trip of its own.
    pipeline: true,
    types,
  };
}

/** @param onIdleError told when a connection that nobody uses breaks; the pool replaces it. */
export function createPool(url: string, max: number, onIdleError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(url),
    max,
    onConnect: async (client) => void (await client.query(SETTINGS)),
  });
  pool.on('error', onIdleError);
  // Of a connection in use the statements under way tell; without a listener Node would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** A connection for LISTEN: it waits for hours, so only its statements are timed. */
export function createListener(url: string): pg.Client {
  return new pg.Client(clientConfig(url));
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CODES = {
  /** Another transaction was in the way: the same work may go again at once. */
  conflict: /^(40001|40P01|CR000)$/,
  taken: /^23505$/,
  /** Besides: a table or its type that another replica makes in the same moment. */
  made: /^(23505|42P07|42710)$/,
  /**
   * Connections (08), resources (53), operators (57: shutdown, timeouts), the system (58), damage (XX001, XX002), a
   * standby or read-only server (25006), lock timeout (55P03), idle timeouts (25P03, 25P04), who may come in (28, 3D).
   */
  unavailable: /^(08...|53...|57...|58...|XX00[12]|25006|25P0[34]|55P03|28...|3D000|40...|CR000)$/,
} as const;

const codeOf = (error: unknown): string | null =>
  error instanceof pg.DatabaseError && error.code !== undefined ? error.code : null;

export const saysConflict = (error: unknown): boolean => CODES.conflict.test(codeOf(error) ?? '');

/** Somebody else was faster in making a table, or in writing that it was made. */
export const saysMade = (error: unknown): boolean => CODES.made.test(codeOf(error) ?? '') || saysConflict(error);

/**
 * The server refused it and so undid the transaction, whatever it was about to commit. Of those that end the connection
 * (shutdowns, crashes, broken disks) nobody knows.
 */
export const saysAborted = (error: unknown): boolean => /^(?!08|53|57P|58|XX)...../.test(codeOf(error) ?? '');

/** The log did not end where it was expected to; see `advance`. */
export const saysMovedOn = (error: unknown): boolean =>
  codeOf(error) === '23502' && error instanceof pg.DatabaseError && error.table === 'log_end';

/** The unique constraint that was in the way, or null. */
export function takenConstraint(error: unknown): string | null {
  if (!CODES.taken.test(codeOf(error) ?? '')) return null;
  return (error instanceof pg.DatabaseError ? error.constraint : undefined) ?? '';
}

/** Node's codes of a connection that can't be made or broke. */
const NETWORK =
  /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_\w+|ENOENT|EACCES|EMFILE|ERR_STREAM_\w+|ERR_TLS_\w+|CERT_\w+|SELF_SIGNED\w*|DEPTH_ZERO\w*|UNABLE_TO_\w+)$/;
/** What pg says itself, without a code, when a connection is or goes away. */
const GONE =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client (was closed|has encountered)|Cannot use a pool after|The server does not support SSL|Received unexpected|Client was passed)/;

/** Whether the database can't be used now; false: it answered, and what was asked of it is wrong. */
export function saysUnavailable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code !== null) return CODES.unavailable.test(code);
  if ('code' in error && typeof error.code === 'string') return NETWORK.test(error.code);
  return GONE.test(error.message) || (error instanceof AggregateError && error.errors.some(saysUnavailable));
}

/** The error as callers of the store know it. */
export function told(error: unknown): unknown {
  if (!saysUnavailable(error)) return error;
  return new StoreUnavailableError(`The database cannot be used now: ${sentenceOf(error)}`, {
    cause: error,
    reason: troubleOf(error).reason,
  });
}

interface Trouble {
  /** Of the code, or of the words where there is none. */
  readonly sign: RegExp;
  /** Said to anybody who asks /readyz. */
  readonly reason: string;
  /** What whoever runs it can do. */
  readonly advice: string;
}

const OTHER: Trouble = { sign: /^/, reason: 'The database can’t be used.', advice: 'Its log says why.' };
/** The first that fits. */
const TROUBLES: readonly Trouble[] = [
  {
    sign: /^53300/,
    reason: 'The database has no connection left for this bot.',
    advice: 'Raise max_connections (or the CONNECTION LIMIT of the role or database), or run fewer replicas.',
  },
  {
    sign: /^(53100|58030)/,
    reason: 'The database’s disk is full or broken.',
    advice: 'Make room on its disk; its log says which.',
  },
  { sign: /^53/, reason: 'The database has no resources left.', advice: 'Its log says which.' },
  {
    sign: /^25006/,
    reason: 'The database is read-only: it is a standby, or was set to be.',
    advice: 'Point DATABASE_URL at the primary, or take default_transaction_read_only away.',
  },
  {
    sign: /^28/,
    reason: 'The database refuses the bot’s user or password.',
    advice: 'Check both in DATABASE_URL (special characters percent-encoded), and who may come in by pg_hba.conf.',
  },
  { sign: /^3D000/, reason: 'The database does not exist.', advice: 'Make it: createdb --encoding=UTF8 NAME' },
  {
    sign: /^57P0[1-3]/,
    reason: 'The database is starting or shutting down.',
    advice: 'Try again in a moment; its log says why.',
  },
  {
    sign: /^(55P03|40|CR000)/,
    reason: 'The database is too busy: others hold what is needed.',
    advice: 'pg_stat_activity and pg_locks say who.',
  },
  {
    sign: /^57014/,
    reason: 'The database is too slow: a statement took too long.',
    advice: 'Look at its load and its disk.',
  },
  {
    sign: /timeout exceeded when trying to connect/,
    reason: 'The database can’t be reached in time, or all connections to it are taken.',
    advice: 'Check host and port, and whether a firewall lets this machine in.',
  },
  {
    sign: /timeout/,
    reason: 'The database does not answer.',
    advice: 'Look at its load, and at the network between.',
  },
  {
    sign: /^(ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)|SSL/,
    reason: 'The database’s certificate or encryption does not suit.',
    advice: 'sslmode and sslrootcert in DATABASE_URL say what is expected of it.',
  },
  {
    sign: /^(E[A-Z]|08|57P|25P)|terminated/,
    reason: 'The database can’t be reached.',
    advice: 'Check that it runs, its host and port, and whether a firewall lets this machine in.',
  },
];

export function troubleOf(error: Error): Trouble {
  const said = `${codeIn(error)} ${sentenceOf(error)}`;
  return TROUBLES.find(({ sign }) => sign.test(said)) ?? OTHER;
}

function codeIn(error: Error): string {
  const first = firstOf(error);
  return 'code' in first && typeof first.code === 'string' ? first.code : '';
}

/** Where a name has several addresses, what the first of them said. */
function firstOf(error: Error): Error {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first : error;
}

function sentenceOf(error: Error): string {
  const { message, name } = firstOf(error);
  return message === '' ? name : message;
}
