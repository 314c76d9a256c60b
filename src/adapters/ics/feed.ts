/** src/adapters/ics/feed.ts: fetches somebody's calendar from the address in the config. The address is a secret. */
import { UnavailableError } from '../channel.ts';
import type { HttpReader } from '../http/reader.ts';
import { FEED_BYTES, FETCH_MS } from './limits.ts';
import { UnreadableCalendarError } from './split.ts';

/**
 * The text of the calendar.
 * @throws UnreadableCalendarError where it can't be had, in words that do not tell the address. Trying later is safe.
 */
export async function fetchCalendar(reader: HttpReader, url: string, signal?: AbortSignal): Promise<string> {
  const page = await reader
    .read({
      url,
      headers: { accept: 'text/calendar' },
      limitBytes: FEED_BYTES,
      timeoutMs: FETCH_MS,
      ...(signal && { signal }),
    })
    .catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : 'no answer';
      if (cause instanceof UnavailableError && why.includes('longer'))
        throw new UnreadableCalendarError(`it is larger than ${FEED_BYTES / 1024 / 1024} MiB`, { cause });
      throw new UnreadableCalendarError(why, { cause });
    });
  const { status } = page;
  if (status >= 300 && status < 400)
    throw new UnreadableCalendarError(`it answered ${status}: it has moved, and redirects are not followed`);
  if (status !== 200) throw new UnreadableCalendarError(`it answered ${status}`);
  return page.body.toString('utf8');
}
