/** Cards in a real browser, drawn by the official renderer: what people see, what a click sends, and that nothing runs. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Card, readData, readInputs, surface } from '../../../../src/adapters/teams/render/index.ts';
import type { RequestView } from '../../../../src/engine/view.ts';
import { launchBrowser } from '../../../fake/browser.ts';
import { approve, canary, link, now, pending, reject, vetoed } from '../../slack/render/samples.ts';
import { pageHtml } from './preview-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
}, 60_000);
afterAll(async () => {
  await browser.close();
});

const own = (view: RequestView): Card =>
  surface(view, { link: link(view.id), isShared: false, mention: () => null, refreshFor: [] });

/** What clicks sent, as the renderer hands them over. */
async function inPage(card: Card, use: (page: Page, clicks: () => Promise<unknown[]>) => Promise<void>): Promise<void> {
  const page = await browser.newPage();
  try {
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.setContent(pageHtml(card, 'light', ''));
    await use(page, () => page.evaluate('window.clicks'));
    expect(errors).toEqual([]);
  } finally {
    await page.close();
  }
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

describe('a card in a browser', () => {
  it('sends one click at once, without what stands in the forms beside it', async () => {
    await inPage(own({ ...pending, actions: [approve, reject, canary] }), async (page, clicks) => {
      await press(page, 'Approve');
      const [click] = await clicks();
      expect(click).toEqual({ verb: 'vote', data: { k: 'vote|req_01JD8QZ6V3M0F7|1|||approve' } });
    });
  });

  it('asks back before what ends the request', async () => {
    await inPage(own({ ...pending, actions: [approve, vetoed] }), async (page, clicks) => {
      await press(page, 'Reject');
      expect(await clicks()).toEqual([]);
      expect(await page.locator('.card').innerText()).toContain('This ends the request.');
    });
  });

  it('sends a form only once what it needs is filled in, and we read what was typed', async () => {
    const view = { ...pending, actions: [approve, canary] };
    await inPage(own(view), async (page, clicks) => {
      await press(page, 'Canary 10 %');
      const send = page.getByRole('button', { name: 'Canary 10 %', exact: true }).last();
      await send.click();
      expect(await clicks()).toEqual([]);
      await page.getByLabel('tonight').check();
      await page.getByLabel('Share in percent').fill('10');
      await page.getByLabel('Ticket').fill('OPS-7');
      await page.getByLabel('support', { exact: true }).check();
      await page.getByLabel('finance', { exact: true }).check();
      await page.getByLabel('Reason (optional)').fill('Slowly.');
      await send.click();
      const [click] = await clicks();
      const read = readData(typeof click === 'object' && click !== null && 'data' in click ? click.data : null);
      if (read?.control.kind !== 'vote') throw new TypeError('the click was not read');
      expect(readInputs(read.inputs, read.control, view, { now })).toMatchObject({
        kind: 'action',
        action: {
          option: 'canary',
          reason: 'Slowly.',
          inputs: { window: 'tonight', share: 10, ticket: 'OPS-7', teams: ['support', 'finance'], told: false },
        },
      });
    });
  });

  it('says beside the field what is wrong with it', async () => {
    await inPage(own({ ...pending, actions: [approve, reject] }), async (page) => {
      await press(page, 'Reject');
      await page.getByRole('button', { name: 'Reject', exact: true }).last().click();
      expect(await page.locator('.card').innerText()).toContain('Please give a reason.');
    });
  });

  it('shows what a pipeline wrote as text, whatever it is', async () => {
    const html = '<img src=x onerror="document.title=1"> [a](javascript:alert(1)) **b** <at>Ana Silva</at>';
    const field = { ...vetoed, label: html, confirm: html };
    const form = {
      ...canary,
      form: {
        ...canary.form,
        fields: [
          {
            id: 'x',
            type: 'select',
            label: html,
            help: html,
            required: true,
            when: null,
            options: [html, '# b'],
          } as const,
        ],
      },
    };
    const facts = [{ label: html, value: html }];
    await inPage(own({ ...pending, title: html, description: html, facts, actions: [field, form] }), async (page) => {
      await press(page, 'Canary 10 %');
      const card = page.locator('.card');
      expect(await card.locator('img, script, iframe, h1, [onerror]').count()).toBe(0);
      expect(await card.innerText()).toContain(
        '<img src=x onerror="document.title=1"> [a](javascript:alert(1)) **b** ‹at>Ana Silva‹/at>',
      );
      const targets = await card
        .locator('a')
        .evaluateAll((links) => links.map((each) => each.getAttribute('href') ?? ''));
      expect(targets.filter((target) => !/^https?:/.test(target))).toEqual([]);
      expect(await page.title()).toBe('');
    });
  });
});
