/**
 * src/adapters/web/forms.ts: what a submitted form says. The door for typed text: names that the page never offered,
 * names given twice, NUL and too long texts stop here; whether the rest fits is the engine's to say.
 */
import type { FieldDefinition, Instant, PersonId } from '../../engine/definition.ts';
import type { FieldError } from '../../engine/request.ts';
import type { ActionView, RequestView } from '../../engine/view.ts';
import type { WebAction, WebLimits } from './ports.ts';
import type { Session } from './session.ts';

/** A form that this server never renders: somebody built it by hand, or the page is older than the gate. */
export class MalformedFormError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedFormError';
  }
}

/** What was typed into which form, to be shown again with the errors. */
export interface Typed {
  readonly action: WebAction['kind'];
  /** The form on the page that it came from: an option's id, or the kind of action. */
  readonly form: string;
  readonly values: URLSearchParams;
  readonly errors: readonly FieldError[];
}

export type ReadForm =
  | { readonly kind: 'action'; readonly action: WebAction }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

const ACTIONS = new Set<string>([
  'vote',
  'withdrawVote',
  'comment',
  'requestInformation',
  'returnInformation',
  'cancel',
  'delegate',
  'snooze',
  'nudge',
  'bypass',
  'reviewBypass',
] satisfies WebAction['kind'][]);
export const isActionKind = (name: string): name is WebAction['kind'] => ACTIONS.has(name);

/** Form names carry a prefix, so that a field called `reason` is not the reason. */
export const inputName = (field: { readonly id: string }): string => `input.${field.id}`;

/** How long a reminder may be put off; the page says it in these words. */
export const SNOOZES = [
  { id: '1h', words: '1 hour', ms: 3_600_000 },
  { id: '4h', words: '4 hours', ms: 14_400_000 },
  { id: '1d', words: '1 day', ms: 86_400_000 },
  { id: '3d', words: '3 days', ms: 259_200_000 },
] as const;

const required = (path: string): FieldError => ({ path, message: 'Please write something.' });

/** Checks sizes and characters of a form before anything is made of it. */
export function checkForm(form: URLSearchParams, limits: WebLimits): void {
  if (form.size > limits.formEntries) throw new MalformedFormError('This form has too many fields.');
  for (const [name, value] of form) {
    if (name.includes('\0') || value.includes('\0')) throw new MalformedFormError('A text must not contain NUL.');
    if (value.length > limits.textLength)
      throw new MalformedFormError(`A text may have at most ${limits.textLength.toLocaleString('en')} characters.`);
  }
}

/** One value, its line ends as everywhere else; null where it is missing or blank. */
export function textOf(form: URLSearchParams, name: string): string | null {
  const values = form.getAll(name);
  if (values.length > 1) throw new MalformedFormError('A field was given twice.');
  const text = (values[0] ?? '').replaceAll('\r\n', '\n').trim();
  return text === '' ? null : text;
}

/** The form on the page that a submission belongs to. */
export const formOf = (kind: WebAction['kind'], form: URLSearchParams): string =>
  kind === 'vote' ? (form.getAll('option')[0] ?? '') : kind;

export function readAction(
  kind: WebAction['kind'],
  form: URLSearchParams,
  context: {
    readonly view: RequestView;
    readonly session: Session;
    readonly now: Instant;
    isPerson(id: PersonId): boolean;
  },
): ReadForm {
  const { session, now } = context;
  const person = session.person.id;
  const act = (action: WebAction): ReadForm => ({ kind: 'action', action });
  if (kind === 'vote') return readVote(form, context);
  switch (kind) {
    case 'withdrawVote': {
      expectOnly(form, ['replaces']);
      const replaces = sequenceOf(form, 'replaces');
      if (replaces === null) throw new MalformedFormError('This form does not say which vote it is about.');
      return act({ kind, person, replaces });
    }
    case 'comment':
      return needs(form, 'text', (text) => ({ kind, person, text }));
    case 'requestInformation':
      return needs(form, 'question', (question) => ({ kind, person, question }));
    case 'returnInformation':
      return needs(form, 'answer', (answer) => ({ kind, person, answer }));
    case 'cancel':
      expectOnly(form, ['reason']);
      return act({ kind, person, reason: textOf(form, 'reason') });
    case 'nudge':
      expectOnly(form, []);
      return act({ kind, person });
    case 'bypass':
      expectOnly(form, ['reason']);
      return act({ kind, person, reason: textOf(form, 'reason') });
    case 'reviewBypass':
      expectOnly(form, ['note']);
      return act({ kind, person, note: textOf(form, 'note') });
    case 'delegate': {
      expectOnly(form, ['to', 'reason']);
      const to = textOf(form, 'to');
      if (to === null || !context.isPerson(to))
        return { kind: 'invalid', errors: [{ path: 'to', message: 'Please choose a person.' }] };
      return act({ kind, person, to, reason: textOf(form, 'reason') });
    }
    case 'snooze': {
      expectOnly(form, ['for']);
      const chosen = textOf(form, 'for');
      const snooze = SNOOZES.find(({ id }) => id === chosen);
      if (snooze === undefined)
        return { kind: 'invalid', errors: [{ path: 'for', message: 'Please choose how long.' }] };
      return act({ kind, person, until: now + snooze.ms });
    }
  }
}

type VoteAction = Extract<ActionView, { kind: 'vote' | 'changeVote' }>;
const isVote = (action: ActionView): action is VoteAction => action.kind === 'vote' || action.kind === 'changeVote';

export const votesOf = (view: RequestView): readonly VoteAction[] => view.actions.filter(isVote);

/**
 * An option that is not on the page (any more) goes to the engine all the same: it knows why, and its words are better
 * than "not here".
 */
function readVote(
  form: URLSearchParams,
  { view, session }: { readonly view: RequestView; readonly session: Session },
): ReadForm {
  const option = textOf(form, 'option') ?? '';
  const reason = textOf(form, 'reason');
  const asked = votesOf(view).find((action) => action.option === option)?.form;
  const inputs = new Map<string, unknown>();
  if (asked !== undefined) {
    expectOnly(form, ['option', 'reason', 'shown', 'replaces', ...asked.fields.map(inputName)]);
    if (asked.reason === 'required' && reason === null)
      return { kind: 'invalid', errors: [{ path: 'reason', message: 'This decision needs a reason.' }] };
    for (const field of asked.fields) {
      const value = inputOf(field, form);
      if (value !== undefined) inputs.set(field.id, value);
    }
  }
  const action: WebAction = {
    kind: 'vote',
    person: session.person.id,
    option,
    reason,
    inputs: Object.fromEntries(inputs),
    // What the page showed, not what is true by now: an old page must not undo a newer vote.
    replaces: sequenceOf(form, 'replaces'),
    shown: sequenceOf(form, 'shown'),
    signedInAt: session.signedInAt,
  };
  return { kind: 'action', action };
}

function inputOf(field: FieldDefinition, form: URLSearchParams): unknown {
  const name = inputName(field);
  switch (field.type) {
    case 'multiselect': {
      const chosen = form.getAll(name);
      return chosen.length === 0 ? undefined : chosen;
    }
    case 'checkbox':
      return textOf(form, name) !== null;
    case 'number': {
      const text = textOf(form, name);
      return text === null ? undefined : numberOf(text);
    }
    case 'text':
    case 'email':
    case 'url':
    case 'select':
    case 'date':
      return textOf(form, name) ?? undefined;
  }
}

/** The number, or the text as typed where a double would not hold it exactly as written. */
function numberOf(text: string): number | string {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return text;
  const number = Number(text);
  const isExact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return isExact ? number : text;
}

/** The version that the page showed, or the `seq` of the vote to replace; null where the form names none. */
function sequenceOf(form: URLSearchParams, name: 'replaces' | 'shown'): number | null {
  const text = textOf(form, name);
  if (text === null) return null;
  if (!/^\d{1,15}$/.test(text)) throw new MalformedFormError('This form does not say which vote it is about.');
  return Number(text);
}

function needs(form: URLSearchParams, name: string, action: (text: string) => WebAction): ReadForm {
  expectOnly(form, [name]);
  const text = textOf(form, name);
  return text === null ? { kind: 'invalid', errors: [required(name)] } : { kind: 'action', action: action(text) };
}

/** Refuses a form with a field that its page never had. */
export function expectOnly(form: URLSearchParams, names: readonly string[]): void {
  for (const name of form.keys())
    if (name !== '_csrf' && !names.includes(name))
      throw new MalformedFormError('This form has a field that the page does not offer any more.');
}
