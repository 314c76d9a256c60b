// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of countersign.yaml are what is tested here
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/bot/config/index.ts';
import { resolve } from '../../../src/engine/directory.ts';
import { env, load, now, somebody } from './given.ts';

const HOUR = 3_600_000;

describe('the example of the design', () => {
  const config = loadConfig(fileURLToPath(new URL('design.yaml', import.meta.url)), env, now);

  it('has its people, groups and channels', () => {
    expect(config.directory.people.get('ana')).toEqual({
      id: 'ana',
      name: 'Ana Silva',
      email: 'ana@acme.dev',
      slack: 'U0ANA',
      teams: '6f1c0000-0000-4000-8000-00000000000a',
      manager: 'mia',
      timezone: 'Europe/Lisbon',
      away: [],
    });
    expect([...config.directory.groups]).toEqual([
      ['release-managers', ['ana', 'ben']],
      ['oncall', 'unavailable'],
      ['finance', 'unavailable'],
    ]);
    expect([...config.channels.values()]).toEqual([
      { name: 'releases', kind: 'slack', id: 'C0RELEASES' },
      { name: 'board', kind: 'teams', id: '19:abc@thread.tacv2' },
      { name: 'cfo', kind: 'email', id: 'cfo@acme.dev' },
    ]);
  });

  it('has a delegate for the days that somebody is away, the last one included', () => {
    const facts = { requester: null, approvers: [], exclude: null };
    const on = (time: string) => resolve(['ben'], config.directory, { ...facts, now: Date.parse(time) });
    expect(on('2026-12-19T23:59:59Z')).toMatchObject({ people: ['ben'] });
    expect(on('2026-12-20T00:00:00Z')).toMatchObject({ people: ['ana'] });
    expect(on('2027-01-02T23:59:59Z')).toMatchObject({ people: ['ana'] });
    expect(on('2027-01-03T00:00:00Z')).toMatchObject({ people: ['ben'] });
  });

  it('has a pipeline that is known by the digest of its token only', () => {
    const [ci] = config.pipelines;
    expect(ci?.tokenDigests).toEqual([createHash('sha256').update(env.CI_TOKEN).digest('hex')]);
    expect(ci?.callbackSecrets).toEqual([env.CI_CALLBACK_SECRET]);
    expect(ci?.mayOpen('deploy-prod')).toBe(true);
    expect(ci?.mayOpen('adhoc')).toBe(false);
    expect(ci?.may.size).toBe(0);
  });

  it('has its gate, in the engine’s words', () => {
    const gate = config.gates.get('deploy-prod');
    expect(gate).toMatchObject({
      name: 'deploy-prod',
      title: 'Deploy ${context.service} ${context.version} to production',
      notify: ['releases', 'board'],
      selfApproval: 'forbid',
      requireReason: ['reject', 'bypass'],
      remind: { afterMs: HOUR, everyMs: 4 * HOUR, max: 3 },
      escalate: [
        { afterMs: 2 * HOUR, to: ['manager-of:approvers'], mode: 'add' },
        { afterMs: 6 * HOUR, to: ['mia'], mode: 'replace' },
      ],
      sla: { targetMs: 4 * HOUR, warnAtMs: 3 * HOUR, calendar: { name: 'office' } },
      timeoutMs: 24 * HOUR,
      bypass: { by: ['oncall'] },
      retentionMs: 400 * 24 * HOUR,
      overrides: [],
    });
    expect(gate?.stages).toEqual([
      {
        name: 'peer review',
        when: null,
        rules: [{ approvers: ['release-managers'], quorum: { kind: 'count', count: 1 } }],
      },
      {
        name: 'change board',
        when: 'context.risk >= 7',
        rules: [
          { approvers: ['oncall'], quorum: { kind: 'majority' } },
          { approvers: ['manager-of:requester'], quorum: { kind: 'count', count: 1 } },
        ],
      },
    ]);
    expect(gate?.actions).toEqual({
      approved: [],
      rejected: [
        {
          action: 'http',
          url: 'https://ci.acme.dev/rollback',
          method: 'POST',
          headers: {},
          body: { run: '${context.run}' },
        },
      ],
      cancelled: [],
    });
    expect(gate?.freeze?.calendar.hours).toEqual([{ days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1080 }]);
    expect(gate?.freeze?.calendar.holidays).toContain('2026-04-25');
    expect(gate?.freeze?.calendar.holidays).toContain('2029-12-25');
  });

  it('warns of what is written down and does nothing yet', () => {
    expect(config.warnings).toEqual(['gates.deploy-prod.retention: nothing is deleted yet, however old it is']);
  });
});

describe('the sample at the root', () => {
  const path = fileURLToPath(new URL('../../../countersign.yaml', import.meta.url));

  it('starts with nothing set, and says what to change', () => {
    const config = loadConfig(path, {}, now);
    expect([...config.gates.keys()]).toEqual(['adhoc', 'deploy-prod', 'expense']);
    expect(config.warnings.join()).toContain('its token is the default');
  });

  it('does not start like that in production', () => {
    expect(() => loadConfig(path, { NODE_ENV: 'production' }, now)).toThrow('refused in production');
    expect(loadConfig(path, { ...env, NODE_ENV: 'production' }, now).warnings).toEqual([]);
  });
});

describe('references to the environment', () => {
  it('are one text, whatever the variable holds', () => {
    const hostile = 'x"}\npeople: { eve: {} } # [';
    const config = load('people: { ana: { name: ${NAME} } }', { NAME: hostile });
    expect([...config.directory.people.keys()]).toEqual(['ana']);
    expect(config.directory.people.get('ana')?.name).toBe(hostile);
  });

  it('may have a default, which also stands in for an empty variable', () => {
    const name = (environ: Record<string, string>) =>
      load('people: { ana: { name: "${NAME:-Ana, [Silva]} S." } }', environ).directory.people.get('ana')?.name;
    expect(name({})).toBe('Ana, [Silva] S.');
    expect(name({ NAME: '' })).toBe('Ana, [Silva] S.');
    expect(name({ NAME: 'Ann' })).toBe('Ann S.');
  });

  it('are expressions inside gates, and nothing in comments', () => {
    const config = load(`${somebody}gates: { deploy: { approvers: [ana], title: "\${context}" } } # \${NOT_SET}`, {});
    expect(config.gates.get('deploy')?.title).toBe('${context}');
  });
});

describe('a gate that says little', () => {
  const gate = load(`${somebody}gates: { deploy: { approvers: [ana, ana] } }`).gates.get('deploy');

  it('has the defaults', () => {
    expect(gate).toEqual({
      name: 'deploy',
      title: null,
      description: null,
      notify: [],
      autoApproveIf: null,
      stages: [{ name: 'approval', when: null, rules: [{ approvers: ['ana'], quorum: { kind: 'count', count: 1 } }] }],
      rejection: 'veto',
      selfApproval: 'forbidIfKnown',
      distinct: 'stage',
      assurance: 'standard',
      freeze: null,
      requireReason: [],
      options: [
        { id: 'approve', label: 'Approve', outcome: 'approved', style: 'primary' },
        { id: 'reject', label: 'Reject', outcome: 'rejected', style: 'danger' },
      ],
      form: [],
      remind: null,
      escalate: [],
      sla: null,
      timeoutMs: 24 * HOUR,
      onTimeout: 'reject',
      bypass: null,
      actions: { approved: [], rejected: [], cancelled: [] },
      retentionMs: null,
      overrides: [],
    });
  });

  it('takes the timeout and the channels of `defaults`', () => {
    const config = load(
      `${somebody}defaults: { timeout: never, notify: [releases] }\ngates: { a: { approvers: [ana] }, b: { approvers: [ana], timeout: PT2H, notify: [] } }`,
    );
    expect(config.gates.get('a')).toMatchObject({ timeoutMs: null, notify: ['releases'] });
    expect(config.gates.get('b')).toMatchObject({ timeoutMs: 2 * HOUR, notify: [] });
    expect(config.gates.get('adhoc')).toMatchObject({ timeoutMs: null, notify: ['releases'], stages: [] });
  });

  it.each([
    ['2', { kind: 'count', count: 2 }],
    ['all', { kind: 'all' }],
    ['majority', { kind: 'majority' }],
    ['60%', { kind: 'percent', percent: 60 }],
    ['33.3%', { kind: 'percent', percent: 33.3 }],
  ])('reads a quorum of %s', (quorum, read) => {
    const config = load(`${somebody}gates: { deploy: { approvers: [managers], quorum: ${quorum} } }`);
    expect(config.gates.get('deploy')?.stages[0]?.rules[0]?.quorum).toEqual(read);
  });
});

describe('pipelines', () => {
  const pipeline = (settings: string) => {
    const [only] = load(`pipelines: { ci: { token: "\${CI_TOKEN}", ${settings} } }`).pipelines;
    if (only === undefined) throw new Error('there is a pipeline');
    return only;
  };

  it('may open the gates that their patterns fit', () => {
    const { mayOpen } = pipeline('gates: ["a*c", "adhoc", "x-*-y-*"]');
    expect(['ac', 'abbc', 'adhoc', 'x-1-y-', 'x--y-2'].every(mayOpen)).toBe(true);
    expect(['a', 'acb', 'adhocs', 'x-y-', 'x-1y-2', ''].some(mayOpen)).toBe(false);
  });

  it('are called back at the addresses that they list, and no other', () => {
    const { mayCall } = pipeline(
      'gates: ["*"], callbacks: ["https://ci.acme.dev/hooks/*", "https://*.acme.cloud", "http://localhost:8080/a?b=*"]',
    );
    for (const url of [
      'https://ci.acme.dev/hooks/1?x=2',
      'https://a.acme.cloud/',
      'https://a.b.acme.cloud/x',
      'http://localhost:8080/a?b=1',
    ])
      expect(mayCall(new URL(url)), url).toBe(true);
    for (const url of [
      'http://ci.acme.dev/hooks/1',
      'https://ci.acme.dev:8443/hooks/1',
      'https://ci.acme.dev/hooks',
      'https://ci.acme.dev/hooks/../admin',
      'https://ci.acme.dev.evil.example/hooks/1',
      'https://u:p@ci.acme.dev/hooks/1',
      'https://ci.acme.dev/hooks/1#x',
      'https://acme.cloud/',
      'https://evilacme.cloud/',
      'http://localhost/a?b=1',
    ])
      expect(mayCall(new URL(url)), url).toBe(false);
  });

  it('without a list may be called anywhere that the connection allows', () => {
    const { mayCall } = pipeline('gates: ["*"]');
    expect(mayCall(new URL('https://anywhere.example/x'))).toBe(true);
    expect(mayCall(new URL('ftp://anywhere.example/x'))).toBe(false);
  });

  it('may have two tokens and two secrets while one replaces the other', () => {
    const older = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    const [ci] = load(
      `pipelines: { ci: { token: ["\${CI_TOKEN}", another-token-of-ci], gates: ["*"], callbackSecret: ["\${CI_CALLBACK_SECRET}", ${older}] } }`,
    ).pipelines;
    expect(ci?.tokenDigests).toHaveLength(2);
    expect(ci?.callbackSecrets).toEqual([env.CI_CALLBACK_SECRET, older]);
  });

  it('that name gates which are not there yet are worth a warning', () => {
    expect(load('pipelines: { ci: { token: "${CI_TOKEN}", gates: ["deploy-*"] } }').warnings).toEqual([
      'pipelines.ci.gates[0]: no gate fits "deploy-*"',
    ]);
    expect(load('people: { ana: {} }').warnings).toEqual(['no pipelines: nothing can open a request']);
  });
});

describe('calendars', () => {
  const calendar = (hours: string, holidays = '[]') =>
    load(
      `people: { ana: {} }\ncalendars: { c: { timezone: UTC, hours: ${hours}, holidays: ${holidays} } }\ngates: { g: { approvers: [ana], freeze: { calendar: c } } }`,
    ).gates.get('g')?.freeze?.calendar;

  it.each([
    ['"mon-fri 09:00-18:00"', [{ days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1080 }]],
    ['"fri-mon 22:00-06:00"', [{ days: [1, 5, 6, 7], fromMinute: 1320, toMinute: 360 }]],
    ['"daily 00:00-24:00"', [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 1440 }]],
    [
      '"mon, wed 9:00-12:00, 13:30-18:00"',
      [
        { days: [1, 3], fromMinute: 540, toMinute: 720 },
        { days: [1, 3], fromMinute: 810, toMinute: 1080 },
      ],
    ],
    [
      '["mon-fri 09:00-18:00", "Sat 10:00-14:00; sun 10:00-12:00"]',
      [
        { days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1080 },
        { days: [6], fromMinute: 600, toMinute: 840 },
        { days: [7], fromMinute: 600, toMinute: 720 },
      ],
    ],
  ])('read the hours %s', (text, hours) => expect(calendar(text)?.hours).toEqual(hours));

  it('know dates, countries and their regions as holidays', () => {
    expect(calendar('"mon 09:00-10:00"', '[2026-12-24, 2026-12-24]')?.holidays).toEqual(['2026-12-24']);
    const bavaria = calendar('"mon 09:00-10:00"', '[DE-BY, 2026-12-24]')?.holidays;
    expect(bavaria).toContain('2026-01-06');
    expect(bavaria).toContain('2026-12-24');
    expect(calendar('"mon 09:00-10:00"', 'DE')?.holidays).not.toContain('2026-01-06');
  });
});
