/**
 * src/bot/stats/projection.ts: the figures as a fold over the log, outside of every commit. It reads the log in pages
 * from where it was, and what it has counted goes to the store's kept texts: one for each ISO week, and the place in
 * the log.
 *
 * Nothing is counted twice or left out, whoever dies where: each week's text says up to which position it is complete,
 * and the place is written only after the weeks. What is read again because the place is older than a week is skipped
 * by that week. Replicas on one database all count the same log and come to the same texts; whoever finds that another
 * wrote since goes on from there instead of writing. Where two wrote at once and an older week stayed, the place's list
 * of weeks shows it, and the log is read again from that week's position on.
 */
import type { GateDefinition, Instant } from '../../engine/definition.ts';
import type { Event } from '../../engine/request.ts';
import type { Store, StoredEvent } from '../../store/port.ts';
import type { Clock } from '../clock.ts';
import { HELD_WEEKS, PAGE_EVENTS, TRAIL_EVENTS, WEEKS } from './limits.ts';
import { type Contribution, readWeek, type Wanted, WeekTally, weekText } from './tally.ts';
import { ended, endedOnly, openedAt } from './trail.ts';
import { ordinalAt, ordinalOf, startOf, type Week, weekAt, weekOf } from './week.ts';

export type StatsStore = Pick<Store, 'log' | 'events' | 'load' | 'definition' | 'recall' | 'remember'>;

/** How far the log has been counted. */
export interface Progress {
  readonly position: number;
  /** When what stands there happened; null before the first event. */
  readonly at: Instant | null;
  /** Whether the end of the log was reached when it was last read. */
  readonly isComplete: boolean;
}

export interface Projection {
  /** Counts the next events, about `most`; true: there are more. May be called again at once. */
  advance(most: number): Promise<boolean>;
  /** Writes down what was counted since the last time; nothing where nothing was. */
  save(): Promise<void>;
  /** A copy of what is known of a week now; null: nothing was counted in it. */
  week(week: Week, wanted: Wanted): Promise<WeekTally | null>;
  progress(): Progress;
}

export interface ProjectionParts {
  readonly store: StatsStore;
  readonly clock: Clock;
  /** Told of what could not be read and was passed over. */
  readonly onTrouble: (fields: object, message: string) => void;
}

const PLACE = 'stats:place';
const NOWHERE: Place = { position: 0, at: null, weeks: {} };
const NOTHING: Wanted = { gate: () => false, person: () => false };
const nameOf = (week: Week): string => `stats:${week}`;

/** Where the log has been read to, and up to where each week's text was complete then. */
interface Place {
  readonly position: number;
  readonly at: Instant | null;
  readonly weeks: Readonly<Record<Week, number>>;
}

export function createProjection({ store, clock, onTrouble }: ProjectionParts): Projection {
  /** Weeks at hand, the one touched last at the end. */
  const held = new Map<Week, WeekTally>();
  const changed = new Set<Week>();
  /** Up to where each week's text is complete. */
  let complete = new Map<Week, number>();
  let position = 0;
  let at: Instant | null = null;
  let isComplete = false;
  let begun: Promise<void> | null = null;
  /** The place as it was last read or written: another text means that somebody else wrote since. */
  let placeText: string | null = null;
  let savedPosition = 0;
  /** A text was older than the place says: it has to be written again, whoever wrote since. */
  let isRepairing = false;

  const oldestKept = (): number => ordinalAt(clock()) - WEEKS + 1;

  async function goOnFrom(text: string | null): Promise<void> {
    const place = text === null ? NOWHERE : placeIn(text);
    if (place === null) onTrouble({ name: PLACE }, 'the place of the figures can’t be read; the log is counted anew');
    held.clear();
    changed.clear();
    const before = complete;
    ({ position, at } = place ?? NOWHERE);
    savedPosition = position;
    placeText = text;
    complete = new Map(Object.entries((place ?? NOWHERE).weeks));
    for (const [week, upTo] of complete)
      if (before.get(week) !== upTo) await check(week, (await keptWeek(week, NOTHING))?.upTo ?? 0);
  }

  /** Once; again after a failure. */
  function begin(): Promise<void> {
    begun ??= store
      .recall(PLACE)
      .then(goOnFrom)
      .catch((error: unknown) => {
        begun = null;
        throw error;
      });
    return begun;
  }

  /** false: the text is older than the place says, and the log has to be read again from its position. */
  function check(week: Week, upTo: number): boolean {
    if (upTo >= (complete.get(week) ?? 0)) return true;
    complete.set(week, upTo);
    position = Math.min(position, upTo);
    isRepairing = true;
    return false;
  }

  /** null: the log has to be read again from `position` on. */
  async function take(week: Week): Promise<WeekTally | null> {
    const known = held.get(week);
    const tally = known ?? (await keptWeek(week)) ?? new WeekTally();
    if (known === undefined && !check(week, tally.upTo)) return null;
    held.delete(week);
    held.set(week, tally);
    return tally;
  }

  async function keptWeek(week: Week, wanted?: Wanted): Promise<WeekTally | null> {
    const text = await store.recall(nameOf(week));
    if (text === null) return null;
    try {
      return readWeek(text, wanted);
    } catch (error) {
      onTrouble({ week, err: error }, 'a week of the figures can’t be read; it is counted anew');
      return null;
    }
  }

  /** What the event adds to its week; null: nothing. */
  async function contributionOf(stored: StoredEvent): Promise<Contribution | null> {
    if (stored.type === 'opened') {
      const gate = await gateOf(stored);
      return gate === null ? null : openedAt(gate.name);
    }
    if (stored.version > TRAIL_EVENTS) {
      const state = await store.load(stored.request);
      const event: Event = JSON.parse(stored.data);
      return state === null || event.type !== 'closed' ? null : endedOnly(state, event.outcome);
    }
    const trail = (await store.events(stored.request)).filter(({ version }) => version <= stored.version);
    const [first] = trail;
    const gate = first === undefined ? null : await gateOf(first);
    if (gate === null) throw new Error('the trail has no beginning');
    return ended(
      trail.map(({ data }) => {
        const event: Event = JSON.parse(data);
        return event.type === 'opened' ? { ...event, gate } : event;
      }),
    );
  }

  async function gateOf({ data }: StoredEvent): Promise<GateDefinition | null> {
    const { gate }: { readonly gate: string } = JSON.parse(data);
    return store.definition(gate);
  }

  /** false: the log has to be read again from `position` on. */
  async function count(stored: StoredEvent): Promise<boolean> {
    const isCounted = stored.type === 'opened' || stored.type === 'closed';
    if (isCounted && ordinalAt(stored.at) >= oldestKept()) {
      const week = weekAt(stored.at);
      const tally = await take(week);
      if (tally === null) return false;
      if (tally.upTo < stored.position) {
        const contribution = await readable(stored);
        if (contribution === null) tally.unread += 1;
        else tally.add(contribution);
        tally.upTo = stored.position;
        changed.add(week);
      }
    }
    ({ position, at } = stored);
    return true;
  }

  /** One trail that can't be read stops only itself; a store that can't be reached stops the count. */
  async function readable(stored: StoredEvent): Promise<Contribution | null> {
    try {
      return await contributionOf(stored);
    } catch (error) {
      if (error instanceof Error && error.name === 'StoreUnavailableError') throw error;
      onTrouble({ request: stored.request, err: error }, 'a request could not be counted');
      return null;
    }
  }

  async function save(): Promise<void> {
    await begin();
    if (changed.size === 0 && position === savedPosition && !isRepairing) return;
    const kept = await store.recall(PLACE);
    if (kept !== placeText && !isRepairing) return goOnFrom(kept);
    for (const week of [...changed].sort()) {
      const tally = held.get(week);
      const ordinal = ordinalOf(week);
      if (tally === undefined || ordinal === null) continue;
      // Nothing of this week stands between what it counted last and here.
      tally.upTo = Math.max(tally.upTo, position);
      await store.remember(nameOf(week), weekText(tally), startOf(ordinal + WEEKS + 1));
      complete.set(week, tally.upTo);
    }
    const oldest = weekOf(oldestKept());
    for (const week of complete.keys()) if (week < oldest) complete.delete(week);
    const place: Place = { position, at, weeks: Object.fromEntries(complete) };
    const text = JSON.stringify(place);
    await store.remember(PLACE, text, null);
    changed.clear();
    placeText = text;
    savedPosition = position;
    isRepairing = false;
    for (const week of held.keys()) {
      if (held.size <= HELD_WEEKS) break;
      held.delete(week);
    }
  }

  return {
    async advance(most) {
      await begin();
      for (let seen = 0; seen < most; ) {
        const page = await store.log(position, PAGE_EVENTS);
        let isWhole = true;
        for (const stored of page) {
          seen += 1;
          isWhole = await count(stored);
          if (!isWhole) break;
        }
        isComplete = isWhole && page.length < PAGE_EVENTS;
        if (held.size > HELD_WEEKS) await save();
        if (isComplete) return false;
        // The embedded database answers in the same turn of the event loop: whoever else waits comes first.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      return true;
    },
    save,
    async week(week, wanted) {
      await begin();
      const known = held.get(week);
      return known === undefined ? keptWeek(week, wanted) : readWeek(weekText(known), wanted);
    },
    progress: () => ({ position, at, isComplete }),
  };
}

/** null where it is none that was written here. */
function placeIn(text: string): Place | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== 'object' || read === null || !('position' in read) || !('at' in read) || !('weeks' in read))
    return null;
  const { position, at, weeks } = read;
  if (typeof position !== 'number' || (at !== null && typeof at !== 'number')) return null;
  if (typeof weeks !== 'object' || weeks === null) return null;
  const complete: Record<Week, number> = {};
  for (const [week, upTo] of Object.entries(weeks)) if (typeof upTo === 'number') complete[week] = upTo;
  return { position, at, weeks: complete };
}
