import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countIn, quantile, type Spread } from '../../../src/bot/stats/spread.ts';
import { Adding } from '../../../src/bot/stats/tally.ts';

const YEAR = 365 * 86_400_000;
const durations = fc.array(fc.integer({ min: 1, max: YEAR }), { minLength: 1, maxLength: 60 });
const spreadOf = (values: readonly number[]): Spread => {
  const tally = new Adding<never>();
  for (const value of values) tally.time(value);
  return tally.times;
};

describe('a spread of durations', () => {
  it('gives each quantile within 5 % of the duration at its rank', () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.9, 1), (values, share) => {
        const exact = values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0;
        const found = quantile(spreadOf(values), share) ?? 0;
        expect(Math.abs(found - exact) / exact).toBeLessThan(0.05);
      }),
    );
  });

  it('adds up: two weeks together have the quantiles of all their durations', () => {
    fc.assert(
      fc.property(durations, durations, (one, other) => {
        const both = new Adding<never>()
          .add({ counts: {}, times: spreadOf(one) }, [])
          .add({ counts: {}, times: spreadOf(other) }, []);
        expect(both.times).toEqual(spreadOf([...one, ...other]));
        expect(countIn(both.times)).toBe(one.length + other.length);
      }),
    );
  });

  it('takes what is shorter than a millisecond and longer than its end, and says nothing of nothing', () => {
    expect(quantile(spreadOf([0]), 0.5)).toBe(1);
    expect(Object.keys(spreadOf([1e15, 1e18]))).toHaveLength(1);
    expect(quantile({}, 0.5)).toBeNull();
  });
});
