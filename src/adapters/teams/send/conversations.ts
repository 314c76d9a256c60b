/**
 * src/adapters/teams/send/conversations.ts: where people are reached: the address that Teams answers at, and the
 * conversation of the bot with each of them, created when it is missing and forgotten when it does not work any more.
 * Kept beyond this process, as far as it may be.
 */
import { z } from 'zod';
import { UnavailableError } from '../../channel.ts';
import type { TeamsLog, TeamsOptions } from '../options.ts';
import { isServiceUrl } from '../service-url.ts';
import type { Connector } from './connector.ts';
import { REMEMBERED } from './limits.ts';

/** Kept by the bot, in its store: texts of at most 2,000 characters under names of at most 300. Nothing of it is secret. */
export interface ConversationMemory {
  get(key: string): Promise<string | null>;
  /** @param keepMs after which it may be forgotten; null: until it is removed */
  put(key: string, value: string, keepMs: number | null): Promise<void>;
  remove(key: string): Promise<void>;
}

/** What a verified activity tells about where its sender is reached. */
export interface Seen {
  readonly tenant: string;
  readonly serviceUrl: string;
  /** Who it is and the conversation with them; null: it came from a channel or a group chat. */
  readonly personal: { readonly objectId: string; readonly conversation: string } | null;
}

/** Where calls go, and for which tenant; null: Teams has not said, and nothing is configured. */
export interface Service {
  readonly serviceUrl: string;
  readonly tenant: string | null;
}

export interface Conversations {
  /** @throws UnavailableError while an emulator has not called yet */
  service(): Promise<Service>;
  /** The conversation with a person, created where there was none. @throws as the connector does */
  withPerson(objectId: string): Promise<string>;
  /** It does not work any more, or the person took the app away. Never rejects. */
  forget(objectId: string): Promise<void>;
  /** To be told of every activity that was found to be genuine. Never rejects. */
  learn(seen: Seen): Promise<void>;
}

export interface ConversationsParts {
  readonly memory: ConversationMemory;
  readonly log: TeamsLog;
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages */
const CLOUD_SERVICE: Readonly<Record<TeamsOptions['cloud'], string>> = {
  public: 'https://smba.trafficmanager.net/teams/',
  usGovernment: 'https://smba.infra.gov.teams.microsoft.us/teams/',
};

const SERVICE = 'service';
const personKey = (objectId: string) => `person:${objectId}`;

const ServiceText = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ serviceUrl: z.string(), tenant: z.string().nullable() }));
const Created = z.object({ id: z.string().min(1).max(1_000) });

export function createConversations(
  options: TeamsOptions,
  connector: Connector,
  { memory, log }: ConversationsParts,
): Conversations {
  const known = new Map<string, string>();
  const creating = new Map<string, Promise<string>>();
  let newest: Service | null = null;

  const fallback = (): Service | null =>
    options.insecureLocal ? null : { serviceUrl: CLOUD_SERVICE[options.cloud], tenant: options.tenantId };

  async function service(): Promise<Service> {
    if (newest !== null) return newest;
    const kept = ServiceText.safeParse(await memory.get(SERVICE)).data;
    const isGood = kept !== undefined && isServiceUrl(kept.serviceUrl, options);
    const found = isGood ? { serviceUrl: kept.serviceUrl, tenant: options.tenantId ?? kept.tenant } : fallback();
    if (found === null)
      throw new UnavailableError('the local Teams has not called yet: say something to the bot there');
    newest ??= found;
    return newest;
  }

  function note(objectId: string, conversation: string): void {
    const oldest = known.keys().next().value;
    if (known.size >= REMEMBERED && oldest !== undefined) known.delete(oldest);
    known.set(objectId, conversation);
  }

  async function remember(objectId: string, conversation: string): Promise<void> {
    note(objectId, conversation);
    await memory.put(personKey(objectId), conversation, null).catch(unkept);
  }

  async function forget(objectId: string): Promise<void> {
    known.delete(objectId);
    await memory.remove(personKey(objectId)).catch(unkept);
  }

  /** Nothing is lost by it but a call: what isn't kept is asked for again. */
  const unkept = (error: unknown): void =>
    log.warn({ error: error instanceof Error ? error.name : typeof error }, 'a Teams conversation cannot be kept');

  async function create(objectId: string): Promise<string> {
    const kept = await memory.get(personKey(objectId));
    if (kept !== null) {
      note(objectId, kept);
      return kept;
    }
    const { serviceUrl, tenant } = await service();
    const answer = await connector.call({
      method: 'POST',
      serviceUrl,
      path: ['conversations'],
      body: {
        isGroup: false,
        bot: { id: botId(options) },
        members: [{ id: objectId }],
        ...(tenant === null ? {} : { tenantId: tenant, channelData: { tenant: { id: tenant } } }),
      },
      facts: { what: 'create', place: { kind: 'person', id: objectId } },
    });
    const created = Created.safeParse(answer);
    if (!created.success) throw new UnavailableError('Teams created a conversation and does not say which');
    await remember(objectId, created.data.id);
    return created.data.id;
  }

  return {
    service,
    async withPerson(objectId) {
      const conversation = known.get(objectId);
      if (conversation !== undefined) return conversation;
      const underWay = creating.get(objectId);
      if (underWay !== undefined) return underWay;
      const created = create(objectId).finally(() => creating.delete(objectId));
      creating.set(objectId, created);
      return created;
    },
    forget,
    async learn({ tenant, serviceUrl, personal }) {
      if (!isServiceUrl(serviceUrl, options) || (options.tenantId !== null && options.tenantId !== tenant)) return;
      if (newest?.serviceUrl !== serviceUrl || newest.tenant !== tenant) {
        newest = { serviceUrl, tenant };
        await memory.put(SERVICE, JSON.stringify(newest), null).catch(unkept);
      }
      if (personal !== null && known.get(personal.objectId) !== personal.conversation)
        await remember(personal.objectId, personal.conversation);
    },
  };
}

/** Teams puts 28: before the app's id; an emulator takes what it is given. */
export const botId = ({ appId }: Pick<TeamsOptions, 'appId'>): string => `28:${appId}`;
