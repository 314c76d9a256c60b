/** src/bot/config/problem.ts: what can be wrong with the config, and where. */

export interface ConfigProblem {
  /** The file, or `environment`. */
  readonly file: string;
  /** From 1; null where there is no line, as in the environment. */
  readonly line: number | null;
  readonly column: number | null;
  /** Like `gates.deploy.quorum` or `people.ana.away[0].to`. */
  readonly path: string;
  readonly message: string;
}

/** Everything that is wrong at once. `message` has one line per problem; it never holds a secret's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(lineFor).join('\n'));
    this.problems = problems;
  }
}

function lineFor({ file, line, column, path, message }: ConfigProblem): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`;
  return visible(path === '' ? `${place} ${message}` : `${place} ${path}: ${message}`);
}

/** What the file says may hold line breaks and terminal sequences; a problem stays one harmless line. */
function visible(text: string): string {
  const hidden = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
  return text.replace(hidden, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

export type Path = readonly (string | number)[];
/** Notes a problem at a path; reading goes on, so that one run finds them all. */
export type Report = (path: Path, message: string) => void;

export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
