/** test/bot/rehearsal/play.test.ts: how far a play goes, and what it does with what can't be done. */
import { describe, expect, it } from 'vitest';
import { foresee, MAX_MOMENTS, play, type Scene } from '../../../src/bot/rehearsal/play.ts';
import type { Directory } from '../../../src/engine/directory.ts';
import { byPerson, content, DAY, directory, gate, HOUR, T0, vote, withDirectory } from '../../engine/house.ts';
import { routesFor } from './real.ts';

const everybody = directory();
const scene = (more: Partial<Scene> = {}): Scene => ({
  gate: gate(['ana', 'ben'], 1, { timeoutMs: DAY }),
  content: content(),
  directory: everybody,
  routes: routesFor(everybody),
  from: T0,
  until: null,
  acts: [],
  ...more,
});
const voteAt = (at: number, person = 'ana', option = 'approve') => ({
  at,
  command: (people: Directory) => withDirectory(vote(person, option), people),
});
const typesOf = (moments: ReturnType<typeof play>) =>
  moments.map(({ by, events }) => [by, ...events.map((e) => e.type)]);

describe('a play', () => {
  it('goes from the opening to the end, a moment for whatever happens', () => {
    const moments = play(scene({ gate: gate(['ana'], 1, { remind: { afterMs: HOUR, everyMs: null, max: 1 } }) }));
    expect(typesOf(moments)).toEqual([
      ['open', 'opened'],
      ['tick', 'reminded'],
      ['tick', 'closed'],
    ]);
    expect(moments.map(({ at }) => at - T0)).toEqual([0, HOUR, DAY]);
  });

  it('has but one moment where the request does not open, with the reason', () => {
    const moments = play(scene({ gate: gate(['nobody']) }));
    expect(moments).toMatchObject([{ at: T0, by: 'open', refusal: 'no_approvers', events: [], state: null }]);
  });

  it('lets people act in order of time, and says what comes too late', () => {
    const acts = [voteAt(T0 + 3 * HOUR, 'ben'), voteAt(T0 + HOUR)];
    const moments = play(scene({ acts }));
    expect(typesOf(moments)).toEqual([['open', 'opened'], [1, 'voted', 'stagePassed', 'closed'], [0]]);
    expect(moments[2]).toMatchObject({ refusal: 'already_closed', state: { status: 'approved' } });
  });

  it('ends with the deadline before a vote of the same moment', () => {
    const moments = play(scene({ acts: [voteAt(T0 + DAY)] }));
    expect(typesOf(moments)).toEqual([['open', 'opened'], ['tick', 'closed'], [0]]);
  });

  it('stops at the last moment that is asked for, which belongs to it', () => {
    const reminding = gate(['ana'], 1, { remind: { afterMs: HOUR, everyMs: HOUR, max: 9 } });
    expect(play(scene({ gate: reminding, until: T0 + 3 * HOUR }))).toHaveLength(4);
    expect(play(scene({ gate: reminding, until: T0 + 3 * HOUR - 1 }))).toHaveLength(3);
  });

  it('follows a request without a deadline for thirty days', () => {
    const endless = gate(['ana'], 1, { timeoutMs: null, remind: { afterMs: DAY, everyMs: DAY, max: 1000 } });
    const moments = play(scene({ gate: endless }));
    expect(moments.at(-1)?.at).toBe(T0 + 30 * DAY);
    expect(moments.at(-1)?.state?.status).toBe('pending');
  });

  it('has no more than its most moments, however often a gate reminds', () => {
    const insistent = gate(['ana'], 1, { timeoutMs: null, remind: { afterMs: 1, everyMs: 1, max: 1_000_000 } });
    expect(play(scene({ gate: insistent }))).toHaveLength(MAX_MOMENTS);
  });

  it('waits for no freeze that never ends', () => {
    const calendar = { name: 'never', timezone: 'UTC', hours: [], holidays: [] };
    const frozen = gate(['ana'], 1, { freeze: { calendar, outside: 'hold' }, timeoutMs: null });
    const moments = play(scene({ gate: frozen, acts: [voteAt(T0 + HOUR)] }));
    expect(moments.at(-1)?.events.map(({ type }) => type)).toEqual(['voted', 'held']);
  });

  it('goes on past what a directory that can’t be asked keeps from happening', () => {
    const closed = directory({ groups: { oncall: 'unavailable' } });
    const stuck = gate(['ana'], 1, {
      escalate: [{ afterMs: HOUR, to: ['oncall'], mode: 'add' }],
      remind: { afterMs: 2 * HOUR, everyMs: null, max: 1 },
    });
    const moments = play(scene({ gate: stuck, directory: closed }));
    expect(typesOf(moments)).toEqual([
      ['open', 'opened'],
      ['tick', 'reminded'],
      ['tick', 'closed'],
    ]);
    expect(moments.map(({ at }) => at - T0)).toEqual([0, 2 * HOUR, DAY]);
  });

  it('escalates late when the directory comes back late', () => {
    const back = T0 + 90 * 60_000;
    const cast = (at: number) => directory({ groups: { oncall: at < back ? 'unavailable' : ['mia'] } });
    const waiting = gate(['ana'], 1, { escalate: [{ afterMs: HOUR, to: ['oncall'], mode: 'add' }] });
    const moments = play(scene({ gate: waiting, directory: cast }));
    expect(moments[1]).toMatchObject({ at: back, events: [{ type: 'escalated', people: ['mia'] }] });
  });

  it('opens paused in a pause of the house, and waits', () => {
    const pause = { by: byPerson('mia'), reason: 'outage', at: T0 };
    const moments = play(scene({ pauses: [{ ...pause, scope: { kind: 'everything', id: 'pau_1' } }] }));
    expect(moments).toHaveLength(1);
    expect(moments[0]?.state).toMatchObject({ paused: { reason: 'outage' } });
  });
});

describe('what comes next of a request', () => {
  it('is what its play says from there on', () => {
    const reminding = gate(['ana'], 1, { remind: { afterMs: HOUR, everyMs: HOUR, max: 3 } });
    const whole = play(scene({ gate: reminding }));
    const middle = whole[2];
    if (middle?.state == null) throw new Error('it did not open');
    const rest = foresee(middle.state, everybody, routesFor(everybody), middle.at + 1, null);
    expect(rest).toEqual(whole.slice(3));
    expect(foresee(middle.state, everybody, routesFor(everybody), middle.at + 1, null, 1)).toEqual(whole.slice(3, 4));
  });

  it('is nothing once it is decided', () => {
    const state = play(scene()).at(-1)?.state;
    if (state == null) throw new Error('it did not open');
    expect(foresee(state, everybody, routesFor(everybody), T0 + 2 * DAY, null)).toEqual([]);
  });
});
