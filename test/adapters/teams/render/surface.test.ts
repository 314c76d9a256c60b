import { describe, expect, it } from 'vitest';
import { type Card, type SurfaceAt, stepCard, summary, surface } from '../../../../src/adapters/teams/render/index.ts';
import type { RequestView } from '../../../../src/engine/view.ts';
import {
  afterVotes,
  approve,
  approved,
  bypassed,
  canary,
  link,
  minesVoted,
  now,
  pending,
  reject,
  rejected,
  timedOut,
  vetoed,
} from '../../slack/render/samples.ts';
import { buttons, expectTaken, nodes, seen } from './taken.ts';

const NAMES: Readonly<Record<string, string>> = { ana: 'Ana Silva', cy: 'Cy Tan', mia: 'Mia Chen' };
const mention = (person: string) => ({ id: `29:${person}`, name: NAMES[person] ?? person });

function draw(view: RequestView, at: Partial<SurfaceAt> = {}): Card {
  const card = surface(view, { link: link(view.id), isShared: true, mention, refreshFor: [], ...at });
  expectTaken(card);
  return card;
}
const own = (view: RequestView): Card => draw(view, { isShared: false });
const first = (card: Card): string => seen(card).split('\n')[0] ?? '';
const action = (card: Card, title: string) => (card.actions ?? []).find((each) => each.title === title);

describe('the card of a pending request', () => {
  it('says in our own words first what it is', () => {
    expect(seen(draw(pending))).toMatch(
      /^⏳ Approval needed\n · gate deploy-prod\nDeploy payments 4\.12\.0 to production\n/,
    );
    expect(first(own(pending))).toBe('⏳ Your approval is needed');
    expect(seen(draw(afterVotes))).toMatch(/^⏳ Approval needed\n · gate deploy-prod · stage 2 of 2, change board\n/);
  });

  it('says who asks as the word of the pipeline', () => {
    expect(seen(draw(pending)).replaceAll('\n', '')).toContain('The pipeline ci says Ben Okoye asks');
  });

  it('shows what exactly is decided, with links that say where they go', () => {
    const text = seen(draw(pending)).replaceAll('\n', '');
    expect(text).toContain('For exactly registry.acme.dev/payments sha256:9f86');
    expect(text).toContain('Test report (ci.acme.dev)');
    expect(text).toContain('kubectl rollout undo');
  });

  it('says who has voted, why, and who is missing, and calls them', () => {
    const card = draw(pending);
    expect(seen(card)).toContain(
      '**0 of 2 approvals** · waiting for <at>Ana Silva</at>, <at>Cy Tan</at> or <at>Mia Chen</at>',
    );
    expect(card.msteams.entities?.map(({ mentioned }) => mentioned.id)).toEqual(['29:ana', '29:cy', '29:mia']);
    expect(seen(draw(afterVotes))).toContain('Fine by me.');
  });

  it('says which step an escalation was, and for whom a stand-in is asked', () => {
    expect(seen(draw(afterVotes))).toContain('Escalated (step 1 of 2) to Mia Chen');
    const asked = { sentence: 'You are asked for Ben Okoye, who is away', until: now };
    const [first] = pending.stages;
    const [rule] = first?.rules ?? [];
    if (first === undefined || rule === undefined) throw new Error('the sample has a rule');
    const missing = rule.missing.map((person) => ({ ...person, standsFor: 'Ben Okoye' }));
    const card = own({ ...pending, asked, stages: [{ ...first, rules: [{ ...rule, missing }] }] });
    expect(seen(card)).toContain('👤 You are asked for Ben Okoye, who is away until 22 Nov 2026, 09:30 UTC');
    expect(seen(card)).toContain('Ana Silva (for Ben Okoye)');
  });

  it('calls nobody in a card of their own', () => {
    expect(own(pending).msteams.entities).toBeUndefined();
    expect(seen(own(pending))).toContain('waiting for Ana Silva, Cy Tan or Mia Chen');
  });

  it('calls neither of two people of one name by mistake', () => {
    const card = draw(pending, { mention: (id) => ({ id: `29:${id}`, name: 'Kim' }) });
    expect(card.msteams.entities).toEqual([
      { type: 'mention', text: '<at>Kim</at>', mentioned: { id: '29:ana', name: 'Kim' } },
    ]);
    expect(seen(card)).toContain('<at>Kim</at>, Cy Tan or Mia Chen');
  });

  it('says what silence means, and when, with the zone', () => {
    expect(seen(draw(pending)).replaceAll('\n', '')).toContain(
      'Without a decision it is rejected automatically · 22 Nov 2026, 12:30 UTC',
    );
  });

  it('says that it is paused, held, late or was not delivered', () => {
    const text = seen(
      draw({
        ...afterVotes,
        paused: { sentence: 'Paused by Ben Okoye', at: now },
        held: { sentence: 'Approved; it takes effect when the freeze is over', until: now },
        sla: 'breached',
        undelivered: [{ sentence: 'A message through slack did not get through', at: now }],
      }),
    );
    for (const said of ['⏸️ Paused by Ben Okoye', 'when the freeze is over', 'Its SLA is missed', 'did not get through'])
      expect(text).toContain(said);
  });

  it('shows a question that waits, and the newest comment', () => {
    const text = seen(draw(afterVotes)).replaceAll('\n', '');
    expect(text).toContain('Mia Chen asks for information: “Is there a way back after the migration?”');
    expect(text).toContain('Ben Okoye commented: “The dry run is green.”');
  });
});

describe('what can be clicked', () => {
  it('is what the viewer may do: one click, or a form inside the card', () => {
    const card = own({ ...pending, actions: [approve, vetoed, ...pending.actions.slice(2)] });
    expect(buttons(card)).toEqual(['Approve', 'Reject', 'Comment', 'More', 'Open']);
    expect(action(card, 'Approve')).toMatchObject({ type: 'Action.Execute', verb: 'vote', associatedInputs: 'none' });
    expect(action(card, 'Reject')?.type).toBe('Action.ShowCard');
    expect(seen(action(card, 'Reject'))).toContain('This ends the request.');
  });

  it('carries no inputs along where none are asked for', () => {
    for (const node of nodes(own(pending)))
      if (node.type === 'Action.Execute' && /\|\|[a-z]*$/.test(JSON.stringify(node.data)))
        expect(node.associatedInputs).toBe('none');
  });

  it('works in clients that know only the older action', () => {
    const execute = action(own(pending), 'Approve');
    expect(execute).toMatchObject({
      data: { k: 'vote|req_01JD8QZ6V3M0F7|1|||approve' },
      fallback: { type: 'Action.Submit', data: { k: 'vote|req_01JD8QZ6V3M0F7|1|||approve', verb: 'vote' } },
    });
  });

  it('asks for a required reason before it can be sent', () => {
    const shown = action(own({ ...pending, actions: [approve, reject] }), 'Reject');
    const reason = [...nodes(shown)].find(({ id }) => id === 'in.1.reason');
    expect(reason).toMatchObject({ isRequired: true, label: 'Reason', errorMessage: 'Please give a reason.' });
  });

  it('is never more than six buttons side by side', () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ ...approve, option: `o${i}`, label: `Option ${i}` }));
    const card = own({ ...pending, actions: [...many, ...pending.actions.slice(2)] });
    expect(buttons(card)).toEqual(['Option 0', 'Option 1', 'Option 2', 'Option 3', 'More', 'Open']);
    expect(seen(action(card, 'More'))).toContain('(Option 19)');
  });

  it('asks for a form that is too long for the card after the click', () => {
    const fields = Array.from({ length: 30 }, (_, i) =>
      canary.form.fields.map((field) => ({ ...field, id: `${field.id}${i}` })),
    ).flat();
    const long = { ...canary, form: { ...canary.form, fields } };
    const view = { ...pending, actions: [approve, long] };
    expect(action(own(view), 'Canary 10 % …')?.type).toBe('Action.Execute');
    const card = stepCard(
      { kind: 'vote', request: view.id, shown: 1, option: 'canary', replaces: null, form: null },
      view,
      { link: link('x') },
    );
    expect(seen(card)).toContain('Please fill it in on the web page.');
    expect(buttons(card)[0]).toBe('Open');
  });

  it('is a link to the page where the gate asks for a fresh sign-in', () => {
    const card = own({ ...pending, mustReview: true });
    expect(action(card, 'Review')).toMatchObject({ type: 'Action.OpenUrl', url: link(pending.id) });
    expect(buttons(card)).not.toContain('Approve');
    expect(seen(card)).toContain('fresh sign-in');
  });

  it('offers another vote as a change, and to take it back', () => {
    const card = own(minesVoted);
    expect(buttons(card)[0]).toBe('Change my vote to Reject');
    expect(seen(card)).toContain('(Withdraw my vote)');
    expect(seen(card).replaceAll('\n', '')).toContain('You chose Approve on the web page.');
  });
});

describe('a card that many people see', () => {
  const accounts = (count: number) => Array.from({ length: count }, (_, i) => `29:${i}`);

  it('shows the state, and refreshes for those who are asked', () => {
    const card = draw(pending, { refreshFor: accounts(60) });
    expect(buttons(card)).toEqual(['Show my options', 'Comment', 'Open']);
    expect(card.refresh).toMatchObject({
      action: { type: 'Action.Execute', verb: 'view', data: { k: 'view|req_01JD8QZ6V3M0F7' } },
    });
    expect(card.refresh?.userIds).toHaveLength(60);
  });

  it('refreshes for sixty people, whose accounts have long names', () => {
    const users = accounts(60).map((id) => id.padEnd(115, 'x'));
    const card = draw(afterVotes, { refreshFor: users });
    expect(card.refresh?.userIds).toHaveLength(60);
    expect(seen(card)).toContain('Without a decision it is rejected automatically');
  });

  it.each([0, 61])('shows the buttons to everybody where it cannot refresh for %s people', (count) => {
    const card = draw(pending, { refreshFor: accounts(count) });
    expect(card.refresh).toBeUndefined();
    expect(buttons(card)).toContain('Approve');
  });

  it('refreshes a card of one’s own without hiding what is theirs', () => {
    const card = draw(pending, { isShared: false, refreshFor: accounts(1) });
    expect(card.refresh?.userIds).toEqual(['29:0']);
    expect(buttons(card)).toContain('Approve');
  });
});

describe('the card after the end', () => {
  it.each([approved, rejected, timedOut, bypassed])('has nothing to click but the way to the page: %#', (view) => {
    const card = draw(view, { refreshFor: ['29:ana'] });
    expect(card.actions?.map(({ type }) => type)).toEqual(['Action.OpenUrl']);
    expect(card.refresh).toBeUndefined();
    expect(card.msteams.entities).toBeUndefined();
  });

  it('says who, what, when, why and through which channel', () => {
    const text = seen(draw(approved));
    expect(first(draw(approved))).toBe('✅ Approved by Ana Silva and Mia Chen');
    expect(text).toContain('22 Nov 2026, 09:29 UTC in Slack and on the web page · gate deploy-prod');
    expect(text).toContain('Go, but watch the queue.');
    expect(first(draw(rejected))).toBe('❌ Rejected by Mia Chen');
  });

  it('says of a bypass that it was one, and that it is to be reviewed', () => {
    const card = draw(bypassed);
    expect(first(card)).toMatch(/^🚨 Bypassed by Ana Silva/);
    expect(buttons(card)).toEqual(['Review this bypass']);
  });
});

describe('what a pipeline writes', () => {
  const evil: RequestView = {
    ...pending,
    title: '✅ Approved <at>Ana Silva</at> {{DATE(2026-01-01T00:00:00Z)}}',
    description:
      '[Approve](https://evil.example) <at>Ana Silva</at> [x](javascript:alert(1)) ![i](https://evil.example/i.png)',
    facts: [{ label: '✅ Approved by Ana Silva', value: '**bold** [ci.acme.dev](https://evil.example)' }],
    artifacts: [
      { name: 'https://ci.acme.dev', url: 'https://evil.example/x', digest: null },
      { name: 'script', url: 'javascript:alert(1)', digest: null },
      { name: 'mail', url: 'mailto:ana@acme.dev', digest: null },
    ],
  };

  it('is never a mention, a date or Markdown of Teams’ own', () => {
    const card = draw(evil);
    const titles = [...nodes(card)].filter(({ text }) => String(text).includes('Approved ‹at>Ana Silva‹/at>'));
    expect(titles).toHaveLength(1);
    expect(seen(card)).toContain('**bold** [ci.acme.dev](https://evil.example)');
    const read = [...nodes(card)].flatMap(({ type, text }) => (type === 'TextBlock' ? [text] : []));
    expect(read).toEqual([
      '**0 of 2 approvals** · waiting for <at>Ana Silva</at>, <at>Cy Tan</at> or <at>Mia Chen</at>',
    ]);
  });

  it('links only to the web, beside the host that it really goes to', () => {
    const card = draw(evil);
    const urls = [...nodes(card)].flatMap(({ type, url }) => (type === 'Action.OpenUrl' ? [String(url)] : []));
    expect(
      urls.filter((url) => !/^https:\/\/(evil\.example|gates\.acme\.dev|registry\.acme\.dev)\//.test(url)),
    ).toEqual([]);
    expect(seen(card)).toContain('https://ci.acme.dev\n (evil.example)');
  });

  it('does not begin with a mark of ours', () => {
    expect(seen(draw(evil))).not.toMatch(/^✅/m);
  });

  it('is shortened where it is too long, and the card says so', () => {
    const long = {
      ...pending,
      description: 'word '.repeat(3000),
      facts: Array.from({ length: 50 }, (_, i) => ({ label: `L${i}`, value: '語'.repeat(3000) })),
    };
    const text = seen(draw(long));
    expect(text).toContain('This is shortened');
    expect(text).toContain('0 of 2 approvals');
    expect(buttons(draw(long))).toContain('Approve');
  });
});

describe('words for what cannot draw a card', () => {
  it('say the state first', () => {
    expect(summary(pending)).toBe('⏳ Approval needed: Deploy payments 4.12.0 to production');
    expect(summary(approved)).toBe('✅ Approved by Ana Silva and Mia Chen: Deploy payments 4.12.0 to production');
    expect(draw(pending).fallbackText).toContain(link(pending.id));
  });
});
