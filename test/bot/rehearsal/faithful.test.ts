/** test/bot/rehearsal/faithful.test.ts: a rehearsal foresees exactly what a real run then does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { play } from '../../../src/bot/rehearsal/play.ts';
import { anyScene, deliveriesOf, eventsOf, run, TICK_MS } from './real.ts';

const RUNS = 150;

describe('a rehearsal', () => {
  it('foresees every event and every message of a real run that ticks when something is due', async () => {
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(anyScene(true), async (scene) => {
        const foreseen = play(scene);
        const { events, deliveries } = await run(scene, 'due');
        expect(events).toEqual(eventsOf(foreseen));
        expect(deliveries).toEqual(deliveriesOf(foreseen));
        opened += events.length > 0 ? 1 : 0;
      }),
      { numRuns: RUNS },
    );
    expect(opened).toBeGreaterThan(RUNS / 10);
  });

  it('foresees the events of a run that ticks every five seconds, each at most one tick early', async () => {
    await fc.assert(
      fc.asyncProperty(anyScene(false), async (scene) => {
        const foreseen = eventsOf(play(scene)).filter(({ at }) => at < (scene.until ?? 0) - TICK_MS);
        const { events } = await run(scene, 'regular');
        // What comes in one tick comes in its order, so each kind of event is compared by itself.
        for (const type of new Set(foreseen.map((event) => event.type))) {
          const times = (all: typeof events) => all.filter((event) => event.type === type).map(({ at }) => at);
          const real = times(events);
          for (const [i, at] of times(foreseen).entries()) {
            expect(real[i], type).toBeGreaterThanOrEqual(at);
            expect(real[i], type).toBeLessThanOrEqual(at + TICK_MS);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });
});
