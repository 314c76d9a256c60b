/**
 * test/engine/given.ts: how a specification of the engine is written: `given` a gate, `when` somebody does something,
 * `then` this is recorded. Time is virtual and starts on a Monday morning; every step also proves that the events
 * alone, as they come back from disk, lead to the same state.
 */
import { expect } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import type { GateDefinition } from '../../src/engine/definition.ts';
import type { Directory } from '../../src/engine/directory.ts';
import { fold } from '../../src/engine/evolve.ts';
import { type Refusal, words } from '../../src/engine/refusal.ts';
import type { Content, Decision, Event, RequestState } from '../../src/engine/request.ts';
import { type Act, content, directory, T0, withDirectory } from './house.ts';

/** What an event is expected to say: its type alone, or some of its facts. */
type Expected = Event['type'] | ({ readonly type: Event['type'] } & Readonly<Record<string, unknown>>);

/** One request from its opening on. Each step answers a new story; the one before stays as it was. */
export class Story {
  readonly #history: readonly Event[];
  readonly #decision: Decision;
  readonly #state: RequestState | null;
  readonly #people: Directory;
  readonly now: number;

  constructor(
    history: readonly Event[],
    decision: Decision,
    state: RequestState | null,
    people: Directory,
    now: number,
  ) {
    this.#history = history;
    this.#decision = decision;
    this.#state = state;
    this.#people = people;
    this.now = now;
  }

  get state(): RequestState {
    if (this.#state === null) throw new Error('the request did not open');
    return this.#state;
  }

  get history(): readonly Event[] {
    return this.#history;
  }

  get decision(): Decision {
    return this.#decision;
  }

  get people(): Directory {
    return this.#people;
  }

  /** Sets the clock to so many ms after the opening. */
  at(ms: number): Story {
    return new Story(this.#history, this.#decision, this.#state, this.#people, T0 + ms);
  }

  /** From now on the directory says something else. */
  whenDirectory(people: Directory): Story {
    return new Story(this.#history, this.#decision, this.#state, people, this.now);
  }

  when(act: Act): Story {
    const decision = decide(this.state, withDirectory(act, this.#people), this.now);
    if (decision.kind === 'refused') {
      expect(words[decision.refusal]).toMatch(/\.$/);
      return new Story(this.#history, decision, this.state, this.#people, this.now);
    }
    const history = [...this.#history, ...decision.events];
    expect(fold(JSON.parse(JSON.stringify(history)))).toEqual(decision.state);
    return new Story(history, decision, decision.state, this.#people, this.now);
  }

  whenAll(...acts: readonly Act[]): Story {
    return acts.reduce((story: Story, act) => story.when(act).thenAccepts(), this);
  }

  tick(): Story {
    return this.when({ type: 'tick' });
  }

  thenAccepts(): this {
    expect(this.#decision).toMatchObject({ kind: 'accepted' });
    return this;
  }

  /** Exactly these events came of the last step. */
  thenRecords(...expected: readonly Expected[]): this {
    this.thenAccepts();
    const events = this.#decision.kind === 'accepted' ? this.#decision.events : [];
    expect(events.map(({ type }) => type)).toEqual(expected.map((e) => (typeof e === 'string' ? e : e.type)));
    expect(events).toMatchObject(expected.map((e) => (typeof e === 'string' ? { type: e } : e)));
    return this;
  }

  thenRecordsNothing(): this {
    return this.thenRecords();
  }

  thenRefuses(refusal: Refusal, ...paths: readonly string[]): this {
    expect(this.#decision).toMatchObject({ kind: 'refused', refusal });
    const errors = this.#decision.kind === 'refused' ? this.#decision.errors : [];
    if (paths.length > 0) expect(errors.map(({ path }) => path)).toEqual(paths);
    return this;
  }

  thenIs(expected: Readonly<Record<string, unknown>>): this {
    expect(this.state).toMatchObject(expected);
    return this;
  }

  thenIsPending(): this {
    return this.thenIs({ status: 'pending' });
  }

  /** The request ended so; `outcome` names what matters of it. */
  thenEnds(status: 'approved' | 'rejected' | 'cancelled', outcome: Readonly<Record<string, unknown>> = {}): this {
    return this.thenIs({ status, outcome: { status, ...outcome } });
  }
}

interface Given {
  readonly content?: Partial<Content>;
  readonly people?: Directory;
}

/** A request is asked for; it may be refused. */
export function opening(definition: GateDefinition, { content: more, people = directory() }: Given = {}): Story {
  const decision = decide(null, { type: 'open', content: content(more), gate: definition, directory: people }, T0);
  if (decision.kind === 'refused') return new Story([], decision, null, people, T0);
  expect(fold(JSON.parse(JSON.stringify(decision.events)))).toEqual(decision.state);
  return new Story(decision.events, decision, decision.state, people, T0);
}

/** A request that opened. */
export const given = (definition: GateDefinition, more: Given = {}): Story => opening(definition, more).thenAccepts();
