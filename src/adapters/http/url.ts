/** src/adapters/http/url.ts: is this an address that we would call? Asked at the door, and again before each call. */
import { isIP } from 'node:net';
import { type AllowList, isInAllowedRange, isNamed, isPublic } from './addresses.ts';
import { URL_LENGTH } from './limits.ts';

/** The host as the allow list and the network know it: lower case, IPv6 without brackets. */
function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** Spaces, controls and backslashes, which URL parsers take away or turn around without a word. */
const NOT_PLAIN = /[^\x21-\x7e\u00a1-\u{10ffff}]|\\/u;
const LOCAL_NAME = /(^|\.)localhost\.?$/;

/**
 * The checked URL is the one to call: parsing its text again might read it another way.
 * What a name is looked up to is not known here; that is checked when the connection is made.
 */
export function checkUrl(text: string, allow: AllowList): { readonly url: URL } | { readonly problem: string } {
  if (text.length > URL_LENGTH) return { problem: `is longer than ${URL_LENGTH} characters` };
  if (NOT_PLAIN.test(text) || !URL.canParse(text)) return { problem: 'is not a valid absolute URL' };
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { problem: 'must start with https://' };
  if (!/^https?:\/\/[^/]/i.test(text)) return { problem: 'is not a valid absolute URL' };
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(text))
    return { problem: 'must not contain a user name or password' };
  if (text.includes('#')) return { problem: 'must not contain a fragment (#…)' };
  const host = hostOf(url);
  const isLiteral = isIP(host) !== 0;
  const isAllowed = isNamed(host, portOf(url), allow) || (isLiteral && isInAllowedRange(host, allow));
  if (isAllowed) return { url };
  if ((isLiteral && !isPublic(host)) || LOCAL_NAME.test(host))
    return { problem: 'points to an address that is not public, which CALLBACK_ALLOW does not name' };
  // A name may still turn out to live in an allowed range; the connection goes nowhere else then.
  if (url.protocol === 'http:' && (isLiteral || allow.cidrs.length === 0))
    return { problem: 'must start with https://, because CALLBACK_ALLOW does not name its host' };
  return { url };
}
