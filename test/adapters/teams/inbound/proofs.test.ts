/** test/adapters/teams/inbound/proofs.test.ts: a token that was proven is taken again for a while, and nothing else is. */
import { describe, expect, it } from 'vitest';
import { PROOF_MS, PROOFS } from '../../../../src/adapters/teams/inbound/limits.ts';
import { createProofs } from '../../../../src/adapters/teams/inbound/proofs.ts';

interface Proof {
  readonly claims: { readonly exp: number } | null;
}

/** The middle of a token's hour, and five minutes on the other clock. */
function desk() {
  const time = { wall: 1_000_000_000_000, monotonic: 5_000 };
  const proofs = createProofs<Proof>({ clock: () => time.wall, monotonic: () => time.monotonic });
  const looks: string[] = [];
  const exp = time.wall / 1_000 + 1_800;
  const show = (token: string, { keyId = 'k1', channel = 'msteams', claims = { exp } as Proof['claims'] } = {}) =>
    proofs.of(
      { authorization: `Bearer ${token}`, issuer: 'https://api.botframework.com', keyId },
      channel,
      async () => {
        looks.push(token);
        return { claims };
      },
    );
  return { time, proofs, looks, show, exp };
}

describe('a proven token', () => {
  it('is looked at once, and taken for five minutes after that', async () => {
    const { time, looks, show, exp } = desk();
    expect(await show('a')).toEqual({ claims: { exp } });
    time.monotonic += PROOF_MS - 1;
    expect(await show('a')).toEqual({ claims: { exp } });
    expect(looks).toEqual(['a']);
    time.monotonic += 1; // counted from when it was looked at, not from when it was used
    await show('a');
    expect(looks).toEqual(['a', 'a']);
  });

  it('is not taken past its end, without the tolerance that a first look has', async () => {
    const { time, looks, show, exp } = desk();
    await show('a');
    time.wall = exp * 1_000 - 1;
    await show('a');
    expect(looks).toEqual(['a']);
    time.wall = exp * 1_000;
    await show('a');
    await show('a');
    expect(looks).toEqual(['a', 'a', 'a']);
  });

  it('that says nothing of its end is looked at each time', async () => {
    const { looks, show } = desk();
    await show('a', { claims: null });
    await show('a', { claims: null });
    expect(looks).toEqual(['a', 'a']);
  });

  it('vouches for itself alone, letter by letter, and for one channel', async () => {
    const { looks, show } = desk();
    await show('a');
    for (const other of ['A', 'a ', 'b', '']) await show(other);
    await show('a', { channel: 'webchat' });
    await show('a');
    expect(looks).toEqual(['a', 'A', 'a ', 'b', '', 'a']);
  });

  it('is looked at again once a token under a new key was proven: the keys may have been taken back', async () => {
    const { looks, show } = desk();
    await show('a');
    await show('b', { keyId: 'k2' });
    await show('a');
    await show('b', { keyId: 'k2' }); // both keys are known now
    expect(looks).toEqual(['a', 'b', 'a']);
  });

  it('makes room for newer ones', async () => {
    const { looks, show } = desk();
    for (let i = 0; i <= PROOFS; i++) await show(`t${i}`);
    looks.length = 0;
    await show(`t${PROOFS}`);
    await show('t0');
    expect(looks).toEqual(['t0']);
  });
});

describe('a token that was refused', () => {
  it('is looked at each time, and a good one beside it stays known', async () => {
    const { proofs, looks, show } = desk();
    await show('a');
    const bad = { authorization: 'Bearer bad', issuer: 'x', keyId: 'k1' };
    const refuse = () => Promise.reject(new Error('forged'));
    await expect(proofs.of(bad, 'msteams', refuse)).rejects.toThrow('forged');
    await expect(proofs.of(bad, 'msteams', refuse)).rejects.toThrow('forged');
    await expect(proofs.of({ ...bad, keyId: 'k2' }, 'msteams', refuse)).rejects.toThrow('forged');
    await show('a');
    expect(looks).toEqual(['a']);
  });
});
