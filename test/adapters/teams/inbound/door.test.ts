/** test/adapters/teams/inbound/door.test.ts: POST /api/messages lets in what Teams has signed for us, and nothing else. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createFramework } from '../../../../src/adapters/teams/inbound/framework.ts';
import { createGuard } from '../../../../src/adapters/teams/inbound/guard.ts';
import { isServiceUrl } from '../../../../src/adapters/teams/service-url.ts';
import { FLAWS } from '../../../fake/teams/login.ts';
import { at } from '../../../fake/teams/wire.ts';
import { APP, OTHER_TENANT, TENANT } from '../../../fake/teams/world.ts';
import { type House, openHouse } from './house.ts';

/** Nobody was heard, and nothing is known of anybody; the door still works. */
async function expectUntouched({ memory, kept, teams, who, send }: House): Promise<void> {
  expect(memory.lines).toEqual([]);
  expect(memory.acted).toEqual([]);
  expect([...kept]).toEqual([]);
  expect(teams.messages()).toEqual([]);
  expect((await send(teams.says.message({ person: who('ana') }, 'all'))).status).toBe(200);
  expect(memory.lines).toEqual(['ana: all']);
}

const NOT_PROVEN = {
  type: 'urn:countersign:problem:not-authenticated',
  title: 'Not authenticated',
  status: 401,
  detail: 'This is not proven to come from Teams.',
  instance: '/api/messages',
};

describe('a token', () => {
  it('that is wrong in any way is refused before anybody reads the call, without a reason', async () => {
    const house = await openHouse();
    const { send, teams, who, lines } = house;
    for (const flaw of FLAWS) {
      const response = await send(teams.says.message({ person: who('ana') }, 'all'), { flaw });
      expect([flaw, response.status, await response.json()]).toEqual([flaw, 401, NOT_PROVEN]);
    }
    expect(lines.map(({ level, fields }) => [level, at(fields, 'status')])).toEqual(FLAWS.map(() => ['warn', 401]));
    await expectUntouched(house);
  });

  it('that is not there, or is no bearer token, is refused', async () => {
    const house = await openHouse();
    const { teams, who, url } = house;
    const good = teams.login.sign(teams.serviceUrl);
    const body = JSON.stringify(teams.says.message({ person: who('ana') }, 'all'));
    for (const authorization of [
      undefined,
      '',
      good,
      `bearer ${good}`,
      `Basic ${good}`,
      `Bearer ${good} x`,
      'Bearer a.b',
    ]) {
      const headers = { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) };
      expect((await fetch(url, { method: 'POST', headers, body })).status, authorization).toBe(401);
    }
    await expectUntouched(house);
  });

  it('that comes with another one is refused, though one of them is good', async () => {
    const house = await openHouse();
    const { teams, who, url } = house;
    const good = `Authorization: Bearer ${teams.login.sign(teams.serviceUrl)}`;
    const body = JSON.stringify(teams.says.message({ person: who('ana') }, 'all'));
    for (const [first, second] of [
      [good, good],
      [good, 'authorization: Bearer x.y.z'],
    ])
      expect(await raw(url, [`POST /api/messages HTTP/1.1`, first ?? '', second ?? ''], body)).toContain(' 401 ');
    await expectUntouched(house);
  });

  it('of another issuer is refused without looking for its keys', async () => {
    const { send, teams, who } = await openHouse();
    for (let i = 0; i < 5; i++) {
      await send(teams.says.message({ person: who('ana') }, 'all'), { flaw: 'aadIssuer' });
      await send(teams.says.message({ person: who('ana') }, 'all'), { flaw: 'otherIssuer' });
    }
    expect(teams.count('metadata')).toBe(0);
  });

  it('is refused while the keys can’t be had, and an operator is told', async () => {
    const { send, teams, who, adapter, memory } = await openHouse({
      patience: { click: 500, authentication: 400 },
    });
    const say = async () => (await send(teams.says.message({ person: who('ana') }, 'all'))).status;
    teams.script('metadata', { kind: 'status', status: 503 });
    expect(await say()).toBe(401);
    expect(adapter.problem()).toContain('keys of Microsoft’s login service');
    expect(await say()).toBe(401); // and nobody made us ask again
    expect(teams.count('metadata')).toBe(1);
    teams.script('keys', { kind: 'hang' });
    await vi.waitFor(() => expect(teams.count('keys')).toBe(0), { timeout: 100 });
    await new Promise((resolve) => setTimeout(resolve, 410));
    expect(await say()).toBe(401);
    expect(memory.lines).toEqual([]);
    await vi.waitFor(async () => expect(await say()).toBe(200), { timeout: 4_000, interval: 40 });
    expect(adapter.problem()).toBeNull();
  });

  it('that is forged does not keep anybody else out', async () => {
    const house = await openHouse();
    const { send, teams, who } = house;
    const bad = FLAWS.map((flaw) => send(teams.says.message({ person: who('ben') }, 'all'), { flaw }));
    const good = send(teams.says.message({ person: who('ana') }, 'all'));
    expect((await good).status).toBe(200);
    for (const one of await Promise.all(bad)) expect(one.status).toBe(401);
    expect(house.memory.lines).toEqual(['ana: all']);
  });
});

describe('a token that was proven a moment ago', () => {
  /** Sends anything with one and the same good token. */
  async function known() {
    const house = await openHouse();
    const { send, teams, who } = house;
    const token = teams.login.sign(teams.serviceUrl);
    const whole = teams.says.message({ person: who('ana') }, 'all');
    const say = async (more: object = {}) =>
      (await send({ ...whole, id: crypto.randomUUID(), ...more }, { token })).status;
    expect(await say()).toBe(200);
    return { house, token, whole, say };
  }

  it('is held against each activity all the same', async () => {
    const { house, whole, say } = await known();
    const conversation = { id: at(whole, 'conversation', 'id'), conversationType: 'personal', tenantId: OTHER_TENANT };
    const channelData = { tenant: { id: OTHER_TENANT } };
    expect(await say({ serviceUrl: house.teams.serviceUrl.slice(0, -1) })).toBe(401);
    expect(await say({ serviceUrl: `${house.teams.origin}/other/` })).toBe(401);
    expect(await say({ serviceUrl: 'https://evil.example/' })).toBe(401);
    expect(await say({ conversation, channelData })).toBe(403);
    expect(await say({ channelId: 'webchat' })).toBe(400);
    expect(house.memory.lines).toEqual(['ana: all']);
    expect(await say()).toBe(200);
  });

  it('brings in no other token, however close', async () => {
    const { house, token, whole } = await known();
    const { send, teams, memory } = house;
    for (const flaw of FLAWS) expect((await send(whole, { flaw })).status, flaw).toBe(401);
    const [header, payload, signature = ''] = token.split('.');
    const turned = `${signature.slice(0, 20)}${signature.at(20) === 'A' ? 'B' : 'A'}${signature.slice(21)}`;
    for (const other of [
      `${header}.${payload}.${turned}`,
      `${header}.${payload}.A`,
      teams.login.sign(teams.serviceUrl, 'otherAudience'),
      teams.login.sign(teams.serviceUrl, 'expired'),
    ])
      expect((await send(whole, { token: other })).status).toBe(401);
    expect(memory.lines).toEqual(['ana: all']);
  });

  it('is refused when it is past its end', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const began = Date.now();
    const { house, say } = await known(); // the other clock, by which it is remembered, stands nearly still
    vi.setSystemTime(began + 3_599_000);
    expect(await say()).toBe(200);
    vi.setSystemTime(began + 3_600_000 + 302_000); // with the tolerance that the SDK has for every token
    expect(await say()).toBe(401);
    expect(house.memory.lines).toEqual(['ana: all', 'ana: all']);
  });

  it('is refused once its key was taken back and a new one is in use', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const house = await openHouse();
    const { send, teams, who } = house;
    const { login, serviceUrl } = teams;
    const say = async (token: string) =>
      (await send(teams.says.message({ person: who('ana') }, 'all'), { token })).status;
    const old = login.sign(serviceUrl, null, { exp: Math.floor(Date.now() / 1_000) + 3 * 3_600 });
    expect(await say(old)).toBe(200);
    login.rotateKeys();
    vi.setSystemTime(Date.now() + 3_601_000); // sooner the SDK reads no keys again
    expect(await say(login.sign(serviceUrl))).toBe(200);
    expect(await say(old)).toBe(401);
  });
});

describe('a body', () => {
  it('that is no activity of Teams is refused, with a token or without', async () => {
    const house = await openHouse();
    const { send } = house;
    for (const body of [{}, [], null, 'message', 7, { type: 7 }, { type: 'message' }, { type: 'invoke', value: {} }]) {
      expect((await send(body)).status, JSON.stringify(body)).toBe(400);
      expect((await send(body, { token: null })).status, JSON.stringify(body)).toBe(400);
    }
    await expectUntouched(house);
  });

  it('that lacks anything that every activity has is refused', async () => {
    const house = await openHouse();
    const { send, teams, who } = house;
    for (const name of ['channelId', 'serviceUrl', 'conversation', 'from', 'recipient', 'type']) {
      const { [name]: _, ...rest } = teams.says.message({ person: who('ana') }, 'all');
      expect((await send(rest)).status, name).toBe(400);
    }
    await expectUntouched(house);
  });

  it('of another channel is refused', async () => {
    const house = await openHouse();
    const { send, teams, who } = house;
    for (const channelId of ['emulator', 'webchat', 'AseChannel', 'MSTEAMS'])
      expect((await send({ ...teams.says.message({ person: who('ana') }, 'all'), channelId })).status).toBe(400);
    await expectUntouched(house);
  });

  it('that would be answered elsewhere is refused, whatever the token says', async () => {
    const house = await openHouse();
    const { send, teams, who } = house;
    for (const serviceUrl of [
      'https://evil.example/amer/',
      `${teams.origin}.evil.example/`,
      'http://smba.trafficmanager.net/',
    ]) {
      const token = teams.login.sign(serviceUrl);
      const response = await send({ ...teams.says.message({ person: who('ana') }, 'all'), serviceUrl }, { token });
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual(NOT_PROVEN);
    }
    const slashless = teams.serviceUrl.slice(0, -1);
    const other = { ...teams.says.message({ person: who('ana') }, 'all'), serviceUrl: slashless };
    expect((await send(other)).status).toBe(401); // the token vouches for the address letter by letter
    await expectUntouched(house);
  });

  it('about another tenant, about none or about two is refused', async () => {
    const house = await openHouse();
    const { send, teams, who } = house;
    const whole = teams.says.message({ person: who('ana') }, 'all');
    const where = { id: at(whole, 'conversation', 'id'), conversationType: 'personal' };
    const of = (inData: string | null, inConversation: string | null) => ({
      ...whole,
      channelData: inData === null ? {} : { tenant: { id: inData } },
      conversation: { ...where, ...(inConversation !== null && { tenantId: inConversation }) },
    });
    for (const body of [
      of(OTHER_TENANT, OTHER_TENANT),
      of(null, null),
      of(TENANT, OTHER_TENANT),
      of(OTHER_TENANT, null),
    ])
      expect((await send(body)).status).toBe(403);
    await expectUntouched(house);
    for (const body of [of(TENANT, null), of(null, TENANT), of(TENANT.toUpperCase(), TENANT)])
      expect((await send({ ...body, id: crypto.randomUUID() })).status).toBe(200);
  });

  it('that is too large, of another kind, or no JSON is refused', async () => {
    const house = await openHouse();
    const { url } = house;
    const post = async (type: string, body: string) =>
      (await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })).status;
    expect(await post('application/json', `{"text":"${'x'.repeat(1024 * 1024)}"}`)).toBe(413);
    expect(await post('text/plain', '{}')).toBe(415);
    expect(await post('application/json', '{')).toBe(400);
    expect(await post('application/json', '['.repeat(500_000))).toBe(400);
    expect((await fetch(url)).status).toBe(404);
    await expectUntouched(house);
  });
});

describe('what is genuine but of no interest', () => {
  it('is taken and ignored, whatever it is', async () => {
    const { send, teams, who, memory } = await openHouse();
    const frame = teams.says.message({ person: who('ana') }, 'all');
    for (const type of [
      'typing',
      'messageReaction',
      'messageUpdate',
      'event',
      'brandNew',
      '__proto__',
      'constructor',
    ]) {
      const response = await send({ ...frame, type });
      expect([type, response.status, await response.text()]).toEqual([type, 200, '']);
    }
    const invoke = { ...frame, type: 'invoke', name: 'composeExtension/query', value: {} };
    expect((await send(invoke)).status).toBe(200);
    expect(memory.lines).toEqual([]);
  });
});

describe('what Teams and an emulator of it have sent', () => {
  const payload = (name: string) => JSON.parse(readFileSync(new URL(`payloads/${name}.json`, import.meta.url), 'utf8'));
  const ALEX = '33333333-aaaa-4bbb-8ccc-000000000010';

  it('is understood: words, a mention, a click of ours and one that is not', async () => {
    const { send, invoke, teams, memory } = await openHouse();
    const { serviceUrl, world } = teams;
    world.addPerson(ALEX, 'Alex Approver');
    world.addPlace('a:personal-chat-1', { kind: 'personal', members: new Set([ALEX]) });
    expect((await send({ ...payload('message.personal'), serviceUrl })).status).toBe(200);
    expect((await send({ ...payload('message.channel.mention'), serviceUrl })).status).toBe(200);
    expect(memory.lines).toEqual(['alex: pending', 'alex: card']);
    expect(await invoke({ ...payload('invoke.execute.channel'), serviceUrl })).toMatchObject({ kind: 'refused' });
    expect((await send({ ...payload('message.submit-fallback.personal'), serviceUrl })).status).toBe(200);
    expect(memory.acted).toEqual([]);
  });

  it('is understood: the app was added', async () => {
    const tenantId = 'b28fdbfd-2b78-4f93-b0f8-8881793f0f8f';
    const { send, teams } = await openHouse({ options: { tenantId } });
    const { serviceUrl, world } = teams;
    world.addPlace('19:0b7f32667e064dd9b25d7969801541f4@thread.tacv2', { team: '19:x@thread.tacv2' });
    for (const name of ['installationUpdate.add.channel', 'conversationUpdate.bot-added.team'])
      expect((await send({ ...payload(name), serviceUrl })).status).toBe(200);
  });
});

describe('TEAMS_INSECURE_LOCAL', () => {
  const local = () => openHouse({ options: { insecureLocal: true, appPassword: null, serviceOrigins: [] } });

  it('takes calls without a token that are answered at this machine', async () => {
    const { send, teams, who, memory, lines } = await local();
    expect((await send(teams.says.message({ person: who('ana') }, 'all'), { token: null })).status).toBe(200);
    expect(memory.lines).toEqual(['ana: all']);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringMatching(/INSECURE/) }),
    );
  });

  it('takes whichever tenant the emulator has, where none is named', async () => {
    const house = await openHouse({ options: { insecureLocal: true, tenantId: null, serviceOrigins: [] } });
    const { send, teams, who, memory } = house;
    expect((await send(teams.says.message({ person: who('ana') }, 'all'), { token: null })).status).toBe(200);
    expect(memory.lines).toEqual(['ana: all']);
  });

  it('answers nowhere else', async () => {
    const { send, teams, who, memory } = await local();
    for (const serviceUrl of [
      'https://smba.trafficmanager.net/amer/',
      'http://evil.example/',
      'https://localhost/',
      'http://localhost.evil.example/',
    ]) {
      const body = { ...teams.says.message({ person: who('ana') }, 'all'), serviceUrl };
      expect((await send(body, { token: null })).status, serviceUrl).toBe(401);
    }
    expect(memory.lines).toEqual([]);
  });

  it('lets in no page of a browser, and no name that only leads here', async () => {
    const { teams, who, memory, url } = await local();
    const body = JSON.stringify(teams.says.message({ person: who('ana') }, 'all'));
    for (const header of ['Host: evil.example', 'Origin: https://evil.example', 'Origin: http://localhost'])
      expect(await raw(url, ['POST /api/messages HTTP/1.1', header], body), header).toContain(' 401 ');
    expect(await raw(url, ['POST /api/messages HTTP/1.1', 'Host: localhost:3000'], body)).toContain(' 200 ');
    expect(memory.lines).toEqual(['ana: all']);
  });

  it('lets in nobody from another machine', async () => {
    const { teams, who } = await local();
    const options = {
      appId: APP,
      appPassword: null,
      tenantId: TENANT,
      appType: 'SingleTenant',
      insecureLocal: true,
      cloud: 'public',
      serviceOrigins: [],
      endpoints: null,
    } as const;
    const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const guard = createGuard({ options, framework: createFramework(options, Date.now), log, clock: Date.now });
    const call = { rawHeaders: ['Host', 'localhost:3000'], body: teams.says.message({ person: who('ana') }, 'all') };
    expect(await guard.judge({ ...call, from: '10.0.0.9' })).toEqual({
      kind: 'refused',
      status: 401,
      cause: 'not local',
    });
    expect(await guard.judge({ ...call, from: undefined })).toMatchObject({ cause: 'not local' });
    for (const from of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
      expect(await guard.judge({ ...call, from })).toMatchObject({ kind: 'admitted' });
  });
});

describe('an address to answer at', () => {
  const judged = (address: string, more: { insecureLocal?: boolean; serviceOrigins?: readonly string[] } = {}) =>
    isServiceUrl(address, { insecureLocal: false, serviceOrigins: [], ...more });

  it('is one of Microsoft’s, by https', () => {
    for (const address of [
      'https://smba.trafficmanager.net/amer/',
      'https://smba.trafficmanager.net/amer/11111111-aaaa-4bbb-8ccc-000000000001/',
      'https://smba.infra.gcc.teams.microsoft.com/gcc/',
      'https://smba.infra.gov.teams.microsoft.us/gov/',
      'https://europe.botframework.com/',
    ])
      expect(judged(address), address).toBe(true);
    for (const address of [
      'http://smba.trafficmanager.net/amer/',
      'https://smba.trafficmanager.net:8443/',
      'https://evil.trafficmanager.net/',
      'https://smba.trafficmanager.net@evil.example/',
      'https://evilbotframework.com/',
      'https://botframework.com.evil.example/',
      'https://.botframework.com/',
      'http://localhost:3978/',
      'smba.trafficmanager.net',
      'https://smba.trafficmanager.net/?x=1',
      `https://smba.trafficmanager.net/${'x'.repeat(500)}`,
    ])
      expect(judged(address), address).toBe(false);
  });

  it('is one that was allowed besides, exactly as it was written', () => {
    const serviceOrigins = ['https://proxy.acme.dev', 'http://127.0.0.1:9000'];
    expect(judged('https://proxy.acme.dev/teams/', { serviceOrigins })).toBe(true);
    expect(judged('http://127.0.0.1:9000/amer/', { serviceOrigins })).toBe(true);
    expect(judged('http://proxy.acme.dev/teams/', { serviceOrigins })).toBe(false);
    expect(judged('http://127.0.0.1:9001/amer/', { serviceOrigins })).toBe(false);
  });
});

/** A call as bytes, as `fetch` would not send it. Resolves to the status line. */
function raw(url: string, head: readonly string[], body: string): Promise<string> {
  const { port, hostname, host } = new URL(url);
  const lines = [
    ...head,
    ...(head.some((line) => /^host:/i.test(line)) ? [] : [`Host: ${host}`]),
    'Content-Type: application/json',
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`));
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8');
    });
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
    socket.on('error', reject);
  });
}
