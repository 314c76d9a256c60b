/** src/cli/opening.ts: from the options of `countersign open` to what the server is asked. */
import { readFileSync } from 'node:fs';
import type { JsonValue, OpenRequest } from '../client/index.ts';
import { CommandError } from './failure.ts';

export interface OpenFlags {
  readonly title?: string;
  readonly description?: string;
  readonly context?: readonly string[];
  readonly field?: readonly string[];
  readonly artifact?: readonly string[];
  readonly subject?: string;
  readonly requester?: string;
  readonly callback?: string;
  readonly supersedes?: string;
  readonly approver?: readonly string[];
  readonly quorum?: string;
  readonly timeout?: string;
}

/** Longest file that is read as context; the server takes less. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** @throws CommandError naming the option that can't be read */
export function openRequestFrom(
  gate: string,
  flags: OpenFlags,
  readFile: (path: string) => string = readText,
): OpenRequest {
  const { title, description, requester, callback, supersedes, approver, quorum, timeout } = flags;
  const context = contextFrom(flags.context ?? [], readFile);
  return {
    gate,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(context !== undefined && { context }),
    ...(flags.field && {
      fields: flags.field.map((text) => pairFrom('--field', text)).map(([label, value]) => ({ label, value })),
    }),
    ...(flags.artifact && {
      artifacts: flags.artifact.map((text) => pairFrom('--artifact', text)).map(([name, url]) => ({ name, url })),
    }),
    ...(flags.subject !== undefined && { subject: subjectFrom(flags.subject) }),
    ...(requester !== undefined && { requester }),
    ...(callback !== undefined && { callback: { url: callback } }),
    ...(supersedes !== undefined && { supersedes }),
    ...(approver && { approvers: approver }),
    ...(quorum !== undefined && { quorum: /^\d+$/.test(quorum) ? Number(quorum) : quorum }),
    ...(timeout !== undefined && { timeout: /^\d+$/.test(timeout) ? Number(timeout) : timeout }),
  };
}

/**
 * Whole JSON, `@file` (`@-` is stdin), or pairs: `key=value` is text, `key:=json` is JSON, so that a version 1.10 stays
 * what it is. Objects and pairs are put together in their order.
 */
export function contextFrom(
  given: readonly string[],
  readFile: (path: string) => string = readText,
): JsonValue | undefined {
  let context: JsonValue | undefined;
  for (const text of given) {
    const addition = text.startsWith('@')
      ? parsed(readFile(text.slice(1)), `The file ${text.slice(1)} of --context`)
      : (pairOf(text) ?? parsed(text, '--context (JSON, @file, key=value or key:=json)'));
    if (context === undefined) {
      context = addition;
      continue;
    }
    if (!isObject(context) || !isObject(addition))
      throw new CommandError('Several --context can only be put together when each is an object or a pair.');
    context = { ...context, ...addition };
  }
  return context;
}

function pairOf(text: string): { readonly [key: string]: JsonValue } | null {
  const match = /^([A-Za-z_][\w.-]*)(:?=)(.*)$/s.exec(text);
  if (match === null) return null;
  const [, key = '', sign, value = ''] = match;
  return { [key]: sign === ':=' ? parsed(value, `The value of ${key} in --context`) : value };
}

function pairFrom(option: string, text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new CommandError(`${option} wants NAME=VALUE, not ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** `ghcr.io/acme/shop@sha256:…`, or just a name. */
function subjectFrom(text: string): { readonly name: string; readonly digest?: string } {
  const match = /^(.+)@([a-z0-9]+:[0-9a-fA-F]+)$/.exec(text);
  return match === null ? { name: text } : { name: match[1] ?? text, digest: match[2] ?? '' };
}

function parsed(text: string, what: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const isObject = (value: JsonValue): value is { readonly [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readText(path: string): string {
  try {
    const text = readFileSync(path === '-' ? 0 : path, 'utf8');
    if (text.length > MAX_FILE_BYTES) throw new CommandError(`The file ${path} is too long for a context.`);
    return text;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`The file ${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
