/** What the config says of people, groups and where they come from, and what is wrong with it. */
import { describe, expect, it } from 'vitest';
import { secretsIn } from '../../../src/bot/secrets.ts';
import { load, problems } from './given.ts';

const people = `people:
  ana: { email: ana@acme.dev, manager: mia, timezone: Europe/Lisbon }
  ben: { email: ben@acme.dev }
  mia: {}
`;
/** Without the place in the file. */
const wrong = (text: string, env: Readonly<Record<string, string>> = {}) =>
  problems(text, env).map((line) => line.replace(/^\d+:\d+ /, ''));
const ofPerson = (settings: string) => wrong(`people: { ben: {}, ana: { ${settings} } }`);
const ofGate = (settings: string) =>
  wrong(`${people}groups: { g: ["manager-of:approvers"] }\ngates: { d: { approvers: [ana], ${settings} } }`);

describe('a person', () => {
  it('has quiet hours in their own time zone', () => {
    const { directory } = load('people: { ana: { timezone: Europe/Lisbon, quietHours: "mon-sun 22:00-07:00" } }');
    expect(directory.people.get('ana')?.quietHours).toEqual([
      { days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 22 * 60, toMinute: 7 * 60 },
    ]);
  });

  it.each([
    ['quietHours: "daily 22:00-07:00"', ['people.ana.quietHours: needs "timezone": whose night is it?']],
    [
      'timezone: UTC, quietHours: nights',
      [
        'people.ana.quietHours: "nights" must look like "mon-fri 09:00-18:00" or "sat,sun 10:00-14:00"',
        'people.ana.quietHours: must name some hours, like "daily 22:00-07:00"',
      ],
    ],
    [
      'timezone: Mars/Base, quietHours: "daily 22:00-07:00"',
      ['people.ana.timezone: "Mars/Base" is not an IANA time zone'],
    ],
    ['delegate: ana', ['people.ana.delegate: nobody stands in for themselves']],
    ['delegate: bem', ['people.ana.delegate: "bem" is not a person, did you mean "ben"?']],
  ])('with %s is refused', (settings, lines) => expect(ofPerson(settings)).toEqual(lines));

  it('may name somebody who stands in whenever they are away', () => {
    const { directory } = load('people: { ana: { delegate: ben }, ben: {} }');
    expect(directory.people.get('ana')?.delegate).toBe('ben');
    expect(Object.keys(directory.people.get('ben') ?? {})).not.toContain('delegate');
  });

  it('may have a calendar, whose address is a secret and is never in a problem', () => {
    const config = load('people: { ana: { calendar: "https://cal.acme.dev/k3y/ana.ics" } }');
    expect(config.absenceCalendars).toEqual(new Map([['ana', 'https://cal.acme.dev/k3y/ana.ics']]));
    expect(secretsIn(config)).toContain('https://cal.acme.dev/k3y/ana.ics');
    for (const address of [
      'http://cal.acme.dev/k3y',
      'webcal://cal.acme.dev/k3y',
      'k3y',
      'https://u:k3y@cal.acme.dev/',
    ]) {
      const [line = ''] = ofPerson(`calendar: "${address}"`);
      expect(line).toMatch(/^people.ana.calendar: must/);
      expect(line).not.toContain('k3y');
    }
  });

  it('may have a calendar on plain http only where CALLBACK_ALLOW names hosts', () => {
    expect(wrong('people: { ana: { calendar: "http://cal.local/a" } }', { CALLBACK_ALLOW: 'cal.local' })).toEqual([]);
  });
});

describe('managers', () => {
  it('who go round in a circle are told once, with the whole circle', () => {
    const circle =
      'people: { x: { manager: a }, a: { manager: b }, b: { manager: c }, c: { manager: a }, y: { manager: c } }';
    expect(wrong(circle)).toEqual(['people.a.manager: managers go round in a circle: a → b → c → a']);
  });

  it('are meant by relations to people and groups, up to ten levels', () => {
    const gate = (ref: string) => wrong(`${people}groups: { g: [ana] }\ngates: { d: { approvers: [ben, "${ref}"] } }`);
    for (const ref of ['manager-of:ana', 'manager-of(10):requester', 'manager-of:manager-of:g'])
      expect(gate(ref)).toEqual([]);
    for (const ref of ['manager-of(0):ana', 'manager-of(99):ana', 'manager-of(6):manager-of(5):ana'])
      expect(gate(ref)).toEqual([`gates.d.approvers[1]: "${ref}" must climb from 1 to 10 levels in all`]);
    for (const ref of ['manager-of', 'manager-of(x):ana', 'manager-off:ana'])
      expect(gate(ref)).toEqual([
        `gates.d.approvers[1]: "${ref}" must look like manager-of:requester, manager-of(2):requester or manager-of:NAME`,
      ]);
    expect(gate('manager-of:anna')).toEqual([
      'gates.d.approvers[1]: "manager-of:anna": "anna" is neither "requester", "approvers", a person nor a group, did you mean "ana"?',
    ]);
  });

  it('of approvers have a meaning only where somebody was asked already, be it inside a group', () => {
    expect(ofGate('escalate: [{ after: 1h, to: ["manager-of(2):approvers", g] }]')).toEqual([]);
    expect(wrong(`${people}gates: { d: { approvers: ["manager-of(2):approvers"] } }`)).toEqual([
      'gates.d.approvers[0]: has a meaning in "escalate" only',
    ]);
    expect(ofGate('bypass: { by: [g] }')).toEqual([
      'gates.d.bypass.by[0]: "g" holds "manager-of:approvers", which has a meaning in "escalate" only',
    ]);
  });

  it('that are missing can be somebody else: people or groups, and no relation again', () => {
    const { directory } = load(`${people}groups: { board: [mia] }\ndirectory: { noManager: [board, ben] }`);
    expect(directory.noManager).toEqual(['board', 'ben']);
    expect(load(people).directory).not.toHaveProperty('noManager');
    const odd = wrong(
      `${people}groups: { g: ["manager-of:requester"] }\ndirectory: { noManager: [who, "manager-of:ana", g] }`,
    );
    expect(odd).toEqual([
      'directory.noManager[0]: "who" is neither a person nor a group',
      'directory.noManager[1]: "manager-of:ana" is a relation; name people or groups',
      'directory.noManager[2]: "g" holds "manager-of:requester", a relation; name people or groups',
    ]);
  });

  it('make a group go round where it is made of its own managers', () => {
    expect(wrong(`${people}groups: { g: [ana, "manager-of:h"], h: [g] }`)).toEqual([
      'groups.g: "g" contains itself',
      'groups.h: "h" contains itself',
    ]);
  });

  it('of one person are counted when the config is read', () => {
    expect(wrong(`${people}gates: { d: { approvers: ["manager-of:ana"], quorum: 2 } }`)).toEqual([
      'gates.d.quorum: asks for 2 approvals of 1 person',
    ]);
    expect(wrong(`${people}gates: { d: { approvers: ["manager-of:mia"] } }`)).toEqual([
      'gates.d.approvers: resolves to nobody',
    ]);
  });
});

describe('delegates', () => {
  const away = (from: string, to: string, delegate?: string) =>
    `away: { from: 2026-${from}, to: 2026-${to}${delegate === undefined ? '' : `, delegate: ${delegate}`} }`;

  it('who stand in for each other at the same time are refused', () => {
    expect(wrong(`people: { a: { ${away('02-01', '02-20', 'b')} }, b: { ${away('02-10', '02-12', 'a')} } }`)).toEqual([
      'people.a.away[0]: on 2026-02-10 everybody who is to stand in is away: a → b → a',
      'people.b.away[0]: on 2026-02-10 everybody who is to stand in is away: b → a → b',
    ]);
    expect(wrong(`people: { a: { ${away('02-01', '02-09', 'b')} }, b: { ${away('02-10', '02-12', 'a')} } }`)).toEqual(
      [],
    );
    expect(
      wrong(`people: { a: { delegate: b, ${away('02-01', '02-09')} }, b: { delegate: a, ${away('02-09', '02-12')} } }`),
    ).toHaveLength(2);
  });

  it('who are away with nobody further may be meant so: it is said and no more', () => {
    const { warnings } = load(
      `people: { a: { ${away('02-01', '02-20', 'b')} }, b: { ${away('02-10', '02-12')} } }\npipelines: {}`,
    );
    expect(warnings).toContain(
      'people.a.away: on 2026-02-10 b, who is to stand in, is away as well and names nobody; a is asked all the same',
    );
    const chain = load(
      `people: { a: { ${away('02-01', '02-20', 'b')} }, b: { ${away('02-10', '02-12', 'c')} }, c: {} }`,
    );
    expect(chain.warnings.join()).not.toContain('stand in');
  });

  it('of absences that are over are nobody’s trouble any more', () => {
    const past =
      'people: { a: { away: { from: 2025-02-01, to: 2025-02-20, delegate: b } }, b: { away: { from: 2025-02-01, to: 2025-02-20, delegate: a } } }';
    expect(wrong(past)).toEqual([]);
  });
});

describe('a group from an HTTP directory', () => {
  const group = (http: string, env: Readonly<Record<string, string>> = { KEY: 'k3y-0123456789' }) =>
    wrong(`groups: { g: { http: { ${http} } } }\npeople: { ana: {} }`, env);
  const url = 'url: https://directory.acme.dev/g';

  it('is asked every five minutes, and its last answer stands in for ten more, unless it says otherwise', () => {
    const text = `people: { ana: {} }\ngroups: { a: { http: { ${url} } }, b: { http: { ${url}, cache: 1m, staleFor: 2h, members: "body.all", headers: { X-Key: k } } } }`;
    const { sources, directory } = load(text);
    expect(sources.get('a')).toEqual({
      platform: 'http',
      url: 'https://directory.acme.dev/g',
      headers: {},
      members: null,
      cacheMs: 300_000,
      staleMs: 600_000,
    });
    expect(sources.get('b')).toMatchObject({
      cacheMs: 60_000,
      staleMs: 7_200_000,
      members: 'body.all',
      headers: { 'x-key': 'k' },
    });
    expect(directory.groups.get('a')).toBe('unavailable');
  });

  it.each([
    [
      'url: http://directory.acme.dev/',
      ['groups.g.http.url: must begin with https://; plain http is for hosts that CALLBACK_ALLOW names'],
    ],
    [
      'url: directory',
      ['groups.g.http.url: must be an address that begins with https://, at most 2000 visible ASCII characters'],
    ],
    [`${url}, cache: 5s`, ['groups.g.http.cache: must be from 10 seconds to 24 hours']],
    [`${url}, cache: 2d`, ['groups.g.http.cache: must be from 10 seconds to 24 hours']],
    [`${url}, staleFor: 25h`, ['groups.g.http.staleFor: must be at most 24 hours']],
    [`${url}, members: "context.x"`, ['groups.g.http.members: unknown name "context"; here there are body']],
    [`${url}, members: "body.("`, [expect.stringMatching(/^groups.g.http.members: /)]],
    [`${url}, headers: { Host: x }`, ['groups.g.http.headers.Host: is set by HTTP itself']],
    [`${url}, headers: { "a b": x }`, ['groups.g.http.headers.a b: is not the name of a header']],
    [
      `${url}, headers: { A: "\${KEY}\\n" }`,
      ['groups.g.http.headers.A: must be visible ASCII characters, without a space at its ends'],
    ],
  ])('with %s is refused', (http, lines) => expect(group(http)).toEqual(lines));

  it('has headers that are secrets: the log never shows them, nor their parts', () => {
    const text = `people: { ana: {} }\ngroups: { g: { http: { url: "https://d.acme.dev/?key=\${KEY}", headers: { Authorization: "Token token=\${KEY}-2", Accept: application/vnd.pagerduty+json } } } }`;
    const secrets = secretsIn(load(text, { KEY: 'k3y-0123456789' }));
    expect(secrets).toEqual(['Token token=k3y-0123456789-2', 'k3y-0123456789-2', 'k3y-0123456789']);
  });
});
