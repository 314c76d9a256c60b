/**
 * src/bot/rehearsal/votes.ts: what people do in a rehearsal. A vote brings what its gate asks for besides: a reason, and
 * answers to the form, so that one line is enough to see what a vote leads to.
 */
import type { FieldDefinition, GateDefinition, Instant, PersonId } from '../../engine/definition.ts';
import { fieldsFor } from '../../engine/form.ts';
import type { Content, InputValue } from '../../engine/request.ts';
import type { Act } from './play.ts';
import { momentOf, TIME_FORM } from './time.ts';

export interface RehearsedVote {
  readonly person: PersonId;
  readonly option: string;
  readonly at: Instant;
  /** null: a sample. */
  readonly reason: string | null;
  /** null: samples for what is required. */
  readonly inputs: Readonly<Record<string, unknown>> | null;
}

/**
 * `ana=approve@+1h`: who, which option, and when: so long after `opened`, or a time. What is wrong with it, in words,
 * where it can't be read. Whether there are such a person and such an option is for the engine to say.
 */
export function voteFrom(text: string, opened: Instant): RehearsedVote | string {
  const [, person, option, when] = /^([^=]{1,200})=([^@]{1,200})@(.{1,40})$/.exec(text.trim()) ?? [];
  if (person === undefined || option === undefined || when === undefined)
    return 'must be PERSON=OPTION@WHEN, such as ana=approve@+1h';
  const at = momentOf(when, opened);
  if (at === null) return TIME_FORM;
  return at < opened ? BEFORE : { person, option, at, reason: null, inputs: null };
}

export const BEFORE = 'comes before the request is opened';

/** Each as its person would cast it, freshly signed in. */
export function actsOf(votes: readonly RehearsedVote[], gate: GateDefinition, content: Content): readonly Act[] {
  return votes.map(({ person, option, at, reason, inputs }) => ({
    at,
    command: (directory) => ({
      type: 'vote',
      person,
      option,
      reason: reason ?? 'as rehearsed',
      inputs: inputs ?? sampleInputs(fieldsFor(gate, option, content)),
      via: 'web',
      pipeline: null,
      assurance: 'high',
      replaces: null,
      directory,
    }),
  }));
}

/** An answer to every field that needs one. A pattern may still refuse it, and then the rehearsal says so. */
const sampleInputs = (fields: readonly FieldDefinition[]): Readonly<Record<string, InputValue>> =>
  Object.fromEntries(fields.filter(({ required }) => required).map((field) => [field.id, sampleOf(field)]));

function sampleOf(field: FieldDefinition): InputValue {
  switch (field.type) {
    case 'text':
      return 'sample';
    case 'email':
      return 'sample@example.com';
    case 'url':
      return 'https://example.com/';
    case 'number':
      return field.min ?? field.max ?? 1;
    case 'select':
      return field.options[0] ?? '';
    case 'multiselect':
      return field.options.slice(0, 1);
    case 'date':
      return '2026-01-01';
    case 'checkbox':
      return true;
  }
}
