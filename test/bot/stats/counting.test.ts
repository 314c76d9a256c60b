import { describe, expect, it } from 'vitest';
import { startCounting } from '../../../src/bot/stats/counting.ts';
import { SAVE_MS, TURN_EVENTS } from '../../../src/bot/stats/limits.ts';
import { VirtualTime } from '../dispatch-parts.ts';
import { House, weeksOf } from './house.ts';

/** A log of so many turns, and what was asked of it. */
function scripted(turns: number) {
  const asked: string[] = [];
  let left = turns;
  const time = new VirtualTime(0);
  const warnings: string[] = [];
  const log = { warn: (_: object, message: string) => void warnings.push(message) };
  const projection = {
    async advance(most: number) {
      asked.push(`advance ${most}`);
      left -= 1;
      return left > 0;
    },
    async save() {
      asked.push('save');
    },
  };
  const counting = startCounting({ projection, clock: time.clock, timers: time.timers, log });
  const more = (count: number): void => {
    left = count;
  };
  return { counting, asked, time, warnings, projection, more };
}
const rest = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('counting', () => {
  it('takes a long log in turns, with a pause after each, whoever wakes it meanwhile', async () => {
    const { counting, asked, time } = scripted(3);
    counting.wake();
    await rest();
    expect(asked).toEqual([`advance ${TURN_EVENTS}`]);
    counting.wake();
    await rest();
    expect(asked).toHaveLength(1);
    await time.pass(60_000);
    expect(asked).toHaveLength(3);
    await time.pass(60_000);
    expect(asked).toHaveLength(3); // nothing more: it waits for the next tick
  });

  it('writes down once a minute, and when it stops', async () => {
    const { counting, asked, time, more } = scripted(0);
    const wake = async () => {
      more(0);
      counting.wake();
      await rest();
    };
    await wake();
    time.now += SAVE_MS - 1;
    await wake();
    expect(asked).not.toContain('save');
    time.now += 1;
    await wake();
    expect(asked.at(-1)).toBe('save');
    await wake();
    await counting.stop();
    expect(asked.filter((what) => what === 'save')).toHaveLength(2);
    await wake();
    expect(asked.at(-1)).toBe('save');
  });

  it('tries again at the next tick after a failure, and says so', async () => {
    const { counting, asked, warnings, projection } = scripted(0);
    const { advance } = projection;
    projection.advance = () => Promise.reject(new Error('away'));
    counting.wake();
    await rest();
    expect(warnings).toHaveLength(1);
    projection.advance = advance;
    counting.wake();
    await rest();
    expect(asked).toHaveLength(1);
  });

  it('counts again what came while it was counting', async () => {
    const house = await House.open('2026-03-02T09:00:00Z');
    const projection = house.projection();
    const time = new VirtualTime(house.now);
    const log = { warn: (fields: object) => expect.fail(JSON.stringify(fields)) };
    const counting = startCounting({ projection, clock: time.clock, timers: time.timers, log });
    counting.wake();
    await house.vote(await house.ask('plain'), 'ana');
    counting.wake();
    await counting.stop();
    const fresh = house.projection();
    await fresh.advance(1_000);
    expect(await weeksOf(projection, house.now)).toEqual(await weeksOf(fresh, house.now));
  });
});
