/**
 * src/adapters/teams/inbound/framework.ts: botbuilder, and all of it that comes in: it checks tokens and runs turns. It
 * is given no credentials, so nothing that it makes for a turn can call anybody. Its line has ended (4.23.3), so that
 * what replaces it one day replaces this file.
 */
import { type Activity, CloudAdapter, ConfigurationBotFrameworkAuthentication, type TurnContext } from 'botbuilder';
import { z } from 'zod';
import { endpointsOf, type TeamsOptions } from '../options.ts';
import { createProofs } from './proofs.ts';
import type { Bearer } from './token.ts';

type Authentication = Awaited<ReturnType<ConfigurationBotFrameworkAuthentication['authenticateRequest']>>;

/** What a token says, after its signature was found to hold; an emulator's call has none. */
const Claims = z.object({ serviceurl: z.string(), aud: z.string(), iss: z.string(), exp: z.number().int() });
export type Claims = z.infer<typeof Claims>;

/** What the SDK has found about a token. */
interface Proof {
  readonly authentication: Authentication;
  readonly claims: Claims | null;
}

/** A call whose sender is proven, which can have its turn. */
export interface Proven {
  /** null where a local emulator calls, or the token lacks one of them. */
  readonly claims: Claims | null;
  /** Runs `answer` as a turn. Resolves to what it resolves to; rejects as it does. */
  turn(answer: () => Promise<object | undefined>): Promise<unknown>;
}

export interface Framework {
  /** Rejects for every token that is not proven, and where the keys can't be had. @param body an activity, as it came */
  authenticate(body: unknown, bearer: Bearer): Promise<Proven>;
  /** For an emulator's call, which carries no token. */
  withoutToken(body: unknown): Promise<Proven>;
}

const refuseToSign = { signRequest: () => Promise.reject(new Error('turns have no credentials')) };

class Turns extends CloudAdapter {
  private connector: NonNullable<Authentication['connectorFactory']> | null = null;

  async run(proof: Authentication, activity: Activity, answer: () => Promise<object | undefined>): Promise<unknown> {
    this.connector ??= onceMade(proof.connectorFactory);
    const frugal = { ...proof, connectorFactory: this.connector };
    const response = await this.processActivity(frugal, activity, async (context: TurnContext) => {
      const body = await answer();
      if (activity.type === 'invoke')
        await context.sendActivity({ type: 'invokeResponse', value: { status: 200, body: body ?? {} } });
    });
    return response?.body;
  }
}

/** The SDK builds two clients for each turn, a tenth of its time; as no turn calls anybody, one of each is enough. */
function onceMade(factory: Authentication['connectorFactory']): NonNullable<Authentication['connectorFactory']> {
  if (factory === undefined) throw new Error('the SDK makes no connector');
  let made: ReturnType<typeof factory.create> | null = null;
  return {
    create: (serviceUrl, audience) => {
      made ??= factory.create(serviceUrl, audience);
      return made;
    },
  };
}

class Checked extends ConfigurationBotFrameworkAuthentication {
  private tokens: ReturnType<ConfigurationBotFrameworkAuthentication['createUserTokenClient']> | null = null;

  override createUserTokenClient(
    ...identity: Parameters<ConfigurationBotFrameworkAuthentication['createUserTokenClient']>
  ): ReturnType<ConfigurationBotFrameworkAuthentication['createUserTokenClient']> {
    this.tokens ??= super.createUserTokenClient(...identity);
    return this.tokens;
  }
}

/** `appId` null is what switches authentication off in the SDK. */
function authenticationOf(options: TeamsOptions, appId: string | null): Checked {
  const { login, scope, issuer, openIdMetadata } = endpointsOf(options);
  return new Checked(
    {
      // One of these alone would leave the others undefined.
      ToChannelFromBotLoginUrl: login,
      ToChannelFromBotOAuthScope: scope,
      ToBotFromChannelTokenIssuer: issuer,
      ToBotFromChannelOpenIdMetadataUrl: openIdMetadata,
      ToBotFromEmulatorOpenIdMetadataUrl: openIdMetadata, // tokens of that kind are refused before they come here
      OAuthUrl: scope,
      CallerId: 'urn:botframework:azure',
    },
    {
      isValidAppId: async (id) => appId !== null && id === appId,
      isAuthenticationDisabled: async () => appId === null,
      createCredentials: async () => refuseToSign,
    },
    { requiredEndorsements: ['msteams'] },
  );
}

/** @param clock wall clock, in milliseconds */
export function createFramework(options: TeamsOptions, clock: () => number): Framework {
  const checked = authenticationOf(options, options.appId);
  const turns = new Turns(checked);
  const proofs = createProofs<Proof>({ clock, monotonic: () => performance.now() });

  const proven = (proof: Authentication, activity: Activity, claims: Claims | null): Proven => ({
    claims,
    turn: (answer) => turns.run(proof, activity, answer),
  });

  return {
    async authenticate(body, bearer) {
      const activity = asActivity(body);
      const { authentication, claims } = await proofs.of(bearer, activity.channelId, async () => {
        const authentication = await checked.authenticateRequest(activity, bearer.authorization);
        const said = Object.fromEntries(authentication.claimsIdentity.claims.map(({ type, value }) => [type, value]));
        return { authentication, claims: Claims.safeParse(said).data ?? null };
      });
      return proven(authentication, activity, claims);
    },
    async withoutToken(body) {
      const activity = asActivity(body);
      return proven(await authenticationOf(options, null).authenticateRequest(activity, ''), activity, null);
    },
  };
}

/** The SDK's own type says more than any activity has; our shapes have looked at what is read of it. */
const Sdks = z.custom<Activity>((value) => typeof value === 'object' && value !== null && 'type' in value);
const asActivity = (body: unknown): Activity => Sdks.parse(body);
