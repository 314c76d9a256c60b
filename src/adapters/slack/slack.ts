/** src/adapters/slack/slack.ts: Slack as this process has it: a channel to send by, doors to come in by, groups of people. */
import type { FastifyInstance } from 'fastify';
import type { Channel } from '../channel.ts';
import type { ChatPorts } from '../chat.ts';
import { createAnswers } from './inbound/answers.ts';
import { createIdentify } from './inbound/caller.ts';
import { listen } from './inbound/handlers.ts';
import { createHome } from './inbound/home.ts';
import { slackRoutes } from './inbound/http.ts';
import { createInbox } from './inbound/inbox.ts';
import { COMMAND_PATIENCE_MS, DRAIN_MS, PATIENCE_MS } from './inbound/limits.ts';
import { createSocket } from './inbound/socket.ts';
import { createVerify } from './inbound/verify.ts';
import type { SlackLog, SlackOptions } from './options.ts';
import { slackChannel } from './send/channel.ts';
import { createUsergroups, type UsergroupSource } from './send/usergroups.ts';
import { createWorkspaces } from './send/workspaces.ts';

export interface SlackParts {
  readonly ports: ChatPorts;
  readonly log: SlackLog;
  readonly clock: () => number;
  /** Slack says that somebody came into a user group or left it. */
  readonly onGroupChange?: () => void;
  /** How long Slack is kept waiting for an ack, in milliseconds; a test is less patient. */
  readonly patience?: { readonly click: number; readonly command: number };
}

export interface Slack {
  readonly channel: Channel;
  /** POST /slack/events, for a scope of its own; with Socket Mode there is no such door. */
  readonly routes: (app: FastifyInstance) => Promise<void>;
  readonly usergroups: UsergroupSource;
  /** `T…` that ids without a team belong to; null: Slack has not told yet. */
  homeTeam(): string | null;
  /** Begins to connect. Slack being away is no failure: it is tried again and again. */
  start(): Promise<void>;
  /** Resolves when what was under way is done, or has had its time. */
  stop(): Promise<void>;
  /** What keeps Slack from working, in words for an operator; null: every token is known to be good. */
  ready(): string | null;
}

const PATIENCE = { click: PATIENCE_MS, command: COMMAND_PATIENCE_MS };

export function createSlack(
  options: SlackOptions,
  { ports, log, clock, onGroupChange = () => undefined, patience = PATIENCE }: SlackParts,
): Slack {
  const workspaces = createWorkspaces(options, { log, clock });
  const groups = createUsergroups(workspaces, { log, clock });
  const usergroups: UsergroupSource = {
    members: (address) => groups.members(address),
    invalidate(team, id) {
      groups.invalidate(team, id);
      onGroupChange();
    },
  };
  const inbox = createInbox(workspaces, { log, clock });
  const parts = { options, workspaces, ports, log };
  const identify = createIdentify(parts);
  const answers = createAnswers(parts);
  const home = createHome(parts);
  listen(inbox.app, { ports, workspaces, usergroups, identify, answers, home, log, patience });
  const { appToken, apiUrl } = options;
  const socket = appToken === null ? null : createSocket({ appToken, apiUrl, inbox, log });
  const verify = createVerify(options.workspaces, clock);
  return {
    channel: slackChannel(workspaces, { addressOf: (person) => ports.addressOf(person), log }),
    routes: socket === null ? slackRoutes({ inbox, verify, log }) : async () => undefined,
    usergroups,
    homeTeam: () => workspaces.homeTeam(),
    async start() {
      workspaces.start();
      socket?.start();
    },
    async stop() {
      await inbox.drain(DRAIN_MS);
      await socket?.stop();
      await inbox.drain(DRAIN_MS);
      workspaces.stop();
    },
    ready: () => workspaces.problem() ?? socket?.problem() ?? null,
  };
}
