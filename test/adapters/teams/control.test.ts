import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Control, readControl, STEPS, writeControl } from '../../../src/adapters/teams/control.ts';

const request = fc.stringMatching(/^req_[0-9A-Za-z]{10,40}$/);
const count = fc.nat();
const countOrNone = fc.option(fc.nat(), { nil: null });
const about = { request, shown: count, replaces: countOrNone, form: countOrNone };
const anyControl: fc.Arbitrary<Control> = fc.oneof(
  fc.record({
    ...about,
    kind: fc.constant('vote' as const),
    option: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  }),
  fc.record({ ...about, kind: fc.constantFrom(...STEPS) }),
  fc.record({ kind: fc.constant('view' as const), request }),
  fc.record({
    kind: fc.constant('page' as const),
    list: fc.constantFrom('waiting' as const, 'asked' as const, 'recent' as const, 'all' as const),
    after: fc.option(request, { nil: null }),
  }),
);

describe('a control', () => {
  it('is read as it was written, and stays short', () => {
    fc.assert(
      fc.property(anyControl, (control) => {
        const text = writeControl(control);
        expect(readControl(text)).toEqual(control);
        expect(text.length).toBeLessThan(200);
      }),
    );
  });

  it.each([
    '',
    'vote',
    'vote|req_01JD8QZ6V3M0F7|1|||',
    'vote|req_01JD8QZ6V3M0F7|-1|||approve',
    'vote|req_01JD8QZ6V3M0F7|1|x||approve',
    'vote|req_../../x|1|||approve',
    'comment|req_01JD8QZ6V3M0F7|1|||approve',
    'open|req_01JD8QZ6V3M0F7|1|||',
    'view|req_01JD8QZ6V3M0F7|1',
    'page|everything|',
    `vote|req_01JD8QZ6V3M0F7|1|||${'a'.repeat(400)}`,
  ])('that we never wrote is none: %s', (text) => {
    expect(readControl(text)).toBeNull();
  });
});
