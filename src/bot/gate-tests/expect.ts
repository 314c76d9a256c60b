/** src/bot/gate-tests/expect.ts: what a test expects, with its names looked up and its moments worked out. */
import type { GateDefinition, Instant, Json } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import { type Refusal, words } from '../../engine/refusal.ts';
import { type Path, type Report, suggestion } from '../config/index.ts';
import { reportStranger } from './given.ts';
import { MOMENT_FORM, momentOf } from './moments.ts';
import type { TellingShape, ThenShape } from './shape.ts';

/** Messages of one kind at one moment, and to whom: null where the test does not say. */
export interface ExpectedTelling {
  readonly at: Instant | null;
  readonly kind: string | null;
  readonly to: readonly string[] | null;
  readonly times: number | null;
}

export interface ExpectedCall {
  readonly call: string;
  /** undefined: whatever it is. */
  readonly body: Json | undefined;
}

/** What a check compares by itself stands in `shape`; the rest has been worked out. */
export interface Expectation {
  readonly path: Path;
  readonly shape: ThenShape;
  readonly refused: Refusal | null;
  readonly at: Instant | null;
  readonly heldUntil: Instant | null;
  /** null: not checked. */
  readonly deadline: Instant | 'never' | null;
  readonly told: readonly ExpectedTelling[];
  readonly never: readonly ExpectedTelling[];
  readonly calls: readonly ExpectedCall[] | null;
}

export interface ExpectFacts {
  readonly gate: GateDefinition;
  readonly directory: Directory;
  readonly channels: ReadonlyMap<string, unknown>;
  readonly from: Instant;
}

export function expectationOf(shape: ThenShape, path: Path, facts: ExpectFacts, report: Report): Expectation {
  const reader = new Reader(path, facts, report);
  reader.names(shape);
  const { told = [], never = [], calls, held, deadline } = shape;
  return {
    path,
    shape,
    refused: shape.refused === undefined ? null : refusalAt(shape.refused, [...path, 'refused'], report),
    at: shape.at === undefined ? null : reader.moment(shape.at, ['at']),
    heldUntil: held === undefined || typeof held === 'boolean' ? null : reader.moment(held, ['held']),
    deadline: deadline === undefined ? null : deadline === 'never' ? 'never' : reader.moment(deadline, ['deadline']),
    told: told.map((telling, i) => reader.telling(telling, ['told', i])),
    never: never.map((telling, i) => reader.unwanted(telling, ['never', i])),
    calls:
      calls?.map((call) => (typeof call === 'string' ? { call, body: undefined } : { body: undefined, ...call })) ??
      null,
  };
}

const isRefusal = (word: string): word is Refusal => Object.hasOwn(words, word);

export function refusalAt(word: string, path: Path, report: Report): Refusal | null {
  if (isRefusal(word)) return word;
  report(path, `"${word}" is no reason for which something is refused${suggestion(word, Object.keys(words))}`);
  return null;
}

class Reader {
  readonly #path: Path;
  readonly #facts: ExpectFacts;
  readonly #report: Report;

  constructor(path: Path, facts: ExpectFacts, report: Report) {
    this.#path = path;
    this.#facts = facts;
    this.#report = report;
  }

  moment(text: string | number, at: Path): Instant | null {
    const moment = momentOf(text, this.#facts.from);
    if (moment === null) this.#say(at, MOMENT_FORM);
    return moment;
  }

  telling({ at, kind, to, times }: TellingShape, path: Path): ExpectedTelling {
    if (at === undefined && kind === undefined && to === undefined) this.#say(path, 'needs "at", "kind" or "to"');
    const people = to === undefined ? null : [to].flat();
    for (const [i, name] of people?.entries() ?? [])
      this.#receiver(name, [...path, 'to', ...(Array.isArray(to) ? [i] : [])]);
    return {
      at: at === undefined ? null : this.moment(at, [...path, 'at']),
      kind: kind ?? null,
      to: people,
      times: times ?? null,
    };
  }

  unwanted(telling: TellingShape, path: Path): ExpectedTelling {
    if (telling.times !== undefined) this.#say([...path, 'times'], 'belongs to "told"');
    return this.telling(telling, path);
  }

  /** Names in a test are typed by hand: one that nobody has would never be asked, and the test would say so in vain. */
  names(shape: ThenShape): void {
    const {
      asked = [],
      notAsked = [],
      waitingFor = [],
      by = [],
      votes = {},
      skipped = [],
      stages = {},
      option,
    } = shape;
    for (const [key, names] of Object.entries({ notAsked, waitingFor, by }))
      for (const [i, name] of names.entries()) this.#person(name, [key, i]);
    if (Array.isArray(asked)) for (const [i, name] of asked.entries()) this.#person(name, ['asked', i]);
    else
      for (const [stage, names] of Object.entries(asked)) {
        this.#stage(stage, ['asked', stage]);
        for (const [i, name] of names.entries()) this.#person(name, ['asked', stage, i]);
      }
    for (const [person, choice] of Object.entries(votes)) {
      this.#person(person, ['votes', person]);
      this.#option(choice, ['votes', person]);
    }
    for (const [i, stage] of skipped.entries()) this.#stage(stage, ['skipped', i]);
    for (const stage of Object.keys(stages)) this.#stage(stage, ['stages', stage]);
    if (option !== undefined) this.#option(option, ['option']);
  }

  #person(name: string, at: Path): void {
    reportStranger(name, this.#facts.directory, [...this.#path, ...at], this.#report);
  }

  #receiver(name: string, at: Path): void {
    const { directory, channels } = this.#facts;
    if (directory.people.has(name) || channels.has(name)) return;
    const known = [...directory.people.keys(), ...channels.keys()];
    this.#say(at, `"${name}" is neither a person nor a channel of the config${suggestion(name, known)}`);
  }

  #stage(name: string, at: Path): void {
    const known = this.#facts.gate.stages.map((stage) => stage.name);
    if (!known.includes(name)) this.#say(at, `"${name}" is not a stage of this gate${suggestion(name, known)}`);
  }

  #option(id: string, at: Path): void {
    const known = this.#facts.gate.options.map((option) => option.id);
    if (!known.includes(id)) this.#say(at, `"${id}" is not an option of this gate${suggestion(id, known)}`);
  }

  #say(at: Path, message: string): void {
    this.#report([...this.#path, ...at], message);
  }
}
