/**
 * src/adapters/slack/send/workspaces.ts: the workspaces that Countersign is installed in, each with its own token. Every
 * call of the Web API goes through here: with the token of the workspace it is meant for, and only after that token
 * has told which workspace it belongs to.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { webApi } from '@slack/bolt';
import { fetch } from 'undici';
import { z } from 'zod';
import { RefusedError, UnavailableError } from '../../channel.ts';
import type { SlackLog, SlackOptions, SlackWorkspace } from '../options.ts';
import { failureOf, isTokenError } from './errors.ts';
import { CALL_TIMEOUT_MS, IDENTIFY_PAUSE_MS, REFUSED_TOKEN_PAUSE_MS } from './limits.ts';

export type SlackAnswer = Readonly<Record<string, unknown>>;

/** Who Countersign is in a workspace. */
export interface SlackBot {
  /** `U…` */
  readonly userId: string;
  /** `B…` */
  readonly botId: string;
  /** `A…`; null: Slack has not said. */
  readonly appId: string | null;
}

export interface CallOptions {
  /** Ends the call; Slack may have taken it all the same. */
  readonly signal?: AbortSignal;
}

export interface Workspaces {
  /** `T…` of the first workspace; null: its token has not told yet. */
  homeTeam(): string | null;
  /** Those whose id is known. */
  readonly teams: readonly string[];
  /** @param team null: home. null is answered for workspaces that are not ours and while the token has not told. */
  bot(team: string | null): SlackBot | null;
  /**
   * The workspace's `T…`, once its token has told that it belongs there.
   * @param team null: home
   * @throws as `call` does
   */
  identify(team: string | null): Promise<string>;
  /**
   * One method of the Web API, tried once.
   * @param team null: home
   * @throws UnavailableError where another try may go better, SlackRefusedError where it will not
   */
  call(
    team: string | null,
    method: string,
    args: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<SlackAnswer>;
  /** Begins to ask who the tokens belong to. Does not wait for it and does not fail. */
  start(): void;
  stop(): void;
  /** What keeps a workspace from being reached, in words for an operator; null: every token is known to be good. */
  problem(): string | null;
}

export interface WorkspacesParts {
  readonly log: SlackLog;
  readonly clock: () => number;
  /** Of one call; a test makes it short. */
  readonly timeoutMs?: number;
  /** Waits in the background; rejects when it is stopped. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Identity {
  readonly team: string;
  readonly bot: SlackBot;
}

/** One workspace and what is known about it. */
interface Known {
  readonly options: SlackWorkspace;
  identity: Identity | null;
  /** While it is being asked for. */
  asking: Promise<Identity> | null;
  /** The last no to its token, and when that was. */
  refusal: { readonly error: RefusedError; readonly at: number } | null;
  problem: string | null;
}

const unknown = (options: SlackWorkspace): Known => ({
  options,
  identity: null,
  asking: null,
  refusal: null,
  problem: 'Slack has not told yet who the bot token belongs to',
});

const AuthTest = z.object({
  team_id: z.string().min(1),
  user_id: z.string().min(1),
  bot_id: z.string().min(1),
  app_id: z.string().min(1).optional(),
});
const BotsInfo = z.object({ bot: z.object({ app_id: z.string().min(1) }) });

export function createWorkspaces(options: SlackOptions, parts: WorkspacesParts): Workspaces {
  const { log, clock, timeoutMs = CALL_TIMEOUT_MS, pause = pauseInBackground } = parts;
  const stopping = new AbortController();
  const [first, ...others] = options.workspaces;
  const home = unknown(first);
  const all: readonly Known[] = [home, ...others.map(unknown)];

  const teamOf = ({ identity, options: { team } }: Known): string | null => identity?.team ?? team;

  async function send(
    { options: { botToken }, identity, options: { team } }: Known,
    method: string,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal | undefined,
  ): Promise<SlackAnswer> {
    signal?.throwIfAborted();
    // A client of its own for each call: it costs next to nothing, has no queue, and lets the call be ended. Its
    // `headers` must stay unset: the client writes the token into that object, which others would share.
    const client = new webApi.WebClient(botToken, {
      ...(options.apiUrl === null ? {} : { slackApiUrl: options.apiUrl }),
      logger: SILENT,
      timeout: timeoutMs,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      fetch: fetchUntil(signal),
    });
    try {
      return { ...(await client.apiCall(method, { ...args })) };
    } catch (error) {
      signal?.throwIfAborted();
      throw failureOf(error, { method, team: identity?.team ?? team, place: placeIn(args) });
    }
  }

  /** Asks once, however many want to know. A token that was refused a moment ago is not asked for again. */
  function identify(known: Known): Promise<Identity> {
    if (known.identity !== null) return Promise.resolve(known.identity);
    if (known.refusal !== null && clock() - known.refusal.at < IDENTIFY_PAUSE_MS.last)
      return Promise.reject(known.refusal.error);
    known.asking ??= ask(known).finally(() => {
      known.asking = null;
    });
    return known.asking;
  }

  async function ask(known: Known): Promise<Identity> {
    try {
      const auth = AuthTest.safeParse(await send(known, 'auth.test', {}, stopping.signal));
      if (!auth.success) throw new UnavailableError('Slack’s answer to auth.test makes no sense');
      const { team_id: team, user_id: userId, bot_id: botId, app_id: appId } = auth.data;
      const wanted = known.options.team;
      if (wanted !== null && wanted !== team)
        throw new RefusedError(`The bot token given for the workspace ${wanted} belongs to ${team}: check the tokens`);
      if (all.some((other) => other !== known && other.identity?.team === team))
        throw new RefusedError(`Two bot tokens belong to the workspace ${team}: take one away`);
      const identity = { team, bot: { userId, botId, appId: appId ?? null } };
      known.identity = identity;
      known.refusal = null;
      known.problem = null;
      log.info({ team }, 'Slack workspace is known');
      return identity;
    } catch (error) {
      if (error instanceof RefusedError) known.refusal = { error, at: clock() };
      if (error instanceof RefusedError || error instanceof UnavailableError) known.problem = error.message;
      throw error;
    }
  }

  /** Which app a bot is of. Slack may not want to say (no users:read): then nobody knows, and that is borne. */
  async function learnApp(known: Known): Promise<void> {
    const { identity } = known;
    if (identity === null || identity.bot.appId !== null) return;
    const answer = await send(known, 'bots.info', { bot: identity.bot.botId }, stopping.signal);
    const appId = BotsInfo.safeParse(answer).data?.bot.app_id;
    if (appId !== undefined) known.identity = { ...identity, bot: { ...identity.bot, appId } };
  }

  /** Until everything is known: patient with Slack, more patient with a token that it refuses. */
  async function learn(known: Known): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        await identify(known);
        return await learnApp(known);
      } catch (error) {
        if (stopping.signal.aborted) return;
        const isRefused = error instanceof RefusedError;
        if (isRefused && known.identity !== null) return;
        const backoff = Math.min(IDENTIFY_PAUSE_MS.last, IDENTIFY_PAUSE_MS.first * 2 ** Math.min(failures, 10));
        const pauseMs = isRefused ? REFUSED_TOKEN_PAUSE_MS : backoff;
        log.warn({ team: teamOf(known), problem: known.problem, pauseMs }, 'Slack does not say who we are');
        await pause(pauseMs, stopping.signal).catch(() => undefined);
        if (stopping.signal.aborted) return;
      }
    }
  }

  /** The one workspace that a call is meant for, once its token has told that it is. */
  async function find(team: string | null): Promise<Known> {
    const isIt = (known: Known) => teamOf(known) === team;
    const likely = team === null ? home : all.find(isIt);
    if (likely !== undefined) {
      await identify(likely);
      return likely;
    }
    const asked = await Promise.allSettled(all.map(identify));
    const found = all.find(isIt);
    if (found !== undefined) return found;
    for (const one of asked) if (one.status === 'rejected' && one.reason instanceof UnavailableError) throw one.reason;
    throw new RefusedError(`There is no bot token for the Slack workspace ${team}: add it to the config`);
  }

  return {
    homeTeam: () => teamOf(home),
    get teams() {
      return all.flatMap((known) => teamOf(known) ?? []);
    },
    bot(team) {
      const known = team === null ? home : all.find((one) => teamOf(one) === team);
      return known?.identity?.bot ?? null;
    },
    identify: async (team) => (await identify(await find(team))).team,
    async call(team, method, args, { signal } = {}) {
      const known = await find(team);
      try {
        const answer = await send(known, method, args, signal);
        known.problem = null;
        return answer;
      } catch (error) {
        if (isTokenError(error)) {
          if (known.problem === null) log.error({ team: teamOf(known), error: error.code }, 'Slack refuses our token');
          known.problem = error.message;
        }
        throw error;
      }
    },
    start() {
      for (const known of all)
        learn(known).catch((error: unknown) =>
          log.error({ error: error instanceof Error ? error.name : typeof error }, 'a Slack workspace is given up'),
        );
    },
    stop: () => stopping.abort(),
    problem: () => all.map(({ problem }) => problem).find((problem) => problem !== null) ?? null,
  };
}

/** The client's own lines hold arguments and answers; what matters of them is in the errors. */
const SILENT: webApi.WebClientOptions['logger'] & object = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => webApi.LogLevel.ERROR,
  setName: () => undefined,
};

/** The client's fetch, ended by the call's signal too. Nothing but forms is sent. */
function fetchUntil(ended: AbortSignal | undefined): NonNullable<webApi.WebClientOptions['fetch']> {
  return (url, { headers = {}, body, signal: timeout } = {}) => {
    const signals = [ended, timeout].filter((signal) => signal !== undefined);
    const form = typeof body === 'string' ? body : null;
    return fetch(url, { method: 'POST', headers, body: form, redirect: 'error', signal: AbortSignal.any(signals) });
  };
}

/** The channel, person or group among a call's arguments, for the words of a refusal. */
function placeIn({ channel, users, usergroup, user_id: userId }: Readonly<Record<string, unknown>>): string | null {
  return [channel, users, usergroup, userId].find((value) => typeof value === 'string') ?? null;
}

const pauseInBackground = async (ms: number, signal: AbortSignal): Promise<void> => {
  await wait(ms, undefined, { signal, ref: false });
};
