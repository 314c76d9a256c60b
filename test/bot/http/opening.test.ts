// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of the config, not of ours
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, HOUR, OTHER_TOKEN, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config: GATES });
});
afterAll(() => bot.end());

const open = (body: object) => bot.call('POST', '/v1/requests', body);
const pathsOf = (answer: { json: { errors?: { path: string }[] } | null }) =>
  answer.json?.errors?.map(({ path }) => path);

describe('opening a request', () => {
  it('answers 201 with its address and the request as JSON', async () => {
    const answer = await open({ gate: 'deploy', context: { service: 'billing' }, requester: 'eve' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toContain('application/json');
    const { id } = answer.json;
    expect(id).toMatch(/^req_[0-9a-f]{32}$/);
    expect(answer.headers.get('location')).toBe(`${bot.url}/v1/requests/${id}`);
    expect(answer.json).toMatchObject({
      gate: 'deploy',
      status: 'pending',
      version: 1,
      title: 'Deploy billing to production',
      description: 'Asked by eve',
      requester: 'eve',
      context: { service: 'billing' },
      paused: false,
      stages: [
        {
          state: 'open',
          rules: [{ approvers: ['ana', 'ben', 'cy'], needed: 1, approvals: 0, rejections: 0, state: 'open' }],
        },
      ],
      votes: [],
      outcome: null,
      links: {
        self: `${bot.url}/v1/requests/${id}`,
        gate: `${bot.url}/v1/requests/${id}/gate`,
        web: `${bot.url}/requests/${id}`,
        receipt: `${bot.url}/v1/requests/${id}/receipt`,
      },
    });
    const { openedAt, expiresAt } = answer.json;
    expect(openedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(expiresAt) - Date.parse(openedAt)).toBe(HOUR);
    expect((await bot.call('GET', new URL(answer.headers.get('location') ?? '').pathname)).json).toEqual(answer.json);
  });

  it('may say what looks like a field twice, and the same field in different places', async () => {
    const context = { a: { n: 1 }, list: [{ n: 1 }, { n: 2, said: 'n": 1, "n": 2' }], n: '"n":"n":', 'x":': '\\":' };
    const answer = await bot.call('POST', '/v1/requests', { gate: 'deploy', context });
    expect(answer.status).toBe(201);
    expect(answer.json.context).toEqual(context);
  });

  it('keeps everything that is shown, and a digest of it that no two different requests share', async () => {
    const shown = {
      gate: 'deploy',
      title: 'By hand',
      description: '**Bold**',
      fields: [{ label: 'Risk', value: 'low' }],
      artifacts: [{ name: 'image', url: 'https://registry.acme.dev/i', digest: 'sha256:1' }],
      subject: { name: 'billing', digest: 'sha256:2', url: 'https://git.acme.dev/billing' },
    };
    const first = await bot.opened(shown);
    expect(first).toMatchObject(shown);
    expect(first.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const second = await bot.opened({ ...shown, subject: { ...shown.subject, digest: 'sha256:3' } });
    expect(second.digest).not.toBe(first.digest);
  });

  it('keeps any JSON as context, exactly as it came', async () => {
    for (const context of [
      null,
      7,
      'text',
      [1, [2]],
      { deep: { ünïcode: '🙂', n: 0.1, e: 1e21, big: 9007199254740991 } },
    ])
      expect((await bot.opened({ gate: 'deploy', context })).context).toEqual(context);
  });

  it('makes ids that sort by the time they were made', async () => {
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push((await bot.opened({ gate: 'deploy' })).id);
    expect(ids.toSorted()).toEqual(ids);
  });

  it('approves by itself where the gate’s condition is true, and says why it ended', async () => {
    const small = await bot.opened({ gate: 'auto', context: { amount: 50 } });
    expect(small).toMatchObject({ status: 'approved', outcome: { cause: 'auto', decidedBy: [] } });
    expect((await bot.opened({ gate: 'auto', context: { amount: 500 } })).status).toBe('pending');
  });

  it('asks people where that condition fails, and the trail says so', async () => {
    for (const context of [{}, { amount: 'much' }, { amount: null }, 'no object']) {
      const { id, status } = await bot.opened({ gate: 'auto', context });
      expect(status).toBe('pending');
      expect(await bot.happened(id)).toEqual(['opened', 'expressionFailed']);
    }
  });
});

describe('the title', () => {
  it('is the gate’s template, which stays as written where a value is missing', async () => {
    expect((await bot.opened({ gate: 'deploy', context: {} })).title).toBe('Deploy ${context.service} to production');
  });

  it('is the gate’s name where the gate has none', async () => {
    expect((await bot.opened({ gate: 'deploy-two' })).title).toBe('deploy-two');
  });

  it('is shortened visibly when its values are long, and never in the middle of a character', async () => {
    const { title } = await bot.opened({ gate: 'deploy', context: { service: '🙂'.repeat(400) } });
    expect(title.length).toBeLessThanOrEqual(300);
    expect(title.endsWith('…')).toBe(true);
    expect(title.isWellFormed()).toBe(true);
  });

  it('brings no code of its own: what the pipeline writes is text', async () => {
    expect((await bot.opened({ gate: 'deploy', title: '${1 + 1}' })).title).toBe('${1 + 1}');
    expect((await bot.opened({ gate: 'deploy', context: { service: '${1 + 1}' } })).title).toBe(
      'Deploy ${1 + 1} to production',
    );
  });
});

describe('the requester', () => {
  it('is named by the directory’s name, or by an address in whatever case', async () => {
    expect((await bot.opened({ gate: 'deploy', requester: 'ben' })).requester).toBe('ben');
    expect((await bot.opened({ gate: 'deploy', requester: { email: 'Ben@ACME.dev' } })).requester).toBe('ben');
  });

  it('is refused when nobody is called so, and never guessed from a display name', async () => {
    for (const requester of ['nobody', 'Ben Okoye', 'constructor', { email: 'ben@acme.dev.evil' }]) {
      const answer = await open({ gate: 'deploy', requester });
      expect(answer.status).toBe(422);
      expect(pathsOf(answer)).toEqual(['requester']);
    }
    expect((await open({ gate: 'deploy', requester: { email: 'ben@acme.dev', name: 'x' } })).status).toBe(400);
  });

  it('has to be named at a gate that forbids self-approval', async () => {
    const answer = await open({ gate: 'strict' });
    expect(answer.status).toBe(422);
    expect(pathsOf(answer)).toEqual(['requester']);
    expect((await open({ gate: 'strict', requester: 'eve' })).status).toBe(201);
  });

  it('is not among those who are asked', async () => {
    const { stages } = await bot.opened({ gate: 'deploy', requester: 'ana' });
    expect(stages[0].rules[0].approvers).toEqual(['ben', 'cy']);
  });
});

describe('what a request brings itself', () => {
  it('is taken as far as the gate allows', async () => {
    const request = await bot.opened({ gate: 'flexible', timeout: '2h', approvers: ['mia'] });
    expect(Date.parse(request.expiresAt) - Date.parse(request.openedAt)).toBe(2 * HOUR);
    expect(request.stages[0].rules[0].approvers).toEqual(['mia']);
  });

  it('is refused by name where the gate does not allow it', async () => {
    const answer = await open({ gate: 'flexible', quorum: 1, onTimeout: 'approve', notify: ['releases'] });
    expect(answer.status).toBe(422);
    expect(pathsOf(answer)?.toSorted()).toEqual(['notify', 'onTimeout', 'quorum']);
    for (const override of [
      { approvers: ['eve'] },
      { quorum: 1 },
      { stages: [{ name: 's', approvers: ['eve'] }] },
      { timeout: '1m' },
      { form: [{ id: 'why', type: 'text', label: 'Why' }] },
      {
        options: [
          { id: 'yes', label: 'Yes', outcome: 'approved' },
          { id: 'no', label: 'No', outcome: 'rejected' },
        ],
      },
    ]) {
      const refused = await open({ gate: 'deploy', ...override });
      expect(refused.status, refused.text).toBe(422);
      expect(pathsOf(refused)).toEqual(Object.keys(override));
    }
  });

  it('is everything at the gate `adhoc`, which exists without being defined', async () => {
    const request = await bot.opened({
      gate: 'adhoc',
      title: 'Drop the table?',
      stages: [
        { name: 'one', approvers: ['ana', 'ben'], quorum: 'all' },
        { name: 'two', approvers: ['mia'] },
      ],
      options: [
        { id: 'yes', label: 'Yes', outcome: 'approved' },
        { id: 'no', label: 'No', outcome: 'rejected' },
      ],
      form: [{ id: 'why', type: 'text', label: 'Why', required: true }],
      timeout: 'PT30M',
      onTimeout: 'no',
    });
    expect(request.stages.map(({ name }: { name: string }) => name)).toEqual(['one', 'two']);
    expect(request.stages[0].rules[0].needed).toBe(2);
    expect(request.onTimeout).toBe('no');
    expect(Date.parse(request.expiresAt) - Date.parse(request.openedAt)).toBe(HOUR / 2);
  });

  it('needs to say who is asked at `adhoc`', async () => {
    const answer = await open({ gate: 'adhoc', title: 'Anybody?' });
    expect(answer.status).toBe(422);
    expect(pathsOf(answer)).toEqual(['approvers']);
  });

  it('is checked like the config: unknown people, quorums out of reach, bad durations', async () => {
    for (const [override, path] of [
      [{ approvers: ['nobody'] }, 'approvers'],
      [{ approvers: [] }, 'approvers'],
      [{ approvers: ['ana'], quorum: 2 }, 'quorum'],
      [{ approvers: ['ana'], quorum: 0 }, 'quorum'],
      [{ approvers: ['ana'], timeout: 'soon' }, 'timeout'],
      [{ approvers: ['ana'], onTimeout: 'maybe' }, 'onTimeout'],
      [{ approvers: ['ana'], notify: ['nowhere'] }, 'notify'],
      [{ approvers: ['ana'], form: [{ id: 'x', type: 'telepathy', label: 'X' }] }, 'form'],
    ] as const) {
      const answer = await open({ gate: 'adhoc', title: 'x', ...override });
      expect([400, 422]).toContain(answer.status);
      expect(
        pathsOf(answer)?.some((named) => named.startsWith(path)),
        answer.text,
      ).toBe(true);
    }
  });
});

describe('superseding', () => {
  it('cancels the older pending requests with the same key, in the same commit', async () => {
    const [first, second] = [
      await bot.opened({ gate: 'deploy', supersedes: 'billing' }),
      await bot.opened({ gate: 'deploy-two', supersedes: 'billing' }),
    ];
    const older = await bot.read(first.id);
    expect(older).toMatchObject({ status: 'cancelled', outcome: { cause: 'superseded', decidedBy: [] } });
    expect(older.outcome.reason).toContain(second.id);
    expect((await bot.read(second.id)).status).toBe('pending');
    const log = await bot.store.log(0);
    const [closed, opened] = [
      log.find(({ request, type }) => request === first.id && type === 'closed'),
      log.find(({ request }) => request === second.id),
    ];
    expect(Math.abs((closed?.position ?? 0) - (opened?.position ?? 9))).toBe(1);
  });

  it('leaves alone what is decided, what has another key, and what another pipeline opened', async () => {
    const decided = await bot.opened({ gate: 'deploy', supersedes: 'k' });
    await bot.vote(decided.id, 'ana');
    const otherKey = await bot.opened({ gate: 'deploy', supersedes: 'K' });
    const foreign = await bot.call(
      'POST',
      '/v1/requests',
      { gate: 'deploy', supersedes: 'k' },
      { authorization: `Bearer ${OTHER_TOKEN}` },
    );
    await bot.opened({ gate: 'deploy', supersedes: 'k' });
    expect((await bot.read(decided.id)).status).toBe('approved');
    expect((await bot.read(otherKey.id)).status).toBe('pending');
    expect((await bot.store.load(foreign.json.id))?.status).toBe('pending');
  });

  it('cancels nothing when the new request is refused', async () => {
    const older = await bot.opened({ gate: 'deploy', supersedes: 'refused' });
    expect((await open({ gate: 'strict', supersedes: 'refused' })).status).toBe(422);
    expect((await bot.read(older.id)).status).toBe('pending');
  });

  it('answers whoever waits for the older one', async () => {
    const older = await bot.opened({ gate: 'deploy', supersedes: 'wait' });
    const waiting = bot.call('GET', `/v1/requests/${older.id}/gate?wait=20`);
    await eventually(
      async () => (await bot.call('GET', '/metrics')).text.includes('countersign_waiters 1'),
      'the wait',
    );
    await bot.opened({ gate: 'deploy', supersedes: 'wait' });
    expect((await waiting).status).toBe(410);
  });
});

describe('a callback’s address', () => {
  it('is refused when it is no http(s) address that may be called, and the answer names the field', async () => {
    for (const url of [
      'ftp://127.0.0.1/x',
      'javascript:alert(1)',
      'nonsense',
      'http://user:pass@127.0.0.1/x',
      'http://10.0.0.1/x',
      'https://10.0.0.1/x',
      'http://[::1]/x',
      'https://169.254.169.254/latest/meta-data',
      'http://example.com/plain',
    ]) {
      const answer = await open({ gate: 'deploy', callback: { url } });
      expect([400, 422]).toContain(answer.status);
      expect(pathsOf(answer), `${url} ${answer.text}`).toEqual(['callback.url']);
    }
    expect((await open({ gate: 'deploy', callback: { url: 'https://ci.acme.dev/x', secret: 'x' } })).status).toBe(400);
  });

  it('needs a secret of the pipeline, so that nothing goes out unsigned', async () => {
    const answer = await bot.call(
      'POST',
      '/v1/requests',
      { gate: 'deploy', callback: { url: 'http://127.0.0.1:9/x' } },
      { authorization: `Bearer ${OTHER_TOKEN}` },
    );
    expect(answer.status).toBe(422);
    expect(pathsOf(answer)).toEqual(['callback']);
  });

  it('is not spelled in pages: artifacts and subjects link to the web or not at all', async () => {
    const answer = await open({
      gate: 'deploy',
      artifacts: [
        { name: 'a', url: 'https://ok.acme.dev' },
        { name: 'b', url: 'javascript:alert(1)' },
      ],
      subject: { name: 's', url: 'data:text/html,x' },
    });
    expect(answer.status).toBe(422);
    expect(pathsOf(answer)).toEqual(['artifacts.1.url', 'subject.url']);
  });
});

describe('a heartbeat', () => {
  it('takes every way of writing a duration and refuses the rest by name', async () => {
    for (const heartbeat of ['90s', 'PT5M', 300, '30m'])
      expect((await open({ gate: 'deploy', heartbeat })).status).toBe(201);
    for (const heartbeat of ['soon', 0, -5, '0s', 'P', '99999d', true, '']) {
      const answer = await open({ gate: 'deploy', heartbeat });
      expect([400, 422]).toContain(answer.status);
      expect(pathsOf(answer)).toEqual(['heartbeat']);
    }
  });
});
