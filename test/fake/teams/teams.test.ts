import { createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CARD } from './cards.ts';
import { FLAWS, PASSWORD, SCOPE } from './login.ts';
import { type FakeTeamsOptions, startTeams } from './server.ts';
import { at, isFields, listAt, textAt } from './wire.ts';
import { APP, CHAT, OID, RELEASES, TEAM, TENANT } from './world.ts';

async function start(options: FakeTeamsOptions = {}) {
  let now = Date.UTC(2026, 0, 5, 12);
  const teams = await startTeams({ clock: () => now, ...options });
  onTestFinished(() => teams.close());
  async function call(method: string, path: string, body?: object, token: string | null = teams.login.give()) {
    const response = await fetch(`${teams.serviceUrl}v3/${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? null : JSON.parse(text);
    return { status: response.status, code: textAt(answer, 'error', 'code'), answer, headers: response.headers };
  }
  const pass = (ms: number) => {
    now += ms;
  };
  return { teams, call, pass };
}

const card = (about: object = {}, beside: object = {}) => ({
  type: 'message',
  attachments: [{ contentType: CARD, content: { type: 'AdaptiveCard', version: '1.5', body: [], ...about } }],
  ...beside,
});
const activities = (conversation: string) => `conversations/${encodeURIComponent(conversation)}/activities`;
const thread = (channel: string, activity: object = card()) => ({
  isGroup: true,
  channelData: { channel: { id: channel } },
  activity,
});
const withPerson = (id: string, about: object = {}) => ({
  isGroup: false,
  members: [{ id }],
  tenantId: TENANT,
  ...about,
});

describe('the local Teams', () => {
  it('takes no call without a token of its own', async () => {
    const { call } = await start();
    expect((await call('POST', activities(RELEASES), card(), null)).status).toBe(401);
    expect((await call('POST', activities(RELEASES), card(), 'another')).status).toBe(401);
    expect((await call('POST', activities(RELEASES), card())).status).toBe(201);
  });

  it.each([
    ['a conversation that is not there', '19:nowhere@thread.tacv2', card(), 404, 'ConversationNotFound'],
    ['words beside a card', RELEASES, card({}, { text: 'hello' }), 400, 'BadSyntax'],
    ['nothing', RELEASES, { type: 'message' }, 400, 'BadSyntax'],
    ['a card of another version', RELEASES, card({ version: '1.6' }), 400, 'BadSyntax'],
    ['something that is no card', RELEASES, card({ type: 'MessageCard' }), 400, 'BadSyntax'],
    [
      'a button without a verb',
      RELEASES,
      card({ actions: [{ type: 'Action.Execute', title: 'x' }] }),
      400,
      'BadSyntax',
    ],
    ['a refresh by object ids', RELEASES, card({ refresh: { userIds: [OID.ana] } }), 400, 'BadSyntax'],
    ['a refresh for 61', RELEASES, card({ refresh: { userIds: Array(61).fill('29:x') } }), 400, 'BadSyntax'],
    [
      'what is too big',
      RELEASES,
      card({ body: [{ type: 'TextBlock', text: 'x'.repeat(60_000) }] }),
      413,
      'MessageSizeTooBig',
    ],
    ['a thread that is not there', `${RELEASES};messageid=1`, card(), 404, 'ActivityNotFoundInConversation'],
  ])('refuses %s', async (_, conversation, activity, status, code) => {
    const { teams, call } = await start();
    expect(await call('POST', activities(conversation), activity)).toMatchObject({ status, code });
    expect(teams.messages()).toEqual([]);
  });

  it('begins threads in channels, and lets them be answered, changed and deleted', async () => {
    const { teams, call } = await start();
    const { answer } = await call('POST', 'conversations', thread(RELEASES));
    const root = textAt(answer, 'activityId') ?? '';
    expect(textAt(answer, 'id')).toBe(`${RELEASES};messageid=${root}`);
    expect((await call('POST', activities(`${RELEASES};messageid=${root}`), card())).status).toBe(201);
    expect((await call('PUT', `${activities(RELEASES)}/${root}`, card())).status).toBe(200);
    expect(teams.messages(RELEASES)).toMatchObject([{ id: root, root: null, updates: 1 }, { root }]);
    expect((await call('DELETE', `${activities(RELEASES)}/${root}`)).status).toBe(200);
    const gone = { status: 404, code: 'ActivityNotFoundInConversation' };
    expect(await call('PUT', `${activities(RELEASES)}/${root}`, card())).toMatchObject(gone);
  });

  it('lets nobody change what a person has written', async () => {
    const { teams, call } = await start();
    const { id } = teams.world.add(teams.world.place(CHAT).place, null, { type: 'message', text: 'hi' }, OID.ana);
    expect((await call('PUT', `${activities(CHAT)}/${id}`, card())).status).toBe(404);
  });

  it('gives one conversation to one person, by account or object id, and none to an address', async () => {
    const { teams, call } = await start();
    const { mri } = teams.world.person(OID.ana);
    const ids = await Promise.all([mri, OID.ana].map((id) => call('POST', 'conversations', withPerson(id))));
    expect(new Set(ids.map(({ answer }) => textAt(answer, 'id'))).size).toBe(1);
    expect((await call('POST', 'conversations', withPerson('ana@acme.dev'))).status).toBe(400);
    expect((await call('POST', 'conversations', withPerson(OID.ana, { tenantId: 'other' }))).status).toBe(400);
    expect(await call('POST', 'conversations', withPerson(OID.eve))).toMatchObject({ status: 403 });
    expect(await call('POST', 'conversations', thread(CHAT))).toMatchObject({ status: 400 });
  });

  it('is silent where the bot is not, and where it was blocked', async () => {
    const { teams, call } = await start();
    teams.world.place(RELEASES).place.hasApp = false;
    expect(await call('POST', activities(RELEASES), card())).toMatchObject({
      status: 403,
      code: 'BotNotInConversationRoster',
    });
    const { id } = teams.world.personal(teams.world.person(OID.ana));
    teams.world.person(OID.ana).hasBlocked = true;
    expect(await call('POST', activities(id), card())).toMatchObject({
      status: 403,
      code: 'ConversationBlockedByUser',
    });
  });

  it('counts how often the bot speaks in a conversation', async () => {
    const { call, pass } = await start();
    for (let n = 0; n < 7; n++) expect((await call('POST', activities(RELEASES), card())).status).toBe(201);
    const refused = await call('POST', activities(RELEASES), card());
    expect(refused).toMatchObject({ status: 429, code: 'ActivityRateLimited' });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await call('POST', activities(CHAT), card())).status).toBe(201);
    pass(2_000);
    expect((await call('POST', activities(RELEASES), card())).status).toBe(201);
  });

  it('says who is there, page by page', async () => {
    const { teams, call } = await start({ isRated: false });
    for (let n = 0; n < 60; n++) {
      const id = `55555555-aaaa-4bbb-8ccc-${String(n).padStart(12, '0')}`;
      teams.world.addPerson(id, `Person ${n}`);
      teams.world.place(TEAM).place.members.add(id);
    }
    const path = `conversations/${encodeURIComponent(TEAM)}/pagedmembers?pageSize=50`;
    const { answer } = await call('GET', path);
    expect(listAt(answer, 'members').length).toBe(50);
    const token = textAt(answer, 'continuationToken') ?? '';
    const rest = (await call('GET', `${path}&continuationToken=${encodeURIComponent(token)}`)).answer;
    expect(listAt(rest, 'members').length).toBe(16);
    expect(at(rest, 'continuationToken')).toBeUndefined();
    expect((await call('GET', path.replace('50', '5'))).status).toBe(400);
    const ana = await call('GET', `conversations/${encodeURIComponent(TEAM)}/members/${OID.ana}`);
    expect(ana.answer).toMatchObject({ objectId: OID.ana, userRole: 'user' });
  });
});

describe('the local login service', () => {
  const form = {
    grant_type: 'client_credentials',
    client_id: APP,
    client_secret: PASSWORD,
    scope: `${SCOPE}/.default`,
  };

  it('gives tokens for the right secret, and says what is wrong with others', async () => {
    const { teams } = await start();
    const ask = (about: object = {}, login = teams.endpoints.login) =>
      fetch(`${login}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams({ ...form, ...about }) });
    expect(await (await ask()).json()).toMatchObject({ token_type: 'Bearer', expires_in: 3_600 });
    expect(await (await ask({ client_secret: 'x' })).json()).toMatchObject({ error_codes: [7000215] });
    expect(await (await ask({ client_id: 'x' })).json()).toMatchObject({ error_codes: [700016] });
    expect(await (await ask({}, `${teams.origin}/login/other`)).json()).toMatchObject({ error_codes: [90002] });
  });

  it('signs so that its published keys prove it, and with each flaw otherwise', async () => {
    const { teams } = await start();
    const metadata: unknown = await (await fetch(teams.endpoints.openIdMetadata)).json();
    const { keys } = teams.login.jwks();
    expect(await (await fetch(textAt(metadata, 'jwks_uri') ?? '')).json()).toEqual({ keys });
    const isProven = (token: string): boolean => {
      const [header = '', claims = '', signature = ''] = token.split('.');
      const part = (text: string): unknown => {
        try {
          return JSON.parse(Buffer.from(text, 'base64url').toString());
        } catch {
          return null;
        }
      };
      const key = listAt({ keys }, 'keys').find((one) => at(one, 'kid') === at(part(header), 'kid'));
      const now = Date.UTC(2026, 0, 5, 12) / 1_000;
      const said = part(claims);
      if (!isFields(key) || !listAt(key, 'endorsements').includes('msteams')) return false;
      const publicKey = createPublicKey({ key, format: 'jwk' });
      const isSigned = verify(
        'RSA-SHA256',
        Buffer.from(`${header}.${claims}`),
        publicKey,
        Buffer.from(signature, 'base64url'),
      );
      return (
        at(part(header), 'alg') === 'RS256' &&
        isSigned &&
        at(said, 'aud') === APP &&
        at(said, 'iss') === SCOPE &&
        Number(at(said, 'exp')) > now &&
        Number(at(said, 'nbf')) <= now &&
        at(said, 'serviceurl') === teams.serviceUrl
      );
    };
    expect(isProven(teams.login.sign(teams.serviceUrl))).toBe(true);
    const passed = FLAWS.filter((flaw) => isProven(teams.login.sign(teams.serviceUrl, flaw)));
    expect(passed).toEqual([]);
  });

  it('sends activities with the token that belongs to them', async () => {
    const { teams } = await start();
    const seen: (string | undefined)[] = [];
    const bot = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{}');
    });
    await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void bot.close());
    const address = bot.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const said = teams.says.message({ person: teams.world.person(OID.ana) }, 'help');
    const url = `http://127.0.0.1:${address.port}/api/messages`;
    await teams.send(url, said);
    await teams.send(url, said, { token: null });
    await teams.send(url, said, { flaw: 'garbage' });
    expect(seen).toEqual([expect.stringMatching(/^Bearer ey/), undefined, 'Bearer not.a.token']);
  });
});
