/**
 * test/engine/properties.test.ts: what must hold whatever happens, tried with gates, people, commands and clocks made
 * up at random. Cases that once failed stay as examples in the specifications beside this one.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import { fold } from '../../src/engine/evolve.ts';
import { approversBefore, currentApprovers, excludedPerson } from '../../src/engine/quorum.ts';
import type { Event, RequestState, StageState } from '../../src/engine/request.ts';
import { dueAt } from '../../src/engine/timers.ts';
import { anyAct, anyLife, type Life, NEVER_TRUE, type Played, play, reachableDirectory } from './arbitrary.ts';
import { DAY, directory, HOUR, MINUTE, T0, withDirectory } from './house.ts';

const RUNS = 1000;
/** The end of time: a freeze that never ends is held until then, and nothing happens there. */
const NEVER = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Lives that open; the others say nothing here. */
const always = (name: string, holds: (played: Played, life: Life) => void, lives = anyLife()) =>
  it(name, () => {
    fc.assert(
      fc.property(lives, (life) => {
        const played = play(life);
        if (played.state !== null) holds(played, life);
      }),
      { numRuns: RUNS },
    );
  });

const eventsOf = <T extends Event['type']>(events: readonly Event[], type: T) =>
  events.filter((event): event is Extract<Event, { readonly type: T }> => event.type === type);

describe('an outcome', () => {
  always('comes at most once; only one review and reports of what was not delivered follow it', ({ events }) => {
    expect(eventsOf(events, 'closed').length).toBeLessThanOrEqual(1);
    const end = events.findIndex(({ type }) => type === 'closed');
    const after = end === -1 ? [] : events.slice(end + 1).map(({ type }) => type);
    expect(after.filter((type) => type !== 'bypassReviewed' && type !== 'undelivered')).toEqual([]);
    expect(after.filter((type) => type === 'bypassReviewed').length).toBeLessThanOrEqual(1);
  });

  always('once reached is not moved by time', ({ state }) => {
    if (state === null || state.status === 'pending') return;
    for (const now of [0, T0, T0 + 400 * DAY]) {
      const decision = decide(state, { type: 'tick', directory: directory() }, now);
      expect(decision).toEqual({ kind: 'accepted', events: [], state });
    }
  });

  always('says how it came about', ({ state }) => {
    if (state === null || state.status === 'pending') return;
    const { status, cause, decidedBy } = state.outcome;
    expect(status).toBe(state.status);
    if (cause === 'votes' || cause === 'bypass') expect(decidedBy.length).toBeGreaterThan(0);
    if (cause === 'auto' || cause === 'timeout' || cause === 'orphaned') expect(decidedBy).toEqual([]);
    if (status === 'approved') expect(['votes', 'timeout', 'auto', 'bypass']).toContain(cause);
  });
});

describe('the events', () => {
  always('alone lead to the state that was decided, also when they come back from disk', ({ events, state }) => {
    expect(fold(events)).toEqual(state);
    expect(fold(JSON.parse(JSON.stringify(events)))).toEqual(state);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    expect(state?.version).toBe(events.length);
  });

  always('of a refused command are none', ({ steps }) => {
    for (const { decision } of steps)
      if (decision.kind === 'refused') expect(Object.keys(decision)).toEqual(['kind', 'refusal', 'errors']);
  });
});

describe('counting', () => {
  always('nobody counts twice', ({ steps }) => {
    for (const { decision } of steps) {
      if (decision.kind === 'refused') continue;
      const counted = decision.state.votes.filter((vote) => vote.counts);
      const keys = counted.map((vote) => `${vote.stage} ${vote.person}`);
      expect(new Set(keys).size).toBe(keys.length);
      if (decision.state.gate.distinct !== 'request') continue;
      const approving = counted.filter((vote) => vote.outcome === 'approved').map((vote) => vote.person);
      expect(new Set(approving).size).toBe(approving.length);
    }
  });

  always('the requester decides nothing where it is forbidden', ({ state }) => {
    if (state === null) return;
    const requester = excludedPerson(state.gate, state.content.requester);
    if (requester === null) return;
    expect(state.votes.map((vote) => vote.person)).not.toContain(requester);
    if (state.status !== 'pending' && state.status !== 'cancelled')
      expect(state.outcome.decidedBy).not.toContain(requester);
  });

  always('a stage passes only with its quorum of distinct people, eligible at that moment', ({ steps }) => {
    for (const { before, act, now, directory: people, decision } of steps) {
      if (decision.kind === 'refused' || before === null || act.type !== 'vote') continue;
      for (const { stage } of eventsOf(decision.events, 'stagePassed')) {
        const asked = before.stages[stage];
        if (asked === undefined) throw new Error('there is no such stage');
        const voters = approving(decision.state, stage);
        const eligible = asked.rules.map((rule) => currentApprovers(before, rule, people, now)?.people ?? []);
        expect(voters.filter((id) => !eligible.flat().includes(id))).toEqual([]);
        expect(canSeat(asked, eligible, voters, before.gate.distinct === 'off')).toBe(true);
      }
    }
  });

  always('approved by votes means that every stage that applied has passed', ({ state }) => {
    if (state?.status !== 'approved' || state.outcome.cause !== 'votes') return;
    for (const [index, stage] of state.stages.entries()) {
      expect(['passed', 'skipped']).toContain(stage.state);
      if (stage.state === 'skipped') continue;
      const eligible = stage.rules.map((rule) => rule.approvers);
      const voters = approving(state, index);
      expect(canSeat(stage, eligible, voters, state.gate.distinct === 'off')).toBe(true);
      expect(voters.filter((id) => !state.outcome.decidedBy.includes(id))).toEqual([]);
    }
  });

  always('rejected by votes means that somebody said no', ({ state }) => {
    if (state?.status !== 'rejected' || state.outcome.cause !== 'votes') return;
    const noes = state.votes.filter((vote) => vote.counts && vote.outcome === 'rejected');
    expect(new Set(state.outcome.decidedBy)).toEqual(new Set(noes.map((vote) => vote.person)));
    expect(noes.length).toBeGreaterThan(0);
  });
});

const approving = (state: RequestState, stage: number): readonly string[] => {
  const used = state.gate.distinct === 'request' ? approversBefore(state.votes, stage) : new Set<string>();
  return state.votes
    .filter((vote) => vote.stage === stage && vote.counts && vote.outcome === 'approved' && !used.has(vote.person))
    .map((vote) => vote.person);
};

/** Tries every way of seating the voters: slow and plain, so that it can be trusted to judge the engine's fast one. */
function canSeat(
  stage: StageState,
  eligible: readonly (readonly string[])[],
  voters: readonly string[],
  shared: boolean,
): boolean {
  const open = stage.rules.map((rule) => rule.needed);
  if (shared) return open.every((needed, i) => voters.filter((id) => eligible[i]?.includes(id)).length >= needed);
  const seat = (next: number, left: readonly number[]): boolean => {
    if (left.every((needed) => needed <= 0)) return true;
    const voter = voters[next];
    if (voter === undefined) return false;
    return (
      seat(next + 1, left) ||
      left.some(
        (needed, i) =>
          needed > 0 &&
          eligible[i]?.includes(voter) === true &&
          seat(
            next + 1,
            left.map((n, k) => (k === i ? n - 1 : n)),
          ),
      )
    );
  };
  return seat(0, open);
}

describe('errors never approve', () => {
  const broken = anyLife({ autoApproveIf: fc.constantFrom(...NEVER_TRUE) });

  always(
    'an expression that fails leaves the approval to votes, the deadline or a bypass',
    ({ state }) => {
      if (state?.status === 'approved') expect(['votes', 'timeout', 'bypass']).toContain(state.outcome.cause);
    },
    broken,
  );

  always('a vote while any of its sources cannot be asked counts nothing', ({ steps }) => {
    for (const { before, act, decision, directory: people } of steps) {
      if (act.type !== 'vote' || before === null || decision.kind === 'refused') continue;
      if (before.status !== 'pending' || decision.events.length === 0) continue;
      const refs = before.stages.find((stage) => stage.state === 'open')?.rules.flatMap((rule) => rule.refs) ?? [];
      expect(refs.filter((ref) => people.groups.get(ref) === 'unavailable')).toEqual([]);
    }
  });
});

/** What resolving the approvers anew may bring along with a step. */
const WHO_DECIDES = new Set<Event['type']>(['approversChanged', 'voteDiscounted', 'released']);

describe('time', () => {
  const ticking = anyLife({
    act: fc.oneof({ weight: 5, arbitrary: fc.constant({ type: 'tick' } as const) }, anyAct),
  });

  always(
    'brings each step at most once, whatever the gaps and repeats',
    ({ events, steps }) => {
      const escalations = eventsOf(events, 'escalated').map(({ stage, step }) =>
        step === null ? 'sla' : `${stage} ${step}`,
      );
      expect(new Set(escalations).size).toBe(escalations.length);
      expect(eventsOf(events, 'slaWarned').length).toBeLessThanOrEqual(1);
      expect(eventsOf(events, 'slaBreached').length).toBeLessThanOrEqual(1);
      const seen = new Map<number, number>();
      let repeated = 0;
      for (const { stage, count } of eventsOf(events, 'reminded')) {
        const before = seen.get(stage) ?? 0;
        expect(count).toBeGreaterThanOrEqual(before);
        if (count === before) repeated++; // the end of somebody's quiet, which is no step of the schedule
        seen.set(stage, count);
      }
      expect(repeated).toBeLessThanOrEqual(eventsOf(events, 'snoozed').length);
      for (const { act, decision } of steps)
        if (act.type === 'tick' && decision.kind === 'accepted')
          expect(eventsOf(decision.events, 'reminded').length).toBeLessThanOrEqual(1);
    },
    ticking,
  );

  always('a second tick at the same moment does nothing', ({ steps }) => {
    for (const { act, now, directory: people, decision } of steps) {
      if (act.type !== 'tick' || decision.kind === 'refused') continue;
      expect(decide(decision.state, { type: 'tick', directory: people }, now)).toMatchObject({ events: [] });
    }
  });

  always('a tick after a long outage reminds once at most, and is soon done', ({ steps }) => {
    for (const { decision, now } of steps) {
      if (decision.kind === 'refused') continue;
      const late = decide(decision.state, { type: 'tick', directory: directory() }, now + 90 * DAY);
      if (late.kind === 'refused') throw new Error('a tick is never refused');
      expect(eventsOf(late.events, 'reminded').length).toBeLessThanOrEqual(1);
      const steps = late.events.filter(({ type }) => !WHO_DECIDES.has(type));
      // A missed target time and whom it asks, the steps of the chain, and one reminder.
      expect(steps.length).toBeLessThanOrEqual(3 + decision.state.gate.escalate.length);
    }
  });

  it('does nothing before it is due, and something when it is', () => {
    fc.assert(
      fc.property(anyLife(), reachableDirectory, (life, people) => {
        for (const { decision } of play(life).steps) {
          if (decision.kind === 'refused') continue;
          const { state } = decision;
          const due = dueAt(state);
          const at = (now: number) => decide(state, { type: 'tick', directory: people }, now);
          const before = due === null ? [T0, T0 + 90 * DAY] : [due - 1, due - HOUR, due - 30 * DAY];
          for (const now of before) expect(at(now)).toMatchObject({ events: [] });
          if (due === null || due === NEVER) continue;
          const then = at(due);
          expect(then.kind === 'accepted' && then.events.length > 0).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('runs out: whoever ticks whenever something is due comes to an end', () => {
    fc.assert(
      fc.property(anyLife(), (life) => {
        const { state } = play(life);
        let current = state;
        for (let i = 0; current !== null; i++) {
          const due = dueAt(current);
          if (due === null || due === NEVER) break;
          expect(i).toBeLessThan(200);
          const decision = decide(current, { type: 'tick', directory: directory({ groups: { g1: [], g2: [] } }) }, due);
          if (decision.kind === 'refused') throw new Error('a tick is never refused');
          current = decision.state;
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('replays', () => {
  it('of a first vote that carries what it was shown do nothing, however late', () => {
    fc.assert(
      fc.property(anyLife(), fc.array(fc.tuple(anyAct, fc.constantFrom(0, MINUTE))), (life, later) => {
        const [people] = life.directories;
        for (const { before, act, decision, now } of play(life).steps) {
          if (act.type !== 'vote' || act.replaces !== null || before === null) continue;
          if (decision.kind === 'refused' || decision.events.length === 0) continue;
          const click = withDirectory({ ...act, shown: before.version }, people);
          let state = decision.state;
          let clock = now;
          for (const [next, wait] of [[null, 0] as const, ...later]) {
            clock += wait;
            const moved = next === null ? null : decide(state, withDirectory(next, people), clock);
            if (moved?.kind === 'accepted') state = moved.state;
            const replayed = decide(state, click, clock);
            expect(replayed.kind === 'refused' || replayed.events.length === 0).toBe(true);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });
});
