import { compactVerify, createLocalJWKSet, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBot, type TestBot } from '../bot.ts';
import { GATES } from '../gates.ts';

let bot: TestBot;
beforeAll(async () => {
  bot = await startTestBot({ config: GATES });
});
afterAll(() => bot.end());

const keys = async () =>
  createLocalJWKSet((await bot.call('GET', '/.well-known/jwks.json', undefined, { authorization: '' })).json);

describe('a receipt', () => {
  it('is verified by anybody with the published key, and vouches for the outcome and what was shown', async () => {
    const request = await bot.opened({
      gate: 'deploy',
      requester: 'eve',
      subject: { name: 'billing', digest: 'sha256:1' },
    });
    await bot.vote(request.id, 'ana', 'approve', { reason: 'fine' });
    const { json } = await bot.call('GET', `/v1/requests/${request.id}/receipt`);
    const { payload } = await compactVerify(json.receipt, await keys(), { algorithms: ['EdDSA'] });
    const claims = JSON.parse(new TextDecoder().decode(payload));
    expect(claims).toEqual(json.claims);
    expect(claims).toMatchObject({
      iss: bot.url,
      sub: request.id,
      gate: 'deploy',
      pipeline: 'ci',
      requester: 'eve',
      title: request.title,
      digest: request.digest,
      subject: { name: 'billing', digest: 'sha256:1', url: null },
      outcome: { status: 'approved', cause: 'votes', decidedBy: ['ana'], reason: 'fine' },
    });
  });

  it('is void once a letter of it is changed', async () => {
    const request = await bot.opened({ gate: 'deploy' });
    await bot.vote(request.id, 'ana', 'reject');
    const { receipt } = (await bot.call('GET', `/v1/requests/${request.id}/receipt`)).json;
    const [head, body, signature] = receipt.split('.');
    const forged = Buffer.from(Buffer.from(body, 'base64url').toString().replaceAll('rejected', 'approved')).toString(
      'base64url',
    );
    await expect(compactVerify(`${head}.${forged}.${signature}`, await keys())).rejects.toThrow();
    const none = Buffer.from(JSON.stringify({ ...decodeProtectedHeader(receipt), alg: 'none' })).toString('base64url');
    await expect(compactVerify(`${none}.${body}.`, await keys())).rejects.toThrow();
  });

  it('does not exist before the end', async () => {
    const { id } = await bot.opened({ gate: 'deploy' });
    const answer = await bot.call('GET', `/v1/requests/${id}/receipt`);
    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('says how an outcome without votes came about', async () => {
    const { id } = await bot.opened({ gate: 'breakable' });
    await bot.call('POST', `/v1/requests/${id}/bypass`, { person: 'mia', reason: 'on fire' });
    const { claims } = (await bot.call('GET', `/v1/requests/${id}/receipt`)).json;
    expect(claims.outcome).toMatchObject({ cause: 'bypass', reason: 'on fire', decidedBy: ['mia'] });
  });

  it('is signed with the same key after a restart, which never leaves its private half behind', async () => {
    const published = async () => (await bot.call('GET', '/.well-known/jwks.json')).json;
    const before = await published();
    expect(Object.keys(before.keys[0]).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    await bot.stop();
    bot = await startTestBot({ config: GATES, folder: bot.folder });
    expect(await published()).toEqual(before);
  });
});
