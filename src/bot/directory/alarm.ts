/**
 * src/bot/directory/alarm.ts: tells whoever looks after the gates that a group's members can't be told any more, and when
 * they can again. While a group is unavailable its gates stay closed, and nobody may notice until something is urgent.
 */
import { type Channel, RefusedError } from '../../adapters/channel.ts';
import type { GateDefinition, Instant, PersonId } from '../../engine/definition.ts';
import { type Directory, resolve } from '../../engine/directory.ts';
import type { Store } from '../../store/port.ts';
import type { Config } from '../config/index.ts';
import type { Timers } from '../dispatch/timers.ts';
import { gatesAsking } from './asking.ts';
import type { SourceState } from './source.ts';

/** While it stays away it is said again this often. */
const AGAIN_MS = 86_400_000;
/** Pauses between the tries to tell somebody; then it is only in the log. */
const RETRIES_MS = [5_000, 30_000, 120_000, 600_000] as const;
/** One try. */
const TRY_MS = 15_000;
/** Most people who are told of one group. */
const MOST_TOLD = 50;
const MOST_NAMED = 10;

/** The kinds of channels that may reach a person, the liveliest first. */
const PERSONAL = ['slack', 'teams'] as const;

export interface AlarmParts {
  readonly sources: () => ReadonlyMap<string, SourceState>;
  /** With the newest directory. */
  readonly config: () => Pick<Config, 'gates' | 'admins' | 'directory'>;
  readonly channels: ReadonlyMap<string, Channel>;
  /** What was told outlives a restart, and a second process does not say it again. */
  readonly store: Pick<Store, 'recall' | 'remember'>;
  readonly clock: () => Instant;
  readonly timers: Timers;
  readonly log: {
    error(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    info(fields: object, message: string): void;
  };
}

export interface Alarm {
  /** Looks at every source; never rejects. To be called after each asking. */
  look(): Promise<void>;
  stop(): void;
}

/** Kept as `directory:<group>` while the group is unavailable: since when, and when it was last said. */
const keyOf = (group: string): string => `directory:${group}`;

export function createAlarm({ sources, config, channels, store, clock, timers, log }: AlarmParts): Alarm {
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;
  const waiting = new Set<() => void>();
  const attempts = new Set<AbortController>();
  /** Groups known to be well, so that the store is asked once and not after each asking. */
  const well = new Set<string>();

  async function lookAt(group: string, { isUp, trouble, wasAsked }: SourceState): Promise<void> {
    if (!wasAsked || (isUp && well.has(group))) return;
    const kept = readKept(await store.recall(keyOf(group)));
    const now = clock();
    if (isUp) {
      well.add(group);
      if (kept === null) return;
      await store.remember(keyOf(group), null, null);
      log.info({ group }, 'the group is available again');
      tell(group, `back:${kept.since}`, (gates) => `The group “${group}” can be asked again. ${goesOn(gates)}`);
      return;
    }
    well.delete(group);
    if (kept !== null && now < kept.toldAt + AGAIN_MS) return;
    const since = kept?.since ?? now;
    // A group that the config doesn't have any more is forgotten by itself.
    await store.remember(keyOf(group), JSON.stringify({ since, toldAt: now }), now + 2 * AGAIN_MS);
    log.error({ group, error: trouble }, 'a group is unavailable: gates that ask it stay closed');
    const ago = kept === null ? '' : ` since ${new Date(since).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    tell(
      group,
      `down:${now}`,
      (gates) =>
        `Who is in the group “${group}” can’t be found out${ago} (${trouble ?? 'no answer'}). Until it can, nobody is ` +
        `counted as one of them, and gates that ask it open no new requests: ${gates}.`,
    );
  }

  function tell(group: string, occasion: string, words: (gates: string) => string): void {
    const { gates, admins, directory } = config();
    const asking = gatesAsking(group, gates, directory).filter(({ name }) => name !== 'adhoc');
    const people = ownersOf(asking, admins, directory, clock());
    if (people.length === 0) {
      log.warn({ group, gates: asking.map(({ name }) => name) }, 'nobody looks after these gates, so nobody was told');
      return;
    }
    const named = asking.slice(0, MOST_NAMED).map(({ name }) => name);
    const more = asking.length > named.length ? ` and ${asking.length - named.length} more` : '';
    const text = words(named.join(', ') + more);
    for (const person of people.slice(0, MOST_TOLD))
      void tellOne(person, `${keyOf(group)}:${occasion}:${person}`, text, 0);
  }

  async function tellOne(person: PersonId, key: string, text: string, tried: number): Promise<void> {
    if (isStopped) return;
    const found = config().directory.people.get(person);
    let mayRetry = false;
    for (const kind of PERSONAL) {
      const [channel, id] = [channels.get(kind), found?.[kind] ?? null];
      if (channel?.tell === undefined || id === null) continue;
      const attempt = new AbortController();
      attempts.add(attempt);
      const cancel = timers.after(TRY_MS, () => attempt.abort());
      try {
        await channel.tell({ key, to: { kind: 'person', id }, text, signal: attempt.signal });
        return;
      } catch (error) {
        if (!(error instanceof RefusedError)) mayRetry = true;
      } finally {
        cancel();
        attempts.delete(attempt);
      }
    }
    const pause = RETRIES_MS[tried];
    if (mayRetry && pause !== undefined && !isStopped) {
      const cancel = timers.after(pause, () => {
        waiting.delete(cancel);
        void tellOne(person, key, text, tried + 1);
      });
      waiting.add(cancel);
    } else log.warn({ person }, 'somebody who looks after a gate could not be told of its group');
  }

  async function lookAtAll(): Promise<void> {
    for (const [group, state] of sources()) {
      if (isStopped) return;
      try {
        await lookAt(group, state);
      } catch (error) {
        log.warn({ group, error: error instanceof Error ? error.name : typeof error }, 'the alarm can’t be kept');
      }
    }
  }

  return {
    look() {
      running = running.then(lookAtAll);
      return running;
    },
    stop() {
      isStopped = true;
      for (const cancel of waiting) cancel();
      for (const attempt of attempts) attempt.abort();
    },
  };
}

const goesOn = (gates: string): string => (gates === '' ? 'Gates that ask it go on.' : `These gates go on: ${gates}.`);

/** Whoever looks after the gates; after everything, where that is nobody or can't be told itself. */
function ownersOf(
  gates: readonly GateDefinition[],
  admins: Config['admins'],
  directory: Directory,
  now: Instant,
): readonly PersonId[] {
  const facts = { requester: null, approvers: [], exclude: null, now };
  const peopleOf = (refs: Config['admins']): readonly PersonId[] => {
    const found = resolve(refs, directory, facts);
    return found.kind === 'people' ? found.people : [];
  };
  const all = gates.flatMap(({ owners }) => {
    const own = peopleOf(owners ?? []);
    return own.length > 0 ? own : peopleOf(admins);
  });
  return [...new Set(all)];
}

function readKept(text: string | null): { readonly since: Instant; readonly toldAt: Instant } | null {
  if (text === null) return null;
  const kept: unknown = JSON.parse(text);
  if (typeof kept !== 'object' || kept === null || !('since' in kept) || !('toldAt' in kept)) return null;
  const { since, toldAt } = kept;
  return typeof since === 'number' && typeof toldAt === 'number' ? { since, toldAt } : null;
}
