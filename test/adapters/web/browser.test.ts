/** test/adapters/web/browser.test.ts: a person decides, in a real browser: by mouse, by keyboard, with and without JavaScript. */
import type { FastifyInstance } from 'fastify';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RequestView } from '../../../src/engine/view.ts';
import { launchBrowser } from '../../fake/browser.ts';
import { anasVote, approved, bypassed, now, type Process, pagesOf, pending, processWith, rejected } from './samples.ts';

let browser: Browser;
const open: FastifyInstance[] = [];
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await Promise.all(open.splice(0).map((app) => app.close()));
});
afterAll(() => browser.close());

interface Visit {
  readonly page: Page;
  readonly process: Process;
  /** What the page complained about: script errors, refused loads. */
  readonly complaints: string[];
}

/** Mia opens the inbox in a fresh browser. Votes close the request, as at a gate of one. */
async function visit(options: BrowserContextOptions = {}, views: readonly RequestView[] = [pending]): Promise<Visit> {
  // Port 0 is known only once it listens, and the Origin check needs it.
  const process = processWith(views);
  let address = '';
  const ports = Object.defineProperty({ ...process.ports }, 'publicUrl', { get: () => address || 'http://127.0.0.1' });
  const app = await pagesOf({ ...process, ports });
  open.push(app);
  address = await app.listen({ port: 0, host: '127.0.0.1' });
  process.answer = (action) => {
    if (action.kind === 'vote') process.change({ ...approved, id: pending.id, version: 9 });
    return { kind: 'done' };
  };
  const context = await browser.newContext({ baseURL: address, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto('/login');
  await page.getByRole('button', { name: 'Mia Chen' }).click();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  complaints.length = 0; // the 401 of the very first visit
  return { page, process, complaints };
}

async function openRequest(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Deploy payments' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Deploy payments' }).waitFor();
}

describe('a person in a browser', () => {
  for (const javaScriptEnabled of [true, false])
    it(`approves with one click, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
      const { page, process, complaints } = await visit({ javaScriptEnabled });
      await openRequest(page);
      await page.getByRole('button', { name: 'Approve', exact: true }).click();
      await page.getByRole('heading', { name: 'Approved', exact: true }).waitFor();
      expect(await page.getByRole('status').first().textContent()).toBe('Your decision is recorded.');
      expect(process.actions.map(({ action }) => action)).toMatchObject([
        { kind: 'vote', person: 'mia', option: 'approve' },
      ]);
      expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
      expect(complaints).toEqual([]);
    });

  it('decides once, however often the button is pressed', async () => {
    const { page, process } = await visit();
    await openRequest(page);
    await page.getByRole('button', { name: 'Approve', exact: true }).dblclick();
    await page.getByRole('heading', { name: 'Approved', exact: true }).waitFor();
    expect(process.actions).toHaveLength(1);
  });

  it('rejects by keyboard alone, with the reason that is asked for', async () => {
    const { page, process } = await visit({ javaScriptEnabled: false });
    await openRequest(page);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the decision');
    await page.keyboard.press('Enter');
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await page.locator(':focus').textContent()) === 'Reject…') break;
    }
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Not on a Friday.');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Reject');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Approved', exact: true }).waitFor();
    expect(process.actions.map(({ action }) => action)).toMatchObject([
      { kind: 'vote', option: 'reject', reason: 'Not on a Friday.' },
    ]);
  });

  it('finds everything typed after a refusal, with the error at its field', async () => {
    const { page, process, complaints } = await visit();
    process.answer = () => ({
      kind: 'refused',
      words: 'Some answers are missing or do not fit.',
      errors: [{ path: 'inputs.ticket', message: 'Ticket must look like OPS-123' }],
    });
    await openRequest(page);
    await page.getByText('Canary 10 %…').click();
    await page.getByLabel('Window').selectOption('tonight');
    await page.getByLabel('Share in percent').fill('12.5');
    await page.getByLabel('Ticket').fill('nonsense');
    await page.getByLabel('eu', { exact: true }).check();
    await page.getByLabel('Support has been told').check();
    await page.getByRole('button', { name: 'Canary 10 %', exact: true }).click();
    await page.getByRole('alert').waitFor();
    const ticket = page.getByLabel('Ticket');
    expect(await ticket.inputValue()).toBe('nonsense');
    expect(await ticket.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#vote--canary--input\\.ticket--error').textContent()).toBe(
      'Ticket must look like OPS-123',
    );
    await expect.poll(() => page.locator(':focus').getAttribute('name')).toBe('input.ticket');
    expect(await page.getByLabel('Share in percent').inputValue()).toBe('12.5');
    expect(await page.getByLabel('eu', { exact: true }).isChecked()).toBe(true);
    expect(new URL(page.url()).pathname).toBe('/requests/req_01jd8q');
    expect(complaints.filter((text) => !text.includes('422'))).toEqual([]);
  });

  it('sees another person’s vote arrive, and loses no word of what is being typed', async () => {
    const { page, process, complaints } = await visit();
    await openRequest(page);
    await page.getByText('Reject…').click();
    const reason = page.locator('#vote--reject--reason');
    await reason.fill('I am still wri');
    await expect.poll(() => process.listeners()).toBe(1);
    const [first] = pending.stages;
    if (first === undefined) throw new Error('the sample has stages');
    const vote = { ...anasVote, reason: 'Seen and checked by Ana.', at: now };
    process.change({
      ...pending,
      version: 4,
      progress: '2 of 2 approvals',
      stages: [{ ...first, votes: [vote] }, ...pending.stages.slice(1)],
    });
    await page.getByText('Seen and checked by Ana.').waitFor();
    expect(await page.locator('#live').textContent()).toBe('Updated: 2 of 2 approvals');
    expect(await reason.inputValue()).toBe('I am still wri');
    await page.keyboard.type('ting');
    expect(await reason.inputValue()).toBe('I am still writing');
    process.change({ ...approved, id: pending.id, version: 5 });
    await page.getByRole('heading', { name: 'Approved', exact: true }).waitFor();
    expect(await page.getByText('Your text was not sent').count()).toBe(1);
    expect(await page.getByText('I am still writing').count()).toBe(1);
    expect(await page.title()).toContain('Approved');
    expect(complaints).toEqual([]);
  });

  it('reads times as far away, in their own zone', async () => {
    const { page } = await visit({ timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
    await page.clock.setFixedTime(now);
    await openRequest(page);
    await page.reload();
    await page.getByText('in 3 hours (21:30)').first().waitFor();
  });

  for (const [look, options] of [
    ['a phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
    ['a small phone', { viewport: { width: 320, height: 568 } }],
    ['a desk', { viewport: { width: 1280, height: 900 } }],
  ] as const)
    it(`needs no sideways scrolling on ${look}, and has the decision in view`, async () => {
      const long = {
        ...pending,
        id: 'req_long',
        title: 'x'.repeat(300),
        description: `${'y'.repeat(2000)}\n\n    ${'z'.repeat(500)}`,
      };
      const { page } = await visit(options, [pending, long, approved, bypassed, rejected]);
      for (const path of [
        '/',
        '/login',
        `/requests/${pending.id}`,
        '/requests/req_long',
        `/requests/${approved.id}`,
        '/requests/none',
        '/away',
      ]) {
        await page.goto(path);
        const wide = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
        expect([path, wide]).toEqual([path, 0]);
      }
      await page.goto('/requests/req_long');
      const box = await page.getByRole('button', { name: 'Approve', exact: true }).boundingBox();
      expect((box?.y ?? Number.POSITIVE_INFINITY) + (box?.height ?? 0)).toBeLessThanOrEqual(options.viewport.height);
      expect(box?.height).toBeGreaterThanOrEqual(44);
    });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`can read every word in the ${colorScheme}`, async () => {
      const { page } = await visit({ colorScheme }, [pending, approved, bypassed, rejected]);
      const canvas = await page
        .locator('body')
        .evaluate((body) => body.ownerDocument.defaultView?.getComputedStyle(body).backgroundColor);
      expect(canvas).toBe(colorScheme === 'dark' ? 'rgb(14, 17, 22)' : 'rgb(245, 246, 248)');
      for (const view of [pending, approved, bypassed, rejected]) {
        await page.goto(`/requests/${view.id}`);
        expect(await page.evaluate(tooFaint)).toEqual([]);
      }
      for (const path of ['/', '/away']) {
        await page.goto(path);
        expect(await page.evaluate(tooFaint)).toEqual([]);
      }
    });
});

/** In the page: texts whose contrast to what lies behind them is below 4.5 : 1 (WCAG 2.2, 1.4.3). */
const tooFaint = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join('').trim();
    if (text === '' || !element.checkVisibility() || element.closest('.unseen')) continue;
    const [a, b] = [light(channels(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push(text.slice(0, 40) + ' ' + contrast.toFixed(2));
  }
  return found;
})()`;
