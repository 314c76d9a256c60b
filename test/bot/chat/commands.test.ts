import { describe, expect, it } from 'vitest';
import { LINE_LENGTH } from '../../../src/bot/chat/limits.ts';
import { StoreUnavailableError } from '../../../src/store/port.ts';
import { startChat } from './chat.ts';

const HOUR = 3_600_000;

describe('/gates', () => {
  it('alone lists what waits for me, newest first', async () => {
    const chat = await startChat();
    expect(await chat.says('ana', '')).toMatchObject({ kind: 'list', list: 'waiting', page: { requests: [] } });
    await chat.open('ana-only', { title: 'first' });
    await chat.open('deploy', { title: 'second' });
    expect(await chat.titles('ana', '')).toEqual(['second', 'first']);
    expect(await chat.titles('ana', '   ')).toEqual(['second', 'first']);
    expect(await chat.titles('ben', 'list')).toEqual(['second']);
    expect(await chat.titles('eve', '')).toEqual([]);
  });

  it('all and history list what is pending and what was decided with my part in it', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy', { title: 'one', requester: 'eve' });
    await chat.open('ana-only', { title: 'two' });
    expect(await chat.titles('ana', 'ALL')).toEqual(['two', 'one']);
    expect(await chat.titles('eve', 'all')).toEqual(['one']);
    await chat.says('ana', `approve ${id}`);
    expect(await chat.titles('eve', 'history')).toEqual(['one']);
    expect(await chat.titles('mia', 'history')).toEqual([]);
  });

  it('all and history with words list only what has them in its title or gate, and nothing that is not mine', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy', { title: 'Release the kraken', requester: 'eve' });
    await chat.open('deploy', { title: 'Another one' });
    await chat.open('ana-only', { title: 'Kraken again' });
    expect(await chat.titles('ana', 'all KRAKEN')).toEqual(['Kraken again', 'Release the kraken']);
    expect(await chat.titles('ana', 'all ana-on')).toEqual(['Kraken again']);
    expect(await chat.titles('eve', 'all kraken')).toEqual(['Release the kraken']);
    expect(await chat.says('eve', 'all nothing such')).toMatchObject({ kind: 'list', page: { requests: [] } });
    await chat.says('ana', `approve ${id}`);
    expect(await chat.titles('eve', 'history kraken')).toEqual(['Release the kraken']);
    expect(await chat.titles('eve', 'history another')).toEqual([]);
  });

  it('help lists each command', async () => {
    const chat = await startChat();
    const reply = await chat.says('ana', 'help');
    if (reply.kind !== 'help') throw new Error(reply.kind);
    const usages = reply.commands.map(({ usage }) => usage);
    expect(usages).toContain('/gates');
    for (const verb of ['all', 'show', 'open', 'cancel', 'approve', 'reject', 'delegate', 'pause', 'resume'])
      expect(usages.join('\n')).toMatch(new RegExp(`^/gates ${verb}\\b`, 'm'));
    for (const verb of ['history [WORDS]', 'stats [GATE]', 'help']) expect(usages).toContain(`/gates ${verb}`);
    const teams = await (await startChat({ kind: 'teams' })).says('ana', 'help');
    expect(JSON.stringify(teams)).not.toContain('/gates');
  });

  it.each([
    ['aprove req_1', 'Did you mean “/gates approve ID [REASON]”?'],
    ['hsitory', 'Did you mean “/gates history [WORDS]”?'],
    ['sudo rm', 'There is no command “sudo”. “/gates help” lists them all.'],
    ['constructor', 'There is no command “constructor”.'],
    ['__proto__', 'There is no command “__proto__”.'],
    ['x'.repeat(500), '…'],
  ])('says to %j what it does not know and what may be meant', async (line, words) => {
    const chat = await startChat();
    const told = await chat.told('ana', line);
    expect(told).toContain(words);
    expect(told.length).toBeLessThan(200);
  });

  it.each(['show', 'approve', 'reject', 'reject req_1', 'cancel', 'vote', 'open', 'open deploy', 'delegate', 'pause'])(
    'says how “%s” is written where something is missing',
    async (line) => {
      const chat = await startChat();
      expect(await chat.told('ana', line)).toMatch(/^Please write it like this: \/gates \w+ [A-Z]/);
    },
  );

  it('tells whoever is not in the directory nothing', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy', { title: 'Secret' });
    for (const line of ['', 'help', `show ${id}`, 'open deploy Mine'])
      expect(await chat.told('mallory', line)).toMatch(/not in the directory/);
    expect(await chat.store.list({ limit: 10 })).toMatchObject({ requests: [{ content: { id } }] });
  });

  it('refuses a line that is too long', async () => {
    const chat = await startChat();
    expect(await chat.told('ana', `open deploy ${'x'.repeat(LINE_LENGTH)}`)).toMatch(/too long/);
  });

  it('says that nothing was recorded where the store is away', async () => {
    const chat = await startChat({
      around: (store) => ({
        ...store,
        list: () => Promise.reject(new StoreUnavailableError('disk full')),
        load: (id) => store.load(id),
        open: () => Promise.reject(new StoreUnavailableError('disk full')),
        change: () => Promise.reject(new StoreUnavailableError('disk full')),
        remember: () => Promise.reject(new StoreUnavailableError('disk full')),
      }),
    });
    for (const line of ['', 'stats', 'open deploy Now', 'pause deploy', 'delegate ben', 'away until friday to ben'])
      expect(await chat.told('ana', line)).toMatch(/nothing was recorded/);
  });
});

describe('the id in a command', () => {
  it('may be whole, a link to the page, or six characters of its end or beginning, in quotes or not', async () => {
    const chat = await startChat();
    const id = await chat.open('ana-only');
    for (const given of [
      id,
      id.toUpperCase(),
      `\`${id}\``,
      `“${id.slice(-6)}”`,
      `…${id.slice(-8)}`,
      id.slice(-6),
      id.slice(0, 16),
      id.slice('req_'.length, 16),
      `<${chat.ports.link(id)}>`,
      `${chat.ports.link(id)}?from=mail`,
    ])
      expect(await chat.says('ana', `show ${given}`), given).toMatchObject({ kind: 'request', view: { id } });
  });

  it('that is too short, or no id at all, means nothing', async () => {
    const chat = await startChat();
    const id = await chat.open('ana-only');
    expect(await chat.told('ana', `show ${id.slice(-5)}`)).toMatch(/at least 6 characters/);
    expect(await chat.told('ana', 'show me')).toMatch(/no request “me”/);
    expect(await chat.told('ana', 'show %%%%%%%')).toMatch(/no request/);
  });

  it('that fits several asks which, and does nothing', async () => {
    const chat = await startChat();
    const first = await chat.open('ana-only', { title: 'one' });
    const second = await chat.open('ana-only', { title: 'two' });
    const both = first.slice(0, 12);
    expect(second.startsWith(both)).toBe(true);
    expect(await chat.titles('ana', `approve ${both}`)).toEqual(['two', 'one']);
    expect(await chat.happened(first)).toEqual(['opened']);
    expect(await chat.happened(second)).toEqual(['opened']);
  });

  it('means one among those that the person can see', async () => {
    const chat = await startChat();
    const mine = await chat.open('deploy', { requester: 'eve' });
    await chat.open('ana-only');
    expect(await chat.says('eve', `show ${mine.slice(0, 12)}`)).toMatchObject({ kind: 'request', view: { id: mine } });
  });
});

describe('/gates open', () => {
  it('asks in the name of whoever typed it, with the title as written', async () => {
    const chat = await startChat();
    const reply = await chat.says('eve', 'OPEN  Deploy   "Ship  the New Shop"  ');
    expect(reply).toMatchObject({
      kind: 'request',
      view: {
        gate: 'deploy',
        title: 'Ship the New Shop',
        requester: { id: 'eve' },
        pipeline: 'chat',
        status: 'pending',
      },
    });
    expect(await chat.titles('ana', '')).toEqual(['Ship the New Shop']);
  });

  it('never lets them decide it', async () => {
    const chat = await startChat();
    const reply = await chat.says('ana', 'open deploy Mine');
    if (reply.kind !== 'request') throw new Error(reply.kind);
    expect(await chat.told('ana', `approve ${reply.view.id}`)).toMatch(/somebody else has to decide/);
    expect(await chat.happened(reply.view.id)).toEqual(['opened']);
  });

  it('cleans the title of what hides in it', async () => {
    const chat = await startChat();
    const reply = await chat.says('ana', 'open deploy Ship\u0000 it\u202e now\u200b\ud800\n*really*');
    expect(reply).toMatchObject({ kind: 'request', view: { title: 'Ship it now\ufffd *really*' } });
  });

  it.each([
    ['open deplyo Shop', /no gate “deplyo”\. Did you mean “deploy”\? Nothing was opened/],
    ['open __proto__ Shop', /no gate “__proto__”/],
    [`open deploy ${'x'.repeat(301)}`, /at most 300 characters/],
    ['open adhoc Shop', /nobody|No stage/],
    ['open ana-only Shop', /Nothing was opened/],
  ])('refuses %j in words', async (line, words) => {
    const chat = await startChat();
    expect(await chat.told('ana', line)).toMatch(words);
    expect((await chat.store.list({ limit: 10 })).requests).toEqual([]);
  });
});

describe('/gates approve and reject', () => {
  it('count as a vote of that person, through this chat', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy-two', { title: 'Shop' });
    expect(await chat.told('ana', `approve ${id} looks good`)).toBe(
      'You chose Approve for “Shop”. It has 1 of 2 approvals · waiting for Ben Okoye or Cy Tan.',
    );
    expect(await chat.told('ben', `Approve ${id}`)).toMatch(
      /^You chose Approve.*Approved by Ana Silva and Ben Okoye\.$/,
    );
    expect((await chat.read(id)).votes).toMatchObject([
      { person: 'ana', option: 'approve', reason: 'looks good', via: 'slack' },
      { person: 'ben', reason: null, via: 'slack' },
    ]);
  });

  it('rejects with the reason', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy', { title: 'Shop' });
    expect(await chat.told('cy', `reject ${id} "too late today"`)).toMatch(/Rejected by Cy Tan\.$/);
    expect(await chat.read(id)).toMatchObject({ status: 'rejected', outcome: { reason: 'too late today' } });
  });

  it('say kindly who may not, what is over and what came too late', async () => {
    const chat = await startChat();
    const id = await chat.open('chain', { requester: 'eve', title: 'Shop' });
    expect(await chat.told('eve', `approve ${id}`)).toMatch(/somebody else has to decide/);
    expect(await chat.told('mia', `approve ${id}`)).toMatch(/not among the people who decide this right now/);
    const late = await chat.open('later');
    await chat.time.pass(HOUR);
    expect(await chat.told('ana', `approve ${late}`)).toMatch(/deadline has passed/);
    await chat.told('ana', `reject ${id} no`);
    expect(await chat.told('ana', `approve ${id}`)).toBe('“Shop” has been decided already. Rejected by Ana Silva.');
  });

  it('say that a vote stands, and where it is changed', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy-two', { title: 'Shop' });
    await chat.told('ana', `approve ${id}`);
    expect(await chat.told('ana', `approve ${id}`)).toMatch(/^You have chosen Approve for “Shop” already\./);
    expect(await chat.told('ana', `reject ${id} hm`)).toContain(`change your vote. Its page: ${chat.ports.link(id)}`);
    expect(await chat.happened(id)).toEqual(['opened', 'voted']);
  });

  it('send to the button or the page where the gate asks for more than a reason', async () => {
    const chat = await startChat();
    const formed = await chat.open('formed');
    expect(await chat.told('ana', `approve ${formed}`)).toMatch(/\(Window\).*button.*https:\/\/approve\.acme\.dev/);
    const reasoned = await chat.open('reasoned');
    expect(await chat.told('ana', `approve ${reasoned}`)).toMatch(/needs a reason\. Please write it after the id/);
    expect(await chat.told('ana', `approve ${reasoned} because`)).toMatch(/Approved by Ana/);
    expect(await chat.happened(formed)).toEqual(['opened']);
  });

  it('ask which where a gate has several ways, and `vote` says it', async () => {
    const chat = await startChat();
    const id = await chat.open('optional');
    expect(await chat.told('ana', `approve ${id}`)).toMatch(
      new RegExp(`canary \\(Canary 10 %\\), full \\(Full\\).*/gates vote ${id} canary`),
    );
    expect(await chat.told('ana', `vote ${id}`)).toMatch(/canary .*full .*stop /);
    expect(await chat.told('ana', `vote ${id} canry`)).toContain('Did you mean “canary”?');
    expect(await chat.happened(id)).toEqual(['opened']);
    expect(await chat.told('ana', `vote ${id} CANARY go slow`)).toMatch(/Approved by Ana Silva \(Canary 10 %\)/);
    expect((await chat.read(id)).votes).toMatchObject([{ option: 'canary', reason: 'go slow' }]);
    const other = await chat.open('optional');
    expect(await chat.told('ana', `reject ${other} not now`)).toMatch(/Rejected by Ana Silva \(Stop\)/);
  });

  it('count once, however often they are typed at the same time', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy-two');
    await Promise.all(Array.from({ length: 32 }, (_, n) => chat.told(n % 2 === 0 ? 'ana' : 'ben', `approve ${id}`)));
    expect((await chat.happened(id)).filter((type) => type === 'voted')).toHaveLength(2);
    expect((await chat.happened(id)).filter((type) => type === 'closed')).toHaveLength(1);
  });

  it('sent twice at once do not decide a stage that the first one opened', async () => {
    const chat = await startChat();
    const id = await chat.open('chain');
    await Promise.all(Array.from({ length: 32 }, () => chat.told('ana', `approve ${id}`)));
    expect(await chat.read(id)).toMatchObject({ status: 'pending', votes: [{ person: 'ana', stage: 0 }] });
    await chat.told('ana', `approve ${id}`);
    expect((await chat.read(id)).status).toBe('approved');
  });
});

describe('/gates cancel', () => {
  it('is for whoever asked, and for nobody else', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy', { requester: 'eve', title: 'Shop' });
    expect(await chat.told('ana', `cancel ${id}`)).toBe('Only Eve Stranger can cancel “Shop”.');
    expect(await chat.told('eve', `cancel ${id} not needed`)).toBe('You cancelled “Shop”.');
    expect(await chat.read(id)).toMatchObject({ status: 'cancelled', outcome: { reason: 'not needed' } });
    expect(await chat.told('eve', `cancel ${id}`)).toMatch(/decided already\. Cancelled by Eve Stranger/);
    const theirs = await chat.open('deploy');
    expect(await chat.told('ana', `cancel ${theirs}`)).toMatch(/^Only the pipeline/);
  });
});

describe('/gates nudge', () => {
  it('asks those who are missing again, for whoever asked and for nobody else', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy', { requester: 'eve', title: 'Shop' });
    expect(await chat.told('ana', `nudge ${id}`)).toBe('Only Eve Stranger can ask again about “Shop”.');
    expect(await chat.told('eve', `nudge ${id}`)).toMatch(/^You asked again about “Shop”\. It has 0 of 1 approval/);
    expect(await chat.told('eve', `nudge ${id}`)).toMatch(/only a moment ago/);
    expect(await chat.told('eve', 'nudge')).toMatch(/nudge ID/);
    await chat.told('eve', `cancel ${id}`);
    expect(await chat.told('eve', `nudge ${id}`)).toMatch(/decided already/);
  });
});

describe('/gates delegate', () => {
  it('hands over what waits now, and says what could not be', async () => {
    const chat = await startChat();
    const mine = await chat.open('ana-only');
    const ours = await chat.open('handed');
    const hers = await chat.open('ana-only', { requester: 'ben' });
    expect(await chat.told('ana', 'delegate ben')).toBe(
      'Handed 1 request to Ben Okoye. 1 request stayed as before: You asked for this, so somebody else has to decide it. ' +
        '1 request stayed as before: That person already has a vote of their own here.',
    );
    expect(await chat.happened(mine)).toEqual(['opened', 'delegated']);
    expect((await chat.read(mine)).stages[0]?.rules[0]?.approvers).toEqual(['ben']);
    for (const id of [ours, hers]) expect(await chat.happened(id)).toEqual(['opened']);
  });

  it.each(['@eve', 'EVE', 'slack:T0HOME/U0EVE', 'slack:U0EVE', 'email:eve@acme.dev', 'Eve@acme.dev', '"eve"'])(
    'knows whom %s means',
    async (whom) => {
      const chat = await startChat();
      await chat.open('ana-only');
      expect(await chat.told('ana', `delegate ${whom}`)).toBe('Handed 1 request to Eve Stranger.');
    },
  );

  it.each([
    'mallory',
    'slack:T0OTHER/U0EVE',
    'slack:T0HOME/U0MALLORY',
    '<@U0EVE>',
    'release-managers',
    'nobody@acme.dev',
  ])('hands nothing to %s, who is nobody in the directory', async (whom) => {
    const chat = await startChat();
    const id = await chat.open('ana-only');
    expect(await chat.told('ana', `delegate ${whom}`)).toMatch(/Nobody in the directory.*Nothing was handed over/);
    expect(await chat.happened(id)).toEqual(['opened']);
  });

  it('with “until” hands over what waits and what comes until then, and no longer', async () => {
    const chat = await startChat();
    await chat.absences.start();
    const before = await chat.open('ana-only');
    expect(await chat.told('ana', 'delegate ben until Friday noon')).toBe(
      'You are away until Friday, 6 March 2026, 12:00 (UTC time). Ben Okoye is asked in your place. ' +
        'What waits for you now goes there at once, and you are kept informed. “/gates back” ends it.',
    );
    await chat.absences.turn();
    const after = await chat.open('ana-only');
    for (const id of [before, after]) expect((await chat.read(id)).stages[0]?.rules[0]?.approvers).toEqual(['ben']);
    await chat.time.pass(Date.parse('2026-03-06T12:00:00Z') - chat.time.now);
    await chat.absences.turn();
    for (const id of [before, after]) expect((await chat.read(id)).stages[0]?.rules[0]?.approvers).toEqual(['ana']);
  });

  it('does nothing where more is said than it understands, for oneself, or with nothing waiting', async () => {
    const chat = await startChat();
    const id = await chat.open('ana-only');
    expect(await chat.told('ana', 'delegate Ben Okoye')).toMatch(/^Please write it/);
    expect(await chat.told('ana', 'delegate ben until')).toMatch(/^Please write it/);
    expect(await chat.told('ana', 'delegate ana')).toMatch(/That is you/);
    expect(await chat.told('eve', 'delegate ana')).toMatch(/Nothing waits for you/);
    expect(await chat.happened(id)).toEqual(['opened']);
  });
});

describe('/gates stats', () => {
  it('counts what the person has a part in', async () => {
    const chat = await startChat();
    const facts = async (person: string) => {
      const reply = await chat.says(person, 'stats');
      return reply.kind === 'facts' ? Object.fromEntries(reply.facts.map(({ label, value }) => [label, value])) : null;
    };
    const ids = [await chat.open('ana-only'), await chat.open('deploy'), await chat.open('deploy-two')];
    expect(await facts('ana')).toEqual({
      'Waiting for you': '3',
      'Pending in all': '3',
      'Decided in the last 7 days': '0',
      'Median time to a decision': '–',
    });
    await chat.told('ana', `approve ${ids[0]}`);
    await chat.time.pass(3 * HOUR + 5 * 60_000);
    await chat.told('ana', `approve ${ids[1]}`);
    await chat.told('ana', `approve ${ids[2]}`);
    expect(await facts('ana')).toMatchObject({
      'Waiting for you': '0',
      'Pending in all': '1',
      'Decided in the last 7 days': '2',
      'Median time to a decision': '1 h 33 min',
    });
    expect(await facts('ben')).toMatchObject({
      'Waiting for you': '1',
      'Decided in the last 7 days': '1',
      'Median time to a decision': '3 h 5 min',
    });
    expect(await facts('eve')).toMatchObject({ 'Pending in all': '0', 'Decided in the last 7 days': '0' });
    await chat.time.pass(8 * 24 * HOUR);
    expect(await facts('ana')).toMatchObject({ 'Decided in the last 7 days': '0' });
  });
});
