/** test/adapters/slack/render/read.ts: what somebody sees of blocks, for tests that read them. */
import type { types } from '@slack/bolt';

export type Button = types.Button;

const textOf = (part: unknown): readonly string[] => {
  if (Array.isArray(part)) return part.flatMap(textOf);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'text' && typeof value === 'string' ? [value] : textOf(value),
  );
};

/** All texts, in their order, one a line. */
export const words = (blocks: readonly types.AnyBlock[]): string => textOf(blocks).join('\n');

const hasElements = (block: types.AnyBlock): block is types.ActionsBlock => block.type === 'actions';
const isSection = (block: types.AnyBlock): block is types.SectionBlock => block.type === 'section';
const isInput = (block: types.AnyBlock): block is types.InputBlock => block.type === 'input';

export const elements = (blocks: readonly types.AnyBlock[]): types.ActionsBlock['elements'] =>
  blocks.filter(hasElements).flatMap((block) => block.elements);

const buttons = (blocks: readonly types.AnyBlock[]): readonly Button[] => [
  ...elements(blocks).filter((element) => element.type === 'button'),
  ...blocks.filter(isSection).flatMap(({ accessory }) => (accessory?.type === 'button' ? [accessory] : [])),
];

export const labels = (blocks: readonly types.AnyBlock[]): readonly string[] =>
  buttons(blocks).map(({ text }) => text.text);

export function button(blocks: readonly types.AnyBlock[], label: string): Button {
  const found = buttons(blocks).find(({ text }) => text.text === label);
  if (found === undefined) throw new RangeError(`there is no button ${label} among ${labels(blocks).join()}`);
  return found;
}

export const inputs = (blocks: readonly types.AnyBlock[]): readonly types.InputBlock[] => blocks.filter(isInput);

/** The menu behind the three dots. */
export const menuOf = (blocks: readonly types.AnyBlock[]): readonly string[] =>
  elements(blocks).flatMap((element) =>
    element.type === 'overflow' ? element.options.map(({ text }) => text.text) : [],
  );
