/** test/engine/form.test.ts: the form that is asked for with a decision: every type, and every way to fill it wrongly. */
import { describe, expect, it } from 'vitest';
import type { FieldDefinition } from '../../src/engine/definition.ts';
import { given } from './given.ts';
import { canaryOptions, gate, vote } from './house.ts';

const base = { id: 'x', label: 'X', help: null, required: false, when: null } as const;
const text = { ...base, type: 'text', pattern: null, multiline: false } as const;
const number = { ...base, type: 'number', min: null, max: null } as const;
const email = { ...base, type: 'email', pattern: null } as const;
const url = { ...base, type: 'url', pattern: null } as const;
const select = { ...base, type: 'select', options: ['now', 'tonight'] } as const;
const multi = { ...base, type: 'multiselect', options: ['eu', 'us', 'ap'] } as const;
const date = { ...base, type: 'date' } as const;
const checkbox = { ...base, type: 'checkbox' } as const;

const asking = (...form: readonly FieldDefinition[]) => given(gate(['ana'], 1, { form }));
const answer = (field: FieldDefinition, value: unknown) =>
  asking(field).when(vote('ana', 'approve', { inputs: { x: value } }));

describe('an answer that fits is recorded as it is', () => {
  it.each<[FieldDefinition, unknown, unknown]>([
    [text, 'tonight at ten', 'tonight at ten'],
    [text, 'x'.repeat(3000), 'x'.repeat(3000)],
    [{ ...text, pattern: '[A-Z]+-\\d+' }, 'OPS-17', 'OPS-17'],
    [number, 3.5, 3.5],
    [number, '42', 42],
    [number, '-0.5', -0.5],
    [number, '-0', 0],
    [{ ...number, min: 1, max: 3 }, 1, 1],
    [{ ...number, min: 1, max: 3 }, 3, 3],
    [email, 'ana@acme.dev', 'ana@acme.dev'],
    [{ ...email, pattern: '.*@acme\\.dev' }, 'ana@acme.dev', 'ana@acme.dev'],
    [url, 'https://acme.dev/run/1?a=b', 'https://acme.dev/run/1?a=b'],
    [url, 'http://acme.dev', 'http://acme.dev'],
    [select, 'now', 'now'],
    [multi, ['us', 'eu'], ['us', 'eu']],
    [multi, 'ap', ['ap']],
    [date, '2028-02-29', '2028-02-29'],
    [checkbox, true, true],
    [checkbox, false, false],
  ])('%o: %j', (field, value, recorded) => {
    answer(field, value)
      .thenEnds('approved')
      .thenIs({ outcome: { inputs: { x: recorded } } });
  });

  it('and nothing is recorded where an answer is optional and empty', () => {
    for (const nothing of ['', '  ', null, undefined, []]) {
      for (const field of [text, number, email, url, select, multi, date, checkbox])
        expect(answer(field, nothing).thenEnds('approved').state.votes[0]?.inputs).toEqual({});
    }
  });
});

describe('an answer that does not fit is refused, and names its field', () => {
  it.each<[FieldDefinition, unknown, string]>([
    [text, 7, 'X must be text'],
    [text, 'x'.repeat(3001), 'X must be at most 3000 characters'],
    [{ ...text, pattern: '[A-Z]+' }, 'ABCd', 'X must match [A-Z]+'],
    [{ ...text, pattern: '([' }, 'anything', 'X must match (['],
    [number, 'many', 'X must be a number'],
    [number, '1e3', 'X must be a number'],
    [number, Number.NaN, 'X must be a number'],
    [number, Number.POSITIVE_INFINITY, 'X must be a number'],
    [number, true, 'X must be a number'],
    [{ ...number, min: 1 }, 0.99, 'X must be at least 1'],
    [{ ...number, max: 3 }, '3.01', 'X must be at most 3'],
    [email, 'ana', 'X must be one email address'],
    [email, 'ana@acme.dev, eve@acme.dev', 'X must be one email address'],
    [email, 'Ana <ana@acme.dev>', 'X must be one email address'],
    [email, 'ana@acme', 'X must be one email address'],
    [email, 5, 'X must be one email address'],
    [{ ...email, pattern: '.*@acme\\.dev' }, 'eve@evil.dev', 'X must match .*@acme\\.dev'],
    [url, 'acme.dev', 'X must be a web address (https://…)'],
    [url, 'javascript:alert(1)', 'X must be a web address (https://…)'],
    [url, 'https://ana:pw@acme.dev', 'X must be a web address (https://…)'],
    [url, 'ht\ntps://acme.dev', 'X must be a web address (https://…)'],
    [url, ['https://acme.dev'], 'X must be a web address (https://…)'],
    [{ ...url, pattern: 'https://acme\\.dev/.*' }, 'https://evil.dev/', 'X must match https://acme\\.dev/.*'],
    [select, 'later', 'X must be one of now, tonight'],
    [select, ['now'], 'X must be one of now, tonight'],
    [multi, ['eu', 'mars'], 'X must be some of eu, us, ap'],
    [multi, ['eu', 'eu'], 'X must be some of eu, us, ap'],
    [multi, [1], 'X must be some of eu, us, ap'],
    [date, '2026-02-30', 'X must be a date (YYYY-MM-DD)'],
    [date, '2026-2-3', 'X must be a date (YYYY-MM-DD)'],
    [date, 20260203, 'X must be a date (YYYY-MM-DD)'],
    [checkbox, 'yes', 'X must be true or false'],
    [{ ...text, required: true }, undefined, 'X is required'],
    [{ ...text, required: true }, ' \n', 'X is required'],
    [{ ...multi, required: true }, [], 'X is required'],
    [{ ...checkbox, required: true }, false, 'X is required'],
  ])('%o: %j', (field, value, message) => {
    const refused = answer(field, value).thenRefuses('invalid_inputs').thenIs({ votes: [], version: 1 });
    expect(refused.decision).toMatchObject({ errors: [{ path: 'inputs.x', message }] });
  });

  it('together with all the others', () => {
    asking({ ...text, required: true }, { ...number, id: 'n' })
      .when(vote('ana', 'approve', { inputs: { n: 'many', more: 1 } }))
      .thenRefuses('invalid_inputs', 'inputs.more', 'inputs.x', 'inputs.n');
  });

  it('and neither do answers nobody asked for', () => {
    asking()
      .when(vote('ana', 'approve', { inputs: { x: 1 } }))
      .thenRefuses('invalid_inputs', 'inputs.x');
    asking()
      .when(vote('ana', 'approve', { inputs: JSON.parse('{"__proto__": 1}') }))
      .thenRefuses('invalid_inputs');
  });

  it('does not take what objects have by nature for an answer', () => {
    const unanswered = asking({ ...text, id: 'constructor', required: true }).when(vote('ana'));
    expect(unanswered.decision).toMatchObject({ refusal: 'invalid_inputs', errors: [{ message: 'X is required' }] });
  });
});

describe('a field with a condition', () => {
  const window = (when: string): FieldDefinition => ({ ...select, id: 'window', required: true, when });
  const opened = (when: string) =>
    given(gate(['ana'], 1, { form: [window(when)], options: canaryOptions }), { content: { context: { risk: 3 } } });

  it('is asked for only where it is true', () => {
    opened('option != "stop"').when(vote('ana', 'full')).thenRefuses('invalid_inputs', 'inputs.window');
    opened('option != "stop"').when(vote('ana', 'stop')).thenEnds('rejected');
    opened('option != "stop"')
      .when(vote('ana', 'stop', { inputs: { window: 'now' } }))
      .thenRefuses('invalid_inputs');
    opened('context.risk > 5.0').when(vote('ana', 'full')).thenEnds('approved');
  });

  it.each(['context.nope', '((', '"text"'])('is asked for where it fails: %s', (when) => {
    opened(when).when(vote('ana', 'full')).thenRefuses('invalid_inputs', 'inputs.window');
    opened(when)
      .when(vote('ana', 'full', { inputs: { window: 'now' } }))
      .thenEnds('approved');
  });
});

describe('the outcome’s inputs', () => {
  it('are those of the votes for the chosen option', () => {
    const form = [{ ...select, id: 'window' }];
    given(gate(['ana', 'ben', 'mia'], 3, { form, options: canaryOptions }))
      .whenAll(
        vote('ben', 'full', { inputs: { window: 'tonight' } }),
        vote('mia', 'full'),
        vote('ana', 'canary', { inputs: { window: 'now' } }),
      )
      .thenEnds('approved', { option: 'full', inputs: { window: 'tonight' } });
  });
});
