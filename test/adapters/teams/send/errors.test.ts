import { describe, expect, it } from 'vitest';
import { RefusedError, UnavailableError } from '../../../../src/adapters/channel.ts';
import { TeamsRefusedError } from '../../../../src/adapters/teams/send/errors.ts';
import { OID, RELEASES, TENANT } from '../../../fake/teams/world.ts';
import { approved, failureOf, given, outgoing, toAna } from './given.ts';

describe('what may go better later', () => {
  it.each([412, 429, 500, 502, 503, 504, 408])('HTTP %i is tried again', async (status) => {
    const { teams, channel } = await given();
    teams.script('createConversation', { kind: 'status', status });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure).toMatchObject({ retryAfterMs: null, message: expect.stringContaining(String(status)) });
    expect(teams.count('createConversation')).toBe(1); // not by us: the dispatcher looks first
  });

  it('a pause is as long as Teams asks for', async () => {
    const { teams, channel } = await given();
    teams.script('createConversation', { kind: 'rateLimited', retryAfter: 17 });
    expect(await failureOf(channel.post(outgoing()))).toMatchObject({ name: 'UnavailableError', retryAfterMs: 17_000 });
  });

  it('a 429 that does not say how long is left to the dispatcher', async () => {
    const { teams, channel } = await given();
    teams.script('createConversation', { kind: 'rateLimited', retryAfter: null });
    expect(await failureOf(channel.post(outgoing()))).toMatchObject({ name: 'UnavailableError', retryAfterMs: null });
  });

  it.each(['drop', 'hang'] as const)('an update that gets no answer (%s) is tried again', async (kind) => {
    const { teams, channel } = await given({ timeoutMs: 400 });
    const ref = await channel.post(outgoing());
    teams.script('update', { kind });
    expect(await failureOf(channel.update(outgoing(), ref))).toBeInstanceOf(UnavailableError);
    expect(await channel.update(outgoing(), ref)).toEqual(ref);
  });

  it('a server that is not there is tried again', async () => {
    const { channel, conversations } = await given({ options: { serviceOrigins: ['http://127.0.0.1:9'] } });
    await conversations.learn({ tenant: TENANT, serviceUrl: 'http://127.0.0.1:9/', personal: null });
    expect(await failureOf(channel.post(outgoing({ view: approved() })))).toBeInstanceOf(UnavailableError);
  });

  it('an answer that makes no sense is tried again', async () => {
    const { teams, channel } = await given();
    teams.script('createConversation', { kind: 'empty' });
    expect(await failureOf(channel.post(outgoing({ to: toAna })))).toBeInstanceOf(UnavailableError);
  });
});

describe('what is refused for good', () => {
  it.each([
    [403, 'BotNotInConversationRoster', `Countersign is not in ${RELEASES} in Teams: add the app to that team or chat`],
    [403, 'BotDisabledByAdmin', 'An administrator has disabled the app'],
    [403, 'ConversationBlockedByUser', 'blocked Countersign'],
    [403, 'MessageWritesBlocked', 'removed or blocked'],
    [403, 'ForbiddenOperationException', `may not write to ${RELEASES}`],
    [403, 'NotEnoughPermissions', 'lacks the permissions'],
    [403, 'InvalidBotApiHost', 'another one of Microsoft’s clouds'],
    [403, 'SomethingNew', '403 SomethingNew'],
    [404, 'ConversationNotFound', `Teams does not show ${RELEASES} to Countersign: check its id`],
    [404, 'SomethingNew', `Teams knows no ${RELEASES}`],
    [400, 'BadSyntax', 'this is a fault in Countersign, please report it'],
    [413, 'MessageSizeTooBig', 'this is a fault in Countersign, please report it'],
    [405, 'constructor', '405 constructor'],
  ])('%i %s, with words for an operator', async (status, code, words) => {
    const { teams, channel } = await given();
    teams.script('createConversation', { kind: 'error', status, code });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(TeamsRefusedError);
    expect(failure).toMatchObject({ status, message: expect.stringContaining(words) });
    expect(teams.count('createConversation')).toBe(1);
  });

  it('what a gateway says in a page is not repeated', async () => {
    const { teams, channel } = await given();
    teams.script('createConversation', { kind: 'status', status: 413 });
    const failure = await failureOf(channel.post(outgoing()));
    expect(failure).toBeInstanceOf(RefusedError);
    expect(failure.message).not.toContain('<');
  });

  it('an update that Teams refuses is not posted anew', async () => {
    const { teams, channel } = await given();
    const ref = await channel.post(outgoing());
    teams.script('update', { kind: 'error', status: 403, code: 'BotNotInConversationRoster' });
    expect(await failureOf(channel.update(outgoing(), ref))).toBeInstanceOf(RefusedError);
    expect(teams.messages().length).toBe(1);
  });

  it('a card of one person’s whose conversation is gone is posted into a new one', async () => {
    const { teams, channel } = await given();
    const ref = await channel.post(outgoing({ to: toAna }));
    teams.script('update', { kind: 'error', status: 404, code: 'ConversationNotFound' });
    const again = await channel.update(outgoing({ to: toAna }), ref);
    expect(again.activity).not.toBe(ref.activity);
    expect(teams.calls.at(-2)?.body).toMatchObject({ members: [{ id: OID.ana }] });
  });
});
