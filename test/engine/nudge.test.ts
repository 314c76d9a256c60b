/** test/engine/nudge.test.ts: whoever asks may ask again: those who are missing, and not all the time. */
import { describe, expect, it } from 'vitest';
import { view } from '../../src/engine/present.ts';
import { given } from './given.ts';
import { byPerson, byPipeline, DAY, gate, HOUR, MINUTE, officeHours, rule, stage, staged, T0, vote } from './house.ts';

const nudge = (by = byPerson('dan')) => ({ type: 'nudge', by }) as const;
const opened = given(gate(['ana', 'ben'], 2), { content: { requester: 'dan' } });

describe('a nudge', () => {
  it('goes to those who are missing, and not to those who voted', () => {
    opened
      .when(nudge())
      .thenRecords({ type: 'nudged', by: byPerson('dan'), people: ['ana', 'ben'] })
      .thenIs({ nudgedAt: T0 });
    opened
      .whenAll(vote('ana'))
      .when(nudge())
      .thenRecords({ type: 'nudged', people: ['ben'] });
  });

  it('is the requester’s and the pipeline’s, and nobody else’s', () => {
    opened.when({ type: 'nudge', by: byPipeline() }).thenRecords('nudged');
    for (const by of [byPerson('ana'), byPerson('eve')]) opened.when({ type: 'nudge', by }).thenRefuses('not_allowed');
    opened.when({ type: 'nudge', by: byPipeline('other') }).thenRefuses('not_allowed');
  });

  it('comes once in 15 minutes, whoever sends it', () => {
    const nudged = opened.whenAll(nudge());
    nudged
      .at(15 * MINUTE - 1)
      .when({ type: 'nudge', by: byPipeline() })
      .thenRefuses('nudged_lately');
    nudged
      .at(15 * MINUTE)
      .when(nudge())
      .thenRecords('nudged')
      .thenIs({ nudgedAt: T0 + 15 * MINUTE });
  });

  it('leaves those alone who asked for quiet, until it is over', () => {
    const quiet = opened.whenAll({ type: 'snooze', person: 'ana', until: T0 + HOUR });
    quiet.when(nudge()).thenRecords({ type: 'nudged', people: ['ben'] });
    quiet
      .whenAll(vote('ben'))
      .when(nudge())
      .thenRefuses('nobody_missing')
      .at(HOUR)
      .when(nudge())
      .thenRecords({ type: 'nudged', people: ['ana'] });
  });

  it('has nobody to go to while nobody can do anything', () => {
    opened.whenAll({ type: 'pause', by: byPipeline(), reason: null }).when(nudge()).thenRefuses('paused');
    given(gate(['ana', 'ben'], 1, { freeze: { calendar: officeHours(), outside: 'hold' } }))
      .at(12 * HOUR)
      .whenAll(vote('ana'))
      .when({ type: 'nudge', by: byPipeline() })
      .thenRefuses('nobody_missing');
    opened.at(DAY).when(nudge()).thenRefuses('past_deadline');
    opened.whenAll(vote('ana'), vote('ben')).when(nudge()).thenRefuses('already_closed');
  });

  it('asks only those of the stage that is open', () => {
    const stages = [stage('first', [rule(['ana'])]), stage('second', [rule(['ben'])])];
    given(staged(stages))
      .whenAll(vote('ana'))
      .when({ type: 'nudge', by: byPipeline() })
      .thenRecords({ type: 'nudged', people: ['ben'] });
  });

  it('moves no timer', () => {
    const { state } = opened.whenAll(nudge());
    expect(state).toMatchObject({ expiresAt: T0 + DAY, stages: [{ remindersSent: 0, clockFrom: T0 }] });
  });

  it('is offered to the requester alone, as long as somebody is missing', () => {
    const offered = (story: typeof opened, person: string) =>
      view(story.state, { kind: 'person', person }, story.people).actions.some(({ kind }) => kind === 'nudge');
    expect(offered(opened, 'dan')).toBe(true);
    expect(offered(opened, 'ana')).toBe(false);
    expect(offered(opened.whenAll({ type: 'pause', by: byPipeline(), reason: null }), 'dan')).toBe(false);
    expect(offered(opened.whenAll(vote('ana'), vote('ben')), 'dan')).toBe(false);
  });
});
