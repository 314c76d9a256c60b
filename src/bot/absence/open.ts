/** src/bot/absence/open.ts: absences with what they need of the outside: calendars that are fetched over guarded HTTP. */
import type { AllowList } from '../../adapters/http/addresses.ts';
import { createHttpReader, type HttpReader } from '../../adapters/http/reader.ts';
import { fetchCalendar } from '../../adapters/ics/feed.ts';
import { INSTANCES } from '../../adapters/ics/limits.ts';
import type { Calendar } from '../../adapters/ics/read.ts';
import type { Instant } from '../../engine/definition.ts';
import { isTimeZone } from '../config/index.ts';
import { systemTimers } from '../dispatch/timers.ts';
import { type AbsenceParts, type Absences, createAbsences } from './absences.ts';
import type { CalendarOwner, ReadCalendar } from './calendars.ts';

export interface AbsenceOptions extends Omit<AbsenceParts, 'read' | 'timers' | 'random'> {
  /** Which addresses calendars may have besides public ones. */
  readonly allow: AllowList;
}

export function openAbsences({ allow, ...parts }: AbsenceOptions): Absences {
  const reader = createHttpReader(allow);
  const absences = createAbsences({
    ...parts,
    read: (url, owner, now, signal) => readFrom(reader, url, owner, now, signal),
    timers: systemTimers,
    random: Math.random,
  });
  return {
    ...absences,
    async stop() {
      await absences.stop();
      await reader.close();
    },
  };
}

/** @throws UnreadableCalendarError */
export async function readFrom(
  reader: HttpReader,
  url: string,
  owner: CalendarOwner,
  now: Instant,
  signal?: AbortSignal,
): Promise<ReadCalendar> {
  const text = await fetchCalendar(reader, url, signal);
  // What reads them takes 3 MiB, which a bot without calendars doesn't pay.
  const { readCalendar } = await import('../../adapters/ics/read.ts');
  const calendar = await readCalendar(text, { ...owner, isTimeZone }, now);
  return { away: calendar.away, note: noteOn(calendar) };
}

function noteOn({ unreadable, isCut }: Calendar): string | null {
  if (isCut) return `it has more than ${INSTANCES} times away in the coming weeks; the later ones are left out`;
  if (unreadable === 0) return null;
  return unreadable === 1
    ? 'one of its absences can’t be read, and is left out'
    : `${unreadable} of its absences can’t be read, and are left out`;
}
