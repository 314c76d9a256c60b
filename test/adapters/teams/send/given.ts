/** test/adapters/teams/send/given.ts: the connector and the channel on a local Teams, and a request to show. */
import { onTestFinished } from 'vitest';
import type { Outgoing } from '../../../../src/adapters/channel.ts';
import type { TeamsLog, TeamsOptions } from '../../../../src/adapters/teams/options.ts';
import { type TeamsChannelParts, teamsChannel } from '../../../../src/adapters/teams/send/channel.ts';
import { type ConnectorParts, createConnector } from '../../../../src/adapters/teams/send/connector.ts';
import { type ConversationMemory, createConversations } from '../../../../src/adapters/teams/send/conversations.ts';
import { createTeamMembers } from '../../../../src/adapters/teams/send/members.ts';
import { createRosters } from '../../../../src/adapters/teams/send/roster.ts';
import type { PersonView, RequestView } from '../../../../src/engine/view.ts';
import { PASSWORD } from '../../../fake/teams/login.ts';
import { type FakeTeams, type FakeTeamsOptions, startTeams } from '../../../fake/teams/server.ts';
import { APP, OID, RELEASES, TENANT } from '../../../fake/teams/world.ts';

export const NOW = Date.UTC(2026, 0, 5, 12);

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

function recordingLog(): { readonly log: TeamsLog; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const note = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  return { lines, log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') } };
}

/** As the bot keeps it in its store; what one process puts in, the next one finds. */
function memoryOf(kept = new Map<string, string>()): ConversationMemory {
  return {
    get: async (key) => kept.get(key) ?? null,
    put: async (key, value) => void kept.set(key, value),
    remove: async (key) => void kept.delete(key),
  };
}

const optionsOf = (teams: FakeTeams, about: Partial<TeamsOptions> = {}): TeamsOptions => ({
  appId: APP,
  appPassword: PASSWORD,
  tenantId: TENANT,
  appType: 'SingleTenant',
  insecureLocal: false,
  cloud: 'public',
  serviceOrigins: [teams.origin],
  endpoints: teams.endpoints,
  ...about,
});

const ADDRESSES: Readonly<Record<string, string>> = { ana: OID.ana, ben: `${TENANT}/${OID.ben}`, eve: `x/${OID.eve}` };
const NAMES: Readonly<Record<string, string>> = { ana: 'Ana Silva', ben: 'Ben Okoye', eve: 'Eve' };

interface PartsAbout {
  readonly options?: Partial<TeamsOptions>;
  readonly connector?: Partial<ConnectorParts>;
  readonly channel?: Partial<TeamsChannelParts>;
  readonly kept?: Map<string, string>;
  readonly clock?: () => number;
  readonly timeoutMs?: number;
  readonly pause?: (ms: number) => Promise<void>;
}

/** A process that speaks to this Teams. */
export function speakingTo(teams: FakeTeams, about: PartsAbout = {}) {
  const { clock = () => NOW, timeoutMs = 10_000, pause = async () => undefined } = about;
  const { log, lines } = recordingLog();
  const options = optionsOf(teams, about.options);
  const memory = memoryOf(about.kept);
  const connector = createConnector(options, { log, clock, timeoutMs, pause, ...about.connector });
  const conversations = createConversations(options, connector, { memory, log });
  const rosters = createRosters(connector, conversations, { log, clock });
  const channel = teamsChannel(connector, {
    options,
    conversations,
    rosters,
    memory,
    addressOf: (person) => ADDRESSES[person] ?? null,
    nameOf: (person) => NAMES[person] ?? person,
    log,
    timeoutMs,
    pause,
    ...about.channel,
  });
  const members = createTeamMembers(rosters, conversations);
  return { options, memory, connector, conversations, rosters, channel, members, log, lines };
}

/** A local Teams, and a process that has heard from it once. */
export async function given(about: PartsAbout & { readonly fake?: FakeTeamsOptions } = {}) {
  const teams = await startTeams({ clock: about.clock ?? (() => NOW), isRated: false, ...about.fake });
  const parts = speakingTo(teams, about);
  onTestFinished(async () => {
    await parts.connector.close();
    await teams.close();
  });
  await parts.conversations.learn({ tenant: TENANT, serviceUrl: teams.serviceUrl, personal: null });
  return { teams, ...parts };
}

export const waitingFor = (...people: readonly PersonView[]): RequestView['stages'] => [
  {
    name: 'review',
    state: 'open',
    rules: [{ needed: 1, approvals: 0, rejections: 0, state: 'open', approvers: people, missing: people }],
    votes: [],
  },
];
export const ANA: PersonView = { id: 'ana', name: 'Ana Silva' };
export const BEN: PersonView = { id: 'ben', name: 'Ben Okoye' };

export function requestView(about: Partial<RequestView> = {}): RequestView {
  return {
    id: 'req_01JGX0000000000000000000',
    version: 1,
    gate: 'deploy',
    title: 'Deploy billing to production',
    status: 'pending',
    description: null,
    requester: null,
    pipeline: 'ci',
    facts: [],
    subject: null,
    artifacts: [],
    digest: 'sha256:0',
    openedAt: NOW,
    expiresAt: NOW + 3_600_000,
    stages: [],
    progress: '0 of 1 approvals',
    silence: null,
    paused: null,
    held: null,
    sla: null,
    comments: [],
    information: [],
    escalations: [],
    undelivered: [],
    outcome: null,
    myVote: null,
    actions: [],
    notice: null,
    mustReview: false,
    ...about,
  };
}

export const approved = (): RequestView =>
  requestView({
    version: 2,
    status: 'approved',
    outcome: {
      status: 'approved',
      cause: 'votes',
      sentence: 'Approved by Ana Silva',
      optionLabel: 'Approve',
      decidedBy: [ANA],
      reason: null,
      inputs: [],
      at: NOW,
      afterReview: null,
    },
  });

export const toAna = { kind: 'person', id: OID.ana } as const;

export function outgoing(about: Partial<Outgoing> = {}): Outgoing {
  return {
    key: 'dlv_1',
    to: { kind: 'channel', id: RELEASES },
    view: requestView(),
    link: 'https://approve.acme.dev/requests/req_01JGX0000000000000000000',
    thread: null,
    signal: new AbortController().signal,
    ...about,
  };
}

/** What it throws, for a closer look; fails where it does not throw. */
export async function failureOf(act: Promise<unknown>): Promise<Error & { readonly retryAfterMs?: number | null }> {
  try {
    await act;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('It did not fail.');
}
