/**
 * src/adapters/teams/render/text.ts: text as Teams takes it. What people and pipelines wrote goes into runs, which are
 * never read as Markdown, and comes out as it was written: no mention, link or date of theirs is Teams' own.
 */
import type { Instant } from '../../../engine/definition.ts';
import { safeLink, visible } from '../../text.ts';
import type { RichTextBlock, TextBlock, TextRun } from './card.ts';
import { DRAWN } from './limits.ts';

/** What cannot stand alone after a cut: the rest of a surrogate pair or of one visible character. */
const CONTINUES = /^(?:[\udc00-\udfff]|\u200d|\ufe0e|\ufe0f|\p{M}|\p{Emoji_Modifier})/u;

/** At most `limit` characters, with "…" where anything was cut. Never through a surrogate pair or an emoji. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = Math.max(0, limit - 1);
  // 20: no character that people write has more parts; a longer heap of marks may be cut.
  for (let steps = 0; end > 0 && steps < 20 && isInside(text, end); steps += 1) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
}

const isInside = (text: string, end: number): boolean =>
  CONTINUES.test(text.slice(end, end + 2)) || text.charAt(end - 1) === '\u200d';

/** As much of a text as could be shown, so that a huge one costs no more than a long one. Says "…" where it was cut. */
const taken = (text: string, limit: number): string =>
  text.length <= limit * 2 ? text : `${text.slice(0, limit * 2).replace(/[\ud800-\udbff]$/, '')}…`;

/** `<at>Ana</at>` calls Ana wherever it stands in a card that calls her at all; `<` gives way to what looks like it. */
const MENTION = /<(?=\s*\/?\s*at\b)/gi;
/** `{{DATE(…)}}` is replaced by the client. */
const CLIENT_DATE = /\{\{(?=\s*(?:DATE|TIME)\b)/gi;

/** Text from outside, shown as written on as many lines as it has. */
export const literal = (text: string, limit: number): string =>
  shorten(visible(taken(text, limit)).replace(MENTION, '‹').replace(CLIENT_DATE, '{ {'), limit);

const oneLine = (text: string, limit: number): string => taken(text, limit).replace(/\s+/g, ' ').trim();

/** The same on one line, without the white space around it. */
export const line = (text: string, limit: number): string => literal(oneLine(text, limit), limit);

/** Something said, as at most so many rows, the empty ones left out. */
export function saying(text: string, limit: number, most: number): readonly string[] {
  const rows = taken(text.trim(), limit)
    .split('\n')
    .map((row) => row.trim())
    .filter((row) => row !== '');
  const kept = rows.slice(0, most);
  const last = kept.length - 1;
  if (rows.length > most) kept[last] = `${kept[last]} …`;
  return literal(kept.join('\n'), limit).split('\n');
}

/** The marks that begin our own lines. */
const OUR_MARKS = /^(?:[✅❌🚫🚨⏳⏸❓⚠✓✗✔✘☑]|\ufe0f|\s)+/u;

/** What begins a line without a frame around it (a title, a label) does not begin with a mark of ours. */
export const unmarked = (text: string): string => text.replace(OUR_MARKS, '') || '–';

/** What Markdown would read gives way to characters that look the same and mean nothing. */
const STANDS_FOR: Readonly<Record<string, string>> = {
  '*': '∗',
  _: 'ˍ',
  '~': '∼',
  '`': 'ˋ',
  '-': '‐',
  '+': '＋',
  '#': '＃',
  '>': '›',
};
const EMPHASIS = /`|(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])/gu;
const LIST = /^[-+#>](?=\s|#|$)/;

/** For the few places where Teams reads Markdown in what we can't put into a run: choices of a list. */
export const unmarkdown = (text: string): string =>
  text
    .replace(EMPHASIS, (mark) => STANDS_FOR[mark] ?? mark)
    .replace(LIST, (mark) => STANDS_FOR[mark] ?? mark)
    .replaceAll('](', '] (')
    .replaceAll('<', '‹')
    .replaceAll('\\', '∖');

export type Style = Omit<TextRun, 'type' | 'text'>;

/** `text` is ours, or has been through `line` or `literal`. Never empty: Teams drops what has no text. */
export const run = (text: string, style: Style = {}): TextRun => ({
  type: 'TextRun',
  text: text === '' ? '–' : text,
  ...style,
});

export const bold = (text: string): TextRun => run(text, { weight: 'bolder' });

/** A block of runs; a run without a look of its own is its text alone, which is shorter. */
export const rich = (
  inlines: readonly (TextRun | string)[],
  placed: Pick<RichTextBlock, 'spacing' | 'separator'> = {},
): RichTextBlock => ({ type: 'RichTextBlock', inlines: inlines.map(plainest), ...placed });

function plainest(inline: TextRun | string): TextRun | string {
  if (typeof inline === 'string') return inline === '' ? '–' : inline;
  return Object.keys(inline).length === 2 ? inline.text : inline;
}

/** Small and grey. */
export const small = (
  inlines: readonly (TextRun | string)[],
  placed: Pick<RichTextBlock, 'spacing' | 'separator'> = { spacing: 'small' },
): RichTextBlock =>
  rich(
    inlines.map((inline) => ({
      ...(typeof inline === 'string' ? run(inline) : inline),
      size: 'small',
      isSubtle: true,
    })),
    placed,
  );

/** Words of ours and mentions: Markdown is read in it. */
export const words = (
  text: string,
  placed: Pick<TextBlock, 'spacing' | 'isSubtle' | 'style' | 'weight'> = {},
): TextBlock => ({
  type: 'TextBlock',
  text,
  wrap: true,
  ...placed,
});

/** The last moment that a JavaScript date can say. */
const LAST_INSTANT = 8.64e15;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "22 Nov 2026, 12:30 UTC". Teams' own date functions differ from client to client, so the zone is written out. */
export function moment(at: Instant): string {
  const date = new Date(Math.min(LAST_INSTANT, Math.max(-LAST_INSTANT, at)));
  const time = date.toISOString().slice(-13, -8);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${time} UTC`;
}

/** A link to an address that we made ourselves. */
export const ownLink = (address: string, text: string, limit: number = DRAWN.artifactName): TextRun =>
  run(line(text, limit), { selectAction: { type: 'Action.OpenUrl', url: address } });

/** A link from outside with the host it goes to, or its words alone where it is no address to be trusted with a click. */
export function outsideLink(address: string, name: string, limit: number, style: Style = {}): readonly TextRun[] {
  const label = line(name, limit) || 'link';
  const link = safeLink(address);
  if (link === null || !/^https?:/.test(link.href)) return [run(label, style)];
  const host = line(link.goesTo, 100);
  // The host stands outside the link's words, where no words reach.
  const goesTo = label === host || label.startsWith(`${host}/`) ? [] : [run(` (${host})`, { isSubtle: true })];
  if (link.href.length > DRAWN.linkUrl) return [run(label, style), ...goesTo];
  return [run(label, { ...style, selectAction: { type: 'Action.OpenUrl', url: link.href } }), ...goesTo];
}

/** "Ana Silva, Ben Okoye and 3 more", each as `nameOf` writes it. */
export function names<Named extends { readonly name: string }>(
  people: readonly Named[],
  {
    most = DRAWN.names,
    last = 'and',
    nameOf = ({ name }) => line(name, DRAWN.name),
  }: {
    readonly most?: number;
    readonly last?: 'and' | 'or';
    readonly nameOf?: (person: Named) => string;
  } = {},
): string {
  const shown = people.length > most ? people.slice(0, most - 1) : people;
  const listed = shown.map(nameOf);
  if (shown.length < people.length) return `${listed.join(', ')} and ${people.length - shown.length} more`;
  return listed.length < 2 ? listed.join('') : `${listed.slice(0, -1).join(', ')} ${last} ${listed.at(-1)}`;
}
