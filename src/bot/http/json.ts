/**
 * src/bot/http/json.ts: the one door for JSON from outside. What the stores could not give back exactly as it came is
 * refused here, so that they can be equal: NUL and lone surrogates in text, numbers that a double can't hold, keys that
 * mean something to JavaScript, and nesting without end.
 */
import { isUtf8 } from 'node:buffer';

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
  if (SUSPICIOUS_NUMBER.test(text)) checkNumbers(text);
  walk(value, maxDepth, text.includes('\\u'), []);
  return value;
}

function walk(value: unknown, depth: number, checkText: boolean, path: string[]): void {
  if (typeof value === 'string') {
    if (checkText) checkString(value, path);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth === 0) throw new JsonError('nests too deep', path.join('.'));
  for (const key of Object.keys(value)) {
    const item: unknown = Reflect.get(value, key);
    path.push(key);
    if (FORBIDDEN.has(key)) throw new JsonError('is not an allowed name', path.join('.'));
    if (checkText) checkString(key, path);
    walk(item, depth - 1, checkText, path);
    path.pop();
  }
}

function checkString(text: string, path: readonly string[]): void {
  if (text.includes('\0')) throw new JsonError('contains a NUL character', path.join('.'));
  if (!text.isWellFormed()) throw new JsonError('contains half of a surrogate pair', path.join('.'));
}

/** Every number must come back with the digits it was sent with. The text is known to be JSON. */
function checkNumbers(text: string): void {
  /** Where we are: the index in each list, the key in each object; null before its first key. */
  const path: (number | string | null)[] = [];
  let isKeyNext = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const last = path.at(-1);
    if (token === '{' || token === '[') path.push(token === '[' ? 0 : null);
    else if (token === '}' || token === ']') path.pop();
    else if (token === ',' && typeof last === 'number') path[path.length - 1] = last + 1;
    else if (token.startsWith('"') && isKeyNext) path[path.length - 1] = String(JSON.parse(token));
    else if (/^[-\d]/.test(token) && !isExact(token))
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
