/**
 * src/adapters/teams/inbound/proofs.ts: tokens that were proven a moment ago. Teams sends the same one with everything
 * for about an hour, and proving it again for each activity took an eighth of a click's time.
 *
 * Why nobody else comes in by it: only what the SDK has just taken is remembered, never a refusal, under the digest of
 * the whole header and of the channel that the signing key vouches for. Whoever is found there shows the very token
 * that was proven, so what it says (issuer, bot, address, end) can't be another; the guard holds that against each
 * activity anew, and the tenant as well. What changes by itself is looked at each time: past its end a token is not
 * known here any more. What the login service changes reaches us when the SDK reads the keys again, once a day or at a
 * key it doesn't know; a key that was taken back then counts for `PROOF_MS` longer at most, and not even that once a
 * token under a new key was proven, because with that everything that was remembered is proven anew.
 */
import { createHash } from 'node:crypto';
import { PROOF_MS, PROOFS } from './limits.ts';
import type { Bearer } from './token.ts';

export interface Proofs<Proof> {
  /** What `prove` has found about this token for this channel, a moment ago or now. Rejects as `prove` does. */
  of(bearer: Bearer, channel: string, prove: () => Promise<Proof>): Promise<Proof>;
}

interface ProofsParts {
  /** Wall clock, in milliseconds: tokens end by it. */
  readonly clock: () => number;
  /** In milliseconds, never set back. */
  readonly monotonic: () => number;
}

/** Remembers at most `PROOFS`; when it is full the oldest makes room. */
export function createProofs<Proof extends { readonly claims: { readonly exp: number } | null }>({
  clock,
  monotonic,
}: ProofsParts): Proofs<Proof> {
  const known = new Map<string, { readonly proof: Proof; readonly endsAt: number; readonly until: number }>();
  const keys = new Set<string>();

  function remember(name: string, keyId: string, proof: Proof, provenAt: number): void {
    if (proof.claims === null) return;
    if (!keys.has(keyId)) {
      known.clear();
      if (keys.size >= PROOFS) keys.clear();
      keys.add(keyId);
    }
    const oldest = known.keys().next().value;
    if (known.size >= PROOFS && oldest !== undefined) known.delete(oldest);
    known.set(name, { proof, endsAt: proof.claims.exp * 1_000, until: provenAt + PROOF_MS });
  }

  return {
    async of({ authorization, keyId }, channel, prove) {
      const name = createHash('sha256').update(`${channel}\n${authorization}`).digest('base64url');
      const now = monotonic();
      const found = known.get(name);
      if (found !== undefined && now < found.until && clock() < found.endsAt) return found.proof;
      known.delete(name);
      const proof = await prove();
      remember(name, keyId, proof, now);
      return proof;
    },
  };
}
