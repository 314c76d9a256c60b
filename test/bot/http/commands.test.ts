import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR, handClock, MINUTE, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

const clock = handClock();
let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config: GATES, wall: clock.wall });
});
afterAll(() => bot.end());

const post = (id: string, command: string, body?: unknown) => bot.call('POST', `/v1/requests/${id}/${command}`, body);
const codeOf = (answer: { json: { type: string } | null }) => answer.json?.type.replace('urn:countersign:problem:', '');

describe('a command', () => {
  it('`cancel` ends the request, with the reason, with or without a body', async () => {
    const first = await bot.opened({ gate: 'deploy' });
    const answer = await post(first.id, 'cancel', { reason: 'built anew' });
    expect(answer.json).toMatchObject({
      status: 'cancelled',
      outcome: { status: 'cancelled', cause: 'cancelled', reason: 'built anew' },
    });
    const second = await bot.opened({ gate: 'deploy' });
    expect((await post(second.id, 'cancel')).json.status).toBe('cancelled');
    expect(codeOf(await post(second.id, 'cancel'))).toBe('already-closed');
  });

  it('`heartbeat` keeps the request alive, where it was opened with one', async () => {
    const without = await bot.opened({ gate: 'deploy' });
    expect(codeOf(await post(without.id, 'heartbeat'))).toBe('no-heartbeat');
    const { id } = await bot.opened({ gate: 'never', heartbeat: '5m' });
    for (let i = 0; i < 3; i++) {
      clock.advance(4 * MINUTE);
      expect((await post(id, 'heartbeat')).status).toBe(200);
    }
    clock.advance(5 * MINUTE);
    expect(codeOf(await post(id, 'heartbeat'))).toBe('past-deadline');
    await bot.tick();
    expect(await bot.read(id)).toMatchObject({ status: 'cancelled', outcome: { cause: 'orphaned' } });
  });

  it('`comment` says something, as the pipeline or as a person', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    await post(id, 'comment', { text: 'built by 7' });
    const answer = await post(id, 'comment', { text: 'thanks', person: 'ana' });
    expect(answer.json.comments).toMatchObject([
      { by: { kind: 'pipeline', pipeline: 'ci' }, text: 'built by 7' },
      { by: { kind: 'person', person: 'ana', via: 'api', pipeline: 'ci' }, text: 'thanks' },
    ]);
    expect(codeOf(await post(id, 'comment', { text: '  ' }))).toBe('text-required');
    expect(codeOf(await post(id, 'comment', { text: 'x', person: 'nobody' }))).toBe('unknown-person');
    expect((await post(id, 'comment', { text: 'x'.repeat(10_001) })).status).toBe(400);
  });

  it('`information` asks, and `answer` answers', async () => {
    const { id } = await bot.opened({ gate: 'deploy', requester: 'eve' });
    expect(codeOf(await post(id, 'answer', { answer: 'x' }))).toBe('no-question');
    expect((await post(id, 'information', { person: 'eve', question: 'may I?' })).status).toBe(403);
    await post(id, 'information', { person: 'ana', question: 'which ticket?' });
    const answer = await post(id, 'answer', { answer: 'T-1', person: 'eve' });
    expect(answer.json.information).toMatchObject([
      { by: 'ana', question: 'which ticket?', answer: { by: { person: 'eve' }, text: 'T-1' } },
    ]);
  });

  it('`pause` stops the clocks and `resume` lets them run', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    expect(codeOf(await post(id, 'resume'))).toBe('not-paused');
    expect((await post(id, 'pause', { reason: 'wait' })).json.paused).toBe(true);
    clock.advance(3 * HOUR);
    await bot.tick();
    expect((await bot.read(id)).status).toBe('pending');
    expect((await post(id, 'resume')).json.paused).toBe(false);
  });

  it('`pause` may let the deadline run on, and says what stands', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const paused = (await post(id, 'pause', { reason: 'release train', clocks: 'run' })).json;
    expect(paused.pauses).toEqual([
      {
        scope: 'request',
        by: { kind: 'pipeline', pipeline: 'ci' },
        reason: 'release train',
        at: new Date(clock.wall()).toISOString(),
        clocks: 'run',
      },
    ]);
    expect((await post(id, 'pause', { clocks: 'slow' })).status).toBe(400);
    clock.advance(HOUR);
    await bot.tick();
    expect(await bot.read(id)).toMatchObject({ status: 'rejected', paused: false, pauses: [] });
    const other = await bot.opened({ gate: 'deploy' });
    expect((await post(other.id, 'pause', { clocks: 'stop' })).json.pauses).toMatchObject([{ clocks: 'stop' }]);
  });

  it('`nudge` asks those who are missing again, not all the time', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    expect((await post(id, 'nudge')).status).toBe(200);
    expect(await bot.happened(id)).toEqual(['opened', 'nudged']);
    const again = await post(id, 'nudge');
    expect([again.status, codeOf(again)]).toEqual([409, 'nudged-lately']);
    clock.advance(15 * MINUTE);
    expect((await post(id, 'nudge')).status).toBe(200);
    await bot.vote(id, 'ana');
    expect(codeOf(await post(id, 'nudge'))).toBe('already-closed');
  });

  it('`snooze` holds reminders back, until a time or for a while', async () => {
    const { id } = await bot.opened({ gate: 'nudge' });
    const until = new Date(clock.wall() + 2 * HOUR).toISOString();
    expect((await post(id, 'snooze', { person: 'ana', until })).status).toBe(200);
    expect((await post(id, 'snooze', { person: 'ana', for: '30m' })).status).toBe(200);
    expect((await post(id, 'snooze', { person: 'ana', for: 'long' })).status).toBe(422);
    expect((await post(id, 'snooze', { person: 'ana' })).status).toBe(422);
    expect((await post(id, 'snooze', { person: 'ana', until, for: '1h' })).status).toBe(422);
    expect((await post(id, 'snooze', { person: 'ana', until: '2020-01-01T00:00:00Z' })).status).toBe(422);
    expect((await post(id, 'snooze', { person: 'ana', until: 'tomorrow' })).status).toBe(400);
    expect((await post(id, 'snooze', { person: 'eve', for: '1h' })).status).toBe(403);
  });

  it('`delegate` gives an approver’s part away', async () => {
    const { id } = await bot.opened({ gate: 'breakable' });
    const answer = await post(id, 'delegate', { from: 'ana', to: 'cy', reason: 'away' });
    expect(answer.json.stages[0].rules[0].approvers.toSorted()).toEqual(['ben', 'cy']);
    expect(codeOf(await bot.vote(id, 'ana'))).toBe('not-an-approver');
    expect(codeOf(await post(id, 'delegate', { from: 'eve', to: 'mia' }))).toBe('not-an-approver');
    expect(codeOf(await post(id, 'delegate', { from: 'ben', to: 'nobody' }))).toBe('unknown-person');
    expect((await bot.vote(id, 'cy')).json.status).toBe('approved');
  });

  it('`reassign` asks somebody else instead', async () => {
    const { id } = await bot.opened({ gate: 'optional' });
    const answer = await post(id, 'reassign', { from: 'ana', to: 'ben' });
    expect(answer.json.stages[0].rules[0].approvers).toEqual(['ben']);
    expect(codeOf(await post(id, 'reassign', { from: 'ben', to: 'nobody' }))).toBe('unknown-person');
  });

  it('`bypass` breaks the glass with a reason, and `review` looks at it afterwards', async () => {
    const { id } = await bot.opened({ gate: 'breakable', requester: 'eve' });
    const silent = await post(id, 'bypass', { person: 'mia' });
    expect([silent.status, silent.json.errors[0].path]).toEqual([422, 'reason']);
    expect(codeOf(await post(id, 'bypass', { person: 'ana', reason: 'x' }))).toBe('no-bypass');
    expect(codeOf(await post(id, 'review', { person: 'ana' }))).toBe('no-review-due');
    const broken = await post(id, 'bypass', { person: 'mia', reason: 'on fire' });
    expect(broken.json).toMatchObject({
      status: 'approved',
      outcome: { cause: 'bypass', reason: 'on fire', decidedBy: ['mia'] },
      afterReview: 'due',
    });
    expect(codeOf(await post(id, 'review', { person: 'mia' }))).toBe('own-request');
    const reviewed = await post(id, 'review', { person: 'ana', note: 'was right' });
    expect(reviewed.json.afterReview).toMatchObject({ by: 'ana', note: 'was right' });
    expect((await bot.opened({ gate: 'deploy' })).status).toBe('pending');
  });

  it('is refused with an unknown field, and changes nothing', async () => {
    const { id } = await bot.opened({ gate: 'deploy', heartbeat: '1h' });
    for (const command of [
      'cancel',
      'heartbeat',
      'pause',
      'resume',
      'nudge',
      'comment',
      'information',
      'answer',
      'snooze',
      'delegate',
      'reassign',
      'bypass',
      'review',
      'votes',
    ]) {
      const answer = await post(id, command, { bogus: 1 });
      expect(answer.status, command).toBe(400);
      expect(answer.json.errors.map(({ path }: { path: string }) => path)).toContain('bogus');
    }
    expect(await bot.happened(id)).toEqual(['opened']);
  });
});
