import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AwayEntry } from '../../../src/bot/absence/entry.ts';
import { absencesOf } from '../../../src/bot/absence/overlay.ts';

const said = (
  at: number,
  from: number,
  to: number,
  delegate: string | null,
  more: Partial<AwayEntry> = {},
): AwayEntry => {
  const facts = { id: String(at), person: 'ana', by: 'ana', via: 'slack', at } as const;
  return { ...facts, kind: 'away', from, to, delegate, ...more };
};
const config = (from: number, to: number, delegate: string | null) => ({ from, to, delegate });

describe('absences from several places', () => {
  it('that are apart or touch with the same stand-in are simply all of them', () => {
    expect(absencesOf([said(1, 10, 20, 'ben')], [{ from: 30, to: 40 }], [config(40, 50, null)])).toEqual([
      { from: 10, to: 20, delegate: 'ben' },
      { from: 30, to: 50, delegate: null },
    ]);
  });

  it('take the stand-in from what was said, then from the config; a calendar names nobody', () => {
    expect(absencesOf([said(1, 10, 20, 'ben')], [{ from: 0, to: 40 }], [config(15, 30, 'cy')])).toEqual([
      { from: 0, to: 10, delegate: null },
      { from: 10, to: 20, delegate: 'ben' },
      { from: 20, to: 30, delegate: 'cy' },
      { from: 30, to: 40, delegate: null },
    ]);
  });

  it('go by what was said last', () => {
    expect(absencesOf([said(1, 0, 30, 'ben'), said(2, 10, 20, 'mia')], [], [])).toEqual([
      { from: 0, to: 10, delegate: 'ben' },
      { from: 10, to: 20, delegate: 'mia' },
      { from: 20, to: 30, delegate: 'ben' },
    ]);
  });

  it('end early when somebody is back, whatever a calendar and the config say of that time', () => {
    const back = said(2, 15, 40, null, { kind: 'here' });
    expect(
      absencesOf([said(1, 10, 20, 'ben', { endedAt: 15 }), back], [{ from: 0, to: 40 }], [config(30, 50, 'cy')]),
    ).toEqual([
      { from: 0, to: 10, delegate: null },
      { from: 10, to: 15, delegate: 'ben' },
      { from: 40, to: 50, delegate: 'cy' },
    ]);
  });

  it('are none where they were taken back before they began', () => {
    expect(absencesOf([said(1, 10, 20, 'ben', { endedAt: 5 })], [], [])).toEqual([]);
  });

  it('never overlap, and have somebody away exactly when what was said last, or else any other, says so', () => {
    const moment = fc.integer({ min: 0, max: 30 });
    const stretch = fc.tuple(moment, moment).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1 }));
    const who = fc.constantFrom('ben', 'cy', null);
    const entry = fc
      .record({ at: moment, stretch, delegate: who, kind: fc.constantFrom<'away' | 'here'>('away', 'here') })
      .map(({ at, stretch: { from, to }, delegate, kind }) =>
        said(at, from, to, kind === 'here' ? null : delegate, { kind }),
      );
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: ({ at }) => at, maxLength: 5 }),
        fc.array(stretch, { maxLength: 4 }),
        fc.array(fc.record({ stretch, delegate: who }), { maxLength: 4 }),
        (entries, calendar, rest) => {
          const inConfig = rest.map(({ stretch: { from, to }, delegate }) => config(from, to, delegate));
          const found = absencesOf(entries, calendar, inConfig);
          for (let at = 0; at <= 31; at++) {
            const covers = ({ from, to }: { from: number; to: number }) => from <= at && at < to;
            const last = entries
              .filter(covers)
              .toSorted((a, b) => a.at - b.at)
              .at(-1);
            const isAway = last === undefined ? [...calendar, ...inConfig].some(covers) : last.kind === 'away';
            expect(found.filter(covers)).toHaveLength(isAway ? 1 : 0);
            if (isAway && last?.delegate) expect(found.find(covers)?.delegate).toBe(last.delegate);
          }
        },
      ),
    );
  });
});
