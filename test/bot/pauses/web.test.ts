/** The page of pauses and the banner, on a real bot and in a real browser. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../fake/browser.ts';
import { startTestBot, type TestBot } from '../bot.ts';
import { PAUSE_GATES } from './house.ts';

let bot: TestBot;
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
beforeEach(async () => {
  bot = await startTestBot({ config: PAUSE_GATES, env: { WEB_DEV_LOGIN: '1' } });
  return async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await bot.end();
  };
});
afterAll(() => browser.close());

async function as(person: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: bot.url, ...options });
  const page = await context.newPage();
  await page.goto('/login');
  await page.locator(`button[value=${person}]`).click();
  return page;
}

const pause = async (page: Page, what: string, reason: string): Promise<void> => {
  await page.goto('/pauses');
  await page.getByLabel('What').selectOption(what);
  await page.getByLabel('Reason').first().fill(reason);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
};

describe('the page of pauses', () => {
  it('pauses everything for an admin, says so on every page, and lets it go on', async () => {
    const { id } = await bot.opened({ gate: 'deploy', title: 'Deploy shop 1.4.2' });
    const page = await as('adele');
    await page.goto('/pauses');
    expect(await page.textContent('main')).toContain('Nothing is paused');
    await pause(page, 'everything', 'Incident <4711>');
    await page.waitForURL('**/pauses');
    expect(await page.getByRole('status').first().textContent()).toContain('Everything is paused: 1 pending request');
    for (const path of ['/', `/requests/${id}`]) {
      await page.goto(path);
      const banner = page.getByRole('complementary', { name: 'Paused' });
      expect(await banner.textContent()).toMatch(/Everything is paused by Adele Admin since .*: Incident <4711>/);
    }
    expect((await bot.vote(id, 'ana')).status).toBe(409);
    await page.goto('/pauses');
    expect(await page.getByLabel('What').locator('option').allTextContents()).not.toContain('Everything');
    await page.getByText('Let it go on').first().click();
    await page.getByLabel('Reason').first().fill('All clear');
    await page.getByRole('button', { name: /^Let it go on/ }).click();
    expect(await page.getByRole('status').first().textContent()).toContain('Everything goes on');
    expect(await page.textContent('main')).toMatch(/Went on by Adele Admin, .*: All clear/);
    expect((await bot.vote(id, 'ana')).status).toBe(200);
  });

  it('offers to each what is theirs, and does nothing else for them', async () => {
    const choices = async (page: Page) => {
      await page.goto('/pauses');
      return page
        .locator('#what option')
        .evaluateAll((all) => all.map((one) => one.getAttribute('value')).filter(Boolean));
    };
    expect(await choices(await as('ben'))).toEqual(['gate:deploy', 'gate:deploy-two']);
    const eve = await as('eve');
    expect(await choices(eve)).toEqual([]);
    expect(await choices(await as('adele'))).toEqual(
      expect.arrayContaining(['everything', 'gate:adhoc', 'gate:deploy', 'pipeline:ci', 'pipeline:other']),
    );
    // A form that the page does not offer: changed by hand.
    const ben = await as('ben');
    await ben.goto('/pauses');
    await ben.locator('option[value="gate:deploy"]').evaluate((option) => option.setAttribute('value', 'everything'));
    await ben.getByLabel('What').selectOption('everything');
    await ben.getByLabel('Reason').first().fill('mine');
    await ben.getByRole('button', { name: 'Pause', exact: true }).click();
    expect(await ben.getByRole('alert').textContent()).toContain('You may not pause everything');
    expect((await bot.call('GET', '/v1/pauses')).json.pauses).toEqual([]);
  });

  it('shows what is wrong and keeps what was typed', async () => {
    const page = await as('adele');
    await page.goto('/pauses');
    await page.getByLabel('What').selectOption('everything');
    await page.getByLabel(/run on/).check();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    expect(await page.getByRole('alert').textContent()).toContain('Please say why');
    expect(await page.getByLabel('What').inputValue()).toBe('everything');
    expect(await page.getByLabel(/run on/).isChecked()).toBe(true);
  });

  it('works by keyboard alone, and without JavaScript', async () => {
    const page = await as('olga', { javaScriptEnabled: false });
    await page.goto('/pauses');
    await page.getByLabel('What').focus();
    await page.keyboard.type('deploy');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Freeze');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('The gate deploy is paused').first().waitFor();
    expect((await bot.call('GET', '/v1/pauses')).json.pauses).toMatchObject([
      { gate: 'deploy', reason: 'Freeze', by: { person: 'olga', via: 'web' } },
    ]);
  });

  it('refuses a form without the token of the session, and a stranger’s address', async () => {
    const page = await as('adele');
    await page.goto('/pauses');
    await page
      .locator('main input[name=_csrf]')
      .first()
      .evaluate((input) => input.setAttribute('value', 'forged'));
    await page.getByLabel('What').selectOption('gate:deploy');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    expect(await page.getByRole('alert').textContent()).toContain('open for too long');
    const foreign = await fetch(`${bot.url}/pauses`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' },
      body: 'what=everything&reason=x',
    });
    expect(foreign.status).toBe(403);
    expect((await fetch(`${bot.url}/pauses`)).status).toBe(401);
    expect((await bot.call('GET', '/v1/pauses')).json.pauses).toEqual([]);
  });

  it('fits a phone, light and dark', async () => {
    await bot.opened({ gate: 'deploy', title: 'Deploy shop 1.4.2' });
    await bot.call('POST', '/v1/pauses', {
      gate: 'deploy',
      reason: 'Release freeze until the audit is over '.repeat(3),
    });
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await as('adele', { viewport: { width: 360, height: 740 }, colorScheme });
      await page.goto('/pauses');
      const width = await page.evaluate('document.documentElement.scrollWidth');
      expect(width).toBeLessThanOrEqual(360);
      // Each choice beside its words, not letter below letter.
      const words = await page.getByText('Deadlines and target times run on').boundingBox();
      expect(words?.width).toBeGreaterThan(200);
    }
  });
});
