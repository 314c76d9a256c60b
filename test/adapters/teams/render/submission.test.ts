/** What a click and its form say: texts become values, and what can't be taken is said by the name of its field. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ActControl, writeControl } from '../../../../src/adapters/teams/control.ts';
import { controlOf } from '../../../../src/adapters/teams/render/actions.ts';
import { errorWords, readData, readInputs, stepCard } from '../../../../src/adapters/teams/render/index.ts';
import type { ActionView, RequestView } from '../../../../src/engine/view.ts';
import { approve, canary, hour, link, now, pending, steps } from '../../slack/render/samples.ts';
import { nodes } from './taken.ts';

const view: RequestView = {
  ...pending,
  actions: [approve, canary, ...steps, { kind: 'returnInformation', label: 'Answer' }],
};
const vote: ActControl = { kind: 'vote', request: view.id, shown: 1, option: 'canary', replaces: null, form: 1 };
const step = (kind: Exclude<ActControl['kind'], 'vote'>): ActControl => ({
  kind,
  request: view.id,
  shown: 1,
  replaces: null,
  form: 2,
});

/** What a client sends: the data of the button, and the inputs that are filled in. */
function sent(control: ActControl, inputs: Readonly<Record<string, unknown>>) {
  const named = Object.entries(inputs).map(([name, value]) => [`in.${control.form}.${name}`, value]);
  const read = readData({ k: writeControl(control), verb: control.kind, ...Object.fromEntries(named) });
  if (read === null) throw new TypeError('it was not read');
  expect(read.control).toEqual(control);
  return readInputs(read.inputs, control, view, { now });
}

describe('a form that is sent', () => {
  it('gives each field the kind of value that it asks for', () => {
    const read = sent(vote, {
      'f.window': '1',
      'f.region': '',
      'f.share': '10',
      'f.ticket': ' OPS-12 ',
      'f.plan': 'first\r\nthen',
      'f.teams': '0,2',
      'f.day': '2026-11-24',
      'f.told': 'true',
      'f.contact': 'ana@acme.dev',
      reason: 'Looks good',
    });
    expect(read).toEqual({
      kind: 'action',
      action: {
        kind: 'vote',
        option: 'canary',
        reason: 'Looks good',
        replaces: null,
        shown: 1,
        inputs: {
          window: 'tonight',
          share: 10,
          ticket: 'OPS-12',
          plan: 'first\nthen',
          teams: ['support', 'finance'],
          day: '2026-11-24',
          told: true,
          contact: 'ana@acme.dev',
        },
      },
    });
  });

  it('takes numbers and switches from clients that send them as such', () => {
    const read = sent(vote, { 'f.share': 12.5, 'f.told': false });
    expect(read).toMatchObject({ action: { inputs: { share: 12.5, told: false } } });
  });

  it('leaves what does not fit as it was typed, for the engine to refuse', () => {
    const read = sent(vote, { 'f.window': '9', 'f.share': '9007199254740993', 'f.told': 'perhaps', 'f.teams': '0,9' });
    expect(read).toMatchObject({
      action: { inputs: { window: '9', share: '9007199254740993', told: 'perhaps', teams: ['support', '9'] } },
    });
  });

  it('never takes an input for what the button says', () => {
    const data = { k: writeControl(vote), 'in.1.k': 'x', k2: 'y', 'in.1.f.window': '0', 'in.10.f.window': '1' };
    const read = readData(data);
    expect(read).toEqual({ control: vote, inputs: { k: 'x', 'f.window': '0' } });
  });

  it('leaves out the inputs of other forms in the same card', () => {
    const read = readData({ k: writeControl(step('comment')), 'in.1.text': 'theirs', 'in.2.text': 'mine' });
    expect(read?.inputs).toEqual({ text: 'mine' });
  });

  it('says what each step asks for', () => {
    expect(sent(step('comment'), { text: ' Fine. ' })).toEqual({
      kind: 'action',
      action: { kind: 'comment', text: 'Fine.' },
    });
    expect(sent(step('requestInformation'), { text: 'Why now?' })).toMatchObject({ action: { question: 'Why now?' } });
    expect(sent(step('returnInformation'), { text: 'Because.' })).toMatchObject({ action: { answer: 'Because.' } });
    expect(sent(step('delegate'), { to: 'mia@acme.dev' })).toMatchObject({
      action: { kind: 'delegate', toPerson: 'mia@acme.dev', reason: null },
    });
    expect(sent(step('snooze'), { for: '1' })).toMatchObject({ action: { kind: 'snooze', until: now + 4 * hour } });
    expect(sent(step('bypass'), { reason: 'Down' })).toMatchObject({ action: { kind: 'bypass', reason: 'Down' } });
    expect(sent({ ...step('withdrawVote'), replaces: 4 }, {})).toMatchObject({ action: { replaces: 4 } });
  });

  it.each([
    [step('comment'), {}, 'Please fill in “Your comment”. Nothing was recorded.'],
    [step('comment'), { text: '  ' }, 'Please fill in “Your comment”. Nothing was recorded.'],
    [step('bypass'), {}, 'Please fill in “Reason”. Nothing was recorded.'],
    [step('delegate'), {}, 'Please fill in “Who decides in your place?”. Nothing was recorded.'],
    [step('snooze'), {}, 'Please choose how long there are to be no reminders. Nothing was recorded.'],
    [step('snooze'), { for: '77' }, 'Please choose how long there are to be no reminders. Nothing was recorded.'],
    [
      vote,
      { 'f.plan': 'a\0b' },
      '“How to go back” has characters that cannot be kept. Please write it again. Nothing was recorded.',
    ],
    [
      vote,
      { reason: 'a\ud800' },
      '“Reason” has characters that cannot be kept. Please write it again. Nothing was recorded.',
    ],
  ])('with something missing is refused in words that name it: %#', (control, inputs, words) => {
    expect(sent(control, inputs)).toEqual({ kind: 'invalid', words });
  });

  it('reads whatever comes, or says that it is none of ours', () => {
    fc.assert(
      fc.property(fc.anything(), fc.dictionary(fc.string(), fc.anything()), (value, inputs) => {
        readData(value);
        const read = readData({ ...inputs, k: writeControl(vote) });
        expect(read?.control).toEqual(vote);
        expect(readInputs(read?.inputs ?? {}, vote, view, { now }).kind).toBe('action');
      }),
    );
  });
});

describe('inputs as they are drawn', () => {
  const drawn = (action: ActionView) => [...nodes(stepCard(controlOf(action, view, null), view, { link: link('x') }))];

  it('are read back by the names they have', () => {
    const ids = drawn(canary).flatMap(({ type, id }) => (String(type).startsWith('Input.') ? [String(id)] : []));
    const submit = drawn(canary).find(({ title, type }) => type === 'Action.Execute' && title === 'Canary 10 %');
    const data = submit?.data;
    const filled = Object.fromEntries(ids.map((id) => [id, '0']));
    const read = readData({ ...(typeof data === 'object' ? data : {}), ...filled });
    expect(Object.keys(read?.inputs ?? {})).toHaveLength(ids.length);
    expect(ids).toHaveLength(canary.form.fields.length + 1);
  });

  it('ask for a required answer before the click is sent', () => {
    const inputs = drawn(canary).filter(({ isRequired }) => isRequired === true);
    expect(inputs.map(({ label }) => label)).toEqual(['Window', 'Share in percent']);
    for (const { errorMessage } of inputs) expect(errorMessage).toEqual(expect.stringContaining('“'));
  });

  it('check a plain pattern in the client, and leave every other to the engine', () => {
    const regexOf = (pattern: string): unknown => {
      const field = {
        id: 't',
        type: 'text',
        label: 'T',
        help: null,
        required: true,
        when: null,
        pattern,
        multiline: false,
      } as const;
      const action: ActionView = { ...canary, form: { reason: 'optional', fields: [field] } };
      const card = stepCard(controlOf(action, view, null), { ...view, actions: [action] }, { link: link('x') });
      return [...nodes(card)].find(({ id }) => String(id).endsWith('f.t'))?.regex;
    };
    expect(regexOf('OPS-[0-9]+')).toBe('^OPS-[0-9]+$');
    expect(regexOf('v\\d+\\.\\d+')).toBe('^v\\d+\\.\\d+$');
    for (const pattern of ['(a+)+', '(?i)ops', '\\pL+', 'a|b', '[[:alpha:]]+', 'a++', 'a*a*a*a*', '^x$', '[a-z&&[b]]'])
      expect(regexOf(pattern), pattern).toBeUndefined();
  });
});

describe('errors of the engine', () => {
  it('are said by the labels of their fields', () => {
    const errors = [
      { path: 'inputs.window', message: 'Window is required' },
      { path: 'inputs.share', message: 'must be at most 50' },
      { path: 'reason', message: 'is required for this decision' },
    ];
    expect(errorWords(errors, vote, view)).toBe(
      'Window is required. “Share in percent” must be at most 50. A reason is required for this decision. Nothing was recorded.',
    );
  });

  it('are none where there is nothing to name', () => {
    expect(errorWords([], vote, view)).toBeNull();
  });

  it('are not all said where there are many', () => {
    const errors = Array.from({ length: 30 }, (_, i) => ({ path: `inputs.x${i}`, message: `x${i} is required` }));
    const words = errorWords(errors, vote, view);
    expect(words).toContain('And 22 more.');
    expect(words?.length).toBeLessThan(400);
  });
});
