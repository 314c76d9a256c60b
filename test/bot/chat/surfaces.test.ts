import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/engine/definition.ts';
import { type Chat, startChat } from './chat.ts';

/** Posts what is queued: each surface is answered with the message that `receipt` makes of its target. */
async function post({ store, time }: Chat, receipt: (target: string) => Json): Promise<void> {
  for (const delivery of await store.claim(time.now, 100))
    await store.settle(delivery, { kind: 'sent', receipt: receipt(delivery.target), shownVersion: 1 });
}
const inChannel = (target: string): Json => ({ channel: target.slice('slack:'.length), ts: '1700000000.000100' });
const message = { channel: 'C0RELEASES', ts: '1700000000.000100' };

describe('a message', () => {
  it('carries the request that it was posted for, and no other', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy');
    await post(chat, inChannel);
    const other = await chat.open('ana-only');
    await post(chat, (target) => ({ channel: target, ts: '2' }));
    expect(await chat.ports.carries(id, message)).toBe(true);
    expect(await chat.ports.carries(other, message)).toBe(false);
    expect(await chat.ports.carries(id, { ...message, ts: '1700000000.000200' })).toBe(false);
    expect(await chat.ports.carries(id, { ...message, channel: 'C0OTHER' })).toBe(false);
    expect(await chat.ports.carries(id, { channel: 'C0RELEASES' })).toBe(false);
    expect(await chat.ports.carries(id, {})).toBe(false);
    expect(await chat.ports.carries('req_nothing', message)).toBe(false);
    expect(await chat.ports.carries(`req_${'0'.repeat(32)}`, message)).toBe(false);
  });

  it('of another workspace does not, where both sides name theirs', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy');
    await post(chat, (target) => ({ team: 'T0HOME', channel: target.slice('slack:'.length), ts: '1' }));
    expect(await chat.ports.carries(id, { team: 'T0HOME', channel: 'C0RELEASES', ts: '1' })).toBe(true);
    expect(await chat.ports.carries(id, { channel: 'C0RELEASES', ts: '1' })).toBe(true);
    expect(await chat.ports.carries(id, { team: 'T0OTHER', channel: 'C0RELEASES', ts: '1' })).toBe(false);
  });

  it('that is just being posted is waited for, and the click on it counts', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy');
    const claimed = await chat.store.claim(chat.time.now, 100);
    const asked = chat.ports.carries(id, message);
    await chat.time.pass(500);
    for (const delivery of claimed)
      await chat.store.settle(delivery, { kind: 'sent', receipt: inChannel(delivery.target), shownVersion: 1 });
    await chat.time.pass(25);
    expect(await asked).toBe(true);
  });

  it('is waited for no longer than a moment', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy');
    const start = chat.time.now;
    const asked = chat.ports.carries(id, message);
    await chat.time.pass(1_500);
    expect(await asked).toBe(false);
    expect(chat.time.now - start).toBe(1_500);
    expect(chat.time.nextAt).toBeNull();
  });

  it('is not waited for once everything is posted, or given up', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy');
    for (const delivery of await chat.store.claim(chat.time.now, 100))
      await chat.store.settle(delivery, { kind: 'dead', error: 'channel_not_found' });
    expect(await chat.ports.carries(id, message)).toBe(false);
  });

  it('of another platform does not', async () => {
    const chat = await startChat({ kind: 'teams' });
    const id = await chat.open('ana-only');
    await post(chat, () => ({ conversation: '19:x', activity: '1' }));
    expect(await chat.ports.carries(id, { conversation: '19:x', activity: '1' })).toBe(true);
    expect(await chat.ports.carries(id, { channel: '19:x', ts: '1' })).toBe(false);
  });
});
