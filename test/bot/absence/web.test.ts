/** The page of one's own absences, on a real bot and in a real browser. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../fake/browser.ts';
import { eventually, handClock, startTestBot, type TestBot } from '../bot.ts';

const CONFIG = `
people:
  ana: { name: Ana Silva, timezone: Europe/Lisbon }
  ben: { name: Ben Okoye }
  mia: { name: "Mia <Chen>" }
pipelines:
  ci: { token: "\${CI_TOKEN}", gates: ["*"], may: [vote] }
gates:
  deploy: { approvers: [ana], timeout: 30d }
`;

let bot: TestBot;
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
beforeEach(async () => {
  bot = await startTestBot({ config: CONFIG, env: { WEB_DEV_LOGIN: '1' }, wall: handClock().wall });
  return async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await bot.end();
  };
});
afterAll(() => browser.close());

/** Without JavaScript: nothing of it is needed. */
async function as(person: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: bot.url, javaScriptEnabled: false, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto('/login');
  await page.locator(`button[value=${person}]`).click();
  return page;
}

const approvers = async (id: string): Promise<string> => (await bot.read(id)).stages[0].rules[0].approvers.join();

describe('the page of absences', () => {
  it('sets somebody away, hands over what waits, and has them back', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const page = await as('ana');
    await page.getByRole('link', { name: 'Away' }).click();
    await page.getByRole('heading', { name: 'Away', exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'I am back' }).count()).toBe(0);
    await page.getByLabel('Last day away').fill('2026-03-06');
    await page.getByLabel('Who stands in').selectOption({ label: 'Ben Okoye' });
    await page.getByRole('button', { name: 'Set me away' }).click();
    expect(await page.locator('#message').textContent()).toBe(
      'You are away until the end of Friday, 6 March 2026 (Europe/Lisbon time). Ben Okoye is asked in your place. ' +
        'What waits for you now goes there at once, and you are kept informed.',
    );
    await eventually(async () => (await approvers(id)) === 'ben', 'Ben to be asked');
    const theirs = await as('ben');
    await theirs.goto('/away');
    expect(await theirs.locator('.facts').textContent()).toContain(
      'You stand in forAna Silva, until the end of Friday',
    );
    await page.getByRole('button', { name: 'I am back' }).click();
    expect(await page.locator('#message').textContent()).toBe('Welcome back: you are asked again from now on.');
    await eventually(async () => (await approvers(id)) === 'ana', 'Ana to be asked again');
  });

  it('plans an absence, and takes it back', async () => {
    const page = await as('ana');
    await page.goto('/away');
    await page.getByLabel('First day away').fill('2026-04-01');
    await page.getByLabel('Last day away').fill('2026-04-03');
    await page.getByRole('button', { name: 'Set me away' }).click();
    expect(await page.locator('.facts').textContent()).toContain(
      'away from Wednesday, 1 April 2026, 00:00 until the end of Friday, 3 April 2026',
    );
    await page.getByRole('button', { name: 'Take the next absence back' }).click();
    expect(await page.locator('#message').textContent()).toContain('that is taken back');
  });

  it('says what is wrong, keeps what was typed, and changes nothing', async () => {
    const page = await as('ana');
    await page.goto('/away');
    await page.getByLabel('First day away').fill('2026-04-03');
    await page.getByLabel('Last day away').fill('2026-04-01');
    await page.getByLabel('Who stands in').selectOption({ label: 'Mia <Chen>' });
    await page.getByRole('button', { name: 'Set me away' }).click();
    expect(await page.getByRole('alert').textContent()).toBe('That ends before it begins. Nothing was changed.');
    expect(await page.getByLabel('First day away').inputValue()).toBe('2026-04-03');
    expect(await page.getByLabel('Who stands in').inputValue()).toBe('mia');
    await page.reload();
    expect(await page.locator('.facts').textContent()).toContain('Youhere');
  });

  it('is for oneself and nobody else: no session, no token, no foreign field', async () => {
    const from = {
      origin: bot.url,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/x-www-form-urlencoded',
    };
    expect((await bot.call('GET', '/away')).status).toBe(401);
    expect((await bot.call('POST', '/away', 'until=2026-03-06', from)).status).toBe(401);
    const page = await as('ana');
    const send = async (form: Record<string, string>): Promise<number> =>
      (await page.request.post('/away', { form, headers: { origin: bot.url } })).status();
    await page.goto('/away');
    const token = await page.locator('#away input[name=_csrf]').inputValue();
    expect(await send({ until: '2026-03-06' })).toBe(403);
    expect(await send({ _csrf: token, until: '2026-03-06', person: 'ben' })).toBe(400);
    expect(await send({ _csrf: token })).toBe(422);
    expect(await send({ _csrf: token, until: 'x'.repeat(41) })).toBe(422);
    expect(await send({ _csrf: token, until: '2026-03-06', to: 'mallory' })).toBe(422);
    expect(await send({ _csrf: token, until: '2026-03-06', to: 'ana' })).toBe(422);
    await page.reload();
    expect(await page.locator('.facts').textContent()).toContain('Youhere');
  });

  it.each(['light', 'dark'] as const)('fits a phone and is readable in the %s', async (colorScheme) => {
    const page = await as('ana', { viewport: { width: 320, height: 568 }, colorScheme });
    await page.goto('/away');
    await page.getByLabel('Last day away').fill('2026-03-06');
    await page.getByRole('button', { name: 'Set me away' }).click();
    const wide = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
    expect(wide).toBe(0);
    const unlabelled = await page
      .locator('input:not([type=hidden]), select')
      .evaluateAll(
        (fields) =>
          fields.filter(
            (field) => !('labels' in field) || !(field.labels instanceof NodeList) || field.labels.length === 0,
          ).length,
      );
    expect(unlabelled).toBe(0);
    const small = await page
      .locator('main button')
      .evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height < 44).length);
    expect(small).toBe(0);
  });
});
