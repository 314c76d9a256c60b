/** src/adapters/web/fields.tsx: form controls, each with its label, its help, and its error where there is one. */
import type { ComponentChildren, VNode } from 'preact';
import type { FieldDefinition } from '../../engine/definition.ts';
import { visible } from '../text.ts';
import { inputName, type Typed } from './forms.ts';
import type { Session } from './session.ts';

/** The form that a control stands in: `id` is unique on the page, `typed` is set when this form was sent and refused. */
export interface FormContext {
  readonly id: string;
  readonly typed: Typed | null;
}

/** An id for a form that any option's id can be part of. */
export const formId = (...parts: readonly string[]): string =>
  parts.map((part) => part.replaceAll(/[^\w.-]/g, (c) => `_${c.codePointAt(0)?.toString(16)}`)).join('--');

export function ActionForm(props: {
  readonly action: string;
  readonly id: string;
  readonly session: Session;
  readonly class?: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <form id={props.id} method="post" action={props.action} class={props.class ?? 'stack'}>
      <input type="hidden" name="_csrf" value={props.session.csrf} />
      {props.children}
    </form>
  );
}

/** The engine names a field as `inputs.window`; what the pages ask for themselves is named as it is. */
function errorAt(form: FormContext, path: string): string | null {
  const found = form.typed?.errors.find(
    (error) =>
      error.path
        .replace(/^\//, '')
        .replaceAll('/', '.')
        .replace(/^inputs\./, 'input.') === path,
  );
  return found?.message ?? null;
}

interface Described {
  readonly id: string;
  readonly help: string | null;
  readonly error: string | null;
}

function described({ id, help, error }: Described): {
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: 'true';
} {
  const ids = [help === null ? null : `${id}--help`, error === null ? null : `${id}--error`].filter((x) => x !== null);
  return {
    ...(ids.length === 0 ? {} : { 'aria-describedby': ids.join(' ') }),
    ...(error === null ? {} : { 'aria-invalid': 'true' as const }),
  };
}

function Notes({ id, help, error }: Described): VNode {
  return (
    <>
      {help === null ? null : (
        <p class="help" id={`${id}--help`}>
          {visible(help)}
        </p>
      )}
      {error === null ? null : (
        <p class="error" id={`${id}--error`}>
          {visible(error)}
        </p>
      )}
    </>
  );
}

/** A text of several lines that the page itself asks for: a reason, a comment, a question. */
export function TextArea(props: {
  readonly form: FormContext;
  readonly name: string;
  readonly label: string;
  readonly required: boolean;
  readonly rows?: number;
  readonly hint?: string;
}): VNode {
  const { form, name } = props;
  const id = formId(form.id, name);
  const error = errorAt(form, name);
  return (
    <div class="field">
      <label for={id}>
        {visible(props.label)}
        {props.required ? null : <Optional />}
      </label>
      <textarea
        id={id}
        name={name}
        rows={props.rows ?? 2}
        maxLength={10_000}
        required={props.required}
        placeholder={props.hint}
        {...described({ id, help: null, error })}
      >
        {form.typed?.values.get(name) ?? ''}
      </textarea>
      <Notes id={id} help={null} error={error} />
    </div>
  );
}

const Optional = (): VNode => <span class="optional"> (optional)</span>;

/** A choice that the page itself asks for. */
export function Select(props: {
  readonly form: FormContext;
  readonly name: string;
  readonly label: string;
  readonly choices: readonly { readonly id: string; readonly words: string }[];
  readonly empty: string | null;
}): VNode {
  const { form, name } = props;
  const id = formId(form.id, name);
  const error = errorAt(form, name);
  const chosen = form.typed?.values.get(name) ?? '';
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select id={id} name={name} required {...described({ id, help: null, error })}>
        {props.empty === null ? null : <option value="">{props.empty}</option>}
        {props.choices.map((choice) => (
          <option value={choice.id} selected={choice.id === chosen}>
            {visible(choice.words)}
          </option>
        ))}
      </select>
      <Notes id={id} help={null} error={error} />
    </div>
  );
}

/**
 * One field of the gate's form. The gate's `pattern` is RE2 and stays on the server: a browser reads it differently.
 */
export function GateField({ field, form }: { readonly field: FieldDefinition; readonly form: FormContext }): VNode {
  const name = inputName(field);
  const id = formId(form.id, name);
  const error = errorAt(form, name);
  const notes = { id, help: field.help, error };
  if (field.type === 'checkbox')
    return (
      <div class="field">
        <label class="check">
          <input
            type="checkbox"
            id={id}
            name={name}
            value="on"
            checked={form.typed?.values.has(name) ?? false}
            required={field.required}
            {...described(notes)}
          />
          <span>{visible(field.label)}</span>
        </label>
        <Notes {...notes} />
      </div>
    );
  if (!isOneControl(field)) {
    const chosen = form.typed?.values.getAll(name) ?? [];
    return (
      <fieldset class="field" {...described(notes)}>
        <legend>
          {visible(field.label)}
          {field.required ? null : <Optional />}
        </legend>
        {field.options.map((option, index) => (
          <label class="check">
            <input
              type="checkbox"
              id={formId(id, String(index))}
              name={name}
              value={option}
              checked={chosen.includes(option)}
            />
            <span>{visible(option)}</span>
          </label>
        ))}
        <Notes {...notes} />
      </fieldset>
    );
  }
  return (
    <div class="field">
      <label for={id}>
        {visible(field.label)}
        {field.required ? null : <Optional />}
      </label>
      <Control field={field} id={id} typed={form.typed?.values.get(name) ?? ''} described={described(notes)} />
      <Notes {...notes} />
    </div>
  );
}

/** A field that is one control with a label before it. */
type OneControl = FieldDefinition & { readonly type: Exclude<FieldDefinition['type'], 'checkbox' | 'multiselect'> };
const isOneControl = (field: FieldDefinition): field is OneControl =>
  field.type !== 'checkbox' && field.type !== 'multiselect';

function Control(props: {
  readonly field: OneControl;
  readonly id: string;
  readonly typed: string;
  readonly described: ReturnType<typeof described>;
}): VNode {
  const { field, id, typed } = props;
  const common = { id, name: inputName(field), required: field.required, ...props.described };
  switch (field.type) {
    case 'select':
      return (
        <select {...common}>
          <option value="">Choose…</option>
          {field.options.map((option) => (
            <option value={option} selected={option === typed}>
              {visible(option)}
            </option>
          ))}
        </select>
      );
    case 'number':
      return (
        <input
          {...common}
          type="number"
          step="any"
          {...(field.min === null ? {} : { min: field.min })}
          {...(field.max === null ? {} : { max: field.max })}
          value={typed}
        />
      );
    case 'text':
      return field.multiline ? (
        <textarea {...common} rows={3} maxLength={10_000}>
          {typed}
        </textarea>
      ) : (
        <input {...common} type="text" maxLength={10_000} value={typed} />
      );
    case 'email':
    case 'url':
    case 'date':
      return <input {...common} type={field.type} value={typed} />;
  }
}
