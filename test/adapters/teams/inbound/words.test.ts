/** test/adapters/teams/inbound/words.test.ts: people say things to the bot, and the app comes and goes. */
import { describe, expect, it, vi } from 'vitest';
import { readLine } from '../../../../src/adapters/teams/inbound/line.ts';
import { gate } from '../../../engine/house.ts';
import { cardOf, partsOf } from '../../../fake/teams/cards.ts';
import { CHAT, OID, RELEASES, TEAM } from '../../../fake/teams/world.ts';
import { openHouse } from './house.ts';

const BOT = '28:bot';
const line = (text: string | null, entities: readonly { text: string; id: string }[] = []): string =>
  readLine(
    {
      text,
      recipient: { id: BOT },
      entities: entities.map(({ text: tag, id }) => ({
        type: 'mention',
        text: tag,
        mentioned: { id, aadObjectId: null },
      })),
    },
    ({ id }) => `teams:${id}`,
  );

describe('a line', () => {
  it.each([
    ['approve req_1', 'approve req_1'],
    ['  Gates  all ', 'all'],
    ['gates', ''],
    ['/gates show req_1', 'show req_1'],
    ['gatesall', 'gatesall'],
    ['help&nbsp;', 'help'],
    ['reject\u00a0req_1 a &lt;b&gt; &amp;amp; c', 'reject req_1 a <b> &amp; c'],
    ['<p>approve <b>req_1</b></p>', 'approve req_1'],
    ['open deploy 3 < 4 and 5 > 4', 'open deploy 3 < 4 and 5 > 4'],
    ['reject req_1 one\ntwo', 'reject req_1 one two'],
    [null, ''],
  ])('%j is read as %j', (text, read) => expect(line(text)).toBe(read));

  it('is what stands around the mentions of the bot, wherever and however often they stand', () => {
    const bot = { text: '<at>Countersign</at>', id: BOT };
    expect(line('<at>Countersign</at> all', [bot])).toBe('all');
    expect(line('<at>Countersign</at>&nbsp;gates all', [bot])).toBe('all');
    expect(line('approve <at>Countersign</at> req_1', [bot])).toBe('approve req_1');
    expect(line('<at>Countersign</at> <at>Countersign</at> all', [bot, bot])).toBe('all');
    const halves = [
      { text: '<at>Counter</at>', id: BOT },
      { text: '<at>sign</at>', id: BOT },
    ];
    expect(line('<at>Counter</at><at>sign</at> all', halves)).toBe('all');
    expect(line(null, [bot])).toBe('');
  });

  it('names others who are mentioned by what they are, never by what they are called', () => {
    const ben = { text: '<at>ana</at>', id: '29:ben' };
    expect(line('delegate <at>ana</at>', [ben])).toBe('delegate teams:29:ben');
    expect(line('delegate <at>$&</at>', [{ text: '<at>$&</at>', id: '29:$&' }])).toBe('delegate teams:29:$&');
  });

  it('that is long and full of brackets is read quickly', () => {
    const started = performance.now();
    line('<p'.repeat(14_000));
    line(`<a ${'x'.repeat(27_000)}`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('words to the bot alone', () => {
  it('are a command, answered there with a card', async () => {
    const { send, teams, who, memory, told } = await openHouse();
    expect((await send(teams.says.message({ person: who('ana') }, 'gates approve req_1 fine'))).status).toBe(200);
    expect(memory.lines).toEqual(['ana: approve req_1 fine']);
    expect(told('ana')).toContain('You said: approve req_1 fine');
    for (const { activity } of teams.messages()) expect(cardOf(activity)).not.toBeNull();
  });

  it('are answered with a request that can be decided there', async () => {
    const { send, teams, who, memory, invoke } = await openHouse();
    const id = memory.open(gate());
    memory.answer = async () => {
      const view = await memory.view(id, { kind: 'person', person: 'ana' });
      if (view === null) throw new Error('it is not there');
      return { kind: 'request', view };
    };
    await send(teams.says.message({ person: who('ana') }, `show ${id}`));
    const [message] = teams.messages();
    if (message === undefined) throw new Error('there is no answer');
    const said = await invoke(teams.says.execute({ message, person: who('ana'), action: 'Approve' }));
    expect(said.words).toContain('Approved by Ana Silva');
    expect(memory.state(id).status).toBe('approved');
  });

  it('are answered with lists whose pages can be turned, by nobody but their reader', async () => {
    const { send, teams, who, memory, invoke } = await openHouse();
    for (let i = 0; i < 5; i++) memory.open(gate());
    memory.answer = async () => ({
      kind: 'list',
      list: 'all',
      heading: 'Pending',
      empty: '',
      page: await memory.list('ana', 'all'),
    });
    await send(teams.says.message({ person: who('ana') }, 'all'));
    const [message] = teams.messages();
    if (message === undefined) throw new Error('there is no answer');
    const more = [...partsOf(cardOf(message.activity))].find(({ data }) =>
      /"page\|/.test(JSON.stringify(data ?? null)),
    );
    const next = teams.says.execute({ message, person: who('ana'), action: { ...more } });
    const said = await invoke(next);
    expect(said).toMatchObject({ kind: 'card', words: /req_000000000003/ });
    expect(said.words).not.toContain('req_000000000001');
    const place = teams.world.places.get(RELEASES);
    const elsewhere = { ...next, conversation: { id: place?.id, conversationType: 'channel' } };
    expect(await invoke(elsewhere)).toMatchObject({ kind: 'refused', words: /does not belong/ });
  });

  it('are run once, however often they are delivered', async () => {
    const { send, teams, who, memory } = await openHouse();
    const message = teams.says.message({ person: who('ana') }, 'open deploy Ship it');
    await Promise.all([send(message), send(message)]);
    await send(message);
    expect(memory.lines).toHaveLength(1);
    await send(teams.says.message({ person: who('ana') }, 'open deploy Ship it')); // said again, it is another
    expect(memory.lines).toHaveLength(2);
  });

  it('that fail are told of without the reason', async () => {
    const { send, teams, who, memory, told } = await openHouse();
    memory.answer = () => Promise.reject(new Error('a bug'));
    expect((await send(teams.says.message({ person: who('ana') }, 'all'))).status).toBe(200);
    expect(told('ana')).toContain('Something went wrong');
    expect(told('ana')).not.toContain('a bug');
  });

  it('that take long do not keep Teams waiting, and are answered when they are done', async () => {
    const { send, teams, who, memory, told } = await openHouse({ patience: { click: 30, authentication: 2_000 } });
    let letGo = (): void => undefined;
    memory.hold = new Promise((resolve) => {
      letGo = resolve;
    });
    expect((await send(teams.says.message({ person: who('ana') }, 'all'))).status).toBe(200);
    expect(told('ana')).toBe('');
    letGo();
    await vi.waitFor(() => expect(told('ana')).toContain('You said: all'));
  });

  it('of a stranger are answered kindly, with what whoever runs it needs to know', async () => {
    const { send, teams, who, memory, told } = await openHouse();
    await send(teams.says.message({ person: who('gus') }, 'all'));
    expect(told('gus')).toContain(`not in the directory`);
    expect(told('gus')).toContain(OID.gus);
    expect(memory.lines).toEqual([]);
  });

  it('of other bots are no words to us', async () => {
    const { send, teams, who, memory } = await openHouse();
    const message = teams.says.message({ person: who('ana') }, 'all');
    await send({ ...message, from: { id: '28:other', aadObjectId: OID.ana } });
    await send({ ...message, from: { id: '29:x', aadObjectId: OID.ana, role: 'bot' } });
    expect(memory.lines).toEqual([]);
    expect(teams.messages()).toEqual([]);
  });

  it('are taken though they can’t be answered', async () => {
    const { send, teams, who, memory, lines } = await openHouse();
    teams.script('post', { kind: 'error', status: 403, code: 'MessageWritesBlocked' });
    expect((await send(teams.says.message({ person: who('ana') }, 'all'))).status).toBe(200);
    expect(memory.lines).toEqual(['ana: all']);
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

describe('words in a channel or a group chat', () => {
  it.each([RELEASES, CHAT])('by mention are answered to the one who asked, alone: %s', async (id) => {
    const { send, teams, who, memory, told } = await openHouse();
    const place = teams.world.places.get(id);
    if (place === undefined) throw new Error('there is no such place');
    const root = teams.world.add(place, null, {}, OID.ana).id;
    await send(teams.says.message({ person: who('ana'), place, root }, 'gates all'));
    expect(memory.lines).toEqual(['ana: all']);
    expect(told('ana')).toContain('You said: all');
    const there = teams.messages(id).filter(({ author }) => author === null);
    expect(there).toHaveLength(1);
    expect(JSON.stringify(there)).toContain('answered in our own chat');
    expect(JSON.stringify(there)).not.toContain('You said');
    if (id === RELEASES) expect(there).toMatchObject([{ root }]);
  });

  it('are answered with how to be reached, where somebody can’t be', async () => {
    const { send, teams, who, memory } = await openHouse();
    who('ana').hasApp = false;
    const place = teams.world.places.get(RELEASES);
    if (place === undefined) throw new Error('there is no such place');
    const root = teams.world.add(place, null, {}, OID.ana).id;
    await send(teams.says.message({ person: who('ana'), place, root }, 'all'));
    expect(memory.lines).toEqual(['ana: all']);
    expect(JSON.stringify(teams.messages(RELEASES))).toContain('add this app for yourself');
    expect(JSON.stringify(teams.messages(RELEASES))).not.toContain('You said');
  });

  it('without a mention are not for us', async () => {
    const { send, teams, who, memory } = await openHouse();
    const place = teams.world.places.get(RELEASES);
    if (place === undefined) throw new Error('there is no such place');
    const said = teams.says.message({ person: who('ana'), place, root: '1' }, 'all');
    await send({ ...said, text: 'all', entities: [] });
    await send({ ...said, id: 'x', text: '<at>Countersign</at> all', entities: [{ type: 'clientInfo' }] });
    expect(memory.lines).toEqual([]);
    expect(teams.messages()).toEqual([]);
  });

  it('name people who are mentioned by their account', async () => {
    const { send, teams, who, memory } = await openHouse();
    const place = teams.world.places.get(RELEASES);
    if (place === undefined) throw new Error('there is no such place');
    const root = teams.world.add(place, null, {}, OID.ana).id;
    const said = teams.says.message({ person: who('ana'), place, root }, 'delegate <at>mia</at>');
    const mention = { type: 'mention', text: '<at>mia</at>', mentioned: { id: who('ben').mri, name: 'mia' } };
    await send({ ...said, entities: [...Object(said.entities), mention] });
    expect(memory.lines).toEqual(['ana: delegate ben']);
  });
});

describe('the app', () => {
  it('that is added greets once, though Teams tells of it twice', async () => {
    const { send, teams, who, told } = await openHouse();
    const person = who('ana');
    const added = { membersAdded: [{ id: person.mri }, { id: '28:22222222-aaaa-4bbb-8ccc-000000000002' }] };
    await Promise.all([
      send(teams.says.installation({ person }, 'add')),
      send(teams.says.conversationUpdate({ person }, added)),
    ]);
    expect(teams.messages()).toHaveLength(1);
    expect(told('ana')).toContain('Say “help”');
  });

  it('that is only renewed, and people who come, are not greeted', async () => {
    const { send, teams, who } = await openHouse();
    const person = who('ana');
    await send(teams.says.installation({ person }, 'add-upgrade'));
    await send(teams.says.conversationUpdate({ person }, { membersAdded: [{ id: person.mri }] }));
    await send(teams.says.conversationUpdate({ person }, { channelData: undefined, conversation: undefined }));
    expect(teams.messages()).toEqual([]);
  });

  it('is known where it is from then on, and forgotten where it was removed', async () => {
    const { send, teams, who, kept } = await openHouse();
    const person = who('ana');
    await send(teams.says.installation({ person }, 'add'));
    const conversation = teams.world.personal(person).id;
    expect([...kept.values()]).toContain(conversation);
    await send(teams.says.installation({ person }, 'remove'));
    expect([...kept.values()]).not.toContain(conversation);
    await send(teams.says.message({ person }, 'all'));
    expect([...kept.values()]).toContain(conversation);
  });

  it('is told who came and went, so that groups are asked for anew', async () => {
    const onGroupChange = vi.fn();
    const { send, teams, who } = await openHouse({ onGroupChange });
    const place = teams.world.places.get(TEAM);
    if (place === undefined) throw new Error('there is no such place');
    await send(
      teams.says.conversationUpdate({ person: who('ana'), place }, { membersAdded: [{ id: who('mia').mri }] }),
    );
    expect(onGroupChange).toHaveBeenCalledTimes(1);
  });
});
