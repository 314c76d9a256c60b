import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AWAY_WORDS, NOT_AWAY_WORDS } from '../../../src/adapters/ics/away.ts';
import { readCalendar } from '../../../src/adapters/ics/read.ts';
import { isTimeZone } from '../../../src/bot/config/index.ts';
import { APPLE, calendar, event, GOOGLE, OUTLOOK } from './calendars.ts';

/** A Sunday. */
const NOW = Date.parse('2026-11-22T10:00:00Z');
const read = (text: string, timezone = 'Europe/Lisbon', now = NOW) =>
  readCalendar(text, { timezone, email: 'ana@acme.dev', isTimeZone }, now);
const short = (at: number): string => new Date(at).toISOString().slice(0, 16);
const away = async (text: string, timezone?: string, now?: number): Promise<readonly string[]> =>
  (await read(text, timezone, now)).away.map(({ from, to }) => `${short(from)} ${short(to)}`);
const allDay = (summary: string, ...more: readonly string[]): string =>
  calendar(event(`SUMMARY:${summary}`, 'DTSTART;VALUE=DATE:20261124', ...more));

describe('somebody’s calendar', () => {
  it('of Outlook says out of office by its status, in Windows’ zones, and busy is not away', async () => {
    expect(await away(OUTLOOK, 'Europe/Berlin')).toEqual([
      '2026-11-24T08:00 2026-11-24T11:30',
      '2026-12-22T23:00 2027-01-01T23:00',
    ]);
  });

  it('of Google says it in the title, whatever descriptions and alarms say', async () => {
    expect(await away(GOOGLE, 'America/New_York')).toEqual([
      '2026-11-26T14:00 2026-11-26T22:00',
      '2026-11-27T05:00 2026-11-28T05:00',
    ]);
  });

  it('of Apple says it in its categories too; what was taken out, moved or renamed is so', async () => {
    expect(await away(APPLE)).toEqual([
      '2026-11-30T08:00 2026-12-01T12:00',
      '2026-12-04T00:00 2026-12-05T00:00',
      '2026-12-17T00:00 2026-12-18T00:00',
    ]);
  });

  it('means all-day events where its owner lives', async () => {
    const text = allDay('Vacation', 'DTEND;VALUE=DATE:20261126');
    expect(await away(text, 'Asia/Tokyo')).toEqual(['2026-11-23T15:00 2026-11-25T15:00']);
    expect(await away(text, 'America/New_York')).toEqual(['2026-11-24T05:00 2026-11-26T05:00']);
  });

  it('keeps the wall time of a weekly afternoon off when the clocks change', async () => {
    const text = calendar(
      event(
        'SUMMARY:OOO',
        'DTSTART;TZID=Europe/Lisbon:20150101T140000',
        'DTEND;TZID=Europe/Lisbon:20150101T180000',
        'RRULE:FREQ=WEEKLY;BYDAY=TH',
      ),
    );
    expect(await away(text, 'UTC', Date.parse('2026-10-17T10:00Z'))).toEqual([
      '2026-10-22T13:00 2026-10-22T17:00',
      '2026-10-29T14:00 2026-10-29T18:00',
      '2026-11-05T14:00 2026-11-05T18:00',
      '2026-11-12T14:00 2026-11-12T18:00',
      '2026-11-19T14:00 2026-11-19T18:00',
      '2026-11-26T14:00 2026-11-26T18:00',
      '2026-12-03T14:00 2026-12-03T18:00',
      '2026-12-10T14:00 2026-12-10T18:00',
    ]);
  });

  it('has whole days off on which the clocks change, of 25 hours', async () => {
    const text = calendar(event('SUMMARY:Urlaub', 'DTSTART;VALUE=DATE:20261025', 'DTEND;VALUE=DATE:20261026'));
    expect(await away(text, 'Europe/Berlin', Date.parse('2026-10-20T10:00Z'))).toEqual([
      '2026-10-24T22:00 2026-10-25T23:00',
    ]);
  });

  it('ends a series where it says, by day, by moment and by number', async () => {
    const series = (rule: string, zone: string): string =>
      calendar(
        event(
          'SUMMARY:PTO',
          `DTSTART;TZID=${zone}:20261126T080000`,
          `DTEND;TZID=${zone}:20261126T090000`,
          `RRULE:${rule}`,
        ),
      );
    const days = async (rule: string, zone: string) => (await away(series(rule, zone))).length;
    expect(await days('FREQ=DAILY;UNTIL=20261128', 'Asia/Tokyo')).toBe(3);
    expect(await days('FREQ=DAILY;UNTIL=20261127T230000Z', 'Asia/Tokyo')).toBe(3); // 28 November, 08:00 in Tokyo
    expect(await days('FREQ=DAILY;UNTIL=20261127T225959Z', 'Asia/Tokyo')).toBe(2);
    expect(await days('FREQ=DAILY;UNTIL=20261128T130000Z', 'America/New_York')).toBe(3);
    expect(await days('FREQ=DAILY;COUNT=4', 'Asia/Tokyo')).toBe(4);
    expect(await days('FREQ=DAILY', 'Asia/Tokyo')).toBe(57); // no end: as far as is looked
  });

  it('joins single days off that touch', async () => {
    const days = ['24', '25', '26'].map((day) => event('SUMMARY:Off work', `DTSTART;VALUE=DATE:202611${day}`));
    expect(await away(calendar(...days, event('SUMMARY:PTO', 'DTSTART;VALUE=DATE:20261128')), 'UTC')).toEqual([
      '2026-11-24T00:00 2026-11-27T00:00',
      '2026-11-28T00:00 2026-11-29T00:00',
    ]);
  });

  it('keeps what has begun long ago and lasts, and nothing that is over or far ahead', async () => {
    const text = calendar(
      event('SUMMARY:Parental leave', 'DTSTART;VALUE=DATE:20260201', 'DTEND;VALUE=DATE:20270201'),
      event('SUMMARY:Vacation', 'DTSTART;VALUE=DATE:20260601', 'DTEND;VALUE=DATE:20260701'),
      event('SUMMARY:Vacation', 'DTSTART;VALUE=DATE:20270601', 'DTEND;VALUE=DATE:20270701'),
    );
    expect(await away(text, 'UTC')).toEqual(['2026-02-01T00:00 2027-02-01T00:00']);
  });

  it.each(AWAY_WORDS)('knows “%s”, in whatever case and among other words', async (word) => {
    expect(await away(allDay(word))).toHaveLength(1);
    expect(await away(allDay(`Ana: ${word.toUpperCase()} (home)`))).toHaveLength(1);
    expect(await away(allDay(`x${word}`))).toEqual([]);
  });

  it.each([
    ...NOT_AWAY_WORDS.map((word) => `${word} vacation`),
    'Busy',
    'Christmas holiday market',
    'Vacationer interview',
    'Booot camp',
    'Homesick',
    'Sickness statistics',
    'Leave the house',
    '',
  ])('does not take “%s” for an absence', async (title) => {
    expect(await away(allDay(title))).toEqual([]);
  });

  it('lists these words for users', () => {
    const text = readFileSync(new URL('../../../docs/people.md', import.meta.url), 'utf8');
    expect([...AWAY_WORDS, ...NOT_AWAY_WORDS].filter((word) => !text.includes(`_${word}_`))).toEqual([]);
  });

  it('counts no cancelled and no tentative event, and none in which it is only said by the way', async () => {
    expect(await away(allDay('Vacation', 'STATUS:CANCELLED'))).toEqual([]);
    expect(await away(allDay('Vacation', 'STATUS:TENTATIVE'))).toEqual([]);
    expect(await away(allDay('Vacation', 'STATUS:CONFIRMED'))).toHaveLength(1);
    expect(await away(allDay('Call', 'DESCRIPTION:vacation', 'LOCATION:out of office'))).toEqual([]);
    expect(await away(allDay('Call', 'X-MICROSOFT-CDO-INTENDEDSTATUS:OOF'))).toHaveLength(1);
  });

  it('takes no invitation for an absence that its owner has not accepted', async () => {
    const invited = (answer: string, whom = 'Ana@acme.dev') =>
      allDay('OOO', 'ORGANIZER:mailto:eve@acme.dev', `ATTENDEE;CN=X;PARTSTAT=${answer}:mailto:${whom}`);
    for (const answer of ['NEEDS-ACTION', 'DECLINED', 'TENTATIVE', 'DELEGATED'])
      expect(await away(invited(answer)), answer).toEqual([]);
    expect(await away(invited('ACCEPTED'))).toHaveLength(1);
    expect(await away(invited('DECLINED', 'ben@acme.dev'))).toHaveLength(1);
    const many = Array.from({ length: 2_000 }, (_, i) => `ATTENDEE;PARTSTAT=ACCEPTED:mailto:p${i}@acme.dev`);
    expect(await away(allDay('OOO', ...many))).toHaveLength(1);
  });

  it('takes a repetition that was cancelled out of its series', async () => {
    const series = ['UID:s', 'SUMMARY:Day off'];
    const text = calendar(
      event(...series, 'DTSTART;VALUE=DATE:20261124', 'RRULE:FREQ=DAILY;COUNT=3'),
      event(...series, 'RECURRENCE-ID;VALUE=DATE:20261125', 'DTSTART;VALUE=DATE:20261125', 'STATUS:CANCELLED'),
    );
    expect(await away(text, 'UTC')).toEqual(['2026-11-24T00:00 2026-11-25T00:00', '2026-11-26T00:00 2026-11-27T00:00']);
  });
});

describe('a calendar that is none', () => {
  it.each([
    ['a web page', '<!doctype html><html><body>Sign in</body></html>', /a web page and no calendar/],
    ['nothing', '', /does not begin with BEGIN:VCALENDAR/],
    ['JSON', '{"events":[]}', /does not begin with BEGIN:VCALENDAR/],
    ['a business card', 'BEGIN:VCARD\r\nEND:VCARD', /does not begin with BEGIN:VCALENDAR/],
    ['one without its end', OUTLOOK.slice(0, -'END:VCALENDAR__'.length), /incomplete/],
    ['one cut in the middle', OUTLOOK.slice(0, 900), /incomplete/],
    ['a damaged one', calendar('BEGIN:VEVENT\r\nEND:VTODO'), /damaged/],
    ['one nested in itself', calendar('BEGIN:VEVENT\r\n'.repeat(9)), /too deep/],
    [
      'one of 20,001 events',
      calendar(...Array.from({ length: 20_001 }, () => event('SUMMARY:x'))),
      /more than 20000 events/,
    ],
  ])('is refused with what is wrong: %s', async (_what, text, words) => {
    await expect(read(text)).rejects.toThrow(words);
  });

  it('never breaks on garbage, and always ends', async () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'BEGIN:VEVENT',
        'END:VEVENT',
        'SUMMARY:OOO',
        'DTSTART;VALUE=DATE:20261124',
        'DTSTART:x',
        'BEGIN:VALARM',
      ),
      fc.string().map((text) => `RRULE:FREQ=DAILY;${text}`),
      fc.string().map((text) => `DTSTART;TZID=${text}:20261124T090000`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 30 }), async (lines) => {
        const found = await read(calendar(...lines)).catch((error: Error) => error.name);
        if (typeof found === 'string') expect(found).toBe('UnreadableCalendarError');
        else for (const { from, to } of found.away) expect(to).toBeGreaterThan(from);
      }),
      { numRuns: 300 },
    );
  });
});

describe('one bad event', () => {
  it.each([
    ['a day that is none', 'DTSTART:never'],
    ['a 13th month', 'DTSTART;VALUE=DATE:20261399'],
    ['no beginning', 'DTEND:20261124T090000Z'],
    ['repeating by the second', 'DTSTART:20261124T090000Z\r\nRRULE:FREQ=SECONDLY'],
    ['repeating by the hour', 'DTSTART:20261124T090000Z\r\nRRULE:FREQ=DAILY;BYHOUR=1,2,3'],
    ['a huge step', 'DTSTART:20261124T090000Z\r\nRRULE:FREQ=DAILY;INTERVAL=100000000'],
    ['a rule that leads nowhere', 'DTSTART:20200101T090000Z\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'],
    ['a ninth Monday', 'DTSTART:20200101T090000Z\r\nRRULE:FREQ=MONTHLY;BYDAY=9MO'],
    ['the year 9999', 'DTSTART:99990101T090000Z'],
    ['endless exceptions', `DTSTART:20261124T090000Z\r\nEXDATE:${'20261124T090000Z,'.repeat(10_000)}20261125T090000Z`],
  ])('(%s) stops no other, and costs little', async (_what, lines) => {
    const began = performance.now();
    const found = await read(
      calendar(event('SUMMARY:OOO', lines), event('SUMMARY:PTO', 'DTSTART;VALUE=DATE:20261201')),
    );
    expect(found.away.map(({ from }) => short(from))).toContain('2026-12-01T00:00');
    expect(found.away.length).toBeLessThanOrEqual(2);
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  it('is counted', async () => {
    expect((await read(calendar(event('SUMMARY:OOO', 'DTSTART:never')))).unreadable).toBe(1);
  });
});

describe('a large calendar', () => {
  it('of 20,000 meetings is read while others have their turns', async () => {
    const text = calendar(
      ...Array.from({ length: 19_999 }, () =>
        event('SUMMARY:Stand-up', 'DTSTART:20261123T090000Z', 'RRULE:FREQ=DAILY'),
      ),
      event('SUMMARY:PTO', 'DTSTART;VALUE=DATE:20261201'),
    );
    let turns = 0;
    const beat = setInterval(() => turns++, 1);
    const found = await read(text);
    clearInterval(beat);
    expect(found.away).toHaveLength(1);
    expect(turns).toBeGreaterThan(1);
  });

  it('of endless series is given up after a while, and one with too many absences is cut', async () => {
    const endless = (count: number): string =>
      calendar(
        ...Array.from({ length: count }, (_, i) =>
          event(
            'SUMMARY:OOO',
            `DTSTART:19700101T${String(i % 24).padStart(2, '0')}0000Z`,
            'DURATION:PT30M',
            'RRULE:FREQ=DAILY',
          ),
        ),
      );
    expect(await read(endless(24))).toMatchObject({ isCut: true, away: { length: 500 } });
    await expect(read(endless(19_000))).rejects.toThrow(/takes too long/);
  });
});
