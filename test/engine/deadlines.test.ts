/** test/engine/deadlines.test.ts: how time ends a request, holds it, stands still, and what is due when. */
import { describe, expect, it } from 'vitest';
import { dueAt } from '../../src/engine/timers.ts';
import {
  byPerson,
  byPipeline,
  bypass,
  canaryOptions,
  changeVote,
  DAY,
  gate,
  given,
  HOUR,
  officeHours,
  T0,
  vote,
  withdraw,
} from './given.ts';

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

describe('a freeze', () => {
  const frozen = (more: Parameters<typeof gate>[2] = {}) =>
    gate(['ana', 'ben'], 1, { freeze: { calendar: officeHours(), outside: 'hold' }, timeoutMs: 14 * HOUR, ...more });
  const evening = 12 * HOUR;

  it('lets an approval in the open hours through', () => {
    given(frozen()).at(HOUR).when(vote('ana')).thenEnds('approved');
  });

  it('holds an approval outside of them until they begin', () => {
    const held = given(frozen())
      .at(evening)
      .when(vote('ana'))
      .thenRecords('voted', { type: 'held', until: T0 + DAY, option: 'approve', cause: 'votes' })
      .thenIsPending();
    expect(dueAt(held.state)).toBe(T0 + DAY);
    held
      .at(DAY - 1)
      .tick()
      .thenRecordsNothing()
      .at(DAY)
      .tick()
      .thenRecords('stagePassed', 'closed')
      .thenEnds('approved', { cause: 'votes', decidedBy: ['ana'], decidedAt: T0 + DAY });
  });

  it('holds it over the deadline: it was decided in time', () => {
    given(frozen())
      .at(evening)
      .whenAll(vote('ana'))
      .at(20 * HOUR)
      .tick()
      .thenRecordsNothing()
      .at(DAY)
      .tick()
      .thenEnds('approved');
  });

  it('holds it again when the tick comes after the open hours', () => {
    given(frozen())
      .at(evening)
      .whenAll(vote('ana'))
      .at(DAY + evening)
      .tick()
      .thenRecords({ type: 'held', until: T0 + 2 * DAY })
      .at(2 * DAY)
      .tick()
      .thenEnds('approved');
  });

  it('does not hold a rejection', () => {
    given(frozen()).at(evening).when(vote('ana', 'reject')).thenEnds('rejected');
    given(frozen())
      .at(14 * HOUR)
      .tick()
      .thenEnds('rejected', { cause: 'timeout' });
  });

  it('lets a veto, a withdrawal and a changed vote end the hold', () => {
    const held = given(frozen()).at(evening).whenAll(vote('ana'));
    held.when(vote('ben', 'reject')).thenEnds('rejected');
    held.when(changeVote('ana', 'reject')).thenEnds('rejected');
    const released = held.when(withdraw('ana')).thenRecords('voteWithdrawn', 'released').thenIs({ held: null });
    released
      .at(13 * HOUR)
      .when(vote('ben'))
      .thenRecords('voted', 'held');
    released
      .at(14 * HOUR)
      .tick()
      .thenEnds('rejected', { cause: 'timeout' });
  });

  it('holds on to one hold: another approval adds nothing but its option', () => {
    const options = canaryOptions;
    const held = given(frozen({ options })).at(evening).whenAll(vote('ana', 'full'));
    held.when(vote('ben', 'full')).thenRecords('voted');
    held.when(changeVote('ana', 'canary')).thenRecords('voteChanged', { type: 'held', option: 'canary' });
  });

  it('after the deadline takes no yes any more, but still a no', () => {
    const options = canaryOptions;
    const held = given(frozen({ options }))
      .at(evening)
      .whenAll(vote('ana', 'canary'))
      .at(20 * HOUR);
    held.when(vote('ben', 'full')).thenRefuses('past_deadline');
    held.when(changeVote('ana', 'full')).thenRefuses('past_deadline');
    held.when(vote('ben', 'stop')).thenEnds('rejected', { decidedBy: ['ben'] });
    held
      .when(withdraw('ana'))
      .thenRecords('voteWithdrawn', 'released')
      .tick()
      .thenEnds('rejected', { cause: 'timeout' });
  });

  it('holds an approval by timeout as well, and then takes no votes', () => {
    given(frozen({ onTimeout: 'approve' }))
      .at(14 * HOUR)
      .tick()
      .thenRecords({ type: 'held', cause: 'timeout', until: T0 + DAY })
      .when(vote('ana', 'reject'))
      .thenRefuses('past_deadline')
      .at(DAY)
      .tick()
      .thenRecords('closed')
      .thenEnds('approved', { cause: 'timeout', decidedBy: [] });
  });

  it('keeps reminders and escalations quiet while it holds', () => {
    given(
      frozen({
        remind: { afterMs: HOUR, everyMs: HOUR, max: 99 },
        escalate: [{ afterMs: 13 * HOUR, to: ['mia'], mode: 'add' }],
      }),
    )
      .at(evening)
      .whenAll(vote('ana'))
      .at(20 * HOUR)
      .tick()
      .thenRecordsNothing();
  });

  it('can be cancelled while it holds', () => {
    given(frozen())
      .at(evening)
      .whenAll(vote('ana'))
      .when({ type: 'cancel', by: byPipeline(), reason: null })
      .thenEnds('cancelled');
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

describe('a pause', () => {
  const remind = { afterMs: HOUR, everyMs: null, max: 1 };
  const sla = { targetMs: 4 * HOUR, warnAtMs: null, calendar: null };
  const paused = given(
    gate(['ana', 'ben'], 2, { remind, sla, escalate: [{ afterMs: 2 * HOUR, to: ['mia'], mode: 'add' }] }),
  )
    .whenAll(vote('ana'))
    .at(HOUR / 2)
    .when(pause)
    .thenRecords({ type: 'paused', reason: 'release train' });

  it('stops every clock: nothing is due, and nothing happens', () => {
    expect(dueAt(paused.state)).toBeNull();
    paused
      .at(40 * DAY)
      .tick()
      .thenRecordsNothing();
  });

  it('takes no votes, and leaves those that were cast', () => {
    paused.when(vote('ben')).thenRefuses('paused');
    paused.when(withdraw('ana')).thenRefuses('paused');
    paused.thenIs({ votes: [{ person: 'ana' }] });
  });

  it('ends with every clock moved by its length', () => {
    const resumed = paused
      .at(10 * HOUR)
      .when(resume)
      .thenRecords('resumed')
      .thenIs({
        paused: null,
        expiresAt: T0 + DAY + 9.5 * HOUR,
        slaFrom: T0 + 9.5 * HOUR,
        stages: [{ openedAt: T0, clockFrom: T0 + 9.5 * HOUR }],
      });
    expect(dueAt(resumed.state)).toBe(T0 + 10.5 * HOUR);
    resumed
      .at(10.5 * HOUR)
      .tick()
      .thenRecords('reminded')
      .at(11.5 * HOUR)
      .tick()
      .thenRecords('escalated');
    resumed
      .at(DAY + 9.5 * HOUR - 1)
      .when(vote('ben'))
      .thenEnds('approved');
    resumed
      .at(DAY + 9.5 * HOUR)
      .when(vote('ben'))
      .thenRefuses('past_deadline');
  });

  it('loses no time where the clock was set back meanwhile', () => {
    paused
      .at(0)
      .whenAll(resume)
      .thenIs({ expiresAt: T0 + DAY });
  });

  it('twice is a pause; resuming needs one', () => {
    paused.when(pause).thenRecordsNothing();
    paused.whenAll(resume).when(resume).thenRefuses('not_paused');
  });

  it('is for everybody with a part in the request, and for nobody else', () => {
    const asked = given(gate(['ana']), { content: { requester: 'dan' } });
    for (const by of [byPerson('ana'), byPerson('dan'), byPipeline()])
      asked.whenAll({ type: 'pause', by, reason: null }, { type: 'resume', by });
    for (const by of [byPerson('eve'), byPipeline('other')]) {
      asked.when({ type: 'pause', by, reason: null }).thenRefuses('not_allowed');
      asked.whenAll(pause).when({ type: 'resume', by }).thenRefuses('not_allowed');
    }
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
