/** test/bot/gate-tests/expectations.test.ts: what a test can say, and what it is told when that is not so. */
import { describe, expect, it } from 'vitest';
import { CONFIG, tried, triedOne } from './tried.ts';

const differences = (test: string, config?: string) =>
  triedOne(test, config).mismatches.map(({ what, expected, got }) => ({ what, expected, got }));

describe('the outcome', () => {
  it('is as expected, or said beside what was', () => {
    const { mismatches, passed } = triedOne(`
when: [{ after: 10m, person: ana, vote: approve }]
then: { status: rejected, at: +20m, cause: timeout, option: reject, by: [ben] }`);
    expect(passed).toBe(false);
    expect(mismatches.map(({ what, expected, got }) => [what, expected, got])).toEqual([
      ['status', ['rejected'], ['approved']],
      ['at', ['+20m (Mon 2 Mar 2026 09:20 UTC)'], ['+10m (Mon 2 Mar 2026 09:10 UTC)']],
      ['cause', ['timeout'], ['votes']],
      ['option', ['reject'], ['approve']],
      ['by', ['Ben Okoye (ben)'], ['Ana Silva (ana)']],
    ]);
  });

  it('of a request that is still pending is none', () => {
    expect(differences('then: { at: +1h, cause: votes, by: [ana], reason: why }')).toEqual([
      { what: 'at', expected: ['+1h (Mon 2 Mar 2026 10:00 UTC)'], got: ['still pending'] },
      { what: 'cause', expected: ['votes'], got: ['none'] },
      { what: 'reason', expected: ['why'], got: ['none'] },
      { what: 'by', expected: ['Ana Silva (ana)'], got: ['nobody'] },
    ]);
  });

  it('that comes later is hinted at, with what to write', () => {
    const [mismatch] = triedOne('when: [{ after: 3h }]\nthen: { status: rejected }').mismatches;
    expect(mismatch?.hint).toBe(
      'The clock stands at +3h, and what comes next by itself is due at +4h (Mon 2 Mar 2026 13:00 UTC); let time pass with { after: 4h }.',
    );
    expect(triedOne('when: [{ after: 4h }]\nthen: { status: rejected }').passed).toBe(true);
  });

  it('is not checked where a test says nothing of it', () => {
    expect(triedOne('when: [{ after: 4h }]\nthen: { asked: [ana, ben, mia] }').passed).toBe(true);
  });

  it('has the inputs and the title', () => {
    expect(
      differences('given: { context: { version: 1 } }\nthen: { title: Deploy 2, inputs: { window: now } }'),
    ).toEqual([
      { what: 'title', expected: ['Deploy 2'], got: ['Deploy 1'] },
      { what: 'inputs', expected: ['window: "now"'], got: ['none'] },
    ]);
  });
});

describe('who was asked', () => {
  it('is compared by name, missing and extra people apart', () => {
    expect(differences('given: { requester: ana }\nthen: { asked: [ana, ben] }')).toEqual([
      { what: 'asked', expected: ['Ana Silva (ana)', 'Ben Okoye (ben)'], got: ['Ben Okoye (ben)'] },
    ]);
    expect(differences('then: { asked: [], notAsked: [ben, cy], waitingFor: [cy] }')).toEqual([
      { what: 'asked', expected: ['nobody'], got: ['Ana Silva (ana)', 'Ben Okoye (ben)'] },
      { what: 'notAsked', expected: ['not Ben Okoye (ben)'], got: ['Ben Okoye (ben) was asked'] },
      { what: 'waitingFor', expected: ['Cy Tan (cy)'], got: ['Ana Silva (ana)', 'Ben Okoye (ben)'] },
    ]);
  });

  it('is the same in whatever order it is written', () => {
    expect(triedOne('then: { asked: [ben, ana, ben] }').passed).toBe(true);
  });

  it('includes whoever came later, and stage by stage whoever came there', () => {
    const stages = `${CONFIG}
  staged:
    stages: [{ name: first, approvers: [ana] }, { name: second, approvers: [ben] }, { name: third, approvers: [cy] }]
`;
    const test = `
gate: staged
when: [{ after: 1m, person: ana, vote: approve }]
then: { asked: { first: [ana], second: [cy], third: [] }, stages: { first: passed, second: passed }, skipped: [third] }`;
    expect(differences(test, stages)).toEqual([
      { what: 'asked in “second”', expected: ['Cy Tan (cy)'], got: ['Ben Okoye (ben)'] },
      { what: 'skipped', expected: ['third'], got: ['none'] },
      { what: 'stage “second”', expected: ['passed'], got: ['open'] },
    ]);
    expect(
      triedOne('when: [{ after: 150m }]\nthen: { asked: [ana, ben, mia], waitingFor: [ana, ben, mia] }').passed,
    ).toBe(true);
  });

  it('is as the absences of the test have it, laid over the config', () => {
    const away = 'people: { ana: { away: { from: 2026-03-01, to: 2026-03-04, delegate: cy } } }';
    expect(triedOne(`given: { ${away} }\nthen: { asked: [cy, ben] }`).passed).toBe(true);
    expect(triedOne(`at: 2026-03-06T09:00:00Z\ngiven: { ${away} }\nthen: { asked: [ana, ben] }`).passed).toBe(true);
  });

  it('follows at once when somebody goes away or comes back', () => {
    const { mismatches } = triedOne(`
given: { people: { ana: { away: { from: 2026-03-02T10:00:00Z, to: 2026-03-02T11:00:00Z, delegate: cy } } } }
when:
  - { at: 2026-03-02T09:59:59Z, then: { waitingFor: [ana, ben] } }
  - { at: 2026-03-02T10:00:00Z, then: { waitingFor: [cy, ben] } }
  - { at: 2026-03-02T11:00:00Z, then: { waitingFor: [ana, ben] } }
  - { at: 2026-03-02T11:10:00Z, person: cy, vote: approve, refused: not_an_approver }
then: { asked: [ana, ben, cy], told: [{ at: +1h, kind: request, to: [cy] }] }`);
    expect(mismatches).toEqual([]);
  });

  it('is as the groups of the test have it, those included that come from elsewhere', () => {
    expect(triedOne('gate: paged\ngiven: { groups: { oncall: [cy] } }\nthen: { asked: [cy] }').passed).toBe(true);
    expect(triedOne('gate: paged\nthen: { refused: directory_unavailable }').passed).toBe(true);
    expect(
      triedOne('given: { groups: { reviewers: unavailable } }\nthen: { refused: directory_unavailable }').passed,
    ).toBe(true);
    expect(triedOne('given: { groups: { reviewers: [] } }\nthen: { refused: no_approvers }').passed).toBe(true);
  });
});

describe('an opening', () => {
  it('that is refused ends the test, with the reason in words', () => {
    const { mismatches, story } = triedOne(
      'gate: paged\nwhen: [{ after: 1h }]\nthen: { status: pending, asked: [ana] }',
    );
    expect(mismatches).toMatchObject([
      { what: 'opening', expected: ['it opens'], got: ['it is refused: directory_unavailable'], line: 3 },
    ]);
    expect(mismatches[0]?.hint).toContain('The directory of approvers cannot be reached right now');
    expect(story.map(({ text }) => text)).toEqual([expect.stringContaining('the opening is refused')]);
  });

  it('that happens where none was expected, or for another reason, is said', () => {
    expect(differences('then: { refused: no_approvers }')).toEqual([
      { what: 'opening', expected: ['it is refused: no_approvers'], got: ['it opens'] },
    ]);
    expect(differences('gate: paged\nthen: { refused: no_approvers }')).toEqual([
      {
        what: 'opening',
        expected: ['it is refused: no_approvers'],
        got: ['it is refused: directory_unavailable'],
      },
    ]);
  });
});

describe('a step', () => {
  it('that is refused fails the test, unless the test says so', () => {
    const late = 'when: [{ after: 1h, person: cy, vote: approve REFUSED }]\nthen: { status: pending }';
    const [mismatch] = triedOne(late.replace(' REFUSED', '')).mismatches;
    expect(mismatch).toMatchObject({
      what: 'cy: vote approve',
      expected: ['it is accepted'],
      got: ['it is refused: not_an_approver'],
      hint: 'You are not among the people who decide this right now, so nothing was counted.',
    });
    expect(triedOne(late.replace(' REFUSED', ', refused: not_an_approver')).passed).toBe(true);
    expect(differences(late.replace('cy', 'ana').replace(' REFUSED', ', refused: own_request'))).toEqual([
      { what: 'ana: vote approve', expected: ['it is refused: own_request'], got: ['it is accepted'] },
      { what: 'status', expected: ['pending'], got: ['approved'] },
    ]);
  });

  it('may be followed by a look at how things are then, and not as they are later', () => {
    const { passed, mismatches } = triedOne(`
gate: both
when:
  - { after: 1h, person: ana, vote: approve, then: { status: pending, waitingFor: [ben], votes: { ana: approve } } }
  - { after: 1h, person: ben, vote: approve, then: { status: approved, at: +1h } }
  - { after: 2h, then: { status: pending } }`);
    expect(passed).toBe(false);
    expect(mismatches).toMatchObject([{ what: 'status', path: 'tests[0].when[2].then.status', line: 9 }]);
  });

  it('takes place when the one above did, where it says no time', () => {
    expect(
      triedOne(`
gate: both
when: [{ after: 5m, person: ana, vote: approve }, { person: ben, vote: approve }]
then: { status: approved, at: +5m }`).passed,
    ).toBe(true);
  });

  it('can be all that there is to do with a request', () => {
    const { passed, mismatches } = triedOne(`
given: { requester: cy, heartbeat: 3h }
when:
  - { after: 1m, person: ana, ask: Why now? }
  - { after: 2m, person: cy, answer: Because }
  - { after: 3m, person: cy, comment: It is urgent }
  - { after: 4m, person: ana, snooze: 2h }
  - { after: 5m, person: ben, delegate: zed, reason: On a train, then: { waitingFor: [ana, zed] } }
  - { after: 6m, person: mia, reassign: { from: ana, to: mia }, then: { waitingFor: [mia, zed] } }
  - { after: 10m, pause: An incident, then: { paused: true } }
  - { after: 11m, person: mia, vote: approve, refused: paused }
  - { after: 70m, resume: true, then: { paused: false, deadline: +5h } }
  - { after: 71m, heartbeat: true }
  - { after: 72m, person: mia, vote: reject }
  - { after: 73m, person: mia, bypass: Now, refused: already_closed }
then: { status: rejected, by: [mia] }`);
    expect(mismatches).toEqual([]);
    expect(passed).toBe(true);
    expect(
      triedOne('when: [{ after: 1m, cancel: Not needed }]\nthen: { status: cancelled, reason: Not needed }').passed,
    ).toBe(true);
    expect(triedOne('when: [{ after: 1m, supersede: true }]\nthen: { cause: superseded }').passed).toBe(true);
  });

  it('may ask those who are missing again, not too often', () => {
    const { mismatches } = triedOne(`
given: { requester: cy }
when:
  - { after: 10m, person: cy, nudge: true, then: { told: [{ at: +10m, kind: nudge, to: [ana, ben] }] } }
  - { after: 20m, person: cy, nudge: true, refused: nudged_lately }
  - { after: 26m, nudge: true }
then: { told: [{ kind: nudge, times: 2 }] }`);
    expect(mismatches).toEqual([]);
  });

  it('may be a pause of the house, in which the deadline stands or runs on', () => {
    const paused = (clocks: string) =>
      triedOne(`
when:
  - { after: 10m, pause: An incident, scope: everything${clocks} }
  - { after: 15m, resume: true, refused: paused_elsewhere }
  - { after: 70m, resume: true, scope: everything }
then: { deadline: +5h, paused: false, never: [{ kind: reminder }] }`);
    expect(paused('').mismatches).toEqual([]);
    expect(paused(', clocks: run').mismatches.map(({ got }) => got)).toEqual([['+4h (Mon 2 Mar 2026 13:00 UTC)']]);
  });

  it('may change who is who from then on', () => {
    const { mismatches } = triedOne(`
when:
  - { after: 1m, groups: { reviewers: [ben, cy] }, then: { waitingFor: [ben, cy] } }
  - { after: 2m, person: ana, vote: approve, refused: not_an_approver }
  - { after: 3m, gone: [cy], then: { waitingFor: [ben] } }
  - { after: 4m, people: { ben: { away: { from: 2026-03-01, to: 2026-03-09, delegate: mia } } }, then: { waitingFor: [mia] } }
  - { after: 5m, person: mia, vote: approve }
then: { status: approved, asked: [ana, ben, cy, mia] }`);
    expect(mismatches).toEqual([]);
  });
});

describe('who is told', () => {
  it('is compared with what was sent of the same kind', () => {
    expect(
      differences(`
when: [{ after: 10m }, { after: 1h }]
then: { told: [{ at: +1h, kind: reminder, to: [ana] }, { at: +0, kind: request, to: [releases, ana, ben] }] }`),
    ).toEqual([
      {
        what: 'told',
        expected: ['reminder to Ana Silva (ana) at +1h (Mon 2 Mar 2026 10:00 UTC)'],
        got: ['reminder to Ana Silva (ana), Ben Okoye (ben) at +1h (Mon 2 Mar 2026 10:00 UTC)'],
      },
    ]);
  });

  it('is counted, each message once', () => {
    const reminders = (told: string) => triedOne(`when: [{ after: 210m }]\nthen: { told: [${told}] }`).passed;
    expect(reminders('{ kind: reminder, times: 3 }, { kind: reminder }, { kind: reminder, at: +1h }')).toBe(true);
    expect(reminders('{ kind: reminder, times: 2 }')).toBe(false);
    expect(reminders('{ kind: escalation, times: 0 }')).toBe(false);
    expect(reminders('{ at: +1h }, { at: +1h }')).toBe(false);
  });

  it('is nobody whom the test forbids', () => {
    expect(
      differences('when: [{ after: 1h }]\nthen: { never: [{ kind: reminder, to: [cy, ben] }, { to: [cy] }] }'),
    ).toEqual([
      {
        what: 'never',
        expected: ['no reminder to Ben Okoye (ben), Cy Tan (cy)'],
        got: ['reminder to Ana Silva (ana), Ben Okoye (ben) at +1h (Mon 2 Mar 2026 10:00 UTC)'],
      },
    ]);
  });

  it('is not told what quiet hours keep back until the morning, nor what is of no use any more by then', () => {
    const quiet = (more: string) =>
      triedOne(
        `
at: 2026-03-02T21:30:00Z
given: { people: { ana: { timezone: UTC, quietHours: daily 22:00-07:00 } }, context: {} }
gate: slow
when: [${more}]
then: { told: [{ at: +1h, kind: reminder, to: [ben] }, { at: 2026-03-03T07:00:00Z, kind: reminder, to: [ana] }] }`,
        `${CONFIG}\n  slow: { approvers: [ana, ben], remind: { after: 1h }, timeout: 1d }`,
      );
    expect(quiet('{ after: 12h }').mismatches).toEqual([]);
    expect(quiet('{ after: 2h, person: ben, vote: approve }, { after: 12h }').mismatches).toHaveLength(1);
  });

  it('is shown as nothing where nothing is sent, with why', () => {
    const config = CONFIG.replace(', email: ana@example.com', '').replace('notify: [releases]', 'notify: []');
    expect(
      triedOne('given: { groups: { reviewers: [ana] } }\nthen: { told: [{ to: ana }] }', config).mismatches,
    ).toMatchObject([
      {
        expected: ['message to Ana Silva (ana)'],
        got: ['nothing was sent'],
        hint: 'Ana Silva (ana) has no Slack id, Teams id or address in the config, so nothing can be sent there.',
      },
    ]);
  });
});

describe('what is called', () => {
  const config = `${CONFIG}
  rollback:
    approvers: [ana]
    onRejected:
      - { action: http, url: "https://ci.example.com/\${context.run}", body: { by: "\${outcome.decidedBy[0]}", b: 1 } }
      - { action: http, url: "https://ci.example.com/\${context.nope}", method: DELETE }
`;
  const rejected = (calls: string) =>
    triedOne(
      `gate: rollback\ngiven: { context: { run: 7 } }\nwhen: [{ after: 1m, person: ana, vote: reject }]\nthen: { calls: ${calls} }`,
      config,
    );

  it('is compared whole: the calls and, where the test has them, their bodies', () => {
    const [mismatch] = rejected('[POST https://ci.example.com/8]').mismatches;
    expect(mismatch?.expected).toEqual(['POST https://ci.example.com/8']);
    expect(mismatch?.got).toEqual([
      'POST https://ci.example.com/7 {"b": 1, "by": "ana"}',
      expect.stringMatching(/^none: a template of the action fails/),
    ]);
  });

  it('has a body whose keys may stand in any order', () => {
    const [mismatch] = rejected('[{ call: POST https://ci.example.com/7, body: { by: ana, b: 1 } }]').mismatches;
    expect(mismatch?.got[0]).toBe(mismatch?.expected[0]);
  });
});

it('the story of a failed test says what happened, refusals as well', () => {
  const { story } = triedOne(`
given: { context: { version: 1.2 } }
when: [{ after: 1h, person: cy, vote: approve, refused: not_an_approver }, { after: 2h, person: ana, vote: approve }]
then: { status: rejected }`);
  expect(story.map(({ offset, text }) => `${offset} ${text}`)).toEqual([
    '+0 Opens: “Deploy 1.2”',
    expect.stringMatching(/^\+0 .*Ana Silva, Ben Okoye$/),
    expect.stringMatching(/^\+1h Reminded: Ana Silva and Ben Okoye$/),
    expect.stringMatching(/^\+1h cy: vote approve is refused: You are not among/),
    expect.stringMatching(/^\+2h Reminded/),
    expect.stringMatching(/^\+2h Ana Silva decided: Approve/),
    expect.stringMatching(/^\+2h Approved by Ana Silva/),
  ]);
  expect(story[2]?.clock).toBe('Mon 2 Mar 2026 10:00 UTC');
});

it('what stands at the top of the file is given to every test that says nothing else', () => {
  const results = tried(`
at: 2026-06-01T12:00:00Z
gate: deploy
given: { context: { version: 7 }, requester: ana }
tests:
  - name: as given
    then: { title: Deploy 7, asked: [ben], deadline: 2026-06-01T16:00:00Z }
  - name: otherwise
    gate: both
    at: 2026-06-02T12:00:00Z
    given: { requester: ~ }
    then: { asked: [ana, ben], deadline: 2026-06-03T12:00:00Z }
`);
  expect(results.map(({ mismatches }) => mismatches)).toEqual([[], []]);
});

it('a play that goes on and on fails the test, since the rest of it is not known', () => {
  const config = `${CONFIG}\n  nagging: { approvers: [ana], remind: { after: 1s, every: 1s, max: 1000 }, timeout: never }`;
  const many = Array.from({ length: 4 }, (_, i) => `{ after: ${i + 1}d, groups: { reviewers: [ana] } }`).join(', ');
  expect(triedOne(`gate: nagging\nwhen: [${many}]\nthen: { status: pending }`, config).passed).toBe(true);
  const stages = Array.from({ length: 3 }, (_, i) => `{ name: s${i}, approvers: [ana] }`).join(', ');
  const longer = config.replace('approvers: [ana], remind', `stages: [${stages}], remind`);
  const votes = Array.from({ length: 2 }, (_, i) => `{ after: ${i + 1}h, person: ana, vote: approve }`).join(', ');
  expect(
    triedOne(`gate: nagging\nwhen: [${votes}, { after: 9h }]\nthen: { status: pending }`, longer).mismatches,
  ).toMatchObject([{ what: 'the play', expected: ['fewer than 2000 things happen'] }]);
});
