/** test/engine/talk-and-end.test.ts: comments and questions, which decide nothing; cancelling, superseding, and break-glass. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import { view } from '../../src/engine/present.ts';
import { given } from './given.ts';
import {
  type Act,
  byPerson,
  byPipeline,
  bypass,
  DAY,
  directory,
  gate,
  HOUR,
  neverOpen,
  T0,
  vote,
  withDirectory,
} from './house.ts';

describe('comments', () => {
  const say = (text: string, by: ReturnType<typeof byPerson> | ReturnType<typeof byPipeline> = byPerson('eve')) =>
    ({ type: 'comment', by, text }) as const;

  it('are recorded and decide nothing', () => {
    given(gate())
      .when(say(' Is the database migrated? '))
      .thenRecords({ type: 'commented', text: 'Is the database migrated?' })
      .thenIs({ status: 'pending', comments: [{ by: { person: 'eve' }, at: T0 }] });
  });

  it('need text, and come from nobody else’s pipeline', () => {
    given(gate()).when(say('  ')).thenRefuses('text_required', 'text');
    given(gate()).when(say('done', byPipeline())).thenRecords('commented');
    given(gate())
      .when(say('done', byPipeline('other')))
      .thenRefuses('not_allowed');
  });
});

describe('asking for information', () => {
  const ask = (by: string, question = 'Which version?') => ({ type: 'requestInformation', by, question }) as const;
  const answer = (by: ReturnType<typeof byPerson> | ReturnType<typeof byPipeline>, text = '1.4') =>
    ({ type: 'returnInformation', by, answer: text }) as const;
  const asked = { content: { requester: 'dan' } };

  it('goes to whoever asked for the request and comes back answered; deadline and votes stay', () => {
    given(gate(['ana', 'ben'], 2), asked)
      .whenAll(vote('ben'))
      .when(ask('ana'))
      .thenRecords({ type: 'informationRequested', by: 'ana' })
      .when(answer(byPerson('dan'), ' 1.4 '))
      .thenRecords({ type: 'informationReturned', answer: '1.4' })
      .thenIs({
        status: 'pending',
        expiresAt: T0 + DAY,
        votes: [{ person: 'ben' }],
        information: [{ question: 'Which version?', answer: { text: '1.4', by: { person: 'dan' } } }],
      });
  });

  it('answers every open question at once, and leaves answers given before', () => {
    given(gate(['ana', 'ben'], 2), asked)
      .whenAll(
        ask('ana'),
        answer(byPerson('dan'), 'first'),
        ask('ana', 'b?'),
        ask('ben', 'c?'),
        answer(byPipeline(), 'both'),
      )
      .thenIs({
        information: [{ answer: { text: 'first' } }, { answer: { text: 'both' } }, { answer: { text: 'both' } }],
      });
  });

  it('is for approvers; answering is for the requester and the pipeline', () => {
    given(gate(), asked).when(ask('eve')).thenRefuses('not_an_approver');
    given(gate(), asked).when(ask('ana', ' ')).thenRefuses('text_required', 'question');
    const waiting = given(gate(), asked).whenAll(ask('ana'));
    waiting.when(answer(byPerson('eve'))).thenRefuses('not_allowed');
    waiting.when(answer(byPipeline('other'))).thenRefuses('not_allowed');
    waiting.when(answer(byPerson('dan'), ' ')).thenRefuses('text_required', 'answer');
    given(gate(), asked)
      .when(answer(byPerson('dan')))
      .thenRefuses('no_question');
  });

  it('has a bound, like comments, and the request can still be decided', () => {
    const crowded = given(gate(), asked).whenAll(...Array(100).fill(ask('ana')));
    crowded.when(ask('ana')).thenRefuses('too_many');
    const loud = crowded.whenAll(...Array(500).fill({ type: 'comment', by: byPipeline(), text: 'x' }));
    loud.when({ type: 'comment', by: byPerson('ana'), text: 'x' }).thenRefuses('too_many');
    loud.when(answer(byPipeline())).thenRecords('informationReturned');
    loud.when(vote('ana')).thenEnds('approved');
  });

  it('may be answered by anybody where nobody is known to have asked', () => {
    given(gate())
      .whenAll(ask('ana'))
      .when(answer(byPerson('eve')))
      .thenRecords('informationReturned');
  });
});

describe('cancelling', () => {
  const cancel = (by: ReturnType<typeof byPerson> | ReturnType<typeof byPipeline>) =>
    ({ type: 'cancel', by, reason: 'not needed' }) as const;
  const asked = { content: { requester: 'dan' } };

  it('is for the requester and the pipeline', () => {
    given(gate(), asked)
      .when(cancel(byPerson('dan')))
      .thenEnds('cancelled', { cause: 'cancelled', decidedBy: ['dan'], reason: 'not needed' });
    given(gate(), asked).when(cancel(byPipeline())).thenEnds('cancelled', { cause: 'cancelled', decidedBy: [] });
  });

  it('is for nobody else, not even an approver', () => {
    for (const by of [byPerson('ana'), byPerson('eve'), byPipeline('other')])
      given(gate(), asked).when(cancel(by)).thenRefuses('not_allowed').thenIsPending();
    given(gate())
      .when(cancel(byPerson('eve')))
      .thenRefuses('not_allowed');
  });

  it('works on a paused request', () => {
    given(gate())
      .whenAll({ type: 'pause', by: byPipeline(), reason: null })
      .when(cancel(byPipeline()))
      .thenEnds('cancelled');
  });

  it('by a newer request names it', () => {
    given(gate()).when({ type: 'supersede', by: 'req_2' }).thenEnds('cancelled', {
      cause: 'superseded',
      reason: 'superseded by req_2',
      decidedBy: [],
    });
  });
});

describe('what could not be delivered', () => {
  const report = { type: 'reportUndelivered', kind: 'callback', channel: 'callback', error: 'HTTP 500' } as const;
  const record = { type: 'undelivered', kind: 'callback', channel: 'callback', error: 'HTTP 500' } as const;

  it('is written into the trail a hundred times at most', () => {
    const told = given(gate()).whenAll(...Array(100).fill(report));
    told.when(report).thenRecords();
    told.whenAll(vote('ana')).when(report).thenRecords();
  });

  it('is written into the trail, before the end and after it, and changes nothing else', () => {
    const before = given(gate()).when(report).thenRecords(record).thenIsPending();
    const over = before.whenAll(vote('ana'));
    over
      .at(9 * DAY)
      .when(report)
      .thenRecords(record)
      .thenEnds('approved', { decidedBy: ['ana'] });
    expect(over.when(report).state).toEqual({
      ...over.state,
      version: over.state.version + 1,
      undelivered: [...over.state.undelivered, { kind: 'callback', channel: 'callback', error: 'HTTP 500', at: T0 }],
    });
  });

  it('says so where it was the last that could tell anybody of the request', () => {
    const lost = { kind: 'surface', channel: 'slack', error: 'archived' } as const;
    const told = given(gate())
      .when({ type: 'reportUndelivered', ...lost, unheard: false })
      .thenRecords({ type: 'undelivered', ...lost })
      .when({ type: 'reportUndelivered', ...lost, unheard: true })
      .thenRecords({ type: 'undelivered', ...lost, unheard: true })
      .thenIsPending();
    expect(view(told.state, { kind: 'everyone' }, directory()).undelivered.map(({ sentence }) => sentence)).toEqual([
      'A message through slack did not get through',
      'Nobody could be told of this request: no message that shows it got through',
    ]);
  });
});

describe('after the end', () => {
  const acts: readonly Act[] = [
    vote('ben'),
    { type: 'withdrawVote', person: 'ana', via: 'web', replaces: 'current' },
    { type: 'comment', by: byPerson('ana'), text: 'late' },
    { type: 'requestInformation', by: 'ana', question: 'late?' },
    { type: 'returnInformation', by: byPipeline(), answer: 'late' },
    { type: 'cancel', by: byPipeline(), reason: null },
    { type: 'supersede', by: 'req_2' },
    { type: 'snooze', person: 'ben', until: T0 + DAY },
    { type: 'pause', by: byPipeline(), reason: null },
    { type: 'resume', by: byPipeline() },
    { type: 'delegate', from: 'ben', to: 'eve', reason: null },
    { type: 'reassign', by: byPipeline(), from: 'ben', to: 'eve', reason: null },
    bypass('mia'),
    { type: 'heartbeat' },
  ];

  it.each(acts.map((act) => [act.type, act] as const))('nothing happens any more: %s', (_, act) => {
    const over = given(gate(['ana', 'ben'], 1, { bypass: { by: ['mia'] } }), { content: { heartbeatMs: HOUR } });
    over.whenAll(vote('ana')).when(act).thenRefuses('already_closed');
  });

  it('time moves nothing either', () => {
    given(gate())
      .whenAll(vote('ana'))
      .at(400 * DAY)
      .tick()
      .thenRecordsNothing();
  });
});

describe('bypass', () => {
  const glass = (more: Parameters<typeof gate>[2] = {}) =>
    gate(['ana', 'ben'], 2, { bypass: { by: ['oncall'] }, ...more });
  const people = directory({ groups: { oncall: ['mia', 'dan'] } });

  it('approves without the usual approvals, with its own cause, a reason, and a review still due', () => {
    given(glass(), { people })
      .when(bypass('mia', ' production is down '))
      .thenRecords({
        type: 'closed',
        outcome: { cause: 'bypass', option: null, reason: 'production is down', decidedBy: ['mia'] },
      })
      .thenEnds('approved')
      .thenIs({ afterReview: 'due' });
  });

  it('works while paused and during a freeze: an emergency does not wait', () => {
    given(glass({ freeze: { calendar: neverOpen, outside: 'hold' } }), { people })
      .whenAll({ type: 'pause', by: byPerson('ana'), reason: null })
      .when(bypass('mia'))
      .thenEnds('approved');
  });

  it('needs a reason, even where the gate asks for none', () => {
    given(glass(), { people }).when(bypass('mia', null)).thenRefuses('reason_required', 'reason');
    given(glass(), { people }).when(bypass('mia', ' ')).thenRefuses('reason_required');
  });

  it('is for the few it names', () => {
    given(glass(), { people }).when(bypass('ana')).thenRefuses('no_bypass');
    given(glass(), { people }).when(bypass('zoe')).thenRefuses('unknown_person', 'person');
    given(gate()).when(bypass('mia')).thenRefuses('no_bypass');
  });

  it('is not for the requester', () => {
    given(glass(), { people, content: { requester: 'mia' } })
      .when(bypass('mia'))
      .thenRefuses('own_request');
  });

  it('is refused while the directory cannot be asked', () => {
    given(glass(), { people })
      .whenDirectory(directory({ groups: { oncall: 'unavailable' } }))
      .when(bypass('mia'))
      .thenRefuses('directory_unavailable');
  });

  it('comes too late after the deadline', () => {
    given(glass(), { people }).at(DAY).when(bypass('mia')).thenRefuses('past_deadline');
  });

  describe('is looked at afterwards', () => {
    const review = (id: string) => ({ type: 'reviewBypass', person: id, note: ' all good ' }) as const;
    const done = given(glass(), { people, content: { requester: 'eve' } }).whenAll(bypass('mia'));

    it('by somebody else who could have decided', () => {
      for (const id of ['ana', 'dan'])
        done
          .at(HOUR)
          .when(review(id))
          .thenRecords({ type: 'bypassReviewed', person: id, note: 'all good', at: T0 + HOUR })
          .thenEnds('approved', { decidedBy: ['mia'] })
          .thenIs({ afterReview: { by: id } });
    });

    it('but not by who bypassed, who asked, or a stranger', () => {
      done.when(review('mia')).thenRefuses('own_request');
      done.when(review('eve')).thenRefuses('own_request');
      done.when(review('kim')).thenRefuses('not_allowed');
      done.when(review('zoe')).thenRefuses('unknown_person');
    });

    it('once', () => {
      done.whenAll(review('ana')).when(review('dan')).thenRefuses('no_review_due');
    });

    it('and only after a bypass', () => {
      given(gate()).when(review('ana')).thenRefuses('no_review_due');
      given(gate()).whenAll(vote('ana')).when(review('ben')).thenRefuses('no_review_due');
    });
  });
});

describe('a refusal', () => {
  it('leaves nothing: the state is the very one that was given', () => {
    const { state } = given(gate());
    const before = JSON.stringify(state);
    expect(decide(state, withDirectory(vote('eve'), directory()), T0).kind).toBe('refused');
    expect(JSON.stringify(state)).toBe(before);
  });
});
