/** src/adapters/directory/members.ts: whom a directory's answer names: names, email addresses and references, as text. */

import { evaluate } from '../../engine/expression.ts';
import { UnavailableError } from '../channel.ts';
import { DIRECTORY_MEMBER_LENGTH, DIRECTORY_MEMBERS } from './limits.ts';

/**
 * The members in the JSON `body`: what the CEL expression makes of it; without one a list of texts, or of objects with
 * `email`, `id` or `name`, at the top or under `members`. Nobody at all counts as a failure: that is how a directory
 * answers which has lost its data or our rights.
 * @throws UnavailableError where they can't be told; its message holds nothing of the answer
 */
export function membersIn(body: unknown, expression: string | null): readonly string[] {
  const found = expression === null ? usual(body) : chosen(body, expression);
  const members = [...new Set(found)];
  if (members.length === 0) throw new UnavailableError('answered with an empty list');
  if (members.length > DIRECTORY_MEMBERS)
    throw new UnavailableError(`answered with more than ${DIRECTORY_MEMBERS} members`);
  if (members.some((member) => member === '' || member.length > DIRECTORY_MEMBER_LENGTH))
    throw new UnavailableError('answered with a member that is no name, address or reference');
  return members;
}

function usual(body: unknown): readonly string[] {
  const list = isRecord(body) && Object.hasOwn(body, 'members') ? body.members : body;
  if (!Array.isArray(list))
    throw new UnavailableError('answered with neither a list nor { members: […] }; "members" can say where they stand');
  return list.map((item: unknown) => {
    if (typeof item === 'string') return item;
    const named = isRecord(item) ? [item.email, item.id, item.name] : [];
    const text = named.find((value) => typeof value === 'string' && value !== '');
    if (typeof text === 'string') return text;
    throw new UnavailableError('answered with a member that has no email, id or name');
  });
}

function chosen(body: unknown, expression: string): readonly string[] {
  const result = evaluate(expression, { body });
  if (!result.ok) throw new UnavailableError(`answered with what "members" can’t read: ${result.error}`);
  if (!Array.isArray(result.value) || !result.value.every((item: unknown) => typeof item === 'string'))
    throw new UnavailableError('answered with what "members" doesn’t make a list of texts');
  return result.value;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
