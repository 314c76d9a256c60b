/** test/adapters/teams/render/taken.ts: whether Teams would take a card, and whether everything in it that works is ours. */
import { expect } from 'vitest';
import { readControl } from '../../../../src/adapters/teams/control.ts';
import type { Card } from '../../../../src/adapters/teams/render/index.ts';
import { complaints, schemaErrors } from './adaptive.ts';

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

export function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodes(item);
  else if (isNode(value)) {
    yield value;
    for (const item of Object.values(value)) yield* nodes(item);
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function expectTaken(card: Card): void {
  expect(complaints(card)).toEqual([]);
  expect(schemaErrors(card)).toEqual([]);
  expect([card.type, card.version, card.msteams.width]).toEqual(['AdaptiveCard', '1.5', 'Full']);
  const json = JSON.stringify(card);
  expect(json.length * 2).toBeLessThanOrEqual(25_000);
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(25_000);
  expect(card.fallbackText.trim()).not.toBe('');
  expect(card.fallbackText.length).toBeLessThanOrEqual(1000);
  expect(card.body.length).toBeGreaterThan(0);
  expectOurs(card);
}

/** Limits of single elements, and that text from outside is nothing but text. */
function expectOurs(card: Card): void {
  const called = new Set((card.msteams.entities ?? []).map(({ text }) => text));
  const used = new Set<string>();
  for (const node of nodes(card)) {
    for (const [key, value] of Object.entries(node)) if (typeof value === 'string') expectText(key, value, node);
    const { type } = node;
    if (type === 'AdaptiveCard' || type === 'ActionSet') expect(listOf(node.actions).length).toBeLessThanOrEqual(6);
    if (type === 'TextBlock') for (const name of expectTextBlock(String(node.text), called)) used.add(name);
    if (type === 'TextRun') expect(String(node.text)).not.toBe('');
    if (type === 'RichTextBlock')
      for (const inline of listOf(node.inlines)) if (typeof inline === 'string') expectText('text', inline, node);
    if (type === 'Action.OpenUrl') expect(String(node.url)).toMatch(/^https?:\/\/[^\s]+$/);
    if (type === 'Action.Execute' || type === 'Action.Submit') expectClick(node);
    if (String(type).startsWith('Input.')) {
      expect(String(node.id)).toMatch(/^in\.\d+\.(?:f\.[\w.-]+|reason|text|to|for)$/);
      expect(String(node.label).trim()).not.toBe('');
    }
    if (type === 'Input.ChoiceSet')
      for (const choice of listOf(node.choices)) expect(isNode(choice) && String(choice.value)).toMatch(/^\d{1,3}$/);
  }
  expect(used).toEqual(called);
}

function expectClick(node: Node): void {
  const data = isNode(node.data) ? node.data : {};
  const control = readControl(String(data.k));
  expect(control).not.toBeNull();
  expect(String(node.title).trim()).not.toBe('');
  expect(node.type === 'Action.Submit' ? data.verb : node.verb).toBe(control?.kind);
  if (node.fallback !== undefined)
    expect(node.fallback).toMatchObject({ type: 'Action.Submit', title: node.title, data: { k: data.k } });
}

/** Only what begins a mention may look like one, and only the client's own words may be dates. */
function expectText(key: string, text: string, node: Node): void {
  expect(text.isWellFormed()).toBe(true);
  expect(text.replace(/\u200d|\ufe0e|\ufe0f/g, '')).not.toMatch(
    /(?!\n|\t)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u,
  );
  expect(text).not.toMatch(/\{\{\s*(DATE|TIME)/i);
  const isMention = key === 'text' && (node.type === 'TextBlock' || node.type === 'mention');
  if (!isMention) expect(text).not.toMatch(/<\s*\/?\s*at\b/i);
}

/** Markdown: our words, counts and names; the mentions in it. */
function expectTextBlock(text: string, called: ReadonlySet<string>): readonly string[] {
  const mentions = text.match(/<at>[^<>]+<\/at>/g) ?? [];
  for (const mention of mentions) expect(called).toContain(mention);
  const rest = mentions.reduce((left, mention) => left.replace(mention, ''), text);
  expect(rest.replace(/\*\*\d+ of \d+ approvals?\*\*/, '')).not.toMatch(/[<>*_~`[\]\\]/);
  return mentions;
}

/** All texts, in their order, one a line. */
export const seen = (card: unknown): string =>
  [...nodes(card)]
    .flatMap((node) => {
      if (node.type === 'TextBlock') return [String(node.text)];
      if (node.type === 'RichTextBlock')
        return listOf(node.inlines).map((inline) => (isNode(inline) ? String(inline.text) : String(inline)));
      if (String(node.type).startsWith('Input.')) return [`[${String(node.label)}]`];
      return /^Action\.(?!Submit)/.test(String(node.type)) && node.title !== undefined
        ? [`(${String(node.title)})`]
        : [];
    })
    .join('\n');

/** The titles of the card's own actions. */
export const buttons = (card: Card): readonly string[] => (card.actions ?? []).map((action) => action.title ?? '');
