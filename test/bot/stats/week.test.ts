import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ordinalAt, ordinalOf, startOf, weekAt, weekOf } from '../../../src/bot/stats/week.ts';

const at = (text: string): number => Date.parse(text);

describe('ISO weeks', () => {
  it.each([
    ['2026-11-22T23:59:59.999Z', '2026-W47'],
    ['2026-11-23T00:00:00Z', '2026-W48'],
    ['2026-01-01T00:00:00Z', '2026-W01'],
    ['2025-12-29T00:00:00Z', '2026-W01'],
    ['2025-12-28T23:59:59Z', '2025-W52'],
    ['2026-12-31T12:00:00Z', '2026-W53'],
    ['2027-01-03T23:59:59.999Z', '2026-W53'],
    ['2027-01-04T00:00:00Z', '2027-W01'],
    ['2024-02-29T12:00:00Z', '2024-W09'],
    ['2020-12-31T00:00:00Z', '2020-W53'],
    ['1970-01-01T00:00:00Z', '1970-W01'],
  ])('%s is in %s', (time, week) => expect(weekAt(at(time))).toBe(week));

  it('have a 53rd only in long years', () => {
    expect(ordinalOf('2026-W53')).not.toBeNull();
    for (const week of ['2025-W53', '2026-W54', '2026-W00', '2026-W7', '2026W07', '26-W07', 'W07', '', '2026-W07 '])
      expect([week, ordinalOf(week)]).toEqual([week, null]);
  });

  it('follow each other without a gap, through every year end and change of clocks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (instant) => {
        const ordinal = ordinalAt(instant);
        expect(ordinalOf(weekOf(ordinal))).toBe(ordinal);
        expect(startOf(ordinal)).toBeLessThanOrEqual(instant);
        expect(startOf(ordinal + 1)).toBeGreaterThan(instant);
        expect(weekOf(ordinal) < weekOf(ordinal + 1)).toBe(true);
      }),
    );
  });
});
