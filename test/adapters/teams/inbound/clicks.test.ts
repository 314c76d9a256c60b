/** test/adapters/teams/inbound/clicks.test.ts: people press buttons on cards, in a channel and alone with the bot. */
import { describe, expect, it, vi } from 'vitest';
import { createOnce } from '../../../../src/adapters/teams/inbound/once.ts';
import { DAY, gate } from '../../../engine/house.ts';
import { partsOf } from '../../../fake/teams/cards.ts';
import { at, textAt } from '../../../fake/teams/wire.ts';
import { OID } from '../../../fake/teams/world.ts';
import { openHouse } from './house.ts';

function held(): { readonly hold: Promise<void>; readonly letGo: () => void } {
  let letGo = (): void => undefined;
  const hold = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { hold, letGo: () => letGo() };
}

describe('a click on Approve', () => {
  it('counts, and is answered with the card as it is now', async () => {
    const { press, memory, ask } = await openHouse();
    const { id, message } = await ask();
    const said = await press('ana', message, 'Approve');
    expect(said).toMatchObject({ status: 200, kind: 'card' });
    expect(said.words).toContain('Approved by Ana Silva');
    expect(memory.state(id)).toMatchObject({ status: 'approved', outcome: { decidedBy: ['ana'] } });
    expect(memory.acted).toEqual([
      { kind: 'vote', person: 'ana', option: 'approve', reason: null, inputs: {}, replaces: null, shown: 1 },
    ]);
  });

  it('is not answered before it is recorded', async () => {
    const { click, invoke, memory, ask } = await openHouse();
    const { message } = await ask();
    const activity = await click('ana', message, 'Approve');
    const { hold, letGo } = held();
    memory.hold = hold;
    let isAnswered = false;
    const said = invoke(activity).then((answer) => {
      isAnswered = true;
      return answer;
    });
    await vi.waitFor(() => expect(memory.acted).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAnswered).toBe(false);
    letGo();
    expect((await said).words).toContain('Approved by Ana Silva');
  });

  it('that takes too long to record is answered in time, and claims nothing', async () => {
    const { click, invoke, memory, ask, adapter } = await openHouse({ patience: { click: 30, authentication: 2_000 } });
    const { id, message } = await ask(gate(['ana', 'ben'], 2));
    const activity = await click('ana', message, 'Approve');
    const { hold, letGo } = held();
    memory.hold = hold;
    const said = await invoke(activity);
    expect(said).toMatchObject({ status: 200, kind: 'message' });
    expect(said.words).toMatch(/takes longer.*look at it/);
    expect(said.words).not.toMatch(/^Recorded/);
    let isStopped = false;
    const stop = adapter.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isStopped).toBe(false); // it waits for what is under way
    letGo();
    await stop;
    expect(memory.state(id)).toMatchObject({ votes: [{ person: 'ana' }] });
  });

  it('that can’t be recorded says so, changes nothing, and can be tried again', async () => {
    const { click, invoke, memory, ask } = await openHouse();
    const { id, message } = await ask();
    const activity = await click('ana', message, 'Approve');
    memory.isStoreAway = true;
    expect(await invoke(activity)).toMatchObject({ status: 200, kind: 'refused', words: /nothing was changed/ });
    expect(memory.state(id).status).toBe('pending');
    memory.isStoreAway = false;
    expect((await invoke(activity)).words).toContain('Approved by Ana Silva');
  });

  it('on a request that can’t be looked up says that nothing was changed', async () => {
    const { click, invoke, memory, ask } = await openHouse();
    const { message } = await ask();
    const activity = await click('ana', message, 'Approve');
    memory.trouble = new Error('the disk is full');
    expect(await invoke(activity)).toMatchObject({ status: 200, kind: 'refused', words: /nothing was changed/ });
    expect(memory.acted).toEqual([]);
  });

  it('that fails in a way nobody foresaw is answered all the same, without the reason', async () => {
    const { click, invoke, memory, ask, lines } = await openHouse();
    const { message } = await ask();
    const activity = await click('ana', message, 'Approve');
    memory.hold = Promise.reject(new Error('a bug'));
    memory.hold.catch(() => undefined);
    const said = await invoke(activity);
    expect(said).toMatchObject({ status: 200, kind: 'error' });
    expect(said.words).not.toContain('a bug');
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('that is delivered again, at once or later, under the same id or another, counts once', async () => {
    const { click, invoke, memory, ask } = await openHouse();
    const { id, message } = await ask(gate(['ana', 'ben'], 2));
    const activity = await click('ana', message, 'Approve');
    const again = { ...activity, id: crypto.randomUUID() };
    const all = [activity, activity, again, again];
    const first = await Promise.all(all.map(invoke));
    const second = await Promise.all(all.map(invoke));
    for (const said of [...first, ...second])
      expect(said).toMatchObject({ status: 200, kind: 'card', words: /1 of 2 approvals/ });
    expect(memory.acted).toHaveLength(1);
    expect(memory.state(id).votes).toHaveLength(1);
  });

  it('of 32 at once, twice each by two people and more by others, counts each person once', async () => {
    const { click, invoke, memory, ask, teams, who } = await openHouse();
    const { id, message } = await ask(gate(['ana', 'ben', 'mia'], 2));
    const button = at(await click('ana', message, 'Approve'), 'value', 'action');
    const names = ['ana', 'ben', 'cy', 'gus'] as const;
    const clicks = Array.from({ length: 32 }, (_, i) => {
      const person = who(names[i % 4] ?? 'ana');
      return invoke({ ...teams.says.execute({ message, person, action: { ...Object(button) } }) });
    });
    for (const said of await Promise.all(clicks)) expect(said.status).toBe(200);
    const { votes, status } = memory.state(id);
    expect(status).toBe('approved');
    expect(votes.map(({ person }) => person).sort()).toEqual(['ana', 'ben']);
  });

  it('after the end shows how it ended', async () => {
    const { click, press, invoke, memory, ask } = await openHouse();
    const { message } = await ask();
    const late = await click('ben', message, 'Approve');
    await press('ana', message, 'Approve');
    const said = await invoke(late);
    expect(said).toMatchObject({ status: 200, kind: 'card', words: /Approved by Ana Silva/ });
    expect([...partsOf(said.card)].filter(({ type }) => type === 'Action.Execute')).toEqual([]);
    expect(memory.commits).toBe(1);
  });

  it('too late is told why, in private', async () => {
    const { click, invoke, memory, ask } = await openHouse();
    const { message } = await ask(gate(['ana'], 1, { timeoutMs: 1 }));
    const activity = await click('ana', message, 'Approve');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await invoke(activity)).toMatchObject({ kind: 'refused', words: /deadline has passed/ });
    expect(memory.commits).toBe(0);
  });
});

describe('a click counts only for the request whose card carries it', () => {
  it('so that one that names another request is refused', async () => {
    const { click, invoke, memory, ask, lines } = await openHouse();
    const one = await ask();
    const other = await ask();
    const stolen = await click('ana', other.message, 'Approve');
    const said = await invoke({ ...stolen, replyToId: one.message.id });
    expect(said).toMatchObject({ status: 200, kind: 'refused', words: /does not belong to the card/ });
    expect(lines).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ request: other.id, person: 'ana' }) }),
    );
    expect(memory.acted).toEqual([]);
  });

  it('so that one at no card, or at a card in another place, is refused', async () => {
    const { click, invoke, memory, ask, teams } = await openHouse();
    const { message } = await ask();
    const genuine = await click('ana', message, 'Approve');
    const { replyToId: _, ...without } = genuine;
    const conversation = { ...Object(genuine.conversation), id: [...teams.world.places.keys()].at(-1) };
    for (const forged of [
      without,
      { ...genuine, replyToId: '' },
      { ...genuine, replyToId: '7' },
      { ...genuine, conversation },
    ])
      expect((await invoke({ ...forged, id: crypto.randomUUID() })).words).toMatch(/does not belong to the card/);
    expect(memory.acted).toEqual([]);
  });

  it('whatever its data hold, and nothing of it is believed', async () => {
    const { click, invoke, memory, ask, teams, who } = await openHouse();
    const { id, message } = await ask();
    const genuine = await click('ana', message, 'Approve');
    const k = textAt(genuine, 'value', 'action', 'data', 'k') ?? '';
    for (const data of [
      null,
      {},
      'x',
      { k: 7 },
      { k: 'vote' },
      { k: `${k}|x` },
      { k: 'x'.repeat(5_000) },
      { k: 'page|all|' },
      { k: k.replace(/req_\d+/, 'req_999999999999') },
      { k: k.replace('approve', 'nonsense') },
      { __proto__: { k } },
    ]) {
      const action = { type: 'Action.Execute', verb: 'vote', data };
      const value = { action, trigger: 'manual' };
      const said = await invoke({ ...genuine, id: crypto.randomUUID(), value });
      expect([JSON.stringify(data), said.status, said.kind]).toEqual([JSON.stringify(data), 200, 'refused']);
      expect(said.words).not.toBe('');
    }
    for (const value of [undefined, null, {}, { action: null }, { action: {} }, [], 'x'])
      expect(await invoke({ ...genuine, id: crypto.randomUUID(), value })).toMatchObject({
        status: 200,
        kind: 'refused',
      });
    expect(memory.state(id)).toMatchObject({ status: 'pending', votes: [] });
    // A person in the data is nobody.
    const asBen = { ...genuine, from: { id: who('cy').mri, aadObjectId: OID.cy, name: 'Ben Okoye' } };
    expect((await invoke(asBen)).words).toMatch(/not among the people/);
    expect(memory.state(id)).toMatchObject({ status: 'pending', votes: [] });
    expect(teams.messages()).toHaveLength(1);
  });
});

describe('who may not', () => {
  it('is told kindly and alone, and nothing is counted', async () => {
    const { click, invoke, memory, ask, teams, who } = await openHouse();
    const { message } = await ask(gate(['ana', 'mia']), { requester: 'ben' });
    const genuine = await click('ana', message, 'Approve');
    const by = (from: object) => invoke({ ...genuine, id: crypto.randomUUID(), from });
    const mri = '29:1';
    for (const [from, words] of [
      [{ id: mri, aadObjectId: OID.ben }, /You asked for this|not among/],
      [{ id: mri, aadObjectId: OID.cy }, /not among the people/],
      [{ id: mri, aadObjectId: OID.gus }, new RegExp(`not in the directory.*${OID.gus}`)],
      [{ id: mri, name: 'Ana Silva' }, /Teams does not say who you are/],
      [{ id: mri, aadObjectId: null, name: 'ana' }, /Teams does not say who you are/],
      [{ id: mri, aadObjectId: OID.ana, role: 'bot' }, /Teams does not say who you are/],
      [{ id: mri, aadObjectId: OID.ana, tenantId: '99999999-aaaa-4bbb-8ccc-000000000009' }, /not in the directory/],
      [{ id: mri, aadObjectId: `x/${OID.ana}` }, /not in the directory/],
    ] as const) {
      const said = await by(from);
      expect([from, said.status, said.kind]).toEqual([from, 200, 'refused']);
      expect(said.words).toMatch(words);
    }
    expect(memory.commits).toBe(0);
    expect(teams.messages()).toHaveLength(1);
    expect((await by({ id: who('ana').mri, aadObjectId: OID.ana.toUpperCase() })).kind).toBe('card'); // a control
  });

  it('counts where the config names them by their full id, though they are of another tenant', async () => {
    const { click, invoke, memory, ask } = await openHouse();
    const { id, message } = await ask(gate(['ana', 'olga'], 1));
    const genuine = await click('ana', message, 'Approve');
    const olga = { id: '29:olga', aadObjectId: OID.gus, tenantId: '99999999-aaaa-4bbb-8ccc-000000000009' };
    await invoke({ ...genuine, from: olga });
    expect(memory.state(id)).toMatchObject({ status: 'approved', outcome: { decidedBy: ['olga'] } });
  });
});

describe('a form', () => {
  const rejecting = gate(['ana', 'ben'], 2, { requireReason: ['reject'] });

  it('in the card is read with the click', async () => {
    const { press, memory, ask } = await openHouse();
    const { id, message } = await ask(rejecting);
    const said = await press('ana', message, 'Reject', { reason: 'Not before the freeze ends' });
    expect(said.words).toContain('Rejected');
    expect(memory.state(id)).toMatchObject({ status: 'rejected', outcome: { reason: 'Not before the freeze ends' } });
  });

  it('that lacks something says which, and nothing is recorded', async () => {
    const { press, memory, ask } = await openHouse();
    const { id, message } = await ask(rejecting);
    for (const inputs of [{}, { reason: '   ' }]) {
      const said = await press('ana', message, 'Reject', inputs);
      expect(said).toMatchObject({ status: 200, kind: 'refused' });
      expect(said.words).toMatch(/reason/i);
    }
    expect(memory.state(id).status).toBe('pending');
  });

  it('can be asked for by a plain button, and sent then', async () => {
    const { click, invoke, memory, ask, teams, who } = await openHouse();
    const { id, message } = await ask(rejecting);
    const sent = await click('ana', message, 'Reject', { reason: 'No' });
    const plain = { k: (textAt(sent, 'value', 'action', 'data', 'k') ?? '').replace(/\|\d+\|reject$/, '||reject') };
    const action = { type: 'Action.Execute', verb: 'vote', data: plain };
    const form = await invoke(teams.says.execute({ message, person: who('ana'), action }));
    expect(form).toMatchObject({ kind: 'card', words: /Reason/ });
    expect(memory.acted).toEqual([]);
    await invoke(sent);
    expect(memory.state(id)).toMatchObject({ status: 'rejected', outcome: { reason: 'No' } });
  });

  it('of any other step does what it says', async () => {
    const { press, memory, ask } = await openHouse();
    const { id, message } = await ask(gate(['ana', 'ben'], 2, { timeoutMs: DAY }));
    await press('ana', message, 'Comment', { text: 'Is the backup fresh?' });
    expect(memory.acted.at(-1)).toEqual({ kind: 'comment', person: 'ana', text: 'Is the backup fresh?' });
    expect(memory.state(id).comments).toHaveLength(1);
  });

  it('that names a delegate by name finds them in the directory, or says that it does not', async () => {
    const { click, invoke, memory, ask, teams, who } = await openHouse();
    const { message } = await ask(gate(['ana', 'ben'], 2));
    const k = `delegate|${memory.state('req_000000000001').content.id}|1||9|`;
    const delegate = (to: string) =>
      invoke(
        teams.says.execute({
          message,
          person: who('ana'),
          action: { type: 'Action.Execute', verb: 'delegate', data: { k } },
          inputs: { 'in.9.to': to },
        }),
      );
    expect(await delegate('nobody')).toMatchObject({ kind: 'refused', words: /not in the directory/ });
    expect(memory.acted).toEqual([]);
    await delegate('mia');
    expect(memory.acted).toEqual([{ kind: 'delegate', person: 'ana', to: 'mia', reason: null }]);
    expect((await click('mia', message, 'Approve')).type).toBe('invoke');
  });
});

describe('a vote already given', () => {
  it('is not replaced by an old click: the change is asked about, and counts when it is sent', async () => {
    const { click, press, invoke, memory, ask } = await openHouse();
    const { id, message } = await ask(gate(['ana', 'ben', 'mia'], 'all', { rejection: 'threshold' }));
    const old = await click('ana', message, 'Approve');
    await press('ana', message, 'Reject', {});
    const said = await invoke(old);
    expect(said.kind).toBe('card');
    expect(memory.state(id).votes).toMatchObject([{ person: 'ana', option: 'reject' }]);
  });
});

describe('a refresh', () => {
  it('shows everybody their own card, and changes nothing', async () => {
    const { refresh, memory, ask, teams, who } = await openHouse();
    const { message } = await ask(gate(['ana', 'ben'], 2), { requester: 'mia' });
    const buttons = async (name: 'ana' | 'mia' | 'cy') =>
      [...partsOf((await refresh(name, message)).card)]
        .filter(({ type }) => type === 'Action.Execute' || type === 'Action.ShowCard')
        .map(({ title }) => title);
    expect(await buttons('ana')).toEqual(expect.arrayContaining(['Approve', 'Reject']));
    expect(await buttons('mia')).not.toContain('Approve');
    expect(await buttons('cy')).not.toContain('Approve');
    const own = await refresh('ana', message);
    expect(at(own.card, 'refresh', 'userIds')).toEqual([who('ana').mri]);
    expect(memory.acted).toEqual([]);
    expect(memory.commits).toBe(0);
    expect(teams.messages()).toHaveLength(1);
    expect(teams.count('updateActivity' as never)).toBe(0);
  });

  it('by sixty at once is answered to each', async () => {
    const { refresh, ask } = await openHouse();
    const { message } = await ask();
    const all = await Promise.all(Array.from({ length: 60 }, () => refresh('ana', message)));
    for (const said of all) expect(said).toMatchObject({ status: 200, kind: 'card' });
  });

  it('of a message that is none of the request’s shows nothing', async () => {
    const { click, invoke, ask, memory, teams, who } = await openHouse();
    const { message } = await ask();
    const other = await ask();
    await click('ana', message, 'Approve');
    const refresh = teams.says.refresh({ message, person: who('ana') });
    const said = await invoke({ ...refresh, replyToId: other.message.id });
    expect(said).toMatchObject({ kind: 'message', words: /does not belong/ });
    expect(memory.acted).toEqual([]);
  });
});

describe('a click in a client that knows no Action.Execute', () => {
  it('comes as a message, counts, and is answered alone', async () => {
    const { click, send, memory, ask, teams, who, told } = await openHouse();
    const { id, message } = await ask();
    const button = at(await click('ana', message, 'Approve'), 'value', 'action');
    const submit = teams.says.submit({ message, person: who('ana'), action: { ...Object(button) } });
    expect(submit).toMatchObject({ type: 'message' });
    expect((await send(submit)).status).toBe(200);
    expect(memory.state(id).status).toBe('approved');
    await vi.waitFor(() => expect(told('ana')).toContain('Recorded.'));
    expect(teams.messages(message.place)).toHaveLength(1);
    await send(submit);
    expect(memory.acted).toHaveLength(1);
  });

  it('is refused as kindly as any other', async () => {
    const { click, send, memory, ask, teams, who, told } = await openHouse();
    const { message } = await ask();
    const button = at(await click('ana', message, 'Approve'), 'value', 'action');
    await send(teams.says.submit({ message, person: who('cy'), action: { ...Object(button) } }));
    await vi.waitFor(() => expect(told('cy')).toContain('not among the people'));
    await send({
      ...teams.says.submit({ message, person: who('cy'), action: { ...Object(button) } }),
      value: { x: 1 },
    });
    await vi.waitFor(() => expect(told('cy')).toContain('can’t be read'));
    expect(memory.commits).toBe(0);
  });
});

describe('what was done', () => {
  it('is remembered as long as it has to be, and no more of it than there is room for', async () => {
    let now = 0;
    const once = createOnce(3, () => now);
    let runs = 0;
    const work = async () => ++runs;
    const again = (name: string) => once.do([{ name, forMs: 100 }], work, () => true);
    expect([await again('a'), await again('a')]).toEqual([1, 'again']);
    now = 100;
    expect(await again('a')).toBe(2);
    for (const name of ['b', 'c', 'd']) await again(name);
    expect(await again('a')).toBe(6);
  });

  it('is not what failed', async () => {
    const once = createOnce(9, () => 0);
    const key = [{ name: 'a', forMs: 100 }];
    const bad = once.do(
      key,
      () => Promise.reject(new Error('no')),
      () => true,
    );
    const joined = once.do(
      key,
      async () => 'mine',
      () => true,
    );
    await expect(bad).rejects.toThrow('no');
    expect(await joined).toBe('mine');
  });
});
