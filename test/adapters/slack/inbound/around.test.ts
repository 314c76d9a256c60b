/** test/adapters/slack/inbound/around.test.ts: `/gates`, App Home, events, and the samples of real calls. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { ChatReply } from '../../../../src/adapters/chat.ts';
import { readLine } from '../../../../src/adapters/slack/inbound/commands.ts';
import { gate } from '../../../engine/house.ts';
import { controlOf, controlsOf } from '../../../fake/slack/controls.ts';
import { openHouse } from './house.ts';

describe('/gates', () => {
  it('is answered privately and at once', async () => {
    const { people, memory } = await openHouse();
    const answer = await people.slash('U0ANA', 'show req_1');
    expect(answer.json).toMatchObject({ response_type: 'ephemeral', text: 'You said: show req_1' });
    expect(memory.lines).toEqual(['ana: show req_1']);
  });

  it('is answered whatever the command is called', async () => {
    const { people, memory } = await openHouse();
    await people.slash('U0ANA', 'help', { command: '/countersign-staging' });
    expect(memory.lines).toEqual(['ana: help']);
  });

  it('is acknowledged in time when the answer takes longer, which then follows', async () => {
    const { people, memory, told } = await openHouse({ patience: { click: 20, command: 20 } });
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    memory.answer = async (): Promise<ChatReply> => {
      await held;
      return { kind: 'text', text: 'At last' };
    };
    expect(await people.slash('U0ANA', '')).toMatchObject({ status: 200, text: '' });
    letGo();
    await vi.waitFor(() => expect(told('U0ANA')).toContain('At last'));
  });

  it('that fails says so', async () => {
    const { people, memory, lines } = await openHouse();
    memory.answer = () => Promise.reject(new Error('a bug'));
    expect((await people.slash('U0ANA', '')).text).toContain('Something went wrong here');
    expect(lines.map(({ message }) => message)).toContain('a command failed');
  });

  it('tells a stranger how to be added, and runs nothing', async () => {
    const { people, memory } = await openHouse();
    expect((await people.slash('U0EVE', 'approve req_1')).text).toContain('T0ACME/U0EVE');
    expect(memory.lines).toEqual([]);
  });

  it('runs nothing for another workspace or another app', async () => {
    const { people, memory } = await openHouse();
    await people.slash('U0ANA', 'all', { team_id: 'T0EVIL' });
    await people.slash('U0ANA', 'all', { api_app_id: 'A0EVIL' });
    expect(memory.lines).toEqual([]);
  });

  it('reads people, links and Slack’s escapes as what they stand for', () => {
    const nameOf = (id: string): string => (id === 'U0BEN' ? 'ben' : `slack:T0ACME/${id}`);
    const read = (text: string): string => readLine(text, nameOf);
    expect(read('delegate <@U0BEN|ben.okoye> until friday')).toBe('delegate ben until friday');
    expect(read('delegate <@U0WHO>')).toBe('delegate slack:T0ACME/U0WHO');
    expect(read(' reject req_1 see <https://ci.acme.dev/1|ci> ')).toBe('reject req_1 see https://ci.acme.dev/1');
    expect(read('reject 1 a &lt; b &amp;&amp; c &amp;lt; d')).toBe('reject 1 a < b && c &lt; d');
    expect(read('show <mailto:ana@acme.dev|ana@acme.dev>')).toBe('show ana@acme.dev');
  });

  it('turns the pages of a list in its place, for the same person only', async () => {
    const { people, memory, told, slack } = await openHouse();
    const titles = ['one', 'two', 'three'];
    for (const title of titles) memory.open(gate(), { title });
    memory.open(gate(['ben']), { title: 'Only for Ben' });
    memory.answer = async () => {
      const page = await memory.list('ana', 'waiting');
      return { kind: 'list', list: 'waiting', heading: 'Waiting for you', empty: '', page };
    };
    await people.slash('U0ANA', '');
    const [list] = slack.state.ephemerals;
    if (list === undefined) throw new Error('no list');
    await people.click('U0ANA', list, controlOf(list, /^Next page$/));
    await vi.waitFor(() => expect(told('U0ANA')).toContain('three'));
    expect(slack.state.responses.at(-1)?.body).toMatchObject({ replace_original: true, response_type: 'ephemeral' });
    expect(told('U0ANA')).not.toContain('Only for Ben');
    await people.click('U0EVE', list, controlOf(list, /^Next page$/));
    await vi.waitFor(() => expect(told('U0EVE')).toContain('T0ACME/U0EVE'));
    expect(told('U0EVE')).not.toContain('three');
  });

  it('shows no request by a private answer to whom it is nothing of', async () => {
    const { people, memory, told, slack } = await openHouse();
    const id = memory.open(gate(['ana', 'ben'], 2));
    memory.answer = async () => {
      const view = await memory.view(id, { kind: 'person', person: 'ana' });
      return view === null ? { kind: 'text', text: 'none' } : { kind: 'request', view };
    };
    await people.slash('U0ANA', `show ${id}`);
    const [shown] = slack.state.ephemerals;
    if (shown === undefined) throw new Error('nothing was shown');
    await people.click('U0CY', shown, controlOf(shown, /^Approve$/));
    await vi.waitFor(() => expect(told('U0CY')).toContain('There is no such request'));
    await people.click('U0ANA', shown, controlOf(shown, /^Approve$/));
    await vi.waitFor(() => expect(told('U0ANA')).toContain('Recorded.'));
    expect(memory.state(id).votes).toMatchObject([{ person: 'ana' }]);
  });
});

describe('App Home', () => {
  const homeOf = (slack: { state: { homes: ReadonlyMap<string, { view: unknown }> } }, user: string): string =>
    JSON.stringify(slack.state.homes.get(`T0ACME/${user}`)?.view ?? null);

  it('shows what waits for the person, what they asked for and what was decided', async () => {
    const { people, memory, slack } = await openHouse();
    memory.open(gate(), { title: 'Waits for Ana' });
    memory.open(gate(['ben']), { title: 'Only for Ben' });
    await people.openHome('U0ANA');
    await vi.waitFor(() => expect(homeOf(slack, 'U0ANA')).toContain('Waits for Ana'));
    expect(homeOf(slack, 'U0ANA')).not.toContain('Only for Ben');
  });

  it('is drawn anew after an action from it', async () => {
    const { people, memory, slack, modal } = await openHouse();
    const id = memory.open(gate(), { title: 'Waits for Ana' });
    await people.openHome('U0ANA');
    await vi.waitFor(() => expect(homeOf(slack, 'U0ANA')).toContain('Waits for Ana'));
    const home = slack.state.homes.get('T0ACME/U0ANA');
    if (home === undefined) throw new Error('no home');
    const review = controlsOf(home).find(({ label }) => /review|details/i.test(label));
    if (review === undefined) throw new Error('nothing to press');
    await people.click('U0ANA', home, review);
    await vi.waitFor(() => expect(modal().user).toBe('U0ANA'));
    await people.click('U0ANA', modal(), controlOf(modal(), /^Approve$/));
    expect(memory.state(id).status).toBe('approved');
    await vi.waitFor(() => expect(homeOf(slack, 'U0ANA')).toContain('Approved'));
  });

  it('tells a stranger how to be added', async () => {
    const { people, slack } = await openHouse();
    await people.openHome('U0EVE');
    await vi.waitFor(() => expect(homeOf(slack, 'U0EVE')).toContain('T0ACME/U0EVE'));
  });

  it('is left alone when the messages tab is opened, and where Slack does not take it', async () => {
    const { people, slack, lines } = await openHouse();
    await people.event({ type: 'app_home_opened', user: 'U0ANA', channel: 'D0ANA', tab: 'messages' });
    expect(slack.count('views.publish')).toBe(0);
    slack.script('views.publish', { kind: 'error', error: 'not_enabled' });
    expect((await people.openHome('U0ANA')).status).toBe(200);
    await vi.waitFor(() => expect(lines.map(({ message }) => message)).toContain('App Home could not be drawn'));
  });
});

describe('events', () => {
  it('count once, however often Slack repeats them', async () => {
    const { people, slack } = await openHouse();
    const opened = { type: 'app_home_opened', user: 'U0ANA', channel: 'D0ANA', tab: 'home' };
    for (const count of ['1', '2', '3']) {
      const headers = { 'x-slack-retry-num': count, 'x-slack-retry-reason': 'http_timeout' };
      expect((await people.event(opened, { event_id: 'Ev0SAME', retry: count }, { headers })).status).toBe(200);
    }
    await vi.waitFor(() => expect(slack.count('views.publish')).toBe(1));
  });

  it('about a user group make what is known of it old', async () => {
    const { people, slack, adapter } = await openHouse();
    expect(await adapter.usergroups.members('S0RELEASE')).toHaveLength(2);
    slack.workspace().usergroups.set('S0RELEASE', ['U0ANA']);
    expect(await adapter.usergroups.members('S0RELEASE')).toHaveLength(2);
    await people.event({ type: 'subteam_members_changed', subteam_id: 'S0RELEASE', team_id: 'T0ACME' });
    await vi.waitFor(async () => expect(await adapter.usergroups.members('S0RELEASE')).toHaveLength(1));
    slack.workspace().usergroups.set('S0RELEASE', []);
    await people.event({ type: 'subteam_updated', subteam: { id: 'S0RELEASE' } });
    await vi.waitFor(async () => expect(await adapter.usergroups.members('S0RELEASE')).toHaveLength(0));
  });

  it('that take the token away make the workspace a problem', async () => {
    const { people, slack, adapter } = await openHouse();
    expect(adapter.ready()).toBeNull();
    await people.event({ type: 'tokens_revoked', tokens: { oauth: ['U0ANA'] } });
    slack.workspace().tokenProblem = 'token_revoked';
    await people.event({ type: 'tokens_revoked', tokens: { bot: ['U0BOT'] } });
    await vi.waitFor(() => expect(adapter.ready()).toContain('revoked'));
  });

  it('that remove the app make the workspace a problem', async () => {
    const { people, slack, adapter } = await openHouse();
    slack.workspace().tokenProblem = 'account_inactive';
    await people.event({ type: 'app_uninstalled' });
    await vi.waitFor(() => expect(adapter.ready()).not.toBeNull());
  });

  it('of another workspace or app do nothing', async () => {
    const { people, slack } = await openHouse();
    const opened = { type: 'app_home_opened', user: 'U0ANA', channel: 'D0ANA', tab: 'home' };
    await people.event(opened, { team_id: 'T0EVIL', authorizations: [{ team_id: 'T0EVIL' }] });
    await people.event({ type: 'subteam_updated', subteam: { id: 'S1' } }, { api_app_id: 'A0EVIL' });
    expect(slack.count('views.publish')).toBe(0);
  });
});

describe('a stop', () => {
  it('waits for what is under way', async () => {
    const { people, memory, adapter, ask } = await openHouse({ patience: { click: 10, command: 10 } });
    const { id, message } = await ask();
    let letGo = (): void => undefined;
    memory.hold = new Promise((resolve) => {
      letGo = resolve;
    });
    await people.click('U0ANA', message, controlOf(message, /^Approve$/));
    let isStopped = false;
    const stop = adapter.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isStopped).toBe(false);
    letGo();
    await stop;
    expect(memory.state(id).status).toBe('approved');
  });
});

// Payloads captured from Slack with their ids replaced, from the tests of slackapi/bolt-python and
// slackapi/java-slack-sdk and from vercel/chat (all MIT); each file names its own source.
describe('a call as Slack really sends it', () => {
  const Sample = z.object({
    source: z.string(),
    json: z.record(z.string(), z.unknown()).optional(),
    raw_body: z.string().optional(),
  });
  const folder = new URL('payloads/', import.meta.url);

  it.each(readdirSync(folder))('is acknowledged and changes nothing, as it is not for us: %s', async (name) => {
    const { people, memory, lines, slack } = await openHouse();
    const { json, raw_body } = Sample.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
    const isEvent = json?.type === 'event_callback';
    const body =
      raw_body ?? (isEvent ? JSON.stringify(json) : new URLSearchParams({ payload: JSON.stringify(json) }).toString());
    const calls = slack.calls.length;
    const answer = await people.post(body, isEvent ? 'application/json' : 'application/x-www-form-urlencoded');
    expect(answer.status).toBe(200);
    expect(memory.acted).toEqual([]);
    expect(memory.lines).toEqual([]);
    expect(slack.calls.length).toBe(calls);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
