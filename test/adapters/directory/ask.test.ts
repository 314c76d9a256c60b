import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RefusedError, UnavailableError } from '../../../src/adapters/channel.ts';
import { type Asked, askDirectory } from '../../../src/adapters/directory/ask.ts';
import { createHttpReader, type HttpReader } from '../../../src/adapters/http/reader.ts';
import { type DirectoryAnswer, type DirectoryServer, startDirectoryServer } from '../../fake/directory-server.ts';

let server: DirectoryServer;
let reader: HttpReader;
beforeAll(async () => {
  server = await startDirectoryServer({ json: [] });
  reader = createHttpReader({ hosts: [{ host: '127.0.0.1', port: server.port }], cidrs: [] });
});
beforeEach(() => {
  server.answer = { json: [] };
});
afterAll(async () => {
  await reader.close();
  await server.close();
});

function ask(answer: DirectoryAnswer, more: Partial<Asked> = {}): Promise<readonly string[]> {
  server.answer = answer;
  return askDirectory(reader, { url: `${server.url}/finance?key=k3y`, headers: {}, members: null, ...more });
}
const failure = (answer: DirectoryAnswer, more: Partial<Asked> = {}): Promise<unknown> =>
  ask(answer, more).then(
    (members) => `answered ${members.join()}`,
    (error: unknown) => error,
  );

describe('a directory answers', () => {
  it.each([
    ['a list of texts', ['ana', 'ben@acme.dev'], ['ana', 'ben@acme.dev']],
    ['members', { members: ['ana', 'ana'], total: 2 }, ['ana']],
    [
      'objects',
      [{ email: 'ana@acme.dev', id: 7 }, { id: 'ben' }, { name: 'cy', email: '' }],
      ['ana@acme.dev', 'ben', 'cy'],
    ],
    ['objects as members', { members: [{ id: 'ana' }] }, ['ana']],
  ])('%s', async (_what, json, members) => expect(await ask({ json })).toEqual(members));

  it('whatever an expression finds in it', async () => {
    const json = {
      teams: [
        {
          name: 'ops',
          people: [
            { mail: 'ana@acme.dev', on: true },
            { mail: 'ben@acme.dev', on: false },
          ],
        },
      ],
    };
    expect(await ask({ json }, { members: 'body.teams[0].people.filter(p, p.on).map(p, p.mail)' })).toEqual([
      'ana@acme.dev',
    ]);
  });

  it('to the headers that it asks for, and JSON by another name', async () => {
    const type = 'application/vnd.pagerduty+json; charset=utf-8';
    expect(await ask({ text: '["ana"]', type }, { headers: { authorization: 'Token token=x' } })).toEqual(['ana']);
    expect(server.asked.at(-1)?.headers).toMatchObject({ authorization: 'Token token=x', accept: 'application/json' });
  });
});

describe('PagerDuty', () => {
  // GET /oncalls?schedule_ids[]=…&include[]=users, as in its API reference
  const oncall = (level: number, email: string) => ({
    escalation_policy: { id: 'PT20YPA', type: 'escalation_policy_reference', summary: 'Shop' },
    escalation_level: level,
    schedule: { id: 'PI7DH85', type: 'schedule_reference', summary: 'Daily Engineering Rotation' },
    user: { id: 'PXPGF42', type: 'user', name: 'Somebody', email, time_zone: 'Europe/Lisbon', role: 'user' },
    start: '2026-03-06T15:28:51-05:00',
    end: '2026-03-07T15:28:51-05:00',
  });
  const json = {
    oncalls: [oncall(1, 'ana@acme.dev'), oncall(2, 'ben@acme.dev'), oncall(1, 'cy@acme.dev')],
    limit: 25,
    offset: 0,
    more: false,
    total: null,
  };

  it('says who is on call on one level of a policy', async () => {
    const onLevel = (level: number) => `body.oncalls.filter(o, o.escalation_level == ${level}).map(o, o.user.email)`;
    expect(await ask({ json }, { members: onLevel(1) })).toEqual(['ana@acme.dev', 'cy@acme.dev']);
    expect(await ask({ json }, { members: onLevel(2) })).toEqual(['ben@acme.dev']);
    expect(await failure({ json }, { members: onLevel(3) })).toMatchObject({ message: 'answered with an empty list' });
  });

  it('without its users in the answer is a failure, not nobody', async () => {
    const reference = { ...oncall(1, ''), user: { id: 'PXPGF42', type: 'user_reference', summary: 'Ana' } };
    const error = await failure({ json: { oncalls: [reference] } }, { members: 'body.oncalls.map(o, o.user.email)' });
    expect(error).toBeInstanceOf(UnavailableError);
    expect(String(error)).toContain('what "members" can’t read');
  });
});

it('Opsgenie says who is on call in a schedule', async () => {
  // GET /v2/schedules/{id}/on-calls?flat=true
  const json = {
    data: {
      _parent: { id: 'd875e654-9b4e-4219-a803-0c26936d18de', name: 'ScheduleName', enabled: true },
      onCallRecipients: ['ana@acme.dev', 'ben@acme.dev'],
    },
    took: 0.101,
    requestId: '7e3a1ef8-8f1e-4a8d-8d5b-5f0e1d2c3b4a',
  };
  expect(await ask({ json }, { members: 'body.data.onCallRecipients' })).toEqual(['ana@acme.dev', 'ben@acme.dev']);
});

describe('a directory fails', () => {
  it.each([
    ['with an empty list', { json: [] }, 'answered with an empty list'],
    ['with no members', { json: { members: [] } }, 'answered with an empty list'],
    [
      'with a web page',
      { text: '<html>Sign in</html>', type: 'text/html; charset=utf-8' },
      'answered a web page (HTML), not JSON',
    ],
    ['with text', { text: '["ana"]', type: 'text/plain' }, 'answered plain text, not JSON'],
    [
      'with half of its JSON',
      { text: '["ana", "be', type: 'application/json' },
      'answered with what is not valid JSON',
    ],
    [
      'with another shape',
      { json: { people: ['ana'] } },
      'answered with neither a list nor { members: […] }; "members" can say where they stand',
    ],
    [
      'with nothing to know somebody by',
      { json: [{ phone: 1 }] },
      'answered with a member that has no email, id or name',
    ],
    [
      'with an endless name',
      { json: ['x'.repeat(301)] },
      'answered with a member that is no name, address or reference',
    ],
    [
      'with 5,001 members',
      { json: Array.from({ length: 5_001 }, (_, i) => `p${i}`) },
      'answered with more than 5000 members',
    ],
    ['with an error', { json: { error: 'k3y' }, status: 500 }, 'answered 500'],
    [
      'when the key is not valid',
      { json: {}, status: 401 },
      'answered 401: the key in "headers" is missing or not valid',
    ],
    [
      'by leading elsewhere',
      { json: ['ana'], status: 302, headers: { location: '/other' } },
      'answered 302: it leads elsewhere, which is not followed',
    ],
    [
      'by moving',
      { json: ['ana'], status: 308, headers: { location: '/other' } },
      'answered 308: it has moved; write its new address',
    ],
    [
      'by compressing',
      { json: ['ana'], headers: { 'content-encoding': 'gzip' } },
      'answered compressed, which was not asked for',
    ],
    ['by cutting the line', 'cut', 'no answer'],
  ] as const)('%s', async (_what, answer, words) => {
    const before = server.asked.length;
    const error = await failure(answer);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ message: words });
    expect(server.asked).toHaveLength(before + 1);
  });

  it.each(['hang', 'drip'] as const)('when it takes too long: %s', async (answer) => {
    const error = await failure(answer, { timeoutMs: 150 });
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ message: expect.stringMatching(/^no whole answer within/) });
  });

  it('with 50 MB, of which hardly more than 1 MiB is read', async () => {
    const error = await failure({ bytes: 50_000_000 });
    expect(error).toMatchObject({ message: 'the answer is longer than 1048576 bytes' });
    expect(server.taken).toBeLessThan(20_000_000);
  });

  it('with what an expression makes no list of texts of', async () => {
    for (const members of ['body.all', 'body.all[1]', '1 + 1', 'body.all.map(a, 1)', 'body.none'])
      expect(await failure({ json: { all: [['x']] } }, { members })).toBeInstanceOf(UnavailableError);
  });

  it('in words that hold nothing of its address, our key or its answer', async () => {
    const answers: DirectoryAnswer[] = [
      { json: { secret: 'k3y' }, status: 503 },
      { text: 'k3y k3y', type: 'application/json' },
      { text: 'k3y', type: 'k3y/k3y' },
      'cut',
      { json: { members: [{ k3y: 'k3y' }] } },
    ];
    for (const answer of answers)
      expect(String(await failure(answer, { headers: { 'x-key': 'k3y' } }))).not.toContain('k3y');
  });
});

describe('an address', () => {
  it('that is not public and not named is never asked', async () => {
    const other = createHttpReader({ hosts: [{ host: '127.0.0.1', port: 1 }], cidrs: [] });
    const before = server.asked.length;
    await expect(askDirectory(other, { url: server.url, headers: {}, members: null })).rejects.toBeInstanceOf(
      RefusedError,
    );
    await expect(
      askDirectory(other, { url: 'http://169.254.169.254/latest', headers: {}, members: null }),
    ).rejects.toMatchObject({ message: expect.stringMatching(/^its address is not called: .*CALLBACK_ALLOW/) });
    expect(server.asked).toHaveLength(before);
    await other.close();
  });

  it('that a name is looked up to is checked as it is connected to', async () => {
    const other = createHttpReader({ hosts: [], cidrs: [] }, (_host, found) =>
      found(null, [{ address: '127.0.0.1', family: 4 }]),
    );
    await expect(
      askDirectory(other, { url: `https://directory.acme.dev:${server.port}/`, headers: {}, members: null }),
    ).rejects.toMatchObject({ message: expect.stringMatching(/^its address is not called: .*CALLBACK_ALLOW/) });
    await other.close();
  });

  it('is let go of when whoever asks doesn’t wait any more', async () => {
    const giveUp = new AbortController();
    const asking = failure('hang', { signal: giveUp.signal });
    giveUp.abort();
    expect(await asking).toMatchObject({ message: 'no answer' });
  });
});
