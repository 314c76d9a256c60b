/**
 * src/store/sqlite/group-commit.ts: one durable commit for all that arrives in one turn of the event loop. Each piece
 * of work is answered only after the commit, and a piece that fails takes only itself along.
 */
import { StoreUnavailableError } from '../port.ts';
import { saysUnavailable } from './connection.ts';
import type { Statements } from './statements.ts';

/** One transaction's changes, which reach memory only when it is durable. */
export interface Unit {
  /** How often it wrote so far: work that fails without having written leaves nothing to undo. */
  readonly writes: number;
  /** Writes what was held back to be written once. */
  finish(): void;
  /** After the commit. */
  apply(): void;
}

/** How many turns a commit may wait for more; each takes about as long as handling what has arrived in it. */
const MAX_TURNS = 4;
/**
 * And work that nobody waits for (a message was sent): in an idle process these turns pass in under a millisecond, in
 * a busy one somebody comes meanwhile whose commit it shares, so that it costs no fsync of its own.
 */
const PATIENT_TURNS = 32;

/** `patient`: nobody waits for the answer, so it may wait for others to share their commit. */
export type Haste = 'urgent' | 'patient';

interface Job<U> {
  readonly run: (unit: U) => () => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit<U extends Unit> {
  private readonly statements: Statements;
  private readonly inTransaction: () => boolean;
  private readonly begin: () => U;
  private jobs: Job<U>[] = [];
  private isUrgent = false;
  private closed: string | null = null;

  constructor(statements: Statements, inTransaction: () => boolean, begin: () => U) {
    this.statements = statements;
    this.inTransaction = inTransaction;
    this.begin = begin;
  }

  /** Runs `work` in the next commit. It may run twice, when other work of the same commit has to be undone. */
  add<Result>(work: (unit: U) => Result, haste: Haste = 'urgent'): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.closed !== null) return reject(new StoreUnavailableError(this.closed));
      if (this.jobs.length === 0) this.gather(1, PATIENT_TURNS);
      this.isUrgent ||= haste === 'urgent';
      this.jobs.push({
        run: (unit) => {
          const result = work(unit);
          return () => resolve(result);
        },
        reject,
      });
    });
  }

  /**
   * Commits at the end of this turn; but while more keeps arriving than there was, it waits for the next turn, so that
   * a busy bot shares one fsync among more. Whoever comes alone waits for nobody. Patient work alone waits on.
   */
  private gather(seen: number, turns: number): void {
    setImmediate(() => {
      const left = this.isUrgent ? Math.min(turns, MAX_TURNS) : turns;
      const isWorthWaiting = !this.isUrgent || this.jobs.length > seen;
      if (isWorthWaiting && left > 1 && this.jobs.length > 0) this.gather(this.jobs.length, left - 1);
      else this.flush();
    });
  }

  /** Nothing is taken any more; what was taken is committed. */
  close(reason: string): void {
    this.closed ??= reason;
    if (this.jobs.length > 0) this.flush();
  }

  private flush(): void {
    const jobs = this.jobs;
    if (jobs.length === 0) return;
    this.jobs = [];
    this.isUrgent = false;
    const alone = this.commit(jobs);
    // Something failed half-way: nothing of it may stay, so the others go again, each in a transaction of its own.
    for (const job of alone) this.commit([job]);
  }

  /** @returns jobs that have to be run again by themselves. */
  private commit(jobs: readonly Job<U>[]): readonly Job<U>[] {
    const rejected = new Set<Job<U>>();
    const answers: (() => void)[] = [];
    let unit: U;
    try {
      if (this.inTransaction()) this.statements.rollback.run();
      this.statements.begin.run();
      unit = this.begin();
      for (const job of jobs) {
        const before = unit.writes;
        try {
          answers.push(job.run(unit));
        } catch (error) {
          const isUndone = unit.writes === before && this.inTransaction();
          if (isUndone || !saysUnavailable(error)) {
            job.reject(told(error));
            rejected.add(job);
          }
          if (!isUndone) throw error;
        }
      }
      unit.finish();
      this.statements.commit.run();
    } catch (error) {
      this.rollBack();
      const left = jobs.filter((job) => !rejected.has(job));
      if (jobs.length > 1 && !saysUnavailable(error)) return left;
      for (const job of left) job.reject(told(error));
      return [];
    }
    unit.apply();
    for (const answer of answers) answer();
    return [];
  }

  /** A transaction that even refuses to be rolled back is tried again before the next one. */
  private rollBack(): void {
    try {
      if (this.inTransaction()) this.statements.rollback.run();
    } catch (error) {
      if (!saysUnavailable(error)) throw error;
    }
  }
}

function told(error: unknown): unknown {
  return saysUnavailable(error)
    ? new StoreUnavailableError(`The database cannot commit now: ${error.message}`, { cause: error })
    : error;
}
