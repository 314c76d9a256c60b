/** test/engine/deadlines.test.ts: how time ends a request: by its deadline, or because the pipeline is gone; and what is due when. */
import { describe, expect, it } from 'vitest';
import { dueAt } from '../../src/engine/timers.ts';
import { given } from './given.ts';
import {
  byPerson,
  byPipeline,
  bypass,
  canaryOptions,
  DAY,
  gate,
  HOUR,
  neverOpen,
  officeHours,
  T0,
  vote,
  withdraw,
} from './house.ts';

const pause = { type: 'pause', by: byPipeline(), reason: 'release train' } as const;
const resume = { type: 'resume', by: byPipeline() } as const;

describe('the deadline', () => {
  it.each([
    ['reject', 'rejected', null],
    ['approve', 'approved', null],
    ['canary', 'approved', 'canary'],
    ['stop', 'rejected', 'stop'],
    ['no such option', 'rejected', null],
  ] as const)('with onTimeout %s ends the request as %s', (onTimeout, status, option) => {
    given(gate(['ana'], 1, { onTimeout, options: canaryOptions }))
      .at(DAY - 1)
      .tick()
      .thenRecordsNothing()
      .at(DAY)
      .tick()
      .thenRecords('closed')
      .thenEnds(status, { cause: 'timeout', option, decidedBy: [], decidedAt: T0 + DAY });
  });

  it('by default approves and rejects by the plain options', () => {
    given(gate(['ana'], 1, { onTimeout: 'approve' }))
      .at(DAY)
      .tick()
      .thenEnds('approved', { option: 'approve' });
    given(gate(['ana']))
      .at(DAY)
      .tick()
      .thenEnds('rejected', { option: 'reject' });
  });

  it('is the deadline, even when no tick has run yet', () => {
    const late = given(gate(['ana', 'ben'], 1, { bypass: { by: ['mia'] } }), { content: { requester: 'dan' } }).at(DAY);
    for (const act of [vote('ana'), vote('ana', 'reject'), withdraw('ana'), bypass('mia'), pause])
      late.when(act).thenRefuses('past_deadline').thenIsPending();
    late.when({ type: 'cancel', by: byPipeline(), reason: null }).thenRefuses('past_deadline');
    late.when({ type: 'comment', by: byPerson('ana'), text: 'late' }).thenRefuses('past_deadline');
  });

  it('does not come to a request without one', () => {
    const open = given(gate(['ana'], 1, { timeoutMs: null }));
    expect(dueAt(open.state)).toBeNull();
    open
      .at(4000 * DAY)
      .tick()
      .thenRecordsNothing()
      .when(vote('ana'))
      .thenEnds('approved');
  });

  it('counts a vote of the moment before', () => {
    given(gate(['ana']))
      .at(DAY - 1)
      .when(vote('ana'))
      .thenEnds('approved');
  });
});

describe('the heartbeat', () => {
  const beating = given(gate(['ana', 'ben'], 2), { content: { heartbeatMs: HOUR } });
  const beat = { type: 'heartbeat' } as const;

  it('keeps a request alive', () => {
    const story = beating
      .at(50 * 60_000)
      .when(beat)
      .thenRecords('beat')
      .at(HOUR)
      .tick()
      .thenRecordsNothing();
    expect(dueAt(story.state)).toBe(T0 + 50 * 60_000 + HOUR);
  });

  it('that stops orphans it', () => {
    beating
      .at(HOUR)
      .tick()
      .thenEnds('cancelled', { cause: 'orphaned', decidedBy: [], reason: 'the pipeline stopped beating' });
  });

  it('that comes too late, or after votes that did, is too late', () => {
    beating.at(HOUR).when(beat).thenRefuses('past_deadline');
    beating.at(HOUR).when(vote('ana')).thenRefuses('past_deadline');
  });

  it('is only for requests opened with one', () => {
    given(gate()).when(beat).thenRefuses('no_heartbeat');
  });

  it('outlived by the deadline leaves the deadline its due', () => {
    given(gate(['ana'], 1, { timeoutMs: 30 * 60_000 }), { content: { heartbeatMs: HOUR } })
      .at(2 * HOUR)
      .tick()
      .thenEnds('rejected', { cause: 'timeout' });
  });

  it('orphans an approval that is held as well: nobody is there to deploy', () => {
    given(gate(['ana'], 1, { freeze: { calendar: officeHours(['2026-01-05']), outside: 'hold' } }), {
      content: { heartbeatMs: HOUR },
    })
      .whenAll(vote('ana'))
      .at(DAY)
      .tick()
      .thenEnds('cancelled', { cause: 'orphaned' });
  });

  it('orphans what the deadline would have held, in the same tick', () => {
    const definition = gate(['ana'], 1, {
      freeze: { calendar: neverOpen, outside: 'hold' },
      timeoutMs: 1,
      onTimeout: 'approve',
    });
    given(definition, { content: { heartbeatMs: HOUR } })
      .at(HOUR)
      .tick()
      .thenRecords('held', 'closed')
      .thenEnds('cancelled', { cause: 'orphaned' })
      .tick()
      .thenRecordsNothing();
  });

  it('starts anew after a pause', () => {
    const story = beating
      .at(30 * 60_000)
      .whenAll(pause)
      .at(5 * HOUR)
      .tick()
      .thenRecordsNothing()
      .whenAll(resume);
    expect(dueAt(story.state)).toBe(T0 + 6 * HOUR);
  });
});

describe('what is due', () => {
  it.each([
    ['nothing at all', gate(['ana'], 1, { timeoutMs: null }), {}, null],
    ['the deadline', gate(['ana']), {}, DAY],
    ['a lost pipeline', gate(['ana']), { heartbeatMs: 5 * HOUR }, 5 * HOUR],
    ['a reminder', gate(['ana'], 1, { remind: { afterMs: 3 * HOUR, everyMs: null, max: 1 } }), {}, 3 * HOUR],
    [
      'no reminder where there are none',
      gate(['ana'], 1, { remind: { afterMs: HOUR, everyMs: HOUR, max: 0 } }),
      {},
      DAY,
    ],
    ['an escalation', gate(['ana'], 1, { escalate: [{ afterMs: HOUR, to: ['mia'], mode: 'add' }] }), {}, HOUR],
    ['an SLA warning', gate(['ana'], 1, { sla: { targetMs: 2 * HOUR, warnAtMs: HOUR, calendar: null } }), {}, HOUR],
    ['an SLA breach', gate(['ana'], 1, { sla: { targetMs: 2 * HOUR, warnAtMs: null, calendar: null } }), {}, 2 * HOUR],
  ])('is first %s', (_, definition, content, expected) => {
    const opened = given(definition, { content });
    expect(dueAt(opened.state)).toBe(expected === null ? null : T0 + expected);
  });

  it('is nothing after the end', () => {
    expect(dueAt(given(gate(['ana'])).whenAll(vote('ana')).state)).toBeNull();
  });
});
