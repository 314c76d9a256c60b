import { describe, expect, it, onTestFinished } from 'vitest';
import { createCalendars, type ReadCalendar } from '../../../src/bot/absence/calendars.ts';
import { AT_ONCE, RETRY_MS, STALE_MS } from '../../../src/bot/absence/limits.ts';
import { VirtualTime } from '../dispatch-parts.ts';

const MINUTE = 60_000;
const SECRET = 'https://calendar.acme.dev/private-0123456789/basic.ics';

function house(read: (url: string, now: number) => Promise<ReadCalendar> | ReadCalendar) {
  const time = new VirtualTime(Date.parse('2026-11-22T10:00:00Z'));
  let addresses = new Map([['ana', SECRET]]);
  let timezone = 'Europe/Lisbon';
  const lines: string[] = [];
  const asked: string[] = [];
  let news = 0;
  const log = (fields: object, message: string): void => void lines.push(`${JSON.stringify(fields)} ${message}`);
  const calendars = createCalendars({
    addresses: () => addresses,
    ownerOf: () => ({ timezone, email: null }),
    async read(url, owner, now) {
      asked.push(`${url} ${owner.timezone}`);
      return read(url, now);
    },
    clock: time.clock,
    timers: time.timers,
    random: () => 0.5,
    log: { info: log, warn: log },
    onNews: () => void news++,
  });
  onTestFinished(() => calendars.stop());
  return {
    time,
    calendars,
    lines,
    asked,
    news: () => news,
    config(next: Map<string, string>, zone = timezone) {
      addresses = next;
      timezone = zone;
      calendars.follow();
    },
  };
}

const OFF = { away: [{ from: 1, to: 2 }], note: null };

describe('calendars', () => {
  it('are read at the start and every half an hour, and say so only when something has changed', async () => {
    let away = OFF.away;
    const { time, calendars, asked, news } = house(() => ({ away, note: null }));
    calendars.follow();
    await time.pass(0);
    expect(calendars.away()).toEqual(new Map([['ana', OFF.away]]));
    const first = calendars.away();
    await time.pass(65 * MINUTE);
    expect(asked).toHaveLength(3);
    expect(calendars.away()).toBe(first);
    expect(news()).toBe(1);
    away = [];
    await time.pass(30 * MINUTE);
    expect(calendars.away()).toEqual(new Map([['ana', []]]));
    expect(news()).toBe(2);
  });

  it('that can’t be read any more count for a day as they were, and then not at all', async () => {
    let isDown = false;
    const { time, calendars, lines } = house(() => {
      if (isDown) throw new Error('it answered 500');
      return OFF;
    });
    calendars.follow();
    await time.pass(0);
    isDown = true;
    await time.pass(STALE_MS - MINUTE);
    expect(calendars.away().get('ana')).toEqual(OFF.away);
    expect(calendars.problems().get('ana')).toBe('it can’t be read (it answered 500): what was read last still counts');
    await time.pass(2 * RETRY_MS);
    expect(calendars.away().size).toBe(0);
    expect(calendars.problems().get('ana')).toBe(
      'it can’t be read (it answered 500): it is left out, and they count as here',
    );
    isDown = false;
    await time.pass(2 * RETRY_MS);
    expect(calendars.away().get('ana')).toEqual(OFF.away);
    expect(calendars.problems().size).toBe(0);
    expect(lines).toHaveLength(3); // once for each change, not for each attempt
    expect(lines.join()).not.toContain('private');
  });

  it('that never could be read leave their owners here', async () => {
    const { time, calendars } = house(() => Promise.reject(new Error('no answer')));
    calendars.follow();
    await time.pass(60 * MINUTE);
    expect(calendars.away().size).toBe(0);
    expect([...calendars.problems().keys()]).toEqual(['ana']);
  });

  it('follow the config: new ones are read at once, others forgotten, and a new zone or address read anew', async () => {
    const { time, calendars, asked, config } = house(() => OFF);
    calendars.follow();
    await time.pass(0);
    config(new Map([['ana', SECRET]]));
    await time.pass(0);
    expect(asked).toHaveLength(1);
    config(new Map([['ben', 'https://b.dev/x.ics']]));
    expect(calendars.away().size).toBe(0);
    await time.pass(0);
    expect([...calendars.away().keys()]).toEqual(['ben']);
    config(new Map([['ben', 'https://b.dev/x.ics']]), 'Asia/Tokyo');
    await time.pass(0);
    expect(asked.at(-1)).toBe('https://b.dev/x.ics Asia/Tokyo');
    config(new Map());
    await time.pass(120 * MINUTE);
    expect(asked).toHaveLength(3);
  });

  it('are read only a few at a time', async () => {
    const ends: (() => void)[] = [];
    const { time, calendars, asked, config } = house(
      () => new Promise<ReadCalendar>((resolve) => ends.push(() => resolve(OFF))),
    );
    config(new Map(Array.from({ length: 10 }, (_, i) => [`p${i}`, `https://c.dev/${i}`])));
    await time.pass(0);
    expect(asked).toHaveLength(AT_ONCE);
    while (ends.length > 0) {
      for (const end of ends.splice(0)) end();
      await time.pass(0);
    }
    expect(asked).toHaveLength(10);
    expect(calendars.away().size).toBe(10);
  });

  it('tell what of them could not be read', async () => {
    const { time, calendars, lines } = house(() => ({
      ...OFF,
      note: 'one of its absences can’t be read, and is left out',
    }));
    calendars.follow();
    await time.pass(120 * MINUTE);
    expect(calendars.away().get('ana')).toEqual(OFF.away);
    expect(lines).toHaveLength(1);
  });
});
