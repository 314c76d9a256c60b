/** src/bot/absence/checkup.ts: can people's calendars be read? For whoever sets them up: each is read once, now. */
import type { AllowList } from '../../adapters/http/addresses.ts';
import { createHttpReader } from '../../adapters/http/reader.ts';
import type { Instant, PersonId } from '../../engine/definition.ts';
import type { Config } from '../config/index.ts';
import { AT_ONCE } from './limits.ts';
import { readFrom } from './open.ts';

export interface CheckedCalendar {
  readonly person: PersonId;
  /** Times away from yesterday to two months ahead; null: it can't be read. */
  readonly away: number | null;
  /** What is wrong with it, in words without its address; null: nothing. */
  readonly trouble: string | null;
}

export async function checkCalendars(
  { absenceCalendars, directory }: Pick<Config, 'absenceCalendars' | 'directory'>,
  allow: AllowList,
  now: Instant,
): Promise<readonly CheckedCalendar[]> {
  const reader = createHttpReader(allow);
  const checked: CheckedCalendar[] = [];
  const left = [...absenceCalendars];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [person, url] = next;
      const { timezone, email } = directory.people.get(person) ?? { timezone: null, email: null };
      try {
        const { away, note } = await readFrom(reader, url, { timezone: timezone ?? 'UTC', email }, now);
        checked.push({ person, away: away.length, trouble: note });
      } catch (error) {
        checked.push({ person, away: null, trouble: error instanceof Error ? error.message : 'it can’t be read' });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await reader.close();
  }
  return checked.sort((a, b) => (a.person < b.person ? -1 : 1));
}
