/**
 * test/fake/slack/blocks.ts: refuses blocks and views that Slack refuses: first by structure (a JSON schema made from
 * @slack/types 3.2.0, which says the fields and types), then by the limits of Block Kit.
 */
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { blockFaults, type Fault, textLength, viewFaults } from './block-limits.ts';
import { at, type Fields, isFields, SlackError, textAt, withMessages } from './wire.ts';

/** Of all text in the blocks of a message together; seen, not documented. */
const MESSAGE_TEXT = 13_000;
/** Of a view's JSON. */
const VIEW_BYTES = 250_000;

const schema: unknown = JSON.parse(readFileSync(new URL('blockkit.structure.schema.json', import.meta.url), 'utf8'));
if (!isFields(schema)) throw new Error('The schema of Block Kit is no object.');
const ajv = new Ajv({ strict: false, allErrors: false }).addSchema({ ...schema, $id: 'blockkit' });

/** The schema's name of each kind of block: `section` → `SectionBlock`. */
const BLOCKS = new Map(
  Object.entries(isFields(schema.definitions) ? schema.definitions : {}).flatMap(([name, definition]) => {
    const type = textAt(at(at(definition, 'properties'), 'type'), 'const');
    return name.endsWith('Block') && type !== null ? [[type, name] as const] : [];
  }),
);

/** @param blocks of a message. Throws `invalid_blocks` or `msg_blocks_too_long` as chat.postMessage does. */
export function assertMessage(blocks: unknown): void {
  if (!Array.isArray(blocks)) throw new SlackError('invalid_blocks_format');
  const faults = faultsOf(blocks, '/blocks', 50);
  if (faults.length > 0) throw withMessages('invalid_blocks', faults.map(worded));
  if (textLength(blocks) > MESSAGE_TEXT) throw new SlackError('msg_blocks_too_long');
}

/** Throws `invalid_arguments` or `view_too_large` as views.open does. */
export function assertView(view: Fields, type: 'modal' | 'home'): void {
  if (JSON.stringify(view).length > VIEW_BYTES) throw new SlackError('view_too_large');
  const blocks = Array.isArray(view.blocks) ? view.blocks : [];
  const faults = [
    ...(view.type === type ? [] : [{ message: `unsupported type: ${String(view.type)}`, pointer: '/view/type' }]),
    ...faultsOf(blocks, '/view/blocks', 100),
    ...structureFaults({ ...view, blocks: [] }, type === 'modal' ? 'ModalView' : 'HomeView', '/view'),
    ...viewFaults(view, '/view'),
  ];
  if (faults.length > 0) throw withMessages('invalid_arguments', faults.map(worded));
}

function faultsOf(blocks: readonly unknown[], pointer: string, most: number): readonly Fault[] {
  if (blocks.length > most) return [{ message: `no more than ${most} items allowed`, pointer }];
  const ids = blocks.flatMap((block) => textAt(block, 'block_id') ?? []);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) return [{ message: `\`block_id\` value ${twice} already exists`, pointer }];
  return blocks.flatMap((block, index) => {
    const place = `${pointer}/${index}`;
    const type = textAt(block, 'type') ?? '';
    const name = BLOCKS.get(type);
    if (!isFields(block) || name === undefined)
      return [{ message: `unsupported type: ${type}`, pointer: `${place}/type` }];
    const wrong = structureFaults(block, name, place);
    return wrong.length > 0 ? wrong : blockFaults(block, place);
  });
}

function structureFaults(value: Fields, definition: string, pointer: string): readonly Fault[] {
  const validate: ValidateFunction | undefined = ajv.getSchema(`blockkit#/definitions/${definition}`);
  if (validate === undefined) throw new Error(`The schema of Block Kit has no ${definition}.`);
  if (validate(value)) return [];
  // Of the alternatives that were tried, the one that got deepest is the one that was meant.
  const errors = [...(validate.errors ?? [])].sort((one, other) => depth(other.instancePath) - depth(one.instancePath));
  const [error] = errors;
  return [{ message: error?.message ?? 'invalid', pointer: `${pointer}${error?.instancePath ?? ''}` }];
}

const depth = (pointer: string) => pointer.split('/').length;
const worded = ({ message, pointer }: Fault) => `${message} [json-pointer:${pointer}]`;
