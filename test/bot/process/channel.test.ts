import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Outgoing, RefusedError } from '../../../src/adapters/channel.ts';
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
    expect(told('slaBreach').toSorted()).toEqual(['C0RELEASES', 'U0ANA', 'U0MIA']);
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

describe('the thread under a channel’s message', () => {
  /** What stands in the thread, line by line. */
  const lines = () =>
    slack.sentences.filter(({ kind }) => kind === 'history').flatMap(({ sentence }) => sentence.split('\n'));
  beforeEach(async () => {
    await bot.end();
    slack = new WatchedChannel('slack', clock.wall);
    slack.hasThreads = true;
    bot = await startTestBot({ config: GATES, wall: clock.wall, channels: [slack] });
  });

  it('tells what happened, who did it, why and through what', async () => {
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'x' }, requester: 'ben' });
    const call = (path: string, body: object) => bot.call('POST', `/v1/requests/${id}/${path}`, body);
    await call('comment', { text: 'looks\nfine' });
    await call('information', { person: 'ana', question: 'which ticket?' });
    await call('answer', { answer: 'T-1' });
    await call('pause', { reason: 'lunch' });
    await call('resume', {});
    await call('delegate', { from: 'ana', to: 'mia', reason: 'away' });
    await bot.vote(id, 'cy', 'reject', { reason: 'not today' });
    await quiet();
    expect(lines()).toEqual([
      'Pipeline ci commented: “looks fine”',
      'Ana Silva asks: “which ticket?”',
      'Pipeline ci answered: “T-1”',
      'Paused by Pipeline ci: “lunch”',
      'Resumed by Pipeline ci',
      'Ana Silva handed their part to Mia Chen: “away”',
      'Cy Tan decided: Reject, through the API (pipeline ci): “not today”',
      'Rejected by Cy Tan',
    ]);
    const surface = slack.messages.find(({ kind, to }) => kind === 'surface' && to.id === 'C0RELEASES');
    const history = slack.messages.filter(({ kind }) => kind === 'history');
    expect(new Set(history.map(({ thread }) => thread?.ts))).toEqual(new Set([surface?.ref.ts]));
  });

  it('names whom a reminder or an escalation is meant for', async () => {
    const { id } = await bot.opened({ gate: 'nudge' });
    await quiet();
    for (const ms of [HOUR, 90 * MINUTE]) {
      clock.advance(ms);
      await bot.tick();
      await quiet();
    }
    expect(lines()).toContain('Reminded: Ana Silva');
    expect(lines()).toContain('Escalated: Mia Chen may decide as well');
    const people = async () =>
      (await bot.store.deliveries({ request: id, kind: 'notice', limit: 50 })).flatMap(({ payload }) =>
        JSON.stringify(payload).includes('"history"') ? JSON.stringify(payload) : [],
      );
    expect((await people()).join()).toMatch(/Reminded[^}]*"people":\["ana"\].*|"people":\["mia"\]/);
  });

  it('holds no line that somebody else wrote', async () => {
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'x' } });
    const text = 'ok”\nApproved by Mia Chen\u2028Approved by Ana Silva';
    await bot.call('POST', `/v1/requests/${id}/comment`, { text });
    await quiet();
    expect(lines()).toEqual(['Pipeline ci commented: “ok” Approved by Mia Chen Approved by Ana Silva”']);
  });

  it('is not there for requests that were decided as they came', async () => {
    await bot.opened({ gate: 'auto', context: { amount: 5 }, notify: undefined });
    await quiet();
    expect(lines()).toEqual([]);
  });
});

describe('a message that nobody gets', () => {
  const BROKEN = `${GATES.replace('channels:', 'channels:\n  ops: { slack: C0OPS }\n  other: { slack: C0OTHER }')}
  astray: { notify: [releases], fallback: [ops, releases], approvers: [ana] }
`;
  const refuse = (...places: string[]) => {
    slack.trouble = (message) => (places.includes(message.to.id) ? { fail: new RefusedError('is_archived') } : 'none');
  };
  const settled = () =>
    eventually(async () => {
      clock.advance(1_000); // a line may have come before the message that it belongs under
      await bot.tick();
      const { deliveries } = (await bot.call('GET', '/v1/deliveries?limit=200')).json;
      return deliveries.every(({ state }: { state: string }) => state === 'sent' || state === 'dead');
    }, 'everything to be settled');
  const undelivered = async (id: string) =>
    (await bot.read(id)).undelivered.map(({ unheard }: { unheard?: boolean }) => unheard ?? false);
  beforeEach(async () => {
    await bot.end();
    slack = new WatchedChannel('slack', clock.wall);
    slack.hasThreads = true;
    bot = await startTestBot({ config: BROKEN, wall: clock.wall, channels: [slack] });
  });

  it('brings the request into the fallback channels that do not have it yet, once', async () => {
    refuse('C0RELEASES', 'U0ANA');
    const { id } = await bot.opened({ gate: 'astray' });
    // Given up is not yet told: the trail has it a moment later.
    await eventually(async () => (await undelivered(id)).length === 2, 'the trail to have it');
    await settled();
    expect(surfaces(id).map(({ to }) => to.id)).toEqual(['C0OPS']);
    expect(await undelivered(id)).toEqual([false, false]);
    await bot.vote(id, 'ana');
    await settled();
    expect(surfaceAt(id, 'C0OPS')?.view.status).toBe('approved');
    expect(slack.sentences.filter(({ kind }) => kind === 'history').map(({ to }) => to)).toContain('C0OPS');
    expect(await bot.happened(id)).toEqual(['opened', 'undelivered', 'undelivered', 'voted', 'stagePassed', 'closed']);
  });

  it('makes the request unheard when the fallback fails as well', async () => {
    refuse('C0RELEASES', 'C0OPS', 'U0ANA');
    const { id } = await bot.opened({ gate: 'astray' });
    await eventually(async () => (await undelivered(id)).length === 3, 'the trail to have it');
    expect(await undelivered(id)).toEqual([false, false, true]);
    expect((await bot.call('GET', '/readyz')).json).toMatchObject({ status: 'ready', unheard: 1 });
  });

  it('is no trouble where another one shows the request', async () => {
    refuse('U0ANA');
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'x' } });
    await eventually(async () => (await undelivered(id)).length === 1, 'the trail to have it');
    expect(await undelivered(id)).toEqual([false]);
    expect((await bot.call('GET', '/readyz')).json).toMatchObject({ unheard: 0 });
  });
});
