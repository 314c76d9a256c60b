/**
 * src/adapters/ics/away.ts: which events of a calendar mean that its owner is away. Being busy is not being away, so an
 * event has to say it: with Outlook's "out of office", or with one of these words in its title or its categories.
 */

/**
 * Whole words, whatever their case; docs/people.md lists them for users. The titles that Google gives an absence are among
 * them: its feeds have no other mark of one that we know of.
 */
export const AWAY_WORDS = [
  'out of office',
  'out of the office',
  'out-of-office',
  'OOO',
  'OOF',
  'OOTO',
  'PTO',
  'vacation',
  'annual leave',
  'holiday leave',
  'on holiday',
  'on holidays',
  'on leave',
  'parental leave',
  'maternity leave',
  'paternity leave',
  'sick leave',
  'medical leave',
  'bereavement leave',
  'unpaid leave',
  'day off',
  'days off',
  'time off',
  'off work',
  'sick',
  'sick day',
  'sabbatical',
  'Urlaub',
  'Urlaubstag',
  'Resturlaub',
  'abwesend',
  'Abwesenheit',
  'krank',
  'Elternzeit',
  'vacances',
  'congé',
  'congés',
  'absent du bureau',
  'absente du bureau',
  'arrêt maladie',
  'vacaciones',
  'fuera de la oficina',
  'baja médica',
  'férias',
  'fora do escritório',
  'baixa médica',
  'ferie',
  'fuori sede',
  'malattia',
  'vakantie',
  'verlof',
  'afwezig',
  'ziek',
  'urlop',
] as const;

/** With one of these besides, a title speaks about absences and is none. */
export const NOT_AWAY_WORDS = [
  'plan',
  'planning',
  'policy',
  'party',
  'handover',
  'tracker',
  'no vacation',
  'back from',
  'return from',
] as const;

/** A title that is this and nothing else. In other titles it is a public holiday, or a party. */
const AWAY_TITLE = /^holidays?$/i;

const anyOf = (words: readonly string[]): RegExp =>
  new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${words.map((word) => word.replaceAll(' ', '\\s+')).join('|')})(?![\\p{L}\\p{N}])`,
    'iu',
  );

const AWAY = anyOf(AWAY_WORDS);
const NOT_AWAY = anyOf(NOT_AWAY_WORDS);

/** What of an event says it. */
export interface Telling {
  readonly title: string;
  readonly categories: readonly string[];
  /** `X-MICROSOFT-CDO-BUSYSTATUS` or `X-MICROSOFT-CDO-INTENDEDSTATUS`. */
  readonly busyStatus: string;
  readonly status: string;
  /** How the owner has answered, where it is an invitation: `ACCEPTED`, `NEEDS-ACTION`, … */
  readonly answer: string;
}

/**
 * Cancelled and tentative events are none, nor is an invitation that its owner has not accepted: calendars take those in
 * unasked, and nobody else may say that somebody is away.
 */
export function meansAway({ title, categories, busyStatus, status, answer }: Telling): boolean {
  if (/^(?:cancelled|tentative)$/i.test(status.trim())) return false;
  if (!/^(?:accepted)?$/i.test(answer.trim())) return false;
  if (/^oof$/i.test(busyStatus.trim())) return true;
  const said = title.normalize('NFC').trim();
  if (AWAY_TITLE.test(said)) return true;
  return [said, ...categories.map((category) => category.normalize('NFC'))].some(
    (text) => AWAY.test(text) && !NOT_AWAY.test(text),
  );
}

/** Whether an event's whole text could mean it: a quick look, before anything is taken apart. */
export const mayMeanAway = (text: string): boolean =>
  /:\s*oof\b|holiday/i.test(text) || AWAY.test(text.normalize('NFC'));
