/** The loop under every order in which its parts may answer, found by fast-check. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UnavailableError } from '../../src/adapters/channel.ts';
import type { NewDelivery, Store } from '../../src/store/port.ts';
import { commented } from '../contract/requests.ts';
import { FakeChannel, type Trouble } from '../fake/channel.ts';
import { notice, rest, startRig, surface, through, VirtualTime } from './dispatch-parts.ts';

const REQUESTS = ['req_1', 'req_2'];
const PLACES = ['A', 'B', 'C'];

/** What may happen besides, in any order: commits that change what is shown, ticks, hours that pass. */
const step = fc.oneof(
  fc.record({ does: fc.constant('commit' as const), request: fc.constantFrom(...REQUESTS) }),
  fc.record({
    does: fc.constant('notice' as const),
    request: fc.constantFrom(...REQUESTS),
    place: fc.constantFrom(...PLACES),
  }),
  fc.record({ does: fc.constant('tick' as const) }),
);

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 6, arbitrary: fc.constant('none' as const) },
  { weight: 1, arbitrary: fc.constant('loseAnswer' as const) },
  { weight: 1, arbitrary: fc.constant({ fail: new UnavailableError('down') }) },
  { weight: 1, arbitrary: fc.constant({ fail: new UnavailableError('ratelimited', 3_000) }) },
);

it('sends everything exactly once, in order, and ends with the newest state shown', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(step, { maxLength: 12 }),
      fc.array(trouble, { maxLength: 12 }),
      async (scheduler, steps, troubles) => {
        const time = new VirtualTime(Date.UTC(2026, 0, 5, 12));
        const slack = new FakeChannel('slack', time.clock);
        slack.script.push(...troubles);
        const around = (store: Store) => {
          const part = through(store);
          return {
            ...part,
            claim: scheduler.scheduleFunction(part.claim),
            settle: scheduler.scheduleFunction(part.settle),
            load: scheduler.scheduleFunction(part.load),
            nextDeliveryAt: scheduler.scheduleFunction(part.nextDeliveryAt),
          };
        };
        const rig = await startRig({ time, slack, around });
        const to = (place: string) => ({ to: { kind: 'channel', id: place }, viewer: null });
        const noticed: NewDelivery[] = [];
        for (const request of REQUESTS)
          await rig.open(
            request,
            ...PLACES.map((place) => surface(request, { target: `slack:${place}`, payload: to(place) })),
          );
        const acting = scheduler.scheduleSequence(
          steps.map((one) => async () => {
            if (one.does === 'tick') return rig.dispatcher.tick(time.now);
            if (one.does === 'commit') return rig.record(one.request, [commented('news')]);
            const { to: where } = to(one.place);
            const sent = notice(one.request, {
              target: `slack:${one.place}`,
              payload: { to: where, viewer: null, notice: { kind: 'reminder', sentence: 'Please look.' } },
            });
            noticed.push(sent);
            return rig.record(one.request, [commented('reminded')], sent);
          }),
        );
        const isOver = async () => acting.done && Object.values(await rig.states()).every((state) => state === 'sent');
        while (!(await isOver()) || scheduler.count() > 0) {
          await rest(3);
          if (scheduler.count() > 0) await scheduler.waitOne();
          else if (time.nextAt !== null) await time.pass(Math.max(0, time.nextAt - time.now));
        }
        expect(acting.faulty).toBe(false);
        expect(slack.overlaps).toBe(0);
        const keys = slack.messages.map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.length).toBe(REQUESTS.length * PLACES.length + noticed.length);
        for (const { key, kind, version } of slack.messages) {
          if (kind !== 'surface') continue;
          const sent = (await rig.store.deliveries({ limit: 1_000 })).find(({ id }) => id === key);
          const state = await rig.store.load(sent?.request ?? '');
          expect(version).toBe(state?.version);
        }
        for (const request of REQUESTS)
          for (const place of PLACES) {
            const wanted = noticed.filter((one) => one.request === request && one.target === `slack:${place}`);
            const arrived = slack.messages.filter(({ key }) => wanted.some(({ id }) => id === key));
            expect(arrived.map(({ key }) => key)).toEqual(wanted.map(({ id }) => id));
          }
        await rig.dispatcher.stop(0);
        await rig.store.close();
      },
    ),
    { numRuns: 60 },
  );
});
