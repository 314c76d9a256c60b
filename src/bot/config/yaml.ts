/**
 * src/bot/config/yaml.ts: YAML to plain values, with the place of each, and `${NAME}` filled in from the environment.
 *
 * One document, no tags, no anchors, no duplicate keys: nothing that expands or means something else than it says.
 * References are hidden from the YAML parser behind private-use characters of the same length, so `{ token: ${X} }`
 * parses, columns stay true, and what the environment holds is always one text, never YAML.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type ConfigProblem, type Path, pathText } from './problem.ts';

/** Longest config file, in UTF-16 units, and how deep it may nest. */
const MAX_TEXT = 1024 * 1024;
const MAX_DEPTH = 40;
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}\r\n]*))?\}/g;
const HIDDEN = 0xe000;
const HARMFUL = new Set(['__proto__', 'constructor', 'prototype']);

export type Environ = Readonly<Record<string, string | undefined>>;

export interface Reading {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** Paths whose value is (partly) the default of a `${NAME:-default}`. */
  readonly defaulted: ReadonlySet<string>;
  /** The problem at a path, with the line of the nearest key that is there. */
  readonly problemAt: (path: Path, message: string) => ConfigProblem;
}

/** Reads a file's text. `${NAME}` counts as an environment variable everywhere but under the key `literal`; null: nowhere. */
export function readYaml(source: string, file: string, env: Environ, literal: string | null): Reading {
  const walk = new Walk(source, file, env, literal);
  const value = walk.read();
  return {
    value,
    problems: walk.problems,
    defaulted: walk.defaulted,
    problemAt: (path, message) => walk.problemAt(path, message),
  };
}

class Walk {
  readonly problems: ConfigProblem[] = [];
  readonly defaulted = new Set<string>();
  readonly #places = new Map<string, number>();
  readonly #lines = new LineCounter();
  readonly #source: string;
  readonly #file: string;
  readonly #env: Environ;
  readonly #literal: string | null;

  constructor(source: string, file: string, env: Environ, literal: string | null) {
    this.#source = source;
    this.#file = file;
    this.#env = env;
    this.#literal = literal;
  }

  read(): unknown {
    if (this.#source.length > MAX_TEXT) return this.#refuse(`is longer than ${MAX_TEXT} characters`);
    if (/[\uE000-\uE07F]/.test(this.#source)) return this.#refuse('holds private-use characters (U+E000 to U+E07F)');
    let document: ReturnType<typeof parseDocument>;
    try {
      document = parseDocument(hide(this.#source), { lineCounter: this.#lines, logLevel: 'error' });
    } catch (error) {
      if (error instanceof RangeError) return this.#refuse('nests too deep');
      throw error;
    }
    const { yaml } = document.directives ?? {};
    if (yaml?.explicit === true && yaml.version !== '1.2') return this.#refuse('must be YAML 1.2');
    for (const error of [...document.errors, ...document.warnings])
      this.#report(
        error.pos[0],
        '',
        YAML_WORDS[error.code] ?? reveal(error.message.split('\n')[0] ?? '').replace(/ at line .*$/, ''),
      );
    return this.problems.length > 0 ? undefined : this.#value(document.contents, []);
  }

  problemAt(path: Path, message: string): ConfigProblem {
    for (let length = path.length; length > 0; length--) {
      const place = this.#places.get(pathText(path.slice(0, length)));
      if (place !== undefined) return this.#problem(place, pathText(path), message);
    }
    return this.#problem(0, pathText(path), message);
  }

  #value(node: unknown, path: Path): unknown {
    if (node === null || node === undefined) return null;
    if (path.length > MAX_DEPTH) return this.#reportAt(path, 'nests too deep');
    if (isAlias(node) || hasAnchor(node)) return this.#reportAt(path, 'anchors and aliases are not supported here');
    if (isScalar(node)) {
      if (node.tag !== undefined) return this.#reportAt(path, 'tags are not supported here');
      return typeof node.value === 'string' ? this.#text(node.value, path) : node.value;
    }
    if (isSeq(node)) {
      if (node.tag !== undefined) return this.#reportAt(path, 'tags are not supported here');
      return node.items.map((item, i) => {
        const place = [...path, i];
        this.#place(item, place);
        return this.#value(item, place);
      });
    }
    if (!isMap(node) || node.tag !== undefined) return this.#reportAt(path, 'tags are not supported here');
    const entries: [string, unknown][] = [];
    for (const { key, value } of node.items) {
      if (!isScalar(key) || key.tag !== undefined || key.anchor !== undefined) {
        this.#reportAt(path, 'keys must be plain text');
        continue;
      }
      const name = reveal(String(key.value));
      const place = [...path, name];
      this.#place(key, place);
      if (HARMFUL.has(name)) this.#reportAt(place, 'is not a usable key');
      else entries.push([name, this.#value(value, place)]);
    }
    return Object.fromEntries(entries);
  }

  #text(hidden: string, path: Path): string {
    const text = reveal(hidden);
    if (this.#literal === null || path[0] === this.#literal) return text;
    return text.replace(REFERENCE, (_whole, name: string, fallback: string | undefined) => {
      const value = Object.hasOwn(this.#env, name) ? (this.#env[name] ?? '') : '';
      if (value !== '') return value;
      if (fallback === undefined) this.#reportAt(path, `the environment variable ${name} is not set`);
      else this.defaulted.add(pathText(path));
      return fallback ?? '';
    });
  }

  #place(node: unknown, path: Path): void {
    const start = isNodeWithRange(node) ? node.range?.[0] : undefined;
    if (start !== undefined) this.#places.set(pathText(path), start);
  }

  #refuse(message: string): undefined {
    this.#report(0, '', message);
  }

  #reportAt(path: Path, message: string): undefined {
    this.problems.push(this.problemAt(path, message));
  }

  #report(offset: number, path: string, message: string): void {
    this.problems.push(this.#problem(offset, path, message));
  }

  #problem(offset: number, path: string, message: string): ConfigProblem {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col), path, message };
  }
}

const YAML_WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is there twice',
  MULTIPLE_DOCS: 'holds more than one document',
  TAG_RESOLVE_FAILED: 'tags are not supported here',
};

function hide(source: string): string {
  return source.replace(REFERENCE, (reference) =>
    [...reference].map((character) => (character < '\u0080' ? shifted(character, HIDDEN) : character)).join(''),
  );
}

function reveal(text: string): string {
  return text.replace(/[\uE000-\uE07F]/g, (character) => shifted(character, -HIDDEN));
}

function shifted(character: string, by: number): string {
  return String.fromCharCode(character.charCodeAt(0) + by);
}

function hasAnchor(node: unknown): boolean {
  return typeof node === 'object' && node !== null && 'anchor' in node && node.anchor !== undefined;
}

function isNodeWithRange(node: unknown): node is Pick<Node, 'range'> {
  return typeof node === 'object' && node !== null && 'range' in node;
}
