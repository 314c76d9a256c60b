/**
 * src/store/postgres/group-commit.ts: one transaction for all that came while the last ones were under way. Each piece
 * of work is answered only after its commit, and a piece that fails takes only itself along.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { StoreUnavailableError } from '../port.ts';
import { commit, type Job } from './commit.ts';
import { saysConflict, saysUnavailable, takenConstraint, told } from './connection.ts';
import type { Shared } from './shared.ts';
import { MovedOnError, OutcomeUnknownError, OvertakenError } from './transaction.ts';

/**
 * Whatever comes while one transaction is under way goes into the next. Two at once made smaller batches, and each waited
 * for the other at the end of the log: 3,590 instead of 3,890 opens a second. tail.ts relies on there being one.
 */
export const IN_FLIGHT = 1;
/** Commands in one transaction: some milliseconds of work. */
const MAX_BATCH = 500;
/** Commands that wait; more than this is a database that doesn't keep up, and callers are told so. */
const MAX_WAITING = 20_000;
/** Tries of one batch when replicas were in each other's way, or a connection of the pool turned out to be dead. */
const TRIES = 8;
const FIRST_PAUSE_MS = 5;
/** After this nothing is tried again: somebody waits for the answer. */
const PATIENCE_MS = 8_000;
/**
 * What two replicas took at once: on the next try the loser finds the winner's. The place in the log is among them where a
 * server does not look at the log's end first.
 */
const RACED = new Set(['idempotency_keys_key', 'definitions_pkey', 'events_pkey']);

export class GroupCommit {
  private readonly shared: Shared;
  private waiting: Job[] = [];
  private isRunning = false;
  private closed: string | null = null;
  private readonly idle: (() => void)[] = [];

  constructor(shared: Shared) {
    this.shared = shared;
  }

  add<Answer>(
    needs: Job['needs'],
    run: (plan: Parameters<Job['run']>[0]) => (done: Parameters<ReturnType<Job['run']>>[0]) => Answer,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.closed !== null) return reject(new StoreUnavailableError(this.closed));
      if (this.waiting.length >= MAX_WAITING)
        return reject(
          new StoreUnavailableError('The database does not keep up: too many commands wait for it.', {
            reason: 'The database does not keep up: too many commands wait for it.',
          }),
        );
      this.waiting.push({
        needs,
        run: (plan) => {
          const answer = run(plan);
          return (done) => resolve(answer(done));
        },
        reject,
      });
      this.schedule();
    });
  }

  /** Nothing is taken any more; resolves when what was taken has ended. */
  async close(reason: string): Promise<void> {
    this.closed ??= reason;
    while (this.isRunning || this.waiting.length > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private schedule(): void {
    if (this.isRunning || this.waiting.length === 0) return;
    this.isRunning = true;
    setImmediate(() => {
      void this.run(this.waiting.splice(0, MAX_BATCH)).finally(() => {
        this.isRunning = false;
        this.schedule();
        for (const resolve of this.idle.splice(0)) resolve();
      });
    });
  }

  /** Never rejects: every job is answered. */
  private async run(jobs: readonly Job[]): Promise<void> {
    const began = performance.now();
    for (let tries = 1; ; tries++)
      try {
        return await this.attempt(jobs);
      } catch (error) {
        if (error instanceof MovedOnError) continue; // the next try asks first
        if (tries < TRIES && performance.now() - began < PATIENCE_MS && mayGoAgain(error)) {
          await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** tries);
          continue;
        }
        const rejection = rejectionOf(error);
        if (jobs.length > 1 && !(rejection instanceof StoreUnavailableError)) return this.runApart(jobs);
        for (const job of jobs) job.reject(rejection);
        return;
      }
  }

  /** One of them can't be written: half of them are tried, until it is found. */
  private async runApart(jobs: readonly Job[]): Promise<void> {
    const half = Math.ceil(jobs.length / 2);
    await this.run(jobs.slice(0, half));
    await this.run(jobs.slice(half));
  }

  private async attempt(jobs: readonly Job[]): Promise<void> {
    const client: pg.PoolClient = await this.shared.commits.connect();
    let isWhole = false;
    try {
      await commit(this.shared, client, jobs);
      isWhole = true;
    } catch (error) {
      isWhole = error instanceof OvertakenError || error instanceof MovedOnError;
      throw saysUnavailable(error) ? new BrokenOffError({ cause: error }) : error;
    } finally {
      // After an error nobody knows what the connection still holds.
      client.release(!isWhole);
    }
  }
}

/** The database failed before COMMIT was sent: nothing was changed, and another connection may do better. */
class BrokenOffError extends Error {
  constructor(options: ErrorOptions) {
    super('The transaction was broken off.', options);
    this.name = 'BrokenOffError';
  }
}

function mayGoAgain(error: unknown): boolean {
  if (error instanceof OvertakenError) return true;
  const cause = error instanceof BrokenOffError ? error.cause : error;
  if (saysConflict(cause)) return true;
  const taken = takenConstraint(cause);
  if (taken !== null) return RACED.has(taken);
  // A lost connection, not a server that said no.
  return error instanceof BrokenOffError && cause instanceof Error && !('severity' in cause && isAnswer(cause));
}

/** Errors that the server will repeat: a full disk, a lock that isn't let go, a read-only standby. */
function isAnswer(error: Error): boolean {
  return !('code' in error && typeof error.code === 'string' && /^(57P0[1-5]|08...)$/.test(error.code));
}

function rejectionOf(error: unknown): unknown {
  if (error instanceof BrokenOffError) return told(error.cause);
  if (error instanceof OutcomeUnknownError)
    return new StoreUnavailableError(error.message, {
      cause: error,
      reason: 'The connection to the database broke.',
      isOutcomeUnknown: true,
    });
  if (error instanceof OvertakenError)
    return new StoreUnavailableError('The database is too busy: other replicas were faster each time.', {
      cause: error,
      reason: 'The database is too busy.',
    });
  return told(error);
}
