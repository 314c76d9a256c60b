/** test/bot/outgoing.test.ts: who hears what, of what happened in one commit. */
import { describe, expect, it } from 'vitest';
import type { Notice } from '../../src/adapters/channel.ts';
import { NoticePayload, SurfacePayload } from '../../src/bot/dispatch/payload.ts';
import { deliveriesOf, type Routes } from '../../src/bot/outgoing.ts';
import type { Directory } from '../../src/engine/directory.ts';
import type { NewDelivery } from '../../src/store/port.ts';
import { given, type Story } from '../engine/given.ts';
import {
  type Act,
  byPerson,
  byPipeline,
  DAY,
  delegate,
  directory,
  gate,
  HOUR,
  rule,
  stage,
  staged,
  T0,
  vote,
  withdraw,
} from '../engine/house.ts';

const routesOf = (people: Directory, threaded = false): Routes => ({
  channels: new Map([['releases', { kind: 'slack', id: 'C0RELEASES' }]]),
  reachable: new Set(['slack']),
  threaded: new Set(threaded ? ['slack'] : []),
  directory: people,
});

interface News {
  /** Who got a message of their own to decide with. */
  readonly asked: readonly string[];
  /** `person: kind`, in order. */
  readonly told: readonly string[];
  readonly sentences: readonly string[];
}

const nameOf = (id: string): string => id.replace('T1/U', '').toLowerCase();

function read(deliveries: readonly NewDelivery[]): News {
  const surfaces = deliveries
    .filter(({ kind }) => kind === 'surface')
    .map(({ payload }) => SurfacePayload.parse(payload));
  const notices = deliveries.filter(({ kind }) => kind === 'notice').map(({ payload }) => NoticePayload.parse(payload));
  return {
    asked: surfaces.map(({ to }) => nameOf(to.id)),
    told: notices.map(({ to, notice }) => `${nameOf(to.id)}: ${notice.kind}`),
    sentences: notices.map(({ notice }) => notice.sentence),
  };
}

/** What goes out because of the last step. */
function news(story: Story, threaded = false): News {
  const { decision } = story;
  if (decision.kind === 'refused') throw new Error(decision.refusal);
  return read(deliveriesOf(decision.state, decision.events, routesOf(story.people, threaded), story.now));
}

const newsAfter = (story: Story, act: Act): News => news(story.when(act).thenAccepts());
const only = (told: readonly string[], kind: Notice['kind']): readonly string[] =>
  told.filter((line) => line.endsWith(`: ${kind}`));
const requested = { content: { requester: 'dan' } };

describe('a nudge', () => {
  it('goes to each who is missing, in the words of whoever asks', () => {
    const opened = given(gate(['ana', 'ben'], 2), requested).whenAll(vote('ana'));
    const { told, sentences } = newsAfter(opened, { type: 'nudge', by: byPerson('dan') });
    expect(told).toEqual(['ben: nudge']);
    expect(sentences).toEqual(['Dan Roth asks again: “Deploy shop 1.4 to production” is waiting for your decision.']);
    expect(newsAfter(opened, { type: 'nudge', by: byPipeline() }).sentences[0]).toMatch(
      /^The pipeline ci asks again: /,
    );
  });
});

describe('the target time', () => {
  const sla = { targetMs: 4 * HOUR, warnAtMs: 3 * HOUR, calendar: null };
  const opened = given(
    gate(['ana', 'ben'], 2, { sla: { ...sla, escalateTo: ['mia'] }, notify: ['releases'] }),
    requested,
  );

  it('that will be missed is said to those who are missing, and to nobody who voted', () => {
    expect(
      news(
        opened
          .whenAll(vote('ana'))
          .at(3 * HOUR)
          .tick(),
      ).told,
    ).toEqual(['ben: slaWarning']);
  });

  it('that is missed is said to them, to whoever asked and in the gate’s channels; more are asked', () => {
    const { asked, told, sentences } = news(
      opened
        .whenAll(vote('ana'))
        .at(4 * HOUR)
        .tick(),
    );
    expect(asked).toEqual(['mia']);
    expect(told).toEqual([
      'ben: slaBreach',
      'mia: slaBreach',
      'dan: slaBreach',
      'c0releases: slaBreach',
      'mia: escalation',
    ]);
    expect(sentences[2]).toBe(
      '“Deploy shop 1.4 to production” has missed its target time: 1 of 2 approvals · waiting for Ben Okoye or Mia Chen.',
    );
    expect(sentences.at(-1)).toMatch(/was escalated to you: it has missed its target time\.$/);
  });
});

describe('a part that changes hands', () => {
  const opened = given(gate(['ana', 'ben'], 2));

  it('by whoever has it is told to the other one', () => {
    const { asked, told } = newsAfter(opened, delegate('ana', 'kim'));
    expect([asked, told]).toEqual([['kim'], ['kim: delegated']]);
  });

  it('by somebody else is told to both', () => {
    const reassign = { type: 'reassign', by: byPerson('mia'), from: 'ana', to: 'kim', reason: 'she is ill' } as const;
    const { asked, told, sentences } = newsAfter(opened, reassign);
    expect([asked, told]).toEqual([['kim'], ['kim: delegated', 'ana: delegated']]);
    expect(sentences).toEqual([
      '“Deploy shop 1.4 to production” was handed to you, from Ana Silva, by Mia Chen. Reason: she is ill',
      '“Deploy shop 1.4 to production” was handed from you to Kim Lund by Mia Chen. You need not decide it any more. Reason: she is ill',
    ]);
  });
});

describe('somebody who comes to be asked while the request waits', () => {
  const group = (...members: readonly string[]) => directory({ groups: { g: members } });
  const opened = given(gate(['g'], 2), { people: group('ana', 'ben') });

  it('gets their message, and nobody else does again', () => {
    const { asked, told } = newsAfter(opened.whenDirectory(group('ana', 'ben', 'kim')), { type: 'resolveApprovers' });
    expect([asked, told]).toEqual([['kim'], []]);
  });

  it('gets none for a decision of their own in the same moment', () => {
    const { asked } = newsAfter(opened.whenDirectory(group('ana', 'kim')), vote('kim'));
    expect(asked).toEqual([]);
  });

  it('gets none when the request ends in the same moment', () => {
    const { asked } = newsAfter(opened.whenDirectory(group('ana', 'kim')), vote('ana', 'reject'));
    expect(asked).toEqual([]);
  });

  it('gets one, though two rules ask them', () => {
    const stages = [stage('both', [rule(['g']), rule(['g', 'mia'])])];
    const twice = given(staged(stages), { people: group('ana', 'ben') });
    expect(newsAfter(twice.whenDirectory(group('ana', 'ben', 'kim')), { type: 'resolveApprovers' }).asked).toEqual([
      'kim',
    ]);
  });

  it('gets none for a stage whose turn has not come', () => {
    const stages = [stage('first', [rule(['ana'])]), stage('second', [rule(['g'])])];
    const waiting = given(staged(stages), { people: group('ben') });
    expect(newsAfter(waiting.whenDirectory(group('ben', 'kim')), delegate('ana', 'eve')).asked).toEqual(['eve']);
  });
});

describe('somebody who is away', () => {
  const people = directory({ people: { ana: { away: [{ from: T0, to: T0 + 5 * DAY, delegate: 'kim' }] } } });
  const opened = given(gate(['ana', 'ben'], 2), { people });

  it('is told once who is asked in their place', () => {
    const { asked, told, sentences } = news(opened);
    expect(asked).toEqual(['kim', 'ben']);
    expect(told).toEqual(['ana: standIn']);
    expect(sentences).toEqual([
      '“Deploy shop 1.4 to production” is asked of Kim Lund in your place while you are away. You need not do anything.',
    ]);
    const stages = [stage('first', [rule(['ben'])]), stage('second', [rule(['ana'])]), stage('third', [rule(['ana'])])];
    const second = given(staged(stages), { people }).whenAll(vote('ben'));
    expect(news(second).told).toEqual(['ana: standIn']);
    expect(only(newsAfter(second, vote('kim')).told, 'standIn')).toEqual([]);
  });

  it('is told the outcome as well, and no reminder before it', () => {
    const { told } = newsAfter(opened.whenAll(vote('kim')), vote('ben'));
    expect(told).toEqual(['ana: outcome']);
    const remind = { afterMs: HOUR, everyMs: null, max: 1 };
    expect(
      news(
        given(gate(['ana'], 1, { remind }), { people })
          .at(HOUR)
          .tick(),
      ).told,
    ).toEqual(['kim: reminder']);
  });

  it('and whose absence begins later is told then', () => {
    const later = directory({ people: { ana: { away: [{ from: T0 + HOUR, to: T0 + DAY, delegate: 'kim' }] } } });
    const waiting = given(gate(['ana', 'ben'], 2), { people: later });
    expect(news(waiting).told).toEqual([]);
    const { asked, told } = newsAfter(waiting.at(2 * HOUR), { type: 'resolveApprovers' });
    expect([asked, told]).toEqual([['kim'], ['ana: standIn']]);
  });

  it('is not meant by a part that was handed over', () => {
    const handed = given(gate(['ana', 'ben'], 2)).when(delegate('ana', 'kim'));
    expect(only(news(handed).told, 'standIn')).toEqual([]);
    expect(newsAfter(handed.whenAll(vote('kim')), vote('ben')).told).toEqual([]);
  });
});

describe('the thread under a channel’s message', () => {
  const opened = given(gate(['ana', 'ben'], 2, { notify: ['releases'] }), requested);
  const lines = (story: Story, act: Act): readonly string[] => news(story.when(act).thenAccepts(), true).sentences;
  const scope = { kind: 'gate', id: 'p1' } as const;

  it('says what is paused and what is resumed, and when something else still holds it', () => {
    const kim = byPerson('kim');
    expect(lines(opened, { type: 'pause', by: kim, reason: 'a release train', scope })).toEqual([
      'The gate deploy-prod is paused by Kim Lund: “a release train”',
    ]);
    const both = opened.whenAll(
      { type: 'pause', by: kim, reason: null, scope },
      { type: 'pause', by: byPipeline(), reason: null },
    );
    expect(lines(both, { type: 'resume', by: kim, scope })).toEqual([
      'The gate deploy-prod is resumed by Kim Lund; it stays paused all the same',
    ]);
    const everything = { kind: 'everything', id: 'p2' } as const;
    expect(lines(opened, { type: 'pause', by: kim, reason: null, scope: everything })).toEqual([
      'Everything is paused by Kim Lund',
    ]);
  });

  it('says who asked again, and who is asked as well now, and for whom', () => {
    expect(lines(opened, { type: 'nudge', by: byPerson('dan') })).toContain(
      'Dan Roth asks again: Ana Silva and Ben Okoye',
    );
    const away = directory({ people: { ana: { away: [{ from: T0, to: T0 + DAY, delegate: 'kim' }] } } });
    expect(lines(opened.whenDirectory(away), { type: 'resolveApprovers' })).toContain(
      'Asked as well now: Kim Lund (for Ana Silva)',
    );
  });

  it('says which step an escalation was, or that it came with the missed target time', () => {
    const escalate = [
      { afterMs: HOUR, to: ['mia'], mode: 'add' },
      { afterMs: 2 * HOUR, to: ['mia'], mode: 'add' },
    ] as const;
    const sla = { targetMs: 3 * HOUR, warnAtMs: null, calendar: null, escalateTo: ['kim'] };
    const chain = given(gate(['ana'], 1, { notify: ['releases'], escalate: [...escalate], sla }));
    const at = (hours: number) =>
      news(
        chain
          .at(HOUR)
          .tick()
          .at(2 * HOUR)
          .tick()
          .at(hours * HOUR)
          .tick(),
        true,
      ).sentences;
    expect(news(chain.at(HOUR).tick(), true).sentences).toContain(
      'Escalated (step 1 of 2): Mia Chen may decide as well',
    );
    expect(news(chain.at(2 * HOUR).tick(), true).sentences.join('\n')).toContain(
      'Escalated (step 2 of 2), but there was nobody else who could be asked',
    );
    expect(at(3)).toContain('Escalated, for the target time is missed: Kim Lund may decide as well');
  });

  it('has nothing to say of a vote taken back but that', () => {
    expect(lines(opened.whenAll(vote('ana')), withdraw('ana'))).toEqual([
      'Ana Silva took their vote back on the web page',
    ]);
  });
});
