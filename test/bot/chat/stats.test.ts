import { describe, expect, it } from 'vitest';
import type { ChatReply } from '../../../src/adapters/chat.ts';
import { startChat } from './chat.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const GATES = `
people:
  ana: { name: Ana Silva, slack: U0ANA }
  ben: { name: Ben Okoye, slack: U0BEN }
  eve: { name: Eve Stranger, slack: U0EVE }
  root: { name: Root, slack: U0ROOT }
admins: [root]
gates:
  deploy: { approvers: [ana], sla: { target: 1h }, timeout: 2h }
  docs: { approvers: [ben], timeout: 2h }
  secret-merger: { approvers: [ben], sla: { target: 1h }, timeout: 2h }
`;

const factsOf = (reply: ChatReply): Record<string, string> => {
  if (reply.kind !== 'facts') throw new Error(`No facts, but ${JSON.stringify(reply)}`);
  return Object.fromEntries(reply.facts.map(({ label, value }) => [label, value]));
};

/** Last week at deploy: one in time. This week: one in time, one that nobody decided. */
async function started() {
  const chat = await startChat();
  chat.reload(GATES);
  const decided = async (gate: string, person: string) => {
    const id = await chat.open(gate);
    await chat.time.pass(10 * MINUTE);
    await chat.says(person, `approve ${id}`);
  };
  await decided('deploy', 'ana');
  await chat.time.pass(7 * DAY);
  await decided('deploy', 'ana');
  await decided('secret-merger', 'ben');
  await chat.count();
  return chat;
}

describe('/gates stats', () => {
  it('tells how one answers, and how one’s gates keep their SLA, of this week and last', async () => {
    const chat = await started();
    const facts = factsOf(await chat.says('ana', 'stats'));
    expect(facts).toMatchObject({
      'You, this week and last': 'asked 2 times, answered 2 times, typically within 10 min',
      'SLA at deploy': '100 % (1 of 1) this week, 100 % (1 of 1) last week',
    });
    expect(Object.keys(facts).join()).not.toContain('secret');
  });

  it('says nothing of other people’s answers, and of gates that one has no part in', async () => {
    const chat = await started();
    for (const line of ['stats', 'stats deploy', 'stats secret-merger'])
      expect(JSON.stringify(await chat.says('eve', line))).not.toMatch(/SLA|ana|ben|asked/i);
    expect(await chat.told('eve', 'stats deploy')).toBe('There is no gate “deploy” that you have a part in.');
    expect(await chat.told('ana', 'stats secret-merger')).toBe(
      'There is no gate “secret-merger” that you have a part in.',
    );
    expect(await chat.told('ana', 'stats deplyo')).toContain('Did you mean "deploy"?');
    expect(await chat.told('ana', 'stats secret-mergr')).not.toContain('Did you mean');
  });

  it('tells all that there is of one gate, this week beside the last', async () => {
    const chat = await started();
    const reply = await chat.says('ana', 'stats DEPLOY');
    expect(reply).toMatchObject({ kind: 'facts', heading: 'deploy' });
    expect(factsOf(reply)).toEqual({
      Opened: '1 this week, 1 last week',
      Approved: '1 this week, 1 last week',
      Rejected: '0 this week, 0 last week',
      'Time to a decision': 'about 10 min this week, about 10 min last week',
      SLA: '100 % (1 of 1) this week, 100 % (1 of 1) last week',
      Reminders: '0 this week, 0 last week',
    });
    expect(await chat.told('ben', 'stats docs')).toBe('Nothing was opened or decided at docs this week or last.');
  });

  it('tells admins of every gate', async () => {
    const chat = await started();
    expect(factsOf(await chat.says('root', 'stats'))).toMatchObject({
      'SLA at deploy': expect.any(String),
      'SLA at secret-merger': '100 % (1 of 1) this week, – last week',
    });
  });

  it('says so while a long log is still being counted', async () => {
    const chat = await startChat();
    chat.reload(GATES);
    for (let i = 0; i < 60; i++) await chat.says('ana', `approve ${await chat.open('deploy')}`);
    await chat.count(1);
    expect(factsOf(await chat.says('ana', 'stats'))['Still counting']).toMatch(
      /^what came after 20\d\d-\d\d-\d\d is not/,
    );
  });
});
