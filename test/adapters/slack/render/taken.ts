/**
 * test/adapters/slack/render/taken.ts: whether Slack would take what we drew: its published structure (a schema made
 * from @slack/types 3.2.0, MIT) and its documented limits, written down here once more and apart from the code's own.
 */
import { readFileSync } from 'node:fs';
import type { types } from '@slack/bolt';
import { Ajv, type ValidateFunction } from 'ajv';
import { expect } from 'vitest';

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../../fake/slack/blockkit.structure.schema.json', import.meta.url), 'utf8'),
);
if (typeof schema !== 'object' || schema === null) throw new TypeError('the schema is no object');
const ajv = new Ajv({ strict: false, allErrors: false }).addSchema(schema, 'blockkit');

function validator(name: string): ValidateFunction {
  const found = ajv.getSchema(`blockkit#/definitions/${name}`);
  if (found === undefined) throw new RangeError(`the schema has no ${name}`);
  return found;
}
const isMessage = validator('MessageBlocks');
const isModal = validator('ModalView');
const isHome = validator('HomeView');

interface Node {
  readonly [key: string]: unknown;
}
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Everything with a type in it, however deep. */
function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodes(item);
  else if (isNode(value)) {
    yield value;
    for (const item of Object.values(value)) yield* nodes(item);
  }
}

const length = (value: unknown): number =>
  typeof value === 'string' ? value.length : isNode(value) && typeof value.text === 'string' ? value.text.length : 0;
const count = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

/** [type or "", property, least, most]: characters of a text, or entries of a list. */
const LIMITS: readonly (readonly [string, string, number, number])[] = [
  ['header', 'text', 1, 150],
  ['section', 'text', 1, 3000],
  ['section', 'fields', 1, 10],
  ['context', 'elements', 1, 10],
  ['actions', 'elements', 1, 25],
  ['button', 'text', 1, 75],
  ['button', 'value', 1, 2000],
  ['button', 'url', 1, 3000],
  ['button', 'accessibility_label', 1, 75],
  ['overflow', 'options', 1, 5],
  ['static_select', 'options', 1, 100],
  ['multi_static_select', 'options', 1, 100],
  ['radio_buttons', 'options', 1, 10],
  ['checkboxes', 'options', 1, 10],
  ['plain_text_input', 'max_length', 0, 3000],
  ['input', 'label', 1, 2000],
  ['input', 'hint', 1, 2000],
  ['modal', 'title', 1, 24],
  ['modal', 'submit', 1, 24],
  ['modal', 'close', 1, 24],
  ['', 'placeholder', 1, 150],
  ['', 'private_metadata', 1, 3000],
  ['', 'block_id', 1, 255],
  ['', 'action_id', 1, 255],
  ['', 'callback_id', 1, 255],
];

function checkLimits(drawn: unknown): void {
  for (const node of nodes(drawn)) {
    for (const [type, property, least, most] of LIMITS) {
      if (!(property in node) || (type !== '' && node.type !== type)) continue;
      const size = Array.isArray(node[property]) ? count(node[property]) : length(node[property]);
      if (property === 'max_length') expect(node[property]).toBeLessThanOrEqual(most);
      else if (size < least || size > most)
        expect.fail(`${node.type}.${property} has ${size}, not ${least} to ${most}`);
    }
    if (isNode(node.confirm) && node.type !== undefined) checkDialog(node.confirm);
    if ('value' in node && !('type' in node)) {
      expect(length(node.text)).toBeLessThanOrEqual(75);
      expect(length(node.value)).toBeLessThanOrEqual(150);
    }
    for (const field of Array.isArray(node.fields) ? node.fields : []) expect(length(field)).toBeLessThanOrEqual(2000);
    if (node.type === 'actions') checkUnique(node.elements, 'action_id');
    if (Array.isArray(node.options)) checkUnique(node.options, 'value');
    if (Array.isArray(node.blocks)) checkUnique(node.blocks, 'block_id');
    if (node.type === 'mrkdwn') checkMarkup(String(node.text));
    if (node.type === 'plain_text') checkCharacters(String(node.text));
  }
}

function checkDialog(dialog: Node): void {
  for (const [property, most] of [
    ['title', 100],
    ['text', 300],
    ['confirm', 30],
    ['deny', 30],
  ] as const) {
    expect(length(dialog[property])).toBeGreaterThan(0);
    expect(length(dialog[property])).toBeLessThanOrEqual(most);
  }
}

function checkUnique(list: unknown, property: string): void {
  const ids = (Array.isArray(list) ? list : []).flatMap((item) => (isNode(item) ? (item[property] ?? []) : []));
  expect(new Set(ids).size, `${property} twice in ${ids.join()}`).toBe(ids.length);
}

const OURS = [
  /<!date\^\d{1,13}\^\{date_short_pretty\} at \{time\}\|[+\d: -]+ UTC>/g,
  /<https?:\/\/[^\s<>|]+\|[^<>|\n]+>/g,
  /<@[UW][A-Z0-9]+>/g,
];

/** Only our own links, dates and mentions are markup; nothing is cut in the middle of one. */
export function checkMarkup(text: string): void {
  checkCharacters(text);
  const rest = OURS.reduce((left, token) => left.replace(token, ''), text).replace(/^> /gm, '');
  expect(rest).not.toMatch(/[<>]/);
  expect(rest.replace(/&(amp|lt|gt);/g, '')).not.toContain('&');
  expect(rest.split('\n').filter((row) => (row.match(/`/g) ?? []).length % 2 !== 0)).toEqual([]);
}

/** Nothing that hides or turns the text around, and no half characters. */
function checkCharacters(text: string): void {
  expect(text.isWellFormed()).toBe(true);
  const withoutEmoji = text.replace(/\u200d|\ufe0e|\ufe0f/g, '');
  expect(withoutEmoji).not.toMatch(/(?!\n|\t)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
}

/** All texts together, as Slack sums up a message. */
const textSum = (drawn: unknown): number =>
  [...nodes(drawn)].reduce((sum, node) => sum + (typeof node.text === 'string' ? node.text.length : 0), 0);

export function expectTakenMessage(drawn: { readonly text: string; readonly blocks: types.KnownBlock[] }): void {
  expect(isMessage(drawn.blocks), JSON.stringify(isMessage.errors)).toBe(true);
  expect(drawn.blocks.length).toBeGreaterThan(0);
  expect(drawn.blocks.length).toBeLessThanOrEqual(50);
  expect(textSum(drawn.blocks)).toBeLessThan(13_000);
  expect(drawn.text.length).toBeGreaterThan(0);
  expect(drawn.text.length).toBeLessThanOrEqual(1300);
  checkMarkup(drawn.text);
  checkLimits({ blocks: drawn.blocks });
}

export function expectTakenView(view: types.ModalView | types.HomeView): void {
  const isValid = view.type === 'modal' ? isModal : isHome;
  expect(isValid(view), JSON.stringify(isValid.errors)).toBe(true);
  expect(view.blocks.length).toBeGreaterThan(0);
  expect(view.blocks.length).toBeLessThanOrEqual(100);
  // As a client would send it that escapes everything beyond ASCII.
  const ascii = JSON.stringify(view).replace(/[\u0080-\uffff]/g, '\\uxxxx');
  expect(ascii.length).toBeLessThan(250_000);
  checkLimits(view);
}
