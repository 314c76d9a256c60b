/**
 * test/fake/slack/block-limits.ts: the limits of Block Kit, in characters unless said, and a walk through a block that
 * holds it to them. https://docs.slack.dev/reference/block-kit
 */
import { at, type Fields, isFields, listAt, textAt } from './wire.ts';

/** Something wrong, and where it stands in the arguments. */
export interface Fault {
  readonly message: string;
  readonly pointer: string;
}

/** Most characters of a text, by the block, element or object that holds it. */
const TEXTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  section: { text: 3_000, block_id: 255 },
  header: { text: 150, block_id: 255 },
  context: { block_id: 255 },
  actions: { block_id: 255 },
  divider: { block_id: 255 },
  markdown: { text: 12_000, block_id: 255 },
  image: { alt_text: 2_000, image_url: 3_000, title: 2_000, block_id: 255 },
  input: { label: 2_000, hint: 2_000, block_id: 255 },
  alert: { text: 3_000, block_id: 255 },
  button: { text: 75, value: 2_000, url: 3_000, accessibility_label: 75, action_id: 255 },
  overflow: { action_id: 255 },
  checkboxes: { action_id: 255 },
  radio_buttons: { action_id: 255 },
  static_select: { placeholder: 150, action_id: 255 },
  multi_static_select: { placeholder: 150, action_id: 255 },
  users_select: { placeholder: 150, action_id: 255 },
  plain_text_input: { placeholder: 150, initial_value: 3_000, action_id: 255 },
  number_input: { placeholder: 150, action_id: 255 },
  email_text_input: { placeholder: 150, action_id: 255 },
  url_text_input: { placeholder: 150, action_id: 255 },
  datepicker: { placeholder: 150, action_id: 255 },
  timepicker: { placeholder: 150, action_id: 255 },
  datetimepicker: { action_id: 255 },
  option: { text: 75, value: 150, description: 75 },
  confirm: { title: 100, text: 300, confirm: 30, deny: 30 },
  view: { title: 24, submit: 24, close: 24, private_metadata: 3_000, callback_id: 255, external_id: 255 },
};

/** Least and most items of a list. */
const LISTS: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  section: { fields: [1, 10] },
  context: { elements: [1, 10] },
  actions: { elements: [1, 25] },
  overflow: { options: [1, 5] },
  checkboxes: { options: [1, 10] },
  radio_buttons: { options: [1, 10] },
  static_select: { options: [1, 100], option_groups: [1, 100] },
  multi_static_select: { options: [1, 100], option_groups: [1, 100] },
};

const FIELD_TEXT = 2_000;
const CONTEXT_TEXT = 3_000;

export function blockFaults(block: Fields, pointer: string): readonly Fault[] {
  const type = textAt(block, 'type') ?? '';
  const faults = [...ownFaults(type, block, pointer)];
  if (type === 'section') {
    if (!('text' in block) && !('fields' in block))
      faults.push({ message: 'missing required field: text or fields', pointer });
    faults.push(...each(block, 'fields', pointer, (field, place) => textFaults(field, FIELD_TEXT, place)));
    faults.push(...elementFaults(at(block, 'accessory'), `${pointer}/accessory`));
  }
  if (type === 'context') faults.push(...each(block, 'elements', pointer, contextFaults));
  if (type === 'actions') {
    faults.push(...each(block, 'elements', pointer, elementFaults));
    const ids = listAt(block, 'elements').flatMap((element) => textAt(element, 'action_id') ?? []);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined) faults.push({ message: `\`action_id\` \`${twice}\` already exists`, pointer });
  }
  if (type === 'input') faults.push(...elementFaults(at(block, 'element'), `${pointer}/element`));
  return faults;
}

export function viewFaults(view: Fields, pointer: string): readonly Fault[] {
  const faults = [...ownFaults('view', view, pointer)];
  const hasInput = listAt(view, 'blocks').some((block) => textAt(block, 'type') === 'input');
  if (view.type === 'modal' && hasInput && !isFields(view.submit))
    faults.push({ message: 'missing required field: submit', pointer });
  return faults;
}

/** Of everything that is drawn as text. */
export function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + textLength(one), 0);
  if (!isFields(value)) return 0;
  const own = typeof value.text === 'string' ? value.text.length : 0;
  return Object.values(value).reduce((sum: number, one) => sum + textLength(one), own);
}

function elementFaults(element: unknown, pointer: string): readonly Fault[] {
  if (!isFields(element)) return [];
  const type = textAt(element, 'type') ?? '';
  const optionFaults = (option: unknown, place: string) => (isFields(option) ? ownFaults('option', option, place) : []);
  const faults = [
    ...ownFaults(type, element, pointer),
    ...each(element, 'options', pointer, optionFaults),
    ...(isFields(element.confirm) ? ownFaults('confirm', element.confirm, `${pointer}/confirm`) : []),
  ];
  const options = listAt(element, 'options').map((option) => JSON.stringify(option));
  for (const initial of [element.initial_option, ...listAt(element, 'initial_options')])
    if (initial !== undefined && options.length > 0 && !options.includes(JSON.stringify(initial)))
      faults.push({ message: 'initial option must be one of the options', pointer: `${pointer}/initial_option` });
  if (typeof element.url === 'string' && !/^(https?|mailto|slack):/.test(element.url))
    faults.push({ message: 'Invalid URL', pointer: `${pointer}/url` });
  for (const name of ['min_length', 'max_length'])
    if (typeof element[name] === 'number' && (element[name] < (name === 'max_length' ? 1 : 0) || element[name] > 3_000))
      faults.push({ message: 'must be less than 3001', pointer: `${pointer}/${name}` });
  return faults;
}

function contextFaults(element: unknown, pointer: string): readonly Fault[] {
  const isImage = textAt(element, 'type') === 'image';
  if (isImage && isFields(element)) return ownFaults('image', element, pointer);
  return textFaults(element, CONTEXT_TEXT, pointer);
}

/** What the tables say of this block, element or object itself. */
function ownFaults(type: string, value: Fields, pointer: string): readonly Fault[] {
  const texts = Object.entries(TEXTS[type] ?? {}).flatMap(([name, most]) =>
    value[name] === undefined ? [] : textFaults(value[name], most, `${pointer}/${name}`),
  );
  const lists = Object.entries(LISTS[type] ?? {}).flatMap(([name, [least, most]]) => {
    const list = value[name];
    if (!Array.isArray(list)) return [];
    if (list.length < least)
      return [{ message: `no fewer than ${least} items allowed`, pointer: `${pointer}/${name}` }];
    return list.length > most ? [{ message: `no more than ${most} items allowed`, pointer: `${pointer}/${name}` }] : [];
  });
  return [...texts, ...lists];
}

/** Ids and metadata may be empty, what is drawn may not. */
const MAY_BE_EMPTY = /\/(private_metadata|callback_id|external_id|initial_value)$/;

function textFaults(value: unknown, most: number, pointer: string): readonly Fault[] {
  const isObject = isFields(value);
  const text = typeof value === 'string' ? value : textAt(value, 'text');
  const place = isObject ? `${pointer}/text` : pointer;
  if (text === null) return [];
  if (text.length === 0 && !MAY_BE_EMPTY.test(place))
    return [{ message: 'must be more than 0 characters', pointer: place }];
  return text.length > most ? [{ message: `must be less than ${most + 1} characters`, pointer: place }] : [];
}

function each(
  value: Fields,
  name: string,
  pointer: string,
  check: (item: unknown, pointer: string) => readonly Fault[],
): readonly Fault[] {
  return listAt(value, name).flatMap((item, index) => check(item, `${pointer}/${name}/${index}`));
}
