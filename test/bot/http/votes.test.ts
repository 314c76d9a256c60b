import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR, handClock, MINUTE, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

const clock = handClock();
let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config: GATES, wall: clock.wall });
});
afterAll(() => bot.end());

const codeOf = (answer: { json: { type: string } | null }) => answer.json?.type.replace('urn:countersign:problem:', '');

describe('a vote through the API', () => {
  it('counts as that person’s, says through what it came, and names the pipeline', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const answer = await bot.vote(id, 'ana', 'approve', { reason: 'looks fine' });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      status: 'approved',
      votes: [{ person: 'ana', option: 'approve', via: 'api', pipeline: 'ci', reason: 'looks fine' }],
      outcome: { cause: 'votes', option: 'approve', decidedBy: ['ana'] },
    });
  });

  it('is refused by the requester, by strangers and by nobody, and changes nothing', async () => {
    const { id } = await bot.opened({ gate: 'deploy', requester: 'ana' });
    for (const [person, status, code] of [
      ['ana', 403, 'own-request'],
      ['eve', 403, 'not-an-approver'],
      ['mia', 403, 'not-an-approver'],
      ['nobody', 422, 'unknown-person'],
      ['Ben Okoye', 422, 'unknown-person'],
      ['ben@acme.dev', 422, 'unknown-person'],
      ['constructor', 422, 'unknown-person'],
    ] as const) {
      const answer = await bot.vote(id, person);
      expect([answer.status, codeOf(answer)], person).toEqual([status, code]);
    }
    expect(await bot.happened(id)).toEqual(['opened']);
  });

  it('is recorded once when it comes twice', async () => {
    const { id } = await bot.opened({ gate: 'deploy-two' });
    const first = await bot.vote(id, 'ana');
    const second = await bot.vote(id, 'ana');
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.json.version).toBe(first.json.version);
    expect(await bot.happened(id)).toEqual(['opened', 'voted']);
    expect((await bot.read(id)).stages[0].rules[0]).toMatchObject({ approvals: 1, missing: ['ben', 'cy'] });
  });

  it('is replaced only by a change that says so, and taken back by DELETE', async () => {
    const { id } = await bot.opened({ gate: 'deploy-two' });
    await bot.vote(id, 'ana');
    const other = await bot.vote(id, 'ana', 'reject');
    expect([other.status, codeOf(other)]).toEqual([409, 'already-voted']);
    const nothing = await bot.vote(id, 'ben', 'approve', { change: true });
    expect([nothing.status, codeOf(nothing)]).toEqual([409, 'no-vote']);

    const withdrawn = await bot.call('DELETE', `/v1/requests/${id}/votes/ana`);
    expect(withdrawn.status).toBe(200);
    expect(withdrawn.json.votes).toEqual([]);
    expect((await bot.call('DELETE', `/v1/requests/${id}/votes/ana`)).status).toBe(409);

    await bot.vote(id, 'ana');
    const changed = await bot.vote(id, 'ana', 'reject', { change: true });
    expect(changed.json).toMatchObject({ status: 'rejected', outcome: { decidedBy: ['ana'] } });
    expect(await bot.happened(id)).toEqual(['opened', 'voted', 'voteWithdrawn', 'voted', 'voteChanged', 'closed']);
  });

  it('comes too late after the deadline, even before any tick has run', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    clock.advance(HOUR - 1);
    expect((await bot.call('POST', `/v1/requests/${id}/comment`, { text: 'just in time' })).status).toBe(200);
    clock.advance(1);
    for (const [person, option] of [
      ['ana', 'approve'],
      ['ben', 'reject'],
    ] as const) {
      const late = await bot.vote(id, person, option);
      expect([late.status, codeOf(late)]).toEqual([409, 'past-deadline']);
    }
    expect((await bot.call('POST', `/v1/requests/${id}/cancel`)).status).toBe(409);
    expect(await bot.happened(id)).toEqual(['opened', 'commented']);
    await bot.tick();
    expect(await bot.read(id)).toMatchObject({ status: 'rejected', outcome: { cause: 'timeout', decidedBy: [] } });
  });

  it('comes too late after the end, and the outcome stays', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    await bot.vote(id, 'cy');
    for (const [person, option] of [
      ['cy', 'approve'],
      ['ben', 'reject'],
      ['eve', 'approve'],
    ] as const) {
      const late = await bot.vote(id, person, option);
      expect([late.status, codeOf(late)]).toEqual([409, 'already-closed']);
    }
    expect((await bot.read(id)).outcome.decidedBy).toEqual(['cy']);
  });

  it('ends a request once, however many come at once', async () => {
    const { id } = await bot.opened({ gate: 'deploy-two' });
    const people = ['ana', 'ben', 'cy'];
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => bot.vote(id, people[i % 3] ?? '', i % 7 === 6 ? 'reject' : 'approve')),
    );
    expect(answers.every(({ status }) => [200, 409].includes(status))).toBe(true);
    const trail = await bot.happened(id);
    expect(trail.filter((type) => type === 'closed')).toHaveLength(1);
    const { votes, outcome } = await bot.read(id);
    expect(new Set(votes.map(({ person }: { person: string }) => person)).size).toBe(votes.length);
    expect(outcome.cause).toBe('votes');
  });

  it('carries the option and the answers to the pipeline', async () => {
    const chosen = await bot.opened({ gate: 'optional' });
    expect((await bot.vote(chosen.id, 'ana', 'approve')).status).toBe(422);
    expect((await bot.vote(chosen.id, 'ana', 'canary')).json.outcome).toMatchObject({
      status: 'approved',
      option: 'canary',
    });
    const filled = await bot.opened({ gate: 'reasoned' });
    const inputs = { window: 'tonight', percent: 25 };
    const answer = await bot.vote(filled.id, 'ana', 'approve', { reason: 'fine', inputs });
    expect(answer.json.outcome).toMatchObject({ inputs, reason: 'fine' });
  });

  it('goes through the stages one after another', async () => {
    const { id } = await bot.opened({ gate: 'chain' });
    expect((await bot.vote(id, 'mia')).status).toBe(403);
    const peers = await bot.vote(id, 'ana');
    expect(peers.json.stages.map(({ state }: { state: string }) => state)).toEqual(['passed', 'open']);
    expect((await bot.vote(id, 'mia')).json.status).toBe('approved');
  });

  it('waits while the request is paused, and so does the deadline', async () => {
    const { id, expiresAt } = await bot.opened({ gate: 'deploy' });
    await bot.call('POST', `/v1/requests/${id}/pause`, { reason: 'freeze' });
    expect(codeOf(await bot.vote(id, 'ana'))).toBe('paused');
    clock.advance(30 * MINUTE);
    const resumed = await bot.call('POST', `/v1/requests/${id}/resume`);
    expect(Date.parse(resumed.json.expiresAt) - Date.parse(expiresAt)).toBe(30 * MINUTE);
    expect((await bot.vote(id, 'ana')).json.status).toBe('approved');
  });
});
