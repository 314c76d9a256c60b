/** src/bot/config/merge.ts: the config's own people and groups together with those of the file that it names. */
import { resolve } from 'node:path';
import { type Found, readPeopleFile } from './people-file.ts';
import { type ConfigProblem, type Path, pathText, type Report } from './problem.ts';
import type { ConfigShape } from './shape.ts';
import { FileProblem } from './text-file.ts';

/** Problems of one file that are listed; a wrong file has one in each line. */
const MAX_LISTED = 20;

export interface Merged {
  readonly people: NonNullable<ConfigShape['people']>;
  readonly groups: NonNullable<ConfigShape['groups']>;
  /** Says a problem where it stands: in the file, or in the config. */
  readonly report: Report;
  readonly files: readonly string[];
}

export interface MergeFacts {
  /** Of the config. */
  readonly folder: string;
  readonly report: Report;
  readonly warn: (message: string) => void;
  /** Takes problems of the file. */
  readonly add: (problem: ConfigProblem) => void;
}

export function withPeopleFile(shape: ConfigShape, { folder, report, warn, add }: MergeFacts): Merged {
  const own = { people: shape.people ?? {}, groups: shape.groups ?? {} };
  const name = shape.directory?.file;
  if (name === undefined) return { ...own, report, files: [] };
  const path = resolve(folder, name);
  let said = 0;
  const say = (line: number | null, at: Path, message: string): void => {
    said++;
    if (said > MAX_LISTED + 1) return;
    const words = said > MAX_LISTED ? 'there is more that is wrong; this is put right first' : message;
    add({ file: name, line: line ?? 1, column: 1, path: said > MAX_LISTED ? '' : pathText(at), message: words });
  };
  let found: Found = { people: {}, groups: {}, lines: new Map() };
  try {
    found = readPeopleFile(path, {
      report: (line, message) => say(line, [], message),
      warn: (message) => warn(`${name}: ${message}`),
    });
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    say(error.line, [], error.message);
  }
  for (const section of ['people', 'groups'] as const)
    for (const id of Object.keys(found[section]))
      if (Object.hasOwn(own[section], id)) report([section, id], `is in ${name} as well; keep one of them`);
  const inFile = ([section, id]: Path): boolean =>
    (section === 'people' || section === 'groups') &&
    Object.hasOwn(found[section], String(id)) &&
    !Object.hasOwn(own[section], String(id));
  return {
    people: { ...found.people, ...own.people },
    groups: { ...mutable(found.groups), ...own.groups },
    report: (at, message) =>
      inFile(at) ? say(found.lines.get(String(at[1])) ?? null, at, message) : report(at, message),
    files: [path],
  };
}

const mutable = (groups: Found['groups']): Record<string, string[]> =>
  Object.fromEntries(Object.entries(groups).map(([id, members]) => [id, [...members]]));
