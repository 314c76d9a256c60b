// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of countersign.yaml are what is tested here
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, parseConfig } from '../../../src/bot/config/index.ts';
import { env, gateProblems, now, problems, somebody } from './given.ts';

describe('a file that is not good YAML', () => {
  it.each([
    ['people: 1\npeople: 2', ['2:1 this key is there twice']],
    ['people: {}\n---\ngates: {}', ['2:1 holds more than one document']],
    ['people: !!set {ana}', ['1:1 people: tags are not supported here']],
    ['people: !custom {}', ['1:9 tags are not supported here']],
    ['people: &all {}', ['1:1 people: anchors and aliases are not supported here']],
    ['%YAML 1.1\n---\npeople: {}', ['1:1 must be YAML 1.2']],
    ['people: {constructor: {}}', ['1:10 people.constructor: is not a usable key']],
    ['__proto__: {}', ['1:1 __proto__: is not a usable key']],
    ['? [a]\n: 1', ['1:1 keys must be plain text']],
    ['[]', ['1:1 must be a mapping']],
    ['people: [ana]', ['1:1 people: must be a mapping']],
  ])('%j says so', (text, lines) => expect(problems(text)).toEqual(lines));

  it('is not unfolded into something big', () => {
    const bomb = `a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n`;
    expect(problems(bomb).every((line) => line.endsWith('anchors and aliases are not supported here'))).toBe(true);
    expect(problems(`people: ${'['.repeat(100_000)}`).length).toBeGreaterThan(0);
    expect(problems(`#${'x'.repeat(1024 * 1024)}`)).toEqual(['1:1 is longer than 1048576 characters']);
  });

  it('that is not there is named', () => {
    expect(() => loadConfig('/nowhere/countersign.yaml', {}, now)).toThrow(
      '/nowhere/countersign.yaml cannot be read (ENOENT)',
    );
  });
});

describe('keys and kinds', () => {
  it.each([
    ['peopl: {}', ['1:1 peopl: unknown key, did you mean "people"?']],
    ['people: { ana: { emial: x } }', ['1:18 people.ana.emial: unknown key, did you mean "email"?']],
    ['people: { ana: { name: 3 } }', ['1:18 people.ana.name: must be text']],
    ['people: { ana: }', ['1:11 people.ana: is required']],
    [
      'people: { "ana silva": {} }',
      [
        '1:11 people.ana silva: must be a name: letters, digits, ".", "_" and "-", at most 64, beginning with a letter or digit',
      ],
    ],
    [
      'groups: { a: { slackUsergrup: S1 } }',
      ['1:16 groups.a.slackUsergrup: unknown key, did you mean "slackUsergroup"?'],
    ],
    ['groups: { a: x }', ['1:11 groups.a: must be a list of names, or a source such as { slackUsergroup: S… }']],
    ['groups: { a: [] }', ['1:11 groups.a: must name somebody']],
    ['groups: { a: {} }', ['1:11 groups.a: must name exactly one source: slackUsergroup, teamsTeam, http or file']],
    ['pipelines: { ci: {} }', ['1:14 pipelines.ci.token: is required', '1:14 pipelines.ci.gates: is required']],
    [
      'defaults: { timeout: soon }',
      [
        '1:13 defaults.timeout: must be a duration like "90s", "30m", "24h", "7d" or "PT24H", at most ten years, or "never"',
      ],
    ],
    ['defaults: { notify: [x] }', ['1:22 defaults.notify[0]: "x" is not a channel']],
  ])('%s', (text, lines) => expect(problems(text)).toEqual(lines));
});

describe('people, groups and channels', () => {
  it.each([
    [
      'people: { ana: { manager: mio }, mia: {} }',
      ['1:18 people.ana.manager: "mio" is not a person, did you mean "mia"?'],
    ],
    ['people: { ana: { manager: ana } }', ['1:18 people.ana.manager: nobody is their own manager']],
    [
      'people: { ana: { email: "a@x.example, b@x.example" } }',
      ['1:18 people.ana.email: must be one ASCII email address'],
    ],
    ['people: { ana: { email: Ä@x.example } }', ['1:18 people.ana.email: must be one ASCII email address']],
    [
      'people: { ana: { email: a@x.example }, ben: { email: A@X.example } }',
      ['1:47 people.ben.email: is the same as that of ana; two people cannot share it'],
    ],
    [
      'people: { ana: { slack: "@ana" } }',
      ['1:18 people.ana.slack: must be a member id like U0123ABCD or T0TEAM/U0123ABCD'],
    ],
    [
      'people: { ana: { timezone: Mars/Olympus } }',
      ['1:18 people.ana.timezone: "Mars/Olympus" is not an IANA time zone'],
    ],
    [
      'people: { ana: { away: { from: 2026-02-30, to: 2026-03-01 } } }',
      ['1:26 people.ana.away.from: must be a date (2026-12-20) or a time (2026-12-20T08:00:00Z)'],
    ],
    [
      'people: { ana: { away: [{ from: 2026-03-02, to: 2026-03-01 }] } }',
      ['1:45 people.ana.away[0].to: must be after "from"'],
    ],
    [
      'people: { ana: { away: { from: 2026-03-01, to: 2026-03-02, delegate: ben } } }',
      ['1:60 people.ana.away.delegate: "ben" is not a person'],
    ],
    [
      'people: { ana: {} }\ngroups: { ana: [ana] }',
      ['2:11 groups.ana: "ana" is a person as well; people and groups share their names'],
    ],
    ['groups: { a: [b], b: [a] }', ['1:11 groups.a: "a" contains itself', '1:19 groups.b: "b" contains itself']],
    [
      'people: { ana: {} }\ngroups: { a: [anna] }',
      ['2:15 groups.a[0]: "anna" is neither a person nor a group, did you mean "ana"?'],
    ],
    ['channels: { a: {} }', ['1:13 channels.a: must name exactly one of slack, teams and email']],
    [
      'channels: { a: { slack: "#releases" } }',
      ['1:18 channels.a.slack: must be a channel’s id like C0123ABCD or T0TEAM/C0123ABCD, not its name'],
    ],
    ['people: { ana: {} }\nchannels: { a: { email: nobody } }', []],
    ['channels: { a: { email: "a b@c.example" } }', ['1:18 channels.a.email: must be one ASCII email address']],
    [
      'calendars: { a: { timezone: UTC, hours: "mon-fri 9-18" } }',
      ['1:34 calendars.a.hours: "mon-fri 9-18" must look like "mon-fri 09:00-18:00" or "sat,sun 10:00-14:00"'],
    ],
    [
      'calendars: { a: { timezone: X/Y, hours: "mon 09:00-10:00" } }',
      ['1:19 calendars.a.timezone: "X/Y" is not an IANA time zone'],
    ],
    [
      'calendars: { a: { timezone: UTC, hours: "mon 09:00-10:00", holidays: [XX] } }',
      [
        '1:71 calendars.a.holidays[0]: "XX" is neither a date (2026-12-24), an interval of dates (2026-12-20/2027-01-02) nor a country whose holidays are known (PT, DE-BY)',
      ],
    ],
  ])('%s', (text, lines) => {
    // An address without a domain's dot is an address still; only its form is checked.
    expect(problems(text.replace('nobody', 'nobody@host'))).toEqual(lines);
  });
});

describe('a file with nothing in it', () => {
  it.each(['', '\n', '# soon\n', 'people:\ngates:\n', 'people: {}\ndefaults: { timeout: 1h }\n'])(
    'is taken for one that is being written: %j',
    (text) => expect(problems(text)).toEqual([expect.stringContaining('names no people, no pipelines and no gates')]),
  );
});

describe('pipelines', () => {
  const pipeline = (settings: string) => problems(`pipelines: { ci: { gates: ["*"], ${settings} } }`);
  it.each([
    [
      'token: short',
      ['1:34 pipelines.ci.token: must have at least 16 characters; make one with: openssl rand -hex 24'],
    ],
    ['token: "a token with some spaces"', ['1:34 pipelines.ci.token: must be at most 512 visible ASCII characters']],
    ['token: ${MISSING}', ['1:34 pipelines.ci.token: the environment variable MISSING is not set']],
    [
      'token: ${CI_TOKEN}, callbackSecret: whsec_aaaa',
      ['1:54 pipelines.ci.callbackSecret: must be "whsec_" and the base64 of 24 to 64 random bytes'],
    ],
    [
      'token: ${CI_TOKEN}, callbacks: ["https://*/x"]',
      [
        '1:66 pipelines.ci.callbacks[0]: must look like "https://ci.example.com/*"; only the path and the first part of the host may hold "*"',
      ],
    ],
    [
      `token: \${CI_TOKEN}, callbackSecret: [${Array(5).fill('x').join(', ')}]`,
      ['1:54 pipelines.ci.callbackSecret: must be text, or a list of 1 to 4 texts'],
    ],
    [
      'token: ${CI_TOKEN}, may: [delegate]',
      ['1:60 pipelines.ci.may[0]: must be vote, bypass, reassign, pause or stats'],
    ],
    [
      'token: ${CI_TOKEN}, may: [votes]',
      ['1:60 pipelines.ci.may[0]: must be vote, bypass, reassign, pause or stats; did you mean "vote"?'],
    ],
  ])('%s', (settings, lines) => expect(pipeline(settings)).toEqual(lines));

  it('must not share a token, nor name gates that are not there', () => {
    expect(
      problems(
        'pipelines:\n  a: { token: "${CI_TOKEN}", gates: [adhok] }\n  b: { token: ["${CI_TOKEN}"], gates: [adhoc] }',
      ),
    ).toEqual([
      '2:38 pipelines.a.gates[0]: no gate is called "adhok", did you mean "adhoc"?',
      '3:16 pipelines.b.token[0]: is a token of a already; each pipeline needs its own',
    ]);
  });

  it('must not live on the defaults of the config in production', () => {
    const text = 'pipelines: { ci: { gates: ["*"], token: "${TOKEN:-a-token-for-trying-out}" } }';
    expect(problems(text, {})).toEqual([]);
    expect(problems(text, { NODE_ENV: 'production' })).toEqual([
      '1:34 pipelines.ci.token: comes from a default in the config, which is refused in production; set its environment variable',
    ]);
    expect(problems(text, { NODE_ENV: 'production', TOKEN: 'a-token-for-real-work' })).toEqual([]);
  });

  it('never have their secrets in a message', () => {
    const secrets = { A: 'hunter2', B: 'whsec_hunter2' };
    const lines = problems('pipelines: { ci: { gates: ["*"], token: "${A}", callbackSecret: "${B}" } }', secrets);
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain('hunter2');
  });
});

describe('a gate', () => {
  it.each([
    ['{}', ['deploy: needs "approvers" or "stages", or must let requests bring them ("overrides")']],
    ['{ approvers: [] }', ['deploy.approvers: must name somebody']],
    ['{ approvers: ana }', ['deploy.approvers: must be a list']],
    ['{ approvers: [anna] }', ['deploy.approvers[0]: "anna" is neither a person nor a group, did you mean "ana"?']],
    [
      '{ approvers: ["manager-of:anna"] }',
      [
        'deploy.approvers[0]: "manager-of:anna": "anna" is neither "requester", "approvers", a person nor a group, did you mean "ana"?',
      ],
    ],
    ['{ approvers: ["manager-of:approvers"] }', ['deploy.approvers[0]: has a meaning in "escalate" only']],
    [
      '{ approvers: ["email:who@acme.dev"] }',
      ['deploy.approvers: resolves to nobody', 'deploy.approvers[0]: nobody under people is email:who@acme.dev'],
    ],
    [
      '{ approvers: ["jira:ana"] }',
      ['deploy.approvers[0]: "jira:ana" is not a reference; write a name, manager-of:…, email:…, slack:… or teams:…'],
    ],
    [
      '{ approvers: [ana], quorum: lots }',
      ['deploy.quorum: must be a number, "all", "majority" or a percentage like "60%"'],
    ],
    ['{ approvers: [ana], quorum: 0 }', ['deploy.quorum: must be at least 1']],
    [
      '{ approvers: [ana], quorum: 1.5 }',
      ['deploy.quorum: must be a number, "all", "majority" or a percentage like "60%"'],
    ],
    ['{ approvers: [ana], quorum: 200% }', ['deploy.quorum: must be a percentage from 1% to 100%']],
    ['{ approvers: [managers, ana], quorum: 3 }', ['deploy.quorum: asks for 3 approvals of 2 people']],
    ['{ approvers: [ana], quorum: 2 }', ['deploy.quorum: asks for 2 approvals of 1 person']],
    ['{ approvers: [oncall], quorum: 5 }', []],
    [
      '{ approvers: [ana], stages: [{ approvers: [ben] }] }',
      ['deploy.approvers: cannot stand beside "stages"; write it into a stage'],
    ],
    ['{ stages: [{ name: a }] }', ['deploy.stages[0]: needs "approvers" or "rules"']],
    [
      '{ stages: [{ name: a, approvers: [ana] }, { name: a, approvers: [ben] }] }',
      ['deploy.stages[1].name: "a" is there twice'],
    ],
    [
      '{ stages: [{ quorum: 1, rules: [{ approvers: [ana] }] }] }',
      ['deploy.stages[0].quorum: cannot stand beside "rules"; write it into a rule'],
    ],
    [
      '{ stages: [{ rules: [{ approvers: [ana] }, { approvers: [ana] }] }] }',
      ['deploy.stages[0]: its rules together ask for more different people than they name; see "distinct"'],
    ],
    ['{ distinct: off, stages: [{ rules: [{ approvers: [ana] }, { approvers: [ana] }] }] }', []],
    ['{ stages: [{ approvers: [ana], when: contxt.a }] }', ['deploy.stages[0].when: unknown name "contxt"']],
    [
      '{ approvers: [ana], autoApproveIf: outcome.a }',
      ['deploy.autoApproveIf: unknown name "outcome"; here there are context, request'],
    ],
    ['{ approvers: [ana], autoApproveIf: true }', ['deploy.autoApproveIf: must be text']],
    ['{ approvers: [ana], title: "a ${context.}" }', ['deploy.title: ${context.}: Expected IDENTIFIER, got EOF']],
    [
      '{ approvers: [ana], notify: [release] }',
      ['deploy.notify[0]: "release" is not a channel, did you mean "releases"?'],
    ],
    [
      '{ approvers: [ana], assurance: high }',
      ['deploy.assurance: "high" asks for a fresh sign-in through OIDC, which is not available yet'],
    ],
    [
      '{ approvers: [ana], freeze: { calendar: ofice } }',
      ['deploy.freeze.calendar: "ofice" is not a calendar, did you mean "office"?'],
    ],
    [
      '{ approvers: [ana], timeout: 0 }',
      ['deploy.timeout: must be a duration like "90s", "30m", "24h", "7d" or "PT24H", at most ten years, or "never"'],
    ],
    [
      '{ approvers: [ana], onTimeout: approved }',
      ['deploy.onTimeout: "approved" is not an option of this gate, did you mean "approve"?'],
    ],
    [
      '{ approvers: [ana], requireReason: [bypas] }',
      ['deploy.requireReason[0]: "bypas" is not an option of this gate, did you mean "bypass"?'],
    ],
    [
      '{ approvers: [ana], remind: { after: 24h } }',
      ['deploy.remind.after: comes after the timeout has ended the request'],
    ],
    [
      '{ approvers: [ana], remind: { after: 1h, max: 3 } }',
      ['deploy.remind.max: needs "every": without it there is one reminder'],
    ],
    [
      '{ approvers: [ana], timeout: 1h, escalate: [{ after: 2h, to: [mia] }] }',
      ['deploy.escalate[0].after: comes after the timeout has ended the request'],
    ],
    [
      '{ approvers: [ana], escalate: [{ after: 2h, to: [maya] }] }',
      ['deploy.escalate[0].to[0]: "maya" is neither a person nor a group'],
    ],
    ['{ approvers: [ana], sla: { target: 4h, warnAt: 5h } }', ['deploy.sla.warnAt: must come before the target']],
    [
      '{ approvers: [ana], sla: { target: 4h, warnAt: 100% } }',
      ['deploy.sla.warnAt: must be a share of the target like "75%", or a duration'],
    ],
    ['{ approvers: [ana], bypass: { by: [] } }', ['deploy.bypass.by: must name somebody']],
    [
      '{ approvers: [ana], overrides: [timeouts] }',
      [
        'deploy.overrides[0]: must be approvers, quorum, stages, timeout, onTimeout, form, options or notify; did you mean "timeout"?',
      ],
    ],
    [
      '{ approvers: [ana], retention: forever }',
      ['deploy.retention: must be a duration like "90s", "30m", "24h", "7d" or "PT24H", at most ten years'],
    ],
  ])('%s', (gate, lines) => expect(gateProblems(gate)).toEqual(lines));

  const option = (id: string, outcome: string) => `{ id: ${id}, label: L, outcome: ${outcome} }`;
  it.each([
    [`[${option('yes', 'approved')}]`, ['options: must offer at least one option to approve and one to reject']],
    [
      `[${option('yes', 'approved')}, ${option('also', 'approved')}]`,
      ['options: must offer an option whose outcome is rejected'],
    ],
    [`[${option('a', 'approved')}, ${option('a', 'rejected')}]`, ['options[1].id: "a" is there twice']],
    [
      `[${option('reject', 'approved')}, ${option('no', 'rejected')}]`,
      ['options[0].outcome: must be rejected for an option called "reject"'],
    ],
    [`[${option('yes', 'maybe')}, ${option('no', 'rejected')}]`, ['options[0].outcome: must be approved or rejected']],
  ])('with the options %s', (options, lines) =>
    expect(gateProblems(`{ approvers: [ana], options: ${options} }`)).toEqual(lines.map((line) => `deploy.${line}`)),
  );

  it.each([
    [
      '{ id: a, type: selct }',
      ['type: must be text, email, url, number, select, multiselect, date or checkbox; did you mean "select"?'],
    ],
    ['{ id: a, type: select }', ['options: is required for a select field']],
    ['{ id: a, type: select, options: [x, x] }', ['options[1]: "x" is there twice']],
    ['{ id: a, type: number, min: 3, max: 2 }', ['max: must be at least the "min" of 3']],
    ['{ id: a, type: text, min: 3 }', ['min: is not a setting of a text field; it belongs to number']],
    ['{ id: a, type: text, pattern: "(" }', ['pattern: "(" is not a valid RE2 pattern']],
    ['{ id: a, type: text, pattern: "(?<!x)y" }', ['pattern: "(?<!x)y" is not a valid RE2 pattern']],
    [
      '{ id: a, type: text, when: outcome.x }',
      ['when: unknown name "outcome"; here there are context, request, option'],
    ],
  ])('with the field %s', (field, lines) =>
    expect(gateProblems(`{ approvers: [ana], form: [${field}] }`)).toEqual(
      lines.map((line) => `deploy.form[0].${line}`),
    ),
  );

  it.each([
    [
      '{ action: http, url: "https://${context.host}/x" }',
      'url: must begin with "https://" and a host that is written out',
    ],
    [
      '{ action: http, url: "https://ci.example${context.x}" }',
      'url: must have a "/" between the host and what is filled in',
    ],
    [
      '{ action: http, url: "https://user@ci.example/" }',
      'url: must begin with "https://" and a host that is written out',
    ],
    ['{ action: http, url: "ftp://ci.example/" }', 'url: must begin with "https://" and a host that is written out'],
    [
      '{ action: http, url: "https://ci.example/${option}" }',
      'url: ${option}: unknown name "option"; here there are context, request, outcome',
    ],
    ['{ action: http, url: "https://ci.example/", body: { a: ["${x}"] } }', 'body.a[0]: ${x}: unknown name "x"'],
    [
      '{ action: http, url: "https://ci.example/", headers: { Host: x } }',
      'headers.Host: is not a header that may be set',
    ],
    ['{ action: mail, url: "https://ci.example/" }', 'action: must be http'],
  ])('with the action %s', (action, line) =>
    expect(gateProblems(`{ approvers: [ana], onRejected: [${action}] }`)).toEqual([`deploy.onRejected[0].${line}`]),
  );
});

describe('problems', () => {
  it('do not stand in the way of finding the others', () => {
    const text =
      'calendars: { c: { timezone: "E\\0urope/Lisbon", hours: "mon 09:00-10:00" } }\ngates: { g: { approvers: [x], freeze: { calendar: c } } }';
    expect(problems(text)).toEqual([
      '1:19 calendars.c.timezone: "E\\u{0}urope/Lisbon" is not an IANA time zone',
      '2:27 gates.g.approvers[0]: "x" is neither a person nor a group',
    ]);
  });

  it('are all found at once, from the top of the file to its end', () => {
    const text = `${somebody}gates:\n  b: { approvers: [x] }\n  a: { approvers: [ana], onTimeout: maybe, notify: [y] }\n`;
    expect(problems(text)).toEqual([
      '14:20 gates.b.approvers[0]: "x" is neither a person nor a group',
      '15:26 gates.a.onTimeout: "maybe" is not an option of this gate',
      '15:53 gates.a.notify[0]: "y" is not a channel',
    ]);
  });

  it('are the only thing that is thrown, however the file is broken', () => {
    const whole = readFileSync(new URL('design.yaml', import.meta.url), 'utf8');
    const anywhere = fc.nat(whole.length);
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ' ',
      '\n',
      '"',
      '&a',
      '*a',
      '!!',
      '${',
      '-',
      '#',
      '|',
      'null',
      '.inf',
      '\u0000',
      '\ud800',
      '',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(anywhere, fc.nat(6), pieces), { minLength: 1, maxLength: 4 }), (edits) => {
        const broken = edits.reduce(
          (text, [at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length),
          whole,
        );
        try {
          parseConfig(broken, 'countersign.yaml', env, now);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are the only thing that is thrown, whatever values stand where', () => {
    const keys = ['people', 'groups', 'channels', 'pipelines', 'calendars', 'defaults', 'gates'];
    const shapes = fc.dictionary(
      fc.constantFrom(...keys),
      fc.dictionary(fc.constantFrom('a', 'deploy', 'timeout'), fc.jsonValue()),
    );
    fc.assert(
      fc.property(shapes, (shape) => {
        try {
          parseConfig(JSON.stringify(shape), 'countersign.yaml', env, now);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });
});
