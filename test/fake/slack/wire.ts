/** test/fake/slack/wire.ts: how Slack's Web API reads a call and says no. */

export type Fields = Readonly<Record<string, unknown>>;

/** What Slack answers with HTTP 200 and `ok: false`. */
export class SlackError extends Error {
  readonly error: string;
  readonly extra: Fields;
  constructor(error: string, extra: Fields = {}) {
    super(error);
    this.error = error;
    this.extra = extra;
  }
}

/** `[ERROR] …` lines as Slack words them, with the place in the arguments. */
export const withMessages = (error: string, messages: readonly string[]) =>
  new SlackError(error, { response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) } });

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of something that may be anything. */
export const at = (value: unknown, key: string): unknown => (isFields(value) ? value[key] : undefined);

export const listAt = (value: unknown, key: string): readonly unknown[] => {
  const list = at(value, key);
  return Array.isArray(list) ? list : [];
};

export const textAt = (value: unknown, key: string): string | null => {
  const text = at(value, key);
  return typeof text === 'string' ? text : null;
};

/** Arguments arrive as a form with nested values as JSON, or as one JSON body. */
export function readArgs(contentType: string, body: string, query: URLSearchParams): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  if (contentType.includes('json')) {
    const parsed: unknown = JSON.parse(body === '' ? '{}' : body);
    if (isFields(parsed)) Object.assign(args, parsed);
  } else for (const [key, value] of new URLSearchParams(body)) args[key] = NESTED.has(key) ? nested(key, value) : value;
  for (const [key, value] of query) args[key] ??= value;
  return args;
}

const NESTED = new Set(['blocks', 'attachments', 'view', 'metadata']);

function nested(key: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new SlackError(key === 'metadata' ? 'invalid_metadata_format' : `invalid_${key}_format`);
  }
}

/** An argument that has to be there. */
export function need(args: Fields, name: string): string {
  const value = args[name];
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw withMessages('invalid_arguments', [`missing required field: ${name}`]);
}

export const optional = (args: Fields, name: string): string | null => textAt(args, name);

export const isTrue = (args: Fields, name: string): boolean => [true, 'true', '1', 1].includes(toPlain(args[name]));

const toPlain = (value: unknown): boolean | string | number =>
  typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number' ? value : false;
