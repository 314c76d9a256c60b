/** test/adapters/web/pages.test.ts: what the pages show, and that nothing written by others can deceive on them. */

import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { safeLink, visible } from '../../../src/adapters/text.ts';
import type { RequestView } from '../../../src/engine/view.ts';
import { approved, bypassed, now, pagesOf, pending, processWith, rejected, signedIn } from './samples.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

async function pageOf(view: RequestView): Promise<string> {
  const app = await pagesOf(processWith([view]));
  open.push(app);
  return (await (await signedIn(app)).get(`/requests/${view.id}`)).body;
}

describe('the page of a request', () => {
  it('says what is asked, by whom as the pipeline says, who decides and what silence means', async () => {
    const page = await pageOf(pending);
    for (const text of [
      'Deploy payments 4.12.0 to production',
      'asks, as pipeline ',
      'written by pipeline',
      '4.12.0',
      pending.subject?.digest ?? '',
      'https://ci.acme.dev/runs/812/report',
      '1 of 2 approvals · waiting for Mia Chen',
      'If nobody decides, it is rejected.',
      'datetime="2026-11-22T12:30:00.000Z"',
      'Looks right: the migration is backwards compatible.',
      'in Slack',
      'SLA at risk',
      'was asked too',
      'Is there a way back after the migration?',
      'Yes: the old partition stays for a week.',
      'The dry run is green.',
      'not needed here',
      pending.digest,
    ])
      expect(page).toContain(text);
  });

  it('says which step an escalation was, for whom a stand-in is asked, and until when', async () => {
    const asked = { sentence: 'You are asked for Ben Okoye, who is away', until: Date.parse('2026-11-30T00:00:00Z') };
    const [escalation] = pending.escalations;
    if (escalation === undefined) throw new Error('the sample has an escalation');
    const step = { ...escalation, step: { number: 1, of: 2 } };
    const page = await pageOf({ ...pending, asked, escalations: [step, { ...escalation, cause: 'sla' }] });
    for (const text of [
      'Escalated (step 1 of 2)',
      'Escalated (target time missed)',
      'You are asked for Ben Okoye, who is away until',
      'datetime="2026-11-30T00:00:00.000Z"',
    ])
      expect(page).toContain(text);
  });

  it('offers each action that the view offers, and none besides', async () => {
    const page = await pageOf(pending);
    const actions = new Set([...page.matchAll(/action="\/requests\/req_01jd8q\/(\w+)"/g)].map(([, kind]) => kind));
    expect(actions).toEqual(new Set(['vote', 'comment', 'requestInformation', 'delegate', 'snooze', 'bypass']));
    expect(await pageOf(approved)).not.toContain('action="/requests/');
  });

  it('says kindly why this person may not vote', async () => {
    const page = await pageOf({
      ...pending,
      actions: [],
      notice: 'You asked for this, so somebody else has to decide it.',
    });
    expect(page).toContain('You asked for this, so somebody else has to decide it.');
    expect(page).not.toContain('value="approve"');
  });

  it('offers to change or withdraw a vote, naming the vote it would replace', async () => {
    const vote = pending.stages[0]?.votes[0] ?? null;
    const [first] = pending.actions;
    if (first?.kind !== 'vote') throw new Error('the sample begins with a vote');
    const page = await pageOf({
      ...pending,
      myVote: vote,
      actions: [
        { ...first, kind: 'changeVote', replaces: 17 },
        { kind: 'withdrawVote', label: 'Withdraw my vote', replaces: 17 },
      ],
    });
    expect(page).toContain('You chose');
    expect(page).toContain('Change my vote');
    expect(page.match(/name="replaces" value="17"/g)).toHaveLength(2);
  });

  it('says who, what, when and why after the end', async () => {
    const page = await pageOf(approved);
    for (const text of ['Approved by Ana Silva and Mia Chen', 'Go, but watch the queue.', 'tonight', '09:29 UTC'])
      expect(page).toContain(text);
    expect(await pageOf(rejected)).toContain('Nobody decided in time');
  });

  it('gives a bypass a look of its own, and its review a form', async () => {
    const page = await pageOf(bypassed);
    expect(page).toContain('card ending bypassed');
    expect(page).toContain('Somebody else still has to review this bypass.');
    expect(page).toContain('action="/requests/req_01jd8s/reviewBypass"');
  });

  it('shows a pause and a freeze', async () => {
    const paused = await pageOf({ ...pending, paused: { sentence: 'Paused by Ana Silva: audit', at: now } });
    expect(paused).toContain('Paused by Ana Silva: audit');
    const held = await pageOf({ ...pending, held: { sentence: 'It takes effect after the freeze', until: now + 5 } });
    expect(held).toContain('It takes effect after the freeze');
  });

  it('has a language, a title, landmarks, skip links and headings in order', async () => {
    const page = await pageOf(pending);
    expect(page).toMatch(/^<!doctype html><html lang="en">/);
    expect(page).toContain(
      '<title>Deploy payments 4.12.0 to production · Waiting for a decision · Countersign</title>',
    );
    expect(page).toContain('href="#decision"');
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    expect(levels[0]).toBe(1);
    expect(levels.every((level, index) => index === 0 || level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('text from outside', () => {
  const evil = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>';

  it('stays text wherever it stands', async () => {
    const hostile = JSON.parse(
      JSON.stringify(pending, (key, value) =>
        [
          'title',
          'name',
          'label',
          'value',
          'text',
          'question',
          'reason',
          'sentence',
          'progress',
          'gate',
          'by',
          'pipeline',
          'optionLabel',
          'description',
          'digest',
        ].includes(key) && typeof value === 'string'
          ? evil
          : value,
      ),
    );
    const page = await pageOf(hostile);
    expect(page).toContain('&lt;script>alert(1)');
    expect(page).not.toMatch(/<script>|<img/i);
    expect(page.match(/<script/g)).toHaveLength(1);
  });

  it('makes no HTML, image, dangerous link or heading of the page out of Markdown', async () => {
    const description = [
      '# Approved by Ana',
      '<b onclick="x()">bold</b> <iframe src="https://evil.example"></iframe>',
      '[safe](https://docs.acme.dev/a?b=1&c=2) [js](javascript:alert(1)) [data](data:text/html;base64,PHNjcmlwdD4=)',
      '[creds](https://user:pw@evil.example/) [relative](/logout) [proto](//evil.example)',
      '![tracker](https://evil.example/pixel.png)',
      '[https://good.example](https://evil.example/phish)',
      '<https://auto.example/x> https://bare.example',
    ].join('\n\n');
    const page = await pageOf({ ...pending, description });
    const links = [...page.matchAll(/<a href="([^"]+)" rel="noopener noreferrer nofollow"/g)].map(([, href]) => href);
    expect(links).toEqual([
      'https://docs.acme.dev/a?b=1&amp;c=2',
      'https://evil.example/pixel.png',
      'https://evil.example/phish',
      'https://auto.example/x',
      'https://registry.acme.dev/payments',
      'https://ci.acme.dev/runs/812/report',
    ]);
    expect(page).toContain('https://good.example</a> <span class="goes-to">(evil.example)</span>');
    expect(page).toContain('<h3>Approved by Ana</h3>');
    expect(page).not.toMatch(/<(img|iframe|b|style)[ >]/);
    expect(page).not.toMatch(/href="(javascript|data|\/\/)/);
  });

  it('links artifacts only where the address is a web address', async () => {
    const artifact = (url: string) => ({ name: 'report', url, digest: null });
    const page = await pageOf({
      ...pending,
      artifacts: [artifact('javascript:alert(1)'), artifact('file:///etc/passwd')],
    });
    expect(page).toContain('(javascript:alert(1), not a link)');
    expect(page).not.toMatch(/href="(javascript|file)/);
  });

  it('shows characters that hide or turn text around', () => {
    expect(visible('pay\u202Eload\u200B\u0000\uD800')).toBe('pay⟨U+202E⟩load⟨U+200B⟩⟨U+0000⟩\uFFFD');
    expect(visible('a\u{E0041}b\u3164\u00ad')).toBe('a⟨U+E0041⟩b⟨U+3164⟩⟨U+00AD⟩');
    expect(visible('two\nlines\tand a family 👨‍👩‍👧 ❤️')).toBe('two\nlines\tand a family 👨‍👩‍👧 ❤️');
    expect(visible(`z${'\u0301'.repeat(50)}`)).toHaveLength(7);
    expect(visible('naïve Ελληνικά العربية עברית 日本語')).toBe('naïve Ελληνικά العربية עברית 日本語');
  });

  it('shows look-alike hosts as what they are', () => {
    expect(safeLink('https://аpple.com/')?.goesTo).toBe('xn--pple-43d.com');
    expect(safeLink('mailto:ana@acme.dev')?.href).toBe('mailto:ana@acme.dev');
    for (const bad of [
      '/relative',
      'javascript:alert(1)',
      ' java\tscript:alert(1)',
      'https://u:p@x.dev',
      'ftp://x.dev',
      `https://x.dev/${'a'.repeat(3000)}`,
    ])
      expect(safeLink(bad)).toBeNull();
  });

  it('takes deep and long Markdown without falling over', async () => {
    const page = await pageOf({
      ...pending,
      description: `${'> '.repeat(5000)}deep\n\n${'[['.repeat(5000)}\n\n${'word '.repeat(20_000)}`,
    });
    expect(page).toContain('What is asked');
  });
});

describe('the inbox', () => {
  it('lists what waits for the person, what they asked for and what was decided', async () => {
    const app = await pagesOf(processWith([pending, approved, rejected, bypassed]));
    open.push(app);
    const visitor = await signedIn(app, 'ben');
    const page = (await visitor.get('/')).body;
    for (const text of [
      'Waiting for you',
      'You asked for',
      'Recently decided',
      'href="/requests/req_01jd8q"',
      'Approved by Ana',
    ])
      expect(page).toContain(text);
    expect(page).toContain('href="/?after=req_01jd8s"');
  });

  it('searches, keeps the words typed, and says when nothing was found', async () => {
    const app = await pagesOf(processWith([pending, rejected]));
    open.push(app);
    const visitor = await signedIn(app);
    const found = (await visitor.get('/?q=DROP')).body;
    expect(found).toContain('value="DROP"');
    expect(found).not.toContain('Deploy payments');
    expect((await visitor.get('/?q=%22%3E%3Cscript%3E')).body).toContain('Nothing was found.');
    expect((await visitor.get('/?q=a&q=b')).statusCode).toBe(400);
    expect((await visitor.get(`/?q=${'a'.repeat(201)}`)).statusCode).toBe(400);
    expect((await visitor.get('/?after=../../etc')).statusCode).toBe(400);
  });
});
