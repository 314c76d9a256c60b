import { afterEach, describe, expect, it } from 'vitest';
import { RefusedError } from '../../src/adapters/channel.ts';
import { type Store, StoreUnavailableError } from '../../src/store/port.ts';
import { notice, type Rig, rest, startRig, surface, through, VirtualTime } from './dispatch-parts.ts';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.end();
});
async function start(options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
}

describe('the dispatcher', () => {
  it('sends to one place in order and never two at once', async () => {
    const { open, slack, dispatcher } = await start();
    const sent = Array.from({ length: 20 }, () => notice('req_1'));
    await open('req_1', ...sent);
    await dispatcher.drain();
    expect(slack.calls.map(({ key }) => key)).toEqual(sent.map(({ id }) => id));
    expect(slack.overlaps).toBe(0);
  });

  it('never has more calls under way through one channel than its limit', async () => {
    const { open, slack, dispatcher, time } = await start();
    slack.trouble = (_, verb) => (verb === 'notify' ? 'hang' : 'none');
    const many = Array.from({ length: 200 }, (_, n) =>
      notice('req_1', {
        target: `slack:U${n}`,
        payload: {
          to: { kind: 'person', id: `U${n}` },
          viewer: 'ana',
          notice: { kind: 'informationReturned', sentence: 'Hello.' },
        },
      }),
    );
    await open('req_1', ...many);
    await rest();
    expect(slack.mostUnderWay).toBe(64);
    slack.trouble = () => 'none';
    await time.pass(60_000);
    await dispatcher.drain();
    expect(slack.messages.length).toBe(200);
    expect(slack.mostUnderWay).toBe(64);
  });

  it('gives up on a sender that doesn’t heed its signal', async () => {
    const { open, slack, dispatcher, time, only } = await start();
    slack.script.push('deaf');
    await open('req_1', notice('req_1'));
    await time.pass(15_000);
    expect(await only()).toMatchObject({ state: 'failed', lastError: 'no answer' });
    await time.pass(2_000);
    await dispatcher.drain();
    expect(await only()).toMatchObject({ state: 'sent' });
  });

  it('parks what fails in a way nobody foresaw, and lets the rest go on', async () => {
    const { open, slack, dispatcher, time, dead, lines } = await start();
    const [poison, other] = [notice('req_1', { target: 'slack:a' }), notice('req_1', { target: 'slack:b' })];
    const bug = new TypeError('secret-canary is not a function');
    slack.trouble = ({ key }) => (key === poison.id ? { fail: bug } : 'none');
    await open('req_1', poison, other);
    await time.pass(60_000);
    await dispatcher.drain();
    expect(dead).toMatchObject([{ id: poison.id, lastError: 'unforeseen TypeError', attempts: 3 }]);
    expect(slack.messages.map(({ key }) => key)).toEqual([other.id]);
    expect(JSON.stringify(lines)).not.toContain('secret-canary');
  });

  it('writes no address’s query, user or password down', async () => {
    const { open, slack, dispatcher, lines, only } = await start();
    slack.script.push({ fail: new RefusedError('no https://me:canary@chat.dev/x?token=canary#canary\nhere') });
    await open('req_1', notice('req_1'));
    await dispatcher.drain();
    expect((await only()).lastError).toBe('no https://chat.dev/x here');
    expect(JSON.stringify(lines)).not.toContain('canary');
  });

  it('survives whatever is thrown at the news of a dead letter', async () => {
    const time = new VirtualTime(Date.UTC(2026, 0, 5, 12));
    const { open, slack, dispatcher, dead } = await start({ time });
    dead.push = () => {
      throw new Error('nobody is there');
    };
    slack.script.push({ fail: new RefusedError('no') });
    await open('req_1', notice('req_1'), notice('req_1'));
    await dispatcher.drain();
    expect(slack.messages.length).toBe(1);
  });

  it('claims once for many commits of one turn, and sleeps while nothing is due', async () => {
    let claims = 0;
    const around = (store: Store) => ({
      ...through(store),
      claim: (now: number, limit: number) => {
        claims += 1;
        return store.claim(now, limit);
      },
    });
    const { open, time } = await start({ around });
    await rest();
    claims = 0;
    await Promise.all(Array.from({ length: 50 }, (_, n) => open(`req_${n}`)));
    expect(claims).toBe(1);
    await time.pass(24 * 3_600_000);
    expect(claims).toBe(1);
    await open('req_later', notice('req_later', { dueAt: time.now + 50 * 60_000 }));
    claims = 0;
    await time.pass(49 * 60_000);
    expect(claims).toBeLessThan(60);
    await time.pass(2 * 60_000);
    expect(time.nextAt).toBeNull();
  });

  it('backs off from a store that is away, and goes on when it is back', async () => {
    let isAway = true;
    let asked = 0;
    const gone = () => {
      asked += 1;
      if (isAway) throw new StoreUnavailableError('full');
    };
    const { open, slack, time, dispatcher, lines, only } = await start({
      around: (store) => ({
        ...through(store),
        claim: async (...args) => {
          gone();
          return store.claim(...args);
        },
        settle: async (...args) => {
          gone();
          return store.settle(...args);
        },
      }),
    });
    await open('req_1', surface('req_1'));
    await time.pass(10 * 60_000);
    expect(asked).toBeLessThan(60);
    isAway = false;
    await time.pass(1);
    await time.pass(30_000);
    isAway = true;
    dispatcher.wake();
    await time.pass(60_000);
    isAway = false;
    await time.pass(60_000);
    await dispatcher.drain();
    expect(slack.messages.length).toBe(1);
    expect(await only()).toMatchObject({ state: 'sent' });
    expect(lines.filter(({ message }) => message === 'deliveries cannot be claimed').length).toBeGreaterThan(3);
  });

  it('keeps hold of what was sent while the store can’t write it down', async () => {
    let isAway = true;
    const { open, slack, time, dispatcher, only } = await start({
      around: (store) => ({
        ...through(store),
        settle: async (...args) => {
          if (isAway) throw new StoreUnavailableError('full');
          return store.settle(...args);
        },
      }),
    });
    await open('req_1', notice('req_1'));
    await time.pass(5 * 60_000);
    expect(await only()).toMatchObject({ state: 'sending' });
    isAway = false;
    await time.pass(60_000);
    await dispatcher.drain();
    expect(await only()).toMatchObject({ state: 'sent' });
    expect(slack.messages.length).toBe(1);
  });

  it('stops within its grace while calls hang, and leaves everything to be sent again', async () => {
    const { open, slack, time, dispatcher, states } = await start();
    slack.trouble = () => 'deaf';
    await open('req_1', ...Array.from({ length: 100 }, (_, n) => notice('req_1', { target: `slack:${n}` })));
    await rest();
    const before = time.now;
    let stoppedAt = 0;
    const stopped = dispatcher.stop(3_000).then(() => {
      stoppedAt = time.now;
    });
    await time.pass(10_000);
    await stopped;
    expect(stoppedAt - before).toBeLessThanOrEqual(4_000);
    expect(new Set(Object.values(await states()))).toEqual(new Set(['failed']));
    const calls = slack.calls.length;
    dispatcher.wake();
    dispatcher.tick(time.now);
    await dispatcher.drain();
    await time.pass(60_000);
    expect(slack.calls.length).toBe(calls);
  });

  it('stops at once when nothing is under way', async () => {
    const { time, dispatcher } = await start();
    const before = time.now;
    await dispatcher.stop(10_000);
    expect(time.now).toBe(before);
  });

  it('gives up draining when its caller does', async () => {
    const { open, slack, dispatcher } = await start();
    slack.trouble = () => 'hang';
    await open('req_1', notice('req_1'));
    const giveUp = new AbortController();
    const drained = expect(dispatcher.drain(giveUp.signal)).rejects.toThrow('enough');
    giveUp.abort(new Error('enough'));
    await drained;
  });
});
