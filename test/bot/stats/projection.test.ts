import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProjection, type Projection, type StatsStore } from '../../../src/bot/stats/projection.ts';
import { createFigures } from '../../../src/bot/stats/report.ts';
import { weekAt } from '../../../src/bot/stats/week.ts';
import type { Event, RequestId, RequestState } from '../../../src/engine/request.ts';
import type { Store } from '../../../src/store/port.ts';
import { DAY, HOUR, House, MINUTE, WEEK, weeksOf } from './house.ts';

const GATE_NAMES = ['plain', 'two', 'quick', 'chain', 'climbs', 'glass', 'lets'] as const;
const PEOPLE = ['ana', 'ben', 'cy', 'mia', 'eve'] as const;

/** One thing that happens in the house; the number chooses among the requests that there are. */
type Doing =
  | { readonly kind: 'ask'; readonly gate: (typeof GATE_NAMES)[number] }
  | { readonly kind: 'vote'; readonly nth: number; readonly person: string; readonly option: 'approve' | 'reject' }
  | { readonly kind: 'bypass' | 'cancel' | 'pause' | 'resume' | 'comment'; readonly nth: number }
  | { readonly kind: 'delegate'; readonly nth: number; readonly from: string; readonly to: string }
  | { readonly kind: 'pass'; readonly ms: number };

const nth = fc.nat({ max: 50 });
const person = fc.constantFrom(...PEOPLE);
const doing: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), gate: fc.constantFrom(...GATE_NAMES) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('vote' as const),
      nth,
      person,
      option: fc.constantFrom('approve' as const, 'approve' as const, 'reject' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('bypass', 'cancel', 'pause', 'resume', 'comment'), nth }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delegate' as const), nth, from: person, to: person }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(3_000, 7 * MINUTE, HOUR, 9 * HOUR, DAY, WEEK),
    }),
  },
);
const doings = fc.array(doing, { minLength: 5, maxLength: 45 });

async function happen(house: House, ids: RequestId[], doing: Doing): Promise<void> {
  const by = { kind: 'pipeline', pipeline: 'ci' } as const;
  const id = 'nth' in doing ? ids[doing.nth % Math.max(1, ids.length)] : undefined;
  if (doing.kind === 'ask') ids.push(await house.ask(doing.gate));
  else if (doing.kind === 'pass') await house.pass(doing.ms, doing.ms / 2);
  else if (id === undefined) return;
  else if (doing.kind === 'vote') await house.vote(id, doing.person, doing.option);
  else if (doing.kind === 'delegate')
    await house.change(id, (directory) => ({ ...doing, type: 'delegate', reason: null, directory }));
  else if (doing.kind === 'bypass')
    await house.change(id, (directory) => ({ type: 'bypass', person: 'mia', reason: 'fire', via: 'web', directory }));
  else if (doing.kind === 'comment') await house.change(id, () => ({ type: 'comment', by, text: 'hm' }));
  else if (doing.kind === 'resume') await house.change(id, () => ({ type: 'resume', by }));
  else {
    const type = doing.kind;
    await house.change(id, () => ({ type, by, reason: null }));
  }
}

/** Counted the plain way: every request looked at by itself, from its state and its events, without pages or weeks kept. */
async function recounted(store: Store): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const add = (week: string, gate: string, what: string): void => {
    const key = `${week} ${gate} ${what}`;
    counts[key] = (counts[key] ?? 0) + 1;
  };
  const states: RequestState[] = [];
  for (let after: RequestId | undefined; ; ) {
    const { requests, next } = await store.list({ limit: 200, ...(after !== undefined && { after }) });
    states.push(...requests);
    if (next === null) break;
    after = next;
  }
  for (const state of states) {
    const gate = state.gate.name;
    add(weekAt(state.openedAt), gate, 'opened');
    if (state.status === 'pending') continue;
    const week = weekAt(state.outcome.decidedAt);
    add(week, gate, `${state.status}.${state.outcome.cause}`);
    const events: Event[] = (await store.events(state.content.id)).map(({ data }) => JSON.parse(data));
    const voted = new Set<string>();
    for (const event of events) {
      if (event.type === 'reminded' && event.people.length > 0) add(week, gate, 'reminders');
      if (event.type === 'escalated' && event.people.length > 0) add(week, gate, 'escalations');
      if (event.type === 'paused') add(week, gate, 'pauses');
      if (event.type !== 'voted') continue;
      const { person, stage, onBehalfOf } = event.vote;
      if (voted.has(`${person} ${stage}`)) continue;
      voted.add(`${person} ${stage}`);
      add(week, person, 'votes');
      if (onBehalfOf !== null) add(week, person, 'onBehalf');
    }
  }
  return counts;
}

const COUNTED_PLAINLY = /^(opened|approved|rejected|cancelled|reminders|escalations|pauses|votes|onBehalf)/;

async function counted(projection: Projection, now: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [week, lines] of Object.entries(await weeksOf(projection, now)))
    for (const line of lines) {
      const [, name, own]: [string, string, Record<string, number>] = JSON.parse(line);
      for (const [what, count] of Object.entries(own))
        if (COUNTED_PLAINLY.test(what)) counts[`${week} ${name} ${what}`] = count;
    }
  return counts;
}

class Crash extends Error {}

interface Around {
  /** Reads no more events than this at once. */
  readonly page?: number;
  /** The so manieth write from now on fails, and all after it. */
  readonly failsAt?: number;
}

function around(store: Store, { page = 1_000, failsAt = Number.POSITIVE_INFINITY }: Around): StatsStore {
  let writes = 0;
  return {
    log: (after, limit = 1_000) => store.log(after, Math.min(limit, page)),
    events: (id, after) => store.events(id, after),
    load: (id) => store.load(id),
    definition: (digest) => store.definition(digest),
    recall: (name) => store.recall(name),
    remember: (name, value, until) => {
      writes += 1;
      return writes >= failsAt ? Promise.reject(new Crash()) : store.remember(name, value, until);
    },
  };
}

async function inOnePass(house: House): Promise<Record<string, readonly string[]>> {
  const fresh = await House.open(new Date(house.now).toISOString(), emptied(house.store));
  const projection = fresh.projection();
  await projection.advance(100_000);
  return weeksOf(projection, house.now);
}

/** The same requests, and nothing yet of their figures. */
function emptied(store: Store): Store {
  const kept = new Map<string, string>();
  return Object.assign(Object.create(store), {
    recall: async (name: string) => kept.get(name) ?? null,
    remember: async (name: string, value: string) => void kept.set(name, value),
  });
}

const STARTS = [
  '2026-12-26T22:00:00Z',
  '2026-03-28T12:00:00Z',
  '2026-10-24T23:00:00Z',
  '2027-12-30T08:00:00Z',
] as const;

describe('the figures', () => {
  it('are those of a plain recount of all requests', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...STARTS), doings, async (start, script) => {
        const house = await House.open(start);
        const ids: RequestId[] = [];
        for (const doing of script) await happen(house, ids, doing);
        const projection = house.projection();
        await projection.advance(100_000);
        expect(await counted(projection, house.now)).toEqual(await recounted(house.store));
      }),
      { numRuns: 40 },
    );
  });

  it('are the same however the log is split into pages, turns, saves and crashes', async () => {
    const between = fc.record({
      page: fc.integer({ min: 1, max: 9 }),
      most: fc.integer({ min: 1, max: 30 }),
      next: fc.constantFrom('nothing', 'save', 'crash', 'crash while saving'),
      failsAt: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...STARTS),
        fc.array(fc.tuple(fc.array(doing, { maxLength: 8 }), between), { minLength: 1, maxLength: 10 }),
        async (start, script) => {
          const house = await House.open(start);
          const ids: RequestId[] = [];
          let projection: Projection | null = null;
          for (const [some, { page, most, next, failsAt }] of script) {
            for (const doing of some) await happen(house, ids, doing);
            const crashes = next === 'crash while saving';
            projection = crashes ? null : projection;
            projection ??= house.projection(around(house.store, { page, ...(crashes && { failsAt }) }));
            try {
              await projection.advance(most);
              if (next === 'save' || crashes) await projection.save();
            } catch (error) {
              if (!(error instanceof Crash)) throw error;
            }
            if (next.startsWith('crash')) projection = null;
          }
          const last = house.projection();
          await last.advance(100_000);
          expect(await weeksOf(last, house.now)).toEqual(await inOnePass(house));
          await last.save();
          const restarted = house.projection();
          expect(await restarted.advance(100_000)).toBe(false);
          expect(await weeksOf(restarted, house.now)).toEqual(await inOnePass(house));
          expect(restarted.progress()).toMatchObject({ isComplete: true, position: last.progress().position });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are the same when several replicas count one database and write at the same time', async () => {
    const step = fc.constantFrom('advance', 'advance', 'save');
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        doings,
        fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 3 }),
        doings,
        async (scheduler, script, replicas, later) => {
          const house = await House.open('2026-12-26T22:00:00Z');
          const ids: RequestId[] = [];
          for (const doing of script) await happen(house, ids, doing);
          const scheduled: StatsStore = {
            ...around(house.store, {}),
            log: scheduler.scheduleFunction((after: number) => house.store.log(after, 7)),
            recall: scheduler.scheduleFunction((name: string) => house.store.recall(name)),
            remember: scheduler.scheduleFunction((name: string, value: string | null, until: number | null) =>
              house.store.remember(name, value, until),
            ),
          };
          const running = replicas.map(async (steps) => {
            const projection = house.projection(scheduled);
            for (const one of steps) await (one === 'save' ? projection.save() : projection.advance(10));
            return projection;
          });
          const left = await scheduler.waitFor(Promise.all(running));
          for (const doing of later) await happen(house, ids, doing);
          const expected = await inOnePass(house);
          // Whoever lives on comes to the same, and so does whoever starts from what they left behind.
          for (const projection of [...left, house.projection()]) {
            const settled = scheduler.waitFor(
              (async () => {
                while (await projection.advance(1_000));
                for (let turn = 0; turn < 200; turn++) await projection.advance(1_000);
                await projection.save();
                for (let turn = 0; turn < 200; turn++) await projection.advance(1_000);
              })(),
            );
            await settled;
            expect(await scheduler.waitFor(weeksOf(projection, house.now))).toEqual(expected);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('two replicas that write at once', () => {
  /** One that is behind overwrites the week of one that is ahead, whose place in the log is written last. */
  async function worst(house: House) {
    for (let i = 0; i < 6; i++) await house.vote(await house.ask('plain'), 'ana');
    const signal = () => {
      let ring = (): void => {};
      const rung = new Promise<void>((resolve) => {
        ring = resolve;
      });
      return { ring, rung };
    };
    const [weekAhead, placeBehind] = [signal(), signal()];
    let isBehind = true;
    const behind = house.projection({
      ...around(house.store, {}),
      log: (after, limit) =>
        isBehind ? house.store.log(after, 5 - Math.min(5, after)) : house.store.log(after, limit),
      async remember(name, value, until) {
        if (isBehind && name !== 'stats:place') await weekAhead.rung;
        await house.store.remember(name, value, until);
        if (name === 'stats:place') placeBehind.ring();
      },
    });
    const ahead = house.projection({
      ...around(house.store, {}),
      async remember(name, value, until) {
        if (name === 'stats:place') await placeBehind.rung;
        await house.store.remember(name, value, until);
        if (name !== 'stats:place') weekAhead.ring();
      },
    });
    await behind.advance(5);
    await ahead.advance(1_000);
    await Promise.all([behind.save(), ahead.save()]);
    isBehind = false;
    const text = await house.store.recall('stats:2026-W10');
    expect(JSON.parse(text?.split('\n')[0] ?? '')).toEqual([1, 5, 0, 0]); // the older one has stayed
    house.now += WEEK;
    await house.vote(await house.ask('plain'), 'ana');
    return { ahead, behind };
  }

  it('leave nothing wrong for whoever starts afterwards', async () => {
    const house = await House.open('2026-03-02T09:00:00Z');
    await worst(house);
    const fresh = house.projection();
    while (await fresh.advance(1_000));
    expect(await weeksOf(fresh, house.now)).toEqual(await inOnePass(house));
    await fresh.save();
    expect(await weeksOf(house.projection(), house.now)).toEqual(await inOnePass(house));
  });

  it.each(['ahead', 'behind'] as const)('come to the same when only the one that was %s lives on', async (survivor) => {
    const house = await House.open('2026-03-02T09:00:00Z');
    const { [survivor]: left } = await worst(house);
    for (let turn = 0; turn < 3; turn++) {
      while (await left.advance(1_000));
      await left.save();
    }
    expect(await weeksOf(left, house.now)).toEqual(await inOnePass(house));
    const fresh = house.projection();
    while (await fresh.advance(1_000));
    expect(await weeksOf(fresh, house.now)).toEqual(await inOnePass(house));
  });

  it('write in turns: whoever finds that another wrote goes on from there', async () => {
    const house = await House.open('2026-03-02T09:00:00Z');
    let written = 0;
    const [one, other] = [0, 1].map(() =>
      house.projection({
        ...around(house.store, {}),
        remember: (name, value, until) => {
          written += 1;
          return house.store.remember(name, value, until);
        },
      }),
    );
    await house.vote(await house.ask('plain'), 'ana');
    for (const projection of [one, other]) await projection?.advance(1_000);
    for (const projection of [one, other]) await projection?.save();
    expect(written).toBe(2); // the week and the place, by one of them
    await house.vote(await house.ask('plain'), 'ana');
    await other?.advance(1_000);
    await other?.save();
    expect(written).toBe(4);
    for (const projection of [one, other])
      if (projection !== undefined) {
        await projection.advance(1_000);
        await projection.save();
        expect(await weeksOf(projection, house.now)).toEqual(await inOnePass(house));
      }
    expect(written).toBe(4);
  });
});

describe('a week', () => {
  it('has what ended in it, and the last of a long year is no other than the first of the next', async () => {
    const house = await House.open('2026-12-27T23:50:00Z'); // Sunday of 2026-W52
    const first = await house.ask('plain');
    await house.pass(20 * MINUTE);
    await house.vote(first, 'ana'); // Monday of 2026-W53
    const second = await house.ask('plain');
    house.now = Date.parse('2027-01-03T23:59:59.999Z');
    await house.vote(second, 'ana', 'reject'); // too late: its deadline has passed
    await house.tick();
    house.now += 1;
    const third = await house.ask('plain');
    await house.vote(third, 'ana', 'reject');
    const { gates } = await house.report(4);
    const weeks = gates[0]?.weeks.map(({ week, figures }) => [week, figures.opened, figures.outcomes]);
    const none = { cancelled: { cancelled: 0, superseded: 0, orphaned: 0 } };
    expect(weeks).toEqual([
      [
        '2026-W52',
        1,
        { ...none, approved: { votes: 0, timeout: 0, auto: 0, bypass: 0 }, rejected: { votes: 0, timeout: 0 } },
      ],
      [
        '2026-W53',
        1,
        { ...none, approved: { votes: 1, timeout: 0, auto: 0, bypass: 0 }, rejected: { votes: 0, timeout: 1 } },
      ],
      [
        '2027-W01',
        1,
        { ...none, approved: { votes: 0, timeout: 0, auto: 0, bypass: 0 }, rejected: { votes: 1, timeout: 0 } },
      ],
    ]);
  });

  it('has 168 hours also when the clocks of the people change', async () => {
    const house = await House.open('2026-10-25T22:30:00Z'); // Sunday; in Lisbon it was an hour longer
    const sunday = await house.ask('plain');
    await house.vote(sunday, 'ana');
    house.now = Date.parse('2026-10-26T00:00:00Z'); // Monday in UTC and in Lisbon, whatever was on Saturday
    const monday = await house.ask('plain');
    await house.vote(monday, 'ana');
    const { gates } = await house.report(2);
    expect(gates[0]?.weeks.map(({ week, figures }) => [week, figures.outcomes.approved.votes])).toEqual([
      ['2026-W43', 1],
      ['2026-W44', 1],
    ]);
  });

  it('is forgotten after a year and a week, and not counted when it is older at the first start', async () => {
    const house = await House.open('2026-03-02T09:00:00Z');
    await house.vote(await house.ask('plain'), 'ana');
    const early = house.projection();
    await early.advance(1_000);
    await early.save();
    expect(Object.keys(await weeksOf(early, house.now))).toEqual(['2026-W10']);
    house.now += 54 * WEEK;
    await house.vote(await house.ask('plain'), 'ana');
    const late = house.projection();
    await late.advance(1_000);
    await late.save();
    expect(await house.store.recall('stats:2026-W10')).toBeNull();
    const anew = await inOnePass(house);
    expect(Object.keys(anew)).toEqual(['2027-W11']);
    const figures = createFigures(late, house.clock);
    const to = figures.thisWeek();
    const { gates } = await figures.report({ from: to - 60, to }, { gate: () => true, person: () => true });
    expect(gates[0]?.weeks.map(({ week }) => week)).toEqual(['2027-W11']);
  });
});

describe('what can’t be read', () => {
  it('is passed over and counted as such: a broken trail stops only itself', async () => {
    const house = await House.open('2026-03-02T09:00:00Z');
    const [broken, whole] = [await house.ask('plain'), await house.ask('plain')];
    for (const id of [broken, whole]) await house.vote(id, 'ana');
    const told: object[] = [];
    const projection = createProjection({
      store: {
        ...around(house.store, {}),
        events: async (id) => (id === broken ? [] : house.store.events(id)),
      },
      clock: house.clock,
      onTrouble: (fields) => void told.push(fields),
    });
    await projection.advance(1_000);
    const figures = createFigures(projection, house.clock);
    const week = figures.thisWeek();
    const report = await figures.report({ from: week, to: week }, { gate: () => true, person: () => true });
    expect(report.unread).toBe(1);
    expect(report.gates[0]?.total).toMatchObject({ opened: 2, outcomes: { approved: { votes: 1 } } });
    expect(told).toMatchObject([{ request: broken }]);
  });

  it.each(['{', '[]', '[2,1,0,0]', ''])('is counted anew: a week that reads %j', async (text) => {
    const house = await House.open('2026-03-02T09:00:00Z');
    await house.vote(await house.ask('plain'), 'ana');
    const first = house.projection();
    await first.advance(1_000);
    await first.save();
    await house.store.remember('stats:2026-W10', text, null);
    const told: string[] = [];
    const again = createProjection({
      store: house.store,
      clock: house.clock,
      onTrouble: (_, message) => void told.push(message),
    });
    while (await again.advance(1_000));
    expect(await weeksOf(again, house.now)).toEqual(await inOnePass(house));
    expect(told.length).toBeGreaterThan(0);
    await again.save();
    const restarted = house.projection();
    expect(await weeksOf(restarted, house.now)).toEqual(await inOnePass(house));
  });

  it('is counted anew: a place in the log that is none', async () => {
    const house = await House.open('2026-03-02T09:00:00Z');
    await house.vote(await house.ask('plain'), 'ana');
    const first = house.projection();
    await first.advance(1_000);
    await first.save();
    await house.store.remember('stats:place', '{"position":"1"}', null);
    const told: string[] = [];
    const again = createProjection({
      store: house.store,
      clock: house.clock,
      onTrouble: (_, message) => void told.push(message),
    });
    await again.advance(1_000);
    expect(await weeksOf(again, house.now)).toEqual(await inOnePass(house));
    expect(told).toHaveLength(1);
  });

  it('leaves a store that is away to the next try, with nothing counted twice', async () => {
    const house = await House.open('2026-03-02T09:00:00Z');
    for (let i = 0; i < 3; i++) await house.vote(await house.ask('plain'), 'ana');
    let isAway = true;
    const projection = createProjection({
      store: {
        ...around(house.store, {}),
        events: async (id) => {
          if (isAway && id !== '') throw Object.assign(new Error('away'), { name: 'StoreUnavailableError' });
          return house.store.events(id);
        },
      },
      clock: house.clock,
      onTrouble: () => expect.fail('nothing is broken'),
    });
    await expect(projection.advance(1_000)).rejects.toThrow('away');
    isAway = false;
    await projection.advance(1_000);
    expect(await weeksOf(projection, house.now)).toEqual(await inOnePass(house));
  });
});
