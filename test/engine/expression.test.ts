// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of gates are what is tested here
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkExpression,
  checkPattern,
  checkTemplate,
  evaluate,
  literalStart,
  renderTemplate,
} from '../../src/engine/expression.ts';

/** As it comes from a pipeline: through JSON.parse. */
const context: unknown = JSON.parse(
  '{"amount": 50, "risk": 7.5, "environment": "staging", "list": [1, 2, 3], "nothing": null, "zero": 0, "nested": {"a": 1}, "__proto__": {"polluted": true}}',
);
const clean: unknown = JSON.parse(
  '{"amount": 50, "risk": 7.5, "environment": "staging", "list": [1, 2, 3], "nothing": null, "zero": 0, "nested": {"a": 1}}',
);
const facts = { context: clean, request: { gate: 'deploy', requester: null }, option: 'canary' };
const value = (source: string): unknown => {
  const result = evaluate(source, facts);
  return result.ok ? result.value : `failed: ${result.error}`;
};

describe('an expression', () => {
  it.each([
    ['context.amount < 100', true],
    ['context.amount == 50', true],
    ['context.amount in [50, 60]', true],
    ['context.risk >= 7', true],
    ['context.risk < 7', false],
    ['context.amount * 2 + 1 == 101', true],
    ['context.amount % 2 == 0', true],
    ['-(1 - (2 - 3)) == -2', true],
    ['!(context.amount > 1)', false],
    ['context.environment == "staging"', true],
    ['option != "reject"', true],
    ['request.requester == null', true],
    ['2 in context.list', true],
    ['context.list[1] == 2', true],
    ['size(context.list) > 2', true],
    ['has(context.missing)', false],
    ['has(context.nested.a)', true],
    ['context.missing == 1 || true', true],
    ['context.list.all(x, x > 0)', true],
    ['context.list.exists(x, context.list.exists(y, x + y == 6))', true],
    ['context.list.filter(x, x > 1).map(y, y * 2) == [4, 6]', true],
    ['context.nested.exists(key, key == "a")', true],
    ['type(context.environment) == string', true],
    ['context.amount > 10 ? "much" : "little"', 'much'],
  ])('%s is %s', (source, expected) => expect(value(source)).toBe(expected));

  it.each([
    ['context.missing', 'No such key: missing'],
    ['context.nested.missing == 1', 'No such key: missing'],
    ['context.nothing.a', 'No such key: a'],
    ['context.list[9] == 1', 'No such key: index out of bounds, index 9 >= size 3'],
    ['context.environment + 1', 'no such overload: dyn<string> + int'],
    ['context.amount / context.zero > 1', 'division by zero'],
    ['context.amount % 0 == 0', 'division by zero'],
    ['context.amount ? 1 : 2', "Ternary condition must be bool, got 'double'"],
    ['1 +', 'Unexpected token: EOF'],
    ['', 'is an empty expression'],
    ['foo(1)', "found no matching overload for 'foo(int)'"],
    ['weigh__(1)', 'unknown function "weigh__"'],
    ['outcome.status', 'Unknown variable: outcome'],
    ['process.env', 'unknown name "process"'],
    ['cel.bind(x, 1, x)', 'unknown name "cel"'],
  ])('%s fails: %s', (source, error) => expect(evaluate(source, facts)).toEqual({ ok: false, error }));

  it('finds nothing behind the names that JavaScript objects have', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length']) {
      expect(evaluate(`context.${key}`, facts).ok).toBe(false);
      expect(evaluate(`context["${key}"]`, facts).ok).toBe(false);
      expect(evaluate(`context.list.${key}`, facts).ok).toBe(false);
      expect(value(`has(context.${key})`)).toBe(false);
    }
    expect(evaluate('context.polluted', { context }).ok).toBe(false);
  });

  it('never throws, whatever it says', () => {
    const pieces = fc.constantFrom(
      'context',
      '.',
      'a',
      '(',
      ')',
      '[',
      ']',
      '"',
      'all(x,',
      '1',
      '+',
      '?',
      ':',
      '{',
      '}',
      'matches(',
      '$',
      '\\',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        fc.jsonValue(),
        (source, json) => {
          expect(typeof evaluate(source, { context: json }).ok).toBe('boolean');
          expect(typeof renderTemplate(source, { context: json }).ok).toBe('boolean');
        },
      ),
    );
  });

  it('costs little once it is compiled', () => {
    const started = performance.now();
    for (let i = 0; i < 10_000; i++) renderTemplate('Deploy ${context.environment} ${context.amount}', facts);
    expect(performance.now() - started).toBeLessThan(1000); // 0.3 µs each on the machine it was written on
  });
});

describe('matches', () => {
  it('is RE2, as a method and as a function', () => {
    expect(value('context.environment.matches("^st.*g$")')).toBe(true);
    expect(value('matches(context.environment, "^prod")')).toBe(false);
    expect(value('["a1", "b2"].all(x, x.matches("[0-9]$"))')).toBe(true);
    expect(value('context.environment.matches("(?i)STAG")')).toBe(true);
  });

  it('does not backtrack', () => {
    const started = performance.now();
    const text = `${'a'.repeat(50_000)}!`;
    expect(evaluate('context.text.matches("^(a+)+$")', { context: { text } })).toEqual({ ok: true, value: false });
    expect(performance.now() - started).toBeLessThan(2000); // JavaScript's RegExp takes seconds for 28 characters
  });

  it.each([
    ['context.environment.matches("(")', '"(" is not a valid RE2 pattern'],
    ['context.environment.matches("(?=a)b")', '"(?=a)b" is not a valid RE2 pattern'],
    ['context.environment.matches(context.environment)', 'matches needs its pattern written out as text'],
    ['matches(context.environment, "a" + "b")', 'matches needs its pattern written out as text'],
  ])('refuses %s', (source, error) => expect(checkExpression(source, ['context'])).toBe(error));

  it('refuses patterns that grow too big', () => {
    expect(checkPattern('(a{500}){500}')).not.toBeNull();
    expect(checkPattern('(a{60}){60}')).not.toBeNull();
    expect(checkPattern('a'.repeat(501))).toBe('the pattern is longer than 500 characters');
    expect(checkPattern('[A-Z]{2,5}-[0-9]{1,6}')).toBeNull();
  });
});

describe('limits', () => {
  it.each([
    ['1 + '.repeat(600).concat('1'), 'is longer than 2000 characters'],
    ['1+'.repeat(400).concat('1'), 'Exceeded maxAstNodes (500)'],
    ['('.repeat(100).concat('1', ')'.repeat(100)), 'Exceeded maxDepth (50)'],
    ['context.l.all(x, context.l.all(y, context.l.all(z, true)))', 'nests all, exists, map or filter deeper than 2'],
    [`context.l${'.map(x, [x, x])'.repeat(9)}`, 'uses all, exists, map or filter more than 8 times'],
  ])('refuse %s', (source, error) => expect(checkExpression(source, ['context'])).toBe(error));

  it('stop what looks at too much, and say so', () => {
    const many = { context: { list: Array.from({ length: 5000 }, (_, i) => i) } };
    const error = 'looks at too much: the lists are too long for this expression';
    expect(evaluate('context.list.all(x, x < 5000)', many)).toEqual({ ok: true, value: true });
    const started = performance.now();
    for (const source of [
      'context.list.all(x, context.list.all(y, x + y >= 0))',
      'context.list.all(x, context.list == context.list)',
      `[context.list]${'.map(x, x + x)'.repeat(8)} == []`,
      `[[1]]${'.map(x, [x, x, x, x, x, x, x, x, x, x])'.repeat(8)} == []`,
    ])
      expect(evaluate(source, many)).toEqual({ ok: false, error });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('start anew with each evaluation', () => {
    const many = { context: { list: Array.from({ length: 30_000 }, (_, i) => i) } };
    for (let i = 0; i < 5; i++) expect(evaluate('context.list.all(x, x >= 0)', many).ok).toBe(true);
  });
});

describe('checking an expression', () => {
  it('names the facts that there are', () => {
    expect(checkExpression('context.a == 1', ['context', 'request'])).toBeNull();
    expect(checkExpression('context.list.all(item, item > request.min)', ['context', 'request'])).toBeNull();
    expect(checkExpression('outcome.status == "x"', ['context', 'request'])).toBe(
      'unknown name "outcome"; here there are context, request',
    );
    expect(checkExpression('item > 1', ['context'])).toBe('unknown name "item"');
    expect(checkExpression('"a" + 1', ['context'])).toBe('no such overload: string + int');
  });
});

describe('a template', () => {
  it.each([
    ['Deploy ${context.environment} now', 'Deploy staging now'],
    ['${context.amount}/${context.risk}/${1 + 1}/${context.amount > 1}', '50/7.5/2/true'],
    ['costs $${context.amount}', 'costs $50'],
    ['${ {"a}": "b"}["a}"] } x', 'b x'],
    ["${'it\\'s}'}", "it's}"],
    ['${r"\\d"}${"}"}', '\\d}'],
    ['${"""a"}"""}', 'a"}'],
    ['${context.amount > 1 ? "{" : "}"}', '{'],
    ['${timestamp("2026-01-01T00:00:00Z")}', '2026-01-01T00:00:00.000Z'],
    ['plain $ {text}', 'plain $ {text}'],
    ['', ''],
  ])('%s becomes %s', (source, expected) =>
    expect(renderTemplate(source, facts)).toEqual({ ok: true, value: expected }),
  );

  it.each([
    ['a ${context.missing}', '${context.missing}: No such key: missing'],
    ['${context.nothing}', '${context.nothing}: is not text, a number or true or false'],
    ['${context.list}', '${context.list}: is not text, a number or true or false'],
    ['a ${b', '"${" at character 3 is never closed by "}"'],
    ['${}', '${}: is an empty expression'],
  ])('%s fails: %s', (source, error) => expect(renderTemplate(source, facts)).toEqual({ ok: false, error }));

  it('encodes values, and nothing else', () => {
    const url = 'https://ci.example/run/${context.id}?a=b/c';
    expect(renderTemplate(url, { context: { id: '../a b?' } }, encodeURIComponent)).toEqual({
      ok: true,
      value: 'https://ci.example/run/..%2Fa%20b%3F?a=b/c',
    });
    expect(literalStart(url)).toBe('https://ci.example/run/');
  });

  it('is checked like its expressions', () => {
    expect(checkTemplate('a ${context.x} b', ['context'])).toBeNull();
    expect(checkTemplate('a ${outcome.x} b', ['context'])).toBe(
      '${outcome.x}: unknown name "outcome"; here there are context',
    );
    expect(checkTemplate('x'.repeat(10_001), ['context'])).toBe('is longer than 10000 characters');
  });
});
