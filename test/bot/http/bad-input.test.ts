import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CI_TOKEN, sendRaw, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let bot: TestBot;
let id: string;
let before: unknown;
/** Everything that a call could have changed. */
const facts = async () => ({
  events: (await bot.store.log(0)).length,
  requests: (await bot.call('GET', '/v1/requests?limit=200')).text,
  deliveries: (await bot.call('GET', '/v1/deliveries')).text,
  opened: /^countersign_requests_opened_total.*$/gm.exec((await bot.call('GET', '/metrics')).text)?.[0],
});
beforeAll(async () => {
  bot = await startTestBot({ config: GATES });
  id = (await bot.opened({ gate: 'reasoned' })).id;
});
afterAll(() => bot.end());
beforeEach(async () => {
  before = await facts();
});
// After each bad call nothing was opened, counted or sent, and the bot goes on.
afterEach(async () => {
  expect(await facts()).toEqual(before);
  expect((await bot.call('GET', '/readyz')).status).toBe(200);
  expect(bot.lines().filter((line) => line.includes('"level":50'))).toEqual([]);
});

const open = (body: unknown, headers?: Record<string, string>) => bot.call('POST', '/v1/requests', body, headers);
const deep = (depth: number) => `{"gate":"deploy","context":${'['.repeat(depth)}${']'.repeat(depth)}}`;

/** What every error looks like. */
function expectProblem(answer: Awaited<ReturnType<typeof open>>, statuses: readonly number[], path?: string): void {
  expect(statuses, answer.text).toContain(answer.status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.json).toMatchObject({
    type: expect.stringMatching(/^urn:countersign:problem:[a-z-]+$/),
    title: expect.any(String),
    status: answer.status,
    detail: expect.any(String),
  });
  if (path !== undefined) expect(answer.json.errors.map((error: { path: string }) => error.path)).toContain(path);
}

describe('a body that does not fit', () => {
  for (const [what, body, path] of [
    ['an unknown field', { gate: 'deploy', bogus: 1 }, 'bogus'],
    ['an unknown field further in', { gate: 'deploy', subject: { name: 'x', bogus: 1 } }, 'subject.bogus'],
    ['a wrong type', { gate: 'deploy', title: 7 }, 'title'],
    ['a missing field', {}, 'gate'],
    ['an empty title', { gate: 'deploy', title: '  ' }, 'title'],
    ['a title too long', { gate: 'deploy', title: 'x'.repeat(301) }, 'title'],
    ['a description too long', { gate: 'deploy', description: 'x'.repeat(20_001) }, 'description'],
    ['a list where a text belongs', { gate: ['deploy'] }, 'gate'],
    ['too many fields', { gate: 'deploy', fields: Array(51).fill({ label: 'a', value: 'b' }) }, 'fields'],
    ['a field without value', { gate: 'deploy', fields: [{ label: 'a' }] }, 'fields.0.value'],
    ['no JSON object', '[]', ''],
    ['a bare text', '"deploy"', ''],
    ['null', 'null', ''],
    ['nothing', '', ''],
    ['half of a JSON text', '{"gate":', ''],
    ['two JSON texts', '{"gate":"deploy"}{"gate":"deploy"}', ''],
    ['a trailing comma', '{"gate":"deploy",}', ''],
    ['NUL in text', '{"gate":"deploy","title":"a\\u0000b"}', 'title'],
    ['NUL in a name', '{"gate":"deploy","context":{"a\\u0000b":1}}', 'context.a\0b'],
    ['half of a surrogate pair', '{"gate":"deploy","context":{"list":["ok","\\ud800"]}}', 'context.list.1'],
    ['the other half', '{"gate":"deploy","title":"\\udc00x"}', 'title'],
    ['a number beyond every double', '{"gate":"deploy","context":{"n":1e400}}', 'context.n'],
    [
      'an integer beyond what is exact',
      '{"gate":"deploy","context":{"a":[1,{"n":12345678901234567890}]}}',
      'context.a.1.n',
    ],
    ['more digits than a double keeps', '{"gate":"deploy","context":{"n":0.1234567890123456789}}', 'context.n'],
    ['a number that would become zero', '{"gate":"deploy","context":{"n":1e-400}}', 'context.n'],
    ['__proto__', '{"gate":"deploy","context":{"__proto__":{"x":1}}}', 'context.__proto__'],
    ['constructor', '{"gate":"deploy","constructor":{"prototype":{"x":1}}}', 'constructor'],
    ['a field written twice', '{"gate":"deploy","title":"a","gate":"deploy-two"}', 'gate'],
    ['one written twice deep inside', '{"gate":"deploy","context":{"a":[{"n" : 1,\n "n"\n:2}]}}', 'context.a.0.n'],
    ['one written twice, once in escapes', '{"gate":"deploy","context":{"env":{"x":1},"\\u0065nv":2}}', 'context.env'],
    ['nesting without end', deep(40), undefined],
    ['nesting of a hundred thousand', deep(100_000), undefined],
  ] as const) {
    it(`is refused with 400, and the answer names the field: ${what}`, async () => {
      const answer = await open(body);
      expectProblem(answer, [400], path);
    });
  }

  it('is refused with 400 when it is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"gate":"deploy","title":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]);
    expectProblem(await open(bytes), [400]);
  });

  it('is refused with 413 when it is too large, with and without a length', async () => {
    const huge = JSON.stringify({ gate: 'deploy', context: 'x'.repeat(300_000) });
    expectProblem(await open(huge), [413]);
    const chunked = await sendRaw(
      bot.url,
      `POST /v1/requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${CI_TOKEN}\r\nContent-Type: application/json\r\n` +
        `Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${huge.length.toString(16)}\r\n${huge}\r\n0\r\n\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    expect(chunked.toLowerCase()).toContain('content-type: application/problem+json');
  });

  it('is refused with 415 when it is something else than JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense', '*/*'])
      expectProblem(await open('{"gate":"deploy"}', { 'content-type': type }), [415]);
  });

  it('is refused when the gate does not exist or is no gate at all', async () => {
    for (const gate of ['no-such-gate', 'constructor', '__proto__', 'toString', 'DEPLOY'])
      expectProblem(await open({ gate }), [422], 'gate');
  });
});

describe('a vote that does not fit', () => {
  const vote = (body: unknown) => bot.call('POST', `/v1/requests/${id}/votes`, body);
  const inputs = { window: 'now', percent: 5 };

  it('names what is wrong with it', async () => {
    for (const [body, status, path] of [
      [{}, 400, 'person'],
      [{ person: 'ana' }, 400, 'option'],
      [{ person: 'ana', option: 'approve', bogus: 1 }, 400, 'bogus'],
      [{ person: 'ana', option: 7 }, 400, 'option'],
      [{ person: 'ana', option: 'approve', inputs: [] }, 400, 'inputs'],
      [{ person: 'ana', option: 'approve', change: 'yes' }, 400, 'change'],
      [{ person: 'nobody', option: 'approve' }, 422, 'person'],
      [{ person: 'ana', option: 'maybe', reason: 'x', inputs }, 422, 'option'],
      [{ person: 'ana', option: 'approve', inputs }, 422, 'reason'],
      [{ person: 'ana', option: 'approve', reason: '  ', inputs }, 422, 'reason'],
      [{ person: 'ana', option: 'approve', reason: 'x' }, 422, 'inputs.window'],
      [{ person: 'ana', option: 'approve', reason: 'x', inputs: { ...inputs, percent: 500 } }, 422, 'inputs.percent'],
      [
        { person: 'ana', option: 'approve', reason: 'x', inputs: { ...inputs, percent: 'many' } },
        422,
        'inputs.percent',
      ],
      [{ person: 'ana', option: 'approve', reason: 'x', inputs: { ...inputs, window: 'later' } }, 422, 'inputs.window'],
      [{ person: 'ana', option: 'approve', reason: 'x', inputs: { ...inputs, bogus: 1 } }, 422, 'inputs.bogus'],
    ] as const)
      expectProblem(await vote(body), [status], path);
  });

  it('is one by a stranger, or by a person who is no approver', async () => {
    for (const person of ['eve', 'ben'])
      expectProblem(await vote({ person, option: 'approve', reason: 'x', inputs }), [403]);
  });
});

describe('an address that does not fit', () => {
  it('is answered as problem+json, whatever is wrong with it', async () => {
    for (const [method, path, status] of [
      ['GET', '/nothing-here', 404],
      ['GET', '/v1', 404],
      ['GET', '/v1/nothing', 404],
      ['PUT', '/v1/requests', 404],
      ['DELETE', `/v1/requests/${'x'.repeat(20)}`, 404],
      ['PATCH', '/v1/requests', 404],
      ['OPTIONS', '/v1/requests', 404],
      ['GET', '/v1/requests/%zz', 400],
      ['GET', `/v1/requests/${'a'.repeat(300)}`, 414],
      ['GET', '/v1/requests/%00', 404],
      ['GET', "/v1/requests/req_' OR 1=1 --", 404],
      ['GET', '/v1/requests/..%2f..%2fetc%2fpasswd', 404],
      ['GET', '/v1/requests/req_00000000000000000000000000000000/nothing', 404],
    ] as const)
      expectProblem(await bot.call(method, path), [status]);
  });

  it('may not say the same thing twice, nor what nobody knows', async () => {
    for (const [path, named] of [
      ['/v1/requests?status=pending&status=approved', 'status'],
      ['/v1/requests?q=a&q=b', 'q'],
      ['/v1/requests?limit=1&limit=2', 'limit'],
      ['/v1/requests?bogus=1', 'bogus'],
      ['/v1/requests?status=open', 'status'],
      ['/v1/requests?limit=0', 'limit'],
      ['/v1/requests?limit=201', 'limit'],
      ['/v1/requests?limit=x', 'limit'],
      ['/v1/requests?cursor=x', 'cursor'],
      [`/v1/requests/${id}/gate?wait=1&wait=2`, 'wait'],
      [`/v1/requests/${id}/gate?wait=-1`, 'wait'],
      [`/v1/requests/${id}/gate?wait=`, 'wait'],
      [`/v1/requests/${id}/gate?wait=0x10`, 'wait'],
      [`/v1/requests/${id}/gate?wait=1.5`, 'wait'],
      [`/v1/requests/${id}/gate?wait=%201`, 'wait'],
      [`/v1/requests/${id}/gate?wait=1000000000`, 'wait'],
      ['/v1/requests?limit=', 'limit'],
      ['/v1/requests?limit=1e1', 'limit'],
      ['/v1/deliveries?limit=0x10', 'limit'],
      [`/v1/requests/${id}/gate?wait=soon`, 'wait'],
      [`/v1/requests/${id}/gate?pending=201`, 'pending'],
      [`/v1/requests/${id}/gate?rejected=404`, 'rejected'],
      [`/v1/requests/${id}/gate?bogus=1`, 'bogus'],
      ['/v1/deliveries?state=lost', 'state'],
    ] as const)
      expectProblem(await bot.call('GET', path), [400], named);
  });

  it('has no body where none belongs, and HEAD is GET without one', async () => {
    const head = await bot.call('HEAD', `/v1/requests/${id}`);
    expect([head.status, head.text]).toEqual([200, '']);
    expect((await bot.call('HEAD', '/v1/requests/req_nothing')).status).toBe(404);
    expect(
      (await bot.call('HEAD', `/v1/requests/${id}/events`, undefined, { accept: 'text/event-stream' })).status,
    ).toBe(404);
  });
});

describe('what is no HTTP', () => {
  it('is answered as problem+json, and the connection is closed', async () => {
    for (const [bytes, status] of [
      ['NONSENSE / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
      ['hello\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
      ['POST /v1/requests HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n', 400],
      ['POST /v1/requests HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx', 400],
      [
        'POST /v1/requests HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        400,
      ],
    ] as const) {
      const answer = await sendRaw(bot.url, bytes);
      const [head = '', body = ''] = answer.slice(answer.lastIndexOf('HTTP/1.1')).split('\r\n\r\n');
      expect(head, bytes.slice(0, 40)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(head.toLowerCase()).toContain('content-type: application/problem+json');
      expect(JSON.parse(body).status).toBe(status);
    }
  });
});
