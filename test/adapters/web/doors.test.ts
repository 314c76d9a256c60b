/** test/adapters/web/doors.test.ts: who gets in, which forms count, and what a form may say. */
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { isFromOurPage, ownPath, referrerPolicy } from '../../../src/adapters/web/origin.ts';
import { LIMITS, type WebPorts } from '../../../src/adapters/web/ports.ts';
import { sendNotFoundPage, webPages } from '../../../src/adapters/web/web.tsx';
import {
  approved,
  now,
  type Process,
  pagesOf,
  pending,
  processWith,
  publicUrl,
  sameOrigin,
  signedIn,
  Visitor,
} from './samples.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

async function start(over: Partial<WebPorts> = {}): Promise<{ process: Process; app: FastifyInstance }> {
  const process = processWith([pending, approved], over);
  const app = await pagesOf(process);
  open.push(app);
  return { process, app };
}

const vote = '/requests/req_01jd8q/vote';

describe('signing in', () => {
  it('shows nothing but the sign-in page, with 401, to who is not signed in', async () => {
    const { app, process } = await start();
    const visitor = new Visitor(app);
    for (const url of ['/', '/requests/req_01jd8q', '/requests/nope', '/requests/req_01jd8q/live']) {
      const answer = await visitor.get(url);
      expect([url, answer.statusCode]).toEqual([url, 401]);
      expect(answer.body).toContain('Who are you?');
      expect(answer.body).not.toContain('payments');
    }
    expect((await visitor.post(vote, { option: 'approve' })).statusCode).toBe(401);
    expect(process.actions).toEqual([]);
  });

  it('says how to set up sign-in where no person may be picked, and lets nobody in', async () => {
    const { app } = await start({ devLogin: false });
    const visitor = new Visitor(app);
    const page = await visitor.get('/');
    expect(page.statusCode).toBe(401);
    expect(page.body).toContain('OIDC_ISSUER');
    expect(page.body).not.toContain('Ana Silva');
    expect((await visitor.get('/login')).body).toContain('WEB_DEV_LOGIN=1');
    expect((await visitor.post('/login', { person: 'ana' })).statusCode).toBe(401);
    expect(visitor.cookies).toEqual({});
  });

  it('signs in as the person picked, with a cookie that only this server reads, and goes on where it was going', async () => {
    const { app } = await start();
    const visitor = new Visitor(app);
    const asked = await visitor.get('/requests/req_01jd8q');
    expect(asked.body).toContain('name="next" value="/requests/req_01jd8q"');
    const answer = await visitor.post('/login', { person: 'mia', next: '/requests/req_01jd8q' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/requests/req_01jd8q']);
    const cookie = answer.cookies.find(({ name }) => name === 'countersign');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 43_200 });
    expect((await visitor.get('/')).body).toContain('Mia Chen');
  });

  it('binds the cookie to the host under https', async () => {
    const { app } = await start({ publicUrl: 'https://approvals.acme.dev' });
    const visitor = new Visitor(app);
    await visitor.get('/login');
    const from = { origin: 'https://approvals.acme.dev', 'sec-fetch-site': 'same-origin' };
    const answer = await visitor.post('/login', { person: 'mia' }, from);
    expect(answer.cookies.find(({ name }) => name === '__Host-countersign')).toMatchObject({ secure: true, path: '/' });
  });

  it('goes to no other place after signing in', async () => {
    const { app } = await start();
    for (const next of [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example',
      'javascript:alert(1)',
      '/x/..//evil.example',
    ]) {
      const visitor = new Visitor(app);
      await visitor.get(`/login?next=${encodeURIComponent(next)}`);
      const answer = await visitor.post('/login', { person: 'mia', next });
      expect([next, new URL(String(answer.headers.location), publicUrl).origin]).toEqual([next, publicUrl]);
      expect(answer.headers.location).not.toMatch(/^\/\//);
    }
    expect(ownPath('/?q=a&after=b', publicUrl)).toBe('/?q=a&after=b');
  });

  it('refuses a sign-in form that this browser was not given, and an unknown person', async () => {
    const { app } = await start();
    const other = new Visitor(app);
    await other.get('/login');
    const visitor = new Visitor(app);
    await visitor.get('/login');
    expect((await visitor.post('/login', { person: 'mia', _csrf: other.csrf })).statusCode).toBe(403);
    expect((await visitor.post('/login', { person: 'nobody' })).statusCode).toBe(422);
    expect(Object.keys(visitor.cookies)).not.toContain('countersign');
  });

  it('ends a session when it is signed out, too old, or its person has left', async () => {
    const { app, process } = await start();
    const out = await signedIn(app);
    const kept = { ...out.cookies };
    expect((await out.post('/logout', {})).headers.location).toBe('/login');
    expect((await app.inject({ url: '/', cookies: kept })).statusCode).toBe(401);

    const old = await signedIn(app);
    process.clock = now + LIMITS.sessionMs;
    expect((await old.get('/')).statusCode).toBe(401);

    const left = await signedIn(app);
    process.people = process.people.filter(({ id }) => id !== 'mia');
    expect((await left.get('/')).statusCode).toBe(401);
    process.people = [...process.people, { id: 'mia', name: 'Another Mia', email: null }];
    expect((await left.get('/')).statusCode).toBe(401);
  });

  it('takes no forged cookie', async () => {
    const { app } = await start();
    const visitor = await signedIn(app);
    const [token, signature] = (visitor.cookies.countersign ?? '').split('.');
    for (const forged of [token ?? '', `${token}.`, `x${token}.${signature}`, `${token}.${signature}x`])
      expect((await app.inject({ url: '/', cookies: { countersign: forged } })).statusCode).toBe(401);
  });

  it('answers under another name for this host only where a password is asked for', async () => {
    const { app } = await start();
    expect((await app.inject({ url: '/login', headers: { host: 'evil.example:3000' } })).statusCode).toBe(421);
    expect((await app.inject({ url: '/login', headers: { host: 'localhost:3000' } })).statusCode).toBe(200);
  });

  it('keeps a bounded number of sessions: the oldest gives way', async () => {
    const process = processWith([pending]);
    const app = await pagesOf(process, { sessions: 2 });
    open.push(app);
    const [first, second, third] = [await signedIn(app), await signedIn(app), await signedIn(app)];
    const status = async (visitor: Visitor) => (await visitor.get('/')).statusCode;
    expect([await status(first), await status(second), await status(third)]).toEqual([401, 200, 200]);
  });
});

describe('a form', () => {
  it('counts with the token of its session and from a page of ours', async () => {
    const { app, process } = await start();
    const visitor = await signedIn(app);
    const answer = await visitor.post(vote, { option: 'approve', reason: ' fine\r\nby me ' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/requests/req_01jd8q']);
    expect(process.actions).toEqual([
      {
        id: 'req_01jd8q',
        action: {
          kind: 'vote',
          person: 'mia',
          option: 'approve',
          reason: 'fine\nby me',
          inputs: {},
          replaces: null,
          shown: null,
          signedInAt: now,
        },
      },
    ]);
    expect((await visitor.get('/requests/req_01jd8q')).body).toContain('Your decision is recorded.');
    expect((await visitor.get('/requests/req_01jd8q')).body).not.toContain('Your decision is recorded.');
  });

  it('does nothing without the token or with another session’s, and keeps what was typed', async () => {
    const { app, process } = await start();
    const visitor = await signedIn(app);
    const other = await signedIn(app);
    for (const _csrf of ['', 'x', other.csrf]) {
      const answer = await visitor.post(vote, { _csrf, option: 'reject', reason: 'my long words' });
      expect(answer.statusCode).toBe(403);
      expect(answer.body).toContain('>my long words</textarea>');
    }
    expect((await visitor.post(vote, 'option=approve')).statusCode).toBe(403);
    expect((await visitor.post('/logout', { _csrf: 'x' })).statusCode).toBe(403);
    expect(process.actions).toEqual([]);
  });

  it('does nothing when it comes from elsewhere, even with the token', async () => {
    const { app, process } = await start();
    const visitor = await signedIn(app);
    const callers: Record<string, string>[] = [
      {},
      { origin: 'https://evil.example' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
      { origin: 'null' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: publicUrl, 'sec-fetch-site': 'same-site' },
      { origin: `${publicUrl}.evil.example` },
      { origin: 'http://127.0.0.1:3001' },
    ];
    for (const caller of callers) {
      const answer = await visitor.post(vote, { option: 'approve' }, caller);
      expect([caller, answer.statusCode]).toEqual([caller, 403]);
      expect(answer.body).not.toContain('payments');
    }
    expect(process.actions).toEqual([]);
  });

  it('is told from a foreign one by what browsers send', () => {
    expect(isFromOurPage({ origin: 'null', secFetchSite: 'same-origin' }, publicUrl)).toBe(true);
    expect(isFromOurPage({ origin: publicUrl, secFetchSite: undefined }, publicUrl)).toBe(true);
    expect(isFromOurPage({ origin: 'null', secFetchSite: undefined }, publicUrl)).toBe(false);
    expect(referrerPolicy('https://a.dev')).toBe('no-referrer');
    // Browsers send no Sec-Fetch-Site there, and no-referrer would take the Origin away as well.
    expect(referrerPolicy('http://approvals.lan')).toBe('same-origin');
  });

  it('gives each field its type, and leaves what does not fit to the engine', async () => {
    const { app, process } = await start();
    const visitor = await signedIn(app);
    const body = new URLSearchParams([
      ['_csrf', visitor.csrf],
      ['option', 'canary'],
      ['input.window', 'tonight'],
      ['input.share', '12.5'],
      ['input.ticket', ''],
      ['input.regions', 'eu'],
      ['input.regions', 'us'],
      ['input.told', 'on'],
    ]);
    await visitor.post(vote, body.toString());
    expect(process.actions[0]?.action).toMatchObject({
      inputs: { window: 'tonight', share: 12.5, regions: ['eu', 'us'], told: true },
    });
    for (const [typed, sent] of [
      ['9007199254740993', '9007199254740993'],
      ['1e999', '1e999'],
      ['0x10', '0x10'],
      ['-3', -3],
      ['twelve', 'twelve'],
    ] as const) {
      await visitor.post(vote, { option: 'canary', 'input.window': 'now', 'input.share': typed });
      expect(process.actions.at(-1)?.action).toMatchObject({ inputs: { share: sent, told: false } });
    }
  });

  it('comes back with the errors at their fields and everything typed when the engine refuses it', async () => {
    const { app, process } = await start();
    process.answer = () => ({
      kind: 'refused',
      words: 'Some answers are missing or do not fit.',
      errors: [{ path: 'inputs.ticket', message: 'Ticket has the wrong form' }],
    });
    const visitor = await signedIn(app);
    const body = new URLSearchParams([
      ['_csrf', visitor.csrf],
      ['option', 'canary'],
      ['input.window', 'tonight'],
      ['input.share', '12'],
      ['input.ticket', 'ops "1" <b>'],
      ['input.regions', 'us'],
      ['input.told', 'on'],
      ['reason', 'because'],
    ]);
    const { statusCode, body: page } = await visitor.post(vote, body.toString());
    expect(statusCode).toBe(422);
    expect(page).toContain('Some answers are missing or do not fit.');
    expect(page).toMatch(
      /<input[^>]*name="input.ticket"[^>]*aria-describedby="(\S+) (\S+)" aria-invalid="true"[^>]*value="ops &quot;1&quot; &lt;b>"/,
    );
    expect(page).toContain('id="vote--canary--input.ticket--error">Ticket has the wrong form</p>');
    expect(page).toMatch(/<option value="tonight" selected/);
    expect(page).toMatch(/name="input.share"[^>]*value="12"/);
    expect(page).toMatch(/name="input.regions" value="us" checked/);
    expect(page).toMatch(/name="input.told" value="on" checked/);
    expect(page).toContain('>because</textarea>');
    expect(page).toMatch(/<details class="option" id="option--canary" name="option" open/);
  });

  it('says what was refused, what could not be recorded, and what is gone', async () => {
    const { app, process } = await start();
    const visitor = await signedIn(app);
    process.answer = () => ({ kind: 'refused', words: 'The deadline has passed.', errors: [] });
    const refused = await visitor.post(vote, { option: 'approve', reason: 'kept words' });
    expect([refused.statusCode, refused.body.includes('The deadline has passed.')]).toEqual([409, true]);
    expect(refused.body).toContain('>kept words</textarea>');
    process.answer = () => ({ kind: 'unavailable' });
    const unavailable = await visitor.post(vote, { option: 'approve' });
    expect([unavailable.statusCode, unavailable.headers['retry-after']]).toEqual([503, '5']);
    process.answer = () => ({ kind: 'notFound' });
    expect((await visitor.post(vote, { option: 'approve' })).statusCode).toBe(404);
  });

  it('asks again for what this page itself requires, before anything is recorded', async () => {
    const { app, process } = await start();
    const visitor = await signedIn(app);
    const of = async (kind: string, fields: Record<string, string>) =>
      (await visitor.post(`/requests/req_01jd8q/${kind}`, fields)).statusCode;
    expect(await of('vote', { option: 'reject', reason: '  ' })).toBe(422);
    expect(await of('comment', { text: ' ' })).toBe(422);
    expect(await of('delegate', { to: 'stranger' })).toBe(422);
    expect(await of('snooze', { for: 'ever' })).toBe(422);
    expect(process.actions).toEqual([]);
  });

  it('passes every other action on', async () => {
    const { app, process } = await start();
    const visitor = await signedIn(app);
    const of = (kind: string, fields: Record<string, string>) => visitor.post(`/requests/req_01jd8q/${kind}`, fields);
    await of('withdrawVote', { replaces: '17' });
    await of('comment', { text: 'hello' });
    await of('requestInformation', { question: 'why?' });
    await of('returnInformation', { answer: 'so' });
    await of('cancel', { reason: '' });
    await of('delegate', { to: 'ana', reason: 'away' });
    await of('snooze', { for: '4h' });
    await of('nudge', {});
    await of('bypass', { reason: 'fire' });
    await of('reviewBypass', { note: 'fine' });
    const person = 'mia';
    expect(process.actions.map(({ action }) => action)).toEqual([
      { kind: 'withdrawVote', person, replaces: 17 },
      { kind: 'comment', person, text: 'hello' },
      { kind: 'requestInformation', person, question: 'why?' },
      { kind: 'returnInformation', person, answer: 'so' },
      { kind: 'cancel', person, reason: null },
      { kind: 'delegate', person, to: 'ana', reason: 'away' },
      { kind: 'snooze', person, until: now + 14_400_000 },
      { kind: 'nudge', person },
      { kind: 'bypass', person, reason: 'fire' },
      { kind: 'reviewBypass', person, note: 'fine' },
    ]);
  });

  it('is refused whole when it says what no page of ours says', async () => {
    const { app, process } = await start();
    const visitor = await signedIn(app);
    const token = `_csrf=${encodeURIComponent(visitor.csrf)}`;
    for (const body of [
      `${token}&option=approve&option=reject`,
      `${token}&option=approve&person=ana`,
      `${token}&option=approve&reason=a%00b`,
      `${token}&option=approve&reason=${'a'.repeat(10_001)}`,
      `${token}&option=approve&replaces=-1`,
      `${token}&option=approve&__proto__=x`,
      `${token}${'&x=1'.repeat(600)}`,
    ])
      expect((await visitor.post(vote, body)).statusCode).toBe(400);
    expect((await visitor.post(vote, `${token}&reason=${'a'.repeat(200_000)}`)).statusCode).toBe(413);
    const json = { 'content-type': 'application/json', ...sameOrigin };
    expect((await visitor.post(vote, '{"option":"approve"}', json)).statusCode).toBe(415);
    expect((await visitor.post(vote, 'x', { 'content-type': 'text/plain', ...sameOrigin })).statusCode).toBe(415);
    expect((await visitor.post('/requests/req_01jd8q/explode', {})).statusCode).toBe(404);
    expect((await visitor.post('/requests/nope/vote', { option: 'approve' })).statusCode).toBe(404);
    expect(process.actions).toEqual([]);
  });
});

describe('every answer', () => {
  it('carries the headers that keep others out', async () => {
    const { app } = await start();
    const visitor = await signedIn(app);
    for (const url of ['/', '/login', '/requests/req_01jd8q', '/requests/nope']) {
      const { headers } = await visitor.get(url);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    }
  });

  it('needs no inline script or style', async () => {
    const { app } = await start();
    const page = (await (await signedIn(app)).get('/requests/req_01jd8q')).body;
    expect(page).not.toMatch(
      / style=| on\w+="|<style|<script(?! type="module" src="\/assets\/page\.[0-9a-f]{16}\.js")/,
    );
  });

  it('serves its files for ever under a name that changes with them', async () => {
    const { app } = await start();
    const page = (await app.inject('/login')).body;
    const paths = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(paths).toHaveLength(3);
    for (const path of paths) {
      const answer = await app.inject(path);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect((await app.inject('/assets/page.0000000000000000.css')).statusCode).toBe(404);
  });

  it('hides what went wrong inside, and names it for the log', async () => {
    const { app } = await start({
      view: async () => {
        throw new Error('disk I/O error at /var/lib/secret');
      },
    });
    const answer = await (await signedIn(app)).get('/requests/req_01jd8q');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).toContain('Reference: ');
    expect(answer.body).not.toContain('disk');
  });

  it('leaves the rest of the server as it was', async () => {
    const app = Fastify();
    open.push(app);
    app.setNotFoundHandler((_request, reply) => sendNotFoundPage(reply, publicUrl));
    await app.register(webPages(processWith([]).ports));
    app.post('/v1/echo', async (request) => ({ got: request.body }));
    const json = await app.inject({ method: 'POST', url: '/v1/echo', payload: { a: 1 } });
    expect(json.json()).toEqual({ got: { a: 1 } });
    expect(json.headers['content-security-policy']).toBeUndefined();
    const form = await app.inject({
      method: 'POST',
      url: '/v1/echo',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'a=1',
    });
    expect(form.statusCode).toBe(415);
    const lost = await app.inject('/lost');
    expect([lost.statusCode, lost.body.includes('There is nothing here')]).toEqual([404, true]);
    expect(lost.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('refuses to start with a secret too short to keep anything', async () => {
    const app = Fastify();
    open.push(app);
    await expect(app.register(webPages({ ...processWith([]).ports, secret: 'short' }))).rejects.toThrow(
      '16 characters',
    );
  });
});
