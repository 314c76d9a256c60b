import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RefusedError, UnavailableError } from '../../../../src/adapters/channel.ts';
import type { ConnectorCall } from '../../../../src/adapters/teams/send/connector.ts';
import { PASSWORD } from '../../../fake/teams/login.ts';
import { OID, RELEASES, TENANT } from '../../../fake/teams/world.ts';
import { failureOf, given, NOW, outgoing } from './given.ts';

const roster = (serviceUrl: string, about: Partial<ConnectorCall> = {}): ConnectorCall => ({
  method: 'GET',
  serviceUrl,
  path: ['conversations', RELEASES, 'pagedmembers'],
  facts: { what: 'roster', place: { kind: 'channel', id: RELEASES } },
  ...about,
});

/** Somebody who would like our token. */
async function stranger() {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/`, seen };
}

describe('the bot’s token', () => {
  it('is asked for with the client secret, once, and kept until shortly before its end', async () => {
    let now = NOW;
    const { teams, connector } = await given({ clock: () => now });
    await Promise.all([1, 2, 3].map(() => connector.call(roster(teams.serviceUrl))));
    now += 54 * 60_000;
    await connector.call(roster(teams.serviceUrl));
    expect(teams.login.requests).toMatchObject([
      { tenant: TENANT, form: { grant_type: 'client_credentials', scope: 'https://api.botframework.com/.default' } },
    ]);
    now += 2 * 60_000;
    await connector.call(roster(teams.serviceUrl));
    expect(teams.count('token')).toBe(2);
  });

  it('that the connector does not take any more is replaced within the same call', async () => {
    const { teams, connector } = await given();
    await connector.call(roster(teams.serviceUrl));
    teams.login.revokeAll();
    await connector.call(roster(teams.serviceUrl));
    expect(teams.count('token')).toBe(2);
    expect(connector.problem()).toBeNull();
  });

  it('that is refused again is a problem that an operator is told, until it goes well', async () => {
    const { teams, connector, lines } = await given();
    const no = { kind: 'error', status: 401, code: 'BotNotRegistered' } as const;
    teams.script('pagedMembers', no, no);
    expect(await failureOf(connector.call(roster(teams.serviceUrl)))).toBeInstanceOf(RefusedError);
    expect(connector.problem()).toContain('TEAMS_APP_ID');
    expect(lines).toMatchObject([{ level: 'error' }]);
    await connector.call(roster(teams.serviceUrl));
    expect(connector.problem()).toBeNull();
  });

  it('is not given for a wrong secret, which is a refusal in which no secret stands', async () => {
    const { teams, channel, connector, lines } = await given({ options: { appPassword: 'wrong-secret-of-ours' } });
    const failure = await failureOf(channel.post(outgoing({ to: { kind: 'person', id: OID.ana } })));
    expect(failure).toBeInstanceOf(RefusedError);
    expect(failure.message).toContain('TEAMS_APP_PASSWORD (AADSTS7000215)');
    expect(connector.problem()).toBe(failure.message);
    expect(JSON.stringify([lines, failure.message])).not.toMatch(new RegExp(`wrong-secret|${PASSWORD}|Trace ID`));
    expect(teams.count('createConversation')).toBe(0);
  });

  it.each([
    [{ kind: 'status', status: 503 }],
    [{ kind: 'rateLimited', retryAfter: 3 }],
    [{ kind: 'drop' }],
    [{ kind: 'hang' }],
  ] as const)('that cannot be had now (%j) is tried again later', async (fault) => {
    const { teams, connector } = await given({ timeoutMs: 400 });
    teams.script('token', fault);
    expect(await failureOf(connector.call(roster(teams.serviceUrl)))).toBeInstanceOf(UnavailableError);
    await connector.call(roster(teams.serviceUrl));
    expect(connector.problem()).toBeNull();
  });

  it('comes from the managed identity where the bot has one, and from there anew when it is refused', async () => {
    const asked: boolean[] = [];
    const { teams, connector } = await given({
      options: { appType: 'UserAssignedMSI', appPassword: null },
      connector: {
        identity: async () => ({
          getToken: async (isForced) => {
            asked.push(isForced);
            return isForced ? teams.login.give() : 'stale';
          },
        }),
      },
    });
    await connector.call(roster(teams.serviceUrl));
    expect(asked).toEqual([false, true]);
    expect(teams.count('token')).toBe(0);
  });

  it('that a managed identity does not give is asked for later', async () => {
    const identity = async () => ({ getToken: () => Promise.reject(new Error('secret details')) });
    const options = { appType: 'UserAssignedMSI', appPassword: null } as const;
    const { teams, connector } = await given({ options, connector: { identity } });
    const failure = await failureOf(connector.call(roster(teams.serviceUrl)));
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(failure.message).not.toContain('secret');
  });
});

describe('where the token goes', () => {
  it.each([
    'https://evil.example/',
    'https://smba.trafficmanager.net.evil.example/',
    'https://evil.example/smba.trafficmanager.net/',
    'https://user@smba.trafficmanager.net/',
    'http://smba.trafficmanager.net/',
    'https://botframework.com.evil.example/',
    'file:///etc/passwd',
    'nonsense',
    '',
  ])('not to %s', async (serviceUrl) => {
    const { teams, connector } = await given();
    const failure = await failureOf(connector.call(roster(serviceUrl)));
    expect(failure).toBeInstanceOf(RefusedError);
    expect(failure.message).toContain('none of Microsoft’s');
    expect(teams.count('token')).toBe(0); // it is not even asked for
  });

  it('not to a stranger, even if what was remembered says so', async () => {
    const { url, seen } = await stranger();
    const kept = new Map([['service', JSON.stringify({ serviceUrl: url, tenant: TENANT })]]);
    const { connector, conversations } = await given({ kept });
    expect(await failureOf(connector.call(roster(url)))).toBeInstanceOf(RefusedError);
    expect((await conversations.service()).serviceUrl).not.toBe(url);
    expect(seen).toEqual([]);
  });

  it.each(['..', '.', ''])('and not to another path by an id such as “%s”', async (id) => {
    const { teams, connector } = await given();
    const call = roster(teams.serviceUrl, { path: ['conversations', id, 'pagedmembers'] });
    expect(await failureOf(connector.call(call))).toBeInstanceOf(RefusedError);
    expect(teams.count('token')).toBe(0);
  });

  it('with a local emulator there is none, and nobody but this machine is called', async () => {
    const options = { insecureLocal: true, appPassword: null, serviceOrigins: [] } as const;
    const { teams, channel, connector } = await given({ fake: { isOpen: true }, options });
    await channel.post(outgoing());
    expect(teams.messages().length).toBe(1);
    expect(teams.calls.map(({ token }) => token)).toEqual(teams.calls.map(() => null));
    const failure = await failureOf(connector.call(roster('https://smba.trafficmanager.net/amer/')));
    expect(failure).toBeInstanceOf(RefusedError);
  });
});

describe('many calls at once', () => {
  it('begin no faster than Teams takes them of one bot', async () => {
    const pauses: number[] = [];
    const pause = async (ms: number) => void pauses.push(ms);
    const { teams, connector } = await given({ pause });
    await Promise.all(Array.from({ length: 40 }, () => connector.call(roster(teams.serviceUrl))));
    expect(pauses.length).toBe(10);
    expect(Math.max(...pauses)).toBeCloseTo(10_000 / 30, 0);
  });
});
