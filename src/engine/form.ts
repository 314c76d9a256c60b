/** src/engine/form.ts: the form that is asked for with a decision: which fields apply, and whether the answers fit. */
import { RE2JS, RE2JSException } from 're2js';
import type { FieldDefinition, GateDefinition } from './definition.ts';
import { evaluate } from './expression.ts';
import type { Content, FieldError, Inputs, InputValue } from './request.ts';

/** Longest text answer, in UTF-16 units: what a Slack modal's input may hold. */
const MAX_TEXT = 3000;
/** One address with a dot in its domain; stricter than RFC 5322, as every mail form is. */
const EMAIL = RE2JS.compile('[^\\s@,;<>"]{1,64}@[^\\s@,;<>"]{1,190}\\.[^\\s@,;<>".]{2,63}');
const patterns = new Map<string, RE2JS>();

/** What expressions may speak of: `context`, and `request` with the facts that were shown. */
export function facts(content: Content, gate: GateDefinition): Readonly<Record<string, unknown>> {
  const { id, title, pipeline, requester } = content;
  return { context: content.context ?? {}, request: { id, gate: gate.name, title, pipeline, requester } };
}

/** The fields that apply to an option. A condition that fails leaves its field in: asking too much is safe. */
export function fieldsFor(gate: GateDefinition, option: string, content: Content): readonly FieldDefinition[] {
  return gate.form.filter((field) => {
    if (field.when === null) return true;
    const shown = evaluate(field.when, { ...facts(content, gate), option });
    return !(shown.ok && shown.value === false);
  });
}

/** The inputs as they will be recorded, or one error per field that doesn't fit. Unknown names are errors. */
export function checkInputs(
  fields: readonly FieldDefinition[],
  given: Readonly<Record<string, unknown>>,
): { readonly ok: true; readonly inputs: Inputs } | { readonly ok: false; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const inputs: Record<string, InputValue> = {};
  const known = new Set(fields.map((field) => field.id));
  for (const name of Object.keys(given))
    if (!known.has(name)) errors.push({ path: `inputs.${name}`, message: 'is not asked for here' });
  for (const field of fields) {
    const value = Object.hasOwn(given, field.id) ? given[field.id] : undefined;
    const path = `inputs.${field.id}`;
    if (isEmpty(value) || (field.type === 'checkbox' && field.required && value === false)) {
      if (field.required) errors.push({ path, message: `${field.label} is required` });
      continue;
    }
    const checked = checkField(field, value);
    if (typeof checked === 'string') errors.push({ path, message: `${field.label} ${checked}` });
    else inputs[field.id] = checked.value;
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, inputs };
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** The value to record, or the words for what is wrong with it. */
function checkField(field: FieldDefinition, value: unknown): { readonly value: InputValue } | string {
  switch (field.type) {
    case 'text':
      return checkText(value, field.pattern);
    case 'email': {
      if (typeof value !== 'string' || !EMAIL.matches(value)) return 'must be one email address';
      return checkText(value, field.pattern);
    }
    case 'url': {
      if (typeof value !== 'string' || !isWebAddress(value)) return 'must be a web address (https://…)';
      return checkText(value, field.pattern);
    }
    case 'number':
      return checkNumber(value, field.min, field.max);
    case 'select':
      if (typeof value !== 'string' || !field.options.includes(value))
        return `must be one of ${field.options.join(', ')}`;
      return { value };
    case 'multiselect': {
      const chosen: unknown[] = Array.isArray(value) ? value : [value];
      const valid = chosen.filter((item) => typeof item === 'string').filter((item) => field.options.includes(item));
      if (valid.length !== chosen.length || new Set(valid).size !== valid.length)
        return `must be some of ${field.options.join(', ')}`;
      return { value: valid };
    }
    case 'date':
      return typeof value === 'string' && isDate(value) ? { value } : 'must be a date (YYYY-MM-DD)';
    case 'checkbox':
      return typeof value === 'boolean' ? { value } : 'must be true or false';
  }
}

function checkText(value: unknown, pattern: string | null): { readonly value: string } | string {
  if (typeof value !== 'string') return 'must be text';
  if (value.length > MAX_TEXT) return `must be at most ${MAX_TEXT} characters`;
  if (pattern !== null && compiled(pattern)?.matches(value) !== true) return `must match ${pattern}`;
  return { value };
}

/** null for what is no pattern: nothing matches it. */
function compiled(pattern: string): RE2JS | null {
  const known = patterns.get(pattern) ?? compile(pattern);
  if (known === null) return null;
  if (patterns.size > 1000) patterns.clear();
  patterns.set(pattern, known);
  return known;
}

function compile(pattern: string): RE2JS | null {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) return null;
    throw error;
  }
}

/** Numbers, or their plain decimal spelling as forms send it. */
function checkNumber(value: unknown, min: number | null, max: number | null): { readonly value: number } | string {
  const number = typeof value === 'string' && /^[+-]?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return 'must be a number';
  if (min !== null && number < min) return `must be at least ${min}`;
  if (max !== null && number > max) return `must be at most ${max}`;
  return { value: number + 0 }; // -0 would come back from JSON as another number
}

function isWebAddress(text: string): boolean {
  if (/\s/.test(text) || !URL.canParse(text)) return false; // the parser would drop the white space, the record would not
  const { protocol, username, password } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}

function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
