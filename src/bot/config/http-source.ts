/** src/bot/config/http-source.ts: a group whose members an HTTP directory or an on-call schedule says. */
import { checkExpression } from '../../engine/expression.ts';
import { addressProblem } from './address.ts';
import { DURATION_FORM, parseDuration } from './duration.ts';
import type { Path, Report } from './problem.ts';
import type { GroupShape } from './shape.ts';

type HttpShape = NonNullable<Exclude<GroupShape, readonly string[]>['http']>;

export interface HttpSource {
  readonly platform: 'http';
  /** May hold secrets, as the headers do. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** CEL over `body` that gives a list of texts; null: one of the usual shapes. */
  readonly members: string | null;
  /** How often it is asked, and how long its last answer stands in for it after that. */
  readonly cacheMs: number;
  readonly staleMs: number;
}

const DEFAULT_CACHE_MS = 300_000;
const DEFAULT_STALE_MS = 600_000;
/** More often would be a burden on whoever is asked, and rarer no directory any more. */
const CACHE_MS = { least: 10_000, most: 86_400_000 } as const;
const MOST_STALE_MS = 86_400_000;
const MAX_HEADERS = 20;
/** HTTP's own, or those that would change what is answered for whom. */
const RESERVED = new Set(
  'accept-encoding connection content-length expect host keep-alive proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);

export function httpSourceOf(
  id: string,
  { url, cache, staleFor, headers = {}, members }: HttpShape,
  { mayBePlain, report }: { readonly mayBePlain: boolean; readonly report: Report },
): HttpSource {
  const path = ['groups', id, 'http'];
  const wrong = addressProblem(url, mayBePlain);
  if (wrong !== null) report([...path, 'url'], wrong);
  reportHeaders(headers, [...path, 'headers'], report);
  const unclear = members === undefined ? null : checkExpression(members, ['body']);
  if (unclear !== null) report([...path, 'members'], unclear);
  const cacheMs = cache === undefined ? DEFAULT_CACHE_MS : parseDuration(cache);
  if (cacheMs === null) report([...path, 'cache'], DURATION_FORM);
  else if (cacheMs < CACHE_MS.least || cacheMs > CACHE_MS.most)
    report([...path, 'cache'], 'must be from 10 seconds to 24 hours');
  const staleMs = staleFor === undefined ? DEFAULT_STALE_MS : parseDuration(staleFor);
  if (staleMs === null) report([...path, 'staleFor'], DURATION_FORM);
  else if (staleMs > MOST_STALE_MS) report([...path, 'staleFor'], 'must be at most 24 hours');
  return {
    platform: 'http',
    url,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    members: members ?? null,
    cacheMs: cacheMs ?? DEFAULT_CACHE_MS,
    staleMs: staleMs ?? DEFAULT_STALE_MS,
  };
}

/** Values are never said: they are what the directory knows us by. */
function reportHeaders(headers: Readonly<Record<string, string>>, path: Path, report: Report): void {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (names.length > MAX_HEADERS) report(path, `must name at most ${MAX_HEADERS} headers`);
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name)) report([...path, name], 'is not the name of a header');
    else if (RESERVED.has(name.toLowerCase())) report([...path, name], 'is set by HTTP itself');
    else if (names.indexOf(name.toLowerCase()) !== names.lastIndexOf(name.toLowerCase()))
      report([...path, name], 'stands here twice');
    if (!/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value))
      report([...path, name], 'must be visible ASCII characters, without a space at its ends');
  }
}
