/**
 * src/engine/expression.ts: conditions in CEL, and text with `${CEL}` in it.
 * Nothing here throws: what fails is a value, and the caller says which way it falls. A failure never approves.
 */
import { compiled, type Evaluation, type Facts, run } from './cel.ts';

export { checkPattern, type Evaluation, type Facts } from './cel.ts';

/** Longest template, and the longest text that one may become, in UTF-16 units. */
const MAX_TEMPLATE = 10_000;
const MAX_RENDERED = 100_000;
const MAX_CACHED = 2000;

type Part = { readonly text: string } | { readonly expression: string };
type Template = { readonly ok: true; readonly parts: readonly Part[] } | { readonly ok: false; readonly error: string };

const templates = new Map<string, Template>();

/**
 * Evaluates CEL over `facts` (context, request, option, outcome). A missing key, a wrong type, a syntax error and a
 * spent budget are failures. The value's ints are bigint, its doubles (and JSON's numbers) number.
 */
export function evaluate(source: string, facts: Facts): Evaluation {
  return run(compiled(source), facts);
}

/** What is wrong with an expression that may speak of `names`, in one line; null when nothing is. */
export function checkExpression(source: string, names: readonly string[]): string | null {
  const program = compiled(source);
  if (!program.ok) return program.error;
  for (const name of program.names)
    if (!names.includes(name)) return `unknown name "${name}"; here there are ${names.join(', ')}`;
  return null;
}

export type Rendering = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: string };

/**
 * Text with each `${CEL}` replaced by its value: strings as they are, numbers, truth values and timestamps as text.
 * Null, a list, a map and a failing expression are failures that name the expression.
 * @param encode applied to each value, such as `encodeURIComponent` in a URL
 */
export function renderTemplate(source: string, facts: Facts, encode?: (value: string) => string): Rendering {
  const template = parsed(source);
  if (!template.ok) return template;
  let text = '';
  for (const part of template.parts) {
    if ('text' in part) {
      text += part.text;
      continue;
    }
    const result = evaluate(part.expression, facts);
    if (!result.ok) return { ok: false, error: `\${${part.expression}}: ${result.error}` };
    const value = asText(result.value);
    if (value === null) return { ok: false, error: `\${${part.expression}}: is not text, a number or true or false` };
    text += encode === undefined ? value : encode(value);
  }
  if (text.length > MAX_RENDERED) return { ok: false, error: `becomes longer than ${MAX_RENDERED} characters` };
  return { ok: true, value: text };
}

/** What is wrong with a template whose expressions may speak of `names`, in one line; null when nothing is. */
export function checkTemplate(source: string, names: readonly string[]): string | null {
  const template = parsed(source);
  if (!template.ok) return template.error;
  for (const part of template.parts) {
    const problem = 'text' in part ? null : checkExpression(part.expression, names);
    if (problem !== null && 'expression' in part) return `\${${part.expression}}: ${problem}`;
  }
  return null;
}

/** The literal text before the first expression; the whole text when there is none. */
export function literalStart(source: string): string {
  const template = parsed(source);
  const first = template.ok ? template.parts[0] : undefined;
  return first !== undefined && 'text' in first ? first.text : '';
}

function asText(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return Number.isFinite(value) ? String(value) : null;
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : null;
  }
}

function parsed(source: string): Template {
  const known = templates.get(source);
  if (known !== undefined) return known;
  const template = parse(source);
  const oldest = templates.size >= MAX_CACHED ? templates.keys().next().value : undefined;
  if (oldest !== undefined) templates.delete(oldest);
  templates.set(source, template);
  return template;
}

function parse(source: string): Template {
  if (source.length > MAX_TEMPLATE) return { ok: false, error: `is longer than ${MAX_TEMPLATE} characters` };
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const open = source.indexOf('${', at);
    if (open === -1) break;
    const close = endOfExpression(source, open + 2);
    if (close === -1) return { ok: false, error: `"\${" at character ${open + 1} is never closed by "}"` };
    if (open > at) parts.push({ text: source.slice(at, open) });
    parts.push({ expression: source.slice(open + 2, close).trim() });
    at = close + 1;
  }
  if (at < source.length) parts.push({ text: source.slice(at) });
  return { ok: true, parts };
}

/** Where the `}` stands that closes an expression; braces of maps and whatever is inside strings don't. */
function endOfExpression(source: string, from: number): number {
  let depth = 0;
  for (let i = from; i < source.length; i++) {
    const character = source.charAt(i);
    if (character === '"' || character === "'") {
      i = endOfString(source, i);
      if (i === -1) return -1;
    } else if (character === '{') depth++;
    else if (character === '}') {
      if (depth === 0) return i;
      depth--;
    }
  }
  return -1;
}

/** The last character of the string literal that starts at `from`; cel-js skips what follows a "\" in raw ones too. */
function endOfString(source: string, from: number): number {
  const quote = source.charAt(from);
  const ending = source.startsWith(quote.repeat(3), from) ? quote.repeat(3) : quote;
  for (let i = from + ending.length; i < source.length; i++) {
    if (source.charAt(i) === '\\') i++;
    else if (source.startsWith(ending, i)) return i + ending.length - 1;
  }
  return -1;
}
