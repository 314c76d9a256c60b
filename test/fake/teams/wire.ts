/** test/fake/teams/wire.ts: how the Bot Connector reads a call and says no. */

export type Fields = Readonly<Record<string, unknown>>;

/** What the connector answers with a status and `{error: {code, message}}`. */
export class ConnectorError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number | null;
  constructor(status: number, code: string, message: string, retryAfter: number | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export const badSyntax = (message: string) => new ConnectorError(400, 'BadSyntax', message);
export const noConversation = () => new ConnectorError(404, 'ConversationNotFound', 'Conversation not found.');
export const noActivity = () =>
  new ConnectorError(404, 'ActivityNotFoundInConversation', 'The activity was not found in the conversation.');

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of something that may be anything, however deep. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) found = isFields(found) ? found[key] : undefined;
  return found;
}

export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const text = at(value, ...path);
  return typeof text === 'string' && text !== '' ? text : null;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? list : [];
}
