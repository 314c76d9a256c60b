/**
 * src/bot/directory/watch.ts: says when a file that people or groups are read from has changed. Folders are watched, since
 * editors, exports and Kubernetes put a new file in the old one's place; and each file is looked at now and then besides,
 * since network file systems tell nobody. A file that is still being written is left alone until it rests.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Timers } from '../dispatch/timers.ts';

/** Files are looked at this often whatever the system says. */
const LOOK_MS = 15_000;
/** A file that did not change for so long has been written to its end. */
const REST_MS = 500;
/** Whoever writes on for longer than this gets read all the same: a broken file changes nothing. */
const LONGEST_WAIT_MS = 10_000;

export interface WatchParts {
  /** Absolute paths; a reload may name others. */
  readonly files: () => readonly string[];
  readonly onChange: () => void;
  readonly timers: Timers;
  readonly log: { warn(fields: object, message: string): void };
}

export interface Watch {
  /** After the files may be others. */
  follow(): void;
  stop(): void;
}

export function watchFiles({ files, onChange, timers, log }: WatchParts): Watch {
  const watchers = new Map<string, FSWatcher>();
  /** How each file looked when it was last spoken of, or first seen. */
  const known = new Map<string, string>();
  let isStopped = false;
  let isSettling = false;
  let cancelLook = () => {};
  let cancelRest = () => {};

  function follow(): void {
    if (isStopped) return;
    const wanted = new Set(files());
    for (const file of known.keys()) if (!wanted.has(file)) known.delete(file);
    for (const file of wanted) if (!known.has(file)) known.set(file, lookOf(file));
    const folders = new Set([...wanted].map(dirname));
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of folders) if (!watchers.has(folder)) open(folder);
    cancelLook();
    cancelLook = wanted.size === 0 ? () => {} : timers.after(LOOK_MS, look);
  }

  function open(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => noticed());
      watcher.on('error', () => {
        watcher.close();
        watchers.delete(folder);
      });
      watchers.set(folder, watcher);
    } catch (error) {
      // It is looked at now and then all the same.
      log.warn({ error: error instanceof Error ? error.message : typeof error }, 'a folder can’t be watched');
    }
  }

  function look(): void {
    noticed();
    follow();
  }

  function noticed(): void {
    if (isStopped || isSettling || !hasChanged()) return;
    isSettling = true;
    settle(looks(), 0);
  }

  function settle(before: string, waitedMs: number): void {
    cancelRest = timers.after(REST_MS, () => {
      const now = looks();
      if (now !== before && waitedMs < LONGEST_WAIT_MS) return settle(now, waitedMs + REST_MS);
      isSettling = false;
      if (!hasChanged()) return;
      for (const file of known.keys()) known.set(file, lookOf(file));
      onChange();
      follow();
    });
  }

  const looks = (): string => [...known.keys()].map(lookOf).join('\n');
  const hasChanged = (): boolean => [...known].some(([file, look]) => lookOf(file) !== look);

  follow();
  return {
    follow,
    stop() {
      isStopped = true;
      cancelLook();
      cancelRest();
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

/** What changes whenever a file is written or replaced. */
function lookOf(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'gone';
  }
}
