/** test/adapters/web/stats.test.ts: the page of figures, as text and in a real browser. */
import type { FastifyInstance } from 'fastify';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GateStats, StatsView } from '../../../src/adapters/web/stats.ts';
import { launchBrowser } from '../../fake/browser.ts';
import { pagesOf, processWith, signedIn } from './samples.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const nothing: GateStats = {
  opened: 0,
  approved: 0,
  rejected: 0,
  cancelled: 0,
  slaMet: 0,
  slaJudged: 0,
  medianMs: null,
  p90Ms: null,
  reminders: 0,
  escalations: 0,
  timeouts: 0,
  bypasses: 0,
};

const weeks = Array.from({ length: 9 }, (_, i) => `2026-W${39 + i}`);
const deploy = weeks.map((_, i): GateStats => {
  if (i === 2) return nothing;
  return {
    ...nothing,
    opened: 20 + ((i * 7) % 11),
    approved: 17 + ((i * 7) % 11),
    rejected: 3,
    slaMet: 15 + ((i * 5) % 4),
    slaJudged: 20,
    medianMs: (8 + ((i * 3) % 7)) * MINUTE,
    p90Ms: (2 + (i % 3)) * HOUR + 12 * MINUTE,
    reminders: 4 + (i % 5),
    bypasses: i === 5 ? 1 : 0,
  };
});
const docs = weeks.map(
  (): GateStats => ({ ...nothing, opened: 3, approved: 3, medianMs: 26 * HOUR, p90Ms: 51 * HOUR }),
);

const figures: StatsView = {
  weeks,
  from: Date.UTC(2026, 10, 16),
  to: Date.UTC(2026, 10, 22),
  gates: [
    {
      name: 'deploy-prod',
      now: deploy.at(-1) ?? nothing,
      before: {
        ...nothing,
        opened: 181,
        approved: 157,
        rejected: 21,
        slaMet: 115,
        slaJudged: 140,
        medianMs: 11 * MINUTE,
        p90Ms: 3 * HOUR,
        reminders: 47,
        bypasses: 1,
      },
      byWeek: deploy,
    },
    {
      name: 'publish-docs',
      now: docs[8] ?? nothing,
      before: { ...nothing, opened: 24, approved: 24, medianMs: 26 * HOUR, p90Ms: 51 * HOUR },
      byWeek: docs,
    },
    {
      name: '<img src=x onerror=alert(1)>',
      now: nothing,
      before: { ...nothing, opened: 1 },
      byWeek: weeks.map(() => nothing),
    },
  ],
  more: 2,
  own: { asked: 12, votes: 9, missed: 1, medianMs: 7 * MINUTE },
  countedUntil: null,
};

const apps: FastifyInstance[] = [];
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await Promise.all(apps.splice(0).map((app) => app.close()));
});
afterAll(() => browser.close());

describe('GET /stats', () => {
  it('asks who it is first, and comes back afterwards', async () => {
    const app = await pagesOf(processWith([]));
    const answer = await app.inject({ url: '/stats' });
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toContain('value="/stats"');
    expect(answer.body).not.toContain('deploy-prod');
  });

  it('is asked for the one who looks, and says where there is nothing yet', async () => {
    const asked: string[] = [];
    const process = processWith([]);
    const app = await pagesOf({
      ...process,
      ports: {
        ...process.ports,
        stats: async (person) => {
          asked.push(person);
          return process.stats;
        },
      },
    });
    const { body, statusCode } = await (await signedIn(app, 'ana')).get('/stats');
    expect([statusCode, asked]).toEqual([200, ['ana']]);
    expect(body).toContain('Nothing was counted at your gates');
    expect(body).toContain('<a href="/stats" aria-current="page">');
  });

  it('has each figure as text, and pictures that add nothing to it', async () => {
    const process = processWith([]);
    process.stats = { ...figures, countedUntil: Date.UTC(2026, 9, 1) };
    const { body } = await (await signedIn(await pagesOf(process))).get('/stats');
    const text = body.replaceAll('\u00a0', ' ');
    expect(text).toContain('75 % (15 of 20)');
    expect(text).toMatch(/82 %<\/td>.*>23<\/td>/);
    expect(text).toContain('1 d 2 h');
    expect(body).toContain('still being counted');
    expect(body).toContain('&lt;img src=x');
    expect(body.match(/<svg class="bars"/g)?.length).toBe(
      body.match(/<svg class="bars"[^>]*aria-hidden="true"/g)?.length,
    );
    expect(body).not.toMatch(/<script(?! type="module" src)|style=/);
    const docsCard = body.slice(body.indexOf('publish-docs'), body.indexOf('&lt;img'));
    for (const rare of ['SLA kept', 'Bypassed', 'Reminders']) expect(docsCard).not.toContain(rare);
  });
});

describe('the figures in a browser', () => {
  async function visit(options: BrowserContextOptions) {
    const process = processWith([]);
    process.stats = figures;
    let address = '';
    const ports = Object.defineProperty({ ...process.ports }, 'publicUrl', {
      get: () => address || 'http://127.0.0.1',
    });
    const app = await pagesOf({ ...process, ports });
    apps.push(app);
    address = await app.listen({ port: 0, host: '127.0.0.1' });
    const context = await browser.newContext({ baseURL: address, javaScriptEnabled: false, ...options });
    const page = await context.newPage();
    await page.goto('/login');
    await page.getByRole('button', { name: 'Mia Chen' }).click();
    await page.getByRole('link', { name: 'Figures' }).click();
    await page.getByRole('heading', { level: 1, name: 'Figures' }).waitFor();
    return page;
  }

  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1280, 'light'],
    [320, 'dark'],
  ] as const)('fit %d pixels in %s, are read as tables, and open by keyboard', async (width, colorScheme) => {
    const page = await visit({ viewport: { width, height: 900 }, colorScheme });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const card = page.getByRole('region', { name: 'deploy-prod', exact: true });
    const row = card.getByRole('row', { name: /^SLA kept/ });
    expect(await row.getByRole('cell').first().textContent()).toMatch(/^75\s%\s\(15\sof\s20\)$/);
    expect(await card.locator('svg.bars').first().boundingBox()).toMatchObject({ height: expect.any(Number) });
    await card.getByText('All nine weeks').focus();
    await page.keyboard.press('Enter');
    expect(await card.getByRole('rowheader', { name: '2026-W41' }).isVisible()).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const shots = process.env.SHOTS;
    if (shots !== undefined)
      await page.screenshot({ path: `${shots}/stats-${width}-${colorScheme}.png`, fullPage: true });
  });
});
