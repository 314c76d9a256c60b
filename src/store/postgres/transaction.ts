/**
 * src/store/postgres/transaction.ts: one transaction on one connection, in as few round trips as it can be: it begins with
 * its first statements and commits with its last ones.
 */
import pg from 'pg';
import { saysAborted } from './connection.ts';
import * as statements from './statements.ts';

/** Another replica changed what was found, before it was locked: the same work goes again. */
export class OvertakenError extends Error {
  constructor() {
    super('Another replica was faster.');
    this.name = 'OvertakenError';
  }
}

/** The log does not end where this process left it: nothing was changed, and where it ends is to be read. */
export class MovedOnError extends Error {
  constructor() {
    super('Another replica wrote since.');
    this.name = 'MovedOnError';
  }
}

/** The connection broke after COMMIT was sent: nobody may say that it was kept, nor that it was not. */
export class OutcomeUnknownError extends Error {
  constructor(options: ErrorOptions) {
    super('The connection broke during the commit; whether it was kept is not known.', options);
    this.name = 'OutcomeUnknownError';
  }
}

/** Begins with its first statements, and sends statements together where none needs the answer of another. */
export class Transaction {
  private readonly client: pg.PoolClient;
  private hasBegun = false;

  constructor(client: pg.PoolClient) {
    this.client = client;
  }

  get queries(): Pick<pg.ClientBase, 'query'> {
    return this.client;
  }

  /** @throws the first error; the server refuses whatever follows it. */
  async send(...queries: readonly (string | pg.QueryConfig)[]): Promise<readonly pg.QueryResult[]> {
    const sent = this.hasBegun ? [] : [statements.begin];
    this.hasBegun = true;
    const all = [...sent, ...queries];
    const results = await this.written(all);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])).slice(sent.length);
  }

  async rollBack(): Promise<void> {
    if (this.hasBegun) await this.client.query('rollback');
  }

  /**
   * Sends the last statements and COMMIT at once; one alone is a transaction by itself.
   * @throws OutcomeUnknownError when no answer says what became of it
   */
  async commit(queries: readonly pg.QueryConfig[]): Promise<readonly pg.QueryResult[]> {
    const isAlone = !this.hasBegun && queries.length === 1;
    const opening = this.hasBegun || isAlone ? [] : [statements.begin];
    const all = isAlone ? queries : [...opening, ...queries, 'commit'];
    const results = await this.written(all);
    const at = results.findIndex((result) => result.status === 'rejected');
    const failed = results[at];
    if (failed?.status === 'rejected') {
      // An error that the server reports before it commits has aborted the transaction.
      const isAborted = at < all.length - 1 ? failed.reason instanceof pg.DatabaseError : saysAborted(failed.reason);
      throw isAborted ? failed.reason : new OutcomeUnknownError({ cause: failed.reason });
    }
    const answers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    if (isAlone) return answers;
    if (answers.at(-1)?.command !== 'COMMIT') throw new OvertakenError();
    return answers.slice(opening.length, -1);
  }

  /** All in one write: the server, woken once, has everything it needs. */
  private written(
    queries: readonly (string | pg.QueryConfig)[],
  ): Promise<readonly PromiseSettledResult<pg.QueryResult>[]> {
    const { stream } = this.client.connection;
    stream.cork();
    try {
      return Promise.allSettled(queries.map((query) => this.client.query(query)));
    } finally {
      stream.uncork();
    }
  }
}
