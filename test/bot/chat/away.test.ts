import { describe, expect, it } from 'vitest';
import { type Chat, GATES, startChat } from './chat.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Monday, 2 March 2026, nine o'clock, in Lisbon as in UTC. */
async function house(config = GATES): Promise<Chat> {
  const chat = await startChat();
  chat.reload(config.replace('slack: U0ANA,', 'slack: U0ANA, timezone: Europe/Lisbon,'));
  await chat.absences.start();
  return chat;
}

const approvers = async (chat: Chat, id: string) => (await chat.read(id)).stages[0]?.rules[0]?.approvers;
const facts = async (chat: Chat, person: string): Promise<readonly (readonly [string, string])[]> => {
  const reply = await chat.says(person, 'away');
  if (reply.kind !== 'facts') throw new Error(reply.kind);
  return reply.facts.map(({ label, value }) => [label, value]);
};

describe('/gates away', () => {
  it('says until when exactly and in which zone, and hands over what waits', async () => {
    const chat = await house();
    const id = await chat.open('ana-only');
    expect(await chat.told('ana', 'away until friday to @ben')).toBe(
      'You are away until the end of Friday, 6 March 2026 (Europe/Lisbon time). Ben Okoye is asked in your place. ' +
        'What waits for you now goes there at once, and you are kept informed. “/gates back” ends it.',
    );
    await chat.absences.turn();
    expect(await approvers(chat, id)).toEqual(['ben']);
    expect(await chat.titles('ben', '')).toEqual(['Deploy ana-only']);
    expect(await chat.titles('ana', '')).toEqual([]);
    expect(chat.said()).toEqual([
      {
        person: 'ana',
        by: 'ana',
        via: 'slack',
        from: '2026-03-02T09:00:00.000Z',
        to: '2026-03-07T00:00:00.000Z',
        delegate: 'ben',
        message: 'away',
      },
    ]);
  });

  it('lets the stand-in vote as themselves for whoever is away, and both keep what they did when that is over', async () => {
    const chat = await house();
    const id = await chat.open('handed'); // ana and ben, both
    const two = await chat.open('deploy-two'); // two of ana, ben and cy
    await chat.told('ana', 'away until tomorrow to cy');
    await chat.absences.turn();
    expect(await approvers(chat, id)).toEqual(['cy', 'ben']);
    await chat.says('cy', `approve ${id}`);
    expect((await chat.read(id)).votes).toMatchObject([{ person: 'cy', onBehalfOf: 'ana', counts: true }]);
    await chat.told('ana', 'back');
    await chat.absences.turn();
    expect((await chat.read(id)).votes).toMatchObject([{ person: 'cy', counts: true }]);
    await chat.says('ben', `approve ${id}`);
    expect((await chat.read(id)).status).toBe('approved');
    await chat.says('ana', `approve ${two}`); // back is back: she votes herself
    expect((await chat.read(two)).votes).toMatchObject([{ person: 'ana', onBehalfOf: null, counts: true }]);
  });

  it('gives a stand-in who is asked already no second vote', async () => {
    const chat = await house();
    const id = await chat.open('handed');
    await chat.told('ana', 'away until friday to ben');
    await chat.absences.turn();
    expect(await approvers(chat, id)).toEqual(['ana', 'ben']);
  });

  it('never asks a stand-in who asked for it themselves', async () => {
    const chat = await house();
    const theirs = await chat.open('ana-only', { requester: 'ben' });
    const others = await chat.open('ana-only', { requester: 'eve' });
    await chat.told('ana', 'away until friday to ben');
    await chat.absences.turn();
    expect(await approvers(chat, theirs)).toEqual(['ana']);
    expect(await approvers(chat, others)).toEqual(['ben']);
    expect(await chat.told('ben', `approve ${theirs}`)).toMatch(/somebody else has to decide/);
  });

  it('follows a chain of stand-ins, and each link as it comes and goes', async () => {
    const chat = await house();
    const id = await chat.open('ana-only');
    await chat.told('ana', 'away until friday to ben');
    await chat.told('ben', 'away from wednesday until thursday to mia');
    await chat.absences.turn();
    const asked: unknown[] = [];
    for (let day = 0; day < 6; day++) {
      asked.push(...((await approvers(chat, id)) ?? []));
      await chat.time.pass(DAY);
      await chat.absences.turn();
    }
    expect(asked).toEqual(['ben', 'ben', 'mia', 'mia', 'ben', 'ana']);
  });

  it('says who would really be asked where the stand-in is away for a part of the time', async () => {
    const chat = await house();
    await chat.told('ben', 'away from wednesday until thursday to mia');
    expect(await chat.told('ana', 'away until friday to ben')).toContain(
      'Ben Okoye is away for a part of that time too. Asked in your place: Ben Okoye until the end of Tuesday, 3 March 2026, ' +
        'then Mia Chen until the end of Thursday, 5 March 2026, then Ben Okoye.',
    );
    await chat.told('ben', 'away until 2026-04-01 to mia');
    expect(await chat.told('ana', 'away until thursday to ben')).toContain(
      'Ben Okoye is away then too. Mia Chen is asked in your place.',
    );
  });

  it('refuses a stand-in who leads to nobody: away without one, or in a circle', async () => {
    const chat = await house();
    await chat.told('ben', 'away until friday');
    expect(await chat.told('ana', 'away until thursday to ben')).toBe(
      'Ben Okoye is away then too (until the end of Friday, 6 March 2026), and that leads to nobody who could be asked in ' +
        'your place. Please name somebody else. Nothing was changed.',
    );
    await chat.told('mia', 'away from tomorrow until friday to ana');
    expect(await chat.told('ana', 'away until thursday to mia')).toMatch(/leads to nobody/);
    expect(await facts(chat, 'ana')).toEqual([
      ['You', 'here'],
      ['Times are', 'Europe/Lisbon'],
    ]);
  });

  it('leaves each their own part where a circle comes about all the same', async () => {
    const chat = await house(GATES.replace('slack: U0BEN,', 'slack: U0BEN, delegate: ana,'));
    const [hers, his] = [await chat.open('ana-only'), await chat.open('deploy')];
    expect(await chat.told('ana', 'away until friday to ben')).toContain('Ben Okoye is asked');
    await chat.told('ben', 'away until friday'); // his own delegate is ana
    await chat.absences.turn();
    expect(await approvers(chat, hers)).toEqual(['ana']);
    expect(await approvers(chat, his)).toEqual(['ana', 'ben', 'cy']);
  });

  it('without a stand-in takes the one from the config, or says that there is none', async () => {
    const chat = await house();
    expect(await chat.told('ana', 'away until friday')).toBe(
      'You are away until the end of Friday, 6 March 2026 (Europe/Lisbon time). Nobody stands in for you, so you are still ' +
        'asked. To name somebody, write “/gates away [from WHEN] until WHEN [to PERSON]”. “/gates back” ends it.',
    );
    const withOne = await house(GATES.replace('slack: U0ANA,', 'slack: U0ANA, delegate: mia,'));
    expect(await withOne.told('ana', 'away until friday')).toContain('Mia Chen is asked in your place.');
  });

  it.each([
    ['away from tomorrow until friday to ben', '2026-03-03T00:00:00.000Z', '2026-03-07T00:00:00.000Z'],
    ['away to ben until friday', '2026-03-02T09:00:00.000Z', '2026-03-07T00:00:00.000Z'],
    ['away from monday to friday to @ben', '2026-03-09T00:00:00.000Z', null],
    ['away from 9 mar to 13 mar to @ben', '2026-03-09T00:00:00.000Z', '2026-03-14T00:00:00.000Z'],
    ['AWAY TILL 5pm TO email:ben@acme.dev', '2026-03-02T09:00:00.000Z', '2026-03-02T17:00:00.000Z'],
    ['away until in 3 days to slack:T0HOME/U0BEN', '2026-03-02T09:00:00.000Z', '2026-03-06T00:00:00.000Z'],
    ['away until “24 mar” to ben', '2026-03-02T09:00:00.000Z', '2026-03-25T00:00:00.000Z'],
  ])('understands “%s”', async (line, from, to) => {
    const chat = await house();
    const told = await chat.told('ana', line);
    if (to === null) expect(told).toBe('That ends before it begins. Nothing was changed.');
    else expect(chat.said()).toMatchObject([{ from, to, delegate: 'ben' }]);
  });

  it.each([
    ['away friday', /^Please write it like this: \/gates away \[from WHEN\] until WHEN/],
    ['away until', /^Please write it/],
    ['away to ben', /^Please write it/],
    ['away until friday until monday', /^Please write it/],
    ['away until someday', /“someday” is not a moment I understand: please write friday, .*in 3 days/],
    ['away until 3/4', /could be two days/],
    ['away until 2026-03-01', /That is over already/],
    ['away from friday until tuesday', /ends before it begins/],
    ['away until 2029-01-01', /lasts at most a year/],
    ['away from 2028-01-01 until 2028-01-02', /begins within a year/],
    ['away until friday to ana', /Nobody stands in for themselves/],
    ['away until friday to bne', /Nobody in the directory is called “bne”\. Did you mean "ben"\? Nothing was changed/],
    ['away until friday to managers', /Nobody in the directory is called/],
  ])('refuses “%s” with words, and changes nothing', async (line, words) => {
    const chat = await house();
    expect(await chat.told('ana', line)).toMatch(words);
    expect(chat.said()).toEqual([]);
  });

  it('takes only so many announcements', async () => {
    const chat = await house();
    for (let day = 1; day <= 20; day++) await chat.told('ana', `away from ${day} apr until ${day} apr to ben`);
    expect(await chat.told('ana', 'away until friday to ben')).toMatch(/20 absences already/);
  });

  it('shows how somebody stands, what they planned, whom they stand in for, and what was', async () => {
    const chat = await house();
    await chat.told('ana', 'away until friday to ben');
    await chat.told('ana', 'away from 1 apr until 5 apr to mia');
    expect(await facts(chat, 'ana')).toEqual([
      ['You', 'away until the end of Friday, 6 March 2026; Ben Okoye is asked in your place, as you said in Slack'],
      ['Planned', 'away from Wednesday, 1 April 2026, 00:00 until the end of Sunday, 5 April 2026; Mia Chen stands in'],
      ['Times are', 'Europe/Lisbon'],
    ]);
    expect(await facts(chat, 'ben')).toEqual([
      ['You', 'here'],
      ['You stand in for', 'Ana Silva, until the end of Friday, 6 March 2026'],
      ['Times are', 'UTC'],
    ]);
    await chat.time.pass(DAY);
    expect(await chat.told('ana', 'back')).toBe('Welcome back: you are asked again from now on.');
    expect(await facts(chat, 'ana')).toEqual([
      ['You', 'here'],
      ['Planned', 'away from Wednesday, 1 April 2026, 00:00 until the end of Sunday, 5 April 2026; Mia Chen stands in'],
      ['Before', 'from Monday, 2 March 2026, 09:00 until Tuesday, 3 March 2026, 09:00; Ben Okoye stood in'],
      ['Times are', 'Europe/Lisbon'],
    ]);
    expect(await chat.told('ana', 'back')).toBe(
      'You will not be away from Wednesday, 1 April 2026, 00:00: that is taken back.',
    );
    expect(await chat.told('ana', 'back')).toBe('You are not away, and no absence of yours is announced.');
    expect(chat.said().map((line) => Object.values(line).at(-1))).toEqual([
      'away',
      'away',
      'back',
      'absence taken back',
    ]);
  });

  it('back counts against what the config says too, until that is over', async () => {
    const chat = await house(
      GATES.replace('slack: U0BEN,', 'slack: U0BEN, away: { from: 2026-03-01, to: 2026-03-04, delegate: cy },'),
    );
    const id = await chat.open('handed');
    expect(await approvers(chat, id)).toEqual(['ana', 'cy']);
    expect(await chat.told('ben', 'back')).toBe(
      'Welcome back: you are asked again from now on. Your calendar or the config says otherwise until the end of ' +
        'Wednesday, 4 March 2026 (UTC time); until then that is not heeded.',
    );
    await chat.absences.turn();
    expect(await approvers(chat, id)).toEqual(['ana', 'ben']);
    await chat.told('ben', 'away until tomorrow to mia'); // and what is said last counts
    await chat.absences.turn();
    expect(await approvers(chat, id)).toEqual(['ana', 'mia']);
  });
});
