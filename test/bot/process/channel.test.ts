import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outgoing } from '../../../src/adapters/channel.ts';
import { FakeChannel } from '../../fake/channel.ts';
import { eventually, HOUR, handClock, MINUTE, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

/** Keeps what was shown last under each key, as people see it. */
class WatchedChannel extends FakeChannel {
  readonly shown = new Map<string, Outgoing>();
  readonly sentences: { readonly to: string; readonly kind: string; readonly sentence: string }[] = [];
  override post(message: Outgoing) {
    return super.post(message).then((ref) => this.seen(message, ref));
  }
  override update(message: Outgoing, ref: Readonly<Record<string, string>>) {
    return super.update(message, ref).then((kept) => this.seen(message, kept));
  }
  override notify(message: Outgoing, notice: Parameters<FakeChannel['notify']>[1]) {
    this.sentences.push({ to: message.to.id, kind: notice.kind, sentence: notice.sentence });
    return super.notify(message, notice);
  }
  private seen<T>(message: Outgoing, result: T): T {
    this.shown.set(message.key, message);
    return result;
  }
}

let clock: ReturnType<typeof handClock>;
let slack: WatchedChannel;
let bot: TestBot;
beforeEach(async () => {
  clock = handClock();
  slack = new WatchedChannel('slack', clock.wall);
  bot = await startTestBot({ config: GATES, wall: clock.wall, channels: [slack] });
});
afterEach(() => bot.end());

/** Waits until nothing is under way any more. */
const quiet = () =>
  eventually(async () => {
    const { deliveries } = (await bot.call('GET', '/v1/deliveries?limit=200')).json;
    return deliveries.every(({ state }: { state: string }) => state === 'sent');
  }, 'everything to be sent');
const surfaces = (id: string) => [...slack.shown.values()].filter(({ view }) => view.id === id);
const surfaceAt = (id: string, to: string) => surfaces(id).find((message) => message.to.id === to);
const told = (kind: string) => slack.sentences.filter((notice) => notice.kind === kind).map(({ to }) => to);

describe('a request on a channel', () => {
  it('is posted where the gate says, and to each approver by themselves', async () => {
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' }, requester: 'ben' });
    await quiet();
    expect(
      surfaces(id)
        .map(({ to }) => `${to.kind}:${to.id}`)
        .toSorted(),
    ).toEqual(['channel:C0RELEASES', 'person:U0ANA', 'person:U0CY']);
    const channel = surfaceAt(id, 'C0RELEASES');
    expect(channel?.view).toMatchObject({ title: 'Deploy billing to production', status: 'pending' });
    expect(channel?.link).toBe(`${bot.url}/requests/${id}`);
    expect(surfaceAt(id, 'U0ANA')?.view.actions.length).toBeGreaterThan(0);
  });

  it('is brought up to date after votes, and loses its buttons at the end', async () => {
    const { id } = await bot.opened({ gate: 'deploy-two', requester: 'eve' });
    await quiet();
    await bot.vote(id, 'ana');
    await quiet();
    expect(slack.messages.filter(({ kind }) => kind === 'surface')).toHaveLength(3);
    expect(surfaceAt(id, 'U0BEN')?.view.version).toBe(2);
    expect(surfaceAt(id, 'U0BEN')?.view.actions.length).toBeGreaterThan(0);
    await bot.vote(id, 'ben', 'approve', { reason: 'fine' });
    await quiet();
    for (const { view } of surfaces(id)) {
      expect(view.status).toBe('approved');
      expect(view.actions.filter(({ kind }) => kind === 'vote')).toEqual([]);
      expect(view.outcome?.sentence).toMatch(/Ana Silva/);
      expect(view.outcome?.sentence).toMatch(/Ben Okoye/);
    }
    expect(slack.messages.filter(({ kind }) => kind === 'surface')).toHaveLength(3);
    expect(slack.overlaps).toBe(0);
  });

  it('tells the requester how it ended', async () => {
    const { id } = await bot.opened({ gate: 'deploy', requester: 'eve' });
    await bot.vote(id, 'ana', 'reject', { reason: 'not today' });
    await quiet();
    expect(told('outcome')).toEqual(['U0EVE']);
    expect(slack.sentences.at(-1)?.sentence).toContain('not today');
  });

  it('asks the next stage’s people when their turn comes', async () => {
    const { id } = await bot.opened({ gate: 'chain' });
    await quiet();
    expect(surfaceAt(id, 'U0MIA')).toBeUndefined();
    await bot.vote(id, 'ana');
    await quiet();
    expect(surfaceAt(id, 'U0MIA')?.view.actions.some(({ kind }) => kind === 'vote')).toBe(true);
  });

  it('tells everybody who was asked of a bypass', async () => {
    const { id } = await bot.opened({ gate: 'breakable', requester: 'eve' });
    await quiet();
    await bot.call('POST', `/v1/requests/${id}/bypass`, { person: 'mia', reason: 'on fire' });
    await quiet();
    expect(told('bypass').toSorted()).toEqual(['U0ANA', 'U0BEN']);
    expect(slack.sentences.find(({ kind }) => kind === 'bypass')?.sentence).toContain('on fire');
  });

  it('takes questions to the requester and answers back', async () => {
    const { id } = await bot.opened({ gate: 'deploy', requester: 'eve' });
    await bot.call('POST', `/v1/requests/${id}/information`, {
      person: 'ana',
      question: `which ticket? ${'x'.repeat(9_000)}`,
    });
    await bot.call('POST', `/v1/requests/${id}/answer`, { answer: 'T-1' });
    await quiet();
    expect(told('informationRequested')).toEqual(['U0EVE']);
    expect(told('informationReturned')).toEqual(['U0ANA']);
  });

  it('reaches whoever a part was handed to', async () => {
    const { id } = await bot.opened({ gate: 'optional' });
    await bot.call('POST', `/v1/requests/${id}/delegate`, { from: 'ana', to: 'cy' });
    await quiet();
    expect(told('delegated')).toEqual(['U0CY']);
    expect(surfaceAt(id, 'U0CY')?.view.actions.some(({ kind }) => kind === 'vote')).toBe(true);
    expect(surfaceAt(id, 'U0ANA')?.view.actions.some(({ kind }) => kind === 'vote')).toBe(false);
  });
});

describe('as time passes', () => {
  const pass = async (ms: number) => {
    clock.advance(ms);
    await bot.tick();
    await quiet();
  };

  it('people are reminded, warned and escalated to, each once and on time', async () => {
    const { id } = await bot.opened({ gate: 'nudge' });
    await quiet();
    await pass(HOUR - 1);
    expect(slack.sentences).toEqual([]);
    await pass(1);
    await bot.tick();
    expect(told('reminder')).toEqual(['U0ANA']);
    await pass(HOUR);
    expect(told('reminder')).toEqual(['U0ANA', 'U0ANA']);
    expect(told('slaWarning')).toEqual(['U0ANA']);
    await pass(30 * MINUTE);
    expect(told('escalation')).toEqual(['U0MIA']);
    expect(surfaceAt(id, 'U0MIA')?.view.actions.some(({ kind }) => kind === 'vote')).toBe(true);
    await pass(90 * MINUTE);
    expect(told('slaBreach').toSorted()).toEqual(['U0ANA', 'U0MIA']);
    await pass(2 * HOUR);
    expect(told('reminder')).toHaveLength(2);
    expect(await bot.read(id)).toMatchObject({ status: 'rejected', outcome: { cause: 'timeout' } });
    expect(surfaceAt(id, 'C0RELEASES')?.view.status).toBe('rejected');
  });

  it('say nothing that hides or turns around what follows', async () => {
    await bot.opened({ gate: 'nudge', title: 'Deploy \u202eppa\u2066 to\u200b prod\u00aduction' });
    await quiet();
    await pass(HOUR);
    expect(slack.sentences.map(({ sentence }) => sentence)).toEqual([
      'Reminder: “Deploy ppa to production” is waiting for your decision.',
    ]);
  });

  it('what was missed during an outage comes once, not ten times', async () => {
    const { id } = await bot.opened({ gate: 'nudge' });
    await quiet();
    await pass(5 * HOUR);
    expect(told('reminder').filter((to) => to === 'U0ANA')).toHaveLength(1);
    expect(told('escalation')).toEqual(['U0MIA']);
    expect(told('slaWarning')).toEqual([]);
    await pass(5 * HOUR);
    expect((await bot.happened(id)).filter((type) => type === 'closed')).toHaveLength(1);
  });

  it('a deadline that passed during an outage is a deadline that passed, without a burst before it', async () => {
    const { id } = await bot.opened({ gate: 'nudge' });
    await quiet();
    await pass(24 * HOUR);
    expect(await bot.happened(id)).toEqual(['opened', 'closed']);
    expect(told('reminder')).toEqual([]);
  });
});
