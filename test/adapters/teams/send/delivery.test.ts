/** The dispatcher, the Teams channel and a local Teams together, in virtual time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Channel } from '../../../../src/adapters/channel.ts';
import type { NewDelivery } from '../../../../src/store/port.ts';
import { openSqlite } from '../../../../src/store/sqlite.ts';
import { notice, type Rig, rest, startRig, surface, through, VirtualTime } from '../../../bot/dispatch-parts.ts';
import { closed, commented, fold, signer } from '../../../contract/requests.ts';
import { type Fault, startTeams } from '../../../fake/teams/server.ts';
import { CHAT, OID, RELEASES, TENANT } from '../../../fake/teams/world.ts';
import { NOW, speakingTo } from './given.ts';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.end();
});

const card = (request: string, about: Partial<NewDelivery> = {}): NewDelivery =>
  surface(request, {
    channel: 'teams',
    target: `teams:${RELEASES}`,
    payload: { to: { kind: 'channel', id: RELEASES }, viewer: null },
    ...about,
  });
const cardTo = (request: string, objectId: string): NewDelivery =>
  card(request, { target: `teams:${objectId}`, payload: { to: { kind: 'person', id: objectId }, viewer: 'ana' } });
const reminder = (request: string, objectId: string): NewDelivery =>
  notice(request, {
    channel: 'teams',
    target: `teams:${objectId}#notice`,
    payload: {
      to: { kind: 'person', id: objectId },
      viewer: 'ana',
      notice: { kind: 'informationReturned', sentence: 'This still waits for you.' },
    },
  });

/** The channel, and how many of its calls are under way. */
function watched(channel: Channel): { readonly channel: Channel; readonly busy: () => number } {
  let busy = 0;
  const watch = async <Result>(call: Promise<Result>): Promise<Result> => {
    busy += 1;
    return call.finally(() => {
      busy -= 1;
    });
  };
  return {
    busy: () => busy,
    channel: {
      kind: channel.kind,
      minIntervalMs: channel.minIntervalMs,
      post: (message) => watch(channel.post(message)),
      update: (message, ref) => watch(channel.update(message, ref)),
      find: (message) => watch(channel.find(message)),
      notify: (message, said) => watch(channel.notify(message, said)),
    },
  };
}

async function city() {
  const time = new VirtualTime(NOW);
  const teams = await startTeams({ clock: time.clock });
  const kept = new Map<string, string>();
  const processes: (() => Promise<void>)[] = [];
  let busyNow = () => 0;
  onTestFinished(async () => {
    for (const end of processes) await end();
    await teams.close();
  });

  async function start(options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
    const process = speakingTo(teams, { kept, clock: time.clock, timeoutMs: 500 });
    processes.push(() => process.connector.close());
    await process.conversations.learn({ tenant: TENANT, serviceUrl: teams.serviceUrl, personal: null });
    const { channel, busy } = watched(process.channel);
    busyNow = busy;
    const rig = await startRig({ time, channels: [channel], ...options });
    rigs.push(rig);
    return rig;
  }

  /** Lets time pass, and each call to Teams end in the moment in which it began. */
  async function pass(ms: number): Promise<void> {
    const end = time.now + ms;
    for (;;) {
      do await rest();
      while (busyNow() > 0);
      const next = time.nextAt;
      if (next === null || next > end) break;
      await time.pass(Math.max(0, next - time.now));
    }
    time.now = end;
  }
  return { time, teams, kept, start, pass };
}

describe('a message to Teams', () => {
  it('arrives once after two minutes of 429 and 412', async () => {
    const { time, teams, start, pass } = await city();
    const { open, only } = await start();
    const stormEnds = time.now + 120_000;
    let calls = 0;
    teams.trouble = ({ operation }) => {
      if (operation !== 'createConversation' || time.now >= stormEnds) return null;
      calls += 1;
      const answers: readonly Fault[] = [
        { kind: 'rateLimited', retryAfter: 20 },
        { kind: 'error', status: 412, code: 'PreconditionFailed' },
        { kind: 'rateLimited', retryAfter: null },
      ];
      return answers[calls % answers.length] ?? null;
    };
    await open('req_1', card('req_1'));
    await pass(119_000);
    expect(teams.messages()).toEqual([]);
    expect(calls).toBeLessThanOrEqual(8); // it waits as long as it is told to
    await pass(480_000);
    expect(teams.messages().length).toBe(1);
    expect(await only()).toMatchObject({ state: 'sent', receipt: { tenant: TENANT, conversation: RELEASES } });
  });

  it('and its update arrive once each after 502, 503, 504 and a cut line before Teams took it', async () => {
    const { teams, start, pass } = await city();
    const { open, record, only } = await start();
    const faults: readonly Fault[] = [
      { kind: 'status', status: 502 },
      { kind: 'status', status: 503 },
      { kind: 'status', status: 504 },
      { kind: 'drop' },
    ];
    teams.script('createConversation', ...faults);
    teams.script('update', ...faults);
    await open('req_1', card('req_1'));
    await pass(120_000);
    await record('req_1', [closed('approved')]);
    await pass(120_000);
    expect(teams.messages()).toMatchObject([{ updates: 1 }]);
    expect(await only()).toMatchObject({ state: 'sent', shownVersion: 2 });
  });

  it('posted by a process that died before writing it down is known to the next one', async () => {
    const { time, teams, start, pass } = await city();
    const folder = await mkdtemp(join(tmpdir(), 'countersign-teams-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const openFile = () => openSqlite({ file: join(folder, 'db'), signer, fold, clock: time.clock });
    const first = await start({
      store: await openFile(),
      around: (store) => ({ ...through(store), settle: () => new Promise<void>(() => undefined) }),
    });
    await first.open('req_1', card('req_1'), cardTo('req_1', OID.ana), reminder('req_1', OID.ben));
    await pass(3_000);
    expect(teams.messages().length).toBe(3);
    await rigs.pop()?.end();
    const second = await start({ store: await openFile() });
    await pass(10_000);
    expect(Object.values(await second.states())).toEqual(['sent', 'sent', 'sent']);
    expect(teams.messages().length).toBe(3);
  });

  it('is brought up to date once or twice by ten votes in a second, to the last of them', async () => {
    const { teams, start, pass } = await city();
    const { open, record, only } = await start();
    await open('req_1', card('req_1'));
    await pass(5_000);
    for (let vote = 1; vote <= 9; vote++) {
      await record('req_1', [commented(`vote ${vote}`)]);
      await pass(100);
    }
    await record('req_1', [closed('approved')]);
    await pass(5_000);
    expect(teams.count('update')).toBeLessThanOrEqual(2);
    expect(await only()).toMatchObject({ state: 'sent', shownVersion: 11 });
  });

  it('keeps Teams’ pace in a conversation, and no other conversation waits for that', async () => {
    const { teams, start, pass } = await city();
    const { open, states } = await start();
    const payload = { to: { kind: 'channel', id: CHAT }, viewer: null };
    for (let n = 0; n < 12; n++)
      await open(`req_${n}`, card(`req_${n}`), card(`req_${n}`, { target: `teams:${CHAT}`, payload }));
    await pass(13_000);
    expect(teams.messages(RELEASES).length).toBe(12);
    expect(teams.messages(CHAT).length).toBe(12);
    expect(teams.count('createConversation') + teams.count('post')).toBe(24); // none was answered with 429
    expect(new Set(Object.values(await states()))).toEqual(new Set(['sent']));
  });

  it('to somebody who has blocked the bot is dead at once, with words for an operator', async () => {
    const { teams, start, pass } = await city();
    teams.world.person(OID.ana).hasBlocked = true;
    const { open, dead } = await start();
    await open('req_1', cardTo('req_1', OID.ana));
    await pass(1_000);
    expect(dead).toMatchObject([
      {
        lastError: `The person ${OID.ana} has blocked Countersign in Teams: ask them to unblock it`,
        attempts: 1,
      },
    ]);
  });

  it('arrives exactly once, whatever goes wrong before Teams takes it', async () => {
    const fault: fc.Arbitrary<Fault> = fc.oneof(
      fc.record({ kind: fc.constant('rateLimited' as const), retryAfter: fc.option(fc.integer({ min: 0, max: 40 })) }),
      fc.record({ kind: fc.constant('status' as const), status: fc.constantFrom(412, 429, 500, 502, 503, 504) }),
      fc.constant({ kind: 'drop' } as const),
    );
    const { teams, start, pass } = await city();
    let runs = 0;
    const { open, states } = await start();
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 5 }), async (faults) => {
        const before = teams.messages().length;
        const id = `req_${++runs}`;
        teams.script('createConversation', ...faults);
        await open(id, card(id));
        await pass(3_600_000);
        expect(teams.messages().length - before).toBe(1);
      }),
      { numRuns: 20 },
    );
    expect(new Set(Object.values(await states()))).toEqual(new Set(['sent']));
  });

  it('that Teams took before the line was cut comes a second time, and the last one is kept up to date', async () => {
    const { teams, start, pass } = await city();
    const { open, record, only } = await start();
    teams.script('createConversation', { kind: 'drop', accepted: true });
    await open('req_1', card('req_1'));
    await pass(30_000);
    await record('req_1', [closed('approved')]);
    await pass(30_000);
    const [orphan, kept] = teams.messages();
    expect(teams.messages().length).toBe(2);
    expect([orphan?.updates, kept?.updates]).toEqual([0, 1]);
    expect(await only()).toMatchObject({ state: 'sent', receipt: { activity: kept?.id } });
  });
});
