/** test/adapters/slack/inbound/clicks.test.ts: people press buttons, in a message, in a modal, in App Home. */
import { describe, expect, it, vi } from 'vitest';
import { gate } from '../../../engine/house.ts';
import { controlOf, controlsOf } from '../../../fake/slack/controls.ts';
import { isFields } from '../../../fake/slack/wire.ts';
import { openHouse } from './house.ts';

const rejectWithReason = gate(['ana', 'ben'], 2, { requireReason: ['reject'] });

describe('a click on Approve', () => {
  it('counts, and is acknowledged with nothing', async () => {
    const { people, memory, ask } = await openHouse();
    const { id, message } = await ask();
    const answer = await people.click('U0ANA', message, controlOf(message, /^Approve$/));
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(memory.state(id)).toMatchObject({ status: 'approved', outcome: { decidedBy: ['ana'] } });
    expect(memory.acted).toEqual([
      { kind: 'vote', person: 'ana', option: 'approve', reason: null, inputs: {}, replaces: null, shown: 1 },
    ]);
  });

  it('is not acknowledged before it is recorded', async () => {
    const { people, memory, ask } = await openHouse();
    const { message } = await ask();
    let letGo = (): void => undefined;
    memory.hold = new Promise((resolve) => {
      letGo = resolve;
    });
    let isAnswered = false;
    const click = people.click('U0ANA', message, controlOf(message, /^Approve$/)).then((answer) => {
      isAnswered = true;
      return answer;
    });
    await vi.waitFor(() => expect(memory.acted).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAnswered).toBe(false);
    letGo();
    expect((await click).status).toBe(200);
    expect(memory.commits).toBe(2);
  });

  it('that takes too long to record is acknowledged, and told of when it is recorded', async () => {
    const { people, memory, ask, told, adapter } = await openHouse({ patience: { click: 20, command: 20 } });
    const { id, message } = await ask(gate(['ana', 'ben'], 2));
    let letGo = (): void => undefined;
    memory.hold = new Promise((resolve) => {
      letGo = resolve;
    });
    const answer = await people.click('U0ANA', message, controlOf(message, /^Approve$/));
    expect(answer.status).toBe(200);
    expect(memory.state(id)).toMatchObject({ votes: [] });
    expect(told('U0ANA')).toBe('[]');
    letGo();
    await vi.waitFor(() => expect(told('U0ANA')).toContain('Recorded.'));
    expect(memory.state(id)).toMatchObject({ votes: [{ person: 'ana' }] });
    await adapter.stop();
  });

  it('that can’t be recorded says so, and nothing is claimed', async () => {
    const { people, memory, ask, told } = await openHouse();
    const { id, message } = await ask();
    memory.isStoreAway = true;
    await people.click('U0ANA', message, controlOf(message, /^Approve$/));
    await vi.waitFor(() => expect(told('U0ANA')).toContain('nothing was changed'));
    expect(memory.state(id).status).toBe('pending');
  });

  it('on a request that can’t be looked up says that nothing was recorded', async () => {
    const { people, memory, ask, told } = await openHouse();
    const { message } = await ask();
    memory.trouble = new Error('the disk is full');
    const answer = await people.click('U0ANA', message, controlOf(message, /^Approve$/));
    expect(answer.status).toBe(200);
    await vi.waitFor(() => expect(told('U0ANA')).toContain('nothing was changed'));
    expect(memory.acted).toEqual([]);
  });

  it('that fails in a way nobody foresaw is not acknowledged', async () => {
    const { people, memory, ask, lines } = await openHouse();
    const { message } = await ask();
    const bug = Promise.reject(new Error('a bug'));
    bug.catch(() => undefined);
    memory.hold = bug;
    const answer = await people.click('U0ANA', message, controlOf(message, /^Approve$/));
    expect(answer.status).toBe(500);
    expect(answer.json).toMatchObject({ status: 500, type: 'urn:countersign:problem:internal' });
    expect(lines.filter(({ level }) => level === 'error')).not.toEqual([]);
  });

  it('of 32 at once, twice each by two people and more by others, counts each person once', async () => {
    const { people, memory, ask } = await openHouse();
    const { id, message } = await ask(gate(['ana', 'ben', 'mia'], 2));
    const users = ['U0ANA', 'U0BEN', 'U0CY', 'U0EVE'];
    const clicks = Array.from({ length: 32 }, (_, i) =>
      people.click(users[i % 4] ?? '', message, controlOf(message, /^Approve$/)),
    );
    for (const answer of await Promise.all(clicks)) expect(answer.status).toBe(200);
    const { votes, status } = memory.state(id);
    expect(status).toBe('approved');
    expect(votes.map(({ person }) => person).sort()).toEqual(['ana', 'ben']);
  });

  it('counts only for the request whose message carries it', async () => {
    const { people, memory, ask, told, lines } = await openHouse();
    const one = await ask();
    const other = await ask();
    const stolen = controlOf(other.message, /^Approve$/);
    await people.click('U0ANA', one.message, stolen);
    await vi.waitFor(() => expect(told('U0ANA')).toContain('does not belong to the message'));
    expect(lines).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ request: other.id, person: 'ana' }) }),
    );
    expect(memory.state(one.id).status).toBe('pending');
    expect(memory.state(other.id).status).toBe('pending');
    expect(memory.acted).toEqual([]);
  });

  it('after the end says what became of it', async () => {
    const { people, memory, ask, told } = await openHouse();
    const { message } = await ask();
    await people.click('U0ANA', message, controlOf(message, /^Approve$/));
    await people.click('U0BEN', message, controlOf(message, /^Reject$/));
    await vi.waitFor(() => expect(told('U0BEN')).toContain('Approved by Ana Silva'));
    expect(memory.acted).toHaveLength(1);
  });

  it('past the deadline is refused, though no tick has come', async () => {
    const { people, memory, ask, told, pass } = await openHouse();
    const { id, message } = await ask();
    pass(25 * 3_600_000);
    await people.click('U0ANA', message, controlOf(message, /^Approve$/));
    await vi.waitFor(() => expect(told('U0ANA')).toContain('deadline has passed'));
    expect(memory.state(id).status).toBe('pending');
  });

  it('by somebody who has voted differently opens “Change my vote”, and changes nothing by itself', async () => {
    const { people, memory, ask, modal } = await openHouse();
    const { id, message } = await ask(gate(['ana', 'ben'], 2, { rejection: 'threshold' }));
    await people.click('U0ANA', message, controlOf(message, /^Approve$/));
    await people.click('U0ANA', message, controlOf(message, /^Reject$/));
    await vi.waitFor(() => expect(JSON.stringify(modal().view)).toContain('Change my vote to Reject'));
    expect(memory.state(id).votes).toMatchObject([{ option: 'approve' }]);
    await people.submit('U0ANA', modal());
    expect(memory.state(id).votes.filter(({ counts }) => counts)).toMatchObject([{ option: 'reject' }]);
  });
});

describe('who clicks', () => {
  it('is told kindly and privately when they have no say', async () => {
    const { people, memory, ask, told, slack } = await openHouse();
    const { id, message } = await ask();
    await people.click('U0CY', message, controlOf(message, /^Approve$/));
    await vi.waitFor(() => expect(told('U0CY')).toContain('not among the people who decide'));
    expect(memory.state(id).status).toBe('pending');
    expect(slack.messages('C0RELEASES')).toHaveLength(1);
  });

  it('is told how to be added when they are not in the directory', async () => {
    const { people, memory, ask, told } = await openHouse();
    const { message } = await ask();
    await people.click('U0EVE', message, controlOf(message, /^Approve$/));
    await vi.waitFor(() => expect(told('U0EVE')).toContain('T0ACME/U0EVE'));
    expect(memory.acted).toEqual([]);
  });

  it('is nobody when they come from another workspace with an id of ours', async () => {
    const { people, memory, ask, told } = await openHouse();
    const { id, message } = await ask();
    const payload = people.clickPayload('U0ANA', message, controlOf(message, /^Approve$/));
    await people.postPayload({ ...payload, user: { id: 'U0ANA', team_id: 'T0EVIL' } });
    await vi.waitFor(() => expect(told('U0ANA')).toContain('T0EVIL/U0ANA'));
    expect(memory.state(id).status).toBe('pending');
    expect(memory.acted).toEqual([]);
  });

  it('is somebody when their full id in another workspace is in the directory', async () => {
    const { people, memory, ask } = await openHouse();
    const { id, message } = await ask(gate(['olga']));
    const payload = people.clickPayload('U0OLGA', message, controlOf(message, /^Approve$/));
    const shared = { user: { id: 'U0OLGA', team_id: 'T0OTHER' }, team: { id: 'T0OTHER', domain: 'other' } };
    await people.postPayload({ ...payload, ...shared });
    expect(memory.state(id).status).toBe('approved');
  });

  it.each([
    ['another app', { api_app_id: 'A0EVIL' }],
    ['no app', { api_app_id: undefined }],
    ['another workspace', { team: { id: 'T0EVIL' }, user: { id: 'U0ANA', team_id: 'T0EVIL' }, message: null }],
    ['no workspace', { team: null, user: { id: 'U0ANA' }, message: null }],
  ])('is not believed when the call is for %s', async (_, changed) => {
    const { people, memory, ask, lines } = await openHouse();
    const { id, message } = await ask();
    const payload = people.clickPayload('U0ANA', message, controlOf(message, /^Approve$/));
    const { status } = await people.postPayload({ ...payload, ...changed });
    expect(status).toBe(200);
    expect(memory.state(id).status).toBe('pending');
    expect(memory.acted).toEqual([]);
    expect(lines.map(({ message: said }) => said)).toContain('refused a call from Slack');
  });

  it('hears of it through the channel when the response URL is gone', async () => {
    const { people, ask, slack } = await openHouse();
    const { message } = await ask();
    const payload = people.clickPayload('U0EVE', message, controlOf(message, /^Approve$/));
    await people.postPayload({ ...payload, response_url: slack.apiUrl.replace('/api/', '/response/gone') });
    await vi.waitFor(() => expect(slack.count('chat.postEphemeral')).toBe(1));
  });

  it.each(['http://127.0.0.1:9/x', 'https://hooks.slack.com.evil.dev/x', 'https://a:b@hooks.slack.com/x', 'nonsense'])(
    'is never answered at %s',
    async (url) => {
      const { people, ask, slack, lines } = await openHouse();
      const { message } = await ask();
      const payload = people.clickPayload('U0EVE', message, controlOf(message, /^Approve$/));
      await people.postPayload({ ...payload, response_url: url });
      await vi.waitFor(() => expect(slack.count('chat.postEphemeral')).toBe(1));
      expect(lines.map(({ message: said }) => said)).toContain(
        'a response URL is not at Slack; nothing was sent there',
      );
    },
  );
});

describe('a click that asks for more', () => {
  it('opens a form at once, for this person', async () => {
    const { people, memory, ask, modal, slack } = await openHouse();
    const { message } = await ask(rejectWithReason);
    await people.click('U0ANA', message, controlOf(message, /^Reject$/));
    await vi.waitFor(() => expect(modal().user).toBe('U0ANA'));
    expect(slack.count('views.open')).toBe(1);
    expect(memory.acted).toEqual([]);
  });

  it('says so when Slack did not open it in time', async () => {
    const { people, ask, told, slack } = await openHouse();
    const { message } = await ask(rejectWithReason);
    slack.script('views.open', { kind: 'error', error: 'expired_trigger_id' });
    const { status } = await people.click('U0ANA', message, controlOf(message, /^Reject$/));
    expect(status).toBe(200);
    await vi.waitFor(() => expect(told('U0ANA')).toContain('please click again'));
  });

  it('explains instead where the person has no say', async () => {
    const { people, ask, told, slack } = await openHouse();
    const { message } = await ask(rejectWithReason);
    await people.click('U0CY', message, controlOf(message, /^Reject$/));
    await vi.waitFor(() => expect(told('U0CY')).toContain('not among the people who decide'));
    expect(slack.count('views.open')).toBe(0);
  });
});

describe('Details', () => {
  it('opens a modal of the viewer’s own; a vote in it counts for the message it came from', async () => {
    const { people, memory, ask, modal } = await openHouse();
    const { id, message } = await ask(gate(['ana', 'ben'], 2));
    await people.click('U0ANA', message, controlOf(message, /^Details$/));
    await vi.waitFor(() => expect(modal().user).toBe('U0ANA'));
    await people.click('U0ANA', modal(), controlOf(modal(), /^Approve$/));
    expect(memory.state(id).votes).toMatchObject([{ person: 'ana', option: 'approve' }]);
    await vi.waitFor(() => expect(controlsOf(modal()).map(({ label }) => label)).toContain('Change my vote to Reject'));
  });

  it('offers a colleague without a part in it no decision', async () => {
    const { people, ask, modal } = await openHouse();
    const { message } = await ask();
    await people.click('U0CY', message, controlOf(message, /^Details$/));
    await vi.waitFor(() => expect(modal().user).toBe('U0CY'));
    expect(controlsOf(modal()).filter(({ label }) => /approve|reject/i.test(label))).toEqual([]);
  });

  it('forged to name another request shows nothing of it', async () => {
    const { people, ask, told, slack } = await openHouse();
    const one = await ask();
    const other = await ask(gate(['ben']), { title: 'A secret of Ben’s' });
    await people.click('U0ANA', one.message, controlOf(other.message, /^Details$/));
    await vi.waitFor(() => expect(told('U0ANA')).toContain('does not belong'));
    expect(slack.count('views.open')).toBe(0);
  });
});

describe('a button that is a link', () => {
  it('is acknowledged and nothing else', async () => {
    const { people, memory, ask, slack } = await openHouse();
    const { message } = await ask();
    const link = controlsOf(message).find(({ element }) => isFields(element) && typeof element.url === 'string');
    const button = {
      type: 'button',
      action_id: 'anything',
      text: { type: 'plain_text', text: 'Run' },
      url: 'https://x',
    };
    const control = link ?? { label: 'Run', blockId: 'b', element: button, option: null };
    const { status, text } = await people.click('U0EVE', message, control);
    expect([status, text]).toEqual([200, '']);
    expect(memory.acted).toEqual([]);
    expect(slack.state.ephemerals).toEqual([]);
  });
});
