/** test/adapters/slack/send/given.ts: workspaces and the channel on a local Slack, and a request to show. */
import { onTestFinished } from 'vitest';
import type { Outgoing } from '../../../../src/adapters/channel.ts';
import type { SlackLog, SlackOptions } from '../../../../src/adapters/slack/options.ts';
import { slackChannel } from '../../../../src/adapters/slack/send/channel.ts';
import { createWorkspaces, type WorkspacesParts } from '../../../../src/adapters/slack/send/workspaces.ts';
import type { RequestView } from '../../../../src/engine/view.ts';
import { type FakeSlack, type FakeSlackOptions, startSlack } from '../../../fake/slack/server.ts';

export const NOW = Date.UTC(2026, 0, 5, 12);

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

export function recordingLog(): { readonly log: SlackLog; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const note = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  return { lines, log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') } };
}

/** Each workspace of the local Slack with its own token, the first one home. */
export function optionsOf(slack: FakeSlack, about: Partial<SlackOptions> = {}): SlackOptions {
  const [first, ...others] = slack.state.workspaces.map(({ token }, index) => ({
    team: index === 0 ? null : (slack.state.workspaces[index]?.team ?? null),
    botToken: token,
    signingSecret: null,
  }));
  if (first === undefined) throw new Error('There is no workspace.');
  return { workspaces: [first, ...others], appToken: null, apiUrl: slack.apiUrl, ...about };
}

interface Given {
  readonly fake?: FakeSlackOptions;
  readonly options?: Partial<SlackOptions>;
  readonly parts?: Partial<WorkspacesParts>;
}

export async function given({ fake, options, parts }: Given = {}) {
  const slack = await startSlack({ clock: () => NOW, isRated: false, ...fake });
  const { log, lines } = recordingLog();
  const workspaces = createWorkspaces(optionsOf(slack, options), { log, clock: () => NOW, ...parts });
  const addresses: Readonly<Record<string, string>> = { ana: 'U0ANA', ben: 'T0ACME/U0BEN', mia: 'T0OTHER/U0MIA' };
  const channel = slackChannel(workspaces, { addressOf: (person) => addresses[person] ?? null, log });
  onTestFinished(async () => {
    workspaces.stop();
    await slack.close();
  });
  return { slack, workspaces, channel, log, lines };
}

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
      decidedBy: [{ id: 'ana', name: 'Ana Silva' }],
      reason: null,
      inputs: [],
      at: NOW,
      afterReview: null,
    },
  });

export function outgoing(about: Partial<Outgoing> = {}): Outgoing {
  return {
    key: 'dlv_1',
    to: { kind: 'channel', id: 'C0RELEASES' },
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
