/** src/adapters/teams/render/fields.ts: the inputs of a form: the fields of a gate, reasons and texts. */
import type { FieldDefinition } from '../../../engine/definition.ts';
import type { Element, Input } from './card.ts';
import { DRAWN } from './limits.ts';
import { line, literal, rich, small, unmarkdown } from './text.ts';

/** What each input is called within its form. Fields have a prefix, so that one called `reason` is not the reason. */
export const NAMES = { reason: 'reason', text: 'text', to: 'to', duration: 'for' } as const;
export const fieldName = (field: Pick<FieldDefinition, 'id'>): string => `f.${field.id}`;

/** `in.2.reason`: Teams adds inputs to what a click carries, so their names must meet neither it nor other forms'. */
const inputId = (form: number, name: string): string => `in.${form}.${name}`;

interface Asked {
  readonly form: number;
  readonly name: string;
  readonly label: string;
  readonly isRequired: boolean;
  /** What to say where it is empty or does not fit. */
  readonly error?: string;
}

function base({ form, name, label, isRequired, error }: Asked) {
  const shown = line(label, DRAWN.inputLabel) || '–';
  return {
    id: inputId(form, name),
    label: shown,
    ...(isRequired ? { isRequired: true as const } : {}),
    ...(isRequired || error !== undefined ? { errorMessage: error ?? `Please fill in “${shown}”.` } : {}),
  };
}

/** Words, on one line or several. */
export const textInput = (asked: Asked, isMultiline = true): Input => ({
  type: 'Input.Text',
  ...base(asked),
  ...(isMultiline ? { isMultiline: true } : {}),
  maxLength: DRAWN.inputText,
});

/** Choices carry their position: what they say may have a comma, by which Teams parts several. */
export const choiceInput = (
  asked: Asked,
  choices: readonly string[],
  { isMulti = false, isExpanded = false }: { readonly isMulti?: boolean; readonly isExpanded?: boolean } = {},
): Input => ({
  type: 'Input.ChoiceSet',
  ...base(asked),
  choices: choices
    .slice(0, DRAWN.choices)
    .map((choice, i) => ({ title: unmarkdown(line(choice, DRAWN.choice)) || '–', value: String(i) })),
  style: isExpanded ? 'expanded' : 'compact',
  ...(isMulti ? { isMultiSelect: true } : {}),
  wrap: true,
});

const FEW_CHOICES = 5;

/** A field of the gate's form, with what helps to fill it in below it. */
export function fieldInput(field: FieldDefinition, form: number): readonly Element[] {
  const hint = hintOf(field);
  return [inputOf(field, form), ...(hint === '' ? [] : [small([hint], { spacing: 'small' })])];
}

const hintOf = (field: FieldDefinition): string =>
  [field.help === null ? '' : line(field.help, DRAWN.hint), field.type === 'number' ? rangeOf(field) : '']
    .filter((text) => text !== '')
    .join(' · ');

function rangeOf({ min, max }: Extract<FieldDefinition, { type: 'number' }>): string {
  if (min !== null && max !== null) return `From ${min} to ${max}`;
  if (min !== null) return `At least ${min}`;
  return max === null ? '' : `At most ${max}`;
}

function inputOf(field: FieldDefinition, form: number): Input {
  const asked = { form, name: fieldName(field), label: field.label, isRequired: field.required };
  switch (field.type) {
    case 'text': {
      const regex = field.multiline ? null : clientRegex(field.pattern);
      if (regex === null) return textInput(asked, field.multiline);
      return { type: 'Input.Text', ...base({ ...asked, error: notFitting(field) }), maxLength: DRAWN.inputText, regex };
    }
    case 'email':
    case 'url':
      return { type: 'Input.Text', ...base(asked), maxLength: DRAWN.inputText, style: field.type };
    case 'number': {
      const range = rangeOf(field);
      const error =
        range === '' ? {} : { error: `“${line(field.label, DRAWN.inputLabel)}” must be a number. ${range}.` };
      return {
        type: 'Input.Number',
        ...base({ ...asked, ...error }),
        ...(field.min === null ? {} : { min: field.min }),
        ...(field.max === null ? {} : { max: field.max }),
      };
    }
    case 'select':
      // A few choices are seen at a glance; one of them can't be taken back, so an optional field gets a menu.
      return choiceInput(asked, field.options, { isExpanded: field.required && field.options.length <= FEW_CHOICES });
    case 'multiselect':
      return choiceInput(asked, field.options, { isMulti: true, isExpanded: field.options.length <= FEW_CHOICES });
    case 'date':
      return { type: 'Input.Date', ...base(asked) };
    case 'checkbox':
      return { type: 'Input.Toggle', ...base(asked), title: 'Yes', wrap: true };
  }
}

const notFitting = (field: FieldDefinition): string => {
  const help = field.help === null ? '' : ` ${line(field.help, DRAWN.hint)}`;
  return `“${line(field.label, DRAWN.inputLabel)}” is missing or does not fit.${help}`;
};

/** Signs, classes and a few repetitions; no groups, no alternatives. */
const PLAIN = /^(?:[\w @#:,/-]|\\[d.]|\[(?:\w-\w|[\w @#:,./])+\]|[+*?]|\{\d{1,3}(?:,\d{0,3})?\})+$/;
const REPEATED = /[+*{]/g;

/**
 * The pattern where every client's engine (JavaScript, .NET, Swift, Java) reads it as ours does and none can be kept
 * busy by it; else the engine alone checks. null: no pattern, or none of these.
 */
function clientRegex(pattern: string | null): string | null {
  if (pattern === null || pattern.length > 100 || !PLAIN.test(pattern)) return null;
  if ((pattern.match(REPEATED) ?? []).length > 3 || /^[+*?{]|[+*?}][+*?{]/.test(pattern)) return null;
  return `^${pattern}$`;
}

/** What somebody asked, in the form that answers it. */
export const quoted = (text: string): Element => ({
  type: 'Container',
  style: 'emphasis',
  spacing: 'small',
  items: literal(text.trim(), 1500)
    .split('\n')
    .slice(0, 20)
    .map((row, i) => rich([row], i === 0 ? {} : { spacing: 'none' })),
});
