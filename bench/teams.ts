/**
 * bench/teams.ts: Teams as far as a click needs it, answered at once: the login service with its keys, and a connector
 * that takes cards. It hands out the token that clicks come with, since it alone can sign one.
 */
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Card } from './presser.ts';
import { TEAMS, teamsActivity } from './traffic.ts';

const { bot: BOT, tenant: TENANT, people: OBJECT_IDS } = TEAMS;
const ISSUER = 'https://api.botframework.com';
const HOUR = 3_600;

/** What was posted since it was asked last, and what a click on it needs. */
export interface Posted {
  readonly cards: readonly Card[];
  readonly token: string;
  readonly serviceUrl: string;
}

const { publicKey, privateKey } = await generateKeyPair('RS256');
const key = { ...(await exportJWK(publicKey)), kid: 'bench', use: 'sig', alg: 'RS256', endorsements: ['msteams'] };
let posted: Card[] = [];
let count = 0;
let base = '';

/** The request that a card is about. */
const requestOn = (card: unknown): string | null => /req_[0-9a-f]{32}/.exec(JSON.stringify(card ?? ''))?.[0] ?? null;

function answer(path: string, body: { readonly activity?: object; readonly channelData?: object }): object {
  if (path === '/openid')
    return { issuer: ISSUER, jwks_uri: `${base}/keys`, id_token_signing_alg_values_supported: ['RS256'] };
  if (path === '/keys') return { keys: [key] };
  if (path.startsWith('/login/')) return { token_type: 'Bearer', expires_in: HOUR, access_token: 'bench' };
  const activity = String(++count);
  const channel = /"channel":\{"id":"([^"]+)"/.exec(JSON.stringify(body.channelData ?? {}))?.[1];
  if (path === '/v3/conversations' && channel !== undefined) {
    const request = requestOn(body.activity);
    if (request !== null) posted.push({ conversation: channel, activity, request });
    return { id: `${channel};messageid=${activity}`, activityId: activity };
  }
  if (path.includes('/pagedmembers') || path.includes('/members'))
    return {
      members: OBJECT_IDS.map((objectId) => ({
        id: `29:${objectId}`,
        objectId,
        name: objectId,
        tenantId: TENANT,
        userRole: 'user',
      })),
    };
  return { id: activity };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    const body = request.headers['content-type']?.includes('json') === true ? JSON.parse(text) : {};
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer((request.url ?? '').replace(/\?.*$/, ''), body)));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address !== 'object') return;
  base = `http://127.0.0.1:${address?.port}`;
  process.send?.({ ready: base });
});

const tokenFor = (): Promise<string> =>
  new SignJWT({ serviceurl: `${base}/` })
    .setProtectedHeader({ alg: 'RS256', kid: 'bench' })
    .setIssuer(ISSUER)
    .setAudience(BOT)
    .setIssuedAt()
    .setNotBefore('-1m')
    .setExpirationTime('1h')
    .sign(privateKey);

/** The first activity of all, from which the bot learns where it is answered. */
async function greet(url: string): Promise<boolean> {
  const from = teamsActivity('greeting', `${base}/`, OBJECT_IDS[0] ?? '', '19:bench-0@thread.tacv2');
  const body = { ...from, type: 'installationUpdate', action: 'add' };
  const headers = { authorization: `Bearer ${await tokenFor()}`, 'content-type': 'application/json' };
  const said = await fetch(`${url}/api/messages`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!said.ok) throw new Error(`${said.status} ${await said.text()}`);
  return true;
}

/** Once so many cards were posted. */
async function take(count: number): Promise<Posted> {
  while (posted.length < count) await new Promise((resolve) => setTimeout(resolve, 50));
  const cards = posted;
  posted = [];
  return { cards, token: await tokenFor(), serviceUrl: `${base}/` };
}

interface Question {
  readonly cards?: number;
  readonly greet?: { readonly url: string };
}

process.on('message', (question: Question) => {
  const broken = (error: unknown): void => void process.send?.({ broken: String(error) });
  if (question.greet !== undefined) greet(question.greet.url).then((greeted) => process.send?.({ greeted }), broken);
  if (question.cards !== undefined) take(question.cards).then((cards) => process.send?.({ cards }), broken);
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
