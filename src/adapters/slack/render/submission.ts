/**
 * src/adapters/slack/render/submission.ts: what a submitted modal says, and where the engine's errors belong in it.
 * The door for what was typed; whether it fits is the engine's to say.
 */
import { z } from 'zod';
import type { FieldDefinition, Instant } from '../../../engine/definition.ts';
import type { FieldError } from '../../../engine/request.ts';
import type { RequestView } from '../../../engine/view.ts';
import type { PersonAction } from '../../action.ts';
import type { Control } from '../control.ts';
import { isVote } from './buttons.ts';
import { BLOCKS, fieldBlock, INPUT } from './names.ts';
import { snoozeMs } from './snooze.ts';

type Without<Action, Key extends PropertyKey> = Action extends unknown ? Omit<Action, Key> : never;

/** A person's action as far as the modal says it: who acts is known by the call, a Slack user stands for the delegate. */
export type SubmittedAction =
  | Without<Exclude<PersonAction, { readonly kind: 'delegate' }>, 'person'>
  | { readonly kind: 'delegate'; readonly toUser: string; readonly reason: string | null };

/** Messages by block_id, as `response_action: errors` takes them. */
export type BlockErrors = Readonly<Record<string, string>>;

export type Submission =
  | { readonly kind: 'action'; readonly action: SubmittedAction }
  | { readonly kind: 'invalid'; readonly errors: BlockErrors };

/** 20,000: several times what Slack's inputs hold. */
const Text = z.string().max(20_000);
const Chosen = z.looseObject({ value: Text });
const Element = z.looseObject({
  value: Text.nullish(),
  selected_option: Chosen.nullish(),
  selected_options: z.array(Chosen).max(200).nullish(),
  selected_user: z.string().max(40).nullish(),
  selected_date: z.string().max(40).nullish(),
  selected_date_time: z.number().nullish(),
});
type Element = z.infer<typeof Element>;
const Values = z.record(z.string(), z.record(z.string(), Element));

/** Why a text can't be taken; thrown inside this file only. */
class Unreadable extends Error {
  readonly block: string;
  constructor(block: string, message: string) {
    super(message);
    this.block = block;
  }
}

/** @param values `view.state.values` of a view_submission */
export function readSubmission(
  values: unknown,
  control: Control,
  context: { readonly view: RequestView; readonly now: Instant },
): Submission {
  const read = Values.safeParse(values).data;
  const first = blocksOf(control, context.view)[0] ?? BLOCKS.text;
  if (read === undefined) return invalid(first, 'Please fill this in again.');
  try {
    return readStep(read, control, context);
  } catch (error) {
    if (error instanceof Unreadable) return invalid(error.block, error.message);
    throw error;
  }
}

const invalid = (block: string, message: string): Submission => ({ kind: 'invalid', errors: { [block]: message } });

function readStep(
  values: z.infer<typeof Values>,
  control: Control,
  { view, now }: { readonly view: RequestView; readonly now: Instant },
): Submission {
  const element = (block: string): Element => values[block]?.[INPUT] ?? {};
  const text = (block: string): string | null => textOf(element(block).value, block);
  const needed = (block: string): string => {
    const typed = text(block);
    if (typed === null) throw new Unreadable(block, 'Please write something.');
    return typed;
  };
  const act = (action: SubmittedAction): Submission => ({ kind: 'action', action });
  switch (control.kind) {
    case 'vote': {
      const { option, replaces, shown } = control;
      const inputs = fieldsOf(control, view).flatMap((field) => {
        const value = inputOf(field, element(fieldBlock(field)));
        return value === undefined ? [] : [[field.id, value] as const];
      });
      const reason = text(BLOCKS.reason);
      return act({ kind: 'vote', option, reason, inputs: Object.fromEntries(inputs), replaces, shown });
    }
    case 'withdrawVote':
      return act({ kind: 'withdrawVote', replaces: control.replaces ?? 0 });
    case 'comment':
      return act({ kind: 'comment', text: needed(BLOCKS.text) });
    case 'requestInformation':
      return act({ kind: 'requestInformation', question: needed(BLOCKS.text) });
    case 'returnInformation':
      return act({ kind: 'returnInformation', answer: needed(BLOCKS.text) });
    case 'delegate': {
      const toUser = element(BLOCKS.to).selected_user ?? null;
      if (toUser === null) return invalid(BLOCKS.to, 'Please choose a person.');
      return act({ kind: 'delegate', toUser, reason: text(BLOCKS.reason) });
    }
    case 'snooze': {
      const seconds = element(BLOCKS.until).selected_date_time ?? null;
      const ms = snoozeMs(element(BLOCKS.duration).selected_option?.value ?? null);
      if (seconds === null && ms === null) return invalid(BLOCKS.duration, 'Please choose how long.');
      return act({ kind: 'snooze', until: seconds === null ? now + (ms ?? 0) : seconds * 1000 });
    }
    case 'cancel':
      return act({ kind: 'cancel', reason: text(BLOCKS.reason) });
    case 'nudge':
      return act({ kind: 'nudge' });
    case 'bypass':
      return act({ kind: 'bypass', reason: needed(BLOCKS.reason) });
    case 'reviewBypass':
      return act({ kind: 'reviewBypass', note: text(BLOCKS.reason) });
    case 'details':
    case 'page':
      return invalid(BLOCKS.text, 'There is nothing to send here.');
  }
}

/** null where it is missing or blank. NUL and halves of a character can't be kept, so they are refused here. */
function textOf(typed: string | null | undefined, block: string): string | null {
  const text = (typed ?? '').replaceAll('\r\n', '\n').trim();
  if (text.includes('\0') || !text.isWellFormed())
    throw new Unreadable(block, 'This has characters that cannot be kept. Please write it again.');
  return text === '' ? null : text;
}

/** The answer to a field; undefined where it was left empty. What does not fit stays text, for the engine to refuse. */
function inputOf(field: FieldDefinition, element: Element): unknown {
  const typed = (): string | null => textOf(element.value, fieldBlock(field));
  switch (field.type) {
    case 'text':
    case 'email':
    case 'url':
      return typed() ?? undefined;
    case 'number': {
      const text = typed();
      return text === null ? undefined : numberOf(text);
    }
    case 'select': {
      const value = element.selected_option?.value;
      return value === undefined ? undefined : choiceOf(field.options, value);
    }
    case 'multiselect': {
      const chosen = element.selected_options ?? [];
      return chosen.length === 0 ? undefined : chosen.map(({ value }) => choiceOf(field.options, value));
    }
    case 'date':
      return element.selected_date ?? undefined;
    case 'checkbox':
      return (element.selected_options ?? []).length > 0;
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

const fieldsOf = (control: Control, view: RequestView): readonly FieldDefinition[] =>
  view.actions.filter(isVote).find((action) => control.kind === 'vote' && action.option === control.option)?.form
    .fields ?? [];

/** The input blocks of the modal that the control opens, in their order. */
function blocksOf(control: Control, view: RequestView): readonly string[] {
  switch (control.kind) {
    case 'vote':
      return [...fieldsOf(control, view).map(fieldBlock), BLOCKS.reason];
    case 'comment':
    case 'requestInformation':
    case 'returnInformation':
      return [BLOCKS.text];
    case 'delegate':
      return [BLOCKS.to, BLOCKS.reason];
    case 'snooze':
      return [BLOCKS.duration, BLOCKS.until];
    case 'cancel':
    case 'bypass':
    case 'reviewBypass':
      return [BLOCKS.reason];
    case 'withdrawVote':
    case 'nudge':
    case 'details':
    case 'page':
      return [];
  }
}

/** The engine's name of what an input block holds. */
function blockOf(path: string, control: Control): string {
  if (path.startsWith('inputs.')) return fieldBlock({ id: path.slice('inputs.'.length) });
  if (path === 'question' || path === 'answer') return BLOCKS.text;
  if (path === 'note') return BLOCKS.reason;
  if (path === 'until') return control.kind === 'snooze' ? BLOCKS.until : path;
  return path;
}

/**
 * The engine's errors at their fields; what belongs to none stands at the first. null: the modal has no input, or there
 * is no error to place, so the refusal's words have to be said in another way.
 */
export function errorsFor(errors: readonly FieldError[], control: Control, view: RequestView): BlockErrors | null {
  const blocks = blocksOf(control, view);
  const first = blocks[0];
  if (first === undefined || errors.length === 0) return null;
  const placed = new Map<string, string>();
  for (const { path, message } of errors) {
    const wanted = blockOf(path, control);
    const block = blocks.includes(wanted) ? wanted : first;
    const before = placed.get(block);
    placed.set(block, before === undefined ? sentence(message) : `${before} ${sentence(message)}`);
  }
  return Object.fromEntries(placed);
}

/** "is required" → "This is required." */
function sentence(message: string): string {
  const whole = /^(is|must|has|does) /.test(message) ? `This ${message}` : message;
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}${/[.!?]$/.test(whole) ? '' : '.'}`.slice(0, 500);
}
