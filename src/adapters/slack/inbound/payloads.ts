/**
 * src/adapters/slack/inbound/payloads.ts: the parts of Slack's payloads that are read, and nothing else of them:
 * https://docs.slack.dev/reference/interaction-payloads and https://docs.slack.dev/apis/events-api
 */
import { z } from 'zod';

const Id = z.string().regex(/^[A-Za-z0-9-]{1,40}$/);
const Timestamp = z.string().regex(/^\d{1,15}\.\d{1,9}$/);
const Url = z.string().max(3_000);
const Team = z.object({ id: Id }).nullish();
/** Slack leaves the user's team out of some calls; then it is the workspace's own. */
const User = z.object({ id: Id, team_id: Id.nullish() });
const Trigger = z.string().max(500);

const View = z.object({
  id: Id,
  type: z.enum(['modal', 'home']),
  callback_id: z.string().max(255).default(''),
  private_metadata: z.string().max(3_000).default(''),
  app_id: Id.nullish(),
  app_installed_team_id: Id.nullish(),
  previous_view_id: Id.nullish(),
  blocks: z.array(z.object({ type: z.string(), block_id: z.string().optional() })).default([]),
});

export const Click = z.object({
  api_app_id: Id.optional(),
  team: Team,
  user: User,
  container: z.object({
    type: z.string(),
    channel_id: Id.optional(),
    message_ts: Timestamp.optional(),
    is_ephemeral: z.boolean().default(false),
  }),
  channel: z.object({ id: Id }).nullish(),
  message: z.object({ team: Id.nullish(), app_id: Id.nullish() }).nullish(),
  view: View.nullish(),
  trigger_id: Trigger,
  response_url: Url.nullish(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        value: z.string().max(2_000).optional(),
        selected_option: z.object({ value: z.string().max(2_000) }).nullish(),
      }),
    )
    .min(1),
});
export type Click = z.infer<typeof Click>;

export const Submission = z.object({
  api_app_id: Id.optional(),
  team: Team,
  user: User,
  trigger_id: Trigger.default(''),
  /** `values`: what was typed; the modal's own reader knows what it asked for. */
  view: View.extend({ state: z.object({ values: z.unknown().optional() }) }),
});
export type Submission = z.infer<typeof Submission>;

export const Command = z.object({
  api_app_id: Id.optional(),
  command: z.string().max(100),
  text: z.string().max(10_000).default(''),
  team_id: Id,
  channel_id: Id.optional(),
  user_id: Id,
  response_url: Url.nullish(),
});
export type Command = z.infer<typeof Command>;

export const EventCall = z.object({
  api_app_id: Id.optional(),
  team_id: Id.nullish(),
  event_id: z.string().max(100).optional(),
  authorizations: z.array(z.object({ team_id: Id.nullish() })).default([]),
  event: z.discriminatedUnion('type', [
    z.object({ type: z.literal('app_home_opened'), user: Id, tab: z.string().default('home') }),
    z.object({ type: z.literal('subteam_members_changed'), subteam_id: Id }),
    z.object({ type: z.literal('subteam_updated'), subteam: z.object({ id: Id }) }),
    z.object({ type: z.literal('app_uninstalled') }),
    z.object({
      type: z.literal('tokens_revoked'),
      tokens: z.object({ bot: z.array(z.string()).default([]) }).default({ bot: [] }),
    }),
  ]),
});
export type EventCall = z.infer<typeof EventCall>;

/** A signed call that lacks what its kind always has. Nothing was done. */
export class MalformedCallError extends Error {
  constructor() {
    super('A signed call of Slack’s lacks what its kind always has.');
    this.name = 'MalformedCallError';
  }
}

const OUTLINES: Readonly<Record<string, z.ZodType>> = {
  block_actions: Click,
  view_submission: Submission,
  event_callback: z.object({ event: z.object({ type: z.string() }) }),
};

/** Bolt takes for granted that all of it is there, and fails in odd ways where it is not. */
export function checkOutline(body: Readonly<Record<string, unknown>>): void {
  const { type } = body;
  const kind = typeof type === 'string' && Object.hasOwn(OUTLINES, type) ? OUTLINES[type] : undefined;
  const outline = 'command' in body ? Command : kind;
  if (outline?.safeParse(body).success === false) throw new MalformedCallError();
}
