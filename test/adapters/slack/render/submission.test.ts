import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Control } from '../../../../src/adapters/slack/control.ts';
import { errorsFor, readSubmission } from '../../../../src/adapters/slack/render/index.ts';
import { INPUT } from '../../../../src/adapters/slack/render/names.ts';
import { canary, hour, now, pending } from './samples.ts';

const view = { ...pending, actions: [canary] };
const vote: Control = { kind: 'vote', request: pending.id, shown: 7, option: 'canary', replaces: 3 };
const step = (kind: Exclude<Control['kind'], 'vote' | 'page'>, replaces: number | null = null): Control => ({
  kind,
  request: pending.id,
  shown: 1,
  replaces,
});
/** As Slack sends it: block, then element. */
const values = (typed: Readonly<Record<string, object>>): unknown =>
  Object.fromEntries(Object.entries(typed).map(([block, element]) => [block, { [INPUT]: element }]));
const submit = (control: Control, typed: Readonly<Record<string, object>>) =>
  readSubmission(values(typed), control, { view, now });

describe('a submitted decision', () => {
  it('gives each answer as what it is', () => {
    const typed = {
      'f.window': {
        type: 'radio_buttons',
        selected_option: { value: '1', text: { type: 'plain_text', text: 'tonight' } },
      },
      'f.region': { type: 'static_select', selected_option: null },
      'f.share': { type: 'number_input', value: '25' },
      'f.ticket': { type: 'plain_text_input', value: ' OPS-7 ' },
      'f.plan': { type: 'plain_text_input', value: null },
      'f.teams': { type: 'checkboxes', selected_options: [{ value: '0' }, { value: '2' }] },
      'f.day': { type: 'datepicker', selected_date: '2026-11-24' },
      'f.told': { type: 'checkboxes', selected_options: [{ value: 'yes' }] },
      'f.contact': { type: 'email_text_input', value: 'ana@acme.dev' },
      reason: { type: 'plain_text_input', value: 'line\r\nline' },
    };
    expect(submit(vote, typed)).toEqual({
      kind: 'action',
      action: {
        kind: 'vote',
        option: 'canary',
        reason: 'line\nline',
        inputs: {
          window: 'tonight',
          share: 25,
          ticket: 'OPS-7',
          teams: ['support', 'finance'],
          day: '2026-11-24',
          told: true,
          contact: 'ana@acme.dev',
        },
        replaces: 3,
        shown: 7,
      },
    });
  });

  it('leaves to the engine what does not fit', () => {
    const typed = { 'f.share': { value: '9007199254740993' }, 'f.window': { selected_option: { value: 'never' } } };
    expect(submit(vote, typed)).toMatchObject({
      action: { inputs: { share: '9007199254740993', window: 'never', told: false } },
    });
    expect(submit(vote, { 'f.share': { value: '1.5' } })).toMatchObject({ action: { inputs: { share: 1.5 } } });
    expect(submit(vote, { 'f.share': { value: 'a lot' } })).toMatchObject({ action: { inputs: { share: 'a lot' } } });
  });

  it('has no answers that were never asked for', () => {
    expect(submit(vote, { 'f.admin': { value: 'true' } })).toMatchObject({ action: { inputs: { told: false } } });
  });

  it('is asked for again where a text can’t be kept', () => {
    expect(submit(vote, { reason: { value: 'a\0b' } })).toMatchObject({ kind: 'invalid', errors: { reason: /again/ } });
    expect(submit(vote, { 'f.ticket': { value: '\ud800' } })).toMatchObject({
      kind: 'invalid',
      errors: { 'f.ticket': expect.stringContaining('cannot be kept') },
    });
  });
});

describe('a submitted step', () => {
  it('says what was asked for', () => {
    const reason = { reason: { value: 'because' } };
    const text = { text: { value: 'Why?' } };
    expect(submit(step('comment'), text)).toMatchObject({ action: { kind: 'comment', text: 'Why?' } });
    expect(submit(step('requestInformation'), text)).toMatchObject({ action: { question: 'Why?' } });
    expect(submit(step('returnInformation'), text)).toMatchObject({ action: { answer: 'Why?' } });
    expect(submit(step('nudge'), {})).toMatchObject({ action: { kind: 'nudge' } });
    expect(submit(step('cancel'), reason)).toMatchObject({ action: { kind: 'cancel', reason: 'because' } });
    expect(submit(step('bypass'), reason)).toMatchObject({ action: { kind: 'bypass', reason: 'because' } });
    expect(submit(step('reviewBypass'), {})).toMatchObject({ action: { kind: 'reviewBypass', note: null } });
    expect(submit(step('withdrawVote', 4), {})).toMatchObject({ action: { kind: 'withdrawVote', replaces: 4 } });
    expect(submit(step('delegate'), { to: { selected_user: 'U0BEN' }, ...reason })).toMatchObject({
      action: { kind: 'delegate', toUser: 'U0BEN', reason: 'because' },
    });
  });

  it('snoozes for a while, or until a moment if one is given', () => {
    const chosen = { for: { selected_option: { value: '4h' } } };
    expect(submit(step('snooze'), chosen)).toMatchObject({ action: { until: now + 4 * hour } });
    const until = { until: { selected_date_time: now / 1000 + 60 } };
    expect(submit(step('snooze'), { ...chosen, ...until })).toMatchObject({ action: { until: now + 60_000 } });
  });

  it('is asked for again where nothing was said', () => {
    const blank = { text: { value: '  ' } };
    expect(submit(step('comment'), blank)).toMatchObject({
      kind: 'invalid',
      errors: { text: 'Please write something.' },
    });
    expect(submit(step('bypass'), {})).toMatchObject({
      kind: 'invalid',
      errors: { reason: 'Please write something.' },
    });
    expect(submit(step('delegate'), {})).toMatchObject({ kind: 'invalid', errors: { to: 'Please choose a person.' } });
    expect(submit(step('snooze'), {})).toMatchObject({ kind: 'invalid', errors: { for: 'Please choose how long.' } });
  });

  it('is never an exception, whatever the state holds', () => {
    fc.assert(
      fc.property(fc.anything(), (state) => {
        expect(['action', 'invalid']).toContain(readSubmission(state, vote, { view, now }).kind);
      }),
    );
  });
});

describe('the engine’s errors', () => {
  it('stand at their fields', () => {
    const errors = [
      { path: 'inputs.share', message: 'Share in percent must be at most 50' },
      { path: 'reason', message: 'is required for this decision' },
    ];
    expect(errorsFor(errors, vote, view)).toEqual({
      'f.share': 'Share in percent must be at most 50.',
      reason: 'This is required for this decision.',
    });
    expect(errorsFor([{ path: 'question', message: 'is required' }], step('requestInformation'), view)).toEqual({
      text: 'This is required.',
    });
    expect(errorsFor([{ path: 'until', message: 'must be in the future' }], step('snooze'), view)).toEqual({
      until: 'This must be in the future.',
    });
    expect(errorsFor([{ path: 'to', message: 'is not in the directory' }], step('delegate'), view)).toEqual({
      to: 'This is not in the directory.',
    });
  });

  it('stand at the first field where they belong to none', () => {
    expect(errorsFor([{ path: 'option', message: 'must be one of approve' }], vote, view)).toEqual({
      'f.window': 'This must be one of approve.',
    });
  });

  it('are for another place where the modal has no field, or there is none to place', () => {
    expect(errorsFor([{ path: 'x', message: 'y' }], step('withdrawVote'), view)).toBeNull();
    expect(errorsFor([], vote, view)).toBeNull();
  });
});
