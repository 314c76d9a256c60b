/** test/bot/rehearsal/web.test.ts: the gates and their timelines on the web, over HTTP and in a real browser. */
import type { FastifyInstance } from 'fastify';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/adapters/web/ports.ts';
import { newRequestId } from '../../../src/bot/ids.ts';
import { play } from '../../../src/bot/rehearsal/play.ts';
import { rehearsalRoutes } from '../../../src/bot/rehearsal/routes.ts';
import { gatePorts } from '../../../src/bot/rehearsal/web.ts';
import type { RequestState } from '../../../src/engine/request.ts';
import { pagesOf, pending, processWith, Visitor } from '../../adapters/web/samples.ts';
import { content } from '../../engine/house.ts';
import { launchBrowser } from '../../fake/browser.ts';
import { FRIDAY, house } from './house.ts';

const config = house();
const ID = newRequestId();
const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

const gatesOf = (state: RequestState | null = null) =>
  gatePorts({
    store: { load: async () => state },
    clock: () => FRIDAY,
    config: () => config,
    pauses: { list: () => [] },
  });

async function pages(state: RequestState | null = null) {
  let address = '';
  const people = [...config.directory.people.values()];
  const { ports, ...process } = processWith([{ ...pending, id: ID }], { gates: gatesOf(state), people: () => people });
  const own = Object.defineProperty({ ...ports }, 'publicUrl', { get: () => address || 'http://127.0.0.1' });
  const app = await pagesOf({ ...process, ports: own });
  open.push(app);
  return {
    app,
    listen: async () => {
      address = await app.listen({ port: 0, host: '127.0.0.1' });
      return address;
    },
  };
}

async function visitor(state: RequestState | null = null): Promise<Visitor> {
  const ben = new Visitor((await pages(state)).app);
  await ben.get('/login');
  await ben.post('/login', { person: 'ben' }, { origin: 'http://127.0.0.1', 'sec-fetch-site': 'same-origin' });
  return ben;
}

const ASKED = {
  context: JSON.stringify({ service: 'shop', version: '1.4.2', risk: 9, region: 'us' }),
  requester: 'ben',
  at: '2026-11-20T16:30:00Z',
  votes: 'gil=approve@+7h',
  explain: 'cy',
};
const address = (gate: string, query: Record<string, string> = {}) =>
  `/gates/${gate}/simulate?${new URLSearchParams(query)}`;

describe('the list of gates', () => {
  it('is for whoever is signed in, and leads to their simulations', async () => {
    const stranger = new Visitor((await pages()).app);
    expect((await stranger.get('/gates')).statusCode).toBe(401);
    expect((await stranger.get(address('deploy-prod'))).statusCode).toBe(401);
    const { statusCode, body } = await (await visitor()).get('/gates');
    expect(statusCode).toBe(200);
    expect(body).toContain('<a href="/gates/deploy-prod/simulate">deploy-prod</a>');
    expect(body).toContain('rejected after 3 d of silence');
    expect(body).not.toContain('adhoc');
  });
});

describe('the page of a simulation', () => {
  it('shows something at the first look, with a sample of what the gate asks for', async () => {
    const { statusCode, body } = await (await visitor()).get('/gates/deploy-prod/simulate');
    expect(statusCode).toBe(200);
    expect(body).toContain('&quot;risk&quot;: 7');
    expect(body).toContain('<svg class="wide-picture"');
  });

  it('says the same in its table as in its picture', async () => {
    const { body } = await (await visitor()).get(address('deploy-prod', ASKED));
    const rows = [...body.matchAll(/<tr><th scope="row">(.*?)<\/th>/g)].map(([, cell]) =>
      cell?.replace(/<[^>]+>/g, '').trim(),
    );
    expect(rows[0]).toBe('Fri 20 Nov 16:30 +0 min');
    expect(rows.at(-1)).toBe('Mon 23 Nov 16:30 +3 d');
    expect(body).toContain('role="img"');
    expect(body).toContain('Gil Moreau decided for Cy Tan');
    expect(body).toContain('Cy Tan may not vote on this.');
    expect(body).toContain('<option value="ben" selected>');
  });

  it('is found at its address, refused where there is no such gate, and says what can’t be read', async () => {
    const ben = await visitor();
    expect((await ben.get(address('nonsense'))).statusCode).toBe(404);
    const wrong = await ben.get(address('deploy-prod', { ...ASKED, context: '{', at: 'tomorrow' }));
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('context: is not JSON');
    expect(wrong.body).toContain('aria-invalid="true"');
    expect((await ben.get(`${address('deploy-prod')}at=%2B1h&at=%2B2h`)).statusCode).toBe(400);
    expect((await ben.get(address('deploy-prod', { context: 'x'.repeat(10_001) }))).statusCode).toBe(400);
  });

  it('is played so often in a minute, and then refused for a while', async () => {
    const ben = await visitor();
    const codes = [];
    for (let i = 0; i <= LIMITS.simulations; i += 1) codes.push((await ben.get(address('auto'))).statusCode);
    expect(codes.filter((code) => code === 200)).toHaveLength(LIMITS.simulations);
    expect(codes.at(-1)).toBe(429);
  });

  it('says why a request would not open', async () => {
    const { statusCode, body } = await (await visitor()).get('/gates/guarded/simulate');
    expect(statusCode).toBe(200);
    expect(body).toContain('It would not open: The directory of approvers cannot be reached right now');
  });

  it('shows what a pipeline writes as text', async () => {
    const context = JSON.stringify({ service: '<img src=x onerror=alert(1)>', version: '\u202e1', risk: 1 });
    const { body } = await (await visitor()).get(address('deploy-prod', { ...ASKED, context }));
    expect(body).not.toContain('<img');
    // What was typed stands in its field as it was.
    expect(body.replace(/<textarea.*?<\/textarea>/gs, '')).not.toContain('\u202e');
  });
});

describe('the page of a request', () => {
  it('says what happens next while it is pending', async () => {
    const gate = config.gates.get('deploy-prod');
    if (gate === undefined) throw new Error('the gate is gone');
    const [first] = play({
      gate,
      content: content({ id: 'req_next', requester: 'ben', context: { service: 'shop', version: '1', risk: 1 } }),
      directory: config.directory,
      routes: rehearsalRoutes(config),
      from: FRIDAY,
      until: FRIDAY,
      acts: [],
    });
    if (first?.state == null) throw new Error('it did not open');
    const { body } = await (await visitor(first.state)).get(`/requests/${ID}`);
    expect(body).toContain('What happens next');
    expect(body).toContain('Reminded: Ana Silva and Gil Moreau');
    expect(body).toContain('Rejected automatically: nobody decided in time');
    const over = await (await visitor()).get(`/requests/${ID}`);
    expect(over.body).not.toContain('What happens next');
  });
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  for (const [name, options] of Object.entries({
    'light and wide': { viewport: { width: 1200, height: 900 }, colorScheme: 'light' },
    'dark and narrow, without JavaScript': {
      viewport: { width: 390, height: 800 },
      colorScheme: 'dark',
      javaScriptEnabled: false,
    },
  } as const))
    it(`is drawn and asked anew, ${name}`, async () => {
      const { listen } = await pages();
      const context = await browser.newContext({ baseURL: await listen(), ...options });
      const page = await context.newPage();
      const complaints: string[] = [];
      await page.goto('/login?next=/gates');
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.getByRole('button', { name: 'Ben Okoye' }).click();
      await page.getByRole('link', { name: 'deploy-prod' }).click();
      await page.getByLabel('Context').fill(ASKED.context);
      await page.getByLabel('Who asks').selectOption('ben');
      await page.getByLabel('Opened at').fill(ASKED.at);
      await page.getByRole('button', { name: 'Simulate' }).click();
      await page.getByRole('heading', { level: 1, name: 'Deploy shop 1.4.2 to production' }).waitFor();
      expect(page.url()).toContain('requester=ben');
      const picture = page.getByRole('img', { name: /Timeline of Deploy shop/ });
      expect(await picture.count()).toBe(1);
      const box = await picture.boundingBox();
      expect(box?.width).toBeGreaterThan(300);
      // Nothing lies outside of the picture, nor does the page scroll sideways.
      const outside = await picture.evaluate((svg) => {
        const frame = svg.getBoundingClientRect();
        return Array.from(svg.querySelectorAll('text, .mark')).filter((part) => {
          const { left, right, bottom } = part.getBoundingClientRect();
          return left < frame.left - 1 || right > frame.right + 1 || bottom > frame.bottom + 1;
        }).length;
      });
      expect(outside).toBe(0);
      const wide = await page.evaluate(() =>
        Array.from(document.querySelectorAll('body *'))
          .filter((part) => part.getBoundingClientRect().right > window.innerWidth + 1)
          .map((part) => `${part.tagName} ${part.className}`),
      );
      expect(wide).toEqual([]);
      expect(complaints).toEqual([]);
      await context.close();
    });
});
