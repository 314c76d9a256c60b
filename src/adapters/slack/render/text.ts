/**
 * src/adapters/slack/render/text.ts: text as Slack takes it. One escape, one way to shorten, one way to write a moment
 * and a link. What people and pipelines wrote comes out as it was written: no mention, link, emoji or bold type of
 * theirs is Slack's.
 */
import type { types } from '@slack/bolt';
import type { Instant } from '../../../engine/definition.ts';
import { safeLink, visible } from '../../text.ts';
import { DRAWN, SLACK_LIMITS } from './limits.ts';

/** What cannot stand alone after a cut: the rest of a surrogate pair or of one visible character. */
const CONTINUES = /^(?:[\udc00-\udfff]|\u200d|\ufe0e|\ufe0f|\p{M}|\p{Emoji_Modifier})/u;
const ENTITY = /&(?:amp|lt|gt);/g;

/** At most `limit` characters, with "…" where anything was cut. Never through an entity, a surrogate pair or an emoji. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = Math.max(0, limit - 1);
  for (const entity of text.slice(Math.max(0, end - 5), end + 5).matchAll(ENTITY)) {
    const start = Math.max(0, end - 5) + entity.index;
    if (start < end && end < start + entity[0].length) end = start;
  }
  // 20: no character that people write has more parts; a longer heap of marks may be cut.
  for (let steps = 0; end > 0 && steps < 20 && isInside(text, end); steps += 1) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
}

const isInside = (text: string, end: number): boolean =>
  CONTINUES.test(text.slice(end, end + 2)) || text.charAt(end - 1) === '\u200d';

/** As much of a text as could be shown, so that a huge one costs no more than a long one. Says "…" where it was cut. */
const taken = (text: string, limit: number): string =>
  text.length <= limit * 2 ? text : `${text.slice(0, limit * 2).replace(/[\ud800-\udbff]$/, '')}…`;

/** What Slack would read as markup gives way to characters that look the same and mean nothing. */
const STANDS_FOR: Readonly<Record<string, string>> = { '*': '∗', _: 'ˍ', '~': '∼', '@': '＠', '#': '＃' };
/** Between two letters or digits they mean nothing to Slack either: `snake_case`, `2*3`. */
const FORMAT = /(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])/gu;
const MENTION = /(?<![\p{L}\p{N}._%+-])[@#](?=\p{L})/gu;
/** `:white_check_mark:`; the first colon gives way. */
const EMOJI = /:(?=[\p{L}\p{N}\p{M}_+'’-]{1,100}:)/gu;

/** `&`, `<` and `>`, which is all that Slack asks to be escaped. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Text from outside inside mrkdwn: shown as written, on as many lines as it has. */
export function literal(text: string, limit: number): string {
  const shown = visible(taken(text, limit))
    .replaceAll('`', 'ˋ')
    .replace(EMOJI, '∶')
    .replace(FORMAT, (mark) => STANDS_FOR[mark] ?? mark)
    .replace(MENTION, (mark) => STANDS_FOR[mark] ?? mark);
  return shorten(escaped(shown), limit);
}

/** The same on one line, without the white space around it. */
export const line = (text: string, limit: number): string => literal(oneLine(text, limit), limit);

/** A word of ours in bold, or somebody's name: `text` is mrkdwn already, on one line. */
export const bold = (text: string): string => (text === '' ? '–' : `*${text.replaceAll('*', '∗')}*`);

/** Exactly as written, in the type of machines; backticks can't be shown in it. */
export const code = (text: string, limit: number): string =>
  `\`${shorten(escaped(visible(oneLine(text, limit)).replaceAll('`', 'ˋ')), limit)}\``;

const oneLine = (text: string, limit: number): string => taken(text, limit).replace(/\s+/g, ' ').trim();

/** Something said, on at most so many lines, the empty ones taken together. */
export function saying(text: string, limit: number, lines: number): string {
  const rows = taken(text.trim(), limit)
    .replace(/\s*\n\s*\n\s*/g, '\n')
    .split('\n');
  const kept = rows.slice(0, lines).join('\n');
  return literal(rows.length > lines ? `${kept} …` : kept, limit);
}

/** The marks that begin our own lines. */
const OUR_MARKS = /^(?:[✅❌🚫🚨⏳⏸❓⚠✓✗✔✘☑]|\ufe0f|\s)+/u;

/** What begins a line without a bar before it (a title, a label) does not begin with a mark of ours. */
export const unmarked = (text: string): string => text.replace(OUR_MARKS, '') || '–';

/** Lines behind a bar: nothing in them passes for ours. */
export const quoted = (text: string): string =>
  text
    .split('\n')
    .map((row) => `> ${row}`)
    .join('\n');

/** `verbatim`: Slack turns nothing in the text into links or mentions by itself. `text` is mrkdwn already. */
export const mrkdwn = (text: string): types.MrkdwnElement => ({ type: 'mrkdwn', text, verbatim: true });

/**
 * As many whole entries as there is room for: mrkdwn of ours is never cut inside a link or a date.
 * @param rest what to say instead of so many entries
 */
export function joined(
  entries: readonly string[],
  rest: (count: number) => string,
  limit: number = SLACK_LIMITS.sectionText,
): string {
  const whole = entries.join('\n');
  if (whole.length <= limit) return whole;
  const kept: string[] = [];
  let room = limit - 100;
  for (const entry of entries) {
    room -= entry.length + 1;
    if (room < 0) break;
    kept.push(entry);
  }
  return [...kept, shorten(rest(entries.length - kept.length), 90)].join('\n');
}

/** Text that Slack does not read at all; `:tada:` in it stays as it is. Never empty: Slack refuses that. */
export function plain(text: string, limit: number): types.PlainTextElement {
  const shown = shorten(visible(oneLine(text, limit)), limit);
  return { type: 'plain_text', text: shown === '' ? '–' : shown, emoji: false };
}

/** As `plain`, for what may have several lines (a hint, a question to confirm). */
export function plainLines(text: string, limit: number): types.PlainTextElement {
  const shown = shorten(visible(taken(text, limit)).trim(), limit);
  return { type: 'plain_text', text: shown === '' ? '–' : shown, emoji: false };
}

/** The last moment that a JavaScript date can say. */
const LAST_INSTANT = 8.64e15;

/** "2026-11-22 12:30 UTC" */
export function utc(at: Instant): string {
  const moment = new Date(Math.min(LAST_INSTANT, Math.max(-LAST_INSTANT, at))).toISOString();
  return `${moment.slice(0, -8).replace('T', ' ')} UTC`;
}

/** In each reader's own time; where a client can't, in UTC: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export const moment = (at: Instant): string =>
  `<!date^${Math.max(0, Math.floor(at / 1000))}^{date_short_pretty} at {time}|${utc(at)}>`;

/** A bar would end the words of a link early. */
const label = (text: string, limit: number): string => line(text, limit).replaceAll('|', '¦') || 'link';

/** A link to an address that we made ourselves. */
export const ownLink = (address: string, text: string, limit: number = DRAWN.artifactName): string =>
  `<${escaped(address)}|${label(text, limit)}>`;

/** A link from outside with the host it goes to, or its words alone where it is no address to be trusted with a click. */
export function outsideLink(address: string, name: string, limit: number): string {
  const words = label(name, limit);
  const link = safeLink(address);
  if (link === null || !/^https?:/.test(link.href)) return words;
  const host = line(link.goesTo, 100);
  const isTold = words === host || words.startsWith(`${host}/`);
  const goesTo = isTold ? '' : ` (${host})`;
  if (link.href.length > DRAWN.linkUrl) return `${words}${goesTo}`;
  // The host stands outside the link's words, where no words reach.
  return `<${escaped(link.href).replaceAll('|', '%7C')}|${words}>${goesTo}`;
}

/** "Ana Silva, Ben Okoye and 3 more"; names are data, too. */
export function names(
  people: readonly { readonly name: string; readonly standsFor?: string }[],
  most: number = DRAWN.names,
  last: 'and' | 'or' = 'and',
): string {
  const shown = people.length > most ? people.slice(0, most - 1) : people;
  const listed = shown.map(({ name, standsFor }) => {
    const behalf = standsFor === undefined ? '' : ` (for ${line(standsFor, DRAWN.name)})`;
    return `${line(name, DRAWN.name)}${behalf}`;
  });
  if (shown.length < people.length) return `${listed.join(', ')} and ${people.length - shown.length} more`;
  return listed.length < 2 ? listed.join('') : `${listed.slice(0, -1).join(', ')} ${last} ${listed.at(-1)}`;
}
