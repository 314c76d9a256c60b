/** src/adapters/slack/render/fields.ts: the inputs of a modal: the fields of a gate's form, reasons and texts. */
import type { types } from '@slack/bolt';
import type { FieldDefinition } from '../../../engine/definition.ts';
import { SLACK_LIMITS } from './limits.ts';
import { fieldBlock, INPUT } from './names.ts';
import { plain, plainLines } from './text.ts';

type InputElement = types.InputBlock['element'];

export interface InputParts {
  readonly block: string;
  readonly label: string;
  readonly hint: string | null;
  readonly isRequired: boolean;
}

export const input = ({ block, label, hint, isRequired }: InputParts, element: InputElement): types.InputBlock => ({
  type: 'input',
  block_id: block.slice(0, SLACK_LIMITS.identifier),
  label: plain(label, SLACK_LIMITS.inputLabel),
  ...(hint === null ? {} : { hint: plainLines(hint, SLACK_LIMITS.inputHint) }),
  optional: !isRequired,
  element,
});

/** Words on one line or several, as many as Slack's input holds. */
export const words = (parts: InputParts, isMultiline = true): types.InputBlock =>
  input(parts, {
    type: 'plain_text_input',
    action_id: INPUT,
    multiline: isMultiline,
    max_length: SLACK_LIMITS.inputText,
  });

/** Choices carry their position: a choice may be longer than a menu shows or carries. */
const choices = (all: readonly string[]): types.PlainTextOption[] =>
  all.slice(0, SLACK_LIMITS.selectOptions).map((choice, index) => ({
    text: plain(isLong(choice) ? `${index + 1}. ${choice}` : choice, SLACK_LIMITS.optionText),
    value: String(index),
  }));

/** What a menu's option can't show whole, it shows with a number; the hint has the whole. */
const isLong = (choice: string): boolean => choice.length > SLACK_LIMITS.optionText - 5;

function hintOf(field: FieldDefinition): string | null {
  const help = field.help === null ? [] : [field.help];
  const long =
    field.type === 'select' || field.type === 'multiselect'
      ? field.options.flatMap((choice, index) => (isLong(choice) ? [`${index + 1}. ${choice}`] : []))
      : [];
  const range = field.type === 'number' ? rangeOf(field) : [];
  const hint = [...help, ...range, ...long].join('\n');
  return hint === '' ? null : hint;
}

function rangeOf({ min, max }: Extract<FieldDefinition, { type: 'number' }>): readonly string[] {
  if (min !== null && max !== null) return [`From ${min} to ${max}`];
  if (min !== null) return [`At least ${min}`];
  return max === null ? [] : [`At most ${max}`];
}

/** A field of the gate's form. */
export const fieldInput = (field: FieldDefinition): types.InputBlock =>
  input(
    { block: fieldBlock(field), label: field.label, hint: hintOf(field), isRequired: field.required },
    elementOf(field),
  );

function elementOf(field: FieldDefinition): InputElement {
  switch (field.type) {
    case 'text':
      return {
        type: 'plain_text_input',
        action_id: INPUT,
        multiline: field.multiline,
        max_length: SLACK_LIMITS.inputText,
      };
    case 'email':
      return { type: 'email_text_input', action_id: INPUT };
    case 'url':
      return { type: 'url_text_input', action_id: INPUT };
    case 'number':
      return {
        type: 'number_input',
        action_id: INPUT,
        is_decimal_allowed: true,
        ...bound('min_value', field.min),
        ...bound('max_value', field.max),
      };
    case 'select':
      // A few choices are seen at a glance; a radio button can't be taken back, so an optional field gets a menu.
      return field.required && field.options.length <= FEW_CHOICES
        ? { type: 'radio_buttons', action_id: INPUT, options: choices(field.options) }
        : { type: 'static_select', action_id: INPUT, options: choices(field.options) };
    case 'multiselect':
      return field.options.length <= FEW_CHOICES
        ? { type: 'checkboxes', action_id: INPUT, options: choices(field.options) }
        : { type: 'multi_static_select', action_id: INPUT, options: choices(field.options) };
    case 'date':
      return { type: 'datepicker', action_id: INPUT };
    case 'checkbox':
      return {
        type: 'checkboxes',
        action_id: INPUT,
        options: [{ text: plain('Yes', SLACK_LIMITS.optionText), value: 'yes' }],
      };
  }
}

const FEW_CHOICES = 5;

/** Slack takes bounds as plain decimals only; where one is not, the engine alone checks it. */
const bound = (name: 'min_value' | 'max_value', value: number | null): { [key in typeof name]?: string } =>
  value !== null && /^-?\d+(\.\d+)?$/.test(String(value)) ? { [name]: String(value) } : {};
