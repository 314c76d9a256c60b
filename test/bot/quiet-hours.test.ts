/**
 * test/bot/quiet-hours.test.ts: at night notices wait, and nothing else does: deadlines, surfaces and a broken glass come
 * when they come. The engine, the store and the dispatcher are real; only the clock and the platform are not.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { Notice, Outgoing } from '../../src/adapters/channel.ts';
import { createHandler, type Handler } from '../../src/bot/handle.ts';
import { QUIET_LANE, type Routes } from '../../src/bot/outgoing.ts';
import { tickOnce } from '../../src/bot/ticks.ts';
import type { GateDefinition } from '../../src/engine/definition.ts';
import type { Directory, Person } from '../../src/engine/directory.ts';
import { fold } from '../../src/engine/evolve.ts';
import type { Store } from '../../src/store/port.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { signer } from '../contract/requests.ts';
import {
  type Act,
  byPerson,
  bypass,
  content,
  DAY,
  directory,
  gate,
  HOUR,
  MINUTE,
  vote,
  withDirectory,
} from '../engine/house.ts';
import { FakeChannel } from '../fake/channel.ts';
import { type Rig, startRig, VirtualTime } from './dispatch-parts.ts';

const NIGHT: Partial<Person> = {
  timezone: 'Europe/Lisbon',
  quietHours: [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 22 * 60, toMinute: 7 * 60 }],
};
/** Monday 5 January 2026, 21:00 in Lisbon: an hour before Ana's night. */
const EVENING = Date.parse('2026-01-05T21:00:00Z');
const MORNING = Date.parse('2026-01-06T07:00:00Z');

class Sentences extends FakeChannel {
  readonly said: { readonly at: number; readonly to: string; readonly kind: string; readonly sentence: string }[] = [];
  override notify(message: Outgoing, notice: Notice) {
    return super.notify(message, notice).then((ref) => {
      this.said.push({ at: this.now(), to: message.to.id, kind: notice.kind, sentence: notice.sentence });
      return ref;
    });
  }
  private readonly now: () => number;
  constructor(now: () => number) {
    super('slack', now);
    this.now = now;
  }
}

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.end();
});

interface World {
  readonly rig: Rig;
  readonly slack: Sentences;
  readonly store: Store;
  /** Somebody does something now. */
  act(act: Act, id?: string): Promise<void>;
  open(id?: string): Promise<void>;
  /** Lets time go on, ticking every minute of it that something is due. */
  pass(ms: number): Promise<void>;
  /** Who was told what, since the last time of asking. */
  news(): readonly string[];
}

async function world(
  definition: Partial<GateDefinition>,
  people: Readonly<Record<string, Partial<Person>>>,
  start = EVENING,
) {
  const time = new VirtualTime(start);
  const slack = new Sentences(time.clock);
  const store = await openSqlite({ file: ':memory:', signer, fold, clock: time.clock });
  const rig = await startRig({ time, slack, store });
  rigs.push(rig);
  const house: Directory = directory({ people });
  const routes: Routes = {
    channels: new Map([['releases', { kind: 'slack', id: 'C0RELEASES' }]]),
    reachable: new Set(['slack']),
    threaded: new Set(),
    directory: house,
  };
  const handler: Handler = createHandler(store, {
    routes: () => routes,
    clock: time.clock,
    onRefused: (refusal) => {
      throw new Error(refusal);
    },
  });
  const log = { error: (_: object, message: string) => expect.fail(message) };
  const asked = gate(['ana', 'ben'], 2, { notify: ['releases'], ...definition });
  let told = 0;
  const made: World = {
    rig,
    slack,
    store,
    async act(act, id = 'req_1') {
      await handler.change(id, (at) => withDirectory(act, at));
      await rig.dispatcher.drain();
    },
    async open(id = 'req_1') {
      const order = { type: 'open', content: content({ id, requester: 'dan' }), gate: asked } as const;
      await handler.open(order, null, JSON.stringify(order.content));
      await rig.dispatcher.drain();
    },
    async pass(ms) {
      const end = time.now + ms;
      for (let due = await store.nextDueAt(); due !== null && due <= end; due = await store.nextDueAt()) {
        await time.pass(Math.max(0, due - time.now));
        await tickOnce(store, handler, time.now, log);
        await rig.dispatcher.drain();
      }
      await time.pass(end - time.now);
      await rig.dispatcher.drain();
    },
    news() {
      const fresh = slack.said.slice(told);
      told = slack.said.length;
      return fresh.map(({ at, to, kind }) => `${new Date(at).toISOString().slice(5, 16)} ${to} ${kind}`);
    },
  };
  await made.open();
  return made;
}

const remind = { afterMs: 2 * HOUR, everyMs: 2 * HOUR, max: 10 };
const ends = async ({ store }: World) =>
  Object.fromEntries((await store.deliveries({ kind: 'notice', limit: 100 })).map(({ id, receipt }) => [id, receipt]));
const droppedOf = async (of: World) =>
  Object.values(await ends(of)).flatMap((receipt) =>
    typeof receipt === 'object' && receipt !== null && 'dropped' in receipt ? [receipt.dropped] : [],
  );

describe('in somebody’s quiet hours', () => {
  it('notices wait until they are over; everybody else gets theirs', async () => {
    const house = await world({ remind: { afterMs: 2 * HOUR, everyMs: null, max: 1 } }, { ana: NIGHT });
    await house.pass(3 * HOUR);
    expect(house.news()).toEqual(['01-05T23:00 T1/UBEN reminder']);
    const [waiting] = await house.store.deliveries({ state: 'queued', limit: 5 });
    expect(waiting).toMatchObject({ target: `slack:T1/UANA${QUIET_LANE}`, dueAt: MORNING });
    await house.pass(MORNING - house.rig.time.now - 1);
    expect(house.news()).toEqual([]);
    await house.pass(1);
    expect(house.news()).toEqual(['01-06T07:00 T1/UANA reminder']);
  });

  it('messages that show requests come at once, new ones and changes, though a notice waits', async () => {
    const house = await world({ remind }, { ana: NIGHT });
    await house.pass(2.5 * HOUR);
    await house.act(vote('ben'));
    const shown = () => house.slack.messages.filter(({ to, kind }) => to.id === 'T1/UANA' && kind === 'surface');
    expect(shown()).toMatchObject([{ version: (await house.store.load('req_1'))?.version }]);
    await house.open('req_2');
    expect(shown()).toHaveLength(2);
    expect(house.slack.said.filter(({ to }) => to === 'T1/UANA')).toEqual([]);
  });

  it('the deadline comes when it comes', async () => {
    const house = await world({ timeoutMs: 5 * HOUR, remind }, { ana: NIGHT, dan: NIGHT });
    await house.pass(5 * HOUR);
    expect(await house.store.load('req_1')).toMatchObject({ status: 'rejected', outcome: { cause: 'timeout' } });
    house.news();
    await house.pass(10 * HOUR);
    expect(house.news()).toEqual(['01-06T07:00 T1/UDAN outcome']);
  });

  it('a broken glass is told at once', async () => {
    const house = await world({ bypass: { by: ['mia'] } }, { ana: NIGHT });
    await house.pass(4 * HOUR);
    await house.act(bypass('mia'));
    expect(house.news()).toContain('01-06T01:00 T1/UANA bypass');
  });

  it('what comes after an escalation waits; the message to decide with does not', async () => {
    const escalate = [{ afterMs: 3 * HOUR, to: ['mia'], mode: 'add' }] as const;
    const house = await world({ escalate: [...escalate] }, { mia: NIGHT });
    await house.pass(3 * HOUR);
    expect(house.slack.messages.filter(({ to }) => to.id === 'T1/UMIA').map(({ kind }) => kind)).toEqual(['surface']);
    await house.pass(7 * HOUR);
    expect(house.news()).toEqual(['01-06T07:00 T1/UMIA escalation']);
  });

  it('a nudge waits as well, and says who asks', async () => {
    const house = await world({}, { ana: NIGHT });
    await house.pass(2 * HOUR);
    await house.act({ type: 'nudge', by: byPerson('dan') });
    expect(house.news()).toEqual(['01-05T23:00 T1/UBEN nudge']);
    await house.pass(8 * HOUR);
    expect(house.slack.said.at(-1)).toMatchObject({
      at: MORNING,
      to: 'T1/UANA',
      sentence: 'Dan Roth asks again: “Deploy shop 1.4 to production” is waiting for your decision.',
    });
  });

  it('end at seven on the wall in the night in which the clocks change', async () => {
    const before = Date.parse('2026-03-28T21:00:00Z');
    const house = await world({ remind: { afterMs: 2 * HOUR, everyMs: null, max: 1 } }, { ana: NIGHT }, before);
    await house.pass(12 * HOUR);
    expect(house.news()).toEqual(['03-28T23:00 T1/UBEN reminder', '03-29T06:00 T1/UANA reminder']);
  });
});

describe('a notice that has waited', () => {
  it('is dropped when the request was decided in the night', async () => {
    const house = await world({ remind }, { ana: NIGHT });
    await house.pass(2.5 * HOUR);
    await house.act(vote('ben', 'reject'));
    house.news();
    await house.pass(DAY);
    expect(house.news()).toEqual([]);
    expect(await droppedOf(house)).toEqual(['decided']);
  });

  it('is dropped when the person has voted meanwhile', async () => {
    const house = await world({ remind }, { ana: NIGHT });
    await house.pass(2.5 * HOUR);
    await house.act(vote('ana'));
    await house.pass(8 * HOUR);
    expect(house.slack.said.filter(({ to }) => to === 'T1/UANA')).toEqual([]);
    expect(await droppedOf(house)).toEqual(['answered']);
  });

  it('is dropped when the request is paused: nobody could do anything', async () => {
    const house = await world({ remind }, { ana: NIGHT });
    await house.pass(2.5 * HOUR);
    await house.act({ type: 'pause', by: byPerson('ben'), reason: null });
    await house.pass(8 * HOUR);
    expect(await droppedOf(house)).toEqual(['paused']);
  });

  it('comes once, not as often as one was due in the night', async () => {
    const fiveInTheNight = { afterMs: 90 * MINUTE, everyMs: 2 * HOUR, max: 10 };
    const house = await world({ remind: fiveInTheNight }, { ana: NIGHT });
    await house.pass(10 * HOUR + MINUTE);
    expect(house.slack.said.filter(({ to }) => to === 'T1/UBEN')).toHaveLength(5);
    expect(house.slack.said.filter(({ to }) => to === 'T1/UANA')).toMatchObject([{ at: MORNING, kind: 'reminder' }]);
    expect(await droppedOf(house)).toEqual(['newer', 'newer', 'newer', 'newer']);
  });

  it('is not lost when the process ends in the night, and not sent twice', async () => {
    const house = await world({ remind: { afterMs: 2 * HOUR, everyMs: null, max: 1 } }, { ana: NIGHT });
    await house.pass(3 * HOUR);
    await house.rig.dispatcher.stop(0);
    const next = await startRig({ time: house.rig.time, slack: house.slack, store: house.store });
    await house.rig.time.pass(12 * HOUR);
    await next.dispatcher.drain();
    expect(house.slack.said.filter(({ to }) => to === 'T1/UANA')).toMatchObject([{ kind: 'reminder' }]);
    await next.dispatcher.stop(0);
  });
});
