import { describe, expect, it } from 'vitest';
import { type MessageRef, RefusedError, UnavailableError } from '../../../../src/adapters/channel.ts';
import { refOf } from '../../../../src/adapters/teams/send/place.ts';
import { rest, until } from '../../../bot/dispatch-parts.ts';
import { cardOf, wordsOf } from '../../../fake/teams/cards.ts';
import type { FakeTeams } from '../../../fake/teams/server.ts';
import { at, textAt } from '../../../fake/teams/wire.ts';
import { CHAT, OID, RELEASES, TENANT } from '../../../fake/teams/world.ts';
import { ANA, approved, BEN, failureOf, given, outgoing, requestView, toAna, waitingFor } from './given.ts';

const only = (teams: FakeTeams, place?: string) => {
  const [message, ...more] = teams.messages(place);
  if (message === undefined || more.length > 0)
    throw new Error(`There are ${more.length} messages too many or one too few.`);
  return message;
};
const wordsIn = (teams: FakeTeams, place?: string) => wordsOf(cardOf(only(teams, place).activity));
const reminder = { kind: 'reminder', sentence: 'Ana, this still waits for you.' } as const;
const history = { kind: 'history', sentence: 'Ben approved.' } as const;
const deleteAll = (teams: FakeTeams) => {
  for (const message of teams.world.messages) message.isDeleted = true;
};

describe('a surface in Teams', () => {
  it('in a channel begins a thread of its own, with a card, words for the notification, and no text beside it', async () => {
    const { teams, channel } = await given();
    const ref = await channel.post(outgoing());
    const message = only(teams, RELEASES);
    expect(ref).toEqual({ tenant: TENANT, conversation: RELEASES, activity: message.id });
    expect(message.root).toBeNull();
    expect(wordsIn(teams)).toContain('Deploy billing to production');
    expect(textAt(message.activity, 'summary')).toContain('Deploy billing to production');
    expect(message.activity).not.toHaveProperty('text');
  });

  it('is known again by what a click on it says, with the thread in its conversation or without', async () => {
    const { teams, channel } = await given();
    const ref = await channel.post(outgoing());
    const person = teams.world.person(OID.ana);
    const click = teams.says.execute({ message: only(teams), person, action: { type: 'Action.Execute', verb: 'x' } });
    const conversation = textAt(click, 'conversation', 'id') ?? '';
    expect(conversation).toContain(';messageid=');
    expect(refOf(TENANT, conversation, textAt(click, 'replyToId') ?? '')).toEqual(ref);
    expect(refOf(TENANT, RELEASES, textAt(click, 'replyToId') ?? '')).toEqual(ref);
  });

  it('in a group chat is a message of its own', async () => {
    const { teams, channel } = await given();
    const message = outgoing({ to: { kind: 'channel', id: CHAT } });
    const ref = await channel.post(message);
    expect(ref).toEqual({ tenant: TENANT, conversation: CHAT, activity: only(teams, CHAT).id });
    expect(await channel.update({ ...message, view: approved() }, ref)).toEqual(ref);
    expect(wordsIn(teams, CHAT)).toContain('Approved by Ana');
  });

  it('to a person goes into the conversation with them, which is created once and rings', async () => {
    const { teams, channel } = await given();
    const message = outgoing({ to: toAna });
    const ref = await channel.post(message);
    expect(ref).toMatchObject({ tenant: TENANT, conversation: expect.stringMatching(/^a:/) });
    expect(at(only(teams).activity, 'channelData', 'notification', 'alert')).toBe(true);
    expect(await channel.update({ ...message, view: approved() }, ref)).toEqual(ref);
    expect(only(teams)).toMatchObject({ updates: 1 });
    await channel.post(outgoing({ to: { kind: 'person', id: `${TENANT}/${OID.ben}` }, key: 'dlv_2' }));
    await channel.post(outgoing({ to: toAna, key: 'dlv_3' }));
    expect(teams.count('createConversation')).toBe(2);
  });

  it('to one person from many requests at once creates one conversation', async () => {
    const { teams, channel } = await given();
    const keys = Array.from({ length: 12 }, (_, n) => `dlv_${n}`);
    await Promise.all(keys.map((key) => channel.post(outgoing({ to: toAna, key }))));
    expect(teams.count('createConversation')).toBe(1);
    expect(teams.count('token')).toBe(1);
    expect(teams.messages().length).toBe(12);
  });

  it('shows the newest state after an update', async () => {
    const { teams, channel } = await given();
    const ref = await channel.post(outgoing());
    await channel.update(outgoing({ view: approved() }), ref);
    expect(only(teams)).toMatchObject({ updates: 1 });
    expect(wordsIn(teams)).toContain('Approved by Ana Silva');
  });

  it('in a channel refreshes for the people asked who are there, by their accounts, and calls nobody else', async () => {
    const { teams, channel } = await given();
    teams.world.place(RELEASES).place.members.delete(OID.ben);
    await channel.post(outgoing({ view: requestView({ stages: waitingFor(ANA, BEN, { id: 'eve', name: 'Eve' }) }) }));
    const card = cardOf(only(teams).activity);
    const { mri } = teams.world.person(OID.ana);
    expect(at(card, 'refresh', 'userIds')).toEqual([mri]);
    expect(at(card, 'msteams', 'entities')).toMatchObject([{ mentioned: { id: mri, name: 'Ana Silva' } }]);
  });

  it('asks who is there once for many cards, and not at all for what has ended or is one person’s own', async () => {
    const { teams, channel } = await given();
    await channel.post(outgoing({ to: toAna }));
    await channel.post(outgoing({ view: approved(), key: 'dlv_2' }));
    expect(teams.count('pagedMembers')).toBe(0);
    await Promise.all(['dlv_3', 'dlv_4', 'dlv_5'].map((key) => channel.post(outgoing({ key }))));
    expect(teams.count('pagedMembers')).toBe(1);
  });

  it('is posted all the same when nobody can say who is there', async () => {
    const { teams, channel, lines } = await given();
    teams.script('pagedMembers', { kind: 'error', status: 403, code: 'NotEnoughPermissions' });
    await channel.post(outgoing({ view: requestView({ stages: waitingFor(ANA) }) }));
    expect(cardOf(only(teams).activity)).not.toHaveProperty('refresh');
    expect(lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('roster') }]);
    await channel.post(outgoing({ key: 'dlv_2' }));
    expect(teams.count('pagedMembers')).toBe(1); // and it is not asked for again with every card
  });

  it('that Teams took without saying which message it is cannot be kept: an operator is told', async () => {
    const { teams, channel } = await given();
    teams.script('createConversation', { kind: 'empty' });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(RefusedError);
    expect(failure.message).toContain('does not say which message');
  });

  it('is refused with a reference that is none', async () => {
    const { channel } = await given();
    expect(await failureOf(channel.update(outgoing(), { id: '1' }))).toBeInstanceOf(RefusedError);
  });
});

describe('a surface that somebody deleted', () => {
  it('is posted anew while it is pending, once, even if that could not be written down', async () => {
    const { teams, channel } = await given();
    const ref = await channel.post(outgoing());
    deleteAll(teams);
    const again = await channel.update(outgoing(), ref);
    expect(again.activity).toBe(only(teams).id);
    expect(again.activity).not.toBe(ref.activity);
    expect(await channel.update(outgoing(), ref)).toEqual(again);
    expect(only(teams)).toMatchObject({ updates: 1 });
  });

  it('is left alone once the request has ended', async () => {
    const { teams, channel } = await given();
    const ref = await channel.post(outgoing());
    deleteAll(teams);
    expect(await channel.update(outgoing({ view: approved() }), ref)).toEqual(ref);
    expect(teams.messages()).toEqual([]);
  });

  it('is asked for a second time before it is believed to be gone', async () => {
    const { teams, channel } = await given();
    const ref = await channel.post(outgoing());
    teams.script('update', { kind: 'error', status: 404, code: 'ActivityNotFoundInConversation' });
    expect(await channel.update(outgoing(), ref)).toEqual(ref);
    expect(only(teams)).toMatchObject({ updates: 1 });
  });
});

describe('a post whose answer is not there in time', () => {
  /** Teams takes it at once and says so when it is told to. */
  async function late() {
    let answer = () => {};
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const parts = await given({ timeoutMs: 400 });
    parts.teams.script('createConversation', { kind: 'late', until: gate });
    return { ...parts, answer };
  }

  it('is waited for again by the next try, which brings it up to date instead of posting a second one', async () => {
    const { teams, channel, answer } = await late();
    expect(await failureOf(channel.post(outgoing()))).toBeInstanceOf(UnavailableError);
    expect(await channel.find(outgoing())).toBeNull();
    const again = channel.post(outgoing({ view: approved() }));
    answer();
    expect((await again).activity).toBe(only(teams).id);
    expect(wordsIn(teams)).toContain('Approved by Ana');
  });

  it('is found by a later try, once the answer has come', async () => {
    const { teams, channel, answer, memory } = await late();
    await failureOf(channel.post(outgoing()));
    answer();
    let found: MessageRef | null = null;
    while (found === null) {
      await rest(1);
      found = await channel.find(outgoing());
    }
    expect(found.activity).toBe(only(teams).id);
    expect(JSON.parse((await memory.get('posted:dlv_1')) ?? 'null')).toEqual(found);
  });

  it('does not keep the dispatcher waiting when the attempt’s time is over', async () => {
    const { teams, channel } = await given();
    teams.script('createConversation', { kind: 'hang' });
    const attempt = new AbortController();
    const posting = failureOf(channel.post(outgoing({ signal: attempt.signal })));
    await until(() => teams.count('createConversation') === 1);
    const reason = new Error('time is over');
    attempt.abort(reason);
    expect(await posting).toBe(reason);
  });

  it('was it lost for good, Teams may show two cards: only the second is the request’s', async () => {
    const { teams, channel } = await given();
    teams.script('createConversation', { kind: 'drop', accepted: true });
    expect(await failureOf(channel.post(outgoing()))).toBeInstanceOf(UnavailableError);
    expect(await channel.find(outgoing())).toBeNull(); // no bot can look through a conversation
    const ref = await channel.post(outgoing());
    expect(teams.messages().map(({ id }) => id === ref.activity)).toEqual([false, true]);
  });
});

describe('a notice in Teams', () => {
  it('about a request stands in the thread under its card', async () => {
    const { teams, channel } = await given();
    const thread = await channel.post(outgoing());
    const ref = await channel.notify(outgoing({ key: 'dlv_2', thread }), history);
    expect(teams.messages(RELEASES)).toMatchObject([{ root: null }, { id: ref.activity, root: thread.activity }]);
    expect(teams.messages(RELEASES).map(({ activity }) => wordsOf(cardOf(activity)))[1]).toContain('Ben approved.');
  });

  it('whose thread was deleted is said beside it', async () => {
    const { teams, channel } = await given();
    const thread = await channel.post(outgoing());
    deleteAll(teams);
    await channel.notify(outgoing({ key: 'dlv_2', thread }), history);
    expect(only(teams)).toMatchObject({ root: null });
  });

  it('of what happened is not said in a chat, which has no threads: the card shows it', async () => {
    const { teams, channel } = await given();
    const to = { kind: 'channel', id: CHAT } as const;
    const thread = await channel.post(outgoing({ to }));
    expect(await channel.notify(outgoing({ key: 'dlv_2', to, thread }), history)).toEqual(thread);
    expect(teams.messages().length).toBe(1);
  });

  it('to a person stands alone, and one that a dead process has sent is found', async () => {
    const kept = new Map<string, string>();
    const { teams, channel } = await given({ kept });
    const sent = await channel.notify(outgoing({ to: toAna }), reminder);
    expect(wordsIn(teams)).toContain('Ana, this still waits for you.');
    expect(textAt(only(teams).activity, 'summary')).toContain('Ana, this still waits for you.');
    expect(await channel.find(outgoing({ to: toAna }))).toEqual(sent);
    expect(kept.get('posted:dlv_1')).toBe(JSON.stringify(sent));
  });
});

describe('a person who cannot be reached', () => {
  it('and never had the app is a refusal that says what to do', async () => {
    const { teams, channel } = await given();
    teams.world.person(OID.ana).hasApp = false;
    const failure = await failureOf(channel.post(outgoing({ to: toAna })));
    expect(failure).toBeInstanceOf(RefusedError);
    expect(failure.message).toBe(
      `Countersign may not write to the person ${OID.ana} in Teams: install the app for them, or let an administrator do so for everybody (setup policies)`,
    );
  });

  it('because they blocked the bot is forgotten, and reached again when they let it', async () => {
    const { teams, channel, memory } = await given();
    await channel.post(outgoing({ to: toAna }));
    teams.world.person(OID.ana).hasBlocked = true;
    const failure = await failureOf(channel.post(outgoing({ to: toAna, key: 'dlv_2' })));
    expect(failure).toBeInstanceOf(RefusedError);
    expect(failure.message).toContain('blocked Countersign');
    expect(await memory.get(`person:${OID.ana}`)).toBeNull();
    teams.world.person(OID.ana).hasBlocked = false;
    await channel.post(outgoing({ to: toAna, key: 'dlv_3' }));
    expect(teams.messages().length).toBe(2);
  });

  it('is refused where Teams knows nobody of that id, and where they are of another tenant', async () => {
    const { teams, channel } = await given();
    const nobody = { kind: 'person', id: '00000000-0000-0000-0000-000000000000' } as const;
    expect((await failureOf(channel.post(outgoing({ to: nobody })))).message).toContain('check the id under people');
    const elsewhere = { kind: 'person', id: `elsewhere/${OID.ana}` } as const;
    const failure = await failureOf(channel.post(outgoing({ to: elsewhere, key: 'dlv_2' })));
    expect(failure).toBeInstanceOf(RefusedError);
    expect(failure.message).toContain('TEAMS_TENANT_ID');
    expect(teams.count('createConversation')).toBe(1);
  });
});

describe('conversations', () => {
  it('that Teams has forgotten are created anew, within the same try', async () => {
    const kept = new Map([[`person:${OID.ana}`, 'a:long-gone']]);
    const { teams, channel } = await given({ kept });
    const ref = await channel.post(outgoing({ to: toAna }));
    expect(ref.conversation).toBe(only(teams).place);
    expect(kept.get(`person:${OID.ana}`)).toBe(ref.conversation);
  });

  it('that a person began are used as they are', async () => {
    const { teams, channel, conversations } = await given();
    const { id } = teams.world.personal(teams.world.person(OID.ana));
    const personal = { objectId: OID.ana, conversation: id };
    await conversations.learn({ tenant: TENANT, serviceUrl: teams.serviceUrl, personal });
    await channel.post(outgoing({ to: toAna }));
    expect(teams.count('createConversation')).toBe(0);
  });

  it('are learned neither from another tenant nor from a service that is none of Microsoft’s', async () => {
    const kept = new Map<string, string>();
    const { teams, conversations } = await given({ kept });
    const before = new Map(kept);
    const personal = { objectId: OID.ana, conversation: 'a:evil' };
    await conversations.learn({ tenant: 'elsewhere', serviceUrl: teams.serviceUrl, personal });
    await conversations.learn({ tenant: TENANT, serviceUrl: 'https://evil.example/', personal });
    expect(kept).toEqual(before);
  });
});
