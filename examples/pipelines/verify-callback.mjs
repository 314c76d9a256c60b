// Receives callbacks and checks their signature (Standard Webhooks), with nothing but Node.
//
//   CALLBACK_SECRET=whsec_… PORT=8080 node verify-callback.mjs
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const TOLERANCE_S = 300;

/**
 * @param {Record<string, string | string[] | undefined>} headers in lower case
 * @param {Buffer} body the bytes as they came: JSON that was parsed and printed again is signed differently
 * @param {string} secret `whsec_…`
 */
export function isOurs(headers, body, secret, now = Date.now()) {
  const { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof signatures !== 'string' || !/^\d{1,12}$/.test(String(stamp))) return false;
  if (Math.abs(now / 1000 - Number(stamp)) > TOLERANCE_S) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${stamp}.`).update(body).digest();
  // One signature for each secret in use, so that secrets can be changed without a gap.
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const secret = process.env.CALLBACK_SECRET;
if (!secret) throw new Error('CALLBACK_SECRET is the callbackSecret of the pipeline');
const seen = new Set(); // keep the ids where you keep the rest: a callback may come more than once

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    if (!isOurs(request.headers, body, secret)) return response.writeHead(401).end();
    const id = request.headers['webhook-id'];
    if (!seen.has(id)) {
      const { type, data } = JSON.parse(body.toString('utf8'));
      console.log(`${type} ${data.id} ${data.outcome.cause}`);
      seen.add(id);
    }
    response.writeHead(204).end(); // at once: work that takes long is done afterwards
  });
});
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => console.log(`port ${server.address().port}`));
