/**
 * src/adapters/slack/send/errors.ts: what Slack's "no" means for us, decided once: worth another try, or final, and in
 * which words an operator is told. Nothing that came with an error is repeated unless it is known to be harmless.
 */
import { webApi } from '@slack/bolt';
import { z } from 'zod';
import { RefusedError, UnavailableError } from '../../channel.ts';
import { RATE_LIMIT_PAUSE_MS } from './limits.ts';

/** A final no of Slack's, with its own word for it. */
export class SlackRefusedError extends RefusedError {
  /** Slack's error: `channel_not_found`, … */
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SlackRefusedError';
    this.code = code;
  }
}

/** What a call was about, for the words. */
export interface CallFacts {
  readonly method: string;
  /** `T…`; null: the home workspace before its token told its id. */
  readonly team: string | null;
  /** The channel, person or user group in its arguments; null: none. */
  readonly place: string | null;
}

/** Errors that say something about the token, whatever is called with it. */
const TOKEN_ERRORS: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'org_login_required',
  'two_factor_setup_required',
  'not_allowed_token_type',
]);

export const isTokenError = (error: unknown): error is SlackRefusedError =>
  error instanceof SlackRefusedError && TOKEN_ERRORS.has(error.code);

/** The message that another one belongs under was deleted. */
export const isThreadGone = (error: unknown): boolean =>
  error instanceof SlackRefusedError && ['cannot_reply_to_message', 'thread_not_found'].includes(error.code);

/** https://docs.slack.dev/reference/methods/chat.postMessage#errors, and what any method may answer. */
const TRANSIENT: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'external_channel_migrating',
  'fetch_members_failed',
  'update_failed',
]);

const RATE_LIMITS: ReadonlySet<string> = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);

/** What of Slack's answer may be repeated. */
interface Said {
  readonly code: string;
  /** The scopes of which one is missing. */
  readonly needed: string;
  /** ` at /blocks/0/text`, or nothing. */
  readonly where: string;
}

type Words = (facts: CallFacts & Said) => string;

const newToken = ({ team }: CallFacts) =>
  `install the app ${team === null ? 'again' : `in the workspace ${team} again`} and give Countersign its new bot token`;
const place = ({ place: id }: CallFacts) =>
  id === null ? 'the channel' : `${isPerson(id) ? 'the person' : 'the channel'} ${id}`;
const isPerson = (id: string) => /^[UWD]/.test(id);
const ourFault: Words = (facts) =>
  `Slack refuses the form of what Countersign sent (${facts.code}${facts.where}): this is a fault in Countersign, please report it`;
const adminSettings: Words = (facts) =>
  `Slack does not let apps post in ${place(facts)} (${facts.code}): ask whoever administers it, or name another channel`;
const setInStone: Words = () =>
  'Slack does not let this message be changed any more: let messages be edited without a time limit in the workspace’s settings';

/** Each says what is so and what to do about it. */
const WORDS: Readonly<Record<string, Words>> = {
  channel_not_found: (facts) =>
    facts.place !== null && isPerson(facts.place)
      ? `Slack knows no person ${facts.place} whom Countersign could write to: check the id under people`
      : `Slack does not show ${place(facts)} to Countersign: check its id, and if it is private, invite Countersign there with /invite`,
  not_in_channel: (facts) => `Countersign is not in ${place(facts)}: invite it there with /invite`,
  is_archived: (facts) => `${capital(place(facts))} is archived: name another one in the config`,
  restricted_action: adminSettings,
  restricted_action_read_only_channel: adminSettings,
  restricted_action_thread_only_channel: adminSettings,
  restricted_action_non_threadable_channel: adminSettings,
  restricted_action_thread_locked: adminSettings,
  posting_to_channel_denied: adminSettings,
  channel_is_limited_access: adminSettings,
  ekm_access_denied: adminSettings,
  messages_tab_disabled: () =>
    'The app does not take direct messages: turn on the Messages tab under App Home in its settings',
  user_not_in_channel: (facts) => `Somebody is not in ${place(facts)}, so nothing can be said to them there`,
  user_disabled: (facts) => `${capital(place(facts))} is deactivated in Slack: take them out of the config`,
  user_not_found: (facts) => `Slack knows no person ${facts.place ?? 'like that'}: check the id under people`,
  user_not_visible: (facts) => `Slack does not show ${place(facts)} to Countersign: check the id under people`,
  invalid_auth: (facts) => `Slack refuses the bot token: ${newToken(facts)}`,
  not_authed: (facts) => `Slack refuses the bot token: ${newToken(facts)}`,
  token_revoked: (facts) => `The bot token was revoked: ${newToken(facts)}`,
  token_expired: (facts) =>
    `The bot token has expired: turn off token rotation in the app’s settings, then ${newToken(facts)}`,
  account_inactive: (facts) => `The app was removed from the workspace: ${newToken(facts)}`,
  not_allowed_token_type: (facts) => `This token is no bot token (xoxb-…): ${newToken(facts)}`,
  org_login_required: () => 'The workspace is moving into an organisation: install the app there once that is done',
  two_factor_setup_required: () => 'Slack asks for two-factor sign-in to be set up before the app may be used',
  missing_scope: (facts) =>
    `Countersign lacks the Slack scope ${facts.needed} for ${facts.method}: add it under OAuth & Permissions, then install the app again`,
  no_permission: (facts) =>
    `Slack does not allow ${facts.method} in ${place(facts)}: invite Countersign there with /invite`,
  access_denied: (facts) => `Slack does not allow ${facts.method}: ask whoever administers the workspace`,
  accesslimited: () => 'The workspace takes calls from certain networks only: allow the address of this server there',
  app_access_restricted: () => 'Whoever administers the workspace has restricted the app: ask them to approve it',
  enterprise_is_restricted: (facts) => `Slack does not allow ${facts.method} in this organisation`,
  invalid_blocks: ourFault,
  invalid_blocks_format: ourFault,
  invalid_arguments: ourFault,
  invalid_attachments: ourFault,
  invalid_view: ourFault,
  invalid_metadata_format: ourFault,
  invalid_metadata_schema: ourFault,
  metadata_too_large: ourFault,
  msg_blocks_too_long: ourFault,
  msg_too_long: ourFault,
  too_many_attachments: ourFault,
  no_text: ourFault,
  block_mismatch: ourFault,
  view_too_large: ourFault,
  duplicate_external_id: ourFault,
  invalid_form_data: ourFault,
  unknown_method: (facts) => `This Slack knows no ${facts.method}: check SLACK_API_URL`,
  method_deprecated: ourFault,
  deprecated_endpoint: ourFault,
  message_not_found: () => 'The message is not there any more',
  cannot_reply_to_message: () => 'The message that this belongs under is not there any more',
  thread_not_found: () => 'The message that this belongs under is not there any more',
  cant_update_message: setInStone,
  edit_window_closed: setInStone,
  is_inactive: setInStone,
  no_such_subteam: (facts) => `Slack knows no user group ${facts.place ?? 'like that'}: check the id under groups`,
  plan_upgrade_required: () => 'The workspace’s Slack plan has no user groups: list the people under groups instead',
  expired_trigger_id: () => 'The click was too long ago for Slack to open a window: please click again',
  exchanged_trigger_id: () => 'The click has opened a window already: please click again',
  invalid_trigger_id: () => 'Slack does not know the click any more: please click again',
  push_limit_reached: () => 'There are too many windows on top of each other: please close one',
  not_found: () => 'The window is closed already',
  hash_conflict: () => 'The window has changed meanwhile',
  not_enabled: () => 'The app has no home: turn on the Home tab under App Home in its settings',
};

/**
 * UnavailableError for whatever may go better later, SlackRefusedError for what will not.
 * An error that nobody has heard of is tried again: a needless retry costs a few calls and ends in a dead letter all
 * the same, a needless refusal costs a message.
 */
export function failureOf(error: unknown, facts: CallFacts): UnavailableError | SlackRefusedError {
  const options = { cause: error };
  if (error instanceof webApi.WebAPIRateLimitedError)
    return new UnavailableError('Slack asks for a pause', Math.max(0, error.retryAfter) * 1_000, options);
  if (error instanceof webApi.WebAPIHTTPError)
    return error.statusCode === 429
      ? new UnavailableError('Slack asks for a pause', RATE_LIMIT_PAUSE_MS, options)
      : new UnavailableError(`Slack answered ${facts.method} with HTTP ${error.statusCode}`, null, options);
  if (error instanceof webApi.WebAPIPlatformError) return refusalOf(error, facts);
  const cause = error instanceof webApi.WebAPIRequestError ? error.original : error;
  if (cause instanceof Error && cause.name === 'TimeoutError')
    return new UnavailableError(`Slack did not answer ${facts.method} in time`, null, options);
  if (cause instanceof Error && cause.message.startsWith('Retry header'))
    return new UnavailableError('Slack asks for a pause', RATE_LIMIT_PAUSE_MS, options);
  return new UnavailableError(`Slack cannot be reached for ${facts.method}`, null, options);
}

function refusalOf(error: webApi.WebAPIPlatformError, facts: CallFacts): UnavailableError | SlackRefusedError {
  const options = { cause: error };
  const { error: code, needed, response_metadata: more } = Platform.parse(error.data);
  if (RATE_LIMITS.has(code)) {
    const pause = more.retryAfter === null ? RATE_LIMIT_PAUSE_MS : Math.max(0, more.retryAfter) * 1_000;
    return new UnavailableError('Slack asks for a pause', pause, options);
  }
  const words = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (words !== undefined) {
    const said = { code, needed: needed.replaceAll(',', ' or '), where: pointerOf(more.messages[0]) };
    return new SlackRefusedError(code, words({ ...facts, ...said }), options);
  }
  if (TRANSIENT.has(code)) return new UnavailableError(`Slack is not able right now (${code})`, null, options);
  return new UnavailableError(`Slack answered ${facts.method} with ${code}`, null, options);
}

/** Whatever does not look as it should is left out: a body that is no JSON stands whole in `error`. */
const Platform = z.object({
  error: z
    .string()
    .regex(/^[a-z0-9_]{1,80}$/)
    .catch('something that makes no sense'),
  needed: z
    .string()
    .regex(/^[\w:.,]{1,120}$/)
    .catch('it needs'),
  response_metadata: z
    .object({
      messages: z.array(z.string()).catch([]),
      retryAfter: z.number().nullable().catch(null),
    })
    .catch({ messages: [], retryAfter: null }),
});

/** Where in the arguments, out of `[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]`. */
function pointerOf(message: string | undefined): string {
  const pointer = /\[json-pointer:(\/[\w/.-]{1,80})\]/.exec(message ?? '')?.[1];
  return pointer === undefined ? '' : ` at ${pointer}`;
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
