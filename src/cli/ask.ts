/** src/cli/ask.ts: asks the person at the terminal for a decision: yes or no, the reason, and the gate's form. */
import { type CANCEL_SYMBOL, confirm, isCancel, multiselect, select, text } from '@clack/prompts';
import type { ApprovalRequest, DecisionOption, FormField, JsonValue, Problem } from '../client/index.ts';
import { Interruption, type Terminal } from './terminal.ts';
import { plain } from './text.ts';

export interface Decision {
  readonly option: string;
  readonly reason?: string;
  readonly inputs: Readonly<Record<string, JsonValue>>;
}

/** The question became pointless while it was asked: somebody else decided. */
export class QuestionWithdrawn extends Error {
  constructor() {
    super('The question was withdrawn.');
    this.name = 'QuestionWithdrawn';
  }
}

const PLAIN_OPTIONS: readonly DecisionOption[] = [
  { id: 'approve', label: 'Approve', outcome: 'approved' },
  { id: 'reject', label: 'Reject', outcome: 'rejected' },
];

/** What a person can choose from; plain approve and reject where the gate names nothing. */
export const optionsOf = (request: ApprovalRequest): readonly DecisionOption[] =>
  request.options !== undefined && request.options.length > 0 ? request.options : PLAIN_OPTIONS;

/**
 * `Approve? [y/N]`, or the gate's own options; then a reason and the form where they are asked for.
 * @throws Interruption on Ctrl-C, QuestionWithdrawn when `withdrawn` comes first
 */
export async function askForDecision(
  terminal: Terminal,
  request: ApprovalRequest,
  withdrawn: AbortSignal,
): Promise<Decision> {
  const options = optionsOf(request);
  const isPlain = options.length === 2 && options.every(({ id }) => id === 'approve' || id === 'reject');
  const option = isPlain
    ? (await askYesOrNo(terminal, 'Approve?', withdrawn))
      ? 'approve'
      : 'reject'
    : await answered(
        select({
          ...drawnOn(terminal, withdrawn),
          message: 'Your decision?',
          options: options.map(({ id, label, outcome }) => ({ value: id, label: plain(label), hint: outcome })),
        }),
        withdrawn,
      );
  return askForRest(terminal, request, { option, inputs: {} }, withdrawn);
}

/** What the option asks for besides: only what is not given already. */
export async function askForRest(
  terminal: Terminal,
  request: ApprovalRequest,
  given: Decision,
  withdrawn: AbortSignal,
): Promise<Decision> {
  const reason =
    given.reason === undefined && needsReason(request, given.option)
      ? await askForText(terminal, 'Reason', true, withdrawn)
      : given.reason;
  // The server alone can say whether a field with a condition applies: it is asked for when the server misses it.
  const fields = (request.form ?? []).filter(
    ({ id, when }) => (when ?? null) === null && given.inputs[id] === undefined,
  );
  const inputs = { ...given.inputs, ...(await askForFields(terminal, fields, withdrawn)) };
  return { option: given.option, inputs, ...(reason !== undefined && reason !== '' && { reason }) };
}

/** After a refusal: asks again for just what the server named; null when it named nothing that can be asked. */
export async function askAgain(
  terminal: Terminal,
  request: ApprovalRequest,
  given: Decision,
  problem: Problem | null,
  withdrawn: AbortSignal,
): Promise<Decision | null> {
  const named = (problem?.errors ?? []).map(({ path }) => path);
  const fields = (request.form ?? []).filter(({ id }) => named.includes(`inputs.${id}`));
  const wantsReason = named.includes('reason') || problem?.type?.endsWith('reason-required') === true;
  if (fields.length === 0 && !wantsReason) return null;
  const reason = wantsReason ? await askForText(terminal, 'Reason', true, withdrawn) : given.reason;
  const inputs = { ...given.inputs, ...(await askForFields(terminal, fields, withdrawn)) };
  return { option: given.option, inputs, ...(reason !== undefined && { reason }) };
}

async function askYesOrNo(terminal: Terminal, question: string, withdrawn: AbortSignal): Promise<boolean> {
  return answered(
    confirm({ ...drawnOn(terminal, withdrawn), message: `${question} [y/N]`, initialValue: false }),
    withdrawn,
  );
}

function needsReason(request: ApprovalRequest, option: string): boolean {
  const outcome = optionsOf(request).find(({ id }) => id === option)?.outcome;
  const word = outcome === 'approved' ? 'approve' : 'reject';
  return (request.requireReason ?? []).some((name) => name === option || name === word);
}

async function askForFields(
  terminal: Terminal,
  fields: readonly FormField[],
  withdrawn: AbortSignal,
): Promise<Record<string, JsonValue>> {
  const inputs: Record<string, JsonValue> = {};
  for (const field of fields) {
    const value = await askForField(terminal, field, withdrawn);
    if (value !== null) inputs[field.id] = value;
  }
  return inputs;
}

/** null: left empty. The server checks the value; here only what would be pointless to send is turned back. */
async function askForField(terminal: Terminal, field: FormField, withdrawn: AbortSignal): Promise<JsonValue> {
  const drawn = drawnOn(terminal, withdrawn);
  const message = `${plain(field.label)}${field.help ? ` (${plain(field.help)})` : ''}`;
  const choices = (field.options ?? []).map((option) => ({ value: option, label: plain(option) }));
  switch (field.type) {
    case 'select': {
      const none = field.required ? [] : [{ value: '', label: '(none)' }];
      const chosen = await answered(select({ ...drawn, message, options: [...choices, ...none] }), withdrawn);
      return chosen === '' ? null : chosen;
    }
    case 'multiselect':
      return answered(
        multiselect({ ...drawn, message, options: choices, required: field.required === true }),
        withdrawn,
      );
    case 'checkbox':
      return askYesOrNo(terminal, message, withdrawn);
    default: {
      const hint = field.type === 'date' ? ' (YYYY-MM-DD)' : '';
      const value = await askForText(terminal, `${message}${hint}`, field.required === true, withdrawn);
      return value === '' ? null : value;
    }
  }
}

const askForText = (
  terminal: Terminal,
  message: string,
  isRequired: boolean,
  withdrawn: AbortSignal,
): Promise<string> =>
  answered(
    text({
      ...drawnOn(terminal, withdrawn),
      message,
      defaultValue: '',
      validate: (value) => (isRequired && (value ?? '').trim() === '' ? 'This is required.' : undefined),
    }),
    withdrawn,
  );

const drawnOn = ({ input, screen }: Terminal, withdrawn: AbortSignal) => ({ input, output: screen, signal: withdrawn });

async function answered<T>(answer: Promise<T | typeof CANCEL_SYMBOL>, withdrawn: AbortSignal): Promise<T> {
  const value = await answer;
  if (!isCancel(value)) return value;
  throw withdrawn.aborted ? new QuestionWithdrawn() : new Interruption('SIGINT');
}
