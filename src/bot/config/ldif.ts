/**
 * src/bot/config/ldif.ts: LDIF (RFC 2849), as LDAP servers export their entries: lines that go on, base64 values,
 * comments. Changes and values that stand in other files are refused.
 */
import { FileProblem } from './text-file.ts';

export interface Entry {
  /** Where it begins, from 1. */
  readonly line: number;
  /** As `sameDn` spells it. */
  readonly dn: string;
  /** By the attribute's name in lower case and without its options (`;lang-en`). */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Two spellings of one name look alike after this: letters in lower case, no spaces around commas and equals signs. */
export const sameDn = (dn: string): string =>
  dn
    .trim()
    .toLowerCase()
    .replace(/ *([,=+]) */g, '$1');

/** @throws FileProblem with the line at which it stops being LDIF */
export function readLdif(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let current: { readonly line: number; readonly dn: string; readonly values: Map<string, string[]> } | null = null;
  for (const { line, content } of unfolded(text)) {
    if (content === '') {
      current = null;
      continue;
    }
    const { name, value } = attributeOf(content, line);
    if (name === 'changetype') throw new FileProblem('holds a change; an export of entries is needed', line);
    if (current === null) {
      if (name === 'version' && entries.length === 0) continue;
      if (name !== 'dn') throw new FileProblem('an entry must begin with "dn:"', line);
      current = { line, dn: sameDn(value), values: new Map() };
      entries.push(current);
    } else {
      if (name === 'dn') throw new FileProblem('an entry begins without an empty line before it', line);
      const known = current.values.get(name);
      if (known === undefined) current.values.set(name, [value]);
      else known.push(value);
    }
  }
  return entries;
}

/** Lines that begin with a space belong to the one before (RFC 2849, note 2); comments may go on as well. */
function unfolded(text: string): readonly { readonly line: number; readonly content: string }[] {
  const lines: { line: number; parts: string[] }[] = [];
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    if (!raw.startsWith(' ')) lines.push({ line: i + 1, parts: [raw] });
    else if (lines.length === 0) throw new FileProblem('begins with a line that goes on', 1);
    else lines.at(-1)?.parts.push(raw.slice(1));
  }
  return lines
    .filter(({ parts }) => !parts[0]?.startsWith('#'))
    .map(({ line, parts }) => ({ line, content: parts.join('') }));
}

function attributeOf(content: string, line: number): { readonly name: string; readonly value: string } {
  const [, described = '', kind, rest = ''] =
    /^([A-Za-z0-9.-]+(?:;[A-Za-z0-9-]+)*):([:<]?) *(.*)$/s.exec(content) ?? [];
  if (described === '') throw new FileProblem('must look like "attribute: value"', line);
  if (kind === '<') throw new FileProblem('points to another file, which is not read', line);
  const name = (described.split(';')[0] ?? '').toLowerCase();
  return { name, value: kind === ':' ? decoded(rest, line) : rest };
}

function decoded(base64: string, line: number): string {
  const text = base64.trim();
  const bytes = Buffer.from(text, 'base64');
  if (text.length % 4 !== 0 || bytes.toString('base64') !== text) throw new FileProblem('is not valid base64', line);
  // Photos and certificates are no text: whoever asks for such an attribute finds nothing in it.
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return '';
  }
}
