/**
 * src/adapters/text.ts: text and addresses from outside, made safe to look at in any channel. Escaping is each
 * adapter's part; this is about what would still deceive the eye after it.
 */

/**
 * Everything that has no shape of its own or turns what follows around: controls, bidi marks and overrides, zero-width
 * and filler characters, tag characters. Tab, newline and the two selectors between text and emoji stay.
 */
const HIDDEN = /(?![\t\n]|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const LONE_SURROGATE = /\p{Cs}/gu;
/** Zero-width joiners that hold one emoji together are no deceit. */
const EMOJI_JOINER = /(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?\ufe0f?)\u200d(?=\p{Extended_Pictographic})/gu;
const JOINER_KEPT = '\ue000';
/** More marks than any script stacks on one letter climb over the lines around them. */
const STACKED_MARKS = /(\p{M}{6})\p{M}+/gu;

/** What most texts are made of, and nothing in it hides: a look at it costs a tenth of all that follows. */
const PLAIN = /^[\t\n\x20-\x7e]*$/;

/** Shows what hides: invisible and direction-changing characters become their code points, written out. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(LONE_SURROGATE, '\ufffd')
    .replaceAll(JOINER_KEPT, '\ufffd')
    .replaceAll('\r\n', '\n')
    .replace(EMOJI_JOINER, JOINER_KEPT)
    .replace(
      HIDDEN,
      (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
    )
    .replaceAll(JOINER_KEPT, '\u200d')
    .replace(STACKED_MARKS, '$1');
}

export interface SafeLink {
  readonly href: string;
  /** Where it really goes, in ASCII, so that a look-alike host is seen to be one. */
  readonly goesTo: string;
}

/** 2048: what browsers and proxies take without trouble. */
const LONGEST_LINK = 2048;

/** The address as a link, or null where it is not an absolute http, https or mailto address without credentials. */
export function safeLink(address: string): SafeLink | null {
  if (address.length > LONGEST_LINK || !URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return null;
  if (url.protocol === 'http:' || url.protocol === 'https:') return { href: url.href, goesTo: url.host };
  if (url.protocol === 'mailto:') return { href: url.href, goesTo: visible(decoded(url.pathname)) };
  return null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign: shown as it stands
  }
}
