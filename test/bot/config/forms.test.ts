import { describe, expect, it } from 'vitest';
import { normaliseEmail, parseDuration } from '../../../src/bot/config/index.ts';
import { nearest } from '../../../src/bot/config/nearest.ts';

describe('a duration', () => {
  it.each<[unknown, number]>([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['1.5h', 5_400_000],
    ['PT24H', 86_400_000],
    ['P1DT2H', 93_600_000],
    ['P2W', 1_209_600_000],
    ['PT0.5S', 500],
    [90, 90_000],
    [0.25, 250],
    ['3650d', 315_360_000_000],
  ])('%j is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    '',
    '0s',
    'PT0S',
    0,
    -1,
    '-1h',
    '1',
    '1 h',
    '1y',
    'P',
    'PT',
    'P1D1H',
    'P1DT',
    'P1M',
    'P1Y',
    '3651d',
    1e300,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '1e3s',
    '9999999999s',
    null,
    undefined,
    true,
    [],
    {},
  ])('%j is none', (text) => expect(parseDuration(text)).toBeNull());
});

describe('an address', () => {
  it('is compared in lower case, and folded no further', () => {
    expect(normaliseEmail('Ana.Silva+Ops@ACME.dev')).toBe('ana.silva+ops@acme.dev');
    expect(normaliseEmail('a@localhost')).toBe('a@localhost');
  });

  it.each([
    'ana@acme.dev, eve@evil.example',
    'Ana <ana@acme.dev>',
    ' ana@acme.dev',
    'ana@acme.dev\n',
    'ana@@acme.dev',
    'ana',
    '@acme.dev',
    'ana@',
    'änä@acme.dev',
    'ana@ácme.dev',
    'ana@-acme.dev',
    'ana@acme..dev',
    '"a b"@acme.dev',
    `${'a'.repeat(65)}@acme.dev`,
  ])('%j is not one', (text) => expect(normaliseEmail(text)).toBeNull());
});

describe('what was probably meant', () => {
  it.each([
    ['emial', 'email'],
    ['quorom', 'quorum'],
    ['nmae', 'name'],
    ['Approvers', 'approvers'],
    ['mya', 'mia'],
  ])('%s is %s', (word, meant) => expect(nearest(word, ['email', 'quorum', 'name', 'approvers', 'mia'])).toBe(meant));

  it('is nothing when too much differs', () => {
    expect(nearest('bob', ['ana', 'bill'])).toBeNull();
    expect(nearest('colour', ['approvers'])).toBeNull();
  });
});
