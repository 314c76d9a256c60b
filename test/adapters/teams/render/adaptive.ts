/**
 * test/adapters/teams/render/adaptive.ts: the official renderer's own reading of a card, and the official schema. The
 * package's own entry can't be imported by plain Node, so its UMD file is loaded.
 *
 * adaptive-card-1.5.0.schema.json and teams-light.hostconfig.json: github.com/microsoft/AdaptiveCards, MIT.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };
import { z } from 'zod';
import type { Card } from '../../../../src/adapters/teams/render/index.ts';

type AdaptiveCards = typeof import('adaptivecards');
const isLibrary = (loaded: unknown): loaded is AdaptiveCards =>
  typeof loaded === 'object' && loaded !== null && 'AdaptiveCard' in loaded;
const loaded: unknown = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js');
if (!isLibrary(loaded)) throw new TypeError('adaptivecards could not be loaded');
const library = loaded;

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
export const hostConfig = read('teams-light.hostconfig.json');

/** What the renderer has against a card, while reading it and afterwards. */
export function complaints(card: Card): readonly string[] {
  const context = new library.SerializationContext(library.Versions.v1_5);
  const parsed = new library.AdaptiveCard();
  parsed.hostConfig = new library.HostConfig(hostConfig);
  parsed.parse(card, context);
  const events = Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i).message);
  return [...events, ...parsed.validateProperties().validationEvents.map(({ message }) => message)];
}

const Schema = z.looseObject({ id: z.string() });
const { id: _, ...schema } = Schema.parse(read('adaptive-card-1.5.0.schema.json'));
const ajv = new Ajv({ strict: false, formats: { uri: true, 'uri-reference': true } });
ajv.addMetaSchema(draft06);
const isCard = ajv.compile(schema);

/** What the schema has against it; `msteams` is Teams' own and not in it. */
export function schemaErrors({ msteams: _teams, ...card }: Card): readonly string[] {
  return isCard(card) ? [] : (isCard.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
