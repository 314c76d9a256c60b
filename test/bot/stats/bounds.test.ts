import { describe, expect, it } from 'vitest';
import { GATES, PEOPLE, ROWS, TRAIL_EVENTS } from '../../../src/bot/stats/limits.ts';
import { createFigures, EVERY_GATE, TooManyRowsError } from '../../../src/bot/stats/report.ts';
import { Adding, type GateCount, readWeek, WeekTally, weekText } from '../../../src/bot/stats/tally.ts';
import { openedAt } from '../../../src/bot/stats/trail.ts';
import type { Store, StoredEvent } from '../../../src/store/port.ts';
import { House } from './house.ts';

const MONDAY = '2026-03-02T09:00:00Z';

describe('a week', () => {
  it('takes no more gates and people than its bounds, and says how often one was left out', () => {
    const week = new WeekTally();
    for (let i = 0; i < GATES + 5; i++) week.add(openedAt(`gate-${i}`));
    week.add(openedAt('gate-0')); // known: counted on
    const vote = new Adding<'votes'>();
    vote.count('votes');
    const people = new Map(Array.from({ length: PEOPLE + 3 }, (_, i) => [`person-${i}`, vote]));
    week.add({ gate: 'gate-1', tally: new Adding<GateCount>(), people });
    expect([week.gates.size, week.people.size, week.leftOut]).toEqual([GATES, PEOPLE, 8]);
    expect(week.gates.get('gate-0')?.counts.opened).toBe(2);
  });

  it('comes back from its text as it was, whatever names it holds', () => {
    const week = new WeekTally();
    const names = ['plain', 'a",b', '\\"', '["g","x",', '__proto__', 'constructor', 'zoë ✓', ''];
    for (const name of names) week.add(openedAt(name));
    Object.assign(week, { upTo: 7, unread: 1, leftOut: 2 });
    const text = weekText(week);
    expect(weekText(readWeek(text))).toBe(text);
    for (const name of names) {
      const one = readWeek(text, { gate: (known) => known === name, person: () => false });
      expect([...one.gates.keys()]).toEqual([name]);
      expect([one.upTo, one.unread, one.leftOut]).toEqual([7, 1, 2]);
    }
  });
});

describe('an answer', () => {
  it('has no more rows than its bound', async () => {
    const week = new WeekTally();
    for (let i = 0; i < GATES; i++) week.add(openedAt(`gate-${i}`));
    const progress = () => ({ position: 0, at: null, isComplete: true });
    const figures = createFigures({ week: async () => week, progress }, () => Date.parse(MONDAY));
    const to = figures.thisWeek();
    const most = ROWS / GATES;
    expect((await figures.report({ from: to - most + 1, to }, EVERY_GATE)).gates).toHaveLength(GATES);
    await expect(figures.report({ from: to - most, to }, EVERY_GATE)).rejects.toThrow(TooManyRowsError);
  });
});

describe('a trail of very many events', () => {
  it('counts with its outcome alone, and is not walked through', async () => {
    const house = await House.open(MONDAY);
    await house.ask('quick');
    await house.pass(2 * 3_600_000, 60_000);
    const long: Store = Object.assign(Object.create(house.store), {
      log: async (after: number, limit: number): Promise<readonly StoredEvent[]> =>
        (await house.store.log(after, limit)).map((event) =>
          event.type === 'closed' ? { ...event, version: TRAIL_EVENTS + 1 } : event,
        ),
      events: () => expect.fail('it was read'),
    });
    const projection = house.projection(long);
    await projection.advance(1_000);
    const figures = createFigures(projection, house.clock);
    const week = figures.thisWeek();
    const { gates, people } = await figures.report({ from: week, to: week }, { gate: () => true, person: () => true });
    expect(gates[0]?.total).toMatchObject({ opened: 1, timeouts: 1, reminders: 0, sla: { breached: 1 } });
    expect(people).toEqual([]);
  });
});
