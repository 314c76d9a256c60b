/**
 * test/bot/rehearsal/real.ts: the same scene with the real handler, a real store and ticks, on a clock that is set by
 * hand; and scenes made up at random: any gate, around changes of the clocks, leap days and year ends.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { createHandovers } from '../../../src/bot/absence/handovers.ts';
import { createHandler } from '../../../src/bot/handle.ts';
import type { Routes } from '../../../src/bot/outgoing.ts';
import type { Moment, Scene } from '../../../src/bot/rehearsal/play.ts';
import { tickOnce } from '../../../src/bot/ticks.ts';
import type { CalendarDefinition, GateDefinition, Instant } from '../../../src/engine/definition.ts';
import type { Directory } from '../../../src/engine/directory.ts';
import { fold } from '../../../src/engine/evolve.ts';
import type { Event } from '../../../src/engine/request.ts';
import type { NewDelivery, Store } from '../../../src/store/port.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { signer } from '../../contract/requests.ts';
import { anyLife } from '../../engine/arbitrary.ts';
import { type Act, DAY, HOUR, MINUTE, T0, withDirectory } from '../../engine/house.ts';

export const TICK_MS = 5000;
/** How far a request without a deadline is followed here. */
const FAR = 9 * DAY;

const channels: Routes['channels'] = new Map([
  ['releases', { kind: 'slack', id: 'C0RELEASES' }],
  ['board', { kind: 'teams', id: '19:board' }],
  ['cfo', { kind: 'email', id: 'cfo@acme.dev' }],
]);
export const routesFor = (directory: Directory): Routes => ({
  channels,
  directory,
  reachable: new Set(['slack', 'teams', 'email']),
  threaded: new Set(['slack', 'teams']),
});

/** Monday in office hours; before the clocks change in Lisbon and in Sydney; leap day; new year's eve. */
const STARTS = [
  '2026-01-05T09:00:00Z',
  '2026-03-28T16:30:00Z',
  '2026-10-23T15:00:00Z',
  '2026-04-03T01:00:00Z',
  '2028-02-28T17:00:00Z',
  '2026-12-31T22:00:00Z',
].map((time) => Date.parse(time));
const hours = [{ days: [1, 2, 3, 4, 5], fromMinute: 9 * 60, toMinute: 18 * 60 }];
const night = [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 22 * 60, toMinute: 7 * 60 }];
const CALENDARS: readonly CalendarDefinition[] = [
  { name: 'lisbon', timezone: 'Europe/Lisbon', hours, holidays: ['2026-12-25', '2027-01-01'] },
  { name: 'sydney', timezone: 'Australia/Sydney', hours: night, holidays: [] },
];

const withCalendar = (gate: GateDefinition, calendar: CalendarDefinition | null): GateDefinition =>
  calendar === null
    ? gate
    : {
        ...gate,
        sla: gate.sla && { ...gate.sla, calendar },
        freeze: gate.freeze && { ...gate.freeze, calendar },
      };

/** What people do by themselves; time is the play's. */
const isDeed = (act: Act): boolean => act.type !== 'tick' && act.type !== 'heartbeat';

let count = 0;
/** Steps closer than a tick collapse into one, as they should, and then a run is not like its rehearsal. */
const longer = <T extends number | null>(ms: T) => (ms === null || ms > MINUTE ? ms : HOUR);
const coarse = (gate: GateDefinition): GateDefinition => ({
  ...gate,
  remind: gate.remind && { ...gate.remind, afterMs: HOUR, everyMs: longer(gate.remind.everyMs) },
  sla: gate.sla && { ...gate.sla, targetMs: longer(gate.sla.targetMs), warnAtMs: longer(gate.sla.warnAtMs) },
  escalate: gate.escalate.map((step) => ({ ...step, afterMs: longer(step.afterMs) ?? HOUR })),
});

/** @param deeds whether anybody does anything; else steps are a minute apart at least */
export const anyScene = (deeds: boolean): fc.Arbitrary<Scene> =>
  fc
    .record({
      life: anyLife(),
      from: fc.constantFrom(...STARTS),
      calendar: fc.constantFrom(null, ...CALENDARS),
      quiet: fc.boolean(),
      gaps: fc.array(fc.constantFrom(0, 7_001, 20 * MINUTE, HOUR, 7 * HOUR), { maxLength: 12 }),
    })
    .map(({ life, from, calendar, quiet, gaps }) => {
      const [known] = life.directories;
      const people = [...known.people].map(
        ([id, person]) =>
          [
            id,
            {
              ...person,
              away: person.away.map((absence) => ({
                ...absence,
                from: absence.from + from - T0,
                to: absence.to + from - T0,
              })),
              ...(quiet && { timezone: 'Europe/Lisbon', quietHours: night }),
            },
          ] as const,
      );
      const directory: Directory = { ...known, people: new Map(people) };
      let at = from;
      const acts = gaps.flatMap((gap, i) => {
        const act = life.acts[i]?.act;
        at += gap;
        return deeds && act !== undefined && isDeed(act)
          ? [{ at, command: (now: Directory) => withDirectory(act, now) }]
          : [];
      });
      count += 1;
      return {
        gate: withCalendar(
          { ...(deeds ? life.gate : coarse(life.gate)), notify: ['releases', 'board'], fallback: ['cfo'] },
          calendar,
        ),
        content: {
          ...life.content,
          id: `req_${String(count).padStart(12, '0')}`,
          callback: { url: 'https://ci.acme.dev/hook' },
        },
        directory,
        routes: routesFor(directory),
        from,
        until: from + FAR,
        acts,
      };
    });

export interface Run {
  readonly events: readonly Event[];
  readonly deliveries: readonly NewDelivery[];
}

/** @param ticks `due`: at each moment that is due; `regular`: every five seconds, from a second after the opening */
export async function run(scene: Scene, ticks: 'due' | 'regular'): Promise<Run> {
  const { gate, content, from, acts } = scene;
  let now: Instant = from;
  const clock = () => now;
  const store = await openSqlite({ file: ':memory:', signer, fold, clock });
  const end = scene.until ?? from;
  const directory = (): Directory => (typeof scene.directory === 'function' ? scene.directory(now) : scene.directory);
  const written: NewDelivery[] = [];
  const handler = createHandler(noting(store, written), {
    routes: () => ({ ...scene.routes, directory: directory() }),
    clock,
    onRefused: () => {},
  });
  const events: Event[] = [];
  const stop = store.subscribe((committed) => {
    if (committed.state.content.id === content.id) events.push(...committed.events);
  });
  const log = { error: (fields: object) => expect.unreachable(JSON.stringify(fields)) };
  await handler.open({ type: 'open', content, gate }, null, JSON.stringify(content));
  const waiting = [...acts];
  const handovers = createHandovers({ store, handler, directory, clock, log });
  await handovers.turn();
  const edges = [...directory().people.values()]
    .flatMap(({ away }) => away.flatMap((absence) => [absence.from, absence.to]))
    .filter((edge) => edge > from)
    .sort((a, b) => a - b);
  for (;;) {
    const due = Math.min((await store.nextDueAt()) ?? Number.POSITIVE_INFINITY, edges[0] ?? Number.POSITIVE_INFINITY);
    const tick: Instant | null = Number.isFinite(due) ? nextTickAt(due, now, from, ticks) : null;
    const act = waiting[0]?.at ?? null;
    const next = Math.min(tick ?? Number.POSITIVE_INFINITY, act ?? Number.POSITIVE_INFINITY);
    if (next > end) break;
    now = next;
    if (tick === next) {
      await tickOnce(store, handler, now, log);
      while ((edges[0] ?? now + 1) <= now) edges.shift();
      await handovers.turn();
    } else {
      const command = waiting.shift()?.command;
      if (command !== undefined) await handler.change(content.id, command);
    }
  }
  stop();
  await store.close();
  return { events, deliveries: written };
}

/** When the tick comes: at the moment itself, or with the next beat after the last one. */
function nextTickAt(due: Instant, now: Instant, from: Instant, ticks: 'due' | 'regular'): Instant {
  if (ticks === 'due') return Math.max(due, now);
  const beats = Math.ceil((Math.max(due, now + 1) - from - 1000) / TICK_MS);
  return from + 1000 + beats * TICK_MS;
}

/** The store, with what it is given to send noted down. */
function noting(store: Store, written: NewDelivery[]): Store {
  return {
    ...store,
    open: (work) =>
      store.open({
        ...work,
        decide: () => {
          const change = work.decide();
          if (change.kind === 'write') written.push(...change.write.deliveries);
          return change;
        },
      }),
    change: (id, decide) =>
      store.change(id, (state) => {
        const change = decide(state);
        if (change.kind === 'write') written.push(...change.write.deliveries);
        return change;
      }),
  };
}

export const eventsOf = (moments: readonly Moment[]): readonly Event[] => moments.flatMap(({ events }) => events);
export const deliveriesOf = (moments: readonly Moment[]): readonly NewDelivery[] =>
  moments.flatMap(({ deliveries }) => deliveries);
