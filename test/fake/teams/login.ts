/**
 * test/fake/teams/login.ts: Microsoft's login service, both ways: it gives bots tokens for the connector, and publishes
 * the keys with which the Bot Framework signs what it sends to bots. It can sign wrongly in every way there is.
 */
import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { Fields } from './wire.ts';
import { APP, TENANT } from './world.ts';

export const PASSWORD = 'teams-app-password-of-the-tests';
export const SCOPE = 'https://api.botframework.com';
export const ISSUER = 'https://api.botframework.com';
/** Of the tokens that bots get. */
const LIFE_S = 3_600;

/** One way in which a token that comes with an activity can be wrong. */
export type Flaw =
  | 'algNone'
  | 'hs256'
  | 'rs512'
  | 'unknownKid'
  | 'noKid'
  | 'otherKey'
  | 'tampered'
  | 'noExp'
  | 'expired'
  | 'nbfInFuture'
  | 'otherAudience'
  | 'noAudience'
  | 'otherIssuer'
  | 'aadIssuer'
  | 'noIssuer'
  | 'otherServiceUrl'
  | 'noServiceUrl'
  | 'notEndorsed'
  | 'garbage';

export const FLAWS: readonly Flaw[] = [
  'algNone',
  'hs256',
  'rs512',
  'unknownKid',
  'noKid',
  'otherKey',
  'tampered',
  'noExp',
  'expired',
  'nbfInFuture',
  'otherAudience',
  'noAudience',
  'otherIssuer',
  'aadIssuer',
  'noIssuer',
  'otherServiceUrl',
  'noServiceUrl',
  'notEndorsed',
  'garbage',
];

export interface TokenRequest {
  readonly tenant: string;
  readonly form: Readonly<Record<string, string>>;
  readonly at: number;
}

interface Answer {
  readonly status: number;
  readonly body: Fields;
}

interface Key {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly endorsements: readonly string[];
}

/** `strange`: published nowhere. */
type KeyName = 'own' | 'otherChannel' | 'strange';

const newKey = (endorsements: readonly string[]): Key => ({
  kid: randomUUID(),
  endorsements,
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const without = (claims: Fields, name: string): Fields =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

export class Login {
  private readonly clock: () => number;
  private readonly signingClock: () => number;
  readonly requests: TokenRequest[] = [];
  /** What the bot is registered with; a test takes one away as an administrator would. */
  readonly passwords = new Set([PASSWORD]);
  private readonly given = new Map<string, number>();
  /** Made when they are needed first: that takes a while. */
  private readonly keys = new Map<KeyName, Key>();

  constructor(clock: () => number, signingClock: () => number) {
    this.clock = clock;
    this.signingClock = signingClock;
  }

  /** New keys, the old ones gone: what happens every few weeks. */
  rotateKeys(): void {
    this.keys.delete('own');
  }

  private key(name: KeyName): Key {
    const key = this.keys.get(name) ?? newKey([name === 'otherChannel' ? 'webchat' : 'msteams']);
    this.keys.set(name, key);
    return key;
  }

  /** Tokens that were given count no longer. */
  revokeAll(): void {
    this.given.clear();
  }

  /** Whether the connector takes it. */
  knows(token: string | null): boolean {
    return token !== null && (this.given.get(token) ?? 0) > this.clock();
  }

  jwks(): Fields {
    const published = [this.key('own'), this.key('otherChannel')].map(({ kid, publicKey, endorsements }) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid,
      use: 'sig',
      x5t: kid,
      endorsements,
    }));
    return { keys: published };
  }

  /** Client credentials: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
  token(tenant: string, form: Readonly<Record<string, string>>): Answer {
    this.requests.push({ tenant, form, at: this.clock() });
    const no = (status: number, error: string, code: string): Answer => ({
      status,
      body: {
        error,
        error_description: `${code}: no. Trace ID: ${randomUUID()}`,
        error_codes: [Number(code.slice('AADSTS'.length))],
      },
    });
    if (form.grant_type !== 'client_credentials') return no(400, 'unsupported_grant_type', 'AADSTS70003');
    if (tenant !== TENANT) return no(400, 'invalid_request', 'AADSTS90002');
    if (form.client_id !== APP) return no(400, 'unauthorized_client', 'AADSTS700016');
    if (!this.passwords.has(form.client_secret ?? '')) return no(401, 'invalid_client', 'AADSTS7000215');
    if (form.scope !== `${SCOPE}/.default`) return no(400, 'invalid_scope', 'AADSTS70011');
    return { status: 200, body: { token_type: 'Bearer', expires_in: LIFE_S, access_token: this.give() } };
  }

  /** A token that the connector takes, as if one had asked for it. */
  give(): string {
    const token = `${encode({ alg: 'RS256' })}.${encode({ jti: randomUUID() })}.${'x'.repeat(40)}`;
    this.given.set(token, this.clock() + LIFE_S * 1_000);
    return token;
  }

  /** The token that comes with an activity whose answer goes to `serviceUrl`. @param flaw what is wrong with it; null: nothing */
  sign(serviceUrl: string, flaw: Flaw | null = null, more: Fields = {}): string {
    const now = Math.floor(this.signingClock() / 1_000);
    const good: Fields = {
      serviceurl: serviceUrl,
      nbf: now - 60,
      exp: now + 3_600,
      iss: ISSUER,
      aud: APP,
      ...more,
    };
    const own = this.key('own');
    const { kid } = own;
    const signed = (claims: Fields, header: Fields = {}, key = own): string =>
      rs(256, { typ: 'JWT', alg: 'RS256', kid, ...header }, claims, key);
    switch (flaw) {
      case null:
        return signed(good);
      case 'algNone':
        return `${encode({ typ: 'JWT', alg: 'none', kid })}.${encode(good)}.`;
      case 'hs256': {
        // The published key as the secret: the oldest trick.
        const text = `${encode({ typ: 'JWT', alg: 'HS256', kid })}.${encode(good)}`;
        const secret = own.publicKey.export({ format: 'pem', type: 'spki' });
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
      }
      case 'rs512':
        return rs(512, { typ: 'JWT', alg: 'RS512', kid }, good, own);
      case 'unknownKid':
        return signed(good, { kid: randomUUID() }, this.key('strange'));
      case 'noKid':
        return rs(256, { typ: 'JWT', alg: 'RS256' }, good, own);
      case 'otherKey':
        return signed(good, {}, this.key('strange'));
      case 'tampered': {
        const [header = '', , signature = ''] = signed(good).split('.');
        return `${header}.${encode({ ...good, exp: now + 7_200 })}.${signature}`;
      }
      case 'noExp':
        return signed(without(good, 'exp'));
      case 'expired':
        return signed({ ...good, nbf: now - 7_200, exp: now - 600 });
      case 'nbfInFuture':
        return signed({ ...good, nbf: now + 900 });
      case 'otherAudience':
        return signed({ ...good, aud: randomUUID() });
      case 'noAudience':
        return signed(without(good, 'aud'));
      case 'otherIssuer':
        return signed({ ...good, iss: 'https://evil.example' });
      case 'aadIssuer':
        return signed({ ...good, iss: `https://sts.windows.net/${TENANT}/`, appid: APP, ver: '1.0', tid: TENANT });
      case 'noIssuer':
        return signed(without(good, 'iss'));
      case 'otherServiceUrl':
        return signed({ ...good, serviceurl: 'https://smba.trafficmanager.net/other/' });
      case 'noServiceUrl':
        return signed(without(good, 'serviceurl'));
      case 'notEndorsed':
        return signed(good, { kid: this.key('otherChannel').kid }, this.key('otherChannel'));
      case 'garbage':
        return 'not.a.token';
    }
  }
}

function rs(bits: 256 | 512, header: Fields, claims: Fields, { privateKey }: Key): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${sign(`RSA-SHA${bits}`, Buffer.from(text), privateKey).toString('base64url')}`;
}
