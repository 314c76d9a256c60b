/** src/bot/config/pipelines.ts: who may call the API, what they may do, and where they may be called back. */
import { createHash } from 'node:crypto';
import { suggestion } from './nearest.ts';
import { type Path, pathText, type Report } from './problem.ts';
import type { PipelineShape } from './shape.ts';

type Permission = 'vote' | 'bypass' | 'reassign' | 'pause' | 'stats';

export interface Pipeline {
  readonly name: string;
  /** SHA-256 in hex of each accepted token; two are valid at once while one replaces the other. */
  readonly tokenDigests: readonly string[];
  readonly mayOpen: (gate: string) => boolean;
  /** Whether that is every gate, whatever it is called: `gates: ["*"]`. */
  readonly mayOpenAll: boolean;
  /** `whsec_…`, newest first: callbacks are signed with each. */
  readonly callbackSecrets: readonly string[];
  /**
   * Whether the pipeline's `callbacks` name this address. Without a list every http(s) address is allowed here; that it
   * is public and https, or named by CALLBACK_ALLOW, is checked where the connection is made.
   */
  readonly mayCall: (url: URL) => boolean;
  readonly may: ReadonlySet<Permission>;
}

/** Opens what people ask for in a chat. It has no token: a pipeline of this name could take back what people asked for. */
export const CHAT_PIPELINE = 'chat';
const MIN_TOKEN = 16;

export interface PipelineFacts {
  readonly gates: readonly string[];
  /** Paths whose value came from the default of a `${NAME:-default}`. */
  readonly defaulted: ReadonlySet<string>;
  readonly isProduction: boolean;
  readonly report: Report;
  readonly warn: (message: string) => void;
}

export function pipelinesOf(
  shapes: Readonly<Record<string, PipelineShape>>,
  facts: PipelineFacts,
): readonly Pipeline[] {
  const owners = new Map<string, string>();
  return Object.entries(shapes).map(([name, shape]) => {
    const path = ['pipelines', name];
    if (name === CHAT_PIPELINE)
      facts.report(path, 'is the name under which people open requests in a chat; please choose another');
    const tokens = withPaths(shape.token, [...path, 'token']);
    for (const { value, at } of tokens) {
      if (!isSafe(at, `pipelines.${name}: its token`, facts)) continue;
      const problem = tokenProblem(value);
      if (problem !== null) facts.report(at, problem);
      else if (owners.has(value))
        facts.report(at, `is a token of ${owners.get(value)} already; each pipeline needs its own`);
      else owners.set(value, name);
    }
    const secrets =
      shape.callbackSecret === undefined ? [] : withPaths(shape.callbackSecret, [...path, 'callbackSecret']);
    for (const { value, at } of secrets) {
      if (!isSafe(at, `pipelines.${name}: its callback secret`, facts)) continue;
      if (!isSecret(value)) facts.report(at, 'must be "whsec_" and the base64 of 24 to 64 random bytes');
    }
    for (const [i, pattern] of shape.gates.entries()) reportGates(pattern, [...path, 'gates', i], facts);
    const callable = shape.callbacks?.map((pattern, i) =>
      addressPattern(pattern, [...path, 'callbacks', i], facts.report),
    );
    return {
      name,
      tokenDigests: tokens.map(({ value }) => createHash('sha256').update(value).digest('hex')),
      mayOpen: anyOf(shape.gates),
      mayOpenAll: shape.gates.includes('*'),
      callbackSecrets: secrets.map(({ value }) => value),
      mayCall: (url) =>
        callable === undefined
          ? url.protocol === 'https:' || url.protocol === 'http:'
          : callable.some((matches) => matches(url)),
      may: new Set(shape.may ?? []),
    };
  });
}

function withPaths(
  values: string | readonly string[],
  path: Path,
): readonly { readonly value: string; readonly at: Path }[] {
  if (typeof values === 'string') return [{ value: values, at: path }];
  return values.map((value, i) => ({ value, at: [...path, i] }));
}

/** A default that everybody can read in the config protects nothing: good enough to try things out, and for no more. */
function isSafe(at: Path, what: string, facts: PipelineFacts): boolean {
  if (!facts.defaulted.has(pathText(at))) return true;
  if (!facts.isProduction) facts.warn(`${what} is the default written in the config; set its environment variable`);
  else
    facts.report(
      at,
      'comes from a default in the config, which is refused in production; set its environment variable',
    );
  return !facts.isProduction;
}

function tokenProblem(token: string): string | null {
  if (token.length < MIN_TOKEN)
    return `must have at least ${MIN_TOKEN} characters; make one with: openssl rand -hex 24`;
  return token.length <= 512 && /^[\x21-\x7e]+$/.test(token) ? null : 'must be at most 512 visible ASCII characters';
}

/** The library that signs takes any base64, three bytes too, so the length is insisted on here. */
function isSecret(secret: string): boolean {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1] ?? '';
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === encoded;
}

function reportGates(pattern: string, path: Path, { gates, report, warn }: PipelineFacts): void {
  if (!/^[A-Za-z0-9._*-]+$/.test(pattern)) report(path, 'must be a gate’s name, in which "*" stands for anything');
  else if (gates.some(anyOf([pattern]))) return;
  else if (pattern.includes('*')) warn(`${pathText(path)}: no gate fits "${pattern}"`);
  else report(path, `no gate is called "${pattern}"${suggestion(pattern, gates)}`);
}

function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const tests = patterns.map(wildcard);
  return (text) => tests.some((matches) => matches(text));
}

/** Whether a text fits a pattern in which "*" stands for anything; no regular expression, so nothing backtracks. */
function wildcard(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return at <= text.length - last.length;
  };
}

/** `https://host/path*`: scheme, host and port as written; "*" in the path, or as the first label of the host. */
function addressPattern(pattern: string, path: Path, report: Report): (url: URL) => boolean {
  const parts = /^(https?):\/\/(\*\.)?([^/?#*@\s]+)(\/[^#\s]*)?$/.exec(pattern);
  const base = parts === null ? '' : `${parts[1]}://${parts[3]}`;
  if (parts === null || !URL.canParse(base)) {
    report(
      path,
      'must look like "https://ci.example.com/*"; only the path and the first part of the host may hold "*"',
    );
    return () => false;
  }
  const { protocol, host } = new URL(base);
  const fits = wildcard(parts[4] ?? '/*');
  return (url) => {
    const hostFits = parts[2] === undefined ? url.host === host : url.host.endsWith(`.${host}`);
    const isPlain = url.username === '' && url.password === '' && url.hash === '';
    return hostFits && isPlain && url.protocol === protocol && fits(url.pathname + url.search);
  };
}
