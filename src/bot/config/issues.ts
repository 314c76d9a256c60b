/** src/bot/config/issues.ts: zod's issues in our words, each at the key that it is about. */
import { z } from 'zod';
import { suggestion } from './nearest.ts';
import type { Path, Report } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** Reports each issue of a failed parse of `input` by `schema`. */
export function reportIssues(issues: readonly Issue[], schema: z.core.$ZodType, input: unknown, report: Report): void {
  for (const issue of issues) reportIssue(issue, [], schema, input, report);
}

function reportIssue(issue: Issue, base: Path, root: z.core.$ZodType, input: unknown, report: Report): void {
  const path = [...base, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(root, path);
      for (const key of issue.keys) report([...path, key], `unknown key${suggestion(key, known)}`);
      return;
    }
    case 'invalid_union': {
      if (valueAt(input, path) === undefined) {
        report(path, 'is required');
        return;
      }
      // The branch of the right kind says more than "none fits", unless there is none or several.
      const fitting = issue.errors.filter((errors) => errors.every((error) => error.path.length > 0 || !isKind(error)));
      const [only] = fitting;
      if (fitting.length === 1 && only !== undefined && only.some((error) => error.path.length > 0 || isKey(error)))
        for (const error of only) reportIssue(error, path, root, input, report);
      else report(path, issue.message);
      return;
    }
    case 'invalid_key':
      report(path, issue.issues[0]?.message ?? issue.message);
      return;
    default:
      report(path, wordsFor(issue, valueAt(input, path)));
  }
}

const isKind = (issue: Issue): boolean => issue.code === 'invalid_type';
const isKey = (issue: Issue): boolean => issue.code === 'unrecognized_keys';

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function wordsFor(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined || value === null
        ? 'is required'
        : `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value': {
      const choices = issue.values.map(String);
      if (value === undefined) return 'is required';
      return `must be ${orList(choices)}${typeof value === 'string' ? suggestion(value, choices).replace(',', ';') : ''}`;
    }
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'too_small':
      if (!issue.message.startsWith('Too small')) return issue.message;
      return issue.origin === 'string'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '';
}

function orList(choices: readonly string[]): string {
  const last = choices.at(-1) ?? '';
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(String(key)) : undefined,
    input,
  );
}

/** The keys that a mapping at `path` may have, for suggestions. */
function keysAt(root: z.core.$ZodType, path: Path): readonly string[] {
  let schemas = branches(root);
  for (const key of path)
    schemas = schemas.flatMap((schema) => {
      if (schema instanceof z.ZodObject) {
        const next = Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
        return next === undefined ? [] : branches(next);
      }
      if (schema instanceof z.ZodRecord) return branches(schema.valueType);
      return schema instanceof z.ZodArray ? branches(schema.element) : [];
    });
  return schemas.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []));
}

/** A schema without what is wrapped around it; a union as its parts. */
function branches(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return branches(schema.unwrap());
  return schema instanceof z.ZodUnion ? schema.options.flatMap(branches) : [schema];
}
