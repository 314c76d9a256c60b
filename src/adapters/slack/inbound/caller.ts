/**
 * src/adapters/slack/inbound/caller.ts: who a verified call comes from: which workspace of ours, which app, and which
 * person. A signature says that Slack sent it; it does not say that it was meant for us.
 */
import type { PersonId } from '../../../engine/definition.ts';
import type { ChatPorts, PlatformUser } from '../../chat.ts';
import type { SlackLog, SlackOptions } from '../options.ts';
import type { Workspaces } from '../send/workspaces.ts';
import type { Click, Command, EventCall, Submission } from './payloads.ts';
import { NOT_PROVEN, strangerWords, UNREADY } from './words.ts';

/** What a payload claims. */
export interface Claims {
  /** Whom Slack sent it to, and wherever else in the payload an app is named as ours. */
  readonly app: string | undefined;
  readonly appsWithin: readonly (string | null | undefined)[];
  /** Workspaces that it may be for: in a shared channel the user's own is named first. */
  readonly teams: readonly (string | null | undefined)[];
  readonly user: PlatformUser | null;
}

export type Caller =
  /** `team`: the workspace whose bot speaks. */
  | { readonly kind: 'person'; readonly person: PersonId; readonly user: PlatformUser; readonly team: string }
  /** `team` null: none of ours. `words` are for the one who called, alone. */
  | {
      readonly kind: 'stranger';
      readonly words: string;
      readonly user: PlatformUser | null;
      readonly team: string | null;
    };

export type Identify = (claims: Claims, forTeams: readonly (string | null)[] | null) => Caller;

export interface IdentifyParts {
  readonly options: SlackOptions;
  readonly workspaces: Workspaces;
  readonly ports: ChatPorts;
  readonly log: SlackLog;
}

export function createIdentify({ options, workspaces, ports, log }: IdentifyParts): Identify {
  /** The app of each workspace as its first call named it, where Slack did not tell. */
  const seenApps = new Map<string, string>();

  function isItsApp(team: string, { app, appsWithin }: Claims): boolean {
    const known = workspaces.bot(team)?.appId ?? seenApps.get(team) ?? app;
    if (known === undefined) return true;
    if (app !== known || appsWithin.some((other) => typeof other === 'string' && other !== known)) return false;
    seenApps.set(team, known);
    return true;
  }

  return (claims, forTeams) => {
    const { teams, user } = claims;
    const home = workspaces.homeTeam();
    const ours = new Set(options.workspaces.map(({ team }) => team ?? home));
    const team = teams.find((id) => typeof id === 'string' && ours.has(id)) ?? null;
    const no = (cause: string, words: string): Caller => {
      log.warn({ cause, team: teams[0], user: user?.id }, 'refused a call from Slack');
      return { kind: 'stranger', words, user, team };
    };
    if (team === null) {
      if (ours.has(null)) return no('the home workspace is not known yet', UNREADY);
      return no('another workspace', user === null ? NOT_PROVEN : strangerWords(user));
    }
    if (forTeams !== null && !forTeams.some((id) => (id ?? home) === team))
      return no('signed for another workspace', NOT_PROVEN);
    if (!isItsApp(team, claims)) return no('another app', NOT_PROVEN);
    if (user === null) return { kind: 'stranger', words: NOT_PROVEN, user, team };
    const person = ports.personOf(user, user.scope === home);
    return person === null ? no('not in the directory', strangerWords(user)) : { kind: 'person', person, user, team };
  };
}

export const claimsOfClick = ({ api_app_id, team, user, view, message }: Click): Claims => ({
  app: api_app_id,
  appsWithin: [view?.app_id, message?.app_id],
  teams: [view?.app_installed_team_id, team?.id, message?.team, user.team_id],
  user: userOf(user, team?.id),
});

export const claimsOfSubmission = ({ api_app_id, team, user, view }: Submission): Claims => ({
  app: api_app_id,
  appsWithin: [view.app_id],
  teams: [view.app_installed_team_id, team?.id, user.team_id],
  user: userOf(user, team?.id),
});

export const claimsOfCommand = ({ api_app_id, team_id, user_id }: Command): Claims => ({
  app: api_app_id,
  appsWithin: [],
  teams: [team_id],
  user: { scope: team_id, id: user_id },
});

export function claimsOfEvent({ api_app_id, team_id, authorizations, event }: EventCall): Claims {
  const teams = [...authorizations.map((authorization) => authorization.team_id), team_id];
  const scope = teams.find((team) => typeof team === 'string');
  return {
    app: api_app_id,
    appsWithin: [],
    teams,
    user: event.type === 'app_home_opened' && scope !== undefined && scope !== null ? { scope, id: event.user } : null,
  };
}

function userOf(
  user: { id: string; team_id?: string | null | undefined },
  team: string | undefined,
): PlatformUser | null {
  const scope = user.team_id ?? team;
  return scope === undefined ? null : { scope, id: user.id };
}
