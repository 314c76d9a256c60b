import { describe, expect, it } from 'vitest';
import type { Control } from '../../../../src/adapters/slack/control.ts';
import {
  CALLBACKS,
  detailsModal,
  loadingModal,
  needsModal,
  readMetadata,
  readOrigin,
  stepModal,
} from '../../../../src/adapters/slack/render/index.ts';
import { inputs, labels, words } from './read.ts';
import { afterVotes, approve, canary, link, minesVoted, pending, reject, vetoed } from './samples.ts';
import { expectTakenView } from './taken.ts';

const origin = { team: 'T0ACME', channel: 'C0RELEASES', ts: '1795339800.000100' };
const at = { link: link(pending.id), origin };
const vote = (option: string): Control => ({ kind: 'vote', request: pending.id, shown: 1, option, replaces: null });

describe('the modal of a decision', () => {
  const modal = stepModal(vote('canary'), { ...pending, actions: [canary] }, at);

  it('has an input of the right kind for each field, and for the reason', () => {
    expectTakenView(modal);
    expect(inputs(modal.blocks).map(({ block_id, element }) => [block_id, element.type])).toEqual([
      ['f.window', 'radio_buttons'],
      ['f.region', 'static_select'],
      ['f.share', 'number_input'],
      ['f.ticket', 'plain_text_input'],
      ['f.plan', 'plain_text_input'],
      ['f.teams', 'checkboxes'],
      ['f.day', 'datepicker'],
      ['f.told', 'checkboxes'],
      ['f.contact', 'email_text_input'],
      ['f.runbook', 'url_text_input'],
      ['reason', 'plain_text_input'],
    ]);
  });

  it('says what is required, what helps and what fits', () => {
    const [window, , share] = inputs(modal.blocks);
    expect(window).toMatchObject({ optional: false, label: { text: 'Window' }, hint: { text: 'When it goes out' } });
    expect(share).toMatchObject({ element: { min_value: '1', max_value: '50' }, hint: { text: 'From 1 to 50' } });
    expect(inputs(modal.blocks).at(-1)).toMatchObject({ optional: true });
  });

  it('says what exactly is decided', () => {
    expect(words(modal.blocks)).toContain('*Deploy payments 4.12.0 to production*');
    expect(words(modal.blocks)).toContain('sha256:9f86');
    expect(modal.title.text).toBe('Canary 10 %');
    expect(modal.submit?.text).toBe('Canary 10 %');
  });

  it('carries what it is about and where it came from', () => {
    expect(modal.callback_id).toBe(CALLBACKS.step);
    expect(readMetadata(modal.private_metadata ?? '')).toEqual({ control: vote('canary'), origin });
    expect(readOrigin(modal.private_metadata ?? '')).toEqual(origin);
  });

  it('asks for a reason where the gate does, and warns before danger', () => {
    const no = stepModal(vote('reject'), pending, at);
    expect(inputs(no.blocks)).toMatchObject([{ block_id: 'reason', optional: false }]);
    expect(words(no.blocks)).toContain('⚠️ Reject “Deploy payments 4.12.0 to production”? This ends the request.');
  });

  it('shows a long choice whole below its menu', () => {
    const long = `${'a'.repeat(90)} first`;
    const field = { id: 'x', type: 'select', label: 'X', help: null, required: true, when: null } as const;
    const action = { ...approve, form: { reason: 'optional', fields: [{ ...field, options: [long, 'b'] }] } } as const;
    const [input] = inputs(stepModal(vote('approve'), { ...pending, actions: [action] }, at).blocks);
    expect(input?.hint?.text).toBe(`1. ${long}`);
  });

  it('says so where the option is not the viewer’s any more', () => {
    const gone = stepModal(vote('canary'), { ...pending, actions: [], notice: 'You have voted already.' }, at);
    expect(gone.submit).toBeUndefined();
    expect(words(gone.blocks)).toContain('You have voted already.');
  });
});

describe('whether a click opens a modal', () => {
  it('is so where a reason or an answer is asked for, and for every other step', () => {
    expect(needsModal(approve)).toBe(false);
    expect(needsModal(vetoed)).toBe(false);
    expect(needsModal(reject)).toBe(true);
    expect(needsModal(canary)).toBe(true);
    expect(needsModal({ kind: 'comment', label: 'Comment' })).toBe(true);
  });
});

describe('the modal of each other step', () => {
  const step = (kind: Exclude<Control['kind'], 'vote' | 'page'>): Control => ({
    kind,
    request: pending.id,
    shown: 1,
    replaces: null,
  });
  const offered = {
    ...pending,
    actions: [
      ...pending.actions,
      { kind: 'withdrawVote', label: 'Withdraw my vote', replaces: 2 },
      { kind: 'returnInformation', label: 'Answer' },
      { kind: 'nudge', label: 'Ask again' },
      { kind: 'cancel', label: 'Cancel the request' },
      { kind: 'reviewBypass', label: 'Acknowledge the review' },
    ],
  } as const;
  const asked = (kind: Parameters<typeof step>[0]) => {
    const modal = stepModal(step(kind), offered, at);
    expectTakenView(modal);
    return inputs(modal.blocks).map(
      ({ block_id, optional, element }) => `${block_id} ${optional ? '?' : '!'} ${element.type}`,
    );
  };

  it('asks for what the step needs', () => {
    expect(asked('comment')).toEqual(['text ! plain_text_input']);
    expect(asked('requestInformation')).toEqual(['text ! plain_text_input']);
    expect(asked('returnInformation')).toEqual(['text ! plain_text_input']);
    expect(asked('delegate')).toEqual(['to ! users_select', 'reason ? plain_text_input']);
    expect(asked('snooze')).toEqual(['for ? static_select', 'until ? datetimepicker']);
    expect(asked('cancel')).toEqual(['reason ? plain_text_input']);
    expect(asked('bypass')).toEqual(['reason ! plain_text_input']);
    expect(asked('reviewBypass')).toEqual(['reason ? plain_text_input']);
    expect(asked('withdrawVote')).toEqual([]);
    expect(asked('nudge')).toEqual([]);
  });

  it('warns before a bypass', () => {
    expect(words(stepModal(step('bypass'), offered, at).blocks)).toContain('⚠️ Approve without the usual approvals?');
  });

  it('shows the question that is to be answered', () => {
    const modal = stepModal(step('returnInformation'), { ...afterVotes, actions: offered.actions }, at);
    expect(words(modal.blocks)).toContain('*Mia Chen* asks:\n> Is there a way back after the migration?');
  });
});

describe('the details', () => {
  it('have everything at length, and every step as a button', () => {
    const modal = detailsModal({ ...afterVotes, actions: pending.actions }, at);
    expectTakenView(modal);
    const text = words(modal.blocks);
    expect(text).toContain('*Ben Okoye* commented');
    expect(text).toContain('*Mia Chen* asked');
    expect(text).toContain('*finance* · not needed here');
    expect(text).toContain(pending.digest);
    expect(labels(modal.blocks)).toEqual([
      'Approve',
      'Reject',
      'Comment',
      'Ask for information',
      'Delegate',
      'Snooze',
      'Bypass',
    ]);
  });

  it('are the viewer’s own', () => {
    expect(labels(detailsModal(minesVoted, at).blocks)).toContain('Withdraw my vote');
  });

  it('have a place to wait in', () => {
    expectTakenView(loadingModal());
  });
});

describe('what a modal carries', () => {
  it('is nothing where it is not ours', () => {
    for (const text of ['', '{}', 'null', '{"control":"x","origin":null}', '{"control":"vote|req_1|1|a|","origin":{}}'])
      expect(readMetadata(text)).toBeNull();
  });
});
