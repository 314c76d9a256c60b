/** src/bot/gate-tests/read.ts: a file of gate tests, read and checked as far as that goes without its config. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { ConfigError, type ConfigProblem, type Environ, type Path, readYaml, reportIssues } from '../config/index.ts';
import { FileShape } from './shape.ts';

/** Most bytes of a file of tests. */
const MAX_BYTES = 1024 * 1024;
const ENDING = /\.test\.ya?ml$/;

export interface TestFile {
  readonly path: string;
  readonly shape: FileShape;
  readonly problemAt: (path: Path, message: string) => ConfigProblem;
}

/** @throws ConfigError with every problem at once */
export function readTests(path: string): TestFile {
  return parseTests(textOf(path), path);
}

/** The tests in `text`; `path` is the file's name in messages. @throws ConfigError with every problem at once */
export function parseTests(text: string, path: string): TestFile {
  const reading = readYaml(text, path, {}, null);
  if (reading.problems.length > 0) throw new ConfigError(reading.problems);
  const parsed = FileShape.safeParse(reading.value ?? {});
  if (parsed.success) return { path, shape: parsed.data, problemAt: reading.problemAt };
  const problems: ConfigProblem[] = [];
  reportIssues(parsed.error.issues, FileShape, reading.value ?? {}, (at, message) =>
    problems.push(reading.problemAt(at, message)),
  );
  throw new ConfigError(problems);
}

function textOf(path: string): string {
  const problem = (message: string) => new ConfigError([{ file: path, line: null, column: null, path: '', message }]);
  try {
    if (statSync(path).size > MAX_BYTES) throw problem(`is longer than ${MAX_BYTES} bytes`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw problem(`cannot be read${error instanceof Error && 'code' in error ? ` (${error.code})` : ''}`);
  }
}

/** The files of tests in a folder and in its own `tests` folder, by name; none where there is no such folder. */
export function testFilesIn(folder: string): readonly string[] {
  return [folder, join(folder, 'tests')].flatMap((place) =>
    namesIn(place)
      .filter((name) => ENDING.test(name))
      .sort()
      .map((name) => join(place, name)),
  );
}

/** Whether a path given by hand is a folder to look into. */
export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * The config that a file of tests is about: the one it names, else the one of its own name beside it or above its
 * `tests` folder (`freeze.test.yaml`: `freeze.yaml`), else `otherwise`, else countersign.yaml in these places or here.
 * @param otherwise as somebody who runs the tests has it; null: they said nothing
 */
export function configBeside({ path, shape }: Pick<TestFile, 'path' | 'shape'>, otherwise: string | null): string {
  const folder = dirname(path);
  if (shape.config !== undefined) return isAbsolute(shape.config) ? shape.config : join(folder, shape.config);
  const places = basename(folder) === 'tests' ? [folder, dirname(folder)] : [folder];
  const named = (name: string) =>
    places.flatMap((place) => ['.yaml', '.yml'].map((ending) => join(place, name + ending))).find(isFile);
  return named(basename(path).replace(ENDING, '')) ?? otherwise ?? named('countersign') ?? './countersign.yaml';
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}

/** The environment that a config is read with: the file's own words come first, and no test depends on NODE_ENV. */
export const environOf = ({ shape }: Pick<TestFile, 'shape'>, env: Environ): Environ => ({
  ...env,
  NODE_ENV: undefined,
  ...shape.env,
});
