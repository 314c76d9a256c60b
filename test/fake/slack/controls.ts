/** test/fake/slack/controls.ts: what somebody sees to press in a message or view, and what they type into a modal. */
import { at, type Fields, isFields, listAt, textAt } from './wire.ts';

/** A button, or one entry of an overflow menu or select. */
export interface Control {
  readonly label: string;
  readonly blockId: string;
  readonly element: Fields;
  /** Of a menu; null: a button. */
  readonly option: Fields | null;
}

/** A message, an ephemeral one, or a view. */
export type Shown = { readonly blocks: readonly Fields[] } | { readonly view: Fields };

const blocksIn = (shown: Shown): readonly Fields[] =>
  'view' in shown ? listAt(shown.view, 'blocks').filter(isFields) : shown.blocks;

export const labelOf = (of: unknown): string => textAt(at(of, 'text'), 'text') ?? '';

export function controlsOf(shown: Shown): readonly Control[] {
  return blocksIn(shown).flatMap((block) => {
    const blockId = textAt(block, 'block_id') ?? '';
    const elements = [...listAt(block, 'elements'), at(block, 'accessory')].filter(isFields);
    return elements.flatMap((element): Control[] => {
      if (element.type === 'button') return [{ label: labelOf(element), blockId, element, option: null }];
      const options = listAt(element, 'options').filter(isFields);
      return options.map((option) => ({ label: labelOf(option), blockId, element, option }));
    });
  });
}

/** The one whose label matches; throws where there is none. */
export function controlOf(shown: Shown, label: RegExp): Control {
  const all = controlsOf(shown);
  const found = all.find((control) => label.test(control.label));
  if (found === undefined) throw new Error(`No ${label} among: ${all.map((control) => control.label).join(', ')}`);
  return found;
}

/** As block_actions carries it. */
export function actionOf({ blockId, element, option }: Control, seconds: number): Fields {
  const { type, action_id, value, style, text } = element;
  const common = { type, action_id, block_id: blockId, action_ts: seconds.toFixed(6) };
  if (option !== null) return { ...common, selected_option: option };
  return { ...common, text, ...(value === undefined ? {} : { value }), ...(style === undefined ? {} : { style }) };
}

/** What a person puts into the input with this label; undefined: nothing. */
export type Fill = (label: string, block: Fields) => string | undefined;

/** `state.values` as a submission carries it: every input, the empty ones with null. */
export function stateOf(shown: Shown, fill: Fill): Fields {
  const values: Record<string, Fields> = {};
  for (const block of blocksIn(shown)) {
    const element = at(block, 'element');
    const [blockId, actionId] = [textAt(block, 'block_id'), textAt(element, 'action_id')];
    if (block.type !== 'input' || blockId === null || actionId === null) continue;
    const typed = fill(textAt(at(block, 'label'), 'text') ?? '', block);
    values[blockId] = { [actionId]: { type: at(element, 'type'), ...entryOf(element, typed) } };
  }
  return { values };
}

function entryOf(element: unknown, typed: string | undefined): Fields {
  const optionOf = (text: string): Fields => {
    const options = listAt(element, 'options').filter(isFields);
    const found = options.find((option) => option.value === text || labelOf(option) === text);
    if (found === undefined) throw new Error(`No option ${text} among: ${options.map(labelOf).join(', ')}`);
    return found;
  };
  switch (textAt(element, 'type')) {
    case 'static_select':
    case 'radio_buttons':
      return { selected_option: typed === undefined ? null : optionOf(typed) };
    case 'checkboxes':
    case 'multi_static_select':
      return { selected_options: typed === undefined || typed === '' ? [] : typed.split(',').map(optionOf) };
    case 'users_select':
      return { selected_user: typed ?? null };
    case 'datepicker':
      return { selected_date: typed ?? null };
    case 'timepicker':
      return { selected_time: typed ?? null };
    case 'datetimepicker':
      return { selected_date_time: typed === undefined ? null : Number(typed) };
    default:
      return { value: typed ?? null };
  }
}
