/**
 * src/adapters/teams/inbound/token.ts: what a bearer token says of itself, before anybody has checked it: enough to
 * turn away what the SDK would take, or would remember for ever.
 */
import { z } from 'zod';
import { TOKEN_LENGTH } from './limits.ts';

/** RS256 alone: the SDK allows more. */
const Header = z.object({ alg: z.literal('RS256'), kid: z.string().min(1).max(500) });
/** `exp`: a token without an end passes the SDK. */
const Payload = z.object({ iss: z.string(), exp: z.number().int() });

export interface Bearer {
  /** As the header has it: `Bearer …`. */
  readonly authorization: string;
  readonly issuer: string;
  /** Under which name the key is published that it says to be signed by. */
  readonly keyId: string;
}

/** null: there is none, more than one, or not one that could ever hold. */
export function readBearer(rawHeaders: readonly string[]): Bearer | null {
  const values = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'authorization');
  const [authorization] = values;
  if (values.length !== 1 || authorization === undefined || authorization.length > TOKEN_LENGTH) return null;
  const [, header, payload] = /^Bearer ([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(authorization) ?? [];
  if (header === undefined || payload === undefined) return null;
  const signed = Header.safeParse(decoded(header)).data;
  const said = Payload.safeParse(decoded(payload)).data;
  return signed === undefined || said === undefined ? null : { authorization, issuer: said.iss, keyId: signed.kid };
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
