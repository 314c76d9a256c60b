import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Handler } from '../../../src/bot/handle.ts';
import { startTicker, tickOnce } from '../../../src/bot/ticks.ts';
import type { Store } from '../../../src/store/port.ts';
import { HOUR, handClock, MINUTE, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let clock: ReturnType<typeof handClock>;
let bot: TestBot;
beforeEach(async () => {
  clock = handClock(); // a Monday at nine
  bot = await startTestBot({ config: GATES, wall: clock.wall });
});
afterEach(() => bot.end());

const pass = async (ms: number) => {
  clock.advance(ms);
  await bot.tick();
};

describe('a tick', () => {
  it('ends what is past its deadline, in time and once', async () => {
    const { id, expiresAt } = await bot.opened({ gate: 'deploy' });
    await pass(HOUR - 1);
    expect((await bot.read(id)).status).toBe('pending');
    await pass(1);
    await bot.tick();
    const request = await bot.read(id);
    expect(request.outcome).toMatchObject({ status: 'rejected', cause: 'timeout', decidedAt: expiresAt });
    expect(await bot.happened(id)).toEqual(['opened', 'closed']);
  });

  it('leaves alone what waits for ever', async () => {
    const { id, expiresAt } = await bot.opened({ gate: 'never' });
    expect(expiresAt).toBeNull();
    await pass(10_000 * HOUR);
    expect((await bot.read(id)).status).toBe('pending');
  });

  it('cancels as orphaned what its pipeline left', async () => {
    const { id } = await bot.opened({ gate: 'never', heartbeat: '5m' });
    await pass(5 * MINUTE - 1);
    expect((await bot.read(id)).status).toBe('pending');
    await pass(1);
    expect(await bot.read(id)).toMatchObject({ status: 'cancelled', outcome: { cause: 'orphaned' } });
  });

  it('holds an approval during a freeze and lets it take effect when the freeze ends', async () => {
    clock.advance(10 * HOUR); // seven in the evening
    const { id } = await bot.opened({ gate: 'frozen' });
    const held = (await bot.vote(id, 'ana')).json;
    expect(held).toMatchObject({ status: 'pending', heldUntil: '2026-03-03T09:00:00.000Z' });
    expect((await bot.call('GET', `/v1/requests/${id}/gate`)).status).toBe(202);
    await pass(14 * HOUR - 1);
    expect((await bot.read(id)).status).toBe('pending');
    await pass(1);
    expect(await bot.read(id)).toMatchObject({ status: 'approved', outcome: { cause: 'votes', decidedBy: ['ana'] } });
  });

  it('finds many that are due at once', async () => {
    const ids = await Promise.all(Array.from({ length: 600 }, async () => (await bot.opened({ gate: 'deploy' })).id));
    await pass(HOUR);
    expect((await bot.store.stats()).pending).toBe(0);
    const closed = (await bot.store.log(0, 2_000)).filter(({ type }) => type === 'closed');
    expect(new Set(closed.map(({ request }) => request))).toEqual(new Set(ids));
    expect(closed).toHaveLength(600);
  });

  it('writes a signed checkpoint of the log each hour', async () => {
    await bot.opened({ gate: 'never' });
    const before = (await bot.store.checkpoints()).length;
    await pass(HOUR);
    expect((await bot.store.checkpoints()).length).toBe(before + 1);
  });

  it('goes on when one request can’t be decided, and reports it', async () => {
    const [good, bad] = [await bot.opened({ gate: 'deploy' }), await bot.opened({ gate: 'deploy' })];
    clock.advance(HOUR);
    const errors: object[] = [];
    const ticked: string[] = [];
    const handler: Pick<Handler, 'change'> = {
      change: async (id) => {
        if (id === bad.id) throw new Error('a poison row');
        ticked.push(id);
        return null;
      },
    };
    const result = await tickOnce(
      bot.store,
      { ...handler, open: () => Promise.reject(new Error('not here')), bringInLine: async () => false },
      clock.wall(),
      {
        error: (fields) => errors.push(fields),
      },
    );
    expect(ticked).toEqual([good.id]);
    expect(errors).toMatchObject([{ request: bad.id }]);
    expect(result).toMatchObject({ looked: 2, lagMs: 0 });
  });
});

describe('the ticker', () => {
  const idle: Store['due'] = async () => [];
  /** A store in which nothing is ever due, and a count of how often it was asked. */
  function watched(due: Store['due'] = idle) {
    const asked = vi.fn(due);
    const store = { ...bot.store, due: asked, nextDueAt: async () => null };
    const handler: Handler = {
      change: async () => null,
      open: () => Promise.reject(new Error('not here')),
      bringInLine: async () => false,
    };
    const log = { error: vi.fn() };
    const ticker = startTicker({ cron: '0 0 0 1 1 *', store, handler, clock: clock.wall, log, onTick: () => {} });
    return { asked, ticker, log };
  }

  it('never overlaps with itself: who asks during a tick joins it', async () => {
    let go = () => {};
    const { asked, ticker } = watched(async () => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      return [];
    });
    const ticks = [ticker.tick(), ticker.tick(), ticker.tick()];
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
    go();
    await Promise.all(ticks);
    expect(asked).toHaveBeenCalledTimes(1);
    await ticker.stop();
  });

  it('survives a store that can’t answer, and tries again at the next tick', async () => {
    const { asked, ticker, log } = watched(() => Promise.reject(new Error('the disk is full')));
    await ticker.tick();
    await ticker.tick();
    expect(asked).toHaveBeenCalledTimes(2);
    expect(log.error).toHaveBeenCalledTimes(2);
    await ticker.stop();
  });

  it('ticks by the monotonic clock when cron stands still, as it does after the wall clock stepped back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'Date'] });
    let monotonic = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => monotonic);
    const seconds = async (count: number) => {
      for (let i = 0; i < count; i++) {
        monotonic += 1_000;
        await vi.advanceTimersByTimeAsync(1_000);
      }
    };
    try {
      const asked = vi.fn(idle);
      const store = { ...bot.store, due: asked, nextDueAt: async () => null };
      const handler: Handler = {
        change: async () => null,
        open: () => Promise.reject(new Error('not here')),
        bringInLine: async () => false,
      };
      const log = { error: vi.fn() };
      const ticker = startTicker({ cron: '*/5 * * * * *', store, handler, clock: clock.wall, log, onTick: () => {} });
      await seconds(20);
      expect(asked.mock.calls.length).toBeGreaterThanOrEqual(3);
      asked.mockClear();
      vi.setSystemTime(Date.now() - HOUR);
      await seconds(60);
      expect(asked.mock.calls.length).toBeGreaterThanOrEqual(4);
      await ticker.stop();
      asked.mockClear();
      await seconds(60);
      expect(asked).not.toHaveBeenCalled();
    } finally {
      now.mockRestore();
      vi.useRealTimers();
    }
  });
});
