/** test/engine/standing-still.test.ts: a freeze holds what was approved; a pause stops every clock. */
import { describe, expect, it } from 'vitest';
import { dueAt } from '../../src/engine/timers.ts';
import { given } from './given.ts';
import {
  byPerson,
  byPipeline,
  canaryOptions,
  changeVote,
  DAY,
  gate,
  HOUR,
  officeHours,
  T0,
  vote,
  withdraw,
} from './house.ts';

const pause = { type: 'pause', by: byPipeline(), reason: 'release train' } as const;
const resume = { type: 'resume', by: byPipeline() } as const;

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

  it('is over when a vote takes the quorum away without ending the request', () => {
    given(frozen({ rejection: 'threshold' }))
      .at(evening)
      .whenAll(vote('ana'))
      .when(changeVote('ana', 'reject'))
      .thenRecords('voteChanged', 'released')
      .thenIs({ held: null })
      .when(vote('ben'))
      .thenRecords('voted', 'held');
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
