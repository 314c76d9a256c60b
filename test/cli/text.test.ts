import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasColors } from '../../src/cli/terminal.ts';
import { durationText, jsonText, plain, plainLines, shortened } from '../../src/cli/text.ts';

describe('text from outside', () => {
  it.each([
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['cursor movement', 'a\u001b[2J\u001b[1;1Hb', 'ab'],
    ['a title that lies', '\u001b]0;Approved\u0007safe', 'safe'],
    ['a hyperlink', '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007', 'click'],
    ['the clipboard', '\u001b]52;c;cm0gLXJm\u0007x', 'x'],
    ['8-bit control sequences', 'a\u009b31mb', 'ab'],
    ['a carriage return that overwrites', 'rejected\rapproved', 'rejected approved'],
    ['reversed text', 'safe \u202egnp.exe', 'safe gnp.exe'],
    ['hidden text', 'a\u200bb\u2066c', 'abc'],
    ['bells and backspaces', 'a\u0007\b\u007fb', 'ab'],
  ])('loses %s', (_name, text, expected) => {
    expect(plain(text)).toBe(expected);
  });

  it('keeps letters, accents, emoji and, where wanted, line breaks', () => {
    expect(plain('Größe 10 % 🚀\nπ')).toBe('Größe 10 % 🚀 π');
    expect(plainLines('one\r\n two')).toBe('one\n two');
  });

  it('never lets a control character through, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plain(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        expect(jsonText({ text })).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('hides nothing: neither zero width, nor fillers, nor tag characters', () => {
    const hidden = '\u200b\u00ad\u2060\u3164\u{e0041}\u202e\u061c';
    expect(plain(`a${hidden}b✔︎`)).toBe('ab✔︎');
    expect(jsonText(`a${hidden}b`)).toBe('"a\\u200b\\u00ad\\u2060\\u3164\\udb40\\udc41\\u202e\\u061cb"');
  });

  it('says the same to every reader of JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

it('shortens by whole characters', () => {
  expect(shortened('🚀🚀🚀', 2)).toBe('🚀…');
  expect(shortened('abc', 3)).toBe('abc');
});

it.each([
  [0, '0s'],
  [9_500, '10s'],
  [3_600_000, '1h'],
  [86_400_000 * 2 + 3_600_000 * 3 + 5, '2d 3h'],
  [-5, '0s'],
])('says %i ms as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

describe('colours', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ TERM: 'dumb' }, true, false],
  ])('with %o and a terminal: %s, are shown: %s', (env, isTerminal, expected) => {
    expect(hasColors(env, isTerminal)).toBe(expected);
  });
});
