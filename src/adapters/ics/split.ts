/**
 * src/adapters/ics/split.ts: the text of a calendar, split into its events and time zones, so that one which can't be
 * read stops no other, and so that reading can rest in between. Of an event only the lines are kept that say when it is
 * and whether its owner is away: no description, no alarm, no attachment.
 */
import { mayMeanAway } from './away.ts';
import { EVENT_LENGTH, EVENTS, LINES_A_TURN, ZONES } from './limits.ts';

/** A calendar that can't be read, in words for whoever looks after the config. Never with its address. */
export class UnreadableCalendarError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableCalendarError';
  }
}

export interface Parts {
  /** Each from BEGIN:VEVENT to END:VEVENT, its folded lines joined. */
  readonly events: readonly string[];
  readonly zones: readonly string[];
  /** Events that may mean an absence and are too long for one. */
  readonly tooLong: number;
}

const KEPT =
  /^(?:UID|SUMMARY|CATEGORIES|STATUS|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|X-MICROSOFT-CDO-(?:BUSY|INTENDED)STATUS)[;:]/i;

/**
 * @param email the owner's, in lower case: of those invited only they are kept
 * @param rest lets others have a turn
 * @throws UnreadableCalendarError for what is no calendar, was cut off, or has too many events
 */
export async function split(text: string, email: string | null, rest: () => Promise<void>): Promise<Parts> {
  const unfolded = text.replace(/^\ufeff/, '').replace(/\r?\n[ \t]/g, '');
  if (!/^\s*BEGIN:VCALENDAR\s/i.test(unfolded))
    throw new UnreadableCalendarError(
      /^\s*</.test(unfolded)
        ? 'it is a web page and no calendar: the address may ask for a sign-in'
        : 'it does not begin with BEGIN:VCALENDAR',
    );
  const events: string[] = [];
  const zones: string[] = [];
  /** What is open, from the outside in. */
  const open: string[] = [];
  let lines: string[] = [];
  let isWhole = false;
  let tooLong = 0;
  let looked = 0;
  for (const line of unfolded.split(/\r\n|\n|\r/)) {
    if (++looked % LINES_A_TURN === 0) await rest();
    const [, edge, name] = /^(BEGIN|END):([A-Z-]+)\s*$/i.exec(line)?.map((part) => part.toUpperCase()) ?? [];
    const [, part] = open;
    if (edge === 'BEGIN' && name !== undefined) {
      open.push(name);
      if (open.length === 2) lines = [];
    }
    if (open.length > DEEPEST) throw new UnreadableCalendarError('its parts lie too deep in each other');
    const isEvent = part === 'VEVENT' && open.length === 2;
    if (
      open[1] === 'VTIMEZONE' ||
      (isEvent && (KEPT.test(line) || isOwner(line, email))) ||
      (open[1] === 'VEVENT' && name === 'VEVENT')
    )
      lines.push(line);
    if (edge !== 'END') continue;
    if (open.pop() !== name) throw new UnreadableCalendarError('it is damaged: BEGIN and END do not match');
    if (open.length === 0) isWhole = true;
    if (open.length !== 1 || (name !== 'VEVENT' && name !== 'VTIMEZONE')) continue;
    const kept = lines.join('\r\n');
    if (kept.length > EVENT_LENGTH) tooLong += name === 'VEVENT' && mayMeanAway(kept) ? 1 : 0;
    else (name === 'VEVENT' ? events : zones).push(kept);
    if (events.length > EVENTS) throw new UnreadableCalendarError(`it has more than ${EVENTS} events`);
    if (zones.length > ZONES) throw new UnreadableCalendarError(`it defines more than ${ZONES} time zones`);
  }
  if (!isWhole || open.length > 0) throw new UnreadableCalendarError('it is incomplete: END:VCALENDAR is missing');
  return { events, zones, tooLong };
}

const isOwner = (line: string, email: string | null): boolean =>
  email !== null && /^ATTENDEE[;:]/i.test(line) && line.toLowerCase().trimEnd().endsWith(`mailto:${email}`);

/** Calendar, event, alarm, and one to spare. */
const DEEPEST = 4;
