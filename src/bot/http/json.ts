/**
 * src/bot/http/json.ts: the one door for JSON from outside. What the stores could not give back exactly as it came is
 * refused here, so that they can be equal: NUL and lone surrogates in text, numbers that a double can't hold, keys that
 * mean something to JavaScript or are written twice (readers differ in which one counts), and nesting without end.
 */
import { isUtf8 } from 'node:buffer';
import type { FastifyReply } from 'fastify';

/** `path` is where it is, as in `context.amount`; empty for the body as a whole. */
export class JsonError extends Error {
  readonly path: string;
  constructor(message: string, path = '') {
    super(message);
    this.name = 'JsonError';
    this.path = path;
  }
}

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
/** Text with none of these needs no second look: plain digits up to 15 are exact, and NUL and surrogates need an escape. */
const SUSPICIOUS_NUMBER = /(?:^|[[:,\s])-?\d(?:[\d.]{15}|[\d.]*[eE])/;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}[\],]/g;

/** @throws JsonError with words for the caller */
export function parseJson(body: Buffer, maxDepth: number): unknown {
  if (!isUtf8(body)) throw new JsonError('is not UTF-8');
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonError(error instanceof SyntaxError ? `is not JSON: ${error.message}` : 'nests too deep');
  }
  if (SUSPICIOUS_NUMBER.test(text)) checkTokens(text);
  const keys = walk(value, maxDepth, text.includes('\\u'), []);
  if (keys < mostKeys(text)) checkTokens(text);
  return value;
}

/** How many keys all the objects in it have. */
function walk(value: unknown, depth: number, checkText: boolean, path: string[]): number {
  if (typeof value === 'string') {
    if (checkText) checkString(value, path);
    return 0;
  }
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) throw new JsonError('nests too deep', path.join('.'));
  const names = Object.keys(value);
  let keys = Array.isArray(value) ? 0 : names.length;
  for (const key of names) {
    const item: unknown = Reflect.get(value, key);
    path.push(key);
    if (FORBIDDEN.has(key)) throw new JsonError('is not an allowed name', path.join('.'));
    if (checkText) checkString(key, path);
    keys += walk(item, depth - 1, checkText, path);
    path.pop();
  }
  return keys;
}

/** How many keys the text writes at most: each is followed by a colon. Quotes in front of colons in text count, too. */
function mostKeys(text: string): number {
  let count = 0;
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1)) {
    let before = colon - 1;
    while (text.charCodeAt(before) <= 0x20) before -= 1;
    if (text.charCodeAt(before) === 0x22) count += 1;
  }
  return count;
}

function checkString(text: string, path: readonly string[]): void {
  if (text.includes('\0')) throw new JsonError('contains a NUL character', path.join('.'));
  if (!text.isWellFormed()) throw new JsonError('contains half of a surrogate pair', path.join('.'));
}

/** Every number must come back with the digits it was sent with, and every key. The text is known to be JSON. */
function checkTokens(text: string): void {
  /** Where we are: the index in each list, the key in each object; null before its first key. */
  const path: (number | string | null)[] = [];
  /** The keys of each object that is open. */
  const seen: Set<string>[] = [];
  let isKeyNext = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const last = path.at(-1);
    if (token === '{' || token === '[') {
      path.push(token === '[' ? 0 : null);
      seen.push(new Set());
    } else if (token === '}' || token === ']') {
      path.pop();
      seen.pop();
    } else if (token === ',' && typeof last === 'number') path[path.length - 1] = last + 1;
    else if (token.startsWith('"') && isKeyNext) {
      const key = String(JSON.parse(token));
      path[path.length - 1] = key;
      if (seen.at(-1)?.has(key)) throw new JsonError('is written twice', path.join('.'));
      seen.at(-1)?.add(key);
    } else if (/^[-\d]/.test(token) && !isExact(token))
      throw new JsonError(`has a number that can't be kept exactly: ${token.slice(0, 40)}`, path.join('.'));
    isKeyNext = token === '{' || (token === ',' && typeof path.at(-1) !== 'number');
  }
}

const isExact = (token: string): boolean =>
  Number.isFinite(Number(token)) && digits(token) === digits(String(Number(token)));

/** Sign, significant digits and exponent, however the number is written. */
function digits(token: string): string {
  const [mantissa = '', exponent = '0'] = token.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace(/^-/, '').split('.');
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = all.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${token.startsWith('-') ? '-' : ''}${significant}e${Number(exponent) - fraction.length + all.length - significant.length}`;
}

/** Answers with JSON that is text already. */
export const sendText = (reply: FastifyReply, status: number, json: string): FastifyReply =>
  reply.code(status).type('application/json; charset=utf-8').send(json);
