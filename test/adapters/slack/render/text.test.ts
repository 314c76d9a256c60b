import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  line,
  literal,
  moment,
  outsideLink,
  plain,
  saying,
  shorten,
} from '../../../../src/adapters/slack/render/text.ts';
import { anyText } from './anything.ts';
import { checkMarkup } from './taken.ts';

describe('text from outside', () => {
  it('can mention nobody', () => {
    expect(line('<!channel> <@U0ANA> & co', 100)).toBe('&lt;!channel&gt; &lt;＠U0ANA&gt; &amp; co');
    expect(line('@here see #general, ben@acme.dev knows', 100)).toBe('＠here see ＃general, ben@acme.dev knows');
  });

  it('can make no link of its own', () => {
    expect(line('<https://evil.example|https://ci.acme.dev>', 100)).not.toMatch(/[<>]/);
  });

  it('is shown as it was written where Slack would read marks', () => {
    expect(line('*Approved* by _Ana_ ~not~ `really`', 100)).toBe('∗Approved∗ by ˍAnaˍ ∼not∼ ˋreallyˋ');
    expect(line('snake_case_name and 2*3*4', 100)).toBe('snake_case_name and 2*3*4');
  });

  it('has no emoji by name, and keeps times, digests and addresses as they are', () => {
    expect(line(':white_check_mark: done', 100)).toBe('∶white_check_mark: done');
    expect(line('sha256:9f86 at registry.acme.dev:5000', 100)).toBe('sha256:9f86 at registry.acme.dev:5000');
  });

  it('hides nothing and turns nothing around', () => {
    expect(line('safe\u202egnp.exe', 100)).toBe('safe⟨U+202E⟩gnp.exe');
    expect(plain('a\u200bb', 100)).toEqual({ type: 'plain_text', text: 'a⟨U+200B⟩b', emoji: false });
  });

  it('is shortened visibly, never through an entity or a character', () => {
    expect(shorten('abcdef', 4)).toBe('abc…');
    expect(shorten('ab&amp;cd', 6)).toBe('ab…');
    expect(shorten('ab👩‍👩‍👧', 6)).toBe('ab…');
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 400 }), (text, limit) => {
        const shown = literal(text, limit);
        expect(shown.length).toBeLessThanOrEqual(limit);
        checkMarkup(shown);
      }),
    );
  });

  it('says so when it is cut, however much was left out', () => {
    expect(literal('x'.repeat(10_000), 100)).toBe(`${'x'.repeat(99)}…`);
    expect(saying('a\nb\nc\nd', 100, 2)).toBe('a\nb …');
    expect(saying('\n\n a \n\n\n\n b', 100, 5)).toBe('a\nb');
  });

  it('stands in no button or title as nothing', () => {
    expect(plain('  ', 10).text).toBe('–');
  });
});

describe('a link from outside', () => {
  it('says where it goes, beyond what its words say', () => {
    expect(outsideLink('https://evil.example/x', 'ci.acme.dev', 100)).toBe(
      '<https://evil.example/x|ci.acme.dev> (evil.example)',
    );
    expect(outsideLink('https://ci.acme.dev/runs/1', 'ci.acme.dev/runs', 100)).toBe(
      '<https://ci.acme.dev/runs/1|ci.acme.dev/runs>',
    );
  });

  it('is no link where it is no web address, carries a password or is too long', () => {
    for (const address of ['javascript:alert(1)', 'mailto:a@b.cc', 'https://u:p@acme.dev', '/relative', 'slack://open'])
      expect(outsideLink(address, 'report', 100)).toBe('report');
    expect(outsideLink(`https://acme.dev/${'x'.repeat(900)}`, 'report', 100)).toBe('report (acme.dev)');
  });

  it('cannot end early', () => {
    expect(outsideLink('https://acme.dev/?a|b>c', 'a|b>c', 100)).toBe(
      '<https://acme.dev/?a%7Cb%3Ec|a¦b&gt;c> (acme.dev)',
    );
  });
});

it('a moment is in the reader’s own time, and in UTC for clients that can’t', () => {
  expect(moment(Date.UTC(2026, 10, 22, 12, 30))).toBe(
    '<!date^1795350600^{date_short_pretty} at {time}|2026-11-22 12:30 UTC>',
  );
});
