/**
 * src/bot/rehearsal/sample.ts: a context that a gate could be asked with, guessed from what its expressions look at, so
 * that a first look needs no typing. Numbers and words come from what they are compared with.
 */
import type { GateDefinition, Json, PersonId } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';

/** How deep a path may lead, and how many of them are taken: a gate is no more than its config. */
const MAX_DEPTH = 8;
const MAX_PATHS = 100;

/** `context.a.b`, and what it is compared with. */
const LOOK =
  /context((?:\.[A-Za-z_]\w*)+)(\()?\s*(==|!=|>=|<=|>|<)?\s*("[^"]*"|'[^']*'|-?\d+(?:\.\d+)?|true\b|false\b)?/g;

type Sample = { [key: string]: Json };

export function sampleContext(gate: GateDefinition): Json {
  const conditions = [...gate.stages.flatMap(({ when }) => when ?? []), ...gate.form.flatMap(({ when }) => when ?? [])];
  const texts = [gate.title ?? '', gate.description ?? '', ...Object.values(gate.actions).flat().map(templatesOf)];
  const found = new Map<string, Json>();
  for (const source of conditions) note(source, found, 'holds');
  if (gate.autoApproveIf !== null) note(gate.autoApproveIf, found, 'fails');
  for (const source of texts) note(source, found, 'shown');
  const sample: Sample = {};
  for (const [path, value] of [...found].slice(0, MAX_PATHS)) put(sample, path.split('.').slice(0, MAX_DEPTH), value);
  return sample;
}

const templatesOf = ({ url, body }: GateDefinition['actions']['approved'][number]): string =>
  `${url} ${JSON.stringify(body)}`;

/** Whether the expression is to be true or false, as far as one can guess; `shown`: it is part of a text. */
type Wish = 'holds' | 'fails' | 'shown';

/** The first look at a path says what it is. */
function note(source: string, found: Map<string, Json>, wish: Wish): void {
  for (const [, dotted = '', call, comparison = '', literal] of source.matchAll(LOOK)) {
    const names = dotted.slice(1).split('.');
    // A method of what stands before it: context.branch.startsWith("release/")
    if (call !== undefined) names.pop();
    const path = names.join('.');
    if (names.length === 0 || found.has(path)) continue;
    const isTruth = wish !== 'shown' && call === undefined;
    const alone = isTruth ? wish === 'holds' : (names.at(-1) ?? path);
    found.set(path, literal === undefined || call !== undefined ? alone : near(comparison, literal, wish));
  }
}

/** Numbers lie at the limit, or just above it; a word is the one it is compared with, where that is what is wished for. */
function near(comparison: string, literal: string, wish: Wish): Json {
  const isEqual = (comparison !== '!=') === (wish !== 'fails');
  if (/^["']/.test(literal)) return isEqual ? literal.slice(1, -1) : 'other';
  if (literal === 'true' || literal === 'false') return (literal === 'true') === isEqual;
  return Number(literal) + (comparison === '>' || comparison === '<=' ? 1 : 0);
}

function put(sample: Sample, path: readonly string[], value: Json): void {
  const [name, ...rest] = path;
  // Names like __proto__ are no keys of a plain object.
  if (name === undefined || name.startsWith('__')) return;
  if (rest.length === 0) {
    if (!Object.hasOwn(sample, name)) sample[name] = value;
    return;
  }
  const inner = Object.hasOwn(sample, name) ? sample[name] : undefined;
  const next: Sample = isSample(inner) ? inner : {};
  sample[name] = next;
  put(next, rest, value);
}

const isSample = (value: Json | undefined): value is Sample =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Who could ask, where the gate needs somebody to; null: nobody has to be named. */
export function sampleRequester(gate: GateDefinition, directory: Directory): PersonId | null {
  const refs = [
    ...gate.stages.flatMap((stage) => stage.rules.flatMap((rule) => rule.approvers)),
    ...gate.escalate.flatMap((step) => step.to),
  ];
  if (gate.selfApproval !== 'forbid' && !refs.some((ref) => /^manager-of.*:requester$/.test(ref))) return null;
  const people = [...directory.people.values()];
  return (people.find(({ manager }) => manager !== null) ?? people[0])?.id ?? null;
}
