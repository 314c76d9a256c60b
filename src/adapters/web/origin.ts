/** src/adapters/web/origin.ts: whether a POST comes from a page of ours, and which addresses are ours to send people to. */

export interface Caller {
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
}

/** `127.0.0.1`, `[::1]`, `localhost` and the names under it. */
export const isLoopback = (hostname: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]', '::1'].includes(hostname) || hostname.endsWith('.localhost');

/**
 * Whether browsers send `Sec-Fetch-Site` there: only to https and loopback.
 * https://www.w3.org/TR/fetch-metadata/#fetch-metadata-framework
 */
const sendsFetchMetadata = (url: URL): boolean => url.protocol === 'https:' || isLoopback(url.hostname);

/**
 * `no-referrer` makes browsers send `Origin: null` with our own forms, which is fine as long as `Sec-Fetch-Site` says
 * the same more precisely. Where that header is not sent (plain http inside a network), `same-origin` keeps the Origin
 * and still tells nobody else anything. https://fetch.spec.whatwg.org/#append-a-request-origin-header
 */
export const referrerPolicy = (publicUrl: string): 'no-referrer' | 'same-origin' =>
  sendsFetchMetadata(new URL(publicUrl)) ? 'no-referrer' : 'same-origin';

/** True only for a POST by a page of ours. Without either header it is no browser's form, and refused. */
export function isFromOurPage(caller: Caller, publicUrl: string): boolean {
  const { origin, secFetchSite } = caller;
  if (secFetchSite !== undefined && secFetchSite !== 'same-origin') return false;
  if (origin === undefined || origin === 'null') return secFetchSite === 'same-origin';
  return origin === new URL(publicUrl).origin;
}

/** The path to go on to after signing in: one of ours, else the inbox. */
export function ownPath(next: string | null, publicUrl: string): string {
  if (next === null || next.length > 512 || !URL.canParse(next, publicUrl)) return '/';
  const url = new URL(next, publicUrl);
  // The path again, since a path that begins with two slashes would be a host to a browser.
  return url.origin === new URL(publicUrl).origin && !url.pathname.startsWith('//') ? url.pathname + url.search : '/';
}
