/** src/bot/config/load.ts: countersign.yaml, read as a whole: every problem is found before anything is refused. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ApproverRef, GateDefinition, Instant, PersonId } from '../../engine/definition.ts';
import type { Directory } from '../../engine/directory.ts';
import { calendarsOf } from './calendars.ts';
import { normaliseEmail } from './email.ts';
import { adhocGate, DEFAULT_TIMEOUT_MS, type GateFacts, gateOf, notifyOf, timeoutOf } from './gates.ts';
import type { GroupSource } from './groups.ts';
import { reportIssues } from './issues.ts';
import { withPeopleFile } from './merge.ts';
import { ownersOf } from './owners.ts';
import { directoryOf } from './people.ts';
import { type Pipeline, pipelinesOf } from './pipelines.ts';
import { ConfigError, type ConfigProblem, type Report } from './problem.ts';
import { type ChannelShape, ConfigShape } from './shape.ts';
import { SLACK_CHANNEL, type WorkspaceTarget, workspacesOf } from './slack.ts';
import { type TeamsCloud, teamsCloudOf } from './teams.ts';
import { type Environ, readYaml } from './yaml.ts';

interface ChannelTarget {
  readonly name: string;
  readonly kind: 'slack' | 'teams' | 'email';
  /** A Slack channel id (`C…` or `T…/C…`), a Teams conversation id or a normalised address. */
  readonly id: string;
}

export interface Config {
  /** Groups whose members somebody else keeps are `unavailable` in it until they have been asked for. */
  readonly directory: Directory;
  /** By the group's name. */
  readonly sources: ReadonlyMap<string, GroupSource>;
  /** Addresses of people's own calendars, in which they write when they are away. Each is a secret. */
  readonly absenceCalendars: ReadonlyMap<PersonId, string>;
  /** Absolute paths of the files beside the config that people and groups were read from. */
  readonly files: readonly string[];
  readonly channels: ReadonlyMap<string, ChannelTarget>;
  readonly pipelines: readonly Pipeline[];
  /** Slack workspaces beside the one in the environment. */
  readonly workspaces: readonly WorkspaceTarget[];
  /** Where Teams is, if it is set up. */
  readonly teams: TeamsCloud;
  /** By name; `adhoc` is always there. */
  readonly gates: ReadonlyMap<string, GateDefinition>;
  /** Who looks after everything. Nobody by default. */
  readonly admins: readonly ApproverRef[];
  /** What a pause does with deadlines and SLA where it doesn't say so itself. */
  readonly pauseClocks: 'stop' | 'run';
  /** What is allowed but probably not meant, for the log at the start. */
  readonly warnings: readonly string[];
}

/** Reads and checks the config file. @throws ConfigError with every problem at once. */
export function loadConfig(path: string, env: Environ, now: Instant = Date.now()): Config {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw new ConfigError([{ file: path, line: null, column: null, path: '', message: `cannot be read${code}` }]);
  }
  return parseConfig(text, path, env, now);
}

/**
 * The config in `text`; `file` is its name in messages.
 * @param now which years' public holidays are looked up
 * @throws ConfigError with every problem at once
 */
export function parseConfig(text: string, file: string, env: Environ, now: Instant = Date.now()): Config {
  const reading = readYaml(text, file, env, 'gates');
  if (reading.problems.length > 0) throw new ConfigError(reading.problems);
  const problems: ConfigProblem[] = [];
  const warnings: string[] = [];
  const report: Report = (path, message) => problems.push(reading.problemAt(path, message));
  const warn = (message: string) => warnings.push(message);
  const parsed = ConfigShape.safeParse(reading.value ?? {});
  if (!parsed.success) {
    reportIssues(parsed.error.issues, ConfigShape, reading.value, report);
    throw new ConfigError(inOrder(problems));
  }

  const shape = parsed.data;
  const folder = dirname(resolve(file));
  const merged = withPeopleFile(shape, { folder, report, warn, add: (problem) => problems.push(problem) });
  // Whoever is missing in it would be unknown in every gate that asks them.
  if (problems.length > 0) throw new ConfigError(inOrder(problems));
  const { directory, sources, absenceCalendars, files } = directoryOf(merged.people, merged.groups, {
    mayBePlain: (env.CALLBACK_ALLOW ?? '') !== '',
    folder,
    now,
    noManager: shape.directory?.noManager ?? [],
    report: merged.report,
    warn,
  });
  const channels = channelsOf(shape.channels ?? {}, report);
  const { timeout, notify, fallback, pauseClocks = 'stop' } = shape.defaults ?? {};
  const admins = ownersOf(shape.admins ?? [], ['admins'], directory, report);
  const facts: GateFacts = {
    directory,
    channels,
    calendars: calendarsOf(shape.calendars ?? {}, now, report),
    defaults: {
      timeoutMs: timeout === undefined ? DEFAULT_TIMEOUT_MS : timeoutOf(timeout, ['defaults', 'timeout'], report),
      notify: notifyOf(notify ?? [], ['defaults', 'notify'], channels, report),
      fallback: notifyOf(fallback ?? [], ['defaults', 'fallback'], channels, report),
    },
    now,
    warn,
  };
  // Wrong default channels were reported once; each gate would say it again.
  const known = (names: readonly string[]) => names.filter((name) => channels.has(name));
  const { defaults } = facts;
  const quiet = {
    ...facts,
    defaults: { ...defaults, notify: known(defaults.notify), fallback: known(defaults.fallback) },
  };
  const gates = new Map([['adhoc', adhocGate(quiet)]]);
  for (const [name, gate] of Object.entries(shape.gates ?? {}))
    gates.set(name, gateOf(name, gate, ['gates', name], quiet, report));
  for (const { name, retentionMs } of gates.values())
    if (retentionMs !== null) warn(`gates.${name}.retention: nothing is deleted yet, however old it is`);
  const pipelines = pipelinesOf(shape.pipelines ?? {}, {
    gates: [...gates.keys()],
    defaulted: reading.defaulted,
    isProduction: env.NODE_ENV === 'production',
    report,
    warn,
  });
  const workspaces = workspacesOf(shape.slack, { defaulted: reading.defaulted, report });
  const teams = teamsCloudOf(shape.teams, report);
  // What a file holds while it is being written anew must not pass for a config in which nobody may do anything.
  if (problems.length === 0 && [merged.people, shape.pipelines, shape.gates].every(isEmpty))
    report([], 'names no people, no pipelines and no gates: is the file complete?');
  if (problems.length > 0) throw new ConfigError(inOrder(problems));
  if (pipelines.length === 0) warn('no pipelines: nothing can open a request');
  return {
    directory,
    sources,
    absenceCalendars,
    files: [...merged.files, ...files],
    channels,
    pipelines,
    workspaces,
    teams,
    gates,
    admins,
    pauseClocks,
    warnings,
  };
}

function channelsOf(
  shapes: Readonly<Record<string, ChannelShape>>,
  report: Report,
): ReadonlyMap<string, ChannelTarget> {
  const channels = new Map<string, ChannelTarget>();
  for (const [name, shape] of Object.entries(shapes)) {
    const path = ['channels', name];
    const target = targetOf(name, shape);
    channels.set(name, target ?? { name, kind: 'slack', id: '' });
    if (target === null) report(path, 'must name exactly one of slack, teams and email');
    else if (target.kind === 'slack' && !SLACK_CHANNEL.test(target.id))
      report([...path, 'slack'], 'must be a channel’s id like C0123ABCD or T0TEAM/C0123ABCD, not its name');
    else if (target.kind === 'teams' && !/^[\x21-\x7e]+$/.test(target.id))
      report([...path, 'teams'], 'must be a conversation’s id like "19:…@thread.tacv2"');
    else if (target.kind === 'email' && target.id === '') report([...path, 'email'], 'must be one ASCII email address');
  }
  return channels;
}

function targetOf(name: string, { slack, teams, email, ...rest }: ChannelShape): ChannelTarget | null {
  if (Object.keys(rest).length > 0 || [slack, teams, email].filter((id) => id !== undefined).length !== 1) return null;
  if (slack !== undefined) return { name, kind: 'slack', id: slack };
  if (teams !== undefined) return { name, kind: 'teams', id: teams };
  return { name, kind: 'email', id: normaliseEmail(email ?? '') ?? '' };
}

const isEmpty = (section: object | null | undefined): boolean => Object.keys(section ?? {}).length === 0;

/** From the top of the file to its end. */
function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
