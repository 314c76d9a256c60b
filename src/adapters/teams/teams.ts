/** src/adapters/teams/teams.ts: Teams as this process has it: a channel to send by, a door to come in by, groups of people. */
import type { FastifyInstance } from 'fastify';
import type { Channel } from '../channel.ts';
import type { ChatPorts } from '../chat.ts';
import { createIdentify } from './inbound/caller.ts';
import { createFramework } from './inbound/framework.ts';
import { createGuard } from './inbound/guard.ts';
import { teamsRoutes } from './inbound/http.ts';
import { createInbox } from './inbound/inbox.ts';
import { AUTHENTICATION_MS, DRAIN_MS, PATIENCE_MS, REMEMBERED } from './inbound/limits.ts';
import { createOnce } from './inbound/once.ts';
import { createVoice } from './inbound/voice.ts';
import type { TeamsLog, TeamsOptions } from './options.ts';
import { teamsChannel } from './send/channel.ts';
import { createConnector } from './send/connector.ts';
import { type ConversationMemory, createConversations } from './send/conversations.ts';
import { createTeamMembers, type TeamMembersSource } from './send/members.ts';
import { createRosters } from './send/roster.ts';
import { createSpeaker } from './send/speak.ts';

export interface TeamsParts {
  readonly ports: ChatPorts;
  readonly log: TeamsLog;
  readonly clock: () => number;
  /** Where conversations are kept beyond this process. */
  readonly remember: ConversationMemory;
  /** Somebody came into a team or a chat, or left it. */
  readonly onGroupChange?: () => void;
  /** How long Teams is kept waiting, in milliseconds; a test is less patient. */
  readonly patience?: { readonly click: number; readonly authentication: number };
}

export interface Teams {
  readonly channel: Channel;
  /** POST /api/messages, for a scope of its own. */
  readonly routes: (app: FastifyInstance) => Promise<void>;
  readonly members: TeamMembersSource;
  start(): void;
  /** Resolves when what was under way is done, or has had its time. */
  stop(): Promise<void>;
  /** What keeps Teams from working, in words for an operator; null: nothing that is known of. */
  problem(): string | null;
}

const PATIENCE = { click: PATIENCE_MS, authentication: AUTHENTICATION_MS };

export function createTeams(
  options: TeamsOptions,
  { ports, log, clock, remember, onGroupChange = () => undefined, patience = PATIENCE }: TeamsParts,
): Teams {
  const connector = createConnector(options, { log, clock });
  const conversations = createConversations(options, connector, { memory: remember, log });
  const rosters = createRosters(connector, conversations, { log, clock });
  const known = createTeamMembers(rosters, conversations);
  const members: TeamMembersSource = {
    members: (address) => known.members(address),
    invalidate(conversation) {
      known.invalidate(conversation);
      onGroupChange();
    },
  };
  const speaker = createSpeaker(connector, conversations, options);
  const inbox = createInbox({
    ports,
    log,
    identify: createIdentify({ options, ports, log }),
    voice: createVoice({ ports, speaker, conversations, rosters, members }),
    once: createOnce(REMEMBERED, () => performance.now()),
    patienceMs: patience.click,
  });
  const guard = createGuard({
    options,
    framework: createFramework(options, clock),
    log,
    clock,
    authenticationMs: patience.authentication,
  });
  return {
    channel: teamsChannel(connector, {
      options,
      conversations,
      rosters,
      memory: remember,
      addressOf: (person) => ports.addressOf(person),
      nameOf: (person) => ports.nameOf(person),
      log,
    }),
    routes: teamsRoutes({ guard, inbox, log }),
    members,
    start() {
      if (options.insecureLocal)
        log.warn(
          {},
          'TEAMS_INSECURE_LOCAL: calls of a local Teams emulator are taken without a token. Never do this in production.',
        );
    },
    async stop() {
      await inbox.drain(DRAIN_MS);
      await connector.close();
    },
    problem: () => guard.problem() ?? connector.problem(),
  };
}
