/** test/adapters/ics/calendars.ts: calendars as Outlook, Google and Apple write them, and helpers to write others. */

export const calendar = (...parts: readonly string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Test//EN', ...parts, 'END:VCALENDAR', ''].join('\r\n');

let last = 0;
export const event = (...lines: readonly string[]): string => {
  const uid = lines.some((line) => line.startsWith('UID:')) ? [] : [`UID:event-${++last}`];
  return ['BEGIN:VEVENT', ...uid, 'DTSTAMP:20261101T080000Z', ...lines, 'END:VEVENT'].join('\r\n');
};

/** A published Outlook calendar: Windows' names of time zones, each with its rules, and the status that it calls OOF. */
export const OUTLOOK = calendar(
  'METHOD:PUBLISH',
  'X-WR-CALNAME:Calendar',
  [
    'BEGIN:VTIMEZONE',
    'TZID:W. Europe Standard Time',
    'BEGIN:STANDARD',
    'DTSTART:16010101T030000',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
    'END:STANDARD',
    'BEGIN:DAYLIGHT',
    'DTSTART:16010101T020000',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
    'END:DAYLIGHT',
    'END:VTIMEZONE',
  ].join('\r\n'),
  event(
    'UID:040000008200E00074C5B7101A82E008-1',
    'SUMMARY:Zahnarzt',
    'DTSTART;TZID=W. Europe Standard Time:20261124T090000',
    'DTEND;TZID=W. Europe Standard Time:20261124T123000',
    'CLASS:PUBLIC',
    'TRANSP:OPAQUE',
    'X-MICROSOFT-CDO-BUSYSTATUS:OOF',
    'X-MICROSOFT-CDO-ALLDAYEVENT:FALSE',
  ),
  event(
    'SUMMARY:Steering committee',
    'DTSTART;TZID=W. Europe Standard Time:20261125T090000',
    'DTEND;TZID=W. Europe Standard Time:20261125T100000',
    'X-MICROSOFT-CDO-BUSYSTATUS:BUSY',
  ),
  event(
    'SUMMARY:Focus',
    'DTSTART;TZID=W. Europe Standard Time:20261125T130000',
    'DTEND;TZID=W. Europe Standard Time:20261125T150000',
    'X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE',
  ),
  event(
    'SUMMARY:Weihnachten',
    'DTSTART;VALUE=DATE:20261223',
    'DTEND;VALUE=DATE:20270102',
    'X-MICROSOFT-CDO-BUSYSTATUS:OOF',
    'X-MICROSOFT-CDO-ALLDAYEVENT:TRUE',
  ),
);

/** Google's secret address: IANA zones with a location, moments in UTC, folded lines, and alarms. */
export const GOOGLE = calendar(
  'X-WR-TIMEZONE:America/New_York',
  [
    'BEGIN:VTIMEZONE',
    'TZID:America/New_York',
    'X-LIC-LOCATION:America/New_York',
    'BEGIN:DAYLIGHT',
    'TZOFFSETFROM:-0500',
    'TZOFFSETTO:-0400',
    'TZNAME:EDT',
    'DTSTART:19700308T020000',
    'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU',
    'END:DAYLIGHT',
    'BEGIN:STANDARD',
    'TZOFFSETFROM:-0400',
    'TZOFFSETTO:-0500',
    'TZNAME:EST',
    'DTSTART:19701101T020000',
    'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU',
    'END:STANDARD',
    'END:VTIMEZONE',
  ].join('\r\n'),
  event(
    'UID:ooo@google.com',
    'SUMMARY:Out of\r\n  office',
    'DTSTART:20261126T140000Z',
    'DTEND:20261126T220000Z',
    'TRANSP:OPAQUE',
    'STATUS:CONFIRMED',
  ),
  event(
    'UID:lunch@google.com',
    'SUMMARY:Lunch',
    'DESCRIPTION:we talk about my vacation',
    'DTSTART;TZID=America/New_York:20261127T120000',
    'DTEND;TZID=America/New_York:20261127T130000',
    'BEGIN:VALARM',
    'ACTION:EMAIL',
    'SUMMARY:Out of office',
    'TRIGGER:-PT15M',
    'END:VALARM',
  ),
  event(
    'UID:off@google.com',
    'SUMMARY:Day off',
    'DTSTART;VALUE=DATE:20261127',
    'DTEND;VALUE=DATE:20261128',
    'TRANSP:TRANSPARENT',
  ),
);

/** Apple's calendar: categories, a duration in place of an end, a series with an exception and one that was moved. */
export const APPLE = calendar(
  'CALSCALE:GREGORIAN',
  event('SUMMARY:Trip', 'CATEGORIES:Travel,VACATION', 'DTSTART;TZID=Europe/Lisbon:20261130T080000', 'DURATION:P1DT4H'),
  event(
    'UID:FC97A241-EC79-4848',
    'SUMMARY:Férias',
    'DTSTART;VALUE=DATE:20261204',
    'RRULE:FREQ=WEEKLY;UNTIL=20261231',
    'EXDATE;VALUE=DATE:20261211',
  ),
  event('UID:FC97A241-EC79-4848', 'RECURRENCE-ID;VALUE=DATE:20261218', 'SUMMARY:Férias', 'DTSTART;VALUE=DATE:20261217'),
  event(
    'UID:FC97A241-EC79-4848',
    'RECURRENCE-ID;VALUE=DATE:20261225',
    'SUMMARY:On call',
    'DTSTART;VALUE=DATE:20261225',
  ),
);
