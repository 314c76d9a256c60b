/**
 * src/adapters/slack/inbound/verify.ts: whether a call comes from Slack: Bolt's own check of the signature, and what
 * it leaves open (5.1.0: future and non-numeric timestamps, a tail after the hash, replays).
 */
import { createHash } from 'node:crypto';
import { isValidSlackRequest } from '@slack/bolt';
import type { SlackWorkspace } from '../options.ts';
import { CLOCK_SKEW_SECONDS, REMEMBERED, REPLAY_MEMORY_MS } from './limits.ts';
import { createMemory } from './memory.ts';

/** `forTeams`: the workspaces whose signing secret signed it (null: the one whose id its token tells). */
export type Verdict =
  | { readonly kind: 'genuine'; readonly body: string; readonly forTeams: readonly (string | null)[] }
  /** The cause is for the log alone: whoever calls hears the same answer for each. */
  | { readonly kind: 'refused'; readonly cause: Cause };

export type Cause = 'unsigned' | 'repeated header' | 'malformed header' | 'stale' | 'not text' | 'forged' | 'replayed';

export type Verify = (call: { readonly rawHeaders: readonly string[]; readonly body: Buffer }) => Verdict;

const TIMESTAMP = 'x-slack-request-timestamp';
const SIGNATURE = 'x-slack-signature';

/** Accepts each call once. Secrets are compared by Bolt, in constant time. */
export function createVerify(workspaces: readonly SlackWorkspace[], clock: () => number): Verify {
  const teamsBySecret = new Map<string, (string | null)[]>();
  for (const { team, signingSecret } of workspaces) {
    if (signingSecret !== null && signingSecret !== '')
      teamsBySecret.set(signingSecret, [...(teamsBySecret.get(signingSecret) ?? []), team]);
  }
  const accepted = createMemory(REPLAY_MEMORY_MS, REMEMBERED, clock);

  return ({ rawHeaders, body }) => {
    const stamps = valuesOf(rawHeaders, TIMESTAMP);
    const signatures = valuesOf(rawHeaders, SIGNATURE);
    if (stamps.length > 1 || signatures.length > 1) return refused('repeated header');
    const [stamp] = stamps;
    const [signature] = signatures;
    if (stamp === undefined || signature === undefined) return refused('unsigned');
    if (!/^[1-9]\d{0,11}$/.test(stamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) return refused('malformed header');
    const now = clock();
    if (Math.abs(Math.floor(now / 1000) - Number(stamp)) > CLOCK_SKEW_SECONDS) return refused('stale');
    const text = body.toString('utf8');
    if (!Buffer.from(text, 'utf8').equals(body)) return refused('not text'); // Bolt signs text; what is parsed must be what was sent
    const headers = { [SIGNATURE]: signature, [TIMESTAMP]: Number(stamp) } as const;
    for (const [signingSecret, forTeams] of teamsBySecret) {
      if (!isValidSlackRequest({ signingSecret, body: text, headers, nowMilliseconds: now })) continue;
      const isFirst = accepted.isNew(createHash('sha256').update(signature).digest('base64'));
      return isFirst ? { kind: 'genuine', body: text, forTeams } : refused('replayed');
    }
    return refused('forged');
  };
}

const refused = (cause: Cause): Verdict => ({ kind: 'refused', cause });

/** Every value under a name, as it came: Node joins repetitions of a header before anybody can see them. */
function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}
