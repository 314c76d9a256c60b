/**
 * src/store/postgres/tail.ts: where the log ends, as this process left it. While nobody else writes, that is where it ends,
 * and a commit needs not ask first: it says what it expects, and fails where that is wrong.
 */
import { performance } from 'node:perf_hooks';

/**
 * After a longer pause it is asked all the same: should the connection have died meanwhile, that shows before anything is
 * sent whose fate nobody could tell.
 */
const FRESH_MS = 1_000;

export interface LogEnd {
  readonly position: number;
  /** The number of the newest delivery. */
  readonly delivery: number;
  readonly checkpoint_size: number;
  readonly checkpoint_head: string;
}

export class Tail {
  private end: LogEnd | null = null;
  private isAlone = false;
  private movedAt = Number.NEGATIVE_INFINITY;

  /** null: ask. */
  get expected(): LogEnd | null {
    return this.isAlone && performance.now() - this.movedAt < FRESH_MS ? this.end : null;
  }

  /** It was locked and read. Whether it is where we left it tells whether others write. */
  found(end: LogEnd): void {
    const { end: left } = this;
    this.isAlone =
      left === null ||
      (left.position === end.position &&
        left.delivery === end.delivery &&
        left.checkpoint_size === end.checkpoint_size);
    this.end = end;
  }

  /** A commit of this process left it here. */
  moved(end: LogEnd): void {
    this.end = end;
    this.movedAt = performance.now();
  }

  /** Somebody else wrote, or nobody knows what became of our own commit. */
  doubted(): void {
    this.isAlone = false;
  }
}
