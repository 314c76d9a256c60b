/**
 * src/bot/gate-tests/check.ts: expectations against what happened. What differs is said in lines that people read:
 * names with ids, moments since the opening with the clock's time, the expected beside the real.
 */
import { missingApprovers } from '../../engine/asked.ts';
import type { Instant, Json } from '../../engine/definition.ts';
import type { Path } from '../config/index.ts';
import { tellingMismatches } from './check-told.ts';
import type { Expectation } from './expect.ts';
import { askedIn, callsOf } from './facts.ts';
import { momentText } from './moments.ts';
import { clockHint, type Mismatch, nameOf, type Standing } from './standing.ts';

export function mismatchesOf(expectation: Expectation, standing: Standing): readonly Mismatch[] {
  const checker = new Checker(expectation, standing);
  checker.outcome();
  checker.people();
  checker.progress();
  checker.calls();
  return [...checker.found, ...tellingMismatches(expectation, standing)];
}

class Checker {
  readonly found: Mismatch[] = [];
  readonly #expectation: Expectation;
  readonly #standing: Standing;

  constructor(expectation: Expectation, standing: Standing) {
    this.#expectation = expectation;
    this.#standing = standing;
  }

  outcome(): void {
    const { shape, at } = this.#expectation;
    const { state } = this.#standing;
    const outcome = state.status === 'pending' ? null : state.outcome;
    this.#value('status', shape.status, state.status);
    if (at !== null)
      this.#lines('at', [this.#moment(at)], [outcome === null ? 'still pending' : this.#moment(outcome.decidedAt)]);
    this.#value('cause', shape.cause, outcome?.cause);
    this.#value('option', shape.option, outcome?.option);
    this.#value('reason', shape.reason, outcome?.reason);
    this.#value('title', shape.title, state.content.title);
    if (shape.by !== undefined) this.#set('by', shape.by, outcome?.decidedBy ?? []);
    if (shape.inputs !== undefined)
      this.#lines('inputs', entriesText(shape.inputs), entriesText({ ...(outcome?.inputs ?? {}) }));
  }

  people(): void {
    const { asked, notAsked, waitingFor, votes } = this.#expectation.shape;
    const { moments, state } = this.#standing;
    const stages = askedIn(moments);
    const everybody = [...new Set([...stages.values()].flat())];
    if (Array.isArray(asked)) this.#set('asked', asked, everybody);
    else
      for (const [stage, people] of Object.entries(asked ?? {}))
        this.#set(`asked in “${stage}”`, people, stages.get(stage) ?? [], ['asked', stage]);
    for (const [i, person] of notAsked?.entries() ?? [])
      if (everybody.includes(person))
        this.#add(['notAsked', i], 'notAsked', [`not ${this.#name(person)}`], [`${this.#name(person)} was asked`]);
    if (waitingFor !== undefined) this.#set('waitingFor', waitingFor, missingApprovers(state));
    if (votes !== undefined) {
      // Whoever voted in several stages is there with their last vote.
      const counted = new Map(state.votes.filter(({ counts }) => counts).map(({ person, option }) => [person, option]));
      const line = ([person, option]: readonly [string, string]) => `${this.#name(person)}: ${option}`;
      this.#lines('votes', Object.entries(votes).map(line).sort(), [...counted].map(line).sort());
    }
  }

  progress(): void {
    const { shape, heldUntil, deadline } = this.#expectation;
    const { state } = this.#standing;
    const { stages, gate, expiresAt } = state;
    if (shape.skipped !== undefined) {
      const skipped = stages.filter((stage) => stage.state === 'skipped').map(({ name }) => name);
      this.#lines('skipped', [...shape.skipped].sort(), skipped.sort());
    }
    for (const [name, expected] of Object.entries(shape.stages ?? {})) {
      const got = stages.find((stage) => stage.name === name)?.state;
      if (got !== expected) this.#add(['stages', name], `stage “${name}”`, [expected], [got ?? 'is not there']);
    }
    const held = state.status === 'pending' ? state.held : null;
    if (typeof shape.held === 'boolean') this.#value('held', shape.held, held !== null);
    if (heldUntil !== null)
      this.#lines('held', [this.#moment(heldUntil)], [held === null ? 'not held' : this.#moment(held.until)]);
    this.#value('paused', shape.paused, state.status === 'pending' && state.paused !== null);
    if (deadline !== null)
      this.#lines(
        'deadline',
        [deadline === 'never' ? 'never' : this.#moment(deadline)],
        [expiresAt === null ? 'never' : this.#moment(expiresAt)],
      );
    const sla = state.slaBreached ? 'breached' : state.slaWarned ? 'warned' : gate.sla === null ? 'none' : 'met';
    this.#value('sla', shape.sla, sla);
  }

  calls(): void {
    const { calls } = this.#expectation;
    if (calls === null) return;
    const made = callsOf(this.#standing.moments);
    const left = [...made];
    const got: string[] = [];
    for (const { call, body } of calls) {
      const i = left.findIndex((real) => real.call === call);
      const real = left[i];
      if (real === undefined) continue;
      left.splice(i, 1);
      got.push(callText(real.call, body === undefined ? undefined : real.body));
    }
    this.#lines(
      'calls',
      calls.map(({ call, body }) => callText(call, body)),
      [...got, ...left.map(({ call, body }) => callText(call, body))],
    );
  }

  #name(id: string): string {
    return nameOf(id, this.#standing.plan);
  }

  #moment(at: Instant): string {
    return momentText(at, this.#standing.plan.scene.from);
  }

  #set(what: string, expected: readonly string[], got: readonly string[], at: Path = [what]): void {
    const lines = (ids: readonly string[]) =>
      ids.length === 0 ? ['nobody'] : [...new Set(ids)].map((id) => this.#name(id)).sort();
    this.#lines(what, lines(expected), lines(got), at);
  }

  /** Not checked where nothing is expected. */
  #value(what: string, expected: string | boolean | undefined, got: string | boolean | null | undefined): void {
    if (expected !== undefined && expected !== got)
      this.#add([what], what, [String(expected)], [String(got ?? 'none')]);
  }

  #lines(what: string, expected: readonly string[], got: readonly string[], at: Path = [what]): void {
    if (expected.length === got.length && expected.every((line, i) => line === got[i])) return;
    this.#add(at, what, expected, got);
  }

  #add(at: Path, what: string, expected: readonly string[], got: readonly string[]): void {
    const orNone = (lines: readonly string[]) => (lines.length === 0 ? ['none'] : lines);
    const path = [...this.#expectation.path, ...at];
    const mayBeEarly = (at[0] === 'status' || at[0] === 'at') && this.#expectation.shape.status !== 'pending';
    const hint = mayBeEarly ? clockHint(this.#standing) : null;
    this.found.push({ path, what, expected: orNone(expected), got: orNone(got), hint });
  }
}

const callText = (call: string, body: Json | undefined): string =>
  body === undefined || body === null ? call : `${call} ${jsonOf(body)}`;

const entriesText = (entries: Readonly<Record<string, Json>>): string[] =>
  Object.entries(entries)
    .map(([name, value]) => `${name}: ${jsonOf(value)}`)
    .sort();

/** The same value gives the same text, whatever order its keys are written in. */
function jsonOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(jsonOf).join(', ')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}: ${jsonOf(inner)}`).join(', ')}}`;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
