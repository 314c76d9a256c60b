/**
 * src/cli/text.ts: text from outside, made safe to show. Titles, reasons and names come from pipelines and people; an
 * escape sequence in one of them must not move the cursor, rewrite what was shown, or reach the clipboard.
 */
import { stripVTControlCharacters } from 'node:util';

/** Controls but for the line feed, and all that hides or reorders text: bidi marks, zero width, fillers, line separators. */
const UNSAFE = /(?!\n|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Keeps line breaks; everything else that a terminal would act on is gone. */
export const plainLines = (text: string): string =>
  stripVTControlCharacters(text.replaceAll('\r\n', '\n').replaceAll('\t', ' ')).replace(UNSAFE, '');

/** On one line. */
export const plain = (text: string): string => plainLines(text.replace(/\s*[\r\n]+\s*/g, ' '));

/** The same value for every JSON reader, and nothing in it that a terminal would act on. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(UNSAFE, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** Shortens to `limit` characters, ending in "…" if anything was cut. */
export function shortened(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, Math.max(0, limit - 1)).join('')}…`;
}

/** "2d 3h", "59m 10s", "10s": the two largest units. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}
