/**
 * src/bot/directory/feed.ts: one group's members as somebody else has them: asked for in the background, again and again,
 * and kept for a while when they can't be. Each source has its own, so that one that hangs holds up no other.
 */
import type { Instant } from '../../engine/definition.ts';
import type { Timers } from '../dispatch/timers.ts';

/** Asked again so soon after a source could not be asked. */
const RETRY_MS = 30_000;

export interface FeedParts<Member> {
  readonly ask: (signal: AbortSignal) => Promise<readonly Member[]>;
  readonly everyMs: number;
  /** How long after it was read a list stands in for a source that can't be asked. */
  readonly keepMs: number;
  readonly clock: () => Instant;
  readonly timers: Timers;
  /** After each asking, whether it went well or not. */
  readonly onAsked: (trouble: string | null) => void;
}

export interface Feed<Member> {
  /** The last list read, while it may still be used. */
  known(): { readonly members: readonly Member[]; readonly until: Instant } | null;
  /** Why it could not be asked the last time; null: it could, or has not been asked yet. */
  trouble(): string | null;
  /**
   * Asks now and from then on; never rejects. Whoever comes while it is being asked waits for one more asking.
   * @param isDueOnly not before its time: what was read is still fresh
   */
  refresh(isDueOnly: boolean): Promise<void>;
  stop(): void;
}

export function createFeed<Member>(parts: FeedParts<Member>): Feed<Member> {
  const { ask, everyMs, keepMs, clock, timers, onAsked } = parts;
  const stopping = new AbortController();
  let read: { readonly members: readonly Member[]; readonly at: Instant } | null = null;
  let trouble: string | null = null;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let cancel = () => {};

  async function once(): Promise<void> {
    cancel();
    try {
      const members = await ask(stopping.signal);
      read = { members, at: clock() };
      trouble = null;
    } catch (error) {
      trouble = error instanceof Error ? error.message : typeof error;
    }
    if (stopping.signal.aborted) return;
    cancel = timers.after(trouble === null ? everyMs : Math.min(RETRY_MS, everyMs), () => void refresh(false));
    onAsked(trouble);
  }

  function refresh(isDueOnly: boolean): Promise<void> {
    if (stopping.signal.aborted) return Promise.resolve();
    const isFresh = read !== null && trouble === null && clock() < read.at + everyMs;
    if (isDueOnly && (isFresh || running !== null)) return running ?? Promise.resolve();
    if (running === null) {
      running = once().finally(() => {
        running = null;
      });
      return running;
    }
    next ??= running.then(() => {
      next = null;
      return refresh(false);
    });
    return next;
  }

  return {
    known() {
      if (read === null || clock() >= read.at + keepMs) return null;
      return { members: read.members, until: read.at + keepMs };
    },
    trouble: () => trouble,
    refresh,
    stop() {
      stopping.abort();
      cancel();
    },
  };
}
