import { describe, expect, it } from 'vitest';
import { statsPageOf } from '../../../src/bot/stats/page.ts';
import { createFigures } from '../../../src/bot/stats/report.ts';
import { HOUR, House, MINUTE, WEEK } from './house.ts';

/** Three weeks: quick is kept, kept, and then missed; glass has nothing but an opening. */
async function lived() {
  const house = await House.open('2026-12-15T09:00:00Z'); // Tuesday of 2026-W51
  for (const [nth, late] of [false, false, true].entries()) {
    if (nth > 0) await house.pass(WEEK - HOUR, 6 * HOUR);
    const id = await house.ask('quick');
    await house.pass((late ? 20 : 5) * MINUTE, MINUTE);
    await house.vote(id, 'ana');
  }
  await house.ask('glass');
  const projection = house.projection();
  await projection.advance(10_000);
  const page = (person: string) =>
    statsPageOf(createFigures(projection, house.clock), person, {
      ...house.config,
      admins: ['mia'],
      now: house.now,
      store: house.store,
    });
  return { house, page };
}

describe('the page of figures', () => {
  it('has this week beside the eight before, the gate that keeps its SLA worst first', async () => {
    const { page } = await lived();
    const { weeks, gates, own, more, countedUntil } = await page('ana');
    expect([weeks.length, weeks[0], weeks.at(-1)]).toEqual([9, '2026-W45', '2026-W53']);
    expect(gates.map(({ name }) => name)).toEqual(['quick', 'glass']);
    const [quick, glass] = gates;
    expect(quick?.byWeek.map(({ slaMet, slaJudged }) => `${slaMet}/${slaJudged}`)).toEqual([
      ...Array(6).fill('0/0'),
      '1/1',
      '1/1',
      '0/1',
    ]);
    expect(quick?.before).toMatchObject({ opened: 2, approved: 2, slaMet: 2, slaJudged: 2 });
    expect(quick?.now).toMatchObject({ opened: 1, approved: 1, slaMet: 0, slaJudged: 1 });
    expect(glass?.byWeek.at(-1)).toMatchObject({ opened: 1, approved: 0, medianMs: null });
    expect([own.asked, own.votes, more, countedUntil]).toEqual([2, 2, 0, null]);
  });

  it('shows the gates that one has a part in, with nobody’s answers but one’s own; admins see every gate', async () => {
    const { page } = await lived();
    expect(await page('eve')).toMatchObject({ gates: [], own: { asked: 0 } });
    expect((await page('ben')).gates).toEqual([]);
    expect((await page('mia')).gates.map(({ name }) => name)).toEqual(['quick', 'glass']);
    expect((await page('mia')).own.asked).toBe(0);
  });

  it('shows a gate whose requests one had a part in, though the config does not name one there', async () => {
    const { house, page } = await lived();
    await house.ask('plain', 'eve');
    await house.ask('two', 'eve');
    const projection = house.projection();
    await projection.advance(10_000);
    expect((await page('eve')).gates).toEqual([]); // not counted yet
    const { gates } = await statsPageOf(createFigures(projection, house.clock), 'eve', {
      ...house.config,
      now: house.now,
      store: house.store,
    });
    expect(gates.map(({ name }) => name)).toEqual(['plain', 'two']);
  });
});
