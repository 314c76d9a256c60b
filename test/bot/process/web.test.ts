import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config: GATES, env: { WEB_DEV_LOGIN: '1' } });
});
afterAll(() => bot.end());

/** As much of a browser as the pages need without scripts: it keeps cookies and sends forms. */
class Visitor {
  readonly #cookies = new Map<string, string>();

  async go(path: string, form?: Record<string, string>) {
    const response = await fetch(bot.url + path, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form && {
          'content-type': 'application/x-www-form-urlencoded',
          origin: new URL(bot.url).origin,
          'sec-fetch-site': 'same-origin',
        }),
      },
      ...(form && { body: new URLSearchParams(form).toString() }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    return { status: response.status, html: await response.text(), location: response.headers.get('location') };
  }

  async signIn(person: string) {
    const page = await this.go('/login');
    return this.go('/login', { _csrf: token(page.html), person, next: '/' });
  }

  /** Fills the form of the page as a person would. */
  async decide(id: string, option: string, more: Record<string, string> = {}) {
    const page = await this.go(`/requests/${id}`);
    return this.go(`/requests/${id}/vote`, { _csrf: token(page.html), option, ...more });
  }
}

const token = (html: string): string => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

describe('the web pages of the running bot', () => {
  it('let a person sign in, see what waits for them, and approve: the vote is recorded as theirs, via web', async () => {
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'billing' }, requester: 'eve' });
    const ana = new Visitor();
    expect((await ana.go(`/requests/${id}`)).status).toBe(401);
    expect((await ana.signIn('ana')).status).toBe(303);
    expect((await ana.go('/')).html).toContain('Deploy billing to production');
    const voted = await ana.decide(id, 'approve', { reason: 'looks fine' });
    expect([voted.status, voted.location]).toEqual([303, `/requests/${id}`]);
    expect(await bot.read(id)).toMatchObject({
      status: 'approved',
      votes: [{ person: 'ana', option: 'approve', via: 'web', pipeline: null, reason: 'looks fine' }],
      outcome: { decidedBy: ['ana'] },
    });
    expect((await ana.go(`/requests/${id}`)).html).toContain('Ana Silva');
  });

  it('refuse kindly whoever may not vote, and change nothing', async () => {
    const { id } = await bot.opened({ gate: 'deploy', requester: 'ben' });
    const before = (await bot.read(id)).version;
    for (const person of ['eve', 'ben']) {
      const visitor = new Visitor();
      await visitor.signIn(person);
      const page = await visitor.go(`/requests/${id}`);
      expect(page.status).toBe(200);
      const answer = await visitor.go(`/requests/${id}/vote`, { _csrf: token(page.html), option: 'approve' });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect((await bot.read(id)).version).toBe(before);
  });

  it('count one person once, through the page and the API together', async () => {
    const { id } = await bot.opened({ gate: 'deploy-two' });
    const ana = new Visitor();
    await ana.signIn('ana');
    await bot.vote(id, 'ana');
    await ana.decide(id, 'approve');
    const request = await bot.read(id);
    expect([request.status, request.votes.length]).toEqual(['pending', 1]);
  });

  it('answer who waits for the API at once', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const waiting = bot.call('GET', `/v1/requests/${id}/gate?wait=20`);
    const cy = new Visitor();
    await cy.signIn('cy');
    await cy.decide(id, 'reject', { reason: 'no' });
    const answer = await waiting;
    expect([answer.status, answer.json.outcome.decidedBy]).toEqual([403, ['cy']]);
  });

  it('take no form from another site, and no form without its token', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const ana = new Visitor();
    await ana.signIn('ana');
    expect((await ana.go(`/requests/${id}/vote`, { option: 'approve' })).status).toBe(403);
    expect((await ana.go(`/requests/${id}/vote`, { option: 'approve', _csrf: 'forged' })).status).toBe(403);
    expect(await bot.happened(id)).toEqual(['opened']);
  });

  it('do not let a pipeline’s token in, nor a session into the API', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    expect((await bot.call('GET', `/requests/${id}`)).status).toBe(401);
    const ana = new Visitor();
    await ana.signIn('ana');
    expect((await ana.go(`/v1/requests/${id}`)).status).toBe(401);
  });

  it('show figures of the gates that one has a part in', async () => {
    const { id } = await bot.opened({ gate: 'deploy', context: { service: 'figures' }, requester: 'eve' });
    const ana = new Visitor();
    await ana.signIn('ana');
    await ana.decide(id, 'approve');
    await bot.tick();
    const page = await eventually(async () => {
      const { html } = await ana.go('/stats');
      return html.includes('SLA') || html.includes('Half decided within') ? html : null;
    }, 'the vote to be counted');
    expect(page).toContain('>deploy</h2>');
    expect(page).toContain('You, this week and last');
  });
});
