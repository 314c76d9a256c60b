import { describe, expect, it } from 'vitest';
import { HOUR, House, MINUTE, SECOND } from './house.ts';

/** What is read from buckets is within 5 %. */
const expectAbout = (found: number | null | undefined, seconds: number): void => {
  expect(Math.abs((found ?? 0) - seconds)).toBeLessThan(seconds / 20);
};

const MONDAY = '2026-03-02T09:00:00Z';

describe('a request that has ended counts', () => {
  it('as opened, as ended by its cause, and with the time that its decision took', async () => {
    const house = await House.open(MONDAY);
    const id = await house.ask('plain', 'mia');
    await house.pass(20 * MINUTE);
    await house.vote(id, 'ana');
    await house.ask('plain');
    const figures = await house.gate('plain');
    expect(figures).toMatchObject({ opened: 2, outcomes: { approved: { votes: 1, auto: 0 } }, bypasses: 0 });
    expect(figures?.sla).toEqual({ met: 0, warned: 0, breached: 0, without: 1, compliance: null });
    expect(figures?.timeToDecision.count).toBe(1);
    expectAbout(figures?.timeToDecision.medianSeconds, 1200);
  });

  it('as within its SLA, after its warning, or as missed, judged by the time and not by a tick', async () => {
    const house = await House.open(MONDAY);
    const [fast, warned, late] = [await house.ask('two'), await house.ask('two'), await house.ask('two')];
    await house.pass(30 * MINUTE);
    for (const person of ['ana', 'ben']) await house.vote(fast, person);
    await house.pass(45 * MINUTE, MINUTE);
    for (const person of ['ana', 'ben']) await house.vote(warned, person);
    house.now += 2 * HOUR; // nobody ticks
    for (const person of ['ana', 'ben']) await house.vote(late, person);
    expect((await house.store.events(late)).map(({ type }) => type)).not.toContain('slaBreached');
    expect((await house.gate('two'))?.sla).toEqual({ met: 2, warned: 1, breached: 1, without: 0, compliance: 0.6667 });
  });

  it('as a missed SLA when it ended by silence, even approved and before the target time', async () => {
    const house = await House.open(MONDAY);
    await house.ask('lets');
    await house.pass(HOUR);
    const figures = await house.gate('lets');
    expect(figures).toMatchObject({ timeouts: 1, outcomes: { approved: { timeout: 1 } }, sla: { breached: 1 } });
    expect(figures?.timeToDecision).toEqual({ count: 0, medianSeconds: null, p90Seconds: null });
    expect(await house.person('ana')).toMatchObject({ asked: 1, votes: 0, missed: 1 });
  });

  it('as neither kept nor missed when it was bypassed or taken back in time, and as missed when it was late', async () => {
    const house = await House.open(MONDAY);
    const bypass = (id: string) =>
      house.change(id, (directory) => ({ type: 'bypass', person: 'mia', reason: 'fire', via: 'web', directory }));
    const [early, late, gone] = [await house.ask('glass'), await house.ask('glass'), await house.ask('glass')];
    await house.pass(10 * MINUTE);
    await bypass(early);
    await house.change(gone, () => ({ type: 'cancel', by: { kind: 'pipeline', pipeline: 'ci' }, reason: null }));
    await house.pass(2 * HOUR, MINUTE);
    await bypass(late);
    const figures = await house.gate('glass');
    expect(figures).toMatchObject({ bypasses: 2, outcomes: { cancelled: { cancelled: 1 } } });
    expect(figures?.sla).toEqual({ met: 0, warned: 0, breached: 1, without: 2, compliance: 0 });
    expect(await house.person('ana')).toMatchObject({ asked: 3, missed: 0 });
  });

  it('with its reminders, escalations and pauses', async () => {
    const house = await House.open(MONDAY);
    await house.ask('quick');
    const id = await house.ask('climbs');
    const by = { kind: 'pipeline', pipeline: 'ci' } as const;
    await house.change(id, () => ({ type: 'pause', by, reason: null }));
    await house.pass(HOUR, MINUTE);
    await house.change(id, () => ({ type: 'resume', by }));
    await house.pass(5 * HOUR, MINUTE);
    expect(await house.gate('quick')).toMatchObject({ reminders: 3, escalations: 0, timeouts: 1 });
    expect(await house.gate('climbs')).toMatchObject({ reminders: 0, escalations: 1, pauses: 1, timeouts: 1 });
  });
});

describe('a person counts', () => {
  it('once for each stage that asks them, with the time from being asked to the vote', async () => {
    const house = await House.open(MONDAY);
    const id = await house.ask('chain');
    await house.pass(10 * MINUTE);
    await house.vote(id, 'ben');
    await house.pass(30 * MINUTE);
    await house.vote(id, 'mia');
    expect(await house.person('ana')).toMatchObject({ asked: 1, votes: 0, missed: 0 });
    expectAbout((await house.person('ben'))?.timeToVote.medianSeconds, 600);
    const mia = await house.person('mia');
    expect(mia).toMatchObject({ asked: 1, votes: 1, timeToVote: { count: 1 } });
    expectAbout(mia?.timeToVote.medianSeconds, 1800);
  });

  it('from the moment they were escalated to, or got somebody’s part', async () => {
    const house = await House.open(MONDAY);
    const climbing = await house.ask('climbs');
    await house.pass(30 * MINUTE);
    await house.pass(10 * MINUTE);
    await house.vote(climbing, 'mia');
    const mia = await house.person('mia');
    expect(mia).toMatchObject({ asked: 1, votes: 1 });
    expectAbout(mia?.timeToVote.medianSeconds, 600);
    const handed = await house.ask('glass');
    await house.pass(20 * MINUTE);
    await house.change(handed, (directory) => ({ type: 'delegate', from: 'ana', to: 'eve', reason: null, directory }));
    await house.pass(5 * MINUTE);
    await house.vote(handed, 'eve');
    const eve = await house.person('eve');
    expect(eve).toMatchObject({ asked: 1, votes: 1, onBehalf: 1 });
    expectAbout(eve?.timeToVote.medianSeconds, 300);
  });

  it('without the time that the request stood still', async () => {
    const house = await House.open(MONDAY);
    const id = await house.ask('plain');
    const by = { kind: 'pipeline', pipeline: 'ci' } as const;
    await house.pass(5 * MINUTE);
    await house.change(id, () => ({ type: 'pause', by, reason: null }));
    await house.pass(3 * HOUR);
    await house.change(id, () => ({ type: 'resume', by }));
    await house.pass(5 * MINUTE);
    await house.vote(id, 'ana');
    expectAbout((await house.person('ana'))?.timeToVote.medianSeconds, 600);
    expectAbout((await house.gate('plain'))?.timeToDecision.medianSeconds, 600);
  });

  it('as quick within five seconds, unless a pipeline handed the vote in', async () => {
    const house = await House.open(MONDAY);
    const [clicked, sent, slow] = [await house.ask('plain'), await house.ask('plain'), await house.ask('plain')];
    await house.pass(4 * SECOND);
    await house.vote(clicked, 'ana');
    await house.vote(sent, 'ana', 'approve', 'ci');
    await house.pass(SECOND);
    await house.vote(slow, 'ana');
    expect(await house.person('ana')).toMatchObject({ asked: 3, votes: 3, quick: 1 });
  });

  it('with their first vote alone, whatever they changed afterwards', async () => {
    const house = await House.open(MONDAY);
    const id = await house.ask('two');
    await house.pass(10 * MINUTE);
    await house.vote(id, 'ana');
    await house.pass(10 * MINUTE);
    await house.change(id, () => ({ type: 'withdrawVote', person: 'ana', via: 'web', replaces: 'current' }));
    await house.pass(10 * MINUTE);
    await house.vote(id, 'ana');
    await house.vote(id, 'ben');
    const ana = await house.person('ana');
    expect(ana).toMatchObject({ asked: 1, votes: 1, timeToVote: { count: 1 } });
    expectAbout(ana?.timeToVote.medianSeconds, 600);
  });

  it('is not charged with silence for a vote that was given or a stage that had not come', async () => {
    const house = await House.open(MONDAY);
    const id = await house.ask('two');
    await house.vote(id, 'ana');
    await house.ask('chain');
    await house.pass(49 * HOUR, HOUR);
    expect(await house.person('ana')).toMatchObject({ asked: 2, votes: 1, missed: 1 });
    expect(await house.person('ben')).toMatchObject({ asked: 2, votes: 0, missed: 2 });
    expect(await house.person('mia')).toBeUndefined();
  });
});
