/**
 * test/engine/timers.test.ts: every timer fires exactly once, whenever somebody looks, however long nobody did, from
 * whatever was written down, and with whatever pauses in between. A plain count of the time that passed judges it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import type { GateDefinition } from '../../src/engine/definition.ts';
import { fold } from '../../src/engine/evolve.ts';
import type { Event, PauseScope, RequestState } from '../../src/engine/request.ts';
import { dueAt } from '../../src/engine/timers.ts';
import { given } from './given.ts';
import { type Act, byPerson, byPipeline, directory, gate, HOUR, MINUTE, T0, withDirectory } from './house.ts';

const people = directory();
const SCOPES: readonly (PauseScope | undefined)[] = [
  undefined,
  { kind: 'gate', id: 'p1' },
  { kind: 'pipeline', id: 'p2' },
  { kind: 'everything', id: 'p3' },
];

const minutes = (max: number) => fc.integer({ min: 1, max }).map((count) => count * MINUTE);

/** A gate on which everything is set, with its steps in rising order. */
const timed: fc.Arbitrary<GateDefinition> = fc
  .record({
    after: minutes(240),
    every: fc.option(minutes(120), { nil: null }),
    max: fc.integer({ min: 1, max: 6 }),
    steps: fc.uniqueArray(minutes(1200), { maxLength: 4 }),
    target: minutes(1000),
    warning: fc.option(fc.integer({ min: 1, max: 99 }), { nil: null }),
    timeout: fc.option(minutes(2000), { nil: null }),
    asksAtBreach: fc.boolean(),
  })
  .map(({ after, every, max, steps, target, warning, timeout, asksAtBreach }) =>
    gate(['ana', 'ben'], 2, {
      remind: { afterMs: after, everyMs: every, max: every === null ? 1 : max },
      escalate: steps
        .toSorted((a, b) => a - b)
        .map((afterMs, i) => ({ afterMs, to: [['mia', 'dan', 'eve', 'kim'][i] ?? 'mia'], mode: 'add' })),
      sla: {
        targetMs: target,
        warnAtMs: warning === null ? null : Math.max(1, Math.floor((target * warning) / 100)),
        calendar: null,
        ...(asksAtBreach && { escalateTo: ['kim', 'eve'] }),
      },
      timeoutMs: timeout,
    }),
  );

interface Moment {
  readonly wait: number;
  readonly does: 'tick' | 'restart' | 'pause';
  readonly which: number;
  readonly runs: boolean;
}

const moment: fc.Arbitrary<Moment> = fc.record({
  wait: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 90 * MINUTE }) }, minutes(900)),
  does: fc.constantFrom('tick', 'tick', 'tick', 'restart', 'pause'),
  which: fc.integer({ min: 0, max: 3 }),
  runs: fc.boolean(),
});

/** The time that has passed on each clock, counted by itself: it knows nothing of how the engine does it. */
class Clocks {
  now = T0;
  asking = 0;
  deadline = 0;
  readonly pauses = new Map<number, 'stop' | 'run'>();

  pass(ms: number): void {
    this.now += ms;
    if (!this.isPaused) this.asking += ms;
    if (!this.isStopped) this.deadline += ms;
  }
  get isPaused(): boolean {
    return this.pauses.size > 0;
  }
  get isStopped(): boolean {
    return [...this.pauses.values()].includes('stop');
  }
}

/** What a tick is to record now, given what was recorded before. */
function expected(definition: GateDefinition, clocks: Clocks, before: readonly Event[]): readonly string[] {
  const { remind, escalate, sla, timeoutMs } = definition;
  const has = (text: string) => before.some((event) => named(event) === text);
  if (has('closed')) return [];
  if (timeoutMs !== null && !clocks.isStopped && clocks.deadline >= timeoutMs) return ['closed'];
  const fires: string[] = [];
  const isBreached = sla !== null && clocks.deadline >= sla.targetMs;
  if (sla !== null && !clocks.isStopped && !has('slaBreached')) {
    if (isBreached) fires.push('slaBreached');
    else if (sla.warnAtMs !== null && clocks.deadline >= sla.warnAtMs && !has('slaWarned')) fires.push('slaWarned');
  }
  if (clocks.isPaused) return fires;
  const wasBreached = has('slaBreached') || fires.includes('slaBreached');
  if (wasBreached && sla?.escalateTo !== undefined && !has('escalated sla')) fires.push('escalated sla');
  for (const [step, { afterMs }] of escalate.entries())
    if (clocks.asking >= afterMs && !has(`escalated ${step}`)) fires.push(`escalated ${step}`);
  if (remind !== null) {
    const since = clocks.asking - remind.afterMs;
    const due =
      since < 0 ? 0 : remind.everyMs === null ? 1 : Math.min(remind.max, 1 + Math.floor(since / remind.everyMs));
    if (due > 0 && !has(`reminded ${due}`)) fires.push(`reminded ${due}`);
  }
  return fires;
}

function named(event: Event): string {
  if (event.type === 'escalated') return `escalated ${event.step ?? 'sla'}`;
  return event.type === 'reminded' ? `reminded ${event.count}` : event.type;
}

const written = (events: readonly Event[]): readonly Event[] => JSON.parse(JSON.stringify(events));

describe('every timer', () => {
  it('fires exactly once and in time: each reminder, step, warning, missed target and deadline', () => {
    fc.assert(
      fc.property(timed, fc.array(moment, { maxLength: 40, size: 'max' }), (definition, moments) => {
        const opened = given(definition);
        const clocks = new Clocks();
        const events: Event[] = [...opened.history];
        let state: RequestState = opened.state;
        const act = (what: Act): readonly Event[] => {
          const decision = decide(state, withDirectory(what, people), clocks.now);
          if (decision.kind === 'refused') return [];
          events.push(...decision.events);
          state = decision.state;
          return decision.events;
        };
        for (const { wait, does, which, runs } of [
          ...moments,
          { wait: 9000 * HOUR, does: 'tick', which: 0, runs: false },
        ]) {
          clocks.pass(wait);
          const scope = SCOPES[which];
          const by = scope === undefined ? byPipeline() : byPerson('kim');
          const about = { by, ...(scope && { scope }) };
          if (does === 'restart') state = fold(written(events));
          if (does === 'pause' && clocks.pauses.has(which)) {
            if (act({ type: 'resume', ...about }).length > 0) clocks.pauses.delete(which);
          } else if (does === 'pause') {
            const paused = act({ type: 'pause', reason: null, ...about, ...(runs && { clocks: 'run' as const }) });
            if (paused.length > 0) clocks.pauses.set(which, runs ? 'run' : 'stop');
          }
          const should = expected(definition, clocks, events);
          const due = dueAt(state);
          if (state.status === 'pending') expect(due !== null && due <= clocks.now).toBe(should.length > 0);
          expect(act({ type: 'tick' }).map(named)).toEqual(should);
        }
        const once = events.map(named).filter((name) => !/^(paused|resumed)/.test(name));
        expect(new Set(once).size).toBe(once.length);
        expect(fold(written(events))).toEqual(state);
      }),
      { numRuns: 1500 },
    );
  });
});
