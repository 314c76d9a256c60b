/** src/bot/config/fields.ts: options, forms and actions of a gate, translated and checked. */
import type { FieldDefinition, HttpActionDefinition, Json, OptionDefinition } from '../../engine/definition.ts';
import { checkExpression, checkPattern, checkTemplate, literalStart } from '../../engine/expression.ts';
import type { Path, Report } from './problem.ts';
import type { ActionShape, FieldShape, Overrides } from './shape.ts';

/** What a gate offers when it says nothing. */
const PLAIN_OPTIONS: readonly OptionDefinition[] = [
  { id: 'approve', label: 'Approve', outcome: 'approved', style: 'primary' },
  { id: 'reject', label: 'Reject', outcome: 'rejected', style: 'danger' },
];

export function optionsOf(shapes: Overrides['options'], path: Path, report: Report): readonly OptionDefinition[] {
  if (shapes === undefined) return PLAIN_OPTIONS;
  reportTwice(
    shapes.map(({ id }) => id),
    (i) => [...path, i, 'id'],
    report,
  );
  for (const outcome of ['approved', 'rejected'] as const)
    if (!shapes.some((option) => option.outcome === outcome))
      report(path, `must offer an option whose outcome is ${outcome}`);
  for (const [i, { id, outcome }] of shapes.entries()) {
    // These words mean the outcomes themselves, in onTimeout, requireReason and on the command line.
    const meaning = id === 'approve' ? 'approved' : id === 'reject' ? 'rejected' : outcome;
    if (meaning !== outcome) report([...path, i, 'outcome'], `must be ${meaning} for an option called "${id}"`);
    if (id === 'bypass') report([...path, i, 'id'], '"bypass" is the name of the break-glass action');
  }
  return shapes.map(({ id, label, outcome, style }) => ({ id, label, outcome, style: style ?? null }));
}

export function formOf(shapes: readonly FieldShape[], path: Path, report: Report): readonly FieldDefinition[] {
  reportTwice(
    shapes.map(({ id }) => id),
    (i) => [...path, i, 'id'],
    report,
  );
  return shapes.map((shape, i) => fieldOf(shape, [...path, i], report));
}

/** Which settings belong to which types of field. */
const SETTINGS = {
  pattern: ['text', 'email', 'url'],
  multiline: ['text'],
  min: ['number'],
  max: ['number'],
  options: ['select', 'multiselect'],
} as const satisfies Partial<Record<keyof FieldShape, readonly FieldShape['type'][]>>;

function fieldOf(shape: FieldShape, path: Path, report: Report): FieldDefinition {
  const { id, type, when = null, pattern = null, min = null, max = null, options = [] } = shape;
  for (const [key, types] of Object.entries(SETTINGS))
    if (Object.hasOwn(shape, key) && !types.some((fitting) => fitting === type))
      report([...path, key], `is not a setting of a ${type} field; it belongs to ${types.join(', ')}`);
  if (when !== null) reportExpression(when, ['context', 'request', 'option'], [...path, 'when'], report);
  const problem = pattern === null ? null : checkPattern(pattern);
  if (problem !== null) report([...path, 'pattern'], problem);
  if (min !== null && max !== null && min > max) report([...path, 'max'], `must be at least the "min" of ${min}`);
  const base = { id, label: shape.label ?? id, help: shape.help ?? null, required: shape.required ?? false, when };
  switch (type) {
    case 'text':
      return { ...base, type, pattern, multiline: shape.multiline ?? false };
    case 'email':
    case 'url':
      return { ...base, type, pattern };
    case 'number':
      return { ...base, type, min, max };
    case 'select':
    case 'multiselect':
      if (shape.options === undefined) report([...path, 'options'], `is required for a ${type} field`);
      reportTwice(options, (i) => [...path, 'options', i], report);
      return { ...base, type, options };
    case 'date':
    case 'checkbox':
      return { ...base, type };
  }
}

const ACTION_NAMES = ['context', 'request', 'outcome'];
/** Set by the HTTP client itself, or able to send the call somewhere else. */
const RESERVED_HEADERS = new Set([
  'host',
  'content-length',
  'connection',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
]);

export function actionsOf(
  shapes: readonly ActionShape[] | undefined,
  path: Path,
  report: Report,
): readonly HttpActionDefinition[] {
  return (shapes ?? []).map(({ action, url, method, headers = {}, body }, i) => {
    const at = [...path, i];
    reportTemplate(url, ACTION_NAMES, [...at, 'url'], report);
    const problem = addressProblem(url);
    if (problem !== null) report([...at, 'url'], problem);
    for (const [name, value] of Object.entries(headers)) {
      if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name) || RESERVED_HEADERS.has(name.toLowerCase()))
        report([...at, 'headers', name], 'is not a header that may be set');
      if (!/^[\t\x20-\x7e]*$/.test(value)) report([...at, 'headers', name], 'must be one line of ASCII text');
    }
    if (body !== undefined) reportBody(body, [...at, 'body'], report);
    return { action, url, method: method ?? 'POST', headers, body: body ?? null };
  });
}

/** The host must not come from a request: the first expression may stand behind the "/" after it at the earliest. */
function addressProblem(url: string): string | null {
  const start = literalStart(url);
  const origin = /^https?:\/\/[^/?#\\@\s]+(?=[/?#]|$)/.exec(start)?.[0];
  if (origin === undefined || !URL.canParse(origin)) return 'must begin with "https://" and a host that is written out';
  return origin === start && start !== url ? 'must have a "/" between the host and what is filled in' : null;
}

function reportBody(body: Json, path: Path, report: Report): void {
  if (typeof body === 'string') reportTemplate(body, ACTION_NAMES, path, report);
  else if (Array.isArray(body)) for (const [i, item] of body.entries()) reportBody(item, [...path, i], report);
  else if (typeof body === 'object' && body !== null)
    for (const [key, value] of Object.entries(body)) reportBody(value, [...path, key], report);
}

export function reportExpression(source: string, names: readonly string[], path: Path, report: Report): void {
  const problem = checkExpression(source, names);
  if (problem !== null) report(path, problem);
}

export function reportTemplate(source: string, names: readonly string[], path: Path, report: Report): void {
  const problem = checkTemplate(source, names);
  if (problem !== null) report(path, problem);
}

export function reportTwice(values: readonly string[], at: (index: number) => Path, report: Report): void {
  for (const [i, value] of values.entries()) if (values.indexOf(value) < i) report(at(i), `"${value}" is there twice`);
}
