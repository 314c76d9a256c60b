/**
 * src/adapters/teams/send/errors.ts: what the Bot Connector's "no" means for us, decided once: worth another try, or
 * final, and in which words an operator is told. Of what came with an error only its code is repeated.
 * https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability#status-codes-from-bot-conversational-apis
 */
import { z } from 'zod';
import { RefusedError, UnavailableError } from '../../channel.ts';

/** A final no of Teams', with its own word for it. */
export class TeamsRefusedError extends RefusedError {
  readonly status: number;
  /** `ConversationNotFound`, …; empty where it gave none. */
  readonly code: string;
  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TeamsRefusedError';
    this.status = status;
    this.code = code;
  }
}

/** What a call was about, for the words. */
export interface CallFacts {
  /** `create`: the conversation with a person. */
  readonly what: 'create' | 'post' | 'update' | 'roster';
  readonly place: { readonly kind: 'person' | 'channel'; readonly id: string };
}

/** A no as it came. */
export interface Said {
  readonly status: number;
  readonly body: unknown;
  /** The `Retry-After` header. */
  readonly retryAfter: string | null;
}

const is = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof TeamsRefusedError && codes.includes(error.code);

/** Somebody deleted it, or it never was. */
export const isMessageGone = (error: unknown): boolean => is(error, 'ActivityNotFoundInConversation');
/** What is remembered of the conversation is not so any more. */
export const isConversationGone = (error: unknown): boolean => is(error, 'ConversationNotFound');
/** The bot may not speak there, until somebody lets it again. */
export const isBlocked = (error: unknown): boolean => error instanceof TeamsRefusedError && error.status === 403;
export const isTokenRefused = (error: unknown): boolean => error instanceof TeamsRefusedError && error.status === 401;

const name = ({ place: { kind, id } }: CallFacts): string => (kind === 'person' ? `the person ${id}` : `${id}`);
const install = ({ place: { kind } }: CallFacts): string =>
  kind === 'person'
    ? 'install the app for them, or let an administrator do so for everybody (setup policies)'
    : 'add the app to that team or chat';

type Words = (facts: CallFacts) => string;
const WORDS: Readonly<Record<string, Words>> = {
  BotNotInConversationRoster: (facts) => `Countersign is not in ${name(facts)} in Teams: ${install(facts)}`,
  ForbiddenOperationException: (facts) => `Countersign may not write to ${name(facts)} in Teams: ${install(facts)}`,
  ConversationBlockedByUser: (facts) =>
    `${facts.place.kind === 'person' ? `The person ${facts.place.id} has` : 'Somebody has'} blocked Countersign in Teams: ask them to unblock it`,
  MessageWritesBlocked: (facts) =>
    `Countersign may not write to ${name(facts)} in Teams any more: the app was removed or blocked there; ${install(facts)}`,
  BotDisabledByAdmin: () =>
    'An administrator has disabled the app in Teams: ask them to allow it in the Teams admin center',
  BotDisabledByUser: (facts) => `Countersign was disabled in Teams by ${name(facts)}: ask them to allow it`,
  NotEnoughPermissions: (facts) => `The app lacks the permissions to speak to ${name(facts)} in Teams`,
  InvalidBotApiHost: () =>
    'This bot belongs to another one of Microsoft’s clouds: check in which cloud it is registered',
  ConversationNotFound: (facts) =>
    facts.place.kind === 'person'
      ? `Teams knows no conversation with ${name(facts)}: ${install(facts)}`
      : `Teams does not show ${name(facts)} to Countersign: check its id, and ${install(facts)}`,
  ActivityNotFoundInConversation: () => 'The message is not there any more',
  BotNotRegistered: () =>
    'Microsoft knows no such bot: check TEAMS_APP_ID, and that its Teams channel is turned on in Azure',
};

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit; 412 is a second edit at the same time. */
const PAUSES: ReadonlySet<number> = new Set([408, 412, 425, 429]);

export function refusalOf({ status, body, retryAfter }: Said, facts: CallFacts): RefusedError | UnavailableError {
  const code = codeOf(body);
  // Microsoft's table says of 500 that a retry does not help. It often does; and two cards are better than none.
  if (PAUSES.has(status) || status >= 500 || status < 400)
    return new UnavailableError(`Teams is not able right now (${labelOf(status, code)})`, pauseOf(retryAfter));
  const refused = (words: string) => new TeamsRefusedError(status, code, words);
  const words = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (words !== undefined) return refused(words(facts));
  if (status === 401)
    return refused('Microsoft refuses the bot’s token: check TEAMS_APP_ID, TEAMS_TENANT_ID and TEAMS_APP_TYPE');
  if (status === 403)
    return refused(
      `Teams does not let Countersign speak to ${name(facts)} (${labelOf(status, code)}): ${install(facts)}`,
    );
  if (status === 400 && facts.what === 'create')
    return refused(
      `Teams knows no person ${facts.place.id} whom Countersign could write to: check the id under people`,
    );
  if (status === 404) return refused(`Teams knows no ${name(facts)}: check its id (${labelOf(status, code)})`);
  const label = labelOf(status, code);
  return refused(
    `Teams refuses the form of what Countersign sent (${label}): this is a fault in Countersign, please report it`,
  );
}

const labelOf = (status: number, code: string): string => (code === '' ? `${status}` : `${status} ${code}`);

const Code = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,59}$/);
const Coded = z.union([
  z.object({ error: z.object({ code: Code }) }).transform(({ error }) => error.code),
  z.object({ errorCode: Code }).transform(({ errorCode }) => errorCode),
]);
/** Gateways answer with pages, and those are nobody's words. */
const codeOf = (body: unknown): string => Coded.safeParse(body).data ?? '';

/** Whole seconds; a date is not believed, as its clock is another one. */
const pauseOf = (retryAfter: string | null): number | null =>
  retryAfter !== null && /^\d{1,6}$/.test(retryAfter.trim()) ? Number(retryAfter) * 1_000 : null;
