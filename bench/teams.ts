/**
 * bench/teams.ts: Teams as far as a click needs it, answered at once: the login service with its keys, and a connector
 * that takes cards. Sends the clicks too, since it alone can sign them, and notes how long each took to be answered.
 */
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Pool } from 'undici';
import { TEAMS } from './traffic.ts';

const { bot: BOT, tenant: TENANT, people: OBJECT_IDS } = TEAMS;

const ISSUER = 'https://api.botframework.com';
const HOUR = 3_600;

/** Each person on each of the cards that were posted, so many at once. */
interface Press {
  readonly url: string;
  readonly connections: number;
  /** Whether those connections are there before the first click, as Teams' service and proxies keep theirs. */
  readonly areOpen: boolean;
}

interface Posted {
  readonly conversation: string;
  readonly activity: string;
  readonly request: string;
}

const { publicKey, privateKey } = await generateKeyPair('RS256');
const key = { ...(await exportJWK(publicKey)), kid: 'bench', use: 'sig', alg: 'RS256', endorsements: ['msteams'] };
let posted: Posted[] = [];
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

const frame = (objectId: string, conversation: string): object => ({
  id: String(++count),
  channelId: 'msteams',
  serviceUrl: `${base}/`,
  from: { id: `29:${objectId}`, name: objectId, aadObjectId: objectId },
  recipient: { id: `28:${BOT}`, name: 'Countersign' },
  conversation: { isGroup: true, conversationType: 'channel', tenantId: TENANT, id: conversation },
  channelData: { tenant: { id: TENANT } },
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
  const body = { ...frame(OBJECT_IDS[0] ?? '', '19:bench-0@thread.tacv2'), type: 'installationUpdate', action: 'add' };
  const headers = { authorization: `Bearer ${await tokenFor()}`, 'content-type': 'application/json' };
  const said = await fetch(`${url}/api/messages`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!said.ok) throw new Error(`${said.status} ${await said.text()}`);
  return true;
}

async function press({
  url,
  connections,
  areOpen,
}: Press): Promise<{ latenciesMs: number[]; complaint: string | null }> {
  const token = await tokenFor();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const pool = new Pool(url, { connections, pipelining: 1 });
  const opening = Array.from({ length: areOpen ? connections : 0 }, () =>
    pool.request({ method: 'GET', path: '/healthz' }),
  );
  for (const { body } of await Promise.all(opening)) await body.dump();
  const left = OBJECT_IDS.flatMap((objectId) => posted.map((card) => ({ objectId, card }))).reverse();
  posted = [];
  const latenciesMs: number[] = [];
  let complaint: string | null = null;
  const person = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { objectId, card } = next;
      const { conversation, activity, request } = card;
      const action = { type: 'Action.Execute', verb: 'vote', data: { k: `vote|${request}|1|||approve` } };
      const click = {
        ...frame(objectId, `${conversation};messageid=${activity}`),
        type: 'invoke',
        name: 'adaptiveCard/action',
        replyToId: activity,
        value: { action, trigger: 'manual' },
      };
      const began = performance.now();
      const body = JSON.stringify(click);
      const said = await pool.request({ method: 'POST', path: '/api/messages', headers, body });
      const text = await said.body.text();
      latenciesMs.push(performance.now() - began);
      if (said.statusCode !== 200 || !text.includes('"statusCode":200'))
        complaint ??= `${said.statusCode} ${text.slice(0, 300)}`;
    }
  };
  await Promise.all(Array.from({ length: connections }, person));
  await pool.destroy();
  return { latenciesMs: latenciesMs.sort((a, b) => a - b), complaint };
}

interface Question {
  /** Answer once so many cards were posted. */
  readonly cards?: number;
  readonly press?: Press;
  readonly greet?: { readonly url: string };
}

process.on('message', (question: Question) => {
  const broken = (error: unknown): void => void process.send?.({ broken: String(error) });
  if (question.press !== undefined) press(question.press).then((pressed) => process.send?.({ pressed }), broken);
  if (question.greet !== undefined) greet(question.greet.url).then((greeted) => process.send?.({ greeted }), broken);
  if (question.cards === undefined) return;
  const wanted = question.cards;
  const look = (): void =>
    void (posted.length < wanted ? setTimeout(look, 50) : process.send?.({ cards: posted.length }));
  look();
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
