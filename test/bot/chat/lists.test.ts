import { describe, expect, it } from 'vitest';
import { CHAT_PAGE, LOOKED_AT } from '../../../src/bot/chat/limits.ts';
import type { RequestId } from '../../../src/engine/request.ts';
import { GATES, startChat } from './chat.ts';

const unknown = `req_${'0'.repeat(32)}`;

describe('the lists of a person', () => {
  it('are what waits for them, what they asked for, what is pending and what was decided with their part in it', async () => {
    const chat = await startChat();
    await chat.open('deploy', { title: 'for three', requester: 'eve' });
    await chat.open('ana-only', { title: 'for Ana', requester: 'ben' });
    const done = await chat.open('ana-only', { title: 'done' });
    await chat.ports.command('ana', `approve ${done}`);
    const titles = async (person: string, list: 'waiting' | 'asked' | 'recent' | 'all') =>
      (await chat.ports.list(person, list)).requests.map(({ title }) => title);
    expect(await titles('ana', 'waiting')).toEqual(['for Ana', 'for three']);
    expect(await titles('ben', 'asked')).toEqual(['for Ana']);
    expect(await titles('ben', 'all')).toEqual(['for Ana', 'for three']);
    expect(await titles('ana', 'recent')).toEqual(['done']);
    expect(await titles('eve', 'asked')).toEqual(['for three']);
  });

  it('show a stranger nothing, and answer for a request that exists as for one that does not', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy', { title: 'Secret plan' });
    const done = await chat.open('ana-only', { title: 'Secret end' });
    await chat.ports.command('ana', `approve ${done}`);
    for (const list of ['waiting', 'asked', 'recent', 'all'] as const)
      expect(await chat.ports.list('eve', list)).toEqual({ requests: [], next: null });
    const eve = { kind: 'person', person: 'eve' } as const;
    expect(await chat.ports.view(id, eve)).toBeNull();
    expect(await chat.ports.view(unknown, eve)).toBeNull();
    expect(await chat.ports.view('req_nonsense', eve)).toBeNull();
    for (const verb of ['show', 'approve', 'cancel'])
      for (const wanted of [id, done, id.slice(-8)])
        expect(await chat.told('eve', `${verb} ${wanted}`)).toBe(
          (await chat.told('eve', `${verb} ${unknown}`)).replace(unknown, wanted),
        );
    expect(await chat.told('eve', `reject ${id} because I can`)).toContain('no request');
    expect(await chat.told('eve', 'pause deploy')).toBe('Nothing is pending at “deploy” that you have a part in.');
    expect(await chat.happened(id)).toEqual(['opened']);
  });

  it('show a request to everybody whose message it is on', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy');
    expect(await chat.ports.view(id, { kind: 'everyone' })).toMatchObject({ id, myVote: null });
  });

  it.each([
    ['the requester', 'deploy', 'eve', 'eve'],
    ['who will be asked in a later stage', 'chain', null, 'mia'],
    ['who may bypass', 'breakable', null, 'mia'],
  ] as const)('count %s as having a part', async (_, gate, requester, person) => {
    const chat = await startChat();
    const id = await chat.open(gate, { requester });
    expect(await chat.ports.view(id, { kind: 'person', person })).toMatchObject({ id });
    expect((await chat.ports.list(person, 'all')).requests).toHaveLength(1);
  });

  it('keep for those who gave their part away what they were asked', async () => {
    const chat = await startChat();
    const id = await chat.open('ana-only');
    await chat.ports.command('ana', 'delegate eve');
    expect(await chat.ports.list('ana', 'waiting')).toMatchObject({ requests: [] });
    expect(await chat.ports.view(id, { kind: 'person', person: 'ana' })).toMatchObject({ id });
    expect(await chat.titles('eve', '')).toEqual(['Deploy ana-only']);
  });

  it('count those who have joined a group since it was opened, who may vote as well', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy');
    chat.reload(GATES.replace('[ana, ben, cy]', '[ana, ben, cy, eve]'));
    expect(await chat.ports.view(id, { kind: 'person', person: 'eve' })).toMatchObject({ id });
    expect(await chat.told('eve', `approve ${id}`)).toContain('Approved by Eve Stranger');
  });

  it.each(['asked', 'all', 'recent'] as const)('come page by page, each request once: %s', async (list) => {
    const chat = await startChat();
    const mine: RequestId[] = [];
    for (let n = 0; n < 2 * CHAT_PAGE + 3; n++) {
      mine.unshift(await chat.open('ana-only', { requester: 'eve' }));
      await chat.open('handed');
    }
    if (list === 'recent') for (const id of mine) await chat.ports.command('ana', `approve ${id}`);
    const seen: RequestId[] = [];
    const sizes: number[] = [];
    let after: RequestId | undefined;
    do {
      const page = await chat.ports.list('eve', list, after);
      seen.push(...page.requests.map(({ id }) => id));
      sizes.push(page.requests.length);
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(sizes).toEqual([CHAT_PAGE, CHAT_PAGE, 3]);
    expect(seen).toEqual(mine);
  });

  it('begin anew for a place that is none of ours', async () => {
    const chat = await startChat();
    await chat.open('ana-only');
    expect((await chat.ports.list('ana', 'waiting', '"; drop')).requests).toHaveLength(1);
  });

  it('look at no more than so many at once, go on from there, and give no stranger’s id away', async () => {
    const looked: number[] = [];
    const chat = await startChat({
      around: (store) => ({
        ...store,
        load: (id) => store.load(id),
        change: (id, decide) => store.change(id, decide),
        open: (work) => store.open(work),
        deliveries: (filter) => store.deliveries(filter),
        list: async (filter) => {
          const page = await store.list(filter);
          looked.push(page.requests.length);
          return page;
        },
      }),
    });
    const mine = await chat.open('deploy', { title: 'long ago', requester: 'eve' });
    const others: RequestId[] = [];
    await Promise.all(
      Array.from({ length: LOOKED_AT + 5 }, async () => void others.push(await chat.open('ana-only', { title: 'x' }))),
    );
    const first = await chat.ports.list('eve', 'all');
    expect(first.requests).toEqual([]);
    expect(looked.reduce((sum, count) => sum + count, 0)).toBe(LOOKED_AT);
    expect(others).not.toContain(first.next);
    expect((await chat.ports.list('eve', 'all', first.next ?? undefined)).requests.map(({ id }) => id)).toEqual([mine]);
    expect(await chat.says('eve', 'all')).toMatchObject({
      empty: `None of the ${LOOKED_AT} newest requests is one of yours.`,
    });
    expect(await chat.told('eve', `show ${mine.slice(-8)}`)).toMatch(/give the whole id/);
    expect(await chat.says('eve', `show ${mine}`)).toMatchObject({ kind: 'request', view: { id: mine } });
  });
});
