/**
 * src/engine/cel.ts: turns CEL text into programs that are safe to run.
 *
 * cel-js evaluates; but every expression is first parsed, judged and printed anew, because two things must not run as
 * written: `matches` (JavaScript's RegExp backtracks: 28 characters can block for seconds, so RE2 takes its place) and
 * comprehensions without a price (`all` in `all` over a big list). Each step of a comprehension, and whatever it looks
 * at, is paid from a budget.
 */
import {
  type ASTNode,
  Environment,
  EvaluationError,
  ParseError,
  type ParseResult,
  TypeError as TypeCheckError,
} from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';

export type Evaluation =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string };
export type Facts = Readonly<Record<string, unknown>>;

/** Every name that any expression may use; each place allows some of them. */
const FACT_NAMES = ['context', 'request', 'option', 'outcome', 'body'];
const TYPE_NAMES = new Set(['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint']);
const COMPREHENSIONS: Readonly<Record<string, readonly number[]>> = {
  all: [2],
  exists: [2],
  exists_one: [2],
  filter: [2],
  map: [2, 3],
};

/** Longest expression, in UTF-16 units. */
const MAX_SOURCE = 2000;
const LIMITS = { maxAstNodes: 500, maxDepth: 50, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 8 };
/** `all` in `all` is the deepest; eight in one expression at most, so that nothing can be doubled many times. */
const MAX_NESTING = 2;
const MAX_COMPREHENSIONS = 8;
const MAX_PATTERN = 500;
/** Instructions of a compiled pattern; matching costs this times the length of the text at worst. */
const MAX_PATTERN_SIZE = 2000;
/** What one evaluation may spend: steps of comprehensions, elements looked at, 16 characters matched. */
const BUDGET = 200_000;
/** Programs kept; the least recently compiled goes first. */
const MAX_CACHED = 2000;

/** A problem with an expression, in words for whoever wrote it. */
class Unsuitable extends Error {}

export type Program =
  /** `names`: the facts it speaks of. */
  | { readonly ok: true; readonly run: ParseResult; readonly names: ReadonlySet<string> }
  | { readonly ok: false; readonly error: string };

const programs = new Map<string, Program>();
const patterns = new Map<string, RE2JS>();
/** What is left for the evaluation under way; evaluation is synchronous, so one counter does. */
let remaining = 0;

const reader = new Environment({ homogeneousAggregateLiterals: false, unlistedVariablesAreDyn: true, limits: LIMITS });
const runner = ownEnvironment();

/** The program for `source`, compiled once and kept. */
export function compiled(source: string): Program {
  const known = programs.get(source);
  if (known !== undefined) return known;
  const program = compile(source);
  const oldest = programs.size >= MAX_CACHED ? programs.keys().next().value : undefined;
  if (oldest !== undefined) programs.delete(oldest);
  programs.set(source, program);
  return program;
}

/** Runs a program; nothing is thrown. CEL's ints come as bigint, its doubles (and JSON's numbers) as number. */
export function run(program: Program, facts: Facts): Evaluation {
  if (!program.ok) return program;
  remaining = BUDGET;
  try {
    const value: unknown = program.run(facts);
    return { ok: true, value };
  } catch (error) {
    return { ok: false, error: wordsFor(error) };
  }
}

function compile(source: string): Program {
  if (source.length > MAX_SOURCE) return { ok: false, error: `is longer than ${MAX_SOURCE} characters` };
  if (source.trim() === '') return { ok: false, error: 'is an empty expression' };
  try {
    const printer = new Printer();
    const run = runner.parse(printer.print(reader.parse(source).ast, { bound: [], nesting: 0 }));
    const { error } = run.check();
    if (error !== undefined) return { ok: false, error: wordsFor(error) };
    return { ok: true, run, names: printer.names };
  } catch (error) {
    return { ok: false, error: wordsFor(error) };
  }
}

/** Where in the expression we are: names bound by comprehensions around it, and how deep these are nested. */
interface Scope {
  readonly bound: readonly string[];
  readonly nesting: number;
}

/** Prints a parsed expression as one that is safe to run, every part in its own parentheses. */
class Printer {
  readonly names = new Set<string>();
  #comprehensions = 0;

  print(node: ASTNode, scope: Scope): string {
    switch (node.op) {
      case 'value':
        return node.input.slice(node.start, node.end);
      case 'id':
      case '.':
      case '[]':
        return scope.nesting > 0 ? `weigh__(${this.#path(node, scope)})` : this.#path(node, scope);
      case 'call':
        return this.#call(node.args[0], node.args[1], scope);
      case 'rcall':
        return this.#method(node.args[0], node.args[1], node.args[2], scope);
      case 'list':
        return `[${this.#list(node.args, scope)}]`;
      case 'map':
        return `{${node.args.map(([key, value]) => `${this.print(key, scope)}: ${this.print(value, scope)}`).join(', ')}}`;
      case '?:': {
        const [condition, yes, no] = node.args;
        return `(${this.print(condition, scope)} ? ${this.print(yes, scope)} : ${this.print(no, scope)})`;
      }
      case '!_':
      case '-_':
        return `(${node.op === '!_' ? '!' : '-'}${this.print(node.args, scope)})`;
      case '.?':
      case '[?]':
        throw new Unsuitable('optional access is not available');
      case '/':
      case '%':
        return `(${this.print(node.args[0], scope)} ${node.op} nonzero__(${this.print(node.args[1], scope)}))`;
      default:
        return `(${this.print(node.args[0], scope)} ${node.op} ${this.print(node.args[1], scope)})`;
    }
  }

  #list(nodes: readonly ASTNode[], scope: Scope): string {
    return nodes.map((node) => this.print(node, scope)).join(', ');
  }

  /** A name and what is selected from it; only the outermost value is weighed. */
  #path(node: ASTNode, scope: Scope): string {
    if (node.op === '.') return `${this.#path(node.args[0], scope)}.${node.args[1]}`;
    if (node.op === '[]') return `${this.#path(node.args[0], scope)}[${this.print(node.args[1], scope)}]`;
    if (node.op !== 'id') return this.print(node, scope);
    const name = node.args;
    if (scope.bound.includes(name) || TYPE_NAMES.has(name)) return name;
    if (!FACT_NAMES.includes(name)) throw new Unsuitable(`unknown name "${name}"`);
    this.names.add(name);
    return name;
  }

  #call(name: string, args: readonly ASTNode[], scope: Scope): string {
    const [first, second] = args;
    if (name === 'matches' && first !== undefined && second !== undefined && args.length === 2)
      return this.#matches(first, second, scope);
    if (name === 'has' && first !== undefined && args.length === 1) return `has(${this.#path(first, scope)})`;
    if (name.endsWith('__')) throw new Unsuitable(`unknown function "${name}"`);
    return `${name}(${this.#list(args, scope)})`;
  }

  #method(name: string, receiver: ASTNode, args: readonly ASTNode[], scope: Scope): string {
    const [first] = args;
    if (name === 'matches' && first !== undefined && args.length === 1) return this.#matches(receiver, first, scope);
    const arities = Object.hasOwn(COMPREHENSIONS, name) ? COMPREHENSIONS[name] : undefined;
    if (arities?.includes(args.length) && first?.op === 'id')
      return this.#comprehension(name, receiver, first.args, args.slice(1), scope);
    return `${this.print(receiver, scope)}.${name}(${this.#list(args, scope)})`;
  }

  #comprehension(name: string, over: ASTNode, item: string, bodies: readonly ASTNode[], scope: Scope): string {
    if (scope.nesting === MAX_NESTING)
      throw new Unsuitable(`nests all, exists, map or filter deeper than ${MAX_NESTING}`);
    this.#comprehensions++;
    if (this.#comprehensions > MAX_COMPREHENSIONS)
      throw new Unsuitable(`uses all, exists, map or filter more than ${MAX_COMPREHENSIONS} times`);
    const inner = { bound: [...scope.bound, item], nesting: scope.nesting + 1 };
    const steps = bodies.map((body) => `step__(${this.print(body, inner)})`);
    return `${this.print(over, scope)}.${name}(${[item, ...steps].join(', ')})`;
  }

  /** The pattern must be written out: it is compiled once, and wrong ones are found when the config loads. */
  #matches(text: ASTNode, pattern: ASTNode, scope: Scope): string {
    if (pattern.op !== 'value' || typeof pattern.args !== 'string')
      throw new Unsuitable('matches needs its pattern written out as text');
    const problem = checkPattern(pattern.args);
    if (problem !== null) throw new Unsuitable(problem);
    return `matches__(${this.print(text, scope)}, ${this.print(pattern, scope)})`;
  }
}

/** What is wrong with an RE2 pattern, in one line; null when nothing is. */
export function checkPattern(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN) return `the pattern is longer than ${MAX_PATTERN} characters`;
  try {
    const size = RE2JS.compile(pattern).programSize();
    return size > MAX_PATTERN_SIZE ? 'the pattern is too big once its repetitions are written out' : null;
  } catch {
    return `"${pattern}" is not a valid RE2 pattern`;
  }
}

function ownEnvironment(): Environment {
  const environment = new Environment({ homogeneousAggregateLiterals: false });
  const options = { async: false };
  for (const name of FACT_NAMES) environment.registerVariable(name, 'dyn');
  environment.registerFunction('matches__(string, string): bool', matches, options);
  environment.registerFunction('weigh__(dyn): dyn', weigh, options);
  environment.registerFunction('step__(dyn): dyn', weigh, options);
  environment.registerFunction('nonzero__(dyn): dyn', nonzero, options);
  // JSON's numbers are doubles and CEL's literals are ints: without these `context.amount * 2` would have no meaning.
  for (const [left, right] of [
    ['double', 'int'],
    ['int', 'double'],
  ]) {
    environment.registerOperator(
      `${left} + ${right}`,
      (a: number | bigint, b: number | bigint) => Number(a) + Number(b),
    );
    environment.registerOperator(
      `${left} - ${right}`,
      (a: number | bigint, b: number | bigint) => Number(a) - Number(b),
    );
    environment.registerOperator(
      `${left} * ${right}`,
      (a: number | bigint, b: number | bigint) => Number(a) * Number(b),
    );
    environment.registerOperator(
      `${left} / ${right}`,
      (a: number | bigint, b: number | bigint) => Number(a) / Number(b),
    );
    environment.registerOperator(
      `${left} % ${right}`,
      (a: number | bigint, b: number | bigint) => Number(a) % Number(b),
    );
  }
  return environment;
}

function matches(text: string, pattern: string): boolean {
  spend(1 + Math.floor(text.length / 16));
  const known = patterns.get(pattern) ?? RE2JS.compile(pattern);
  if (patterns.size >= MAX_CACHED) patterns.clear();
  patterns.set(pattern, known);
  return known.matcher(text).find();
}

/** Doubles would give Infinity, which compares as greater than anything and could approve. */
function nonzero(divisor: unknown): unknown {
  if (divisor === 0 || divisor === 0n) throw new Unsuitable('division by zero');
  return divisor;
}

/** Charges for a value by its size and hands it on. */
function weigh(value: unknown): unknown {
  spend(1);
  if (typeof value === 'string') spend(Math.floor(value.length / 64));
  else if (Array.isArray(value)) for (const item of value) weigh(item);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) weigh(item);
  return value;
}

function spend(units: number): void {
  remaining -= units;
  if (remaining < 0) throw new Unsuitable('looks at too much: the lists are too long for this expression');
}

/** The one-line cause of a failure; never the values that were looked at. */
function wordsFor(error: unknown): string {
  if (error instanceof ParseError || error instanceof EvaluationError || error instanceof TypeCheckError)
    return error.summary.replaceAll(/(matches|weigh|step|nonzero)__/g, '$1');
  return error instanceof Unsuitable ? error.message : 'could not be evaluated';
}
