import { describe, expect, it } from 'vitest';
import { readControl } from '../../../../src/adapters/slack/control.ts';
import { surface } from '../../../../src/adapters/slack/render/index.ts';
import type { ActionView, RequestView } from '../../../../src/engine/view.ts';
import { button, elements, labels, menuOf, words } from './read.ts';
import {
  afterVotes,
  approve,
  approved,
  bypassed,
  canary,
  hour,
  link,
  minesVoted,
  now,
  pending,
  reject,
  rejected,
  steps,
  timedOut,
  vetoed,
} from './samples.ts';
import { expectTakenMessage } from './taken.ts';

const shown = (view: RequestView, isShared = true) => surface(view, { link: link(view.id), isShared });
const read = (view: RequestView, isShared = true): string => words(shown(view, isShared).blocks);

describe('the message of a request that is pending', () => {
  it('says first that a decision is needed, at which gate and stage', () => {
    expect(read(pending).split('\n')[0]).toBe('⏳ *Approval needed* · gate deploy-prod');
    expect(read(afterVotes).split('\n')[0]).toContain('gate deploy-prod · stage 2 of 2, change board');
  });

  it('says that the requester is the pipeline’s word', () => {
    expect(read(pending)).toContain('The pipeline *ci* says *Ben Okoye* asks:');
    expect(read({ ...pending, requester: null, description: null })).toContain('The pipeline *ci* asks.');
  });

  it('shows what it is about: description, facts, subject with digest, artifacts with their hosts', () => {
    const text = read(pending);
    expect(text).toContain(
      '> The *ledger* writes to the new partition. See the <https://docs.acme.dev/plan|plan> (docs.acme.dev).',
    );
    expect(text).toContain('> • rollback takes two minutes: `kubectl rollout undo deploy/payments`');
    expect(text).toContain('*Service:* payments');
    expect(text).toContain(`registry.acme.dev/payments>\nsha256:${'9f86d081884c7d65'.repeat(4)}`);
    expect(text).toContain('• <https://ci.acme.dev/runs/812/report|Test report> (ci.acme.dev)');
  });

  it('shows who has voted, how, why and where, and who is missing', () => {
    const text = read(afterVotes);
    expect(text).toContain('*peer review* · passed\n✓ *Ana Silva* approved');
    expect(text).toContain('in Slack\n> The migration is backwards compatible, and the dry run is green.');
    expect(text).toContain('• *1 of 2 approvals* · waiting for Mia Chen or Ben Okoye');
    expect(text).toContain('asks for information: “Is there a way back after the migration?”');
    expect(text).toContain('Escalated (step 1 of 2) to Mia Chen');
    expect(text).toContain('Close to missing its SLA');
  });

  it('says whom a missed target time has brought in', () => {
    const [escalation] = afterVotes.escalations;
    if (escalation === undefined) throw new Error('the sample has an escalation');
    const { step: _, ...alone } = escalation;
    expect(read({ ...afterVotes, escalations: [{ ...alone, cause: 'sla' }] })).toContain(
      'Escalated (target time missed) to Mia Chen',
    );
    expect(read({ ...afterVotes, escalations: [alone] })).toContain('Escalated to Mia Chen');
  });

  it('says for whom a stand-in is asked, and until when', () => {
    const [first] = pending.stages;
    const [rule] = first?.rules ?? [];
    if (first === undefined || rule === undefined) throw new Error('the sample has a rule');
    const missing = rule.missing.map((person, i) => (i === 0 ? { ...person, standsFor: 'Ben Okoye' } : person));
    const asked = { sentence: 'You are asked for Ben Okoye, who is away', until: now + 48 * hour };
    const text = read({ ...pending, asked, stages: [{ ...first, rules: [{ ...rule, missing }] }] }, false);
    expect(text).toContain('👤 You are asked for Ben Okoye, who is away until <!date^');
    expect(text).toContain(`${rule.missing[0]?.name} (for Ben Okoye)`);
    expect(read({ ...pending, asked: { ...asked, until: null } }, false)).toContain('who is away\n');
  });

  it('says what silence means, and when in the reader’s own time', () => {
    expect(read(pending)).toContain('Without a decision it is rejected automatically · *<!date^1795350600^');
  });

  it('can be found by its id, and leads to the web page', () => {
    expect(read(pending)).toContain(
      `req_01JD8QZ6V3M0F7 · deploy-prod · pipeline ci · <${link(pending.id)}|Open the full request>`,
    );
  });

  it('names no more people than a line holds', () => {
    const missing = Array.from({ length: 300 }, (_, i) => ({ id: `p${i}`, name: `Person ${i}` }));
    const [stage] = pending.stages;
    if (stage?.rules[0] === undefined) throw new RangeError('the sample has a rule');
    const view = { ...pending, stages: [{ ...stage, rules: [{ ...stage.rules[0], missing }] }] };
    expect(read(view)).toContain('waiting for Person 0, Person 1, Person 2, Person 3, Person 4 and 295 more');
  });

  it('says so when there is more than it shows', () => {
    const facts = Array.from({ length: 14 }, (_, i) => ({ label: `Fact ${i}`, value: String(i) }));
    const artifacts = Array.from({ length: 9 }, (_, i) => ({
      name: `File ${i}`,
      url: 'https://a.example',
      digest: null,
    }));
    const description = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('\n');
    const text = read({ ...pending, facts, artifacts, description });
    expect(text).toContain('… and 4 more on the page');
    expect(text).toContain('> This is shortened: see Details.');
    expect(text).not.toContain('line 39');
  });

  it('lets nothing in the request pass for a line of ours', () => {
    const forged = '✅ *Approved by Mia Chen*\n:white_check_mark: <!date^1^x|Today>\n✓ *Ana Silva* approved';
    const view: RequestView = {
      ...pending,
      title: forged,
      description: forged,
      facts: [{ label: forged, value: forged }],
      requester: { id: 'x', name: forged },
      stages: [
        {
          name: forged,
          state: 'open',
          rules: [],
          votes: afterVotes.stages[0]?.votes.map((vote) => ({ ...vote, reason: forged })) ?? [],
        },
      ],
    };
    const drawn = shown(view);
    expectTakenMessage(drawn);
    const lines = words(drawn.blocks).split('\n');
    for (const row of lines.filter((each) => each.includes('Approved by Mia Chen')))
      expect(row).not.toMatch(/^(✅|✓|\*✅)/);
    expect(lines[0]).toBe('⏳ *Approval needed* · gate deploy-prod');
  });

  it('says that it is paused, or held, and by whom', () => {
    const paused = { sentence: 'Paused by Mia Chen: change freeze', at: now };
    expect(read({ ...pending, paused, actions: [] })).toContain('⏸️ *Paused*');
    expect(read({ ...pending, paused, actions: [] })).toContain('Paused by Mia Chen: change freeze');
    const held = { sentence: 'Approved; it takes effect when the freeze is over', until: now + hour };
    expect(read({ ...pending, held, silence: null, actions: [] })).toContain('*Approved, on hold*');
  });

  it('says what could not be delivered', () => {
    const undelivered = [{ sentence: 'A message through email did not get through', at: now }];
    expect(read({ ...pending, undelivered })).toContain('⚠️ A message through email did not get through');
  });
});

describe('its buttons', () => {
  it('are the options in their order, Details, and a menu', () => {
    const { blocks } = shown(pending);
    expect(labels(blocks)).toEqual(['Approve', 'Reject', 'Details']);
    expect(button(blocks, 'Approve').style).toBe('primary');
    expect(button(blocks, 'Reject').style).toBe('danger');
    expect(menuOf(blocks)).toEqual(['Comment', 'Ask for information', 'Delegate', 'Snooze', 'Bypass']);
  });

  it('carry the request, the version shown and the option', () => {
    expect(readControl(button(shown(pending).blocks, 'Approve').value ?? '')).toEqual({
      kind: 'vote',
      request: pending.id,
      shown: 1,
      option: 'approve',
      replaces: null,
    });
  });

  it('ask back before danger, but not where a form comes anyway', () => {
    const { blocks } = shown({ ...pending, actions: [approve, vetoed] });
    expect(button(blocks, 'Approve').confirm).toBeUndefined();
    expect(button(blocks, 'Reject').confirm?.text.text).toContain('This ends the request.');
    const asking = shown({ ...pending, actions: [reject, canary] }).blocks;
    expect(button(asking, 'Reject').confirm).toBeUndefined();
    expect(button(asking, 'Canary 10 %').confirm).toBeUndefined();
    const plainDanger = shown({ ...pending, actions: [{ ...approve, style: 'danger' }] }).blocks;
    expect(button(plainDanger, 'Approve').confirm?.text.text).toContain(pending.title);
  });

  it('say to a screen reader what they are about', () => {
    expect(button(shown(pending).blocks, 'Approve').accessibility_label).toBe(
      'Approve: Deploy payments 4.12.0 to production',
    );
  });

  it('leave out of a full menu what Details has as well', () => {
    const all: readonly ActionView[] = [
      approve,
      ...steps,
      { kind: 'returnInformation', label: 'Answer' },
      { kind: 'cancel', label: 'Cancel the request' },
    ];
    expect(menuOf(shown({ ...pending, actions: all }).blocks)).toEqual([
      'Answer',
      'Comment',
      'Ask for information',
      'Delegate',
      'Snooze',
    ]);
  });

  it('are as many as a message holds; the message says where the others are', () => {
    const actions = Array.from({ length: 20 }, (_, i) => ({ ...approve, option: `o${i}`, label: `Option ${i}` }));
    const { blocks } = shown({ ...pending, actions });
    expect(labels(blocks)).toHaveLength(9);
    expect(words(blocks)).toContain('12 more options in Details');
  });

  it('lead to the web page where the gate asks for a fresh sign-in', () => {
    const { blocks } = shown({ ...pending, mustReview: true });
    expect(labels(blocks)).toEqual(['Review', 'Details']);
    expect(button(blocks, 'Review').url).toBe(link(pending.id));
    expect(words(blocks)).toContain('fresh sign-in');
  });

  it('offer to change a vote to whom it is theirs', () => {
    const { blocks } = shown(minesVoted, false);
    expect(labels(blocks)).toEqual(['Change my vote to Reject', 'Details']);
    expect(words(blocks)).toContain('You chose *Approve* on the web page.');
    expect(readControl(button(blocks, 'Change my vote to Reject').value ?? '')).toMatchObject({ replaces: 4 });
  });

  it('tell an approver in a direct message that it is their turn', () => {
    expect(read(pending, false)).toContain('*Your approval is needed*');
  });
});

describe('the message after the end', () => {
  it('has no buttons any more but Details', () => {
    for (const view of [approved, rejected, timedOut, bypassed]) {
      expect(labels(shown(view).blocks)).toEqual(['Details']);
      expect(elements(shown(view).blocks)).toHaveLength(1);
    }
  });

  it('says who, what, when, through which channel and why', () => {
    const [first, why] = read(approved).split('\n');
    expect(first).toMatch(
      /^✅ \*Approved by Ana Silva and Mia Chen\* · <!date\^1795339740\^.*\|2026-11-22 09:29 UTC> in Slack and on the web page$/,
    );
    expect(why).toBe('> Go, but watch the queue.');
    expect(read(rejected)).toMatch(/^❌ \*Rejected by Mia Chen\* .* in Slack\n> The rollback was not rehearsed/);
  });

  it('says each reason once', () => {
    expect(read(rejected).split('The rollback was not rehearsed')).toHaveLength(2);
  });

  it('says that nobody decided in time', () => {
    expect(read(timedOut)).toContain('❌ *Rejected automatically: nobody decided in time*');
  });

  it('is loud about a bypass, and says that it is still to be reviewed', () => {
    expect(read(bypassed)).toContain('🚨 *Bypassed by Ana Silva: approved without the usual approvals*');
    expect(read(bypassed)).toContain('still to be reviewed by somebody else');
  });

  it('marks a vote that does not count any more', () => {
    const [stage] = approved.stages;
    if (stage === undefined) throw new RangeError('the sample has a stage');
    const votes = stage.votes.map((vote) => ({ ...vote, counts: false }));
    expect(read({ ...approved, stages: [{ ...stage, votes }] })).toContain('– *Ana Silva* approved');
    expect(read({ ...approved, stages: [{ ...stage, votes }] })).toContain('does not count any more');
  });
});

describe('the words without blocks', () => {
  it('say the whole decision, for notifications and screen readers', () => {
    expect(shown(pending).text).toBe(
      'Approval needed: Deploy payments 4.12.0 to production. The pipeline ci says Ben Okoye asks at gate deploy-prod. ' +
        '0 of 2 approvals · waiting for Ana Silva, Cy Tan or Mia Chen. Without a decision it is rejected automatically: ' +
        `2026-11-22 12:30 UTC. req_01JD8QZ6V3M0F7 <${link(pending.id)}|Open the request>`,
    );
    expect(shown(rejected).text).toContain('Rejected by Mia Chen, because “The rollback was not rehearsed.');
  });

  it('stay short and free of markup, whatever came in', () => {
    const view = { ...pending, title: '<!channel> '.repeat(1000), progress: '&'.repeat(5000) };
    const { text } = shown(view);
    expect(text.length).toBeLessThanOrEqual(1000);
    expect(text).not.toContain('<!');
    expect(text).toContain(pending.id);
  });
});
