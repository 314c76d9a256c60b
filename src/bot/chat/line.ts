/** src/bot/chat/line.ts: a typed line, taken apart: cleaned of what hides in it, with or without quotes. */

const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
/** What has no shape of its own or turns what follows around; the two selectors between text and emoji stay. */
const HIDDEN = /(?!\ufe0e|\ufe0f)[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Phones and word processors turn straight quotes into these. */
const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '“': '”',
  '„': '“',
  '‘': '’',
  '«': '»',
};

/** One line of words with a single space between them. */
export const cleaned = (line: string): string =>
  line.toWellFormed().replace(CONTROL, ' ').replace(HIDDEN, '').replace(/\s+/gu, ' ').trim();

/** The first word, or what stands in quotes at the beginning, and the rest. Of a cleaned line. */
export function firstOf(text: string): readonly [first: string, rest: string] {
  const closing = CLOSING[text.charAt(0)];
  const end = closing === undefined ? -1 : text.indexOf(closing, 1);
  const isQuoted = end > 1 && (end + 1 === text.length || text[end + 1] === ' ');
  if (isQuoted) return [text.slice(1, end).trim(), text.slice(end + 1).trim()];
  const space = text.indexOf(' ');
  return space === -1 ? [text, ''] : [text.slice(0, space), text.slice(space + 1).trim()];
}

/** Without the quotes around the whole of it. */
export function unquoted(text: string): string {
  const closing = CLOSING[text.charAt(0)];
  return text.length > 2 && closing !== undefined && text.indexOf(closing, 1) === text.length - 1
    ? text.slice(1, -1).trim()
    : text;
}
