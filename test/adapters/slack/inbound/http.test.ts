/** test/adapters/slack/inbound/http.test.ts: POST /slack/events lets in what Slack has signed, once, and nothing else. */

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMemory } from '../../../../src/adapters/slack/inbound/memory.ts';
import { createVerify } from '../../../../src/adapters/slack/inbound/verify.ts';
import { gate } from '../../../engine/house.ts';
import { controlOf } from '../../../fake/slack/controls.ts';
import { SIGNING_SECRET, sign } from '../../../fake/slack/people.ts';
import { openHouse } from './house.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('the signature', () => {
  // The worked example of https://docs.slack.dev/authentication/verifying-requests-from-slack
  const vector = z
    .object({ signing_secret: z.string(), timestamp: z.string(), body: z.string(), expected_signature: z.string() })
    .parse(JSON.parse(readFileSync(new URL('signature-vector.json', import.meta.url), 'utf8')));
  const at = Number(vector.timestamp) * 1_000;
  const home = { team: null, botToken: 'xoxb-1', signingSecret: vector.signing_secret };
  const headers = (timestamp: string, signature: string): string[] => [
    'X-Slack-Request-Timestamp',
    timestamp,
    'x-slack-signature',
    signature,
  ];
  const asSent = headers(vector.timestamp, vector.expected_signature);
  const body = Buffer.from(vector.body);

  it('of Slack’s own example holds', () => {
    const verify = createVerify([home], () => at);
    expect(verify({ rawHeaders: asSent, body })).toEqual({ kind: 'genuine', body: vector.body, forTeams: [null] });
  });

  it('says which workspaces it vouches for, with several secrets and several workspaces to one', () => {
    const other = { team: 'T2', botToken: 'xoxb-2', signingSecret: 'another-secret-of-another-app-00' };
    const same = { team: 'T3', botToken: 'xoxb-3', signingSecret: vector.signing_secret };
    const verify = createVerify([other, home, same], () => at);
    expect(verify({ rawHeaders: asSent, body })).toMatchObject({ kind: 'genuine', forTeams: [null, 'T3'] });
    const signed = headers(vector.timestamp, sign(other.signingSecret, vector.timestamp, vector.body));
    expect(verify({ rawHeaders: signed, body })).toMatchObject({ kind: 'genuine', forTeams: ['T2'] });
  });

  it.each([
    ['five minutes late', 300, 'genuine'],
    ['later', 301, 'refused'],
    ['five minutes early', -300, 'genuine'],
    ['earlier', -301, 'refused'],
  ])('is judged by our clock: %s', (_, seconds, kind) => {
    expect(createVerify([home], () => at + seconds * 1_000)({ rawHeaders: asSent, body }).kind).toBe(kind);
  });

  it.each([
    ['no headers', [], 'unsigned'],
    ['no signature', asSent.slice(0, 2), 'unsigned'],
    ['two signatures', [...asSent, 'X-SLACK-SIGNATURE', vector.expected_signature], 'repeated header'],
    ['two timestamps', [...asSent, 'x-slack-request-timestamp', vector.timestamp], 'repeated header'],
    ['a timestamp in hexadecimal', headers('0x5b47a3fa', vector.expected_signature), 'malformed header'],
    [
      'a timestamp with a zero before it',
      headers(`0${vector.timestamp}`, vector.expected_signature),
      'malformed header',
    ],
    ['an empty timestamp', headers('', vector.expected_signature), 'malformed header'],
    ['a tail after the hash', headers(vector.timestamp, `${vector.expected_signature}=x`), 'malformed header'],
    ['another version', headers(vector.timestamp, vector.expected_signature.replace('v0', 'v1')), 'malformed header'],
    ['another hash', headers(vector.timestamp, `v0=${'0'.repeat(64)}`), 'forged'],
  ])('is refused with %s', (_, rawHeaders, cause) => {
    expect(createVerify([home], () => at)({ rawHeaders, body })).toEqual({ kind: 'refused', cause });
  });

  it('is refused over a body that is changed by a byte, or that is no text', () => {
    const verify = createVerify([home], () => at);
    expect(verify({ rawHeaders: asSent, body: Buffer.from(`${vector.body}&`) })).toMatchObject({ cause: 'forged' });
    expect(verify({ rawHeaders: asSent, body: Buffer.from([0xff, 0xfe]) })).toMatchObject({ cause: 'not text' });
  });

  it('lets nobody in where no secret is set', () => {
    const verify = createVerify(
      [
        { ...home, signingSecret: null },
        { ...home, signingSecret: '' },
      ],
      () => at,
    );
    const signed = headers(vector.timestamp, sign('', vector.timestamp, vector.body));
    expect(verify({ rawHeaders: signed, body })).toMatchObject({ cause: 'forged' });
  });

  it('counts once, for as long as its timestamp could be taken for fresh', () => {
    let now = at - 300_000;
    const verify = createVerify([home], () => now);
    expect(verify({ rawHeaders: asSent, body }).kind).toBe('genuine');
    for (const later of [0, 1, 300_000, 599_000]) {
      now = at - 300_000 + later;
      expect(verify({ rawHeaders: asSent, body })).toMatchObject({ cause: 'replayed' });
    }
  });
});

describe('what is remembered', () => {
  it('is forgotten after its time, and the oldest first where there is no more room', () => {
    let now = 0;
    const memory = createMemory(100, 2, () => now);
    expect([memory.isNew('a'), memory.isNew('a')]).toEqual([true, false]);
    now = 100;
    expect(memory.isNew('a')).toBe(true);
    expect([memory.isNew('b'), memory.isNew('c'), memory.isNew('a'), memory.isNew('c')]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('POST /slack/events', () => {
  it.each([
    ['forged', { secret: 'wrong' }],
    ['unsigned', { headers: { 'x-slack-signature': '' } }],
    ['stale', { timestamp: '1000000000' }],
    ['of the future', { timestamp: '4000000000' }],
    ['without a number for a timestamp', { timestamp: 'now' }],
  ])('refuses a call that is %s with the same answer for each, and changes nothing', async (_, envelope) => {
    const { people, memory, ask, lines } = await openHouse();
    const { id, message } = await ask();
    const answer = await people.click('U0ANA', message, controlOf(message, /^Approve$/), envelope);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.json).toEqual({
      type: 'urn:countersign:problem:not-authenticated',
      title: 'Not authenticated',
      status: 401,
      detail: 'The signature does not hold.',
      instance: '/slack/events',
    });
    expect(memory.state(id).status).toBe('pending');
    expect(memory.acted).toEqual([]);
    expect(lines.some(({ fields }) => 'cause' in fields)).toBe(true);
    expect(JSON.stringify(lines)).not.toContain(SIGNING_SECRET);
  });

  it('refuses a replayed call, so that a comment is not made twice', async () => {
    const { people, memory, ask, now } = await openHouse();
    const { message } = await ask(gate(['ana', 'ben'], 2));
    const payload = people.clickPayload('U0ANA', message, controlOf(message, /^Approve$/));
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const timestamp = String(Math.floor(now() / 1_000));
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await people.post(body, FORM, { timestamp })).status),
    );
    expect(statuses.sort()).toEqual([200, 401, 401, 401, 401]);
    expect(memory.acted).toHaveLength(1);
  });

  it('refuses repeated security headers as they come over the wire', async () => {
    const { url, now } = await openHouse();
    const timestamp = String(Math.floor(now() / 1_000));
    const body = 'command=%2Fgates';
    const signature = sign(SIGNING_SECRET, timestamp, body);
    const { port } = new URL(url);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(
          [
            'POST /slack/events HTTP/1.1',
            'host: x',
            'connection: close',
            `content-type: ${FORM}`,
            `content-length: ${body.length}`,
            `x-slack-request-timestamp: ${timestamp}`,
            `x-slack-signature: ${signature}`,
            `x-slack-signature: ${signature}`,
            '',
            body,
          ].join('\r\n'),
        ),
      );
      socket.on('data', (part) => {
        text += part.toString();
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1.1 401/);
  });

  it('takes forms with a charset, and JSON', async () => {
    const { people, memory } = await openHouse();
    const form = new URLSearchParams({
      command: '/gates',
      text: 'help',
      team_id: 'T0ACME',
      user_id: 'U0ANA',
      api_app_id: 'A0APP',
    });
    expect((await people.post(form.toString(), `${FORM}; charset=UTF-8`)).status).toBe(200);
    expect(memory.lines).toEqual(['ana: help']);
    expect((await people.event({ type: 'nothing_we_know' })).status).toBe(200);
  });

  it.each([
    ['no JSON', FORM, 'payload=%7B'],
    ['JSON that is no object', FORM, 'payload=null'],
    ['neither payload nor command', FORM, 'a=b'],
    ['a payload twice', FORM, 'payload=%7B%7D&payload=%7B%7D'],
    ['a text', 'text/plain', 'hello'],
    ['an array', 'application/json', '[]'],
    ['null', 'application/json', 'null'],
    ['a click without an action', FORM, `payload=${encodeURIComponent('{"type":"block_actions","actions":[]}')}`],
    ['a form without a view', FORM, `payload=${encodeURIComponent('{"type":"view_submission"}')}`],
    ['a command of nobody', FORM, 'command=%2Fgates'],
    ['an event without an event', 'application/json', '{"type":"event_callback"}'],
    ['an event of no kind', 'application/json', '{"type":"event_callback","event":null}'],
    ['a verification without a challenge', 'application/json', '{"type":"url_verification"}'],
  ])('answers 400 to a signed call with %s', async (_, contentType, body) => {
    const { people } = await openHouse();
    const answer = await people.post(body, contentType);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('answers 413 to what is larger than any call of Slack’s', async () => {
    const { people } = await openHouse();
    const answer = await people.post(`payload=${'x'.repeat(1024 * 1024)}`, FORM);
    expect([answer.status, answer.json]).toMatchObject([413, { type: 'urn:countersign:problem:too-large' }]);
  });

  it('answers Slack’s challenge when it is signed, and its check of the certificate', async () => {
    const { people } = await openHouse();
    const challenge = JSON.stringify({ type: 'url_verification', token: 'x', challenge: '3eZbrw1aB' });
    expect((await people.post(challenge, 'application/json')).json).toEqual({ challenge: '3eZbrw1aB' });
    expect((await people.post(challenge, 'application/json', { secret: 'wrong' })).status).toBe(401);
    expect((await people.post('token=x&ssl_check=1', FORM, { signature: 'none' })).status).toBe(200);
  });

  it('leaves the rest of the server as it was', async () => {
    const { app } = await openHouse();
    const answer = await app.inject({ method: 'POST', url: '/elsewhere', payload: { a: 1 } });
    expect(answer.statusCode).toBe(404);
    expect((await app.inject({ method: 'GET', url: '/slack/events' })).statusCode).toBe(404);
  });
});

describe('a secret', () => {
  it('vouches for its own workspace only', async () => {
    const stranger = { team: 'T0OTHER', botToken: 'xoxb-other', signingSecret: 'other-secret-0123456789abcdef' };
    const house = await openHouse({
      options: {
        workspaces: [{ team: 'T0ACME', botToken: 'xoxb-acme-bot-token', signingSecret: SIGNING_SECRET }, stranger],
      },
    });
    const { people, memory, ask, lines } = house;
    const { id, message } = await ask();
    const envelope = { secret: stranger.signingSecret };
    await people.click('U0ANA', message, controlOf(message, /^Approve$/), envelope);
    expect(memory.state(id).status).toBe('pending');
    expect(lines).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ cause: 'signed for another workspace' }) }),
    );
    await people.click('U0ANA', message, controlOf(message, /^Approve$/));
    expect(memory.state(id).status).toBe('approved');
  });
});
