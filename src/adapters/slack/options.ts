/** src/adapters/slack/options.ts: what Slack needs to be told: workspaces with their tokens, and where its servers are. */

export interface SlackWorkspace {
  /** `T…`, or null for the one whose id its own token tells (`auth.test`). */
  readonly team: string | null;
  readonly botToken: string;
  /** Of the app in this workspace; null only where Socket Mode is used instead of HTTP. */
  readonly signingSecret: string | null;
}

export interface SlackOptions {
  /** At least one; the first is home: ids without a team (`U…`, `C…`) belong to it. */
  readonly workspaces: readonly [SlackWorkspace, ...SlackWorkspace[]];
  /** `xapp-…`: Socket Mode. Null: HTTP at /slack/events. */
  readonly appToken: string | null;
  /** Base of the Web API with a slash at its end; null: Slack's own. */
  readonly apiUrl: string | null;
}

/** The part of pino that is used here. */
export interface SlackLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
