/**
 * src/adapters/teams/render/submission.ts: what a click and its form say, and the words for what does not fit. The door
 * for what was typed; whether it may be is the engine's to say.
 */
import { z } from 'zod';
import type { FieldDefinition, Instant } from '../../../engine/definition.ts';
import type { FieldError } from '../../../engine/request.ts';
import type { RequestView } from '../../../engine/view.ts';
import type { PersonAction } from '../../action.ts';
import { type ActControl, type Control, readControl } from '../control.ts';
import { fieldName, NAMES } from './fields.ts';
import { isVote } from './forms.ts';
import { DRAWN } from './limits.ts';
import { actionOf } from './step-card.ts';
import { line } from './text.ts';
import { SNOOZES } from './words.ts';

type Without<Action, Key extends PropertyKey> = Action extends unknown ? Omit<Action, Key> : never;

/** A person's action as far as the form says it: who acts is known by the call, the delegate is named as typed. */
export type SubmittedAction =
  | Without<Exclude<PersonAction, { readonly kind: 'delegate' }>, 'person'>
  | { readonly kind: 'delegate'; readonly toPerson: string; readonly reason: string | null };

/** Inputs of one form by their name in it, as text. */
export type Inputs = Readonly<Record<string, string>>;

export type Read =
  | { readonly kind: 'action'; readonly action: SubmittedAction }
  /** Nothing was recorded; `words` name the field. */
  | { readonly kind: 'invalid'; readonly words: string };

/** Clients send texts; some send numbers and switches as what they are. */
const Typed = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
const Data = z.looseObject({ k: z.string().max(300) });
/** Several times what a form of ours has. */
const MOST_INPUTS = 500;

/**
 * The data of a click (`action.data` of an Execute, `value` of a Submit); null: it is not one of ours. Inputs of other
 * forms in the same card are left out.
 */
export function readData(value: unknown): { readonly control: Control; readonly inputs: Inputs } | null {
  const data = Data.safeParse(value).data;
  const control = data === undefined ? null : readControl(data.k);
  if (data === undefined || control === null) return null;
  const form = 'form' in control ? control.form : null;
  if (form === null) return { control, inputs: {} };
  const prefix = `in.${form}.`;
  const typed = Object.entries(data)
    .slice(0, MOST_INPUTS)
    .flatMap(([id, given]) => {
      const text = id.startsWith(prefix) ? Typed.safeParse(given).data : undefined;
      return text === undefined ? [] : [[id.slice(prefix.length), text] as const];
    });
  return { control, inputs: Object.fromEntries(typed) };
}

/** Why a text can't be taken; thrown inside this file only. */
class Unreadable extends Error {}

/**
 * What the person asks for. Numbers, switches and choices become values; what does not fit stays text, for the engine
 * to refuse.
 */
export function readInputs(
  inputs: Inputs,
  control: ActControl,
  view: RequestView,
  { now }: { readonly now: Instant },
): Read {
  try {
    return { kind: 'action', action: actionFrom(inputs, control, view, now) };
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'invalid', words: `${error.message} Nothing was recorded.` };
    throw error;
  }
}

function actionFrom(inputs: Inputs, control: ActControl, view: RequestView, now: Instant): SubmittedAction {
  const text = (name: string, label: string): string | null => textOf(typedIn(inputs, name), label);
  const needed = (name: string, label: string): string => {
    const typed = text(name, label);
    if (typed === null) throw new Unreadable(`Please fill in “${label}”.`);
    return typed;
  };
  const reason = (): string | null => text(NAMES.reason, 'Reason');
  switch (control.kind) {
    case 'vote': {
      const { option, replaces, shown } = control;
      const answers = fieldsOf(control, view).flatMap((field) => {
        const value = answerTo(field, typedIn(inputs, fieldName(field)), control.form !== null);
        return value === undefined ? [] : [[field.id, value] as const];
      });
      return { kind: 'vote', option, reason: reason(), inputs: Object.fromEntries(answers), replaces, shown };
    }
    case 'withdrawVote':
      return { kind: 'withdrawVote', replaces: control.replaces ?? 0 };
    case 'comment':
      return { kind: 'comment', text: needed(NAMES.text, 'Your comment') };
    case 'requestInformation':
      return { kind: 'requestInformation', question: needed(NAMES.text, 'What do you need to know?') };
    case 'returnInformation':
      return { kind: 'returnInformation', answer: needed(NAMES.text, 'Your answer') };
    case 'delegate':
      return { kind: 'delegate', toPerson: needed(NAMES.to, 'Who decides in your place?'), reason: reason() };
    case 'snooze': {
      const chosen = SNOOZES[Number(typedIn(inputs, NAMES.duration) || Number.NaN)];
      if (chosen === undefined) throw new Unreadable('Please choose how long there are to be no reminders.');
      return { kind: 'snooze', until: now + chosen.ms };
    }
    case 'cancel':
      return { kind: 'cancel', reason: reason() };
    case 'nudge':
      return { kind: 'nudge' };
    case 'bypass':
      return { kind: 'bypass', reason: needed(NAMES.reason, 'Reason') };
    case 'reviewBypass':
      return { kind: 'reviewBypass', note: reason() };
  }
}

const typedIn = (inputs: Inputs, name: string): string | undefined =>
  Object.hasOwn(inputs, name) ? inputs[name] : undefined;

/** null where it is missing or blank. NUL and halves of a character can't be kept, so they are refused here. */
function textOf(typed: string | undefined, label: string): string | null {
  const text = (typed ?? '').replaceAll('\r\n', '\n').replaceAll('\r', '\n').trim();
  if (text.includes('\0') || !text.isWellFormed())
    throw new Unreadable(`“${label}” has characters that cannot be kept. Please write it again.`);
  return text === '' ? null : text;
}

/** The answer to a field; undefined where it was left empty. */
function answerTo(field: FieldDefinition, typed: string | undefined, isAsked: boolean): unknown {
  const text = textOf(typed, line(field.label, DRAWN.inputLabel));
  switch (field.type) {
    case 'text':
    case 'email':
    case 'url':
    case 'date':
      return text ?? undefined;
    case 'number':
      return text === null ? undefined : numberOf(text);
    case 'select':
      return text === null ? undefined : choiceOf(field.options, text);
    case 'multiselect':
      return text === null ? undefined : text.split(',').map((value) => choiceOf(field.options, value.trim()));
    case 'checkbox':
      // Some clients leave an untouched switch out; a card that did not ask has none.
      if (text === null) return isAsked ? false : undefined;
      return text === 'true' || (text === 'false' ? false : text);
  }
}

const choiceOf = (all: readonly string[], value: string): string =>
  (/^\d{1,3}$/.test(value) ? all[Number(value)] : undefined) ?? value;

/** The number, or the text as typed where a double would not hold it exactly as written. */
function numberOf(text: string): number | string {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return text;
  const number = Number(text);
  const isExact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return isExact ? number : text;
}

function fieldsOf(control: ActControl, view: RequestView): readonly FieldDefinition[] {
  const action = actionOf(control, view);
  return action !== undefined && isVote(action) ? action.form.fields : [];
}

/**
 * The engine's errors in words that name each field: Teams shows them below the card, where what was typed still
 * stands. null: there is no error to name, so the refusal's own words have to be said.
 */
export function errorWords(errors: readonly FieldError[], control: ActControl, view: RequestView): string | null {
  if (errors.length === 0) return null;
  const fields = fieldsOf(control, view);
  const said = [...new Set(errors.map((error) => sentence(error, fields)))];
  const rest = said.length - 8;
  return [...said.slice(0, 8), ...(rest > 0 ? [`And ${rest} more.`] : []), 'Nothing was recorded.'].join(' ');
}

const LABELS: Readonly<Record<string, string>> = {
  reason: 'A reason',
  text: 'The text',
  question: 'The question',
  answer: 'The answer',
  note: 'The note',
  to: 'That person',
  until: 'That moment',
};

/** "is required for this decision" → "A reason is required for this decision." */
function sentence({ path, message }: FieldError, fields: readonly FieldDefinition[]): string {
  const field = fields.find((known) => path === `inputs.${known.id}`);
  const label = LABELS[path] ?? (field === undefined ? 'This' : `“${line(field.label, DRAWN.inputLabel)}”`);
  const whole = line(/^(is|must|has|does) /.test(message) ? `${label} ${message}` : message, 300);
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}${/[.!?…]$/.test(whole) ? '' : '.'}`;
}
