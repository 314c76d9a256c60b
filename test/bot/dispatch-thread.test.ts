import { afterEach, describe, expect, it } from 'vitest';
import { RefusedError, UnavailableError } from '../../src/adapters/channel.ts';
import { isQuiet } from '../../src/bot/dispatch/payload.ts';
import type { NewDelivery } from '../../src/store/port.ts';
import { commented } from '../contract/requests.ts';
import { FakeChannel } from '../fake/channel.ts';
import { notice, type Rig, startRig, surface, VirtualTime } from './dispatch-parts.ts';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.end();
});
async function start(options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
}

const shown = (request: string) => surface(request, { target: 'slack:C0RELEASES' });
const told = (request: string, sentence = 'Ana commented', about: Partial<NewDelivery> = {}): NewDelivery =>
  notice(request, {
    target: 'slack:C0RELEASES#thread',
    payload: { to: { kind: 'channel', id: 'C0RELEASES' }, viewer: null, notice: { kind: 'history', sentence } },
    ...about,
  });
const direct = (request: string, person: string) =>
  surface(request, {
    target: `slack:${person}`,
    payload: { to: { kind: 'person', id: person }, viewer: person },
  });

describe('a line of the history', () => {
  it('stands under its request’s message in that channel', async () => {
    const { open, record, slack, dispatcher } = await start();
    await open('req_1', direct('req_1', 'U0ANA'), shown('req_1'));
    await open('req_2', shown('req_2'));
    await dispatcher.drain();
    await record('req_2', [commented('well')], told('req_2'));
    await dispatcher.drain();
    const refs = slack.messages.filter(({ kind }) => kind === 'surface').map(({ ref }) => ref);
    expect(slack.messages.at(-1)).toMatchObject({ kind: 'history', thread: refs[2] });
  });

  it('waits for a message that is not there yet, and holds up nothing', async () => {
    const { open, slack, dispatcher, time, states } = await start();
    slack.script.push({ fail: new UnavailableError('down', 30_000) });
    await open('req_1', shown('req_1'), told('req_1'));
    await open('req_2', shown('req_2'));
    await dispatcher.drain();
    expect(slack.messages.map(({ kind }) => kind)).toEqual(['surface']);
    await time.pass(60_000);
    await dispatcher.drain();
    expect(slack.messages.map(({ kind }) => kind)).toEqual(['surface', 'surface', 'history']);
    expect(slack.messages[2]?.thread).toEqual(slack.messages[1]?.ref);
    expect(new Set(Object.values(await states()))).toEqual(new Set(['sent']));
  });

  it('is given up with the message that it belongs under, and nobody is bothered with that', async () => {
    const { open, record, slack, dispatcher, dead } = await start();
    slack.script.push({ fail: new RefusedError('is_archived') });
    await open('req_1', shown('req_1'));
    await dispatcher.drain();
    await record('req_1', [commented('well')], told('req_1'));
    await dispatcher.drain();
    expect(slack.messages).toEqual([]);
    expect(dead.map(({ kind, payload }) => isQuiet(kind, payload))).toEqual([false, true]);
  });

  it('of a place where the request was never shown is given up', async () => {
    const { open, slack, dispatcher, dead } = await start();
    await open('req_1', told('req_1'));
    await dispatcher.drain();
    expect(slack.messages).toEqual([]);
    expect(dead).toMatchObject([{ lastError: 'there is no message here that this belongs under' }]);
  });
});

describe('the pace of a channel', () => {
  const SECOND = 1_000;

  it('is shared by messages and the threads under them', async () => {
    const time = new VirtualTime(Date.UTC(2026, 0, 5, 12));
    const slack = new FakeChannel('slack', time.clock, SECOND);
    const { open, record, lines } = await start({ time, slack });
    await open('req_1', shown('req_1'));
    await time.pass(10 * SECOND);
    for (let line = 0; line < 5; line++) await record('req_1', [commented(`${line}`)], told('req_1', `line ${line}`));
    await time.pass(20 * SECOND);
    expect(slack.messages.filter(({ kind }) => kind === 'history')).toHaveLength(5);
    expect(slack.messages[0]).toMatchObject({ kind: 'surface', version: 6, updates: 1 });
    expect(lines.filter(({ message }) => message === 'delivery failed')).toEqual([]);
    const at = slack.calls.map((call) => call.at);
    expect(at.every((moment, i) => i === 0 || moment - (at[i - 1] ?? 0) >= SECOND)).toBe(true);
  });

  it('lets a message pass the lines that wait for their turn', async () => {
    const time = new VirtualTime(Date.UTC(2026, 0, 5, 12));
    const slack = new FakeChannel('slack', time.clock, SECOND);
    const { open, record } = await start({ time, slack });
    await open('req_1', shown('req_1'));
    await time.pass(10 * SECOND);
    for (let line = 0; line < 20; line++) await record('req_1', [commented(`${line}`)], told('req_1', `line ${line}`));
    await time.pass(2 * SECOND);
    expect(slack.messages[0]).toMatchObject({ kind: 'surface', version: 21 });
    await record('req_1', [commented('the end')]);
    await time.pass(3 * SECOND);
    expect(slack.messages[0]).toMatchObject({ kind: 'surface', version: 22 });
    expect(slack.messages.filter(({ kind }) => kind === 'history').length).toBeLessThan(6);
  });

  it('is each person’s own in direct messages', async () => {
    const time = new VirtualTime(Date.UTC(2026, 0, 5, 12));
    const slack = new FakeChannel('slack', time.clock, SECOND);
    const { open } = await start({ time, slack });
    await open('req_1', direct('req_1', 'U0ANA'), direct('req_1', 'U0BEN'), direct('req_1', 'U0CY'));
    await time.pass(1);
    expect(slack.messages).toHaveLength(3);
  });
});
