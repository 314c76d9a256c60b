/**
 * src/bot/gate-tests/given.ts: what a test is given: who is who besides what the config says, and the request that the
 * pipeline opens. The checks are those of the config and of the API's door.
 */
import type { GateDefinition } from '../../engine/definition.ts';
import type { Directory, Person } from '../../engine/directory.ts';
import type { Content } from '../../engine/request.ts';
import {
  applyOverrides,
  type Config,
  directoryOf,
  type Path,
  type PersonShape,
  parseDuration,
  type Report,
  suggestion,
} from '../config/index.ts';
import { contentOf, requesterOf } from '../open.ts';
import type { GivenShape } from './shape.ts';

/** The one request of a test. */
const REQUEST = `req_${'0'.repeat(31)}1`;
/** Opens where the config has no pipeline that may. */
const NOBODY = 'test';

type CastShape = Pick<GivenShape, 'people' | 'groups'>;

/** The directory with some people and groups as the test has them; both must be there in the config. */
export function castOf(
  base: Directory,
  { people = {}, groups = {} }: CastShape,
  path: Path,
  report: Report,
): Directory {
  if (Object.keys(people).length === 0 && Object.keys(groups).length === 0) return base;
  for (const name of Object.keys(people)) reportStranger(name, base, [...path, 'people', name], report);
  for (const name of Object.keys(groups))
    if (!base.groups.has(name))
      report([...path, 'groups', name], `is not a group of the config${suggestion(name, base.groups.keys())}`);
  const everybody = new Map([...base.people].map(([id, person]) => [id, shapeOf(person)]));
  for (const [id, shape] of Object.entries(people)) everybody.set(id, { ...everybody.get(id), ...shape });
  const members = new Map([...base.groups, ...Object.entries(groups)]);
  const known = [...members].map(([id, group]) => [id, group === 'unavailable' ? [] : [...group]] as const);
  const { directory } = directoryOf(Object.fromEntries(everybody), Object.fromEntries(known), {
    mayBePlain: true,
    // What the config itself has was checked when it was loaded.
    report: (at, message) => isNew(at, people, groups) && report([...path, ...at], message),
    warn: () => {},
  });
  const persons = new Map(base.people);
  for (const [id, shape] of Object.entries(people)) {
    const [before, made] = [base.people.get(id), directory.people.get(id)];
    if (before !== undefined && made !== undefined) persons.set(id, laidOver(before, made, shape));
  }
  return { ...base, people: persons, groups: members };
}

export const withoutPeople = (base: Directory, gone: readonly string[]): Directory => ({
  ...base,
  people: new Map([...base.people].filter(([id]) => !gone.includes(id))),
});

export function reportStranger(name: string, { people }: Directory, path: Path, report: Report): void {
  if (!people.has(name)) report(path, `"${name}" is not a person of the config${suggestion(name, people.keys())}`);
}

const isNew = ([section, name]: Path, people: object, groups: object): boolean =>
  Object.hasOwn(section === 'people' ? people : groups, String(name));

/** As the config would write them, but for when they are away and don't want to be disturbed. */
const shapeOf = ({ name, email, slack, teams, manager, timezone, delegate }: Person): PersonShape => ({
  name,
  ...(email !== null && { email }),
  ...(slack !== null && { slack }),
  ...(teams !== null && { teams }),
  ...(manager !== null && { manager }),
  ...(timezone !== null && { timezone }),
  ...(delegate !== undefined && { delegate }),
});

const laidOver = (before: Person, made: Person, { away, quietHours }: PersonShape): Person => ({
  ...made,
  ...(away === undefined && { away: before.away }),
  ...(quietHours === undefined && before.quietHours !== undefined && { quietHours: before.quietHours }),
});

/** The gate with what the request brings itself, and the content of the request. Null where there is no such gate. */
export function openingOf(
  name: string,
  given: GivenShape,
  config: Config,
  directory: Directory,
  paths: { readonly gate: Path; readonly given: Path },
  report: Report,
): { readonly gate: GateDefinition; readonly content: Content } | null {
  const gate = config.gates.get(name);
  if (gate === undefined) {
    report(paths.gate, `"${name}" is not a gate of the config${suggestion(name, config.gates.keys())}`);
    return null;
  }
  const { approvers, quorum, stages, timeout, onTimeout, options, form, notify } = given;
  const overridden = applyOverrides(
    gate,
    { approvers, quorum, stages, timeout, onTimeout, options, form, notify },
    { ...config, directory },
  );
  if ('problems' in overridden) {
    for (const { path, message } of overridden.problems) report([...paths.given, path], message);
    return null;
  }
  if (overridden.gate.stages.length === 0)
    report(paths.gate, `the gate ${name} asks nobody by itself; bring "approvers" under "given"`);
  const pipeline = pipelineOf(given, gate, config, paths.given, report);
  const asked = askedOf(given, directory, paths.given, report);
  return { gate: overridden.gate, content: contentOf(REQUEST, pipeline, overridden.gate, asked).content };
}

function pipelineOf(given: GivenShape, gate: GateDefinition, config: Config, path: Path, report: Report): string {
  const { pipeline: wanted, callback } = given;
  const names = config.pipelines.map(({ name }) => name);
  if (wanted !== undefined && !names.includes(wanted))
    report([...path, 'pipeline'], `"${wanted}" is not a pipeline of the config${suggestion(wanted, names)}`);
  const pipeline = config.pipelines.find(({ name, mayOpen }) =>
    wanted === undefined ? mayOpen(gate.name) : name === wanted,
  );
  if (pipeline === undefined) return wanted ?? NOBODY;
  if (!pipeline.mayOpen(gate.name))
    report([...path, 'pipeline'], `${pipeline.name} may not open the gate ${gate.name}`);
  if (callback !== undefined && (!URL.canParse(callback.url) || !pipeline.mayCall(new URL(callback.url))))
    report([...path, 'callback', 'url'], `is not among the callbacks that the config allows ${pipeline.name}`);
  return pipeline.name;
}

function askedOf(given: GivenShape, directory: Directory, path: Path, report: Report): Parameters<typeof contentOf>[3] {
  const { title, description, requester = null, context, fields, artifacts, subject, callback, heartbeat } = given;
  const person = requester === null ? null : requesterOf(requester, directory);
  if (typeof requester === 'string') reportStranger(requester, directory, [...path, 'requester'], report);
  else if (requester !== null && person === null)
    report([...path, 'requester'], `nobody of the config has the address ${requester.email}`);
  const heartbeatMs = heartbeat === undefined ? null : parseDuration(heartbeat);
  if (heartbeat !== undefined && heartbeatMs === null)
    report([...path, 'heartbeat'], 'must be a duration like "30s" or "5m"');
  return {
    title: title ?? null,
    description: description ?? null,
    requester: person,
    context: context ?? {},
    fields: fields ?? [],
    artifacts: (artifacts ?? []).map(({ name, url, digest }) => ({ name, url, digest: digest ?? null })),
    subject:
      subject === undefined ? null : { name: subject.name, digest: subject.digest ?? null, url: subject.url ?? null },
    callback: callback ?? null,
    supersedes: null,
    heartbeatMs,
  };
}
