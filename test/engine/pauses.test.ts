/** test/engine/pauses.test.ts: a gate, a pipeline or everything stands still along with a request, and nothing is lost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import { fold } from '../../src/engine/evolve.ts';
import { view } from '../../src/engine/present.ts';
import type { Event, Pause, PauseScope, RequestState } from '../../src/engine/request.ts';
import { dueAt, isOverdue } from '../../src/engine/timers.ts';
import { given } from './given.ts';
import {
  byPerson,
  byPipeline,
  bypass,
  content,
  DAY,
  directory,
  gate,
  HOUR,
  MINUTE,
  officeHours,
  T0,
  vote,
} from './house.ts';

const GATE: PauseScope = { kind: 'gate', id: 'pause_1' };
const PIPELINE: PauseScope = { kind: 'pipeline', id: 'pause_2' };
const EVERYTHING: PauseScope = { kind: 'everything', id: 'pause_3' };
const kim = byPerson('kim');

const pause = (scope?: PauseScope, clocks?: 'run') =>
  ({
    type: 'pause',
    by: scope ? kim : byPipeline(),
    reason: null,
    ...(scope && { scope }),
    ...(clocks && { clocks }),
  }) as const;
const resume = (scope?: PauseScope) =>
  ({ type: 'resume', by: scope ? kim : byPipeline(), ...(scope && { scope }) }) as const;

const remind = { afterMs: HOUR, everyMs: HOUR, max: 9 };
const sla = { targetMs: 4 * HOUR, warnAtMs: 2 * HOUR, calendar: null };
const escalate = [{ afterMs: 3 * HOUR, to: ['mia'], mode: 'add' }] as const;

describe('a pause of more than one request', () => {
  const opened = given(gate(['ana'], 1, { remind }));
  const paused = opened.at(HOUR / 2).when(pause(GATE));

  it('is let in by the bot: who has no part in the request may bring it and take it away', () => {
    paused
      .thenRecords({ type: 'paused', by: kim, scope: GATE })
      .at(2 * HOUR)
      .when(resume(GATE))
      .thenRecords({ type: 'resumed', by: kim, scope: GATE })
      .thenIs({ paused: null, expiresAt: T0 + DAY + 1.5 * HOUR });
  });

  it('comes once, and goes once', () => {
    paused.when(pause(GATE)).thenRecordsNothing();
    paused.when(resume(EVERYTHING)).thenRefuses('not_paused');
    paused.when(resume({ kind: 'gate', id: 'another' })).thenRefuses('not_paused');
  });

  it('is not the request’s own to take away, and takes nothing of it away', () => {
    paused.when(resume()).thenRefuses('paused_elsewhere');
    paused
      .whenAll(pause())
      .when(resume())
      .thenRecords('resumed')
      .thenIs({ paused: { scope: GATE } });
  });

  it('holds the request as long as any is left', () => {
    const three = opened.at(HOUR / 2).whenAll(pause(GATE), pause(PIPELINE), pause());
    three.thenIs({ paused: { scope: GATE }, alsoPaused: [{ scope: PIPELINE }, { by: byPipeline() }] });
    const two = three.whenAll(resume(GATE)).thenIs({ paused: { scope: PIPELINE } });
    two.when(vote('ana')).thenRefuses('paused');
    const none = two.whenAll(resume(PIPELINE), resume());
    expect(none.state).not.toHaveProperty('alsoPaused');
    none.when(vote('ana')).thenEnds('approved');
  });

  it('is gone with the end: a bypass does not wait for it', () => {
    const both = given(gate(['ana'], 1, { bypass: { by: ['mia'] } })).whenAll(pause(GATE), pause(PIPELINE));
    const ended = both.when(bypass('mia')).thenEnds('approved', { cause: 'bypass' });
    expect(ended.state).not.toHaveProperty('paused');
    expect(ended.state).not.toHaveProperty('alsoPaused');
  });
});

describe('pauses that overlap', () => {
  const opened = given(gate(['ana'], 1, { remind }));

  it('count once, whichever goes first', () => {
    const both = opened
      .at(HOUR)
      .whenAll(pause(GATE))
      .at(3 * HOUR)
      .whenAll(pause(PIPELINE));
    for (const [first, second] of [[GATE, PIPELINE] as const, [PIPELINE, GATE] as const])
      both
        .at(5 * HOUR)
        .whenAll(resume(first))
        .at(9 * HOUR)
        .when(resume(second))
        .thenIs({ expiresAt: T0 + DAY + 8 * HOUR, slaFrom: T0 + 8 * HOUR, stages: [{ clockFrom: T0 + 8 * HOUR }] });
  });

  it('apart count each', () => {
    opened
      .at(HOUR)
      .whenAll(pause(GATE))
      .at(2 * HOUR)
      .whenAll(resume(GATE))
      .at(5 * HOUR)
      .whenAll(pause(EVERYTHING))
      .at(7 * HOUR)
      .when(resume(EVERYTHING))
      .thenIs({ expiresAt: T0 + DAY + 3 * HOUR });
  });

  it('one in the other count as the longer one', () => {
    opened
      .at(HOUR)
      .whenAll(pause(GATE))
      .at(2 * HOUR)
      .whenAll(pause(EVERYTHING))
      .at(3 * HOUR)
      .whenAll(resume(EVERYTHING))
      .at(6 * HOUR)
      .when(resume(GATE))
      .thenIs({ expiresAt: T0 + DAY + 5 * HOUR });
  });
});

describe('a pause that lets the clocks run', () => {
  const opened = given(gate(['ana'], 1, { remind, sla, escalate: [...escalate], timeoutMs: 6 * HOUR }));
  const paused = opened.at(HOUR / 2).whenAll(pause(GATE, 'run'));

  it('stops reminders and escalations, and nothing else', () => {
    expect(dueAt(paused.state)).toBe(T0 + 2 * HOUR);
    paused.at(HOUR).tick().thenRecordsNothing();
    paused
      .at(3.5 * HOUR)
      .tick()
      .thenRecords('slaWarned')
      .at(4 * HOUR)
      .tick()
      .thenRecords('slaBreached')
      .tick()
      .thenRecordsNothing();
  });

  it('lets the request expire', () => {
    expect(isOverdue(paused.at(6 * HOUR).state as never, T0 + 6 * HOUR)).toBe(true);
    paused
      .at(6 * HOUR)
      .tick()
      .thenEnds('rejected', { cause: 'timeout' });
  });

  it('moves no deadline when it is over, and catches nothing up in a burst', () => {
    const resumed = paused
      .at(5 * HOUR)
      .tick()
      .when(resume(GATE))
      .thenIs({ expiresAt: T0 + 6 * HOUR, slaFrom: T0, stages: [{ clockFrom: T0 + 4.5 * HOUR }] });
    expect(dueAt(resumed.state)).toBe(T0 + 5.5 * HOUR);
    resumed.tick().thenRecordsNothing();
    resumed
      .at(5.5 * HOUR)
      .tick()
      .thenRecords({ type: 'reminded', count: 1 });
  });

  it('stops the deadline too while another one does', () => {
    const both = paused.at(HOUR).whenAll(pause(EVERYTHING));
    expect(dueAt(both.state)).toBeNull();
    both
      .at(3 * HOUR)
      .whenAll(resume(EVERYTHING))
      .thenIs({ expiresAt: T0 + 8 * HOUR, stages: [{ clockFrom: T0 }], paused: { scope: GATE } })
      .at(4 * HOUR)
      .when(resume(GATE))
      .thenIs({ expiresAt: T0 + 8 * HOUR, stages: [{ clockFrom: T0 + 3.5 * HOUR }] });
  });

  it('does not orphan a request whose pipeline is quiet meanwhile', () => {
    const beating = given(gate(['ana'], 1, { timeoutMs: DAY }), { content: { heartbeatMs: HOUR } });
    const quiet = beating.at(MINUTE).whenAll(pause(GATE, 'run'));
    expect(dueAt(quiet.state)).toBe(T0 + DAY);
    quiet
      .at(5 * HOUR)
      .whenAll(resume(GATE))
      .thenIs({ lastBeatAt: T0 + 5 * HOUR });
  });

  it('does not approve by silence: that takes effect when the pause is over', () => {
    const silent = given(gate(['ana'], 1, { timeoutMs: 2 * HOUR, onTimeout: 'approve' }))
      .whenAll(pause(GATE, 'run'))
      .at(2 * HOUR)
      .tick()
      .thenRecords({ type: 'held', cause: 'timeout' });
    expect(dueAt(silent.state)).toBeNull();
    expect(view(silent.state, { kind: 'everyone' }, silent.people).held?.sentence).toBe(
      'Approved; it takes effect when the pause is over',
    );
    silent
      .at(3 * HOUR)
      .tick()
      .thenRecordsNothing();
    const resumed = silent.at(4 * HOUR).whenAll(resume(GATE));
    expect(dueAt(resumed.state)).toBe(T0 + 2 * HOUR);
    resumed.tick().thenEnds('approved', { cause: 'timeout', decidedAt: T0 + 4 * HOUR });
  });

  it('asks those of a missed target time when it is over', () => {
    const breach = given(
      gate(['ana'], 1, { sla: { targetMs: HOUR, warnAtMs: null, calendar: null, escalateTo: ['mia'] } }),
    );
    breach
      .whenAll(pause(GATE, 'run'))
      .at(2 * HOUR)
      .tick()
      .thenRecords('slaBreached')
      .when(resume(GATE))
      .tick()
      .thenRecords({ type: 'escalated', cause: 'sla', step: null, people: ['mia'] })
      .tick()
      .thenRecordsNothing();
  });
});

describe('a request that opens while its gate is paused', () => {
  const standing: Pause = { by: kim, reason: 'a release train', at: T0 - 5 * HOUR, scope: GATE };
  const open = (definition = gate(['ana']), pauses: readonly Pause[] = [standing]) => {
    const decision = decide(
      null,
      { type: 'open', content: content(), gate: definition, directory: directory(), pauses },
      T0,
    );
    if (decision.kind === 'refused') throw new Error(decision.refusal);
    expect(fold(JSON.parse(JSON.stringify(decision.events)))).toEqual(decision.state);
    return decision;
  };
  const then = (state: RequestState, act: ReturnType<typeof resume>, at: number) => {
    const decision = decide(state, act, at);
    if (decision.kind === 'refused') throw new Error(decision.refusal);
    return decision.state;
  };

  it('is paused from its opening on, and not longer', () => {
    const { state, events } = open();
    expect(events).toMatchObject([{ type: 'opened', pauses: [standing] }]);
    expect(state).toMatchObject({ paused: { at: T0, scope: GATE, reason: 'a release train' } });
    expect(dueAt(state)).toBeNull();
    expect(then(state, resume(GATE), T0 + HOUR)).toMatchObject({ paused: null, expiresAt: T0 + DAY + HOUR });
  });

  it('knows all of them', () => {
    const { state } = open(gate(['ana']), [standing, { ...standing, scope: EVERYTHING, clocks: 'run' }]);
    expect(state).toMatchObject({ alsoPaused: [{ scope: EVERYTHING, clocks: 'run', at: T0 }] });
  });

  it('does not approve itself before that is over', () => {
    const automatic = gate(['ana'], 1, { autoApproveIf: 'true' });
    const { state } = open(automatic);
    expect(state).toMatchObject({ status: 'pending', held: { cause: 'auto' } });
    const resumed = then(state, resume(GATE), T0 + HOUR);
    expect(decide(resumed, { type: 'tick', directory: directory() }, T0 + HOUR)).toMatchObject({
      events: [{ type: 'closed', outcome: { status: 'approved', cause: 'auto' } }],
    });
    const frozen = open({ ...automatic, freeze: { calendar: officeHours(), outside: 'hold' } });
    const night = then(frozen.state, resume(GATE), T0 + 12 * HOUR);
    expect(decide(night, { type: 'tick', directory: directory() }, T0 + 12 * HOUR)).toMatchObject({
      events: [{ type: 'held', until: T0 + DAY, cause: 'auto' }],
    });
  });

  it('opens as ever where nothing is paused', () => {
    const { events, state } = open(gate(['ana']), []);
    expect(events[0]).not.toHaveProperty('pauses');
    expect(state).not.toHaveProperty('alsoPaused');
  });
});

describe('what is said of a pause', () => {
  const opened = given(gate(['ana'], 1, { timeoutMs: DAY }));
  const sentence = (acts: readonly ReturnType<typeof pause>[]) => {
    const { state, people } = opened.whenAll(...acts);
    const { paused, silence } = view(state, { kind: 'everyone' }, people);
    return { says: paused?.sentence, silentAt: silence?.at };
  };

  it('is by whom, what, and why', () => {
    const says = (act: object) => sentence([{ ...pause(GATE), ...act }]).says;
    expect(says({ reason: 'a release train' })).toBe('The gate deploy-prod is paused by Kim Lund: a release train');
    expect(says({ scope: PIPELINE })).toBe('The pipeline ci is paused by Kim Lund');
    expect(says({ scope: EVERYTHING })).toBe('Everything is paused by Kim Lund');
    expect(sentence([pause()]).says).toBe('Paused by pipeline ci');
    expect(sentence([pause(GATE), pause()]).says).toBe(
      'The gate deploy-prod is paused by Kim Lund. Paused by pipeline ci',
    );
  });

  it('is whether the deadline runs on, and then when it is', () => {
    expect(sentence([pause(GATE)]).silentAt).toBeNull();
    expect(sentence([pause(GATE, 'run')])).toEqual({
      says: 'The gate deploy-prod is paused by Kim Lund. The deadline runs on',
      silentAt: T0 + DAY,
    });
    expect(sentence([pause(GATE, 'run'), pause()]).silentAt).toBeNull();
  });
});

describe('whatever is paused, however it overlaps', () => {
  const scopes = [undefined, GATE, PIPELINE, EVERYTHING];
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 3 * HOUR }),
    which: fc.integer({ min: 0, max: 3 }),
    clocks: fc.constantFrom(undefined, 'run' as const),
  });

  it('each clock moves by the length of the union of its pauses', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let state = given(gate(['ana'], 1, { timeoutMs: 1000 * DAY })).state;
        const standing = new Map<number, 'stop' | 'run'>();
        let now = T0;
        let [asking, deadline] = [0, 0];
        const pass = (ms: number) => {
          now += ms;
          if (standing.size > 0) asking += ms;
          if ([...standing.values()].includes('stop')) deadline += ms;
        };
        const events: Event[] = [];
        const act = (command: ReturnType<typeof pause> | ReturnType<typeof resume>) => {
          const decision = decide(state, command, now);
          if (decision.kind === 'refused') throw new Error(decision.refusal);
          events.push(...decision.events);
          state = decision.state;
        };
        for (const { wait, which, clocks } of steps) {
          pass(wait);
          if (standing.delete(which)) act(resume(scopes[which]));
          else {
            act(pause(scopes[which], clocks));
            standing.set(which, clocks ?? 'stop');
          }
        }
        pass(HOUR);
        for (const which of [...standing.keys()]) act(resume(scopes[which]));
        expect(state).toMatchObject({
          paused: null,
          expiresAt: T0 + 1000 * DAY + deadline,
          slaFrom: T0 + deadline,
          stages: [{ clockFrom: T0 + asking }],
        });
      }),
      { numRuns: 500 },
    );
  });
});
